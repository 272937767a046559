/*
 * sorter.h - rows sorted by keys of bytes, the first K of them if wanted
 *
 * Beside full_sort.h, as each is right where the other is not.  Here a row has one
 * key of bytes, so what is not among the first K is ruled out by one comparison as it
 * comes, and lines of text need no other key than themselves.  There all rows are kept,
 * and words of bits are sorted, of terms that have types.
 *
 * Use:      init -> add* -> (absorb)* -> finish -> release
 * Memory:   bounded: what does not fit is written to a temporary file in
 *           sorted runs
 * Threads:  one; each worker has its own, absorbed by one of them at the end
 */
#ifndef LAM_ROWS_SORTER_H
#define LAM_ROWS_SORTER_H

#include "rows/row_buffer.h"
#include "rows/run_file.h"

struct lam_sorter {
	uint8_t *type;		/* [ncolumns] */
	uint32_t ncolumns;
	struct lam_row_buffer *rows;
	uint64_t most;		/* rows wanted; UINT64_MAX: all */
	uint64_t memory;
	const char *tmpdir;
	struct lam_buf bound;	/* key of the last row wanted, if bounded */
	bool bounded;
	struct lam_run_file spill;
	struct lam_sorter *other; /* absorbed, to be finished with this */
};

int lam_sorter_init(struct lam_sorter *s, const uint8_t *type,
	uint32_t ncolumns, uint64_t most, uint64_t memory, const char *tmpdir,
	struct lam_error *e) LAM_MUST;
void lam_sorter_release(struct lam_sorter *s);

/* May a row of KEY still be among those wanted? */
bool lam_sorter_wants(const struct lam_sorter *s, struct lam_str key);

/*
 * Value C of the last row wanted; S is bounded, and its memory not, so that the row
 * has not been written out.
 */
struct lam_scalar lam_sorter_bound(const struct lam_sorter *s, uint32_t c);

/* Add row ROW of COLUMN under KEY; no two keys are equal. */
int lam_sorter_add(struct lam_sorter *s, struct lam_str key,
	const struct lam_vec *column, uint32_t row, struct lam_error *e)
	LAM_MUST;

/* OTHER's rows belong to S from now on; its owner releases it after S. */
void lam_sorter_absorb(struct lam_sorter *s, struct lam_sorter *other);

/* Hand out rows SKIP .. MOST - 1, sorted. */
int lam_sorter_finish(struct lam_sorter *s, uint64_t skip,
	int (*rows)(void *arg, const struct lam_vec *out, uint32_t n,
		struct lam_error *e), void *arg, struct lam_error *e) LAM_MUST;

#endif
