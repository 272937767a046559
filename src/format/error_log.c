/*
 * error_log.c - the error logs of Apache and nginx
 *
 *	nginx	2026/01/31 23:59:59 [error] 12#34: *5 open() failed, client: a,
 *		server: b, request: "GET / HTTP/1.1", host: "c"
 *	Apache	[Sat Jan 31 23:59:59.123456 2026] [core:error] [pid 1:tid 2]
 *		(13)Permission denied: [client a:1] AH00035: access denied
 *
 * Sources: ngx_log.c, ngx_http_request.c, ngx_http_upstream.c, ngx_stream_handler.c,
 * ngx_stream_proxy_module.c and ngx_mail_handler.c of nginx; Apache's ErrorLogFormat,
 * "Default format", that of 2.2, and do_errorlog_default in log.c.  Apart from the time
 * and the level all may be missing.
 */
#include "base/escape.h"
#include "format/formats.h"
#include "format/line.h"
#include "time/time.h"

#define FIELDS_MAX 20

typedef bool split_fn(struct lam_str line, struct lam_str *value);

/* Past TEXT at the start of *S. */
static bool
pass(struct lam_str *s, const char *text)
{
	size_t n = strlen(text);

	if (s->n < n || memcmp(s->p, text, n))
		return false;
	s->p += n;
	s->n -= n;
	return true;
}

/* *OUT is what stands before TEXT, which is passed, too. */
static bool
upto(struct lam_str *s, const char *text, struct lam_str *out)
{
	const char *at = s->n ? memmem(s->p, s->n, text, strlen(text)) : NULL;

	if (!at)
		return false;
	*out = (struct lam_str){ s->p, (size_t)(at - s->p) };
	s->n -= out->n + strlen(text);
	s->p = at + strlen(text);
	return true;
}

static bool
is_time(struct lam_str s)
{
	int64_t ns;

	return lam_time_parse(s.p, s.n, &ns, NULL);
}

/* The digits at the start of S. */
static size_t
digits_of(struct lam_str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	return n;
}

/* -------------------------------------------------------------------- nginx */

enum nginx_field {
	N_TS, N_LEVEL, N_PID, N_TID, N_CONNECTION, N_MESSAGE, N_CLIENT,
	N_SERVER, N_METHOD, N_PATH, N_PROTOCOL, N_SUBREQUEST, N_UPSTREAM, N_HOST,
	N_REFERER, N_LOGIN, N_RECEIVED, N_SENT, N_UPSTREAM_RECEIVED, N_UPSTREAM_SENT,
	N_FIELDS
};

static const struct lam_line_field nginx_fields[] = {
	{ "ts", { LAM_TIME, 0 } }, { "level", { LAM_TEXT, 0 } },
	{ "pid", { LAM_NUMBER, 0 } }, { "tid", { LAM_NUMBER, 0 } },
	{ "connection", { LAM_NUMBER, 0 } }, { "message", { LAM_TEXT, 0 } },
	{ "client", { LAM_TEXT, 0 } }, { "server", { LAM_TEXT, 0 } },
	{ "method", { LAM_TEXT, 0 } }, { "path", { LAM_TEXT, 0 } },
	{ "protocol", { LAM_TEXT, 0 } }, { "subrequest", { LAM_TEXT, 0 } },
	{ "upstream", { LAM_TEXT, 0 } }, { "host", { LAM_TEXT, 0 } },
	{ "referer", { LAM_TEXT, 0 } }, { "login", { LAM_TEXT, 0 } },
	{ "bytes_received", { LAM_NUMBER, 0 } },
	{ "bytes_sent", { LAM_NUMBER, 0 } },
	{ "upstream_bytes_received", { LAM_NUMBER, 0 } },
	{ "upstream_bytes_sent", { LAM_NUMBER, 0 } },
};

/* How what stands behind a name is written. */
enum shape {
	PLAIN,
	QUOTED,
	WORD, /* without quotes and blanks, and never cut */
	PAIR, /* two numbers with a slash between: of this field, and of the next */
};

/* What nginx writes behind a message, in this order: of HTTP, streams and mail. */
static const struct {
	const char *before;
	enum shape shape;
	enum nginx_field field;
} behind[] = {
	{ ", udp client: ", PLAIN, N_CLIENT }, { ", client: ", PLAIN, N_CLIENT },
	{ ", server: ", PLAIN, N_SERVER }, { ", request: \"", QUOTED, N_METHOD },
	{ ", subrequest: \"", QUOTED, N_SUBREQUEST },
	{ ", login: \"", QUOTED, N_LOGIN }, { ", upstream: ", WORD, N_UPSTREAM },
	{ ", upstream: \"", QUOTED, N_UPSTREAM },
	{ ", bytes from/to client:", PAIR, N_RECEIVED },
	{ ", bytes from/to upstream:", PAIR, N_UPSTREAM_RECEIVED },
	{ ", host: \"", QUOTED, N_HOST }, { ", referrer: \"", QUOTED, N_REFERER },
};
#define BEHIND (sizeof behind / sizeof *behind)

