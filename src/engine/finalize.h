/*
 * finalize.h - keys and finals as vectors, for the outputs above an aggregation
 */
#ifndef LAM_ENGINE_FINALIZE_H
#define LAM_ENGINE_FINALIZE_H

#include "expr/expr.h"
#include "partial/partials_internal.h"

/* The final X (kind LAM_X_FINAL) of the current rows of P. */
int lam_finalize_state(struct lam_partials *p, const struct lam_expr *x,
	struct lam_arena *arena, struct lam_vec *out, struct lam_error *e)
	LAM_MUST;

/* A frame over some of the current rows of P: SEL, or all (NULL). */
struct lam_finalize {
	struct lam_frame frame;
	struct lam_partials *p;
	const uint16_t *sel;
	struct lam_finalize *all;	 /* SEL: where whole columns are kept */
	const struct lam_vec **key; /* [nkeys] */
	struct final_kept **kept;   /* [nstates]: what was asked of each */
};

int lam_finalize_init(struct lam_finalize *f, struct lam_partials *p,
	struct lam_arena *arena, struct lam_error *e) LAM_MUST;
int lam_finalize_some(struct lam_finalize *f, struct lam_finalize *all,
	const uint16_t *sel, uint32_t n, struct lam_error *e) LAM_MUST;
int lam_finalize_key(struct lam_finalize *f, uint32_t k,
	const struct lam_vec **out, struct lam_error *e) LAM_MUST;

#endif
