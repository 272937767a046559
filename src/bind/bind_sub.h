/*
 * bind_sub.h - between the files that bind queries within queries (private)
 */
#ifndef LAM_BIND_BIND_SUB_H
#define LAM_BIND_BIND_SUB_H

#include "bind/bind_join.h"

/* A sub-query on its way. */
struct lam_sub {
	struct lam_bind *b;	/* the query around it */
	const struct lam_from *around; /* of LATERAL: the left of its join */
	bool lateral;		/* it stands in FROM */
	bool first;		/* it has LIMIT: some rows for each row around it */
	struct lam_bind in;	/* its own names */
	struct lam_select s;	/* what is left of it */
	struct lam_ast **column; /* that the conditions read of it */
	uint32_t ncolumns;
	struct lam_ast **on;	/* conditions; its columns are counted from 0, with
				 * the mark QUOTED */
	uint32_t non, nwhere;
	uint32_t nvalues;	/* that it gives; its columns come behind them */
	bool aggregated;
	bool lone;		/* and not grouped: it has one row, whatever there is */
	const struct lam_select *written; /* of lone: what its value is made by */
};

/* Fail with WHAT at the place of A.  Returns NULL. */
struct lam_ast *lam_sub_refuse(struct lam_sub *x, const struct lam_ast *a,
	const char *what);
/* ... since A, in ON, is bound to neither side of its join.  Returns false. */
bool lam_sub_no_side(struct lam_sub *x, const struct lam_ast *a);

/* bind_sub_open.c: X (with b, lateral, first) is about S, a plain SELECT, whose FROM is
 * bound, with what OWN has in sight; conditions about b are in ON. */
bool lam_sub_open(struct lam_sub *x, const struct lam_select *s,
	const struct lam_scope *own);
/* bind_sub_far.c: X, whose FROM is bound, names columns of a query two levels around
 * in WHERE: they become columns of the one between, if that is bound by them. */
bool lam_sub_far(struct lam_sub *x);
/* A, a condition of X, says that a column of b is one of X. */
bool lam_sub_same(struct lam_sub *x, const struct lam_ast *a);

/* bind_sub_domain.c: X, whose FROM is bound, is bound to b by more than equality: its
 * FROM and WHERE become such that equality is all; AROUND is what b reads. */
bool lam_sub_domain(struct lam_sub *x, const struct lam_from *around);
/* Is that so since a query within X, in WHERE, names columns of b? */
bool lam_sub_nested(const struct lam_sub *x);

/* bind_sub_open.c: its LIMIT, if it is one of rows for each row around. */
bool lam_sub_first(struct lam_sub *x);
/* It gives FIRST[0..nfirst-1], then its columns; where it has
 * aggregates it is grouped by these. */
bool lam_sub_items(struct lam_sub *x, const struct lam_item *first,
	uint32_t nfirst);
/* The rest of it is bound: x->in.q. */
bool lam_sub_close(struct lam_sub *x);
/* Its columns in A, seen from B, are counted from BASE now. */
bool lam_sub_place(struct lam_bind *b, struct lam_ast *a, uint32_t base);

/* bind_sub.c: a call of N arguments; NULL, TRUE or 0; CASE WHEN ARG[0] THEN ARG[1] ...:
 * at the place of AT.  NULL: failed, as where an argument is NULL. */
struct lam_ast *lam_sub_call(struct lam_sub *x, const struct lam_ast *at,
	enum lam_fn fn, uint32_t n, struct lam_ast *a, struct lam_ast *b);
struct lam_ast *lam_sub_literal(struct lam_sub *x, enum lam_ast_kind kind,
	bool is);
struct lam_ast *lam_sub_choose(struct lam_sub *x, const struct lam_ast *at,
	struct lam_ast *const *arg, uint32_t n);
/* The row of Q, bound by X, that a row of b meets: its first column; -1: failed. */
int64_t lam_sub_single(struct lam_sub *x, struct lam_query *q,
	const struct lam_ast *at);

/* bind_sub_lone.c: X, which A uses, is lone and bound to b: it gives its aggregates;
 * then, bound as Q, what A is. */
bool lam_sub_lone_items(struct lam_sub *x, const struct lam_ast *a);
struct lam_ast *lam_sub_lone(struct lam_sub *x, const struct lam_ast *a,
	struct lam_query *q);
/* Likewise for LATERAL: it gives its columns, without values, then its aggregates; LEAF
 * reads them, and its columns stand for what is made of the aggregates. */
bool lam_sub_lone_rows(struct lam_sub *x);
bool lam_sub_lone_see(struct lam_sub *x, struct lam_bind *leaf);

/* bind_sub_lateral.c: LEAF reads the right of JOIN, a query that may name columns of
 * the left, which is open.  What must hold of a row of each is in its ON. */
bool lam_sub_lateral(struct lam_bind *b, struct lam_join_node *join,
	struct lam_bind *leaf);

#endif
