/*
 * column.h - one column of one block: text cells <-> bytes -> vector
 *
 * Encoding picks, from the values alone, the smallest form that gives every
 * value back byte for byte; decoding applies a type.  The byte layout of each
 * encoding is described at the top of column.c and in lam-store(5).
 */
#ifndef LAM_STORE_COLUMN_H
#define LAM_STORE_COLUMN_H

#include "base/buf.h"
#include "base/err.h"
#include "store/cells.h"
#include "store/vec.h"

/* A column's entry in the block header: what is known without decoding. */
struct lam_colmeta {
	uint8_t encoding;    /* private to column.c */
	uint8_t kind;	     /* enum lam_range_kind, of min and max */
	uint8_t scale;	     /* of min and max, when numbers */
	uint32_t size;	     /* bytes stored */
	uint32_t nulls;	     /* rows that are NULL */
	int64_t min, max;    /* by kind */
	uint64_t checksum;   /* of the stored bytes */
};

enum lam_range_kind {
	LAM_RANGE_NONE,	  /* unknown: mixed values, or only NULLs */
	/* min, max / 10^scale; every non-NULL value is a plain number, so when
	 * it is wanted as a time, they count its unit */
	LAM_RANGE_NUMBER,
	LAM_RANGE_TIME,	  /* ns */
	LAM_RANGE_TEXT	  /* first 8 bytes, zero padded, big-endian uint64 */
};

/*
 * Type wanted from a column.  A time read from integers needs to know what
 * they count.
 */
struct lam_coltype {
	uint8_t type; /* enum lam_type */
	int64_t unit; /* TIME: ns per epoch unit; 0: written as a date.  TEXT: 0, or */
#define LAM_MAY_BE_NUMBERS (-1) /* addresses may stay numbers, see vec.h */
};

/* Where the values of a column are added to the sums of its rows (digest.h). */
struct lam_row_sums {
	uint64_t name; /* lam_digest_name of the field */
	uint64_t *sum; /* of each row */
};

/*
 * Encode field F of CELLS, appending to OUT.  LEVEL is that of deflate (1..9).
 * SCRATCH is reset by the caller.  SUMS may be NULL.  LAM_SYSTEM: out of memory.
 */
int lam_column_encode(const struct lam_cells *cells, uint32_t f, int level,
	struct lam_row_sums *sums, struct lam_arena *scratch,
	struct lam_buf *out,
	struct lam_colmeta *meta, struct lam_error *e) LAM_MUST;

/*
 * Decode N rows from P[meta->size] (checksum already verified) as type T into
 * ARENA.  A value that does not parse as T reads as NULL and is counted in
 * *BAD, unless it is the empty text.  LAM_DATA: the bytes are not such a column
 * (nothing is trusted).  The vector may point into P, unless lam_column_copied.
 */
int lam_column_decode(const struct lam_colmeta *meta, const void *p,
	uint32_t n, struct lam_coltype t, struct lam_arena *arena,
	struct lam_vec *out, uint64_t *bad, struct lam_error *e) LAM_MUST;

/* Has what was decoded from P, as T, nothing of P? */
bool lam_column_copied(const struct lam_colmeta *meta, const void *p,
	struct lam_coltype t);

/*
 * Which rows are S, without making texts of the others: *OUT is a BOOL vector,
 * NULL where the row is NULL.  *DONE false: this encoding does not store texts;
 * decode it and compare.
 */
int lam_column_match(const struct lam_colmeta *meta, const void *p, uint32_t n,
	struct lam_str s, struct lam_arena *arena, struct lam_vec *out,
	bool *done, struct lam_error *e) LAM_MUST;

/*
 * Rows ROW[NROWS] alone, ascending, as TEXT, without making texts of the others.
 * *DONE false: this encoding has them as they are; decode it and take the rows.
 */
int lam_column_pick(const struct lam_colmeta *meta, const void *p, uint32_t n,
	const uint16_t *row, uint32_t nrows, struct lam_arena *arena,
	struct lam_vec *out, bool *done, struct lam_error *e) LAM_MUST;

/* A typed vector straight from cells, for input that is never stored. */
int lam_column_parse(const struct lam_cells *cells, uint32_t f,
	struct lam_coltype t, struct lam_arena *arena, struct lam_vec *out,
	uint64_t *bad, struct lam_error *e) LAM_MUST;

/*
 * The type that the values of field F look like, in CELLS and in MORE, unless that is
 * NULL.  It is TIME when all that are not
 * NULL parse as dates, NUMBER when all are numbers without needless zeros or a
 * plus in front, and otherwise, or when there is none, TEXT.  Empty texts do not
 * count.
 */
enum lam_type lam_column_sniff(const struct lam_cells *cells,
	const struct lam_cells *more, uint32_t f);

#endif
