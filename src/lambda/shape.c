/*
 * shape.c - events: records, due times, requests
 */
#include "lambda/shape.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/base64.h"
#include "base/escape.h"
#include "base/json_text.h"
#include "base/utf8.h"
#include "time/time.h"

#define ACCOUNT "000000000000"
#define SHARD "shardId-000000000000"

static struct lam_str
text_of(const char *s)
{
	return (struct lam_str){ s, strlen(s) };
}

void
lam_shape_begin(struct lam_buf *b)
{
	lam_buf_puts(b, "{\"Records\":[");
}

void
lam_shape_record(struct lam_buf *b, const char *stream, uint64_t pos,
	struct lam_str text, int64_t when)
{
	if (b->n > 0 && b->p[b->n - 1] == '}')
		lam_buf_putc(b, ',');
	lam_buf_printf(b, "{\"kinesis\":{\"kinesisSchemaVersion\":\"1.0\","
		"\"partitionKey\":\"0\",\"sequenceNumber\":\"%" PRIu64
		"\",\"data\":\"", pos);
	lam_base64_put(b, text);
	lam_buf_printf(b, "\",\"approximateArrivalTimestamp\":%" PRId64 ".%03d},"
		"\"eventSource\":\"aws:kinesis\",\"eventVersion\":\"1.0\","
		"\"eventID\":\"" SHARD ":%" PRIu64 "\","
		"\"eventName\":\"aws:kinesis:record\","
		"\"invokeIdentityArn\":\"arn:aws:iam::" ACCOUNT ":role/lam\","
		"\"awsRegion\":\"local\",\"eventSourceARN\":"
		"\"arn:aws:kinesis:local:" ACCOUNT ":stream/%s\"}",
		when / LAM_NS, (int)(when % LAM_NS / 1000000), pos, stream);
}

void
lam_shape_end(struct lam_buf *b)
{
	lam_buf_puts(b, "]}");
}

void
lam_shape_schedule(struct lam_buf *b, const char *function, const char *id,
	int64_t when)
{
	char time[LAM_TIME_TEXT];
	size_t n = lam_time_print(when - when % LAM_NS, time);

	lam_buf_printf(b, "{\"version\":\"0\",\"id\":\"%s\",\"detail-type\":"
		"\"Scheduled Event\",\"source\":\"aws.events\",\"account\":\""
		ACCOUNT "\",\"time\":\"%.*s\",\"region\":\"local\","
		"\"resources\":[\"arn:aws:events:local:" ACCOUNT ":rule/%s\"],"
		"\"detail\":{}}", id, (int)n, time, function);
}

static int
hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' &&
		(c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* %XX and + become what they stand for; what is no such code stays. */
static void
unescape(struct lam_buf *out, struct lam_str s)
{
	lam_buf_clear(out);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '%' && i + 2 < s.n && hex(s.p[i + 1]) >= 0 &&
			hex(s.p[i + 2]) >= 0) {
			lam_buf_putc(out, (char)(hex(s.p[i + 1]) * 16 +
				hex(s.p[i + 2])));
			i += 2;
		} else {
			lam_buf_putc(out, s.p[i] == '+' ? ' ' : s.p[i]);
		}
	}
}

static struct lam_str
view(const struct lam_buf *b)
{
	return (struct lam_str){ b->p, b->n };
}

/* Of a parameter that comes again all values, with commas, at its first place. */
static void
put_query(struct lam_buf *b, struct lam_str query)
{
	struct lam_buf name = LAM_BUF_INIT, value = LAM_BUF_INIT;
	struct lam_str rest = query, item, key;
	bool first = true;

	lam_buf_puts(b, "{");
	while (lam_str_cut(&rest, '&', &item)) {
		struct lam_str others = query, other, same, seen = item;
		bool again = false;

		lam_str_cut(&item, '=', &key);
		lam_buf_clear(&name);
		while (lam_str_cut(&others, '&', &other)) {
			const char *at = other.p;

			lam_str_cut(&other, '=', &same);
			if (same.n != key.n || memcmp(same.p, key.p, key.n))
				continue;
			if (at < seen.p)
				again = true;
			if (name.n > 0 || at > seen.p)
				lam_buf_putc(&name, ',');
			unescape(&value, other);
			lam_buf_put(&name, value.p, value.n);
		}
		if (again || seen.n == 0)
			continue;
		lam_buf_puts(b, first ? "" : ",");
		unescape(&value, key);
		lam_json_put_string(b, view(&value));
		lam_buf_putc(b, ':');
		lam_json_put_string(b, view(&name));
		first = false;
	}
	lam_buf_puts(b, "}");
	lam_buf_release(&name);
	lam_buf_release(&value);
}

