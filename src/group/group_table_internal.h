/*
 * group_table_internal.h - between the files of the group table
 */
#ifndef LAM_GROUP_GROUP_TABLE_INTERNAL_H
#define LAM_GROUP_GROUP_TABLE_INTERNAL_H

#include "group/group_table.h"

/* Where all lies in a record of a new table, whose states are known. */
void lam_group_table_lay_out(struct lam_group_table *t);

void lam_group_table_free_records(struct lam_group_table *t);

/* Room for MORE records. */
int lam_group_table_room(struct lam_group_table *t, size_t more,
	struct lam_error *e) LAM_MUST;

/* N new records of zeros, for which there is room; the first. */
uint32_t lam_group_table_blank(struct lam_group_table *t, uint32_t n);

/* From now on records have their keys apart: they are no longer found by ids. */
int lam_group_table_part_keys(struct lam_group_table *t,
	struct lam_error *e) LAM_MUST;

/* A new record for tuple I of N, for which there is room, with its keys apart. */
uint32_t lam_group_table_new(struct lam_group_table *t,
	const struct lam_tuples *x, uint32_t n, uint32_t i);

/* Is the group of a tuple known by the id of its only key, or is there no key? */
static inline bool
lam_group_table_dense(const struct lam_group_table *t)
{
	return !t->nkeys || (t->nkeys == 1 && t->dict[0].values.type ==
		LAM_TEXT);
}

/* May tuples still be looked up by ids: are values few enough to be numbered? */
bool lam_group_table_has_ids(const struct lam_group_table *t);

/*
 * The groups of N tuples of ids, ID[k * N + i]; *DONE false: from now on they have to
 * be looked up by hash.
 */
int lam_group_table_by_ids(struct lam_group_table *t, const uint32_t *id,
	uint32_t n, uint32_t *group, bool *done, struct lam_error *e) LAM_MUST;

#endif
