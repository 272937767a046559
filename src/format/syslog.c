/*
 * syslog.c - lines of syslog, each in whichever of its forms
 *
 *	RFC 5424	<165>1 2003-10-11T22:14:15.003Z host app pid id [x a="b"] text
 *	RFC 3164	<34>Oct 11 22:14:15 host app[pid]: text
 *	in files	Oct 11 22:14:15 host app[pid]: text
 *			2026-01-31T23:59:59.123456+01:00 host app[pid]: text
 *
 * A time without a year gets one, and is kept as 2026-10-11T22:14:15: from then on it
 * is a function of its text.  The years follow the lines: in the order of the text,
 * a month that is more than six before the last one begins a new year, and one that is
 * more than six behind it is of the year before.  Where the years begin, the format
 * says ("syslog:2025"); else the first line is no later than the file was last written.
 *
 * So scan keeps the year and the month of the last line; they are the state.
 *
 * The parameters of structured data are fields besides (syslog_data.h): those in the
 * first records, and those that are known.  All of the data is in the field data.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/escape.h"
#include "format/formats.h"
#include "format/json_tree.h"
#include "format/line.h"
#include "format/syslog_data.h"
#include "format/syslog_host.h"
#include "input/input_chunk.h"
#include "time/time.h"

enum { FACILITY, SEVERITY, TS, HOST, APP, PID, ID, DATA, MESSAGE, FIELDS };

static const struct lam_line_field fields[FIELDS] = {
	{ "facility", { LAM_NUMBER, 0 } }, { "severity", { LAM_NUMBER, 0 } },
	{ "ts", { LAM_TIME, 0 } }, { "host", { LAM_TEXT, 0 } },
	{ "app", { LAM_TEXT, 0 } }, { "pid", { LAM_TEXT, 0 } },
	{ "id", { LAM_TEXT, 0 } }, { "data", { LAM_TEXT, 0 } },
	{ "message", { LAM_TEXT, 0 } } };

/* The last line with a time that has no year. */
struct years {
	uint32_t year, month; /* month 0: none yet */
};

struct line {
	struct lam_str value[FIELDS];
	uint32_t priority; /* UINT32_MAX: none */
	uint32_t month;	   /* 1 to 12, of a time without a year; else 0 */
	uint32_t year;	   /* that this has */
	const char *why;
};

struct own {
	struct years years;
	struct lam_json_tree tree; /* fields of structured data */
};

/* -------------------------------------------------------------------- years */

/* The year of a line of MONTH behind those of Y. */
static uint32_t
year_of(struct years *y, uint32_t month)
{
	uint32_t year = y->year;

	if (y->month && month > y->month + 6)
		return year - 1;
	if (y->month > month + 6)
		year = ++y->year;
	y->month = month;
	return year;
}

static uint32_t
digit(char c)
{
	return (uint32_t)(unsigned char)(c - '0');
}

/* The month of "Oct 11 22:14:15 ", or 0: P[N] does not begin so. */
static uint32_t
month_at(const char *p, size_t n)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	static const char shape[] = "xxx d0 00:00:00 ";

	if (n < sizeof shape - 1)
		return 0;
	for (size_t i = 3; i < sizeof shape - 1; i++)
		if (shape[i] == '0' ? digit(p[i]) > 9 : shape[i] == 'd' ?
			p[i] != ' ' && digit(p[i]) > 9 : p[i] != shape[i])
			return 0;
	for (uint32_t m = 0; m < 12; m++)
		if (!memcmp(p, names + 3 * m, 3))
			return m + 1;
	return 0;
}

/* The day of a time that month_at has seen. */
static uint32_t
day_of(const char *p)
{
	return digit(p[5]) + (p[4] == ' ' ? 0 : 10 * digit(p[4]));
}

