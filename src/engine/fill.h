/*
 * fill.h - rows for empty buckets of time
 *
 * A group without rows is a row of the partial relation in which every state is that
 * of no values (sql/query.h), merged like any other: so count is 0, sum is NULL, and
 * HAVING, expressions, windows, ORDER BY and LIMIT say what they say.
 */
#ifndef LAM_ENGINE_FILL_H
#define LAM_ENGINE_FILL_H

#include "engine/engine.h"
#include "store/scalar.h"

#define LAM_FILL_BUCKETS 10000000 /* of a query */

/*
 * The partials of JOB[0], whose query is to be filled, get the groups that they lack;
 * JOB[1] ran beside it, with the other keys (struct lam_fill).  LAM_USAGE: there are
 * too many buckets.
 */
int lam_fill_partials(struct lam_job *job, const struct lam_resources *o,
	struct lam_error *e) LAM_MUST;

/* N rows of VALUE. */
int lam_fill_constant(const struct lam_scalar *value, uint32_t n,
	struct lam_arena *a, struct lam_vec *out, struct lam_error *e) LAM_MUST;

/* N rows of component column F of Q, of no values. */
int lam_fill_none(const struct lam_query *q, uint32_t f, uint32_t n,
	struct lam_arena *a, struct lam_vec *out, struct lam_error *e) LAM_MUST;

#endif
