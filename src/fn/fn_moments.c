/*
 * fn_moments.c - variance, covariance, correlation and regression, of exact sums
 *
 * An aggregate of these has no state but sums, which are exact whatever the order of
 * the rows.  Its value is a quotient of such sums, or the root of one, computed
 * exactly and rounded once, to 17 significant digits (base/big.h).  With
 *
 *	Cxy = n * sum(x * y) - sum(x) * sum(y)
 *
 * the population's covariance is Cxy / n^2, the sample's Cxy / (n * (n - 1)), and
 * the slope of the regression of y on x is Cxy / Cxx.  A quotient by 0 is NULL: the
 * variance of a sample of one, the slope and correlation where all x are equal.
 *
 * A sum comes as the bytes of a struct lam_sum (LAM_FINAL_EXACT), or from a window as a
 * number, which was rounded already.  Bound: a sum has 6 limbs and 38 decimals, so C
 * has at most 13, a product of two of them 26, and 29 when it is divided.
 *
 * Each x * x was rounded to what a number holds, by a half at most.  So Cxx of equal
 * values may be a little below 0, which is 0, and a correlation a little above 1,
 * which is 1.  Cxx far below 0 lacks a product of 10^38 or more: a fault.
 */
#include "fn/fn.h"

#include <string.h>

#include "base/big.h"
#include "base/escape.h"
#include "sql/aggregate.h"

/* The count, and the sums that there are; the others are not looked at. */
struct sums {
	struct lam_big n, x, y, xx, xy, yy;
	struct lam_big cxx, cyy;
};

/* n * SUM2 - A * B */
static void
centered(const struct sums *s, const struct lam_big *sum2,
	const struct lam_big *a, const struct lam_big *b, struct lam_big *out)
{
	struct lam_big product;

	lam_big_mul(&product, a, b);
	lam_big_mul(out, &s->n, sum2);
	lam_big_sub(out, out, &product);
}

/* OUT = n^POWER * (n - LESS) */
static void
rows(const struct sums *s, unsigned power, unsigned less, struct lam_big *out)
{
	struct lam_big k;

	lam_big_set(&k, (struct lam_num){ less, 0 });
	lam_big_sub(out, &s->n, &k);
	while (power-- > 0)
		lam_big_mul(out, out, &s->n);
}

/* The regression line at x = 0: (sum(y) * Cxx - sum(x) * Cxy) / (n * Cxx) */
static void
intercept(const struct sums *s, struct lam_big *up, struct lam_big *down)
{
	centered(s, &s->xy, &s->x, &s->y, down);
	lam_big_mul(down, down, &s->x);
	lam_big_mul(up, &s->cxx, &s->y);
	lam_big_sub(up, up, down);
	lam_big_mul(down, &s->cxx, &s->n);
}

/* Cxy^2 / (Cxx * Cyy), negative if Cxy is; a flat y is explained by any x. */
static void
correlation(const struct sums *s, bool share, struct lam_big *up,
	struct lam_big *down)
{
	struct lam_big left;
	bool negative;

	centered(s, &s->xy, &s->x, &s->y, up);
	negative = up->negative;
	lam_big_mul(up, up, up);
	*down = s->cxx;
	if (share && down->n > 0 && s->cyy.n == 0)
		*up = *down;
	else
		lam_big_mul(down, down, &s->cyy);
	lam_big_sub(&left, down, up);
	if (left.negative)
		*up = *down;
	up->negative = negative && !share && up->n > 0;
}

/* The value of AGG is UP / DOWN, or the root of that. */
static bool
fraction(unsigned agg, const struct sums *s, struct lam_big *up,
	struct lam_big *down)
{
	bool sample = agg == LAM_AGG_VAR_SAMP || agg == LAM_AGG_STDDEV_SAMP ||
		agg == LAM_AGG_COVAR_SAMP;