static bool
is_leap(uint32_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static uint32_t
days_of(uint32_t year, uint32_t month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

/*
 * The length of "<34>" at P[N], 0: it is not there.  For one that is none rsyslog
 * writes "<invld>".
 */
static size_t
priority_at(const char *p, size_t n, uint32_t *priority)
{
	static const char none[] = "<invld>";
	size_t i = 1;

	*priority = UINT32_MAX;
	if (n >= sizeof none - 1 && !memcmp(p, none, sizeof none - 1))
		return sizeof none - 1;
	if (n < 3 || *p != '<' || digit(p[1]) > 9)
		return 0;
	for (*priority = 0; i < n && i < 4 && digit(p[i]) <= 9; i++)
		*priority = *priority * 10 + digit(p[i]);
	if (i < n && p[i] == '>' && *priority < 192)
		return i + 1;
	*priority = UINT32_MAX;
	return 0;
}

static int
scan(void *own, const char *p, size_t n, bool last, uint32_t max,
	struct lam_extent *x, struct lam_error *e)
{
	struct own *o = own;
	int r = lam_line_scan(NULL, p, n, last, max, x, e);

	for (size_t at = 0; !r && at < x->bytes;) {
		const char *line = p + at;
		const char *end = memchr(line, '\n', x->bytes - at);
		size_t length = end ? (size_t)(end - line) : x->bytes - at;
		uint32_t priority, month;
		size_t head = priority_at(line, length, &priority);

		month = month_at(line + head, length - head);
		if (month)
			(void)year_of(&o->years, month);
		at += length + 1;
	}
	return r;
}

/* -------------------------------------------------------------------- lines */

/* A word and the blank behind it; a lone "-" is NULL. */
static bool
word(struct lam_str *rest, struct lam_str *out)
{
	if (!lam_str_cut(rest, ' ', out) || !out->n)
		return false;
	if (out->n == 1 && *out->p == '-')
		*out = (struct lam_str){ NULL, 0 };
	return true;
}

/* "app[pid]: text", "app: text", or text. */
static void
split_tag(struct lam_str s, struct line *l)
{
	size_t i = 0, open;

	while (i < s.n && s.p[i] != ':' && s.p[i] != '[' && s.p[i] != ' ')
		i++;
	open = i;
	if (i < s.n && s.p[i] == '[') {
		const char *close = memchr(s.p + i, ']', s.n - i);

		i = close ? (size_t)(close - s.p) + 1 : s.n;
	}
	l->value[MESSAGE] = s;
	if (!open || i >= s.n || s.p[i] != ':')
		return;
	l->value[APP] = (struct lam_str){ s.p, open };
	if (i > open)
		l->value[PID] = (struct lam_str){ s.p + open + 1, i - open - 2 };
	i++;
	i += i < s.n && s.p[i] == ' ';
	l->value[MESSAGE] = (struct lam_str){ s.p + i, s.n - i };
}

/* The length of structured data at P[N], 0: it is none. */
static size_t
data_length(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && p[i] == '[') {
		bool quotes = false;

		for (i++; i < n && (quotes || p[i] != ']'); i++) {
			if (quotes && p[i] == '\\')
				i++;
			else if (p[i] == '"')
				quotes = !quotes;
		}
		if (i >= n)
			return 0;
		i++;
	}
	return i;
}

static const char why_5424[] = "expected: time host app pid id data, as RFC 5424 has "
	"them";

/* What stands behind "<165>1 ". */
static bool
split_5424(struct lam_str rest, struct line *l)
{
	size_t n;

	l->why = why_5424;
	if (!word(&rest, &l->value[TS]) || !word(&rest, &l->value[HOST]) ||
		!word(&rest, &l->value[APP]) || !word(&rest, &l->value[PID]) ||
		!word(&rest, &l->value[ID]) || !rest.p || !rest.n)
		return false;
	n = *rest.p == '-' ? 1 : data_length(rest.p, rest.n);
	if (!n || (n < rest.n && rest.p[n] != ' '))
		return false;
	if (*rest.p != '-')
		l->value[DATA] = (struct lam_str){ rest.p, n };
	n += n < rest.n;
	if (rest.n - n >= 3 && !memcmp(rest.p + n, "\xef\xbb\xbf", 3))
		n += 3;
	if (n < rest.n)
		l->value[MESSAGE] = (struct lam_str){ rest.p + n, rest.n - n };
	return true;
}

static bool
split_line(struct lam_str s, struct line *l)
{
	size_t head = priority_at(s.p, s.n, &l->priority);
	struct lam_str rest = { s.p + head, s.n - head };
	int64_t ns;

	if (head && rest.n > 2 && rest.p[0] == '1' && rest.p[1] == ' ')
		return split_5424((struct lam_str){ rest.p + 2, rest.n - 2 }, l);
	l->why = "expected a time: \"Oct 11 22:14:15\" or as RFC 3339 has it";
	l->month = month_at(rest.p, rest.n);
	if (l->month) {
		l->value[TS] = (struct lam_str){ rest.p, 15 };
		rest = (struct lam_str){ rest.p + 16, rest.n - 16 };
	} else if (!lam_str_cut(&rest, ' ', &l->value[TS]) ||
		l->value[TS].n < 19 || !lam_time_parse(l->value[TS].p,
		l->value[TS].n, &ns, NULL)) {
		return false;
	}
	l->why = "expected a host behind the time";
	if (!lam_syslog_cut_host(&rest, &l->value[HOST]))
		return false;
	if (rest.p)
		split_tag(rest, l);
	return true;
}

/* -------------------------------------------------------------------- parse */

/* A text that the line has not got goes to the end of OUT, where there is room. */
static void
put_made(struct lam_parse *x, uint32_t f, struct lam_buf *out, const char *text,
	int n)
{
	if (!x->cell[f])
		return;
	x->cell[f][x->rows] = (struct lam_cell){ (uint32_t)out->n, (uint32_t)n };
	lam_buf_put(out, text, (size_t)n);
}

static void
put_row(const struct own *o, struct lam_parse *x, const struct line *l,
	struct lam_buf *out)
{
	char text[48];
	const char *t = l->value[TS].p;

	for (uint32_t i = 0; i < x->nfields; i++)
		lam_line_put(x, i, i < FIELDS ? l->value[i] :
			(struct lam_str){ NULL, 0 });
	if (l->value[DATA].p && x->nfields > FIELDS)
		lam_syslog_data_put(x, &o->tree, l->value[DATA], out);
	if (l->priority != UINT32_MAX) {
		put_made(x, FACILITY, out, text, snprintf(text, sizeof text,
			"%u", (unsigned)l->priority / 8));
		put_made(x, SEVERITY, out, text, snprintf(text, sizeof text,
			"%u", (unsigned)l->priority % 8));
	}
	if (l->month)
		put_made(x, TS, out, text, snprintf(text, sizeof text,
			"%04u-%02u-%c%cT%.8s", (unsigned)l->year,
			(unsigned)l->month, t[4] == ' ' ? '0' : t[4], t[5],
			t + 7));
	lam_parse_row(x);
}

static uint64_t
pack(struct years y)
{
	return (uint64_t)y.year << 8 | y.month;
}

static struct years
unpack(uint64_t state)
{
	return (struct years){ (uint32_t)(state >> 8), (uint32_t)state & 255 };
}

static int
parse(const void *own, struct lam_parse *x, struct lam_error *e)
{
	struct lam_buf *raw = &x->chunk->raw;
	struct years y = unpack(x->state);
	struct lam_lines lines;
	struct lam_str s;
	int r = LAM_OK;

	if (!lam_buf_room(raw, (size_t)x->chunk->nrecords * 32 + x->n))
		return lam_fail_mem(e);
	x->text = raw->p;
	lines = lam_lines_of(x);
	while (!r && lam_lines_next(&lines, &s)) {
		struct line l = { .month = 0 };
		bool is = split_line(s, &l);

		if (l.month) /* as scan has seen it, a record or not */
			l.year = year_of(&y, l.month);
		if (is && l.month && day_of(l.value[TS].p) > days_of(l.year,
			l.month))
			r = lam_chunk_reject(x->chunk, x->line, s, e, "%u has no "
				"%.6s: -f syslog:YEAR says that of the first line",
				(unsigned)l.year, l.value[TS].p);
		else if (is)
			put_row(own, x, &l, raw);
		else
			r = lam_line_reject(x, s, l.why, e);
	}
	return r;
}

/* --------------------------------------------------------------------- open */

/*
 * The year of the first line, when the input was last written at NS: the last one that
 * has such a day, and in which it is not later.
 */
static uint32_t
first_year(struct lam_str head, int64_t ns)
{
	struct lam_str line = lam_str_first_line(head);
	struct lam_civil written;
	uint32_t priority, month, day, year;
	size_t n = priority_at(line.p, line.n, &priority);

	month = month_at(line.p + n, line.n - n);
	lam_civil_from_ns(ns, &written);
	year = (uint32_t)written.year;
	if (!month)
		return year;
	day = day_of(line.p + n);
	/* A day more: its clock may be east of UTC. */
	year -= month * 32 + day > (uint32_t)written.month * 32 +
		(uint32_t)written.day + 1;
	while (month == 2 && day == 29 && !is_leap(year))
		year--;
	return year;
}

/* Where structured data is, its parameters become fields. */
static int
look(void *own, const struct lam_buf *b, struct lam_error *e)
{
	struct own *o = own;
	struct lam_str rest = { b->p, b->n }, line;
	int r = LAM_OK;

	while (!r && lam_str_line(&rest, &line)) {
		struct line l = { .month = 0 };

		if (split_line(line, &l) && l.value[DATA].p)
			r = lam_syslog_data_look(&o->tree, l.value[DATA], e);
	}
	return r;
}

/* Only RFC 5424 has such data, so others are not looked at. */
static int
open_fields(struct own *o, struct lam_input *in,
	const struct lam_input_options *opt, struct lam_error *e)
{
	struct lam_str line = lam_str_first_line(lam_input_head(in));
	struct line l = { .month = 0 };
	bool has_data = split_line(line, &l) && l.why == why_5424;
	struct years years = o->years;
	int r;

	o->tree.fixed = fields;
	o->tree.nfixed = FIELDS;
	o->tree.always = true;
	r = lam_json_tree_fields(&o->tree, in, opt, has_data ? look : NULL, o,
		NULL, e);
	o->years = years; /* scan has looked ahead */
	return r;
}

static int
open_syslog(const struct lam_format *self, struct lam_input *in,
	const struct lam_input_options *opt, void **own, struct lam_error *e)
{
	const char *given = opt->format ? strchr(opt->format, ':') : NULL;
	struct own *o = calloc(1, sizeof *o);
	uint64_t year = 0, state;

	(void)self;
	if (!o)
		return lam_fail_mem(e);
	*own = o;
	lam_json_tree_init(&o->tree);
	if (given && (!lam_str_u64((struct lam_str){ given + 1,
		strlen(given + 1) }, &year) || year < 1700 || year > 2261))
		return lam_fail(e, LAM_USAGE, "%.40s: expected the year of the "
			"first line behind the colon", opt->format);
	o->years.year = given ? (uint32_t)year : first_year(lam_input_head(in),
		lam_input_written(in));
	if (opt->saved && lam_str_u64((struct lam_str){ opt->saved,
		strlen(opt->saved) }, &state))
		o->years = unpack(state);
	return open_fields(o, in, opt, e);
}

static void
close_syslog(void *own)
{
	struct own *o = own;

	lam_json_tree_release(&o->tree);
	free(o);
}

static uint64_t
state_of(const void *own)
{
	return pack(((const struct own *)own)->years);
}

static int
save(const void *own, uint64_t state, struct lam_buf *out, struct lam_error *e)
{
	(void)own;
	lam_buf_printf(out, "%llu", (unsigned long long)state);
	return lam_buf_check(out, e);
}

/* A time alone may be anything's: an app must be there, or a priority. */
static unsigned
guess(const struct lam_format *self, struct lam_str head)
{
	struct line l = { .month = 0 };

	(void)self;
	if (!split_line(lam_str_first_line(head), &l))
		return 0;
	if (l.priority != UINT32_MAX)
		return 90;
	if (!lam_syslog_is_host(l.value[HOST].p ? l.value[HOST] : l.value[APP]))
		return 0;
	return l.month ? 85 : l.value[HOST].p && l.value[APP].p ? 84 : 0;
}

const struct lam_format lam_format_syslog = { .name = "syslog", .sparse = true,
	.example = "Jan 31 23:59:59 host app[7]: hello, world",
	.guess = guess, .open = open_syslog, .scan = scan, .parse = parse,
	.close = close_syslog, .state = state_of, .save = save };

const struct lam_format lam_format_syslog_year = { .name = "syslog:",
	.sparse = true, .open = open_syslog, .scan = scan, .parse = parse,
	.close = close_syslog, .state = state_of, .save = save };
