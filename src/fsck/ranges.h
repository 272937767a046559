/*
 * ranges.h - a set of positions, as ranges
 */
#ifndef LAM_FSCK_RANGES_H
#define LAM_FSCK_RANGES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct lam_range_set {
	struct lam_positions {
		uint64_t from, to; /* [from, to) */
	} *item;
	size_t n, cap;
};

#define LAM_RANGE_SET_INIT { NULL, 0, 0 }

int lam_ranges_add(struct lam_range_set *r, uint64_t from, uint64_t to,
	struct lam_error *e) LAM_MUST;
void lam_ranges_release(struct lam_range_set *r);

/* Sorted, and those that touch or overlap made one. */
void lam_ranges_settle(struct lam_range_set *r);

/* Add to OUT, which is empty, the parts of [0, END) that R lacks.  R is settled, and
 * then so is OUT. */
int lam_ranges_gaps(const struct lam_range_set *r, uint64_t end,
	struct lam_range_set *out, struct lam_error *e) LAM_MUST;

/* How many positions. */
uint64_t lam_ranges_count(const struct lam_range_set *r);

#endif
