/*
 * batch_sum.h - sums of one vector by local group, exact
 */
#ifndef LAM_GROUP_BATCH_SUM_H
#define LAM_GROUP_BATCH_SUM_H

#include "base/sum.h"
#include "group/batch_groups.h"

struct lam_total {
	lam_i128 sum;
	uint32_t n; /* values added; 0: there was none */
};

struct lam_exact {
	struct lam_sum sum;
	uint32_t n;
};

/* One of three forms, by the values; none when all were NULL. */
struct lam_batch_sum {
	uint8_t scale; /* of packed sums and totals */
	/* packed: count << 47 | sum of u, where value = base + mult * u */
	const uint64_t *packed;
	int64_t base, mult;
	struct lam_total *total; /* the values are far apart */
	struct lam_exact *exact; /* they have scales of their own */
	uint64_t rows;		 /* values that were not NULL */
};

/* Sum V by the groups of S; fills S->count when that is no extra work. */
int lam_batch_sum_init(struct lam_batch_sum *x, struct lam_batch_groups *s,
	const struct lam_vec *v, struct lam_error *e) LAM_MUST;

/* The sum of group G; X is not exact. */
struct lam_total lam_batch_sum_get(const struct lam_batch_sum *x, uint32_t g);

/* Give X to the SUM aggregate A for its rows S, as its update would. */
struct lam_agg;

#endif
