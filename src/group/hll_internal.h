/*
 * hll_internal.h - between hll.c, hll_address.c and hll_text.c
 */
#ifndef LAM_GROUP_HLL_INTERNAL_H
#define LAM_GROUP_HLL_INTERNAL_H

#include "group/hll.h"

#define LAM_HLL_RANK_MAX (LAM_HLL_RANKS - 1)
#define LAM_HLL_LISTED_MAX 15 /* the largest rank in the list of a sketch */
#define LAM_HLL_SPILL 16 /* entries */

/* The entries of N hashes. */
void lam_hll_entries_of(const uint64_t *hash, size_t n, uint32_t *entry);

/* How many registers are not zero. */
uint32_t lam_hll_count(const uint8_t *reg);

/* These as entries, ascending, in one of the ways of base/masks.h; their number.  LIST
 * has room for LAM_HLL_SPILL more. */
uint32_t lam_hll_list(const uint8_t *reg, enum lam_masks masks, uint32_t *list);

/* The same as a list of a sketch; false: a rank is too large for one. */
bool lam_hll_list_short(const uint8_t *reg, enum lam_masks masks, uint16_t *list,
	uint32_t *n);

/* The list of S, which is not dense, as entries: ENTRY[s->n]. */
void lam_hll_listed(const struct lam_hll *s, uint32_t *entry);

#endif
