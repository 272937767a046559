/*
 * values.h - sub-queries that are values: found in a query, and run before it
 */
#ifndef LAM_ENGINE_VALUES_H
#define LAM_ENGINE_VALUES_H

#include "base/err.h"
#include "sql/query.h"
#include "store/scalar.h"

/* Runs a query that gives a row of one column, or none (then NULL); a text lives in
 * the query's arena. */
struct lam_sub_values {
	int (*run)(const void *arg, struct lam_query *q, struct lam_scalar *out,
		struct lam_error *e);
	const void *arg;
};

/* All in the expressions of Q, or of the stage S itself, are constants now. */
int lam_values_query(const struct lam_sub_values *v, const struct lam_query *q,
	struct lam_error *e) LAM_MUST;
int lam_values_stage(const struct lam_sub_values *v, const struct lam_stage *s,
	struct lam_error *e) LAM_MUST;

#endif
