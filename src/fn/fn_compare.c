/*
 * fn_compare.c - = <> < <= > >= and what is built from an order
 *
 * Six operators become two loops, "less or equal" and "equal", with the
 * result flipped where needed.  Against a constant the constant is brought into
 * the domain of the stored integers once:
 *
 *	v < c, c between two representable values  =  v <= floor(c)
 *	FOR:  base + mult * u <= k		   =  u <= floor((k-base)/mult)
 *
 * so that FOR vectors compare 32-bit offsets, and a bound outside [0, max]
 * is answered without looking at a row.
 */
#include "fn/fn.h"

#include <limits.h>
#include <string.h>

#include "time/span.h"

int
lam_order(const struct lam_vec *a, uint32_t i, const struct lam_vec *b,
	uint32_t j)
{
	switch (a->type) {
	case LAM_TEXT:
		return lam_str_cmp(a->str[i], b->str[j]);
	case LAM_BOOL:
		return (int)a->bit[i] - (int)b->bit[j];
	case LAM_TIME:
		return (a->i64[i] > b->i64[j]) - (a->i64[i] < b->i64[j]);
	default:
		if (!a->wide && !b->wide && a->scale == b->scale)
			return (a->i64[i] > b->i64[j]) -
				(a->i64[i] < b->i64[j]);
		return lam_num_cmp(lam_num_of(a, i), lam_num_of(b, j));
	}
}

/* ------------------------------------------------------ with a constant */

/* v OP constant as: never (false for all), v == k, or v <= k; then flipped. */
struct bound {
	lam_i128 k;
	bool equal, never, flip;
};

static struct bound
bound_of(unsigned fn, struct lam_num c, unsigned scale)
{
	bool strict = fn == LAM_FN_LT || fn == LAM_FN_GE, exact = true;
	struct lam_num at;
	struct bound b = {
		.equal = fn == LAM_FN_EQ || fn == LAM_FN_NE,
		.flip = fn == LAM_FN_NE || fn == LAM_FN_GT || fn == LAM_FN_GE,
	};

	if (c.scale > scale) {
		lam_i128 p = lam_pow10[c.scale - scale];

		b.k = lam_floor_div(c.m, p);
		exact = c.m % p == 0;
	} else if (lam_num_rescale(c, scale, &at)) {
		b.k = at.m;
	} else { /* beyond 38 digits at this scale, so beyond any value */
		b.k = c.m < 0 ? -lam_pow10[38] : lam_pow10[38];
	}
	if (b.equal)
		b.never = !exact;
	else if (strict && exact)
		b.k--;
	return b;
}

LAM_HOT static void
le_u32(const uint32_t *v, uint32_t k, uint8_t flip, uint8_t *restrict to,
	uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		to[i] = (uint8_t)(v[i] <= k) ^ flip;
}

LAM_HOT static void
eq_u32(const uint32_t *v, uint32_t k, uint8_t flip, uint8_t *restrict to,
	uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		to[i] = (uint8_t)(v[i] == k) ^ flip;
}

LAM_HOT static void
le_i64(const int64_t *v, int64_t k, uint8_t flip, uint8_t *restrict to,
	uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		to[i] = (uint8_t)(v[i] <= k) ^ flip;
}

LAM_HOT static void
eq_i64(const int64_t *v, int64_t k, uint8_t flip, uint8_t *restrict to,
	uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		to[i] = (uint8_t)(v[i] == k) ^ flip;
}

/* All rows alike. */
static int
all_rows(struct lam_call *c, bool value, const uint8_t *null,
	struct lam_vec *out)
{
	uint8_t *bit;
	int rc;

	if (!null) {
		lam_out_bool(value, c->n, out);
		return LAM_OK;
	}
	if ((rc = lam_room(c, 1, &bit)))
		return rc;
	memset(bit, value, c->n);
	lam_out_flat(c, LAM_BOOL, bit, null, out);
	return LAM_OK;
}

