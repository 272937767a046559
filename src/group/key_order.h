/*
 * key_order.h - the order of the values of a key, as integers
 */
#ifndef LAM_GROUP_KEY_ORDER_H
#define LAM_GROUP_KEY_ORDER_H

#include "group/key_dict.h"

/*
 * RANK[id]: the place of each value in the order of the values (typed, NULL
 * last), or in that of their texts in a partial line, where each is followed
 * by END.  False: out of memory.
 */
bool lam_key_order(const struct lam_key_dict *d, bool typed, char end,
	uint32_t *rank);

#endif
