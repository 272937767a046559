/*
 * fn_math.c - ln, log10, log2, log, exp, sqrt, power, width_bucket
 *
 * base/real.h computes them.  A value that is none is a fault of its row.
 */
#include "fn/fn.h"

#include "base/big.h"
#include "base/real.h"

/* Is X at PLACE of N, or behind it, on the way from LOW to HIGH?  Exactly. */
static bool
reaches(struct lam_num x, struct lam_num low, struct lam_num high,
	struct lam_num n, struct lam_num place)
{
	struct lam_big a, b, origin, count;

	lam_big_set(&origin, low);
	lam_big_set(&a, x);
	lam_big_sub(&a, &a, &origin);
	lam_big_set(&count, n);
	lam_big_mul(&a, &a, &count);
	lam_big_set(&b, high);
	lam_big_sub(&b, &b, &origin);
	lam_big_set(&count, place);
	lam_big_mul(&b, &b, &count);
	lam_big_sub(&a, &a, &b);
	return a.n == 0 || a.negative == (lam_num_cmp(high, low) < 0);
}

/*
 * width_bucket(x, low, high, n): which of N buckets of one width from LOW to HIGH has
 * X, from 1; 0 and n + 1 are what is before and behind.  LOW may be the greater one.
 */
static bool
width_bucket(const struct lam_num *a, struct lam_num *out)
{
	struct lam_num n = lam_num_normal(a[3]), one = { 1, 0 }, width;
	int way = lam_num_cmp(a[1], a[2]);

	if (way == 0 || n.scale || n.m < 1 || n.m > INT32_MAX)
		return false;
	*out = (struct lam_num){ 0, 0 };
	if (lam_num_cmp(a[0], a[1]) == way)
		return true;
	if (lam_num_cmp(a[0], a[2]) != way)
		return lam_num_add(n, one, out);
	if (!lam_num_sub(a[0], a[1], out) || !lam_num_mul(*out, n, out) ||
		!lam_num_sub(a[2], a[1], &width) ||
		!lam_num_idiv(*out, width, out))
		return false;
	/* Rounded so far: it may be one beside. */
	*out = lam_num_normal(*out);
	if (!reaches(a[0], a[1], a[2], n, *out))
		return true;
	out->m++;
	if (reaches(a[0], a[1], a[2], n, *out))
		out->m++;
	return true;
}

static bool
compute(const struct lam_call *c, const struct lam_reader *r, uint32_t i,
	struct lam_num *out, bool *null)
{
	struct lam_num a[4];

	(void)null;
	for (uint32_t k = 0; k < c->x->nargs; k++)
		a[k] = lam_num_at(&r[k], i);
	switch (c->x->fn) {
	case LAM_FN_LN:
		return lam_real_ln(a[0], out);
	case LAM_FN_LOG10:
		return lam_real_log10(a[0], out);
	case LAM_FN_LOG2:
		return lam_real_log2(a[0], out);
	case LAM_FN_LOG:
		return lam_real_log(a[0], a[1], out);
	case LAM_FN_EXP:
		return lam_real_exp(a[0], out);
	case LAM_FN_SQRT:
		return lam_real_sqrt(a[0], out);
	case LAM_FN_POWER:
		return lam_real_power(a[0], a[1], out);
	default:
		return width_bucket(a, out);
	}
}

int
lam_fn_math(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	return lam_compute_numbers(c, arg, nargs, compute, out);
}
