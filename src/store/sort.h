/*
 * sort.h - order dictionary entries
 */
#ifndef LAM_STORE_SORT_H
#define LAM_STORE_SORT_H

#include "store/column_internal.h"

struct lam_key {
	uint64_t key;
	uint32_t at; /* of the value */
};

/* Stable, by key; TEMP has room for N. */
void lam_sort_keys(struct lam_key *k, struct lam_key *temp, uint32_t n);

/*
 * Order the values of V bytewise into K[v->n].at.  Values that agree in their
 * first 512 bytes, or differ only in NUL bytes at their end, keep their order.
 */
void lam_sort_text(const struct lam_values *v, struct lam_key *k,
	struct lam_key *temp);

#endif
