/*
 * clf.c - the common and combined log formats of web servers
 *
 *	ip ident user [ts] "request" status bytes "referer" "agent"
 *
 * Apache's mod_log_config; common ends after bytes.  A lone "-" is NULL.  Inside
 * quotes a backslash escapes the next byte; the value is kept as it is written,
 * backslashes included, because that is what the log says.  The request is
 * split at its first and last blank into method, path and protocol; what is no
 * such triple goes to path whole.
 *
 * Logs of servers behind others begin with a list of addresses instead of one, "a, b"
 * as X-Forwarded-For has it, or "a (b, c)": ip is that list.  Where one field more
 * stands in front (vhost_combined), all others would be shifted: no ident is an
 * address, and no user begins with "- ", so such a line is refused.
 */
#include <string.h>

#include "format/formats.h"
#include "format/line.h"

#define FIELDS 11 /* of combined */

enum field {
	IP, IDENT, USER, TS, METHOD, PATH, PROTOCOL, STATUS, BYTES, REFERER,
	AGENT
};

static const struct lam_line_field fields[FIELDS] = {
	{ "ip", { LAM_TEXT, 0 } }, { "ident", { LAM_TEXT, 0 } },
	{ "user", { LAM_TEXT, 0 } }, { "ts", { LAM_TIME, 0 } },
	{ "method", { LAM_TEXT, 0 } }, { "path", { LAM_TEXT, 0 } },
	{ "protocol", { LAM_TEXT, 0 } }, { "status", { LAM_NUMBER, 0 } },
	{ "bytes", { LAM_NUMBER, 0 } }, { "referer", { LAM_TEXT, 0 } },
	{ "agent", { LAM_TEXT, 0 } } };

struct line {
	const char *p, *end;
	struct lam_str value[FIELDS];
	const char *reason;
};

static struct lam_str
value(const char *from, const char *end)
{
	if (end - from == 1 && *from == '-')
		return (struct lam_str){ NULL, 0 };
	return (struct lam_str){ from, (size_t)(end - from) };
}

/* A blank must stand here. */
static bool
blank(struct line *l)
{
	if (l->p < l->end && *l->p == ' ') {
		l->p++;
		return true;
	}
	return false;
}

/* Up to the next blank or the end, not empty. */
static bool
word(struct line *l, enum field f)
{
	const char *end = memchr(l->p, ' ', (size_t)(l->end - l->p));

	if (!end)
		end = l->end;
	l->value[f] = value(l->p, end);
	if (end == l->p)
		return false;
	l->p = end;
	return true;
}

/* The address, or a list of them. */
static bool
addresses(struct line *l)
{
	const char *from = l->p, *close;

	do {
		l->p += l->p > from; /* the blank behind a comma */
		if (!word(l, IP))
			return false;
	} while (l->p[-1] == ',' && l->p < l->end);
	if (l->end - l->p > 2 && l->p[1] == '(') {
		close = memchr(l->p, ')', (size_t)(l->end - l->p));
		if (close)
			l->p = close + 1;
	}
	l->value[IP] = value(from, l->p);
	return true;
}

/* Four numbers with points between, or what has two colons: IPv4 or IPv6. */
static bool
is_address(struct lam_str s)
{
	unsigned points = 0, colons = 0, others = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		points += c == '.';
		colons += c == ':';
		others += !(c >= '0' && c <= '9') && c != '.' && c != ':';
	}
	return s.n && ((points == 3 && !colons && !others) || colons > 1);
}

static bool
is_shifted(const struct line *l)
{
	struct lam_str user = l->value[USER];

	return is_address(l->value[IDENT]) ||
		(user.n > 1 && user.p[0] == '-' && user.p[1] == ' ');
}

/*
 * "[...]", behind the user, who chooses his name and may have blanks and brackets in
 * it, but no quote without a backslash: so the last bracket before the first "] \"".
 */
static bool
user_and_time(struct line *l)
{
	static const char after[] = "] \"";
	const char *close = memmem(l->p, (size_t)(l->end - l->p), after,
		sizeof after - 1);
	const char *open;

	if (!close)
		close = memchr(l->p, ']', (size_t)(l->end - l->p));
	open = close ? memrchr(l->p, '[', (size_t)(close - l->p)) : NULL;
	if (!open || open - l->p < 2 || open[-1] != ' ')
		return false;
	l->value[USER] = value(l->p, open - 1);
	l->value[TS] = value(open + 1, close);
	l->p = close + 1;
	return true;
}

