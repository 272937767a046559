/*
 * domain.h - the distinct values of one key, numbered
 *
 * Interning: every distinct value gets a dense id, in the order of first
 * appearance, so that a group is a tuple of small integers.  NULL is a value
 * like any other.
 *
 * Owns: copies of the values.  Threads: one.
 */
#ifndef LAM_ENGINE_DOMAIN_H
#define LAM_ENGINE_DOMAIN_H

#include "engine/value.h"

#define LAM_NO_ID UINT32_MAX

struct lam_domain {
	struct lam_series values; /* values.n is the number of ids */
	uint32_t null;		  /* id of NULL, or LAM_NO_ID */
	uint64_t *slot;		  /* hash << 32 | id + 1; 0: empty */
	size_t nslots;
	uint64_t seed;
};

void lam_domain_init(struct lam_domain *d, uint8_t type, struct lam_mem *m,
	uint64_t seed);
void lam_domain_release(struct lam_domain *d);

/* The id of a value; LAM_NO_ID: out of memory. */
uint32_t lam_domain_null(struct lam_domain *d);
uint32_t lam_domain_int(struct lam_domain *d, int64_t v, uint8_t scale);
uint32_t lam_domain_add(struct lam_domain *d, const struct lam_value *v);

/*
 * The ids of N texts (none NULL) at once: the memory accesses of several
 * look-ups overlap.  False: out of memory.
 */
bool lam_domain_texts(struct lam_domain *d, const struct lam_str *s,
	uint32_t n, uint32_t *id);

/* The ids here of all values of FROM: MAP[id there]. */
bool lam_domain_union(struct lam_domain *d, const struct lam_domain *from,
	uint32_t *map);

/*
 * RANK[id]: the place of each value in the order of the values (typed, NULL
 * last), or in that of their texts in a partial line, where each is followed
 * by END.  False: out of memory.
 */
bool lam_domain_rank(const struct lam_domain *d, bool typed, char end,
	uint32_t *rank);

#endif
