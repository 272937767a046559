/*
 * num.h - decimal numbers
 *
 * A number is m / 10^scale with |m| < 10^38 and 0 <= scale <= 38: below 10^38,
 * with at most 38 significant digits and at most 38 decimals.  The exact value of
 * a text or an operation is rounded to that once, half to even.  So a value
 * depends on its text alone, and a result on the values of its operands; trailing
 * zeros and neighbouring values change nothing.
 *
 * A quotient has as many decimals as the greatest of: LAM_NUM_QUOTIENT, the
 * decimals of either operand (trailing zeros aside), and what it takes to show
 * LAM_NUM_SIGNIFICANT significant digits; at most 38 decimals and 38 digits.
 *
 * The operations are false when the result is 10^38 or more.
 */
#ifndef LAM_BASE_NUM_H
#define LAM_BASE_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

__extension__ typedef __int128 lam_i128;
__extension__ typedef unsigned __int128 lam_u128;

#define LAM_NUM_DIGITS 38
#define LAM_NUM_QUOTIENT 12
#define LAM_NUM_SIGNIFICANT 17
#define LAM_NUM_TEXT 44 /* bytes that hold any printed number */

struct lam_num {
	lam_i128 m;
	unsigned scale;
};

/* 10^i for 0 <= i <= 38. */
extern const lam_i128 lam_pow10[LAM_NUM_DIGITS + 1];

/*
 * Parse all N bytes as [+-]digits[.digits][(e|E)[+-]digits], at least one
 * digit before or after the point, no blanks.  The scale is the number of
 * decimals written (less a positive exponent, at least 0), of which 38 digits
 * and 38 decimals are kept.  False when it is no such numeral, or is 10^38 or more.
 */
bool lam_num_parse(const char *p, size_t n, struct lam_num *out);

/* Does it look like a number?  It is such a numeral, however large; but digits
 * alone are one only below 10^38: more are a name of something. */
bool lam_num_is(const char *p, size_t n);

/*
 * The number nearest to the N decimal digits at P, of which the last SCALE are
 * behind the point, with at most DECIMALS (0..38) decimals.  MORE: other digits
 * follow, not all zeros, and at least one of the N has no room.
 * False: 10^38 or more.
 */
bool lam_num_from_digits(bool negative, const char *p, size_t n, long scale,
	long decimals, bool more, struct lam_num *out);

/*
 * The fast case: at most 18 digits, optional '-', optional fraction, no
 * exponent.  False means only "not that simple".
 */
bool lam_num_parse64(const char *p, size_t n, int64_t *m, unsigned *scale);

/*
 * Canonical text: no trailing zeros in the fraction, no "-0", no exponent.
 * OUT has LAM_NUM_TEXT bytes; returns the length, no NUL.
 */
size_t lam_num_print(struct lam_num v, char *out);

/* With exactly SCALE decimals, trailing zeros kept. */
size_t lam_num_print_fixed(struct lam_num v, char *out);

#define LAM_SHORT UINT64_C(100000000)

/*
 * V, which is below LAM_SHORT, in decimal: OUT has 8 bytes; returns the length, no NUL.
 * No branch on the length, which nobody could predict.  Two numbers of four digits
 * become four of two, then eight of one, each step in one multiplication.
 */
static inline unsigned
lam_short_print(uint32_t v, char *out)
{
	uint64_t w = v / 10000 | (uint64_t)(v % 10000) << 32, q;
	unsigned zeros;

	q = (w * 10486 >> 20) & UINT64_C(0x0000007f0000007f);
	w = q | (w - q * 100) << 16;
	q = (w * 103 >> 10) & UINT64_C(0x000f000f000f000f);
	w = q | (w - q * 10) << 8; /* the first digit in the lowest byte */
	zeros = (unsigned)__builtin_ctzll(w | UINT64_C(1) << 56) / 8;
	lam_put64(out, (w | UINT64_C(0x3030303030303030)) >> 8 * zeros);
	return 8 - zeros;
}

/* In decimal: OUT has 20 bytes; returns the length, no NUL.  What is behind it in OUT
 * may be overwritten. */
size_t lam_i64_print(int64_t v, char *out);
size_t lam_u64_print(uint64_t v, char *out);

/* Strip trailing zeros of the fraction: one representation per value.  Apart, as
 * what ends in an odd digit has none, and a call costs more than to see that. */
struct lam_num lam_num_strip(lam_i128 m, unsigned scale);

static inline struct lam_num
lam_num_normal(struct lam_num v)
{
	return v.scale == 0 || v.m & 1 ? v : lam_num_strip(v.m, v.scale);
}

/* -1, 0, 1.  Exact for any two numbers. */
int lam_num_cmp(struct lam_num a, struct lam_num b);

/* The same value at SCALE; false when it has no such form. */
bool lam_num_rescale(struct lam_num v, unsigned scale, struct lam_num *out);

/* False when the result is 10^38 or more, or on division by zero. */
bool lam_num_add(struct lam_num a, struct lam_num b, struct lam_num *out);
bool lam_num_sub(struct lam_num a, struct lam_num b, struct lam_num *out);
bool lam_num_mul(struct lam_num a, struct lam_num b, struct lam_num *out);
bool lam_num_div(struct lam_num a, struct lam_num b, struct lam_num *out);
/* trunc(a / b), of the exact quotient. */
bool lam_num_idiv(struct lam_num a, struct lam_num b, struct lam_num *out);
/* a - b * trunc(a / b), the sign of a (SQL's %). */
bool lam_num_mod(struct lam_num a, struct lam_num b, struct lam_num *out);

/* Round half away from zero to DECIMALS (may be negative); floor; ceil. */
bool lam_num_round(struct lam_num v, int decimals, struct lam_num *out);
struct lam_num lam_num_floor(struct lam_num v);
struct lam_num lam_num_ceil(struct lam_num v);

/* The nearest double; equal values give equal doubles at any scale. */
double lam_num_double(struct lam_num v);

/* The decimal with DIGITS (1..17) significant digits nearest to V (finite). */
bool lam_num_from_double(double v, int digits, struct lam_num *out);

#endif
