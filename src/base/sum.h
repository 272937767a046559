/*
 * sum.h - sums of decimal numbers, exact whatever their scales
 *
 * A sum is a two's complement integer of 384 bits that counts 10^-38.  2^64
 * numbers of 10^38 take 319 of the bits, and 2^64 such sums take all.  Adding is
 * associative and commutative, so a sum is the same in every order.  It is rounded
 * only when it becomes a number.  All zeros is 0.
 */
#ifndef LAM_BASE_SUM_H
#define LAM_BASE_SUM_H

#include "base/num.h"

#define LAM_SUM_LIMBS 6
#define LAM_SUM_TEXT 120 /* bytes that hold any printed sum */

struct lam_sum {
	uint64_t limb[LAM_SUM_LIMBS]; /* lowest first */
};

/* V.m may be any integer of 128 bits. */
void lam_sum_add(struct lam_sum *s, struct lam_num v);
void lam_sum_merge(struct lam_sum *s, const struct lam_sum *other);

/* The nearest number, half to even; false: 10^38 or more. */
bool lam_sum_num(const struct lam_sum *s, struct lam_num *out);

/* S as a number without trailing zeros; false: no number is exactly S. */
bool lam_sum_exact(const struct lam_sum *s, struct lam_num *out);

/* S / N as a quotient of num.h, rounded once; false: 10^38 or more.  N > 0. */
bool lam_sum_div(const struct lam_sum *s, uint64_t n, struct lam_num *out);

/* Canonical text, as of a number, however many digits; the length, no NUL. */
size_t lam_sum_print(const struct lam_sum *s, char *out);

/* False: P is not the canonical text of the sum of 2^64 numbers. */
bool lam_sum_parse(const char *p, size_t n, struct lam_sum *out);

#endif
