/*
 * sort.h - sorting by 64-bit keys, and of byte strings
 *
 * All sorts are stable, and take O(n) per pass or O(n log n) in the worst case,
 * whatever the input.
 */
#ifndef LAM_BASE_SORT_H
#define LAM_BASE_SORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct lam_ranked {
	uint64_t key;
	uint64_t value;
};

/* Sort by key, stable; TMP has room for N too. */
void lam_sort_items(struct lam_ranked *a, struct lam_ranked *tmp, size_t n);

/*
 * The order of N byte strings (memcmp, then the shorter first): ORDER[i] is the
 * index of the i-th.  Equal ones keep their order.  False: out of memory.
 */
bool lam_sort_strings(const struct lam_str *s, uint32_t n, uint32_t *order);

/*
 * Sort indexes by CMP (ties: kept in order).  TMP has room for N too.
 */
void lam_sort_by(uint32_t *a, uint32_t *tmp, size_t n,
	int (*cmp)(void *arg, uint32_t x, uint32_t y), void *arg);

#endif
