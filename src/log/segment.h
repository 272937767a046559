/*
 * segment.h - one segment file of a log: names, header, history, checks
 *
 * What readers (stream.c) and writers (recover.c, seal.c) both need to know
 * about a single file.  For log/ and fsck/.
 */
#ifndef LAM_LOG_SEGMENT_H
#define LAM_LOG_SEGMENT_H

#include "log/durable.h"
#include "log/extent.h"
#include "log/place.h"
#include "log/stream.h"

/* A batch does not seal an active segment of fewer blocks and fewer records. */
#define LAM_SMALL_BLOCKS 32
#define LAM_SMALL_RECORDS (UINT64_C(1) << 20)

/* Is NAME "20 digits.seg"?  Then *BASE. */
bool lam_segment_name(const char *name, uint64_t *base);
int lam_segment_path(char out[LAM_PATH_MAX], const char *dir, uint64_t base,
	struct lam_error *e) LAM_MUST;

/* Totals up to a position. */
struct lam_totals {
	uint64_t text;	  /* bytes of input that the records came from */
	uint64_t rejects; /* lines of that input that were no records */
	uint64_t blocks;  /* in sealed segments */
	uint64_t bytes;	  /* of those files */
};

/* The header of a segment. */
struct lam_segment_head {
	uint64_t base;
	bool old;	   /* version 1: it has a chain */
	uint64_t chain;
	uint64_t history;  /* the digest of the records before base */
	uint64_t since;	   /* the segment that tells the places before it */
	struct lam_totals before;
	const char **field; /* in the arena of load */
	size_t nfields;
};

#define LAM_SINCE_NONE UINT64_MAX

/* The meta lines of a header, and of the footer of a segment at BASE, appended to
 * OUT.  T: what there is up to its end.  P: the places told before SINCE are told
 * elsewhere; NULL: none is told. */
void lam_segment_meta(const char *id, const struct lam_segment_head *h,
	const struct lam_places *p, const struct lam_extents *x,
	struct lam_buf *out);
void lam_segment_foot(uint64_t end, uint64_t history, uint64_t since,
	const struct lam_totals *t, const struct lam_places *p,
	const struct lam_extents *x, struct lam_buf *out);
/* The segment before BASE that the lines META name; false: it is none. */
bool lam_segment_since(struct lam_str meta, uint64_t base, uint64_t *since);

/*
 * What there is up to the end of F, which is not old, as its footer says, else as its
 * header H and its blocks do: totals and extents.  F itself counts in neither blocks
 * nor bytes.  X is empty, and the caller's to release in any case.  P, or NULL: the
 * places before the blocks of F, unless it is sealed, become those behind them.
 */
int lam_segment_totals(const struct lam_blockfile *f,
	const struct lam_segment_head *h, struct lam_totals *t,
	struct lam_extents *x, struct lam_places *p, struct lam_error *e)
	LAM_MUST;
/* From the lines of a header or a footer; false: they are not all there. */
bool lam_segment_totals_parse(struct lam_str meta, struct lam_totals *t);
/*
 * Add a block of NROWS records: the ranges of its NCOLS columns COL, which are the
 * fields FIELD, and what its metadata NOTES says.  P may be NULL.
 */
int lam_segment_totals_add(struct lam_totals *t, struct lam_extents *x,
	struct lam_places *p, uint32_t nrows, uint32_t ncols,
	const char *const *field, const struct lam_colmeta *col,
	struct lam_str notes, struct lam_error *e) LAM_MUST;

/*
 * Open the segment of stream ID at BASE and check what can be checked without
 * its columns: it is a log segment of this stream, with this base, and its
 * blocks are contiguous.  Of one that is not sealed, the blocks that the witness D
 * does not know to be durable are verified; the last one, if D is NULL.  F is to be
 * closed by the caller in any case.
 */
int lam_segment_load(struct lam_blockfile *f, const char *dir, const char *id,
	uint64_t base, const struct lam_durable *d, struct lam_arena *a,
	struct lam_segment_head *h, struct lam_error *e) LAM_MUST;

/* The same of any file, wherever it is; ID becomes the stream that it is of. */
int lam_segment_read(struct lam_blockfile *f, const char *path,
	char id[LAM_ID_HEX + 1], struct lam_arena *a, struct lam_segment_head *h,
	struct lam_error *e) LAM_MUST;

/* The names of the columns, from the "field" lines of F's header, into A.
 * LAM_DATA: one is no name, or there are more than LAM_FIELDS_MAX. */
int lam_segment_fields(const struct lam_blockfile *f, struct lam_arena *a,
	const char ***field, size_t *n, struct lam_error *e) LAM_MUST;

/* The position after its last whole block. */
uint64_t lam_segment_end(const struct lam_blockfile *f, uint64_t base);

/*
 * The digest of all records before POS, which is in the segment or at an end of
 * it.  *KNOWN false: POS is inside a block, or the segment is old and does not
 * end there.
 */
uint64_t lam_segment_history(const struct lam_segment_head *h,
	const struct lam_blockfile *f, uint64_t pos, bool *known);
/* The digest of the empty prefix. */
uint64_t lam_segment_history0(const char *id);

/* So many bytes of the segment at BASE are durable, says the witness D. */
uint64_t lam_segment_durable(const struct lam_blockfile *f, uint64_t base,
	const struct lam_durable *d);

/*
 * The last segment F against the witness D: LAM_DATA when it holds less than
 * what was durable, or when what looks like a torn tail is damage.
 */
int lam_segment_check_tail(const struct lam_blockfile *f, uint64_t base,
	const struct lam_durable *d, struct lam_error *e) LAM_MUST;

/* Under the lock: remove from DIR the files that the list leaves out. */
int lam_segment_sweep(const char *dir, struct lam_error *e) LAM_MUST;

/* DIR's sorted segment bases, malloc'ed, but for a last one that has no bytes.
 * LAM_DATA: a *.seg that is none. */
int lam_segment_list(const char *dir, uint64_t **base, size_t *n,
	struct lam_error *e) LAM_MUST;
/* The same for a reader without a lock: segments that come, or are merged, while
 * the directory is listed leave no gap. */
int lam_segment_snapshot(const char *dir, uint64_t **base, size_t *n,
	struct lam_error *e) LAM_MUST;
int lam_segment_any(const char *dir, bool *any, struct lam_error *e)
	LAM_MUST;

#endif
