/*
 * accumulate.h - an aggregate over a frame that moves
 *
 * Rows are added at one end and taken away at the other, so a frame costs what it
 * changes, not what it holds.  Counts and sums are exact, so a value may be taken
 * away again.  Of MIN, MAX and their kind a queue keeps the rows that may yet be the
 * answer; of quantiles and their kind a bag has the values in order.  What cannot
 * forget a row (the sketches, lists) begins anew when the frame's begin moves; where
 * it does not, nothing is added twice.
 */
#ifndef LAM_WINDOW_ACCUMULATE_H
#define LAM_WINDOW_ACCUMULATE_H

#include "base/sum.h"
#include "group/bag.h"
#include "group/group_table.h"
#include "window/cursor.h"

struct lam_candidate;

/* Rows [FROM, TO). */
struct lam_piece {
	uint64_t from, to;
};
#define LAM_PIECES 3 /* of a frame, the most that EXCLUDE leaves */

struct lam_accumulate {
	const struct lam_query *q;  /* see struct lam_over */
	const struct lam_expr *final;
	const struct lam_state *state; /* the one that final reads */
	bool keeps;		    /* the frame's begin is the partition's */
	uint64_t from, to;	    /* the rows it stands for */
	struct lam_piece hole[LAM_PIECES + 1]; /* ... less these */
	unsigned nholes;
	struct lam_cursor in, out;  /* rows that come, and that go */
	uint64_t n;		    /* values, none of them NULL */
	/* SUM, AVG: sum + fast / 10^scale */
	struct lam_sum sum;
	lam_i128 fast;
	unsigned scale;
	bool slow;		    /* sum is not 0 */
	/* MIN, MAX, ARGMIN, ARGMAX: [first, last) */
	struct lam_candidate *queue;
	size_t first, last, cap;
	/* DISTINCT */
	struct lam_mem mem;
	struct lam_key_dict dict;
	uint64_t *count, ndistinct; /* count by id of dict */
	size_t count_cap;
	/* VALUES, and DISTINCT of which more than the size is asked */
	struct lam_bag bag;
	struct lam_buf text;
	/* the rest */
	struct lam_group_table table;
	struct lam_arena arena;
	char *rec;
};

/* KEEPS: all frames begin where their partition does. */
int lam_accumulate_init(struct lam_accumulate *a, const struct lam_query *q,
	const struct lam_row_source *rows, bool keeps, struct lam_error *e)
	LAM_MUST;
void lam_accumulate_release(struct lam_accumulate *a);

/* Be empty, at a new partition. */
int lam_accumulate_reset(struct lam_accumulate *a, uint64_t row,
	struct lam_error *e) LAM_MUST;

/* Stand for the rows [FROM, TO): to move back is to begin anew. */
int lam_accumulate_move(struct lam_accumulate *a, uint64_t from, uint64_t to,
	struct lam_error *e) LAM_MUST;

/* The same without what is between the N pieces P of these rows. */
int lam_accumulate_pieces(struct lam_accumulate *a, uint64_t from, uint64_t to,
	const struct lam_piece *p, unsigned n, struct lam_error *e) LAM_MUST;

/* The aggregate; a text stays until A changes.  *FAULT: it cannot be computed. */
int lam_accumulate_value(struct lam_accumulate *a, struct lam_scalar *out,
	bool *fault, struct lam_error *e) LAM_MUST;

#endif
