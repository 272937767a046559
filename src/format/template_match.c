/*
 * template_match.c - lines, read as a template says
 *
 * A line is matched from left to right, each variable as short as possible, without a
 * step back: what a server writes is read in the time of a search for each text.
 *
 * Clients choose what stands in some variables, as the user's name before " [$time]",
 * and not all servers escape what they say.  So where a line is no record that way, or
 * a number or a time has a byte that none has, it is matched again with steps back:
 * what stands in quotes as long as possible, other variables as short as possible,
 * until all fits.  These steps are bounded, and if none fits the first reading counts.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/num.h"
#include "format/template_internal.h"
#include "input/input_chunk.h"
#include "time/time.h"

#define STEPS 64 /* back, for a line */

/* The length of TEXT at P, or 0: it is not there. */
static size_t
starts(const char *p, const char *end, struct lam_str text)
{
	size_t n = 0;

	if (text.n == 1 && *text.p == *LAM_TEMPLATE_BLANKS) {
		while (p + n < end && p[n] == ' ')
			n++;
		return n;
	}
	return (size_t)(end - p) >= text.n && !memcmp(p, text.p, text.n) ?
		text.n : 0;
}

/* Where TEXT is, from P on; NULL: nowhere. */
static const char *
find(const char *p, const char *end, struct lam_str text)
{
	size_t n = (size_t)(end - p);

	if (text.n == 1)
		return memchr(p, *text.p == *LAM_TEMPLATE_BLANKS ? ' ' :
			*text.p, n);
	return memmem(p, n, text.p, text.n);
}

/* The quote that closes what is open at P. */
static const char *
closing(const char *p, const char *end)
{
	for (const char *q = p; (q = memchr(q, '"', (size_t)(end - q))); q++) {
		size_t escapes = 0;

		while (q - escapes > p && q[-1 - (ptrdiff_t)escapes] == '\\')
			escapes++;
		if (escapes % 2 == 0)
			return q;
	}
	return NULL;
}

/* Nothing, and a lone "-", are NULL, blanks around it are not of it; in QUOTES
 * nothing is the empty text. */
static struct lam_str
value_of(const char *p, const char *end, bool quotes)
{
	while (!quotes && p < end && *p == ' ')
		p++;
	while (!quotes && p < end && end[-1] == ' ')
		end--;
	if ((end - p == 1 && *p == '-') || (p == end && !quotes))
		return (struct lam_str){ NULL, 0 };
	return (struct lam_str){ p, (size_t)(end - p) };
}

/* The variable of PART is V. */
static void
put(const struct lam_template_part *part, struct lam_str v, struct lam_str *value)
{
	struct lam_str *last = &value[part->field];

	if (part->request) {
		lam_line_request(v, last);
		return;
	}
	*last = v;
	for (uint32_t i = 0; i < part->ncuts; i++) {
		struct lam_str *next = &value[part->field + i + 1];
		const char *at = v.p ? memchr(v.p, part->cut[i].byte, v.n) : NULL;

		*next = (struct lam_str){ NULL, 0 };
		if (!at)
			continue;
		last->n = (size_t)(at - last->p);
		last->p = last->n ? last->p : NULL;
		at += part->cut[i].drop;
		v = (struct lam_str){ at, (size_t)(v.p + v.n - at) };
		*next = v;
		last = next;
	}
}

/* Whether a number or a time may be V, by its bytes; of other types all may. */
static bool
may_be(uint8_t type, struct lam_str v)
{
	size_t i = 0;

	if (type == LAM_NUMBER)
		while (i < v.n && (lam_is_digit(v.p[i]) || v.p[i] == '.' ||
			v.p[i] == '-' || v.p[i] == '+' || (v.p[i] | 32) == 'e'))
			i++;
	else if (type == LAM_TIME) /* "+,-./", digits and ":" are one range */
		while (i < v.n && ((v.p[i] >= '+' && v.p[i] <= ':') ||
			(unsigned char)((v.p[i] | 32) - 'a') < 26 || v.p[i] == ' '))
			i++;
	else
		return true;
	return i == v.n;
}

