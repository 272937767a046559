/*
 * finals.h - what outputs read above the aggregation: keys and finals
 */
#ifndef LAM_ENGINE_FINALS_H
#define LAM_ENGINE_FINALS_H

#include "expr/expr.h"
#include "partial/partials_internal.h"

/* The final X (kind LAM_X_FINAL) of the current rows of P. */
int lam_final(struct lam_partials *p, const struct lam_expr *x,
	struct lam_arena *arena, struct lam_vec *out, struct lam_error *e)
	LAM_MUST;

/* A frame over some of the current rows of P: SEL, or all (NULL). */
struct lam_finals {
	struct lam_frame frame;
	struct lam_partials *p;
	const uint16_t *sel;
	struct lam_finals *all;	 /* SEL: where whole columns are kept */
	const struct lam_vec **key; /* [nkeys] */
	struct final_kept *kept;
};

int lam_finals_init(struct lam_finals *f, struct lam_partials *p,
	struct lam_arena *arena, struct lam_error *e) LAM_MUST;
int lam_finals_some(struct lam_finals *f, struct lam_finals *all,
	const uint16_t *sel, uint32_t n, struct lam_error *e) LAM_MUST;
int lam_finals_key(struct lam_finals *f, uint32_t k,
	const struct lam_vec **out, struct lam_error *e) LAM_MUST;

#endif