static int
cmp_for(struct lam_call *c, const struct lam_vec *v, const struct bound *b,
	struct lam_vec *out)
{
	/* k is at most 10^38 < 2^127 - 2^63: no overflow. */
	lam_i128 d = b->k - v->base, t = lam_floor_div(d, v->mult);
	uint8_t *bit;
	int rc;

	if (t < 0 || (b->equal && (t > v->max || t * v->mult != d)))
		return all_rows(c, b->flip, v->null, out);
	if (t > v->max || (t == v->max && !b->equal))
		return all_rows(c, !b->flip, v->null, out);
	if ((rc = lam_room(c, 1, &bit)))
		return rc;
	if (b->equal)
		eq_u32(v->u32, (uint32_t)t, b->flip, bit, c->n);
	else
		le_u32(v->u32, (uint32_t)t, b->flip, bit, c->n);
	lam_out_flat(c, LAM_BOOL, bit, v->null, out);
	return LAM_OK;
}

static bool
holds(unsigned fn, int order)
{
	switch (fn) {
	case LAM_FN_EQ:
		return order == 0;
	case LAM_FN_NE:
		return order != 0;
	case LAM_FN_LT:
		return order < 0;
	case LAM_FN_LE:
		return order <= 0;
	case LAM_FN_GT:
		return order > 0;
	default:
		return order >= 0;
	}
}

/* Values with scales of their own. */
static int
cmp_wide(struct lam_call *c, unsigned fn, const struct lam_vec *v,
	struct lam_num k, struct lam_vec *out)
{
	uint8_t *bit;
	int rc;

	if ((rc = lam_room(c, 1, &bit)))
		return rc;
	for (uint32_t i = 0; i < c->n; i++)
		bit[i] = holds(fn, lam_num_cmp(v->num[i], k));
	lam_out_flat(c, LAM_BOOL, bit, v->null, out);
	return LAM_OK;
}

/* V, not constant, OP the constant K: numbers and times. */
static int
cmp_const(struct lam_call *c, unsigned fn, const struct lam_vec *v,
	struct lam_num k, struct lam_vec *out)
{
	struct bound b;
	uint8_t *bit;
	int rc;

	if (v->wide)
		return cmp_wide(c, fn, v, k, out);
	b = bound_of(fn, k, v->scale);
	if (b.never)
		return all_rows(c, b.flip, v->null, out);
	if (v->rep == LAM_FOR)
		return cmp_for(c, v, &b, out);
	if (b.k < INT64_MIN)
		return all_rows(c, b.flip, v->null, out);
	if (b.k > INT64_MAX)
		return all_rows(c, b.flip != !b.equal, v->null, out);
	if ((rc = lam_room(c, 1, &bit)))
		return rc;
	if (b.equal)
		eq_i64(v->i64, (int64_t)b.k, b.flip, bit, c->n);
	else
		le_i64(v->i64, (int64_t)b.k, b.flip, bit, c->n);
	lam_out_flat(c, LAM_BOOL, bit, v->null, out);
	return LAM_OK;
}

/* ------------------------------------------------------ row against row */

LAM_HOT static void
le_rows(const int64_t *a, const int64_t *b, uint8_t flip,
	uint8_t *restrict to, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		to[i] = (uint8_t)(a[i] <= b[i]) ^ flip;
}

LAM_HOT static void
eq_rows(const int64_t *a, const int64_t *b, uint8_t flip,
	uint8_t *restrict to, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		to[i] = (uint8_t)(a[i] == b[i]) ^ flip;
}

LAM_HOT static void
is_empty(const struct lam_str *s, uint8_t flip, uint8_t *restrict to,
	uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		to[i] = (uint8_t)(s[i].n == 0) ^ flip;
}