/* Names in lower case; what comes more than once is one, with commas. */
static void
put_headers(struct lam_buf *b, const struct lam_http_message *m)
{
	struct lam_buf text = LAM_BUF_INIT;

	lam_buf_puts(b, "{");
	for (size_t i = 0; i < m->nhead; i++) {
		struct lam_str name = m->field[i].name;
		bool again = false;

		lam_buf_clear(&text);
		for (size_t k = 0; k < m->nhead; k++) {
			struct lam_str other = m->field[k].name;

			if (other.n != name.n ||
				strncasecmp(other.p, name.p, name.n) != 0)
				continue;
			again = again || k < i;
			if (k > i)
				lam_buf_putc(&text, ',');
			lam_buf_put(&text, m->field[k].value.p,
				m->field[k].value.n);
		}
		if (again)
			continue;
		lam_buf_puts(b, i ? ",\"" : "\"");
		for (size_t k = 0; k < name.n; k++) /* tokens need no escape */
			lam_buf_putc(b, name.p[k] >= 'A' && name.p[k] <= 'Z' ?
				name.p[k] + 32 : name.p[k]);
		lam_buf_puts(b, "\":");
		lam_json_put_string(b, view(&text));
	}
	lam_buf_puts(b, "}");
	lam_buf_release(&text);
}

static bool
is_utf8(struct lam_str s)
{
	const char *end = s.p + s.n;
	size_t n;

	for (const char *p = s.p; p < end; p += n) {
		n = lam_utf8_len(p, end);
		if (n == 1 && *p & 0x80)
			return false;
	}
	return true;
}

static void
put_body(struct lam_buf *b, struct lam_str body)
{
	bool text = is_utf8(body);

	lam_buf_puts(b, ",\"body\":");
	if (text) {
		lam_json_put_string(b, body);
	} else {
		lam_buf_putc(b, '"');
		lam_base64_put(b, body);
		lam_buf_putc(b, '"');
	}
	lam_buf_printf(b, ",\"isBase64Encoded\":%s}", text ? "false" : "true");
}

static void
put_context(struct lam_buf *b, const struct lam_http_message *m,
	struct lam_str path, const char *function, const char *id, int64_t when)
{
	static const struct lam_timeform clf = { .form = LAM_TIME_CLF,
		.zone = LAM_ZONE_PLAIN };
	char time[LAM_TIME_TEXT];
	size_t n = lam_time_print_form(when - when % LAM_NS, &clf, time);

	lam_buf_printf(b, ",\"requestContext\":{\"accountId\":\"" ACCOUNT
		"\",\"apiId\":\"%s\",\"domainName\":", function);
	lam_json_put_string(b, lam_http_field(m, "host"));
	lam_buf_printf(b, ",\"domainPrefix\":\"%s\",\"http\":{\"method\":\"%.*s\","
		"\"path\":", function, (int)m->method.n, m->method.p);
	lam_json_put_string(b, path);
	lam_buf_puts(b, ",\"protocol\":\"HTTP/1.1\",\"sourceIp\":\"127.0.0.1\","
		"\"userAgent\":");
	lam_json_put_string(b, lam_http_field(m, "user-agent"));
	lam_buf_printf(b, "},\"requestId\":\"%s\",\"routeKey\":\"$default\","
		"\"stage\":\"$default\",\"time\":\"%.*s\",\"timeEpoch\":%" PRId64
		"}", id, (int)n, time, when / 1000000);
}

void
lam_shape_request(struct lam_buf *b, const struct lam_http_message *m,
	struct lam_str path, const char *function, const char *id, int64_t when)
{
	struct lam_str query = path, raw = path;
	struct lam_str cookies = lam_http_field(m, "cookie"), one;
	const char *separator = "";

	if (!lam_str_cut(&query, '?', &raw))
		raw = text_of("/");
	lam_buf_puts(b, "{\"version\":\"2.0\",\"routeKey\":\"$default\","
		"\"rawPath\":");
	lam_json_put_string(b, raw);
	lam_buf_puts(b, ",\"rawQueryString\":");
	lam_json_put_string(b, query);
	if (cookies.p != NULL) {
		lam_buf_puts(b, ",\"cookies\":[");
		while (lam_str_cut(&cookies, ';', &one)) {
			for (; one.n > 0 && one.p[0] == ' '; one.n--)
				one.p++;
			lam_buf_puts(b, separator);
			lam_json_put_string(b, one);
			separator = ",";
		}
		lam_buf_puts(b, "]");
	}
	lam_buf_puts(b, ",\"headers\":");
	put_headers(b, m);
	if (query.n > 0) {
		lam_buf_puts(b, ",\"queryStringParameters\":");
		put_query(b, query);
	}
	put_context(b, m, raw, function, id, when);
	put_body(b, view(&m->body));
}
