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
 * Most lines have just the quotes that they must, no backslash, and no blank in user:
 * the parts of these are known by the places of their quotes and blanks, 64 bytes
 * at a time (specials.h), and what no query asks for is not looked at.  What such a
 * line means, and what any other is, split_line says.
 *
 * Logs of servers behind others begin with a list of addresses instead of one, "a, b"
 * as X-Forwarded-For has it, or "a (b, c)": ip is that list.  Where one field more
 * stands in front (vhost_combined), all others would be shifted: no ident is an
 * address, and no user begins with "- ", so such a line is refused.
 */
#include <string.h>

#include "base/escape.h"
#include "format/formats.h"
#include "format/line.h"
#include "format/specials.h"
#include "input/input_chunk.h"

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

/* ------------------------------------------------------------- regular lines */

/* Which of the N bytes at P, as many as 64, are C. */
static inline uint64_t
equal(const char *p, size_t n, char c)
{
#if LAM_X86
	uint64_t m = lam_equal_sse2(p, c);
#else
	uint64_t m = lam_equal_plain(p, c);
#endif

	return n < 64 ? m & (((uint64_t)1 << n) - 1) : m;
}

/* The lowest bit of M, which has one, as a part of the bytes at P. */
static inline const char *
lowest(const char *p, uint64_t *m)
{
	const char *at = p + __builtin_ctzll(*m);

	*m &= *m - 1;
	return at;
}

/* What stands before the request, "ip ident user [time] ": [P, END). */
static inline bool
regular_head(struct line *l, const char *p, const char *end)
{
	uint64_t m = equal(p, 64, ' ');
	const char *b[4];
	size_t n;

	if (!m)
		return false;
	b[0] = lowest(p, &m);
	n = (size_t)(end - b[0] - 1);
	if (b[0] >= end || b[0] == p || b[0][-1] == ',' || b[0][1] == '(' || n > 64)
		return false;
	l->value[IP] = value(p, b[0]);
	p = b[0] + 1;
	m = equal(p, n, ' ');
	if (__builtin_popcountll(m) != 4)
		return false;
	for (int i = 0; i < 4; i++)
		b[i] = lowest(p, &m);
	m = equal(p, n, '[');
	/* The bracket behind user is the last one, and one closes it. */
	if (!m || b[0] == p || b[1] - b[0] < 2 || b[3] != end - 1 ||
		p + 63 - __builtin_clzll(m) != b[1] + 1 ||
		equal(p, n, ']') != (uint64_t)1 << (n - 2))
		return false;
	l->value[IDENT] = value(p, b[0]);
	l->value[USER] = value(b[0] + 1, b[1]);
	l->value[TS] = value(b[1] + 2, b[3] - 1);
	return b[0] - p == 1 || !is_address(l->value[IDENT]);
}

/* " status bytes" with a blank behind it or the end of the line: [P, END). */
static inline bool
regular_middle(struct line *l, const char *p, const char *end)
{
	size_t n = (size_t)(end - p);
	uint64_t m = equal(p, n, ' ');
	const char *blank;

	if (n > 64 || !(m & 1) || __builtin_popcountll(m) != 2)
		return false;
	m &= m - 1;
	blank = lowest(p, &m);
	l->value[STATUS] = value(p + 1, blank);
	l->value[BYTES] = value(blank + 1, end);
	return blank > p + 1 && blank + 1 < end;
}

/*
 * The line of TEXT[N] at AT, if it is regular: its end, where its newline or the end of
 * the text is; else 0.  REQUEST: is it asked for?
 */
static size_t
regular(struct line *l, struct lam_specials *s, const struct lam_parse *x,
	size_t at, bool request)
{
	bool combined = x->nfields == FIELDS;
	const uint32_t *e = lam_specials_next(s, x->text, at, x->n,
		combined ? 7 : 3);
	const char *t = x->text;
	uint32_t end;

	if (!e)
		return 0;
	end = e[combined ? 6 : 2];
	if ((t[end] != '\n' && end != x->n) || t[e[0]] != '"' || t[e[1]] != '"' ||
		!regular_head(l, t + at, t + e[0]) ||
		!regular_middle(l, t + e[1] + 1, t + (combined ? e[2] - 1 : end)))
		return 0;
	if (combined) {
		if (t[e[2]] != '"' || t[e[2] - 1] != ' ' || t[e[3]] != '"' ||
			e[4] != e[3] + 2 || t[e[4] - 1] != ' ' ||
			t[e[4]] != '"' || t[e[5]] != '"' || end != e[5] + 1)
			return 0;
		l->value[REFERER] = value(t + e[2] + 1, t + e[3]);
		l->value[AGENT] = value(t + e[4] + 1, t + e[5]);
	}
	if (request)
		lam_line_request(value(t + e[0] + 1, t + e[1]),
			&l->value[METHOD]);
	s->i += combined ? 7 : 3;
	return end;
}

static void
put_line(struct lam_parse *x, const struct line *l)
{
	for (uint32_t i = 0; i < x->nfields; i++)
		lam_line_put(x, i, l->value[i]);
	lam_parse_row(x);
}

static int
parse_lines(const void *own, struct lam_parse *x, struct lam_error *e)
{
	struct lam_lines lines = lam_lines_of(x);
	bool request = x->cell[METHOD] || x->cell[PATH] || x->cell[PROTOCOL];
	struct lam_specials specials;
	struct lam_str line;
	struct line l = { NULL, NULL, { { NULL, 0 } }, NULL };
	size_t end;
	int r = lam_chunk_room(x->chunk, LAM_SPECIALS_PAD, e);

	(void)own;
	if (r)
		return r;
	x->text = x->chunk->raw.p;
	memset(x->text + x->chunk->raw.n, 0, LAM_SPECIALS_PAD);
	lam_specials_init(&specials, lam_masks_best());
	while (!r) {
		if (lines.at < x->n && (end = regular(&l, &specials, x, lines.at,
			request))) {
			lam_lines_pass(&lines, end);
			put_line(x, &l);
			continue;
		}
		if (!lam_lines_next(&lines, &line))
			break;
		l = (struct line){ .p = line.p, .end = line.p + line.n };
		if (split_line(&l, x->nfields))
			put_line(x, &l);
		else
			r = lam_line_reject(x, line, l.reason, e);
	}
	return r;
}

/* SURE that the first line of HEAD is a record of NFIELDS; 0: it is none.  With a host
 * in place of the ident, as lighttpd writes it, no line is surely one. */
static unsigned
sureness(struct lam_str head, uint32_t nfields, unsigned sure)
{
	struct lam_str first = lam_str_first_line(head), ident;
	struct line l = { .p = first.p, .end = first.p + first.n };

	if (!split_line(&l, nfields))
		return 0;
	ident = l.value[IDENT];
	return ident.p && memchr(ident.p, '.', ident.n) ? 60 : sure;
}

static unsigned
guess_combined(const struct lam_format *self, struct lam_str head)
{
	(void)self;
	return sureness(head, FIELDS, 90);
}

static unsigned
guess_common(const struct lam_format *self, struct lam_str head)
{
	(void)self;
	return sureness(head, BYTES + 1, 80);
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
	.guess = guess_combined, .open = open_combined, LAM_LINE_RECORDS,
	.parse = parse_lines };
const struct lam_format lam_format_common = { .name = "common",
	.example = "203.0.113.5 - bob [31/Jan/2026:23:59:59 +0000] \"GET /a "
		"HTTP/1.1\" 200 381",
	.guess = guess_common, .open = open_common,
	LAM_LINE_RECORDS, .parse = parse_lines };
