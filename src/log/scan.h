/*
 * scan.h - read positions [from, to) of a stream, block by block
 *
 * Several workers may claim blocks of one scan at once; blocks are handed out
 * in position order.  Only the columns asked for are read.
 *
 *	lam_scan_open -> { lam_scan_next -> lam_scan_column* }* -> _close
 *
 * Each worker has a struct lam_scan_block of its own, zero before its first
 * next; it holds a block until its following next, or lam_scan_drop.
 */
#ifndef LAM_LOG_SCAN_H
#define LAM_LOG_SCAN_H

#include "log/stream.h"
#include "store/block.h"

struct lam_scan {
	struct lam_stream *stream;
	uint64_t from, to;
	pthread_mutex_t mutex;
	/* under the mutex: what is claimed next */
	size_t segment, block;
	struct lam_segment *open; /* segment's, held by the scan */
	bool opened;
	bool done;
};

struct lam_scan_block {
	uint64_t pos;	/* position of row 0 */
	uint32_t n;	/* rows */
	uint32_t skip;	/* rows of the block before row 0 */
	struct lam_scan *scan;
	struct lam_segment *segment; /* held; NULL: nothing is */
	size_t index;	/* of the segment */
	struct lam_block_reader reader;
};

/* FROM <= TO <= the stream's head, else LAM_DATA.  S outlives the scan. */
int lam_scan_open(struct lam_scan *scan, struct lam_stream *s, uint64_t from,
	uint64_t to, struct lam_error *e) LAM_MUST;

/*
 * *FIRST: where the block of S that holds POS begins (POS itself at the head).
 * Ranges that are cut there have no block in common.
 */
int lam_scan_align(struct lam_stream *s, uint64_t pos, uint64_t *first,
	struct lam_error *e) LAM_MUST;

/* All blocks have been dropped, or will not be used any more. */
void lam_scan_close(struct lam_scan *scan);

/* The next block for the worker that owns B; its directory in ARENA. */
int lam_scan_next(struct lam_scan *scan, struct lam_scan_block *b,
	struct lam_arena *arena, bool *got, struct lam_error *e) LAM_MUST;
/* Instead, from among all: the block of position POS, which is in the range. */
int lam_scan_at(struct lam_scan *scan, uint64_t pos, struct lam_scan_block *b,
	struct lam_arena *arena, struct lam_error *e) LAM_MUST;
void lam_scan_drop(struct lam_scan_block *b);

/*
 * Field FIELD (index in the stream's schema) of B as TYPE; RAW: as text, the
 * bytes as they came.  A field the segment does not have is all NULL.
 */
int lam_scan_column(const struct lam_scan_block *b, uint32_t field,
	struct lam_coltype type, bool raw, struct lam_arena *arena,
	struct lam_vec *out, uint64_t *bad, struct lam_error *e) LAM_MUST;

/* Which rows have the text S in FIELD, as lam_block_match. */
int lam_scan_match(const struct lam_scan_block *b, uint32_t field,
	struct lam_str s, struct lam_arena *arena, struct lam_vec *out,
	bool *matched, struct lam_error *e) LAM_MUST;

/* Rows ROW[N] of FIELD, ascending, as the bytes that came; *PICKED false: all rows. */
int lam_scan_pick(const struct lam_scan_block *b, uint32_t field,
	const uint16_t *row, uint32_t n, struct lam_arena *arena,
	struct lam_vec *out, bool *picked, struct lam_error *e) LAM_MUST;

/*
 * What the directory says of a column: kind, scale, min, max, nulls, of the
 * whole block.  All zero for a field the block does not have (all NULL):
 * *ABSENT tells.
 */
struct lam_colmeta lam_scan_range(const struct lam_scan_block *b,
	uint32_t field, bool *absent);

#endif
