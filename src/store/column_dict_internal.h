/*
 * column_dict_internal.h - between the files of column_dict
 */
#ifndef LAM_STORE_COLUMN_DICT_INTERNAL_H
#define LAM_STORE_COLUMN_DICT_INTERNAL_H

#include "store/column_dict.h"

#define LAM_DICT_LONG 2

/* As lam_column_dict, if no value has more than 7 bytes; out->code has room.
 * LAM_DICT_LONG: one has. */
int lam_column_dict_short(const struct lam_values *v, uint32_t cap,
	struct lam_arena *a, struct lam_column_dict *out);

/* After ROWS of N, with FOUND distinct values, there will be too many of them. */
static inline bool
lam_dict_hopeless(uint32_t rows, uint32_t found, uint32_t n)
{
	if (rows < 1024 || rows & (rows - 1))
		return false;
	return (uint64_t)(rows - found) * 4 * n < (uint64_t)rows * rows;
}

#endif
