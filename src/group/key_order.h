/*
 * key_order.h - the order of the values of a key, as integers
 */
#ifndef LAM_GROUP_KEY_ORDER_H
#define LAM_GROUP_KEY_ORDER_H

#include "base/arena.h"
#include "group/key_dict.h"

/*
 * RANK[id]: the place of each value in the order of the values (typed, NULL
 * last), or in that of their texts in a partial line, where each is followed
 * by END.  False: out of memory.
 */
bool lam_key_order(const struct lam_key_dict *d, bool typed, char end,
	uint32_t *rank);

/* The texts of a key, each with its END: that of rank R is TEXT[AT[R]] to
 * TEXT[AT[R + 1]].  LAM_KEY_SLACK bytes behind the last may be read. */
struct lam_key_fields {
	const char *text;
	const size_t *at;
};
#define LAM_KEY_SLACK 64

/* The same in the order of the texts, and these into OUT, in A. */
bool lam_key_fields(const struct lam_key_dict *d, char end, uint32_t *rank,
	struct lam_arena *a, struct lam_key_fields *out);

#endif
