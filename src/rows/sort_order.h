/*
 * sort_order.h - rows in their order, by the words of what they are sorted by
 */
#ifndef LAM_ROWS_SORT_ORDER_H
#define LAM_ROWS_SORT_ORDER_H

#include "base/sort.h"
#include "rows/sort_words.h"

/* A row: the chunk and the row in it, in 32 bits. */
#define LAM_SORT_CHUNKS UINT16_MAX /* the most */
static inline uint32_t
lam_sort_ref(size_t chunk, uint32_t row)
{
	return (uint32_t)chunk << 16 | row;
}

/*
 * All rows of W, on THREADS threads: the first word of each and its lam_sort_ref.
 * free() it; NULL: out of memory.
 */
struct lam_ranked *lam_sort_order(const struct lam_sort_words *w, size_t n,
	unsigned threads);

/*
 * Bit I of BEGINS[(n + 63) / 64], zeros: row I is the first, or differs from the one
 * before it in the first NTERMS terms.
 */
void lam_sort_mark(const struct lam_sort_words *w, const struct lam_ranked *row,
	size_t n, uint32_t nterms, uint64_t *begins);

#endif
