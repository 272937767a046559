/*
 * fn_text.c - functions of text that give text: case, trim, slices, split
 *
 * A result that is a part of the argument points into it: trim, substr, left, right
 * and split_part copy no byte.  Characters are those of base/utf8.h.  All of these
 * run once per dictionary entry where the column is a dictionary.
 */
#include "fn/fn.h"

#include <string.h>

#include "base/utf8.h"

/* lower, upper: ASCII letters. */
static bool
case_fold_row(struct lam_text_out *t, const struct lam_reader *r, uint32_t i)
{
	char first = t->c->x->fn == LAM_FN_LOWER ? 'A' : 'a';
	struct lam_str v = lam_str_at(r, i);
	char *p = lam_text_room(t, v.n + 1);

	if (!p)
		return false;
	for (size_t j = 0; j < v.n; j++)
		p[j] = (char)(v.p[j] ^
			((unsigned char)(v.p[j] - first) < 26 ? 32 : 0));
	t->str[i] = (struct lam_str){ p, v.n };
	return true;
}

int
lam_fn_case_fold(struct lam_call *c, const struct lam_vec *arg,
	uint32_t nargs, struct lam_vec *out)
{
	return lam_text_rows(c, arg, nargs, case_fold_row, out);
}

/* Is the character P[0..n-1] one of SET's? */
static bool
among(const char *p, size_t n, struct lam_str set)
{
	for (size_t i = 0, k; i < set.n; i += k) {
		k = lam_utf8_len(set.p + i, set.p + set.n);
		if (k == n && !memcmp(set.p + i, p, n))
			return true;
	}
	return false;
}

static struct lam_str
trim_left(struct lam_str v, struct lam_str set)
{
	while (v.n > 0) {
		size_t k = lam_utf8_len(v.p, v.p + v.n);

		if (!among(v.p, k, set))
			break;
		v.p += k;
		v.n -= k;
	}
	return v;
}

static struct lam_str
trim_right(struct lam_str v, struct lam_str set)
{
	while (v.n > 0) {
		size_t k = 1;

		/* Back to the start of the character, if it is one. */
		while (k < 4 && k < v.n && (v.p[v.n - k] & 0xc0) == 0x80)
			k++;
		if (lam_utf8_len(v.p + v.n - k, v.p + v.n) != k)
			k = 1;
		if (!among(v.p + v.n - k, k, set))
			break;
		v.n -= k;
	}
	return v;
}

static bool
trim_row(struct lam_text_out *t, const struct lam_reader *r, uint32_t i)
{
	unsigned fn = t->c->x->fn;
	struct lam_str set = t->nargs > 1 ? lam_str_at(&r[1], i) :
		(struct lam_str){ " ", 1 };
	struct lam_str v = lam_str_at(&r[0], i);

	if (fn != LAM_FN_RTRIM && fn != LAM_FN_RTRIM2)
		v = trim_left(v, set);
	if (fn != LAM_FN_LTRIM && fn != LAM_FN_LTRIM2)
		v = trim_right(v, set);
	t->str[i] = v;
	return true;
}

int
lam_fn_trim(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	return lam_text_rows(c, arg, nargs, trim_row, out);
}

/* A count of characters, cut to whole; far outside is as good as any. */
static int64_t
count_at(const struct lam_reader *r, uint32_t i)
{
	const lam_i128 far = INT64_C(1) << 40;
	struct lam_num v = lam_num_at(r, i);

	v = v.m < 0 ? lam_num_ceil(v) : lam_num_floor(v);
	v = lam_num_normal(v);
	return (int64_t)(v.m > far ? far : v.m < -far ? -far : v.m);
}

/* Characters [from, to) of V, both cut to what there is. */
static struct lam_str
slice(struct lam_str v, int64_t from, int64_t to, int64_t count)
{
	size_t a, b;

	from = from < 0 ? 0 : from;
	to = to > count ? count : to;
	if (from >= to)
		return (struct lam_str){ v.p, 0 };
	if ((size_t)count == v.n) {
		a = (size_t)from;
		b = (size_t)(to - from);
	} else {
		a = lam_utf8_offset(v, (size_t)from);
		b = lam_utf8_offset((struct lam_str){ v.p + a, v.n - a },
			(size_t)(to - from));
	}
	return (struct lam_str){ v.p + a, b };
}

