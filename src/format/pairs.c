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
 *
 * The name that comes is most often the one that came next in the first records: its
 * bytes are compared with the text, 8 at a time, and then the name needs no reading.
 */
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/masks.h"
#include "format/formats.h"
#include "format/json_tree.h"
#include "format/line.h"
#include "input/input_chunk.h"
#include "input/input_header.h"

struct pair {
	struct lam_str name, value, all; /* all: as it is written */
	bool escaped;
};

/* The pair at *P, which moves past it; false: none, and *WHY if it is wrong.  NAME:
 * bytes of its name, where they are known; else 0. */
typedef bool next_fn(const char **p, const char *end, size_t name, struct pair *x,
	const char **why);

struct own {
	struct lam_json_tree tree;
	bool *plain; /* of the tree's root: the name can be told without reading it */
	next_fn *next;
	uint32_t rest;
};

/* -------------------------------------------------------------------- pairs */

/* From P on, the first byte that is blank or less, or END. */
static inline const char *
value_end(const char *p, const char *end)
{
#if LAM_X86
	const __m128i blank = _mm_set1_epi8(' ');

	for (; end - p >= 16; p += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		int hit = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(v, blank),
			v));

		if (hit)
			return p + __builtin_ctz((unsigned)hit);
	}
#endif
	while (p < end && (unsigned char)*p > ' ')
		p++;
	return p;
}

/* From P on, the first quote or backslash, or a place before it. */
static inline const char *
near_quote(const char *p, const char *end)
{
#if LAM_X86
	const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\');

	for (; end - p >= 16; p += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		int hit = _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(v, quote),
			_mm_cmpeq_epi8(v, slash)));

		if (hit)
			return p + __builtin_ctz((unsigned)hit);
	}
#endif
	(void)end;
	return p;
}

/* The quote that closes the string at P. */
static const char *
closing(const char *p, const char *end, bool *escaped)
{
	*escaped = false;
	for (p = near_quote(p + 1, end); p < end && *p != '"'; p++)
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
logfmt_next(const char **p, const char *end, size_t name, struct pair *x,
	const char **why)
{
	const char *from = *p, *q;

	while (from < end && (*from == ' ' || *from == '\t'))
		from++;
	for (q = from + name; q < end && (unsigned char)*q > ' ' && *q != '='; q++)
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
		x->value.p = ++q;
		q = value_end(q, end);
		x->value.n = (size_t)(q - x->value.p);
	}
	x->all = (struct lam_str){ from, (size_t)(q - from) };
	*p = q;
	return true;
}

static bool
ltsv_next(const char **p, const char *end, size_t name, struct pair *x,
	const char **why)
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
	colon = name ? from + name : memchr(from, ':', (size_t)(tab - from));
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

/* Whether KEY, if it stands before its mark, is a name, and has a head. */
static bool
is_plain(const struct own *o, struct lam_str key)
{
	bool ltsv = o->next == ltsv_next;

	for (size_t i = 0; i < key.n; i++)
		if ((unsigned char)key.p[i] < ' ' || key.p[i] == '"' ||
			key.p[i] == '\\' || key.p[i] == (ltsv ? ':' : '=') ||
			(!ltsv && key.p[i] == ' '))
			return false;
	return key.n > 0;
}

/* The bytes of the name at P, behind blanks, if it is that of the member AT. */
static inline size_t
known_name(const struct own *o, uint32_t at, const char *p, const char *end)
{
	const struct lam_json_member *m;
	char blank = o->next == ltsv_next ? '\t' : ' ';
	size_t n;

	if (at >= o->tree.root.n || !o->plain[at])
		return 0;
	m = &o->tree.root.member[at];
	while (p < end && *p == blank)
		p++;
	n = m->key.n;
	if ((size_t)(end - p) <= n || p[n] != (blank == ' ' ? '=' : ':'))
		return 0;
	if (n < 8 && end - p >= 8) /* head and mask are with a quote */
		return (lam_get64(p) ^ m->head) & m->mask >> 8 ? 0 : n;
	return memcmp(p, m->key.p, n) ? 0 : n;
}

/* The member of the pair X, whose name is KNOWN to be that of the one AT. */
static inline const struct lam_json_member *
find(const struct lam_json_tree *t, const struct pair *x, bool known, uint32_t *at)
{
	const struct lam_json_object *o = &t->root;
	const struct lam_json_member *m = known ? &o->member[*at] :
		lam_json_tree_find(t, o, x->name);

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

	while (next(&p, end, 0, &pair, &why))
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
	size_t name;

	for (uint32_t i = 0; i < x->nfields; i++)
		lam_line_put(x, i, (struct lam_str){ NULL, 0 });
	while (name = known_name(o, at, p, end),
		o->next(&p, end, name, &pair, &why)) {
		const struct lam_json_member *m = find(&o->tree, &pair, name, &at);

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

	while (!r && lam_str_line(&rest, &line)) {
		const char *p = line.p, *end = p + line.n;
		const char *why = check(o->next, p, end);

		while (!r && !why && o->next(&p, end, 0, &pair, &why))
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
	int r;

	if (!o)
		return lam_fail_mem(e);
	*own = o;
	o->next = next_of(self);
	lam_json_tree_init(&o->tree);
	r = lam_json_tree_fields(&o->tree, in, opt, look, o, &o->rest, e);
	if (!r)
		o->plain = LAM_ARENA_NEW(&o->tree.arena, bool, o->tree.root.n + 1);
	if (!r && !o->plain)
		return lam_fail_mem(e);
	for (uint32_t i = 0; !r && i < o->tree.root.n; i++)
		o->plain[i] = is_plain(o, o->tree.root.member[i].key);
	return r;
}

/* Two pairs or more, names of letters, digits, _ . and -, and nothing else. */
static unsigned
guess(const struct lam_format *self, struct lam_str head)
{
	struct lam_str line = lam_str_first_line(head);
	const char *p = line.p, *end = p + line.n, *why = NULL;
	next_fn *next = next_of(self);
	unsigned pairs = 0, commas = 0;
	struct pair pair;

	while (next(&p, end, 0, &pair, &why)) {
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
		commas += pair.all.p[pair.all.n - 1] == ',';
	}
	/* Where a comma stands behind each but the last, it is none of the values. */
	return !why && pairs > 1 && commas + 1 < pairs ? 82 : 0;
}

/* Without examples: any line may have something that could be a pair. */
const struct lam_format lam_format_logfmt = { .name = "logfmt",
	.takes = LAM_TAKES_FIELDS, .sparse = true, .guess = guess,
	.open = open_pairs, LAM_LINE_RECORDS, .parse = parse, .close = close_pairs };

const struct lam_format lam_format_ltsv = { .name = "ltsv",
	.suffix = ".ltsv", .takes = LAM_TAKES_FIELDS, .sparse = true, .guess = guess,
	.open = open_pairs, LAM_LINE_RECORDS, .parse = parse,
	.close = close_pairs };
