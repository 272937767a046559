/*
 * expr_internal.h - between the files of the tree walk
 */
#ifndef LAM_EXPR_EXPR_INTERNAL_H
#define LAM_EXPR_EXPR_INTERNAL_H

#include "expr/expr.h"
#include "fn/fn.h"

/*
 * A frame of some rows of another.  SEL ascends and outlives the frame.  Each leaf
 * is taken from the parent's once, when it is needed.
 */
struct lam_subframe {
	struct lam_frame f;
	struct lam_frame *up;
	const uint16_t *sel;
	struct lam_taken *taken;
};

void lam_subframe_init(struct lam_subframe *s, struct lam_frame *up,
	const uint16_t *sel, uint32_t n);

/* Evaluate X for the rows SEL of F; for all of them when N is all. */
int lam_eval_some(const struct lam_expr *x, struct lam_frame *f,
	const uint16_t *sel, uint32_t n, struct lam_vec *out,
	struct lam_error *e) LAM_MUST;

int lam_eval_logic(const struct lam_expr *x, struct lam_frame *f,
	struct lam_vec *out, struct lam_error *e) LAM_MUST;
int lam_eval_coalesce(const struct lam_expr *x, struct lam_frame *f,
	struct lam_vec *out, struct lam_error *e) LAM_MUST;
int lam_eval_case(const struct lam_expr *x, struct lam_frame *f,
	struct lam_vec *out, struct lam_error *e) LAM_MUST;

#endif