static void
cmp_text(unsigned fn, const struct lam_reader *r, const uint8_t *null,
	uint8_t *bit, uint32_t n)
{
	bool equal = fn == LAM_FN_EQ || fn == LAM_FN_NE, ne = fn == LAM_FN_NE;

	if (equal && !null && r[0].step && !r[1].step && !r[1].v->str[0].n) {
		is_empty(r[0].v->str, ne, bit, n); /* x <> '' */
		return;
	}
	for (uint32_t i = 0; i < n; i++) {
		struct lam_str a, b;

		bit[i] = 0;
		if (null && null[i])
			continue;
		a = lam_str_at(&r[0], i);
		b = lam_str_at(&r[1], i);
		if (equal)
			bit[i] = (a.n == b.n &&
				(!a.n || !memcmp(a.p, b.p, a.n))) != ne;
		else
			bit[i] = holds(fn, lam_str_cmp(a, b));
	}
}

static int
cmp_rows(struct lam_call *c, unsigned fn, const struct lam_vec *arg,
	struct lam_vec *out)
{
	bool gt = fn == LAM_FN_GT || fn == LAM_FN_LT;
	bool swap = fn == LAM_FN_GE || fn == LAM_FN_LT;
	struct lam_reader r[2];
	const struct lam_vec *a, *b;
	const uint8_t *null;
	uint8_t *bit;
	int rc;

	if ((rc = lam_read(c, &arg[0], &r[0])) ||
	    (rc = lam_read(c, &arg[1], &r[1])) ||
	    (rc = lam_nulls(c, r, 2, &null)) || (rc = lam_room(c, 1, &bit)))
		return rc;
	a = r[swap].v;
	b = r[!swap].v;
	if (a->type == LAM_TEXT)
		cmp_text(fn, r, null, bit, c->n);
	else if (a->type == LAM_BOOL || a->wide || b->wide ||
	    a->scale != b->scale || !r[0].step || !r[1].step)
		for (uint32_t i = 0; i < c->n; i++)
			bit[i] = !(null && null[i]) &&
				holds(fn, lam_order(r[0].v, i * r[0].step,
					r[1].v, i * r[1].step));
	else if (fn == LAM_FN_EQ || fn == LAM_FN_NE)
		eq_rows(a->i64, b->i64, fn == LAM_FN_NE, bit, c->n);
	else
		/* a > b = !(a <= b); a >= b = b <= a; a < b = !(b <= a). */
		le_rows(a->i64, b->i64, gt, bit, c->n);
	lam_out_flat(c, LAM_BOOL, bit, null, out);
	return LAM_OK;
}

/* constant OP v is v FLIPPED(OP) constant. */
static unsigned
mirrored(unsigned fn)
{
	switch (fn) {
	case LAM_FN_LT:
		return LAM_FN_GT;
	case LAM_FN_LE:
		return LAM_FN_GE;
	case LAM_FN_GT:
		return LAM_FN_LT;
	case LAM_FN_GE:
		return LAM_FN_LE;
	default:
		return fn;
	}
}

static int
compare(struct lam_call *c, unsigned fn, const struct lam_vec *arg,
	struct lam_vec *out)
{
	bool left = arg[0].rep == LAM_CONST;
	const struct lam_vec *v = &arg[left], *k = &arg[!left];

	if (k->rep != LAM_CONST || v->rep == LAM_CONST ||
	    (v->type != LAM_NUMBER && v->type != LAM_TIME))
		return cmp_rows(c, fn, arg, out);
	return cmp_const(c, left ? mirrored(fn) : fn, v,
		lam_num_of(k->dict, 0), out);
}

int
lam_fn_cmp(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	(void)nargs;
	return compare(c, c->x->fn, arg, out);
}

/* ----------------------------------------------------------- from an order */

int
lam_fn_distinct(struct lam_call *c, const struct lam_vec *arg,
	uint32_t nargs, struct lam_vec *out)
{
	struct lam_reader r[2];
	uint8_t *bit;
	int rc;

	(void)nargs;
	if ((rc = lam_read(c, &arg[0], &r[0])) ||
	    (rc = lam_read(c, &arg[1], &r[1])) || (rc = lam_room(c, 1, &bit)))
		return rc;
	for (uint32_t i = 0; i < c->n; i++) {
		bool a = lam_null_at(&r[0], i), b = lam_null_at(&r[1], i);

		bit[i] = a || b ? a != b : lam_order(r[0].v, i * r[0].step,
			r[1].v, i * r[1].step) != 0;
	}
	lam_out_flat(c, LAM_BOOL, bit, NULL, out);
	return LAM_OK;
}

