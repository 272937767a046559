/*
 * lookup.h - rows that are found by a key, while a query runs
 *
 * The kernel of LAM_FN_LOOKUP knows no more of a look-up than this; join/lookup_rows.h
 * makes it.
 */
#ifndef LAM_FN_LOOKUP_H
#define LAM_FN_LOOKUP_H

#include "base/arena.h"
#include "base/err.h"
#include "store/vec.h"

#define LAM_LOOKUP_NONE UINT32_MAX /* no row has the keys */

/* A column of all rows, behind them one NULL. */
struct lam_lookup_column {
	struct lam_vec values; /* FLAT, by row */
	/* Few different ones: by row, where each is in DICT, FLAT.  Or NULL. */
	const uint16_t *code;
	struct lam_vec dict;
};

struct lam_lookup {
	uint32_t nrows;
	const struct lam_lookup_column *column; /* [fields of the file] */
	/* ROW[i]: which row has the keys KEY[0..] of row I of N, or NONE. */
	int (*find)(struct lam_lookup *l, const struct lam_vec *key, uint32_t n,
		struct lam_arena *arena, uint32_t *row, struct lam_error *e);
	uint64_t bytes; /* that it holds */
};

#endif
