/*
 * print_bound.h - a bound expression as text for people
 *
 * It is near to SQL: names are those of the rows that the expression reads.
 */
#ifndef LAM_ANSWER_PRINT_BOUND_H
#define LAM_ANSWER_PRINT_BOUND_H

#include "base/buf.h"
#include "sql/query.h"

/* What an expression is about: the rows that Q reads, or pairs of a join. */
struct lam_print_rows {
	const struct lam_query *q;    /* of keys and finals, or NULL */
	const struct lam_stage *left; /* the rows */
	const struct lam_stage *right; /* of a join, else NULL */
	bool mark;		      /* of a join: it is one of MARK */
};

void lam_print_bound(const struct lam_expr *x, const struct lam_print_rows *r,
	struct lam_buf *out);

#endif
