/*
 * sort_part.h - rows of one worker that are to be sorted, column by column
 *
 * Rows come in chunks, each of one batch, and stay as typed arrays.  A text that is
 * sorted by is a number, the id of its value in a dictionary; so is any other text as
 * long as values repeat.
 *
 * Use:      new -> add* -> (its chunks are read) -> free
 * Memory:   all in memory; lam_sort_part_memory says how much
 * Threads:  one that adds; then any number that read
 */
#ifndef LAM_ROWS_SORT_PART_H
#define LAM_ROWS_SORT_PART_H

#include "group/key_ids.h"
#include "rows/sortkey.h"
#include "rows/spilled.h"

/* What rows are sorted by, the first term first; then their positions. */
struct lam_sort_term {
	uint32_t column;
	struct lam_by by;
};

/* The same for all parts of a sort; theirs while they live. */
struct lam_sort_plan {
	uint32_t noutputs;	   /* columns that are handed out; behind them are */
	uint32_t ncolumns;	   /* ... those that are only sorted by */
	const uint8_t *type;	   /* [ncolumns] */
	const struct lam_sort_term *term;
	uint32_t nterms;
};

/* A column of a chunk: FLAT, or, of texts, ids (LAM_NO_ID: NULL). */
struct lam_sort_column {
	struct lam_vec v;
	const uint32_t *id;
	int64_t least, most;	   /* of numbers that are not wide, and times */
};

struct lam_sort_chunk {
	struct lam_sort_part *part;
	uint64_t pos;		   /* of its first row */
	uint32_t n;
	const uint16_t *behind;	   /* [n]: positions from there; NULL: 0, 1, 2, ... */
	struct lam_sort_column *column; /* [ncolumns] */
};

struct lam_sort_part {
	struct lam_sort_part *next;
	const struct lam_sort_plan *plan;
	struct lam_arena arena;
	struct lam_mem mem;	   /* of the dictionaries: */
	struct lam_key_dict *text; /* [ncolumns] */
	bool *apart;		   /* [ncolumns]: the texts do not repeat */
	struct lam_sort_chunk *chunk;
	size_t nchunks, cap;
	uint64_t rows;
	struct lam_spilled runs;   /* what was written out, sorted */
};

/* NULL: out of memory. */
struct lam_sort_part *lam_sort_part_new(const struct lam_sort_plan *plan);
void lam_sort_part_free(struct lam_sort_part *p);
/* Be empty again; the runs stay. */
void lam_sort_part_reset(struct lam_sort_part *p);

/*
 * N rows: OUTPUT[noutputs], then MORE.  Their positions ascend: SEQ[n], or, NULL,
 * FROM on.  No row of another chunk is between them.
 */
int lam_sort_part_add(struct lam_sort_part *p, const struct lam_vec *output,
	const struct lam_vec *more, uint32_t n, uint64_t from,
	const uint64_t *seq, struct lam_arena *scratch, struct lam_error *e)
	LAM_MUST;

static inline size_t
lam_sort_part_memory(const struct lam_sort_part *p)
{
	return p->arena.held + p->mem.used + p->cap * sizeof *p->chunk;
}

/*
 * The most that the part may take, with MORE rows, until it is sorted, together with
 * others or (ALONE) by itself: tables double, and words and ranks are made.
 */
size_t lam_sort_part_peak(const struct lam_sort_part *p, uint32_t more, bool alone);

/* The position of row I of C. */
static inline uint64_t
lam_sort_chunk_seq(const struct lam_sort_chunk *c, uint32_t i)
{
	return c->pos + (c->behind ? c->behind[i] : i);
}

/* Its value in column F; a text is the part's. */
struct lam_scalar lam_sort_chunk_value(const struct lam_sort_chunk *c,
	uint32_t f, uint32_t i);

#endif