/* nginx cuts a line here (NGX_MAX_ERROR_STR), in quotes or not. */
#define NGINX_LINE 2047

/* V, behind a name, is of SHAPE: what it is worth goes to VALUE, and what a pair has
 * second to VALUE[1].  CUT: it may lack its end. */
static bool
read_behind(struct lam_str v, enum shape shape, bool cut, struct lam_str *value)
{
	bool closed = v.n && v.p[v.n - 1] == '"';

	switch (shape) {
	case QUOTED:
		v.n -= closed;
		*value = v;
		return closed || cut;
	case WORD:
		*value = v;
		return v.n && !cut && !memchr(v.p, '"', v.n) &&
			!memchr(v.p, ' ', v.n);
	case PAIR:
		value[1] = v;
		return !cut && upto(&value[1], "/", value) && value->n &&
			value[1].n && digits_of(*value) == value->n &&
			digits_of(value[1]) == value[1].n;
	case PLAIN:
	default:
		*value = v;
		return true;
	}
}

/* The value of what stands at the end of *REST, which is cut off there. */
static void
split_behind(struct lam_str *rest, struct lam_str *value, bool cut)
{
	for (size_t i = BEHIND; i-- > 0;) {
		const char *before = behind[i].before, *last = NULL;
		struct lam_str s = *rest, v, made[2];

		while (upto(&s, before, &v))
			last = s.p;
		if (!last)
			continue;
		v = (struct lam_str){ last, (size_t)(rest->p + rest->n - last) };
		if (!read_behind(v, behind[i].shape, cut, made))
			continue;
		cut = false;
		if (behind[i].field == N_METHOD)
			lam_line_request(made[0], &value[N_METHOD]);
		else
			value[behind[i].field] = made[0];
		if (behind[i].shape == PAIR)
			value[behind[i].field + 1] = made[1];
		rest->n = (size_t)(last - strlen(before) - rest->p);
	}
}

static bool
split_nginx(struct lam_str s, struct lam_str *value)
{
	bool cut = s.n >= NGINX_LINE;
	struct lam_str ahead;

	if (!upto(&s, " [", &value[N_TS]) || !is_time(value[N_TS]) ||
		!upto(&s, "] ", &value[N_LEVEL]) || !upto(&s, "#", &value[N_PID]) ||
		!upto(&s, ": ", &value[N_TID]))
		return false;
	ahead = s;
	if (pass(&ahead, "*") && upto(&ahead, " ", &value[N_CONNECTION]))
		s = ahead;
	split_behind(&s, value, cut);
	value[N_MESSAGE] = s;
	return true;
}

/* ------------------------------------------------------------------- Apache */

enum {
	A_TS, A_MODULE, A_LEVEL, A_PID, A_TID, A_ERROR, A_CLIENT, A_CODE,
	A_MESSAGE, A_SOURCE, A_REMOTE, A_FIELDS
};

static const struct lam_line_field apache_fields[] = {
	{ "ts", { LAM_TIME, 0 } }, { "module", { LAM_TEXT, 0 } },
	{ "level", { LAM_TEXT, 0 } }, { "pid", { LAM_NUMBER, 0 } },
	{ "tid", { LAM_NUMBER, 0 } }, { "error", { LAM_TEXT, 0 } },
	{ "client", { LAM_TEXT, 0 } }, { "code", { LAM_TEXT, 0 } },
	{ "message", { LAM_TEXT, 0 } }, { "source", { LAM_TEXT, 0 } },
	{ "remote", { LAM_TEXT, 0 } },
};

/* "mod_ssl.c(123): ", as debugging has it: the file and the line. */
static void
source(struct lam_str *s, struct lam_str *out)
{
	struct lam_str ahead = *s, file, line;

	if (!upto(&ahead, "(", &file) || file.n < 3 ||
		memcmp(file.p + file.n - 2, ".c", 2) ||
		memchr(file.p, ' ', file.n) || !upto(&ahead, "): ", &line) ||
		!line.n || digits_of(line) != line.n)
		return;
	*out = (struct lam_str){ s->p, file.n + line.n + 2 };
	*s = ahead;
}

/* "(13)Permission denied: ", "(EAI 2)..." or "(OS 10054)...": what a call has failed
 * with. */
