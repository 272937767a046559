/*
 * fn_round.c - abs, sign, floor, ceil, round, trunc
 *
 * All but abs and sign cut decimals off; a number without decimals stays as it
 * is, in whatever shape it came.  round goes half away from zero.  For int64 it
 * is one division by a power of ten per row; wide numbers and negative
 * decimals go through base/num.h.
 */
#include "fn/fn.h"

#include <limits.h>

/* V without what is below DECIMALS, toward 0. */
static struct lam_num
trunc_to(struct lam_num v, int decimals)
{
	int below = (int)v.scale - decimals;

	if (below > LAM_NUM_DIGITS)
		return (struct lam_num){ 0, 0 };
	if (below > 0)
		v.m -= v.m % lam_pow10[below];
	return lam_num_normal(v);
}

static bool
round_one(unsigned fn, struct lam_num v, int decimals, struct lam_num *out)
{
	switch (fn) {
	case LAM_FN_ABS:
		*out = (struct lam_num){ v.m < 0 ? -v.m : v.m, v.scale };
		return true;
	case LAM_FN_SIGN:
		*out = (struct lam_num){ (v.m > 0) - (v.m < 0), 0 };
		return true;
	case LAM_FN_FLOOR:
		*out = lam_num_floor(v);
		return true;
	case LAM_FN_CEIL:
		*out = lam_num_ceil(v);
		return true;
	case LAM_FN_TRUNC:
		*out = v.m < 0 ? lam_num_ceil(v) : lam_num_floor(v);
		return true;
	case LAM_FN_TRUNC2:
		*out = trunc_to(v, decimals);
		return true;
	default:
		return lam_num_round(v, decimals, out);
	}
}

/* A number of decimals as an int: beyond 38 either way nothing changes. */
static int
decimals_of(struct lam_num v)
{
	struct lam_num t = v.m < 0 ? lam_num_ceil(v) : lam_num_floor(v);
	lam_i128 d = lam_num_normal(t).m;

	return d > 38 ? 38 : d < -39 ? -39 : (int)d;
}

static int
by_number(struct lam_call *c, const struct lam_reader *r, uint32_t nargs,
	const uint8_t *null, struct lam_vec *out)
{
	struct lam_num *v;
	uint8_t *none;
	int rc;

	if ((rc = lam_room(c, sizeof *v, &v)) ||
	    (rc = lam_nulls_new(c, null, &none)))
		return rc;
	for (uint32_t i = 0; i < c->n; i++) {
		struct lam_num a;
		int d;

		v[i] = (struct lam_num){ 0, 0 };
		if (null && null[i])
			continue;
		a = lam_num_at(&r[0], i);
		d = nargs > 1 ? decimals_of(lam_num_at(&r[1], i)) : 0;
		if (round_one(c->x->fn, a, d, &v[i]))
			continue;
		none[i] = 1;
		if ((rc = lam_fault(c, i)))
			return rc;
	}
	return lam_out_numbers(c, v, none, out);
}

/* Cut an int64 by the factor P. */
static int64_t
cut(unsigned fn, int64_t v, int64_t p)
{
	int64_t q = v / p, rest = v % p;

	switch (fn) {
	case LAM_FN_FLOOR:
		return q - (rest < 0);
	case LAM_FN_CEIL:
		return q + (rest > 0);
	case LAM_FN_TRUNC:
	case LAM_FN_TRUNC2:
		return q;
	default: /* half away; |rest| < p <= 10^18 */
		rest = rest < 0 ? -rest : rest;
		return 2 * rest < p ? q : v < 0 ? q - 1 : q + 1;
	}
}

static int
by_int64(struct lam_call *c, const struct lam_vec *v, unsigned decimals,
	struct lam_vec *out)
{
	int64_t p = (int64_t)lam_pow10[v->scale - decimals], *to;
	unsigned fn = c->x->fn;
	int rc;

	if ((rc = lam_room(c, sizeof *to, &to)))
		return rc;
	for (uint32_t i = 0; i < c->n; i++)
		to[i] = cut(fn, v->i64[i], p);
	lam_out_flat(c, LAM_NUMBER, to, v->null, out);
	out->scale = (uint8_t)decimals;
	return LAM_OK;
}

int
lam_fn_round(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	unsigned fn = c->x->fn;
	bool cuts = fn != LAM_FN_ABS && fn != LAM_FN_SIGN;
	struct lam_reader r[2];
	const uint8_t *null;
	int rc, d = 0;

	if (nargs > 1 && arg[1].rep == LAM_CONST)
		d = decimals_of(lam_num_of(arg[1].dict, 0));
	if (nargs > 1 && arg[1].rep != LAM_CONST)
		cuts = false;
	/* As many decimals as there are, or more. */
	if (cuts && d >= arg[0].scale && !arg[0].wide &&
	    arg[0].rep != LAM_CONST) {
		*out = arg[0];
		return LAM_OK;
	}
	for (uint32_t i = 0; i < nargs; i++)
		if ((rc = lam_read(c, &arg[i], &r[i])))
			return rc;
	if (cuts && d >= 0 && d < r[0].v->scale && r[0].step &&
	    !r[0].v->wide && r[0].v->scale - d <= 18)
		return by_int64(c, r[0].v, (unsigned)d, out);
	if ((rc = lam_nulls(c, r, nargs, &null)))
		return rc;
	return by_number(c, r, nargs, null, out);
}

/* Whole numbers of 64 bits as they are; others are faults. */
int
lam_fn_whole(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	struct lam_reader r;
	const uint8_t *null;
	int64_t *to;
	uint8_t *none;
	int rc;

	if (arg->rep != LAM_CONST && !arg->wide && !arg->scale) {
		*out = *arg;
		return LAM_OK;
	}
	if ((rc = lam_read(c, arg, &r)) ||
		(rc = lam_nulls(c, &r, nargs, &null)) ||
		(rc = lam_nulls_new(c, null, &none)) ||
		(rc = lam_room(c, sizeof *to, &to)))
		return rc;
	for (uint32_t i = 0; i < c->n; i++) {
		struct lam_num v = lam_num_normal(lam_num_at(&r, i));

		to[i] = none[i] ? 0 : (int64_t)v.m;
		if (none[i] || (v.scale == 0 && v.m == to[i]))
			continue;
		none[i] = 1;
		if ((rc = lam_fault(c, i)))
			return rc;
	}
	lam_out_flat(c, LAM_NUMBER, to, none, out);
	return LAM_OK;
}
