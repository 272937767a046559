/*
 * top.h - the first rows of a grouped query, without sorting all its groups
 *
 * The rows are those of the sort, to the byte: ORDER BY, then the keys' values in the
 * order of GROUP BY, NULLs last.
 */
#ifndef LAM_ENGINE_TOP_H
#define LAM_ENGINE_TOP_H

#include "engine/engine.h"

/* Is it the way for Q, whose expressions are prepared?  P has not begun. */
bool lam_top_suits(const struct lam_query *q, const struct lam_partials *p);

/* Can all that is made of groups of Q be computed, but for sums of 128 bits? */
bool lam_top_never_faulty(const struct lam_query *q);

/* As lam_engine_finish. */
int lam_top_finish(const struct lam_query *q, struct lam_partials *p,
	int (*rows)(void *arg, const struct lam_vec *out, uint32_t n,
		struct lam_error *e), void *arg, uint64_t *faults,
	struct lam_error *e) LAM_MUST;

#endif
