/*
 * bind_join.h - between the files that bind joins (private)
 */
#ifndef LAM_BIND_BIND_JOIN_H
#define LAM_BIND_BIND_JOIN_H

#include "bind/bind_internal.h"

/* Conditions, all of which are to hold. */
struct lam_conjuncts {
	struct lam_ast **p;
	uint32_t n;
};

/*
 * A relation, or two nodes joined.  Its columns are those from LO to HI - 1 of all
 * that are visible; of a join the left has those below MID.
 */
struct lam_join_node {
	const struct lam_from *f;
	uint32_t lo, mid, hi;
	struct lam_bind *leaf;		    /* a relation: bound alone */
	struct lam_join_node *left, *right; /* a join */
	struct lam_conjuncts on;	    /* as it is written */
	struct lam_conjuncts at;	    /* what holds here: of rows of a
					     * relation, or of pairs */
};

/* Take A, resolved, apart into TO. */
bool lam_bind_conjuncts(struct lam_bind *b, struct lam_ast *a,
	struct lam_conjuncts *to);

/* All of C as one condition; NULL when there is none, or b->sql.e says why not. */
struct lam_ast *lam_bind_all_of(struct lam_bind *b,
	const struct lam_conjuncts *c);

/* The columns of LEAF follow those that are visible. */
bool lam_bind_append_columns(struct lam_bind *b, const struct lam_bind *leaf);

/* bind_join_push.c: the conditions ON of all nodes, then those of ALL, go as far down
 * as they may; *REST must hold above the root. */
int lam_bind_push(struct lam_bind *b, struct lam_join_node *root,
	const struct lam_conjuncts *all, struct lam_conjuncts *rest) LAM_MUST;

/* Does A read columns from LO to HI - 1 only? */
bool lam_bind_reads(const struct lam_ast *a, uint32_t lo, uint32_t hi);

/* The columns of A are counted from LO now. */
bool lam_bind_shift(struct lam_bind *b, struct lam_ast *a, uint32_t lo);

/* bind_join_sub.c: queries within ON, A, that name columns of one SIDE of a join, F,
 * alone are joined with it; A, a copy, has columns for them.  The columns of the side
 * are those that are visible from FIRST on. */
bool lam_bind_on_side(struct lam_bind *b, struct lam_join_node **side,
	const struct lam_from *f, uint32_t first, struct lam_ast *a);

/* bind_join_common.c: what each side of an OR in C says follows as a condition. */
bool lam_bind_common(struct lam_bind *b, struct lam_conjuncts *c);

/* bind_join_turn.c: S makes groups, and no clause of it sees an order of rows. */
bool lam_bind_unordered(const struct lam_select *s);

/* bind_join_order.c: what commas of S join comes in an order that links each relation
 * to one before it, where nobody sees that; no name is resolved yet. */
int lam_bind_link(struct lam_bind *b, const struct lam_select *s) LAM_MUST;

#endif
