/*
 * batch_groups_internal.h - how rows are ordered, for tests
 */
#ifndef LAM_GROUP_BATCH_GROUPS_INTERNAL_H
#define LAM_GROUP_BATCH_GROUPS_INTERNAL_H

#include "base/masks.h"
#include "group/batch_groups.h"

/*
 * Rows 0 .. N - 1 into ORDER by their group, ascending within; group g has the places
 * LOW[g] .. HIGH[g] - 1, which change.  In one of the ways of base/masks.h, which
 * agree.
 */
void lam_batch_groups_place(const uint16_t *gid, uint32_t n, enum lam_masks masks,
	uint32_t *low, uint32_t *high, uint16_t *order);

#endif
