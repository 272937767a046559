/*
 * big.h - exact decimals with room for products of numbers, and what is made of them
 *
 * A big is its limbs / 10^scale, less where it is negative.  Sums, differences and
 * products are exact.  A quotient or a root becomes a number, which is rounded
 * once, half to even, to LAM_NUM_SIGNIFICANT digits (and at most 38 decimals).
 *
 * Bound: no operand or result has more than LAM_BIG_LIMBS limbs, which the caller
 * sees to: a product has the limbs of both factors, a sum those of the longer one at
 * the larger scale and one more.  A quotient needs 10^40 more than its operands.
 */
#ifndef LAM_BASE_BIG_H
#define LAM_BASE_BIG_H

#include "base/sum.h"

#define LAM_BIG_LIMBS 40

struct lam_big {
	bool negative;	/* not of 0 */
	unsigned scale; /* decimals */
	unsigned n;	/* limbs, the highest not 0; 0 is 0 */
	uint64_t limb[LAM_BIG_LIMBS]; /* lowest first */
};

void lam_big_set(struct lam_big *b, struct lam_num v);
void lam_big_set_sum(struct lam_big *b, const struct lam_sum *s);
/* OUT may be an operand. */
void lam_big_mul(struct lam_big *out, const struct lam_big *a,
	const struct lam_big *b);
void lam_big_sub(struct lam_big *out, const struct lam_big *a,
	const struct lam_big *b);

/* The number nearest to B, likewise.  False: 10^38 or more. */
bool lam_big_round(const struct lam_big *b, struct lam_num *out);

/* a / b, where b is not 0; of ROOT its square root, where it is not negative.
 * False: 10^38 or more. */
bool lam_big_ratio(const struct lam_big *a, const struct lam_big *b, bool root,
	struct lam_num *out);

#endif