/* Whether the text V of PART is what the template says of it. */
static bool
obeys(const struct lam_template_part *part, struct lam_str v)
{
	if (part->rule == LAM_TEMPLATE_ANY || !v.n)
		return true;
	return part->rule == LAM_TEMPLATE_WORD ? !memchr(v.p, ' ', v.n) :
		*v.p == '{' && v.p[v.n - 1] == '}';
}

static bool
fits_type(const struct lam_template *t, const struct lam_template_part *part,
	struct lam_str v)
{
	return part->request || part->ncuts || !v.p ||
		may_be(t->field[part->field].type.type, v);
}

/* The text behind the variable of part I. */
static struct lam_str
behind(const struct lam_template *t, uint32_t i)
{
	return i + 1 < t->nparts ? t->part[i + 1].before : t->after;
}

static bool
in_quotes(const struct lam_template *t, uint32_t i)
{
	struct lam_str next = behind(t, i);

	return t->part[i].quoted && next.n && *next.p == '"';
}

/* The line ends with the variable of part I, at P, and may do so. */
static bool
ends(const struct lam_template *t, uint32_t i, const char *p, const char *end,
	struct lam_str *value)
{
	static const struct lam_str none = { NULL, 0 };
	bool quotes = in_quotes(t, i);
	const char *to = quotes ? closing(p, end) : NULL;

	if (!t->may_end || i + 1 < t->may_end || (to && to + 1 != end))
		return false;
	if (quotes && !to && !t->cut)
		return false; /* of an older version, perhaps: quotes are closed */
	put(&t->part[i], value_of(p, to ? to : end, quotes), value);
	while (++i < t->nparts)
		put(&t->part[i], none, value);
	return true;
}

/* A line that is being matched again. */
struct again {
	const struct lam_template *t;
	const char *end;
	struct lam_str *value;
	unsigned steps; /* that are left */
};

/* Where else, after LAST, the variable of part I, at P, may end; NULL: nowhere. */
static const char *
another(const struct again *a, uint32_t i, const char *p, const char *last)
{
	struct lam_str next = behind(a->t, i);
	const char *to = last;

	if (!next.n)
		return last ? NULL : a->end;
	if (!in_quotes(a->t, i))
		return find(last ? last + 1 : p, a->end, next);
	for (to = last ? last : a->end; to-- > p;)
		if (*to == '"' && starts(to, a->end, next))
			return to;
	return NULL;
}

/* The variables from that of part I on, from P on. */
static bool
match_again(struct again *a, uint32_t i, const char *p)
{
	const struct lam_template_part *part = &a->t->part[i];
	struct lam_str next = behind(a->t, i), v;
	const char *to = NULL;
	bool found = false; /* the text behind the variable */

	while (a->steps && (to = another(a, i, p, to))) {
		size_t n = next.n ? starts(to, a->end, next) : 0;

		found = true;
		a->steps--;
		v = value_of(p, to, in_quotes(a->t, i));
		if (!obeys(part, v)) {
			if (part->rule == LAM_TEMPLATE_WORD && !in_quotes(a->t, i))
				return false; /* no longer one is a word */
			continue;
		}
		if (!fits_type(a->t, part, v) || (i + 1 < a->t->nparts ?
			!match_again(a, i + 1, to + n) : to + n != a->end))
			continue;
		put(part, v, a->value);
		return true;
	}
	v = value_of(p, a->end, in_quotes(a->t, i));
	return !found && a->steps && obeys(part, v) && fits_type(a->t, part, v) &&
		ends(a->t, i, p, a->end, a->value);
}

/*
 * VALUE[f] of LINE, without a step back.  False: it is no record; *WHERE is the part
 * whose variable does not end, or UINT32_MAX: the start or the end of the line is
 * another.  *FIT: numbers and times may be such.
 */
static bool
match(const struct lam_template *t, struct lam_str line, struct lam_str *value,
	uint32_t *where, bool *fit)
{
	const char *p = line.p, *end = p + line.n, *to;
	struct lam_str v;
	size_t n = starts(p, end, t->part[0].before);

	*where = UINT32_MAX;
	*fit = true;
	if (!n && t->part[0].before.n)
		return false;
	for (uint32_t i = 0; i < t->nparts; i++) {
		struct lam_str next = behind(t, i);
		bool quotes = in_quotes(t, i);

		p += n;
		to = quotes ? closing(p, end) : next.n ? find(p, end, next) :
			end;
		*where = i;
		n = to && next.n ? starts(to, end, next) : 0;
		if (!to || (next.n && !n))
			return ends(t, i, p, end, value);
		v = value_of(p, to, quotes);
		if (!obeys(&t->part[i], v))
			return false;
		*fit &= fits_type(t, &t->part[i], v);
		put(&t->part[i], v, value);
		p = to;
	}
	*where = UINT32_MAX;
	return p + n == end;
}

