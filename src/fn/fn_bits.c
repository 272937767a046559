/*
 * fn_bits.c - whole numbers: their bits, and what divides them
 *
 * Bits are those of 64 in two's complement, as bit_and, bit_or and bit_xor have them.
 * What is no whole number of these is a fault of its row.
 */
#include "fn/fn.h"

static bool
whole(struct lam_num v, int64_t *out)
{
	v = lam_num_normal(v);
	*out = (int64_t)v.m;
	return v.scale == 0 && v.m == *out;
}

/* A * 2^N, neither below 0. */
static bool
shift(int64_t a, int64_t n, lam_i128 *out)
{
	if (a < 0 || n < 0 || (a > 0 && n > 62))
		return false;
	*out = a ? (lam_i128)a << n : 0;
	return *out <= INT64_MAX;
}

static uint64_t
divisor(uint64_t a, uint64_t b)
{
	while (b > 0) {
		uint64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

static uint64_t
magnitude(int64_t v)
{
	return v < 0 ? -(uint64_t)v : (uint64_t)v;
}

static bool
combine(unsigned fn, int64_t a, int64_t b, lam_i128 *out)
{
	uint64_t g = divisor(magnitude(a), magnitude(b));

	switch (fn) {
	case LAM_FN_BITS_AND:
		*out = a & b;
		return true;
	case LAM_FN_BITS_OR:
		*out = a | b;
		return true;
	case LAM_FN_XOR:
		*out = a ^ b;
		return true;
	case LAM_FN_SHIFT_LEFT:
		return shift(a, b, out);
	case LAM_FN_SHIFT_RIGHT: /* DuckDB's, of what is not in the width: 0 */
		*out = b < 0 || b > 63 ? 0 : a >> b;
		return true;
	case LAM_FN_GCD:
		*out = g;
		return true;
	default:
		*out = g ? (lam_i128)(magnitude(a) / g) * magnitude(b) : 0;
		return *out < lam_pow10[LAM_NUM_DIGITS] && *out >= 0;
	}
}

static bool
compute(const struct lam_call *c, const struct lam_reader *r, uint32_t i,
	struct lam_num *out, bool *null)
{
	int64_t a, b;

	(void)null;
	*out = (struct lam_num){ 0, 0 };
	return whole(lam_num_at(&r[0], i), &a) &&
		whole(lam_num_at(&r[1], i), &b) &&
		combine(c->x->fn, a, b, &out->m);
}

int
lam_fn_bits(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	return lam_compute_numbers(c, arg, nargs, compute, out);
}