static void
failure(struct lam_str *s, struct lam_str *out)
{
	static const char *const kind[] = { "(EAI ", "(OS ", "(" };
	struct lam_str ahead = *s, text;
	size_t i = 0, n;

	while (i < sizeof kind / sizeof *kind && !pass(&ahead, kind[i]))
		i++;
	n = digits_of(ahead);
	if (i == sizeof kind / sizeof *kind || !n || n == ahead.n ||
		ahead.p[n] != ')' || !upto(&ahead, ": ", &text))
		return;
	*out = (struct lam_str){ s->p, (size_t)(text.p + text.n - s->p) };
	*s = ahead;
}

/* "AH", digits and ": ". */
static bool
code(struct lam_str *s, struct lam_str *out)
{
	struct lam_str ahead = *s;

	if (!pass(&ahead, "AH") || !upto(&ahead, ": ", out) || out->n != 5 ||
		digits_of(*out) != out->n)
		return false;
	*out = (struct lam_str){ s->p, out->n + 2 };
	*s = ahead;
	return true;
}

static bool
split_apache(struct lam_str s, struct lam_str *value)
{
	static const struct lam_str none = { NULL, 0 };
	struct lam_str part, ahead;

	if (!pass(&s, "[") || !upto(&s, "] [", &value[A_TS]) ||
		!is_time(value[A_TS]) || !upto(&s, "] ", &part))
		return false;
	if (!upto(&part, ":", &value[A_MODULE]) || !value[A_MODULE].n ||
		lam_str_is(value[A_MODULE], "-"))
		value[A_MODULE] = none;
	value[A_LEVEL] = part;
	ahead = s;
	if (pass(&ahead, "[pid ") && upto(&ahead, "] ", &part)) {
		s = ahead;
		if (!upto(&part, ":tid ", &value[A_PID]))
			value[A_PID] = part;
		else
			value[A_TID] = part;
	}
	source(&s, &value[A_SOURCE]);
	failure(&s, &value[A_ERROR]);
	ahead = s;
	if (pass(&ahead, "[client ") && upto(&ahead, "] ", &value[A_CLIENT]))
		s = ahead;
	else if (pass(&ahead, "[remote ") && upto(&ahead, "] ", &value[A_REMOTE]))
		s = ahead;
	if (!code(&s, &value[A_CODE]))
		value[A_CODE] = none;
	value[A_MESSAGE] = s;
	return true;
}

/* ------------------------------------------------------------------ formats */

static bool
is_nginx(const struct lam_format *f)
{
	return f == &lam_format_nginx_error;
}

static int
open_error(const struct lam_format *self, struct lam_input *in,
	const struct lam_input_options *o, void **own, struct lam_error *e)
{
	(void)o;
	(void)own;
	return is_nginx(self) ? lam_line_fields(in, nginx_fields, N_FIELDS, e) :
		lam_line_fields(in, apache_fields, A_FIELDS, e);
}

static int
parse(split_fn *split, const char *why, struct lam_parse *x, struct lam_error *e)
{
	struct lam_lines lines = lam_lines_of(x);
	struct lam_str line;
	int r = LAM_OK;

	while (!r && lam_lines_next(&lines, &line)) {
		struct lam_str value[FIELDS_MAX] = { { NULL, 0 } };

		if (!split(line, value)) {
			r = lam_line_reject(x, line, why, e);
			continue;
		}
		for (uint32_t i = 0; i < x->nfields; i++)
			lam_line_put(x, i, value[i]);
		lam_parse_row(x);
	}
	return r;
}

static int
parse_nginx(const void *own, struct lam_parse *x, struct lam_error *e)
{
	(void)own;
	return parse(split_nginx, "expected: time [level] pid#tid: message", x, e);
}

static int
parse_apache(const void *own, struct lam_parse *x, struct lam_error *e)
{
	(void)own;
	return parse(split_apache, "expected: [time] [module:level] message", x,
		e);
}

static unsigned
guess(const struct lam_format *self, struct lam_str head)
{
	struct lam_str value[FIELDS_MAX], line = lam_str_first_line(head);

	return (is_nginx(self) ? split_nginx : split_apache)(line, value) ? 92 : 0;
}

const struct lam_format lam_format_nginx_error = { .name = "nginx_error",
	.example = "2026/01/31 23:59:59 [error] 12#34: *5 open() failed, client: "
		"203.0.113.5, server: b, request: \"GET /a HTTP/1.1\", host: \"c\"",
	.guess = guess, .open = open_error, LAM_LINE_RECORDS,
	.parse = parse_nginx };

const struct lam_format lam_format_apache_error = { .name = "apache_error",
	.example = "[Sat Jan 31 23:59:59.1 2026] [core:error] [pid 1:tid 2] "
		"[client 203.0.113.5:1] AH00035: access denied",
	.guess = guess, .open = open_error, LAM_LINE_RECORDS,
	.parse = parse_apache };
