/*
 * cursor.h - a place in the kept rows, which mostly moves forward
 *
 * Each user of the rows has a cursor of its own: the batch that it is in is
 * loaded, column by column as they are asked for.
 */
#ifndef LAM_WINDOW_CURSOR_H
#define LAM_WINDOW_CURSOR_H

#include "base/arena.h"
#include "rows/row_source.h"
#include "store/scalar.h"

struct lam_cursor {
	const struct lam_row_source *rows;
	struct lam_arena arena;
	struct lam_batch batch;
	struct lam_vec *column; /* [rows->ncols], flat */
	bool *loaded;
	uint64_t from, to;	/* rows of the batch */
};

/* ROWS outlives it. */
int lam_cursor_init(struct lam_cursor *c, const struct lam_row_source *rows,
	struct lam_error *e) LAM_MUST;
void lam_cursor_release(struct lam_cursor *c);

/* Be in the batch of ROW. */
int lam_cursor_move(struct lam_cursor *c, uint64_t row, struct lam_error *e)
	LAM_MUST;

/* Column F of that batch. */
int lam_cursor_column(struct lam_cursor *c, uint32_t f,
	const struct lam_vec **out, struct lam_error *e) LAM_MUST;

/* The value of column F in ROW; its text stays until the cursor moves on. */
int lam_cursor_value(struct lam_cursor *c, uint64_t row, uint32_t f,
	struct lam_scalar *out, struct lam_error *e) LAM_MUST;

#endif
