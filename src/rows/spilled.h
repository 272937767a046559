/*
 * spilled.h - rows in a temporary file, sorted in runs of batches
 *
 * Of each batch its first row is known in memory, and of each run its last: as keys
 * of bytes that have the order of the rows (sortkey.h), no two of them equal.  So a
 * range of the rows is read from few batches.  The file has no name.
 *
 * Use:      (begin -> put* -> end)* -> read* -> release
 * Threads:  one that writes; then any number that read
 */
#ifndef LAM_ROWS_SPILLED_H
#define LAM_ROWS_SPILLED_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "rows/packed.h"

struct lam_spilled_batch {
	uint64_t at, size;	/* in the file */
	uint32_t n;		/* rows */
	struct lam_str first;	/* the key of the first one */
};

struct lam_spilled_run {
	size_t first, end;	/* batches */
	struct lam_str last;	/* the key of the last row */
};

struct lam_spilled {
	bool open;
	int fd;
	const char *dir;
	uint64_t end;
	struct lam_arena arena;	/* of the keys */
	struct lam_spilled_batch *batch;
	size_t nbatches, batches_cap;
	struct lam_spilled_run *run;
	size_t nruns, runs_cap;
	struct lam_buf buf;	/* the batch being packed */
};

/* Harmless for zeros, which are no rows. */
void lam_spilled_release(struct lam_spilled *x);

/* A run begins.  DIR: where temporary files go; "" or NULL: /tmp. */
int lam_spilled_begin(struct lam_spilled *x, const char *dir,
	struct lam_error *e) LAM_MUST;
/* N rows: COLUMN[ncolumns], FLAT.  FIRST is copied. */
int lam_spilled_put(struct lam_spilled *x, const struct lam_vec *column,
	uint32_t ncolumns, uint32_t n, struct lam_str first,
	struct lam_error *e) LAM_MUST;
/* The run ends with the row whose key is LAST. */
int lam_spilled_end(struct lam_spilled *x, struct lam_str last,
	struct lam_error *e) LAM_MUST;

/* The columns of batch I, in ARENA. */
int lam_spilled_read(const struct lam_spilled *x, size_t i, uint32_t ncolumns,
	struct lam_arena *arena, struct lam_vec *column, struct lam_error *e)
	LAM_MUST;

#endif
