/*
 * bind_over.h - between the two files that bind window functions (private)
 */
#ifndef LAM_SQL_BIND_OVER_H
#define LAM_SQL_BIND_OVER_H

#include "sql/bind_internal.h"
#include "sql/print.h"

/* A query, split: what its rows are, and what windows make of them. */
struct lam_split {
	struct lam_bind *b;
	struct lam_ast **item;	/* the columns of the rows */
	uint32_t nitems;
	struct lam_ast **over;	/* the window functions */
	uint32_t nover;
	struct lam_over *bound;	/* [nover] */
	uint32_t *stage, *place; /* [nover]: window stage, column behind rows */
	uint32_t nstages;
};

/* Must argument I of the function OVER be a constant? */
bool lam_over_constant(const struct lam_ast *over, uint32_t i);

/* A node for column INDEX. */
struct lam_ast *lam_over_field(struct lam_bind *b, uint32_t index,
	const struct lam_ast *at);

/* The columns of a stage as names; NULL: out of memory. */
struct lam_visible *lam_over_visible(struct lam_bind *b,
	const struct lam_stage *s);

/* Bind all functions over the rows of Q: x->bound. */
int lam_over_bind(struct lam_split *x, struct lam_query *q) LAM_MUST;

/* The plan of window stage S; NULL: out of memory. */
const struct lam_over_plan *lam_over_plan(const struct lam_split *x,
	uint32_t s);

#endif
