/*
 * real.h - logarithms, powers and roots, the same on every machine
 *
 * The value nearest to the exact one, with LAM_NUM_SIGNIFICANT (17) digits and at
 * most 38 decimals; ties, which only exact values have, go to even.  Nothing here is
 * computed in binary floating point but a first guess at a quotient, so a result does
 * not depend on the processor, the compiler or the C library.
 *
 * False: there is no such value (the logarithm of 0, the root of -1), or it is 10^38
 * or more.
 */
#ifndef LAM_BASE_REAL_H
#define LAM_BASE_REAL_H

#include "base/num.h"

bool lam_real_ln(struct lam_num x, struct lam_num *out);
bool lam_real_log10(struct lam_num x, struct lam_num *out);
bool lam_real_log2(struct lam_num x, struct lam_num *out);
bool lam_real_exp(struct lam_num x, struct lam_num *out);
/* The logarithm of X to BASE, which is not 1. */
bool lam_real_log(struct lam_num base, struct lam_num x, struct lam_num *out);

bool lam_real_sqrt(struct lam_num x, struct lam_num *out);

/* x^y; of an x below 0 only for whole y; 0^0 is 1. */
bool lam_real_power(struct lam_num x, struct lam_num y, struct lam_num *out);

#endif
