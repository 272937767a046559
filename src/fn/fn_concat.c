/*
 * fn_concat.c - text put together, searched and measured: ||, concat, replace,
 * strpos, contains, starts_with, ends_with, length
 *
 * Strings are written into chunks of the arena (lam_text_room); searching is
 * lam_find, in linear time.
 */
#include "fn/fn.h"

#include <string.h>

#include "base/find.h"
#include "base/utf8.h"

/* Row I of an argument of any type as text; SCRATCH has LAM_TIME_TEXT bytes. */
static struct lam_str
text_at(const struct lam_reader *r, uint32_t i, char *scratch)
{
	if (r->v->type == LAM_TEXT)
		return lam_str_at(r, i);
	return lam_vec_print(r->v, i * r->step, scratch);
}

/* One row of || and concat; NULL ones are left out. */
static bool
concat_row(struct lam_text_out *t, const struct lam_reader *r, uint32_t i)
{
	uint32_t nargs = t->nargs;
	char scratch[LAM_TIME_TEXT];
	size_t total = 0;
	char *p;

	for (uint32_t k = 0; k < nargs; k++)
		if (!lam_null_at(&r[k], i))
			total += text_at(&r[k], i, scratch).n;
	if (!(p = lam_text_room(t, total + 1)))
		return false;
	t->str[i] = (struct lam_str){ p, total };
	for (uint32_t k = 0; k < nargs; k++) {
		struct lam_str v;

		if (lam_null_at(&r[k], i))
			continue;
		v = text_at(&r[k], i, scratch);
		if (v.n)
			memcpy(p, v.p, v.n);
		p += v.n;
	}
	return true;
}

int
lam_fn_concat(struct lam_call *c, const struct lam_vec *arg,
	uint32_t nargs, struct lam_vec *out)
{
	return lam_text_rows(c, arg, nargs, concat_row, out);
}

/* One row of replace: the pieces are counted, then written. */
static bool
replace_row(struct lam_text_out *t, const struct lam_reader *r, uint32_t i)
{
	struct lam_str v = lam_str_at(&r[0], i), from = lam_str_at(&r[1], i);
	struct lam_str to = lam_str_at(&r[2], i);
	const char *at = v.p, *end = v.p + v.n, *hit;
	size_t hits = 0, total;
	char *p;

	while (from.n && (hit = lam_find(at, (size_t)(end - at), from.p, from.n))) {
		hits++;
		at = hit + from.n;
	}
	t->str[i] = v;
	if (!hits)
		return true;
	total = v.n - hits * from.n + hits * to.n;
	if (!(p = lam_text_room(t, total + 1)))
		return false;
	t->str[i] = (struct lam_str){ p, total };
	for (at = v.p; hits > 0; hits--) {
		hit = lam_find(at, (size_t)(end - at), from.p, from.n);
		memcpy(p, at, (size_t)(hit - at));
		p += hit - at;
		if (to.n)
			memcpy(p, to.p, to.n);
		p += to.n;
		at = hit + from.n;
	}
	memcpy(p, at, (size_t)(end - at));
	return true;
}

int
lam_fn_replace(struct lam_call *c, const struct lam_vec *arg,
	uint32_t nargs, struct lam_vec *out)
{
	return lam_text_rows(c, arg, nargs, replace_row, out);
}

static bool
found(unsigned fn, struct lam_str v, struct lam_str what)
{
	if (what.n == 0)
		return true;
	if (what.n > v.n)
		return false;
	if (fn == LAM_FN_STARTS_WITH)
		return !memcmp(v.p, what.p, what.n);
	if (fn == LAM_FN_ENDS_WITH)
		return !memcmp(v.p + v.n - what.n, what.p, what.n);
	return lam_find(v.p, v.n, what.p, what.n) != NULL;
}

/* 1 for the first character; 0: not there. */
static int64_t
position(struct lam_str v, struct lam_str what)
{
	const char *at;

	if (what.n == 0)
		return 1;
	at = v.n ? memmem(v.p, v.n, what.p, what.n) : NULL;
	return at ? (int64_t)lam_utf8_count((struct lam_str){ v.p,
		(size_t)(at - v.p) }) + 1 : 0;
}

/* starts_with, ends_with, contains, strpos */
int
lam_fn_search(struct lam_call *c, const struct lam_vec *arg,
	uint32_t nargs, struct lam_vec *out)
{
	bool place = c->x->fn == LAM_FN_STRPOS;
	const uint8_t *null;
	struct lam_reader r[2];
	int64_t *at = NULL;
	uint8_t *bit = NULL;
	int rc;

	if ((rc = lam_read(c, &arg[0], &r[0])) ||
	    (rc = lam_read(c, &arg[1], &r[1])) ||
	    (rc = lam_nulls(c, r, nargs, &null)) ||
	    (rc = place ? lam_room(c, sizeof *at, &at) : lam_room(c, 1, &bit)))
		return rc;
	for (uint32_t i = 0; i < c->n; i++) {
		struct lam_str v = lam_str_at(&r[0], i);
		struct lam_str what = lam_str_at(&r[1], i);
		bool skip = null && null[i];

		if (place)
			at[i] = skip ? 0 : position(v, what);
		else
			bit[i] = !skip && found(c->x->fn, v, what);
	}
	if (place)
		lam_out_flat(c, LAM_NUMBER, at, null, out);
	else
		lam_out_flat(c, LAM_BOOL, bit, null, out);
	return LAM_OK;
}

/* length in characters, octet_length in bytes */
int
lam_fn_length(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	bool bytes = c->x->fn == LAM_FN_OCTETS;
	struct lam_reader r;
	int64_t *to;
	int rc;

	(void)nargs;
	if ((rc = lam_read(c, arg, &r)) || (rc = lam_room(c, sizeof *to, &to)))
		return rc;
	for (uint32_t i = 0; i < c->n; i++) {
		struct lam_str v = lam_str_at(&r, i);

		to[i] = lam_null_at(&r, i) ? 0 :
			(int64_t)(bytes ? v.n : lam_utf8_count(v));
	}
	lam_out_flat(c, LAM_NUMBER, to, r.v->null, out);
	return LAM_OK;
}
