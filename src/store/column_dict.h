/*
 * column_dict.h - the distinct values of a column, and a code for each row
 */
#ifndef LAM_STORE_COLUMN_DICT_H
#define LAM_STORE_COLUMN_DICT_H

#include "store/column_internal.h"

struct lam_column_dict {
	uint16_t *code;		  /* [rows] */
	struct lam_values entry;  /* in order of first occurrence */
};

/*
 * 1: done; 0: more than CAP distinct values, or so few repeats that a
 * dictionary will not pay; -1: out of memory.  NULL is an entry like others.
 */
int lam_column_dict(const struct lam_values *v, uint32_t cap,
	struct lam_arena *a, struct lam_column_dict *out);

#endif
