/*
 * addend.h - sums of one vector by local group, exact
 *
 * The positive (and zero) and the negative values are summed apart, see the
 * states SUM in sql/query.h.
 */
#ifndef LAM_ENGINE_ADDEND_H
#define LAM_ENGINE_ADDEND_H

#include "engine/slice.h"

struct lam_half {
	lam_u128 sum;
	uint32_t n; /* values added; 0: there was none */
};

struct lam_addend {
	uint8_t scale;		/* of the sums */
	/* packed: count << 47 | sum of u, where value = base + mult * u */
	const uint64_t *plus, *minus; /* NULL: none */
	int64_t base, mult;
	bool negative;		/* packed in plus, but all are below zero */
	/* or, when the values are large: */
	struct lam_half *half;	/* [2 * ngroups]: plus, minus */
	uint64_t rows;		/* values that were not NULL */
};

/* Sum V by the groups of S; fills S->count when that is no extra work. */
int lam_addend_init(struct lam_addend *x, struct lam_slice *s,
	const struct lam_vec *v, struct lam_error *e) LAM_MUST;

/* The half sums of group G, magnitudes. */
void lam_addend_get(const struct lam_addend *x, uint32_t g,
	struct lam_half *plus, struct lam_half *minus);

/* Give X to the SUM aggregate A for its rows S, as its accumulate would. */
struct lam_agg;
int lam_agg_sum_given(struct lam_agg *a, struct lam_slice *s,
	struct lam_addend *x, struct lam_error *e) LAM_MUST;

#endif
