/*
 * pairs.c - lines of names and values: logfmt and LTSV
 *
 *	logfmt	level=info msg="a \"b\"" done		pairs stand behind blanks
 *	LTSV	host:127.0.0.1 TAB status:200		pairs stand behind tabs
 *
 * The fields are the names in the first records, and those that are given, as in JSON
 * lines (jsonl.c); pairs of other names go to _rest, as they are written.  The value
 * in quotes of logfmt loses them, and its escapes, which are those of JSON strings; one
 * whose escapes are none of JSON keeps them.  A name alone has the empty text.  Of two
 * pairs with one name the last one counts.
 */
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "format/formats.h"
#include "format/json_tree.h"
#include "format/line.h"
#include "input/input_chunk.h"
#include "input/input_header.h"

struct pair {
	struct lam_str name, value, all; /* all: as it is written */
	bool escaped;
};

/* The pair at *P, which moves past it; false: none, and *WHY if it is wrong. */
typedef bool next_fn(const char **p, const char *end, struct pair *x,
	const char **why);

struct own {
	struct lam_json_tree tree;
	next_fn *next;
	uint32_t rest;
};

/* -------------------------------------------------------------------- pairs */

/* The quote that closes the string at P. */
static const char *
closing(const char *p, const char *end, bool *escaped)
{
	*escaped = false;
	for (p++; p < end && *p != '"'; p++)
		if (*p == '\\' && p + 1 < end) {
			*escaped = true;
			p++;
		}
	return p < end ? p : NULL;
}

/* Whether the string in quotes [P, END) has escapes of JSON only. */
static bool
is_json(const char *p, const char *end)
{
	struct lam_json_value v;
	struct lam_json j;

	lam_json_init(&j, p, (size_t)(end - p));
	return lam_json_scalar(&j, &v) && lam_json_end(&j);
}

static bool
logfmt_next(const char **p, const char *end, struct pair *x, const char **why)
{
	const char *from = *p, *q;

	while (from < end && (*from == ' ' || *from == '\t'))
		from++;
	for (q = from; q < end && (unsigned char)*q > ' ' && *q != '='; q++)
		if (*q == '"') {
			*why = "a quote in a name";
			return false;
		}
	if (q == from) {
		*why = q < end ? "a value without a name" : NULL;
		return false;
	}
	x->name = (struct lam_str){ from, (size_t)(q - from) };
	x->value = (struct lam_str){ q, 0 };
	x->escaped = false;
	if (q + 1 < end && *q == '=' && q[1] == '"') {
		const char *quote = closing(q + 1, end, &x->escaped);

		if (!quote || (quote + 1 < end && (unsigned char)quote[1] > ' ')) {
			*why = quote ? "text behind the closing quote" :
				"a quote that is never closed";
			return false;
		}
		x->value = (struct lam_str){ q + 2, (size_t)(quote - q) - 2 };
		x->escaped = x->escaped && is_json(q + 1, quote + 1);
		q = quote + 1;
	} else if (q < end && *q == '=') {
		for (x->value.p = ++q; q < end && (unsigned char)*q > ' '; q++)
			x->value.n++;
	}
	x->all = (struct lam_str){ from, (size_t)(q - from) };
	*p = q;
	return true;
}

static bool
ltsv_next(const char **p, const char *end, struct pair *x, const char **why)
{
	const char *from = *p, *tab, *colon;

	while (from < end && *from == '\t')
		from++;
	*why = NULL;
	if (from == end)
		return false;
	tab = memchr(from, '\t', (size_t)(end - from));
	if (!tab)
		tab = end;
	colon = memchr(from, ':', (size_t)(tab - from));
	if (!colon || colon == from) {
		*why = "expected name:value between tabs";
		return false;
	}
	x->name = (struct lam_str){ from, (size_t)(colon - from) };
	x->value = (struct lam_str){ colon + 1, (size_t)(tab - colon) - 1 };
	x->all = (struct lam_str){ from, (size_t)(tab - from) };
	x->escaped = false;
	*p = tab;
	return true;
}

/* -------------------------------------------------------------------- parse */

/* The member named so: most often the one behind the last. */
static const struct lam_json_member *
find(const struct lam_json_tree *t, struct lam_str name, uint32_t *at)
{
	const struct lam_json_object *o = &t->root;
	const struct lam_json_member *m = *at < o->n ? &o->member[*at] : NULL;

	if (!m || m->key.n != name.n || memcmp(m->key.p, name.p, name.n))
		m = lam_json_tree_find(t, o, name);
	if (m)
		*at = (uint32_t)(m - o->member) + 1;
	return m && m->field != LAM_JSON_NO_FIELD ? m : NULL;
}

/* What is wrong with the pairs of [P, END); NULL: nothing. */
static const char *
check(next_fn *next, const char *p, const char *end)
{
	const char *why = NULL;
	struct pair pair;

	while (next(&p, end, &pair, &why))
		;
	return why;
}

