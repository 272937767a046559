/*
 * regroup.h - the query that merges partials at their own grain
 *
 * Reads the partial relation of Q (lam_query_columns) and gives the same
 * relation: keys are its key columns, states merge its components, outputs are
 * Q's own.  Merging any partition of a view's records gives what one pass
 * over all of them does.
 */
#ifndef LAM_SQL_REGROUP_H
#define LAM_SQL_REGROUP_H

#include "base/err.h"
#include "sql/query.h"

int lam_regroup(const struct lam_query *q, struct lam_arena *a,
	struct lam_query **out, struct lam_error *e) LAM_MUST;

/*
 * A deep copy of X in A, without compiled parts, so that two queries of one
 * run share no node.  NULL: out of memory.
 */
struct lam_expr *lam_expr_copy(const struct lam_expr *x, struct lam_arena *a);

/* Nodes for queries made by hand; NULL: out of memory. */
struct lam_expr *lam_expr_field(uint32_t index, uint8_t type,
	struct lam_arena *a);
struct lam_expr *lam_expr_time(int64_t ns, struct lam_arena *a);
struct lam_expr *lam_expr_call(enum lam_fn fn, uint8_t type, uint32_t nargs,
	struct lam_expr *const *arg, struct lam_arena *a);

#endif
