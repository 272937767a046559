/*
 * accumulate_internal.h - the ways to keep an aggregate over a moving frame
 */
#ifndef LAM_WINDOW_ACCUMULATE_INTERNAL_H
#define LAM_WINDOW_ACCUMULATE_INTERNAL_H

#include "window/accumulate.h"

/* Rows of one batch: FROM .. TO - 1 of the vectors; row FROM is the row FIRST. */
struct lam_slice {
	struct lam_cursor *cursor;
	const struct lam_vec *arg[2], *filter; /* flat, or NULL: none */
	uint32_t from, to;
	uint64_t first;
};

/* Does row I count? */
static inline bool
lam_slice_counts(const struct lam_slice *s, uint32_t i)
{
	return !s->filter || ((!s->filter->null || !s->filter->null[i]) &&
		s->filter->bit[i]);
}

static inline bool
lam_slice_null(const struct lam_slice *s, int arg, uint32_t i)
{
	return s->arg[arg]->null && s->arg[arg]->null[i];
}

struct lam_accumulate_ops {
	int (*reset)(struct lam_accumulate *a, struct lam_error *e);
	int (*add)(struct lam_accumulate *a, const struct lam_slice *s,
		struct lam_error *e);
	int (*take)(struct lam_accumulate *a, const struct lam_slice *s,
		struct lam_error *e); /* away; NULL: it cannot */
	int (*value)(struct lam_accumulate *a, struct lam_scalar *out,
		bool *fault, struct lam_error *e);
};

/* count: n.  sum and avg: exact.  The extremes: a queue.  DISTINCT: a count for
 * each value.  Of all values: a bag.  The rest: a record of a group table. */
extern const struct lam_accumulate_ops lam_accumulate_count,
	lam_accumulate_sum, lam_accumulate_extreme, lam_accumulate_distinct,
	lam_accumulate_bag, lam_accumulate_table;

void lam_accumulate_forget_queue(struct lam_accumulate *a);
/* Bytes that A holds of the rows of its frame, texts of a queue aside. */
uint64_t lam_accumulate_memory(const struct lam_accumulate *a);

#endif
