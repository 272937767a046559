/*
 * full_sort_internal.h - the parts of full_sort.h: in memory, and on disk
 */
#ifndef LAM_ROWS_FULL_SORT_INTERNAL_H
#define LAM_ROWS_FULL_SORT_INTERNAL_H

#include "rows/full_sort.h"

/* Sort the rows of P and, if ALL, of the parts behind it; and settle. */
int lam_full_sort_part(struct lam_full_sort *s, const struct lam_sort_part *p,
	bool all, unsigned threads, struct lam_error *e) LAM_MUST;
/* Forget how the rows were sorted. */
void lam_full_sort_unready(struct lam_full_sort *s);

/* Hand out rows that are all in memory. */
int lam_full_sort_from_memory(struct lam_full_sort *s,
	const struct lam_sorted_out *to, struct lam_error *e) LAM_MUST;

/* Write the rows of P out as one run; P is empty then. */
int lam_full_sort_spill(struct lam_full_sort *s, struct lam_sort_part *p,
	unsigned threads, struct lam_error *e) LAM_MUST;
/* Hand out rows of which some were written out. */
int lam_full_sort_from_runs(struct lam_full_sort *s,
	const struct lam_sorted_out *to, struct lam_error *e) LAM_MUST;

#endif