/* A, flat, equals R in row I.  Intervals are equal if their lengths are. */
static bool
is_same(const struct lam_call *c, const struct lam_vec *a,
	const struct lam_reader *r, uint32_t i)
{
	if (c->x->list == LAM_SPAN)
		return lam_num_cmp(lam_span_seconds(lam_vec_num(a, i)),
			lam_span_seconds(lam_num_at(r, i))) == 0;
	return lam_order(a, i, r->v, i * r->step) == 0;
}

int
lam_fn_nullif(struct lam_call *c, const struct lam_vec *arg,
	uint32_t nargs, struct lam_vec *out)
{
	const struct lam_vec *a;
	struct lam_reader r;
	uint8_t *null;
	int rc;

	(void)nargs;
	if (arg[0].rep == LAM_CONST && arg[0].dict->null &&
	    arg[0].dict->null[0]) {
		lam_out_null(c->x->type, c->n, out);
		return LAM_OK;
	}
	a = lam_vec_flat(&arg[0], c->arena);
	if (!a)
		return lam_fail_mem(c->e);
	*out = *a;
	if ((rc = lam_read(c, &arg[1], &r)) ||
	    (rc = lam_nulls_new(c, a->null, &null)))
		return rc;
	for (uint32_t i = 0; i < c->n; i++)
		if (!null[i] && !lam_null_at(&r, i))
			null[i] = is_same(c, a, &r, i);
	out->null = null;
	return LAM_OK;
}

/* The argument that row I takes its value from; NARGS: all are NULL. */
static uint32_t
extreme_of(const struct lam_reader *r, uint32_t nargs, uint32_t i, int sign)
{
	uint32_t best = nargs;

	for (uint32_t k = 0; k < nargs; k++) {
		if (lam_null_at(&r[k], i))
			continue;
		if (best == nargs || sign * lam_order(r[k].v, i * r[k].step,
			    r[best].v, i * r[best].step) > 0)
			best = k;
	}
	return best;
}

/* greatest, least: NULLs are skipped; the first of equals. */
int
lam_fn_extreme(struct lam_call *c, const struct lam_vec *arg,
	uint32_t nargs, struct lam_vec *out)
{
	int sign = c->x->fn == LAM_FN_GREATEST ? 1 : -1, rc;
	static const size_t size[LAM_TYPES] = { sizeof(struct lam_str),
		sizeof(struct lam_num), sizeof(int64_t), 1 };
	struct lam_reader *r;
	uint8_t *null;
	void *to;

	r = lam_arena_calloc(c->arena, nargs, sizeof *r);
	if (!r)
		return lam_fail_mem(c->e);
	for (uint32_t k = 0; k < nargs; k++)
		if ((rc = lam_read(c, &arg[k], &r[k])))
			return rc;
	if ((rc = lam_room(c, size[c->x->type], &to)) ||
	    (rc = lam_nulls_new(c, NULL, &null)))
		return rc;
	for (uint32_t i = 0; i < c->n; i++) {
		uint32_t k = extreme_of(r, nargs, i, sign);

		null[i] = k == nargs;
		if (c->x->type == LAM_TEXT)
			((struct lam_str *)to)[i] = null[i] ?
				(struct lam_str){ NULL, 0 } :
				lam_str_at(&r[k], i);
		else if (c->x->type == LAM_BOOL)
			((uint8_t *)to)[i] = !null[i] &&
				r[k].v->bit[i * r[k].step];
		else if (c->x->type == LAM_TIME)
			((int64_t *)to)[i] = null[i] ? 0 :
				r[k].v->i64[i * r[k].step];
		else
			((struct lam_num *)to)[i] = null[i] ?
				(struct lam_num){ 0, 0 } :
				lam_num_at(&r[k], i);
	}
	if (c->x->type == LAM_NUMBER)
		return lam_out_numbers(c, to, null, out);
	lam_out_flat(c, c->x->type, to, null, out);
	return LAM_OK;
}