	switch (agg) {
	case LAM_AGG_REGR_INTERCEPT:
		intercept(s, up, down);
		return false;
	case LAM_AGG_CORR:
	case LAM_AGG_REGR_R2:
		correlation(s, agg == LAM_AGG_REGR_R2, up, down);
		return agg == LAM_AGG_CORR;
	case LAM_AGG_REGR_SLOPE:
		centered(s, &s->xy, &s->x, &s->y, up);
		*down = s->cxx;
		return false;
	case LAM_AGG_REGR_AVGX:
	case LAM_AGG_REGR_AVGY:
		*up = agg == LAM_AGG_REGR_AVGX ? s->x : s->y;
		rows(s, 0, 0, down);
		return false;
	case LAM_AGG_COVAR_SAMP:
	case LAM_AGG_COVAR_POP:
	case LAM_AGG_REGR_SXY:
		centered(s, &s->xy, &s->x, &s->y, up);
		break;
	case LAM_AGG_REGR_SYY:
		*up = s->cyy;
		break;
	default:
		*up = s->cxx;
	}
	rows(s, agg == LAM_AGG_SEM ? 2 : agg == LAM_AGG_REGR_SXX ||
		agg == LAM_AGG_REGR_SYY || agg == LAM_AGG_REGR_SXY ? 0 : 1,
		sample, down);
	return agg == LAM_AGG_STDDEV_SAMP || agg == LAM_AGG_STDDEV_POP ||
		agg == LAM_AGG_SEM;
}

/* OUT = C of SUM2 and A, which is a sum of squares.  False: SUM2 lacks some. */
static bool
squares(const struct sums *s, const struct lam_big *sum2,
	const struct lam_big *a, struct lam_big *out)
{
	struct lam_big most, over;

	centered(s, sum2, a, a, out);
	if (!out->negative)
		return true;
	/* two sums, which a window rounds, too: 4 n^2 is more than all of it */
	lam_big_set(&most, (struct lam_num){ -4, 0 });
	lam_big_mul(&most, &most, &s->n);
	lam_big_mul(&most, &most, &s->n);
	lam_big_sub(&over, out, &most);
	*out = (struct lam_big){ .n = 0 };
	return !over.negative;
}

/* *NONE: there is none.  False: the value, or a product it needs, is 10^38 or more. */
static bool
moment(unsigned agg, struct sums *s, bool *none, struct lam_num *out)
{
	const char *sums = lam_aggregate[agg].sums;
	struct lam_big up, down;
	bool root, negative;

	*none = s->n.n == 0 || s->n.negative;
	if (*none)
		return true;
	if ((strchr(sums, 'X') && !squares(s, &s->xx, &s->x, &s->cxx)) ||
		(strchr(sums, 'Y') && !squares(s, &s->yy, &s->y, &s->cyy)))
		return false;
	root = fraction(agg, s, &up, &down);
	negative = up.negative;
	*none = down.n == 0 || (root && agg != LAM_AGG_CORR && negative);
	if (*none)
		return true;
	if (root)
		up.negative = false;
	if (!lam_big_ratio(&up, &down, root, out))
		return false;
	if (root && negative)
		out->m = -out->m;
	return true;
}

/* Row I of the sums that LETTERS name: whole ones, or what a number holds. */
static void
read_sums(const char *letters, const struct lam_reader *r, uint32_t i,
	struct sums *s)
{
	static const char all[] = "nxyXPY";
	struct lam_big *const to[] = { &s->n, &s->x, &s->y, &s->xx, &s->xy,
		&s->yy };
	struct lam_sum sum;

	for (uint32_t k = 0; letters[k]; k++) {
		struct lam_big *b = to[strchr(all, letters[k]) - all];

		if (r[k].v->type == LAM_NUMBER) {
			lam_big_set(b, lam_num_at(&r[k], i));
			continue;
		}
		memcpy(&sum, lam_str_at(&r[k], i).p, sizeof sum);
		lam_big_set_sum(b, &sum);
	}
}

static bool
compute(const struct lam_call *c, const struct lam_reader *r, uint32_t i,
	struct lam_num *out, bool *null)
{
	unsigned agg = c->plan->unit;
	struct sums s;

	*out = (struct lam_num){ 0, 0 };
	read_sums(lam_aggregate[agg].sums, r, i, &s);
	return moment(agg, &s, null, out);
}

int
lam_fn_moments(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	return lam_compute_numbers(c, arg, nargs, compute, out);
}

int
lam_moments_prepare(struct lam_expr *x, struct lam_plan *p,
	struct lam_error *e)
{
	const char *sums = NULL;

	if (x->arg[0]->kind == LAM_X_CONST && !x->arg[0]->null)
		for (unsigned i = 0; i < LAM_AGGS && !sums; i++)
			if (lam_aggregate[i].sums && lam_str_is(x->arg[0]->text,
				lam_aggregate[i].name)) {
				p->unit = (uint8_t)i;
				sums = lam_aggregate[i].sums;
			}
	if (!sums || x->nargs - 1 != strlen(sums))
		return lam_fail_at(e, x, "moments: not the sums of one");
	p->first = 1;
	p->count = x->nargs - 1;
	return LAM_OK;
}
