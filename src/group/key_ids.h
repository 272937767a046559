/*
 * key_ids.h - the ids of the values of a vector
 */
#ifndef LAM_GROUP_KEY_IDS_H
#define LAM_GROUP_KEY_IDS_H

#include "base/arena.h"
#include "group/key_dict.h"
#include "store/vec.h"

/*
 * ID[i]: the id in D of row I of V, which has N rows.  A NULL has none, nor has a value
 * that a frozen D does not know: LAM_NO_ID.  False: out of memory.
 */
bool lam_key_ids(struct lam_key_dict *d, const struct lam_vec *v, uint32_t n,
	struct lam_arena *arena, uint32_t *id);

#endif
