/*
 * bound.c - values against the last one that is wanted
 *
 * Integers at one scale are compared as they are.
 */
#include "rows/bound.h"

#include "base/hot.h"

int
lam_bound_compare(const struct lam_scalar *a, const struct lam_scalar *b,
	struct lam_by by)
{
	int c;

	if (a->null || b->null)
		return a->null == b->null ? 0 :
			a->null == by.nulls_first ? -1 : 1;
	c = lam_scalar_cmp(a, b);
	return by.descending ? -c : c;
}

/* B as an integer like those of V, to be compared without looking further. */
static bool
as_integer(const struct lam_vec *v, const struct lam_scalar *b, int64_t *out)
{
	lam_i128 m = b->i64;

	if ((v->rep != LAM_FLAT && v->rep != LAM_FOR) || v->wide || v->null ||
		b->null || (v->type != LAM_NUMBER && v->type != LAM_TIME))
		return false;
	if (v->type == LAM_NUMBER) {
		if (b->num.scale > v->scale || __builtin_mul_overflow(b->num.m,
			lam_pow10[v->scale - b->num.scale], &m))
			return false;
	}
	*out = (int64_t)m;
	return *out == m;
}

LAM_HOT static void
judge_flat(const int64_t *v, int64_t m, int sign, uint32_t n, int8_t *verdict)
{
	for (uint32_t i = 0; i < n; i++)
		verdict[i] = (int8_t)(verdict[i] ? verdict[i] : sign *
			((v[i] > m) - (v[i] < m)));
}

static void
judge_for(const struct lam_vec *v, int64_t m, int sign, uint32_t n,
	int8_t *verdict)
{
	for (uint32_t i = 0; i < n; i++) {
		int64_t x = v->base + v->mult * (int64_t)v->u32[i];

		verdict[i] = (int8_t)(verdict[i] ? verdict[i] : sign *
			((x > m) - (x < m)));
	}
}

void
lam_bound_judge(const struct lam_vec *v, const struct lam_scalar *b,
	struct lam_by by, uint32_t n, int8_t *verdict)
{
	int sign = by.descending ? -1 : 1;
	int64_t m;

	if (as_integer(v, b, &m)) {
		if (v->rep == LAM_FLAT)
			judge_flat(v->i64, m, sign, n, verdict);
		else
			judge_for(v, m, sign, n, verdict);
		return;
	}
	for (uint32_t i = 0; i < n; i++) {
		struct lam_scalar a;
		int c;

		if (verdict[i])
			continue;
		a = lam_scalar_of(v, i);
		c = lam_bound_compare(&a, b, by);
		verdict[i] = (int8_t)((c > 0) - (c < 0));
	}
}
