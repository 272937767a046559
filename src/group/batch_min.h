/*
 * batch_min.h - the row with the least (or greatest) value, by local group
 */
#ifndef LAM_GROUP_BATCH_MIN_H
#define LAM_GROUP_BATCH_MIN_H

#include "group/batch_groups.h"

#define LAM_NO_ROW UINT32_MAX

/*
 * Values as unsigned integers in the same order; where different values may
 * have the same integer (long texts, wide numbers) `exact` is false.  V has no
 * NULLs.  DESCENDING: the reverse order.
 */
struct lam_ordinals {
	const uint64_t *key;  /* by row, or by code */
	const uint16_t *code; /* or NULL */
	bool exact, descending;
	const struct lam_vec *v;
};

int lam_ordinals_init(struct lam_ordinals *o, const struct lam_vec *v,
	bool descending, struct lam_arena *arena, struct lam_error *e)
	LAM_MUST;

/*
 * BEST[g]: the row of the least ordinal in group g; ties: the row with the
 * least value in THEN (may be NULL: any).  LAM_NO_ROW: no row.
 */
int lam_batch_min(const struct lam_ordinals *o, const struct lam_vec *then,
	const struct lam_batch_groups *s, uint32_t **best, struct lam_error *e)
	LAM_MUST;

#endif
