/*
 * column.h - the values of one window function, row by row
 */
#ifndef LAM_WINDOW_COLUMN_H
#define LAM_WINDOW_COLUMN_H

#include "window/accumulate.h"
#include "window/frame.h"

struct lam_window_column {
	const struct lam_over *over;
	struct lam_window_frame frame;
	struct lam_cursor value, other; /* of the rows whose values it gives */
	struct lam_accumulate sum;	/* AGGREGATE */
	uint64_t part;			/* the partition at hand */
	uint64_t from, to;		/* the frame whose value this is: */
	struct lam_scalar kept;
	struct lam_buf text;		/* of it */
	/* IGNORE NULLS: rows looked at, and how many values they have, from either end
	 * of what is asked for */
	uint64_t seen, nseen, next, nnext;
	uint64_t faults;
};

int lam_window_column_init(struct lam_window_column *c,
	const struct lam_window_rows *w, const struct lam_over *over,
	struct lam_error *e) LAM_MUST;
void lam_window_column_release(struct lam_window_column *c);

/* The value for the row R, which is among the RANK-th peers of its partition. */
int lam_window_column_value(struct lam_window_column *c,
	const struct lam_window_row *r, uint64_t rank,
	struct lam_arena *arena, struct lam_scalar *out, struct lam_error *e)
	LAM_MUST;

#endif
