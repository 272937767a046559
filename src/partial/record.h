/*
 * record.h - KEY and STATE records of partial lines (see engine.h)
 */
#ifndef LAM_PARTIAL_RECORD_H
#define LAM_PARTIAL_RECORD_H

#include "engine/engine.h"
#include "group/group_table.h"

/*
 * One field into OUT, escaped, quoted where it must be; the length.  S is not
 * NULL (NULL is a field of no bytes).
 */
size_t lam_escape_field(struct lam_str s, char *out);
static inline size_t
lam_escape_room(struct lam_str s)
{
	return 2 * s.n + 2; /* every byte doubled, two quotes */
}

/* Fields of rows FROM .. TO - 1 of COLUMN as one record. */
void lam_record_print(const struct lam_vec *column, uint32_t from, uint32_t to,
	uint32_t row, struct lam_buf *out);

/* Merge the record STATE into REC of T. */
int lam_record_state(struct lam_group_table *t, char *rec, struct lam_str state,
	struct lam_arena *scratch, struct lam_error *e) LAM_MUST;

/* The typed keys of the record KEY, interned: ID[t->nkeys]. */
int lam_record_key(struct lam_group_table *t, struct lam_str key, uint32_t *id,
	struct lam_arena *scratch, struct lam_error *e) LAM_MUST;

#endif
