/*
 * sorted_runs.h - rows in sorted runs are handed out as one
 */
#ifndef LAM_ROWS_SORTED_RUNS_H
#define LAM_ROWS_SORTED_RUNS_H

#include "rows/run_file.h"
#include "store/vec.h"

/* Which rows, and to whom. */
struct lam_sorted_out {
	uint64_t skip, most; /* rows SKIP .. MOST - 1 */
	int (*rows)(void *arg, const struct lam_vec *out, uint32_t n,
		struct lam_error *e);
	void *arg;
};

/*
 * The rows of all runs of FILE[nfiles], each with values as row_buffer.h has them, of
 * TYPE[ncolumns], by their keys.  MEMORY: for the buffers.
 */
int lam_sorted_runs_give(const struct lam_run_file *const *file, size_t nfiles,
	const uint8_t *type, uint32_t ncolumns, uint64_t memory,
	const struct lam_sorted_out *to, struct lam_error *e) LAM_MUST;

#endif
