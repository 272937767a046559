/*
 * bind_over.h - between the two files that bind window functions (private)
 */
#ifndef LAM_BIND_BIND_OVER_H
#define LAM_BIND_BIND_OVER_H

#include "bind/bind_internal.h"
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

/* Is argument I what ORDER BY within the aggregate OVER says? */
bool lam_over_row(const struct lam_ast *over, uint32_t i);

/* The keys by which the aggregate OVER puts its items in order, as one text, which is a
 * column of the rows; NULL: none. */
bool lam_over_keys(struct lam_split *x, const struct lam_ast *over,
	struct lam_ast **out);

/* A node for column INDEX. */
struct lam_ast *lam_over_field(struct lam_bind *b, uint32_t index,
	const struct lam_ast *at);

/* bind_over.c: A in LIST[0..n-1], or -1. */
int64_t lam_over_find(struct lam_ast *const *list, uint32_t n,
	const struct lam_ast *a);
/* A is in the LIST, once; or is one more column of the rows. */
bool lam_over_push(struct lam_split *x, struct lam_ast ***list, uint32_t *n,
	struct lam_ast *a);
bool lam_over_append(struct lam_split *x, struct lam_ast *a);
/* The query that makes the rows X->item, SORTED for the first window. */
int lam_over_rows(struct lam_split *x, bool sorted, struct lam_query **out)
	LAM_MUST;
/* What is left of B reads the stage W. */
int lam_over_outer(struct lam_bind *b, struct lam_stage *w) LAM_MUST;

/* The columns of a stage as names; NULL: out of memory. */
struct lam_visible *lam_over_visible(struct lam_bind *b,
	const struct lam_stage *s);

/* Bind all functions over the rows of Q: x->bound. */
int lam_over_bind(struct lam_split *x, struct lam_query *q) LAM_MUST;

/* The plan of window stage S; NULL: out of memory. */
const struct lam_over_plan *lam_over_plan(const struct lam_split *x,
	uint32_t s);

#endif