/* The line S, whose REST goes behind the text, where there is room. */
static const char *
parse_line(const struct own *o, struct lam_parse *x, struct lam_str s,
	struct lam_buf *rest)
{
	const char *p = s.p, *end = s.p + s.n, *why = NULL;
	size_t from = rest->n;
	bool checked = false; /* nothing is overwritten in a line that is a reject */
	uint32_t at = 0;
	struct pair pair;

	for (uint32_t i = 0; i < x->nfields; i++)
		lam_line_put(x, i, (struct lam_str){ NULL, 0 });
	while (o->next(&p, end, &pair, &why)) {
		const struct lam_json_member *m = find(&o->tree, pair.name, &at);

		if (!m && rest->n > from)
			lam_buf_putc(rest, o->next == ltsv_next ? '\t' : ' ');
		if (!m)
			lam_buf_put(rest, pair.all.p, pair.all.n);
		if (pair.escaped && !checked) {
			checked = true;
			why = check(o->next, p, end);
			if (why)
				break;
		}
		if (m && pair.escaped && x->cell[m->field])
			pair.value.n = lam_json_unescape(pair.value,
				x->text + (pair.value.p - x->text));
		if (m)
			lam_line_put(x, m->field, pair.value);
	}
	if (!why && p == s.p)
		why = "there is no name with a value";
	if (rest->n > from && o->rest != LAM_JSON_NO_FIELD && x->cell[o->rest])
		x->cell[o->rest][x->rows] = (struct lam_cell){ (uint32_t)from,
			(uint32_t)(rest->n - from) };
	return why;
}

static int
parse(const void *own, struct lam_parse *x, struct lam_error *e)
{
	struct lam_buf *raw = &x->chunk->raw;
	struct lam_lines lines;
	struct lam_str s;
	int r = LAM_OK;

	/* The rest of all lines: no more than the lines. */
	if (!lam_buf_room(raw, x->n + 1))
		return lam_fail_mem(e);
	x->text = raw->p;
	lines = lam_lines_of(x);
	while (!r && lam_lines_next(&lines, &s)) {
		const char *why = parse_line(own, x, s, raw);

		if (why)
			r = lam_line_reject(x, s, why, e);
		else
			lam_parse_row(x);
	}
	return r;
}

/* ------------------------------------------------------------------- fields */

static int
look(void *own, const struct lam_buf *b, struct lam_error *e)
{
	struct own *o = own;
	struct lam_str rest = { b->p, b->n }, line;
	struct pair pair;
	int r = LAM_OK;

	while (!r && lam_str_cut(&rest, '\n', &line)) {
		const char *p = line.p, *end = p + line.n, *why;

		end -= line.n && end[-1] == '\r';
		why = check(o->next, p, end);
		while (!r && !why && o->next(&p, end, &pair, &why))
			r = lam_json_tree_key(&o->tree, pair.name, e);
	}
	return r;
}

static void
close_pairs(void *own)
{
	struct own *o = own;

	lam_json_tree_release(&o->tree);
	free(o);
}

static next_fn *
next_of(const struct lam_format *self)
{
	return self == &lam_format_ltsv ? ltsv_next : logfmt_next;
}

static int
open_pairs(const struct lam_format *self, struct lam_input *in,
	const struct lam_input_options *opt, void **own, struct lam_error *e)
{
	struct own *o = calloc(1, sizeof *o);

	if (!o)
		return lam_fail_mem(e);
	*own = o;
	o->next = next_of(self);
	lam_json_tree_init(&o->tree);
	return lam_json_tree_fields(&o->tree, in, opt, look, o, &o->rest, e);
}

/* Two pairs or more, names of letters, digits, _ . and -, and nothing else. */
static unsigned
guess(const struct lam_format *self, struct lam_str head)
{
	struct lam_str line = lam_line_first(head);
	const char *p = line.p, *end = p + line.n, *why = NULL;
	next_fn *next = next_of(self);
	unsigned pairs = 0;
	struct pair pair;

	while (next(&p, end, &pair, &why)) {
		for (size_t i = 0; i < pair.name.n; i++) {
			char c = pair.name.p[i];

			if (!((c | 32) >= 'a' && (c | 32) <= 'z') && c != '_' &&
				!(c >= '0' && c <= '9') && c != '.' && c != '-')
				return 0;
		}
		if (pair.all.n == pair.name.n || !pair.name.n ||
			(*pair.name.p >= '0' && *pair.name.p <= '9'))
			return 0;
		pairs++;
	}
	return !why && pairs > 1 ? 82 : 0;
}

const struct lam_format lam_format_logfmt = { .name = "logfmt", .named = true,
	.example = "ts=2026-01-31T23:59:59Z level=info msg=\"said hi\" took=1.5",
	.sparse = true, .guess = guess, .open = open_pairs,
	.scan = lam_line_scan, .parse = parse, .close = close_pairs };

const struct lam_format lam_format_ltsv = { .name = "ltsv",
	.example = "time:2026-01-31T23:59:59Z\thost:203.0.113.5\tstatus:200",
	.suffix = ".ltsv", .named = true, .sparse = true, .guess = guess,
	.open = open_pairs, .scan = lam_line_scan, .parse = parse,
	.close = close_pairs };
