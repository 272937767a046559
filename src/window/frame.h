/*
 * frame.h - the frame of each row: which rows of its partition a function sees
 *
 * Rows are asked for in their order; within a partition neither end of the frame
 * moves back, unless its distance is one of months.
 */
#ifndef LAM_WINDOW_FRAME_H
#define LAM_WINDOW_FRAME_H

#include "sql/over.h"
#include "window/cursor.h"
#include "window/marks.h"

/* What is the same for all functions of a stage: the rows and their order. */
struct lam_window_rows {
	const struct lam_over_plan *plan;
	struct lam_row_source rows;
	struct lam_marks part, peer; /* where partitions, where peers begin */
};

/* A row, its partition and its peers: [from, to). */
struct lam_window_row {
	uint64_t row, part_from, part_to, peer_from, peer_to;
};

struct lam_frame_end { /* one bound, as it moves */
	struct lam_cursor key, row;
	uint64_t at;	/* GROUPS, RANGE with a distance */
	uint64_t part, peer; /* for which that is; UINT64_MAX: none */
};

struct lam_window_frame {
	const struct lam_window_rows *w;
	const struct lam_over_frame *spec;
	struct lam_frame_end from, to;
};

int lam_window_frame_init(struct lam_window_frame *f,
	const struct lam_window_rows *w, const struct lam_over_frame *spec,
	struct lam_error *e) LAM_MUST;
void lam_window_frame_release(struct lam_window_frame *f);

/* The frame [*FROM, *TO) of R; *FROM >= *TO: it is empty. */
int lam_window_frame_at(struct lam_window_frame *f,
	const struct lam_window_row *r, uint64_t *from, uint64_t *to,
	struct lam_error *e) LAM_MUST;

#endif