/*
 * substr: from character START (1 is the first, -1 the last, 0 the one before
 * the first), LEN of them; a negative LEN are those before START.
 */
static struct lam_str
substr(struct lam_str v, int64_t start, int64_t len)
{
	int64_t count = (int64_t)lam_utf8_count(v);

	start = start < 0 ? count + start : start - 1;
	if (len < 0)
		return slice(v, start + len, start, count);
	return slice(v, start, start + len, count);
}

static struct lam_str
slice_one(unsigned fn, struct lam_str v, int64_t a, int64_t b)
{
	int64_t count;

	switch (fn) {
	case LAM_FN_SUBSTR2:
		return substr(v, a, INT64_C(1) << 50);
	case LAM_FN_SUBSTR3:
		return substr(v, a, b);
	default:
		count = (int64_t)lam_utf8_count(v);
		/* A negative count leaves that many out, at the other end. */
		if (fn == LAM_FN_LEFT)
			return slice(v, 0, a < 0 ? count + a : a, count);
		return slice(v, a < 0 ? -a : count - a, count, count);
	}
}

static bool
slice_row(struct lam_text_out *t, const struct lam_reader *r, uint32_t i)
{
	unsigned fn = t->c->x->fn;

	t->str[i] = slice_one(fn, lam_str_at(&r[0], i), count_at(&r[1], i),
		t->nargs > 2 ? count_at(&r[2], i) : 0);
	return true;
}

/* substr, left, right */
int
lam_fn_slice(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	return lam_text_rows(c, arg, nargs, slice_row, out);
}

/* The offset of the next SEP in V, or V's length.  "" cuts characters. */
static size_t
next_part(struct lam_str v, struct lam_str sep)
{
	const char *at;

	if (sep.n == 0)
		return v.n ? lam_utf8_len(v.p, v.p + v.n) : 0;
	at = memmem(v.p, v.n, sep.p, sep.n);
	return at ? (size_t)(at - v.p) : v.n;
}

static struct lam_str
split_part(struct lam_str v, struct lam_str sep, int64_t want)
{
	struct lam_str rest = v, none = { v.p, 0 };
	int64_t parts = 1;

	if (want == 0)
		return none;
	if (want < 0) { /* from the end: count them first */
		for (;;) {
			size_t at = next_part(rest, sep);

			if (at + sep.n >= rest.n && (!sep.n || at == rest.n))
				break;
			rest.p += at + sep.n;
			rest.n -= at + sep.n;
			parts++;
		}
		rest = v;
		want += parts + 1;
		if (want < 1)
			return none;
	}
	while (want > 1) {
		size_t at = next_part(rest, sep);

		if (at == rest.n)
			return none;
		rest.p += at + sep.n;
		rest.n -= at + sep.n;
		want--;
	}
	rest.n = next_part(rest, sep);
	return rest;
}

static bool
split_row(struct lam_text_out *t, const struct lam_reader *r, uint32_t i)
{
	t->str[i] = split_part(lam_str_at(&r[0], i), lam_str_at(&r[1], i),
		count_at(&r[2], i));
	return true;
}

int
lam_fn_split(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	return lam_text_rows(c, arg, nargs, split_row, out);
}

static bool
reverse_row(struct lam_text_out *t, const struct lam_reader *r, uint32_t i)
{
	struct lam_str v = lam_str_at(r, i);
	char *p = lam_text_room(t, v.n + 1);

	if (!p)
		return false;
	t->str[i] = (struct lam_str){ p, v.n };
	p += v.n;
	for (size_t j = 0, k; j < v.n; j += k) {
		k = lam_utf8_len(v.p + j, v.p + v.n);
		p -= k;
		memcpy(p, v.p + j, k);
	}
	return true;
}

int
lam_fn_reverse(struct lam_call *c, const struct lam_vec *arg,
	uint32_t nargs, struct lam_vec *out)
{
	return lam_text_rows(c, arg, nargs, reverse_row, out);
}