/* Whether LINE is a record, with steps back if need be. */
static bool
read_line(const struct lam_template *t, struct lam_str line, struct lam_str *value,
	uint32_t *where)
{
	struct lam_str other[LAM_TEMPLATE_FIELDS];
	struct again a = { t, line.p + line.n, other, STEPS };
	bool fit, is = match(t, line, value, where, &fit);
	size_t n = t->part[0].before.n;

	if (is && fit)
		return true;
	n = n ? starts(line.p, a.end, t->part[0].before) : 0;
	if ((t->part[0].before.n && !n) || !match_again(&a, 0, line.p + n))
		return is;
	memcpy(value, other, t->nfields * sizeof *value);
	return true;
}

static int
reject(const struct lam_template *t, struct lam_parse *x, struct lam_str line,
	uint32_t where, struct lam_error *e)
{
	struct lam_str next;

	if (where == UINT32_MAX)
		return lam_line_reject(x, line, "not as the format says: it "
			"begins or ends otherwise", e);
	next = where + 1 < t->nparts ? t->part[where + 1].before : t->after;
	return lam_chunk_reject(x->chunk, x->line, line, e,
		"%.40s: expected \"%.40s\" behind it",
		t->field[t->part[where].field].name,
		*next.p == *LAM_TEMPLATE_BLANKS ? " " : next.p);
}

/* The first of the layouts behind T that LINE fits, or NULL. */
static const struct lam_template *
other_layout(const struct lam_template *t, struct lam_str line,
	struct lam_str *value)
{
	uint32_t where;
	bool fit;

	for (t = t->next; t; t = t->next)
		if (match(t, line, value, &where, &fit) && fit)
			return t;
	return NULL;
}

/* VALUE of a line of layout L becomes the row at hand, of the fields of all of T. */
static void
put_row(const struct lam_template *t, const struct lam_template *l,
	struct lam_parse *x, const struct lam_str *value)
{
	struct lam_str none = { NULL, 0 };

	for (uint32_t i = 0; t->next && i < t->nall; i++)
		lam_line_put(x, i, none);
	for (uint32_t i = 0; i < l->nfields; i++)
		lam_line_put(x, l->place[i], value[i]);
	lam_parse_row(x);
}

int
lam_template_parse(const struct lam_template *t, struct lam_parse *x,
	struct lam_error *e)
{
	struct lam_str value[LAM_TEMPLATE_FIELDS], line;
	struct lam_lines lines = lam_lines_of(x);
	const struct lam_template *l;
	uint32_t where;
	int r = LAM_OK;

	while (!r && lam_lines_next(&lines, &line)) {
		l = read_line(t, line, value, &where) ? t :
			other_layout(t, line, value);
		if (l)
			put_row(t, l, x, value);
		else
			r = reject(t, x, line, where, e);
	}
	return r;
}

static bool
fits_layout(const struct lam_template *t, struct lam_str line)
{
	struct lam_str value[LAM_TEMPLATE_FIELDS];
	uint32_t where;
	int64_t ns;
	bool fit;

	if (!match(t, line, value, &where, &fit) || !fit)
		return false;
	for (uint32_t i = 0; i < t->nfields; i++) {
		struct lam_str v = value[i];
		uint8_t type = t->field[i].type.type;

		if (!v.p)
			continue;
		if ((type == LAM_NUMBER && !lam_num_is(v.p, v.n)) ||
			(type == LAM_TIME && !lam_time_parse(v.p, v.n, &ns,
			NULL)))
			return false;
	}
	return true;
}

bool
lam_template_fits(const struct lam_template *t, struct lam_str line)
{
	while (t && !fits_layout(t, line))
		t = t->next;
	return t != NULL;
}
