/*
 * bound.h - values against the last one that is wanted
 */
#ifndef LAM_ROWS_BOUND_H
#define LAM_ROWS_BOUND_H

#include "rows/sortkey.h"

/* Does A come before B (< 0), with it, or after? */
int lam_bound_compare(const struct lam_scalar *a, const struct lam_scalar *b,
	struct lam_by by);

/*
 * VERDICT[i], where it is 0, of the first N rows of V: their value, compared with B.
 */
void lam_bound_judge(const struct lam_vec *v, const struct lam_scalar *b,
	struct lam_by by, uint32_t n, int8_t *verdict);

#endif
