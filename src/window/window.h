/*
 * window.h - the rows of a query, with a column for each window function
 *
 * Use:      init -> keep* or take (the rows, sorted as the plan needs them) -> SOURCE
 *           is read -> release
 * Memory:   that of the kept rows (beyond it, a file), two bits for each row, and
 *           what frames hold
 * Threads:  one that keeps; then the workers of one run, which read.  Each computes
 *           batches of its own, which begin where partitions do.  In a partition that
 *           is too large for a batch one goes on where another was, if need be
 * Order:    as the rows were kept
 */
#ifndef LAM_WINDOW_WINDOW_H
#define LAM_WINDOW_WINDOW_H

#include <pthread.h>

#include "window/frame.h"

struct lam_window_set;

struct lam_window {
	struct lam_source source; /* columns of the rows, then the functions' */
	struct lam_window_rows w;
	struct lam_buf last, next; /* the keys of the row kept last, as bytes */
	bool carries;		  /* a value needs those before it in its partition */
	pthread_mutex_t lock;	  /* of what follows */
	pthread_cond_t came;	  /* a set is free, or one failed */
	bool locked, failed;
	uint64_t next_row;	  /* where the next batch begins */
	struct lam_window_set *sets; /* functions, for a worker each */
};

/* NCOLS columns of rows; MEMORY and TMPDIR are theirs (rows/row_source.h).  It knows
 * its own address: it may not move. */
int lam_window_init(struct lam_window *x, const struct lam_over_plan *plan,
	uint32_t ncols, uint64_t memory, const char *tmpdir,
	struct lam_error *e) LAM_MUST;
/* A rows callback: ARG is the window. */
int lam_window_keep(void *arg, const struct lam_vec *column, uint32_t n,
	struct lam_error *e);
/* A sorted callback: takes all rows as they are, if the memory for rows suffices. */
int lam_window_take(void *arg, struct lam_full_sort *all,
	struct lam_error *e);
/* SOURCE's next. */
int lam_window_next(struct lam_source *s, unsigned worker, struct lam_batch *b,
	bool *got, struct lam_error *e) LAM_MUST;
/* How many values could not be computed so far. */
uint64_t lam_window_faults(const struct lam_window *x);
void lam_window_release(struct lam_window *x);

#endif