/* Text in quotes; *OUT without them.  Escaped quotes do not end it. */
static bool
quoted(struct line *l, struct lam_str *out)
{
	const char *from = l->p + 1, *q = from;

	if (l->p >= l->end || *l->p != '"')
		return false;
	for (;; q++) {
		unsigned escapes = 0;

		q = memchr(q, '"', (size_t)(l->end - q));
		if (!q)
			return false;
		while (q - escapes > from && q[-1 - (int)escapes] == '\\')
			escapes++;
		if (escapes % 2 == 0)
			break;
	}
	*out = value(from, q);
	l->p = q + 1;
	return true;
}

/* False, with the reason, when the line is no record of NFIELDS fields. */
static bool
split_line(struct line *l, uint32_t nfields)
{
	struct lam_str request = { NULL, 0 };

	l->reason = "expected: ip ident user [time] \"request\" status bytes";
	if (!addresses(l) || !blank(l) || !word(l, IDENT) || !blank(l))
		return false;
	l->reason = "user: expected a [time] after it";
	if (!user_and_time(l) || !blank(l))
		return false;
	l->reason = "a field stands before ip, as the server's name in "
		"vhost_combined: cut it off";
	if (is_shifted(l))
		return false;
	l->reason = "request: the quote is missing or never closed";
	if (!quoted(l, &request))
		return false;
	lam_line_request(request, &l->value[METHOD]);
	l->reason = "status: missing";
	if (!blank(l) || !word(l, STATUS))
		return false;
	l->reason = "bytes: missing";
	if (!blank(l) || !word(l, BYTES))
		return false;
	if (nfields == FIELDS) {
		l->reason = "referer: the quote is missing or never closed";
		if (!blank(l) || !quoted(l, &l->value[REFERER]))
			return false;
		l->reason = "agent: the quote is missing or never closed";
		if (!blank(l) || !quoted(l, &l->value[AGENT]))
			return false;
	}
	l->reason = "text after the last field";
	return l->p == l->end;
}

static int
parse_lines(const void *own, struct lam_parse *x, struct lam_error *e)
{
	struct lam_lines lines = lam_lines_of(x);
	struct lam_str line;
	int r = LAM_OK;

	(void)own;
	while (!r && lam_lines_next(&lines, &line)) {
		struct line l = { .p = line.p, .end = line.p + line.n };

		if (!split_line(&l, x->nfields)) {
			r = lam_line_reject(x, line, l.reason, e);
			continue;
		}
		for (uint32_t i = 0; i < x->nfields; i++)
			lam_line_put(x, i, l.value[i]);
		lam_parse_row(x);
	}
	return r;
}

/* Whether the first line of HEAD is a record of NFIELDS. */
static bool
is_record(struct lam_str head, uint32_t nfields)
{
	struct lam_str first = lam_line_first(head);
	struct line l = { .p = first.p, .end = first.p + first.n };

	return split_line(&l, nfields);
}

static unsigned
guess_combined(const struct lam_format *self, struct lam_str head)
{
	(void)self;
	return is_record(head, FIELDS) ? 90 : 0;
}

static unsigned
guess_common(const struct lam_format *self, struct lam_str head)
{
	(void)self;
	return is_record(head, BYTES + 1) ? 80 : 0;
}

static int
open_combined(const struct lam_format *self, struct lam_input *in,
	const struct lam_input_options *o, void **own, struct lam_error *e)
{
	(void)self;
	(void)o;
	(void)own;
	return lam_line_fields(in, fields, FIELDS, e);
}

static int
open_common(const struct lam_format *self, struct lam_input *in,
	const struct lam_input_options *o, void **own, struct lam_error *e)
{
	(void)self;
	(void)o;
	(void)own;
	return lam_line_fields(in, fields, BYTES + 1, e);
}

const struct lam_format lam_format_combined = { .name = "combined",
	.example = "203.0.113.5 - bob [31/Jan/2026:23:59:59 +0000] \"GET /a "
		"HTTP/1.1\" 200 381 \"-\" \"curl/8\"",
	.guess = guess_combined, .open = open_combined, .scan = lam_line_scan,
	.parse = parse_lines };
const struct lam_format lam_format_common = { .name = "common",
	.example = "203.0.113.5 - bob [31/Jan/2026:23:59:59 +0000] \"GET /a "
		"HTTP/1.1\" 200 381",
	.guess = guess_common, .open = open_common,
	.scan = lam_line_scan, .parse = parse_lines };
