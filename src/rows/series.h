/*
 * series.h - a source that counts: rows that nobody wrote down
 *
 * Use:      init -> SOURCE is read -> release
 * Threads:  the workers of one run; batches are made one at a time, in order
 */
#ifndef LAM_ROWS_SERIES_H
#define LAM_ROWS_SERIES_H

#include <pthread.h>

#include "sql/query.h"
#include "store/batch.h"
#include "store/scalar.h"

struct lam_series_source {
	struct lam_source source;
	const struct lam_series *series; /* NULL: one row without columns */
	struct lam_scalar at, to;	/* the next value, the end */
	struct lam_num step;
	bool done, down;
	uint64_t rows;
	pthread_mutex_t lock;
	bool locked;
};

/* S as in struct lam_stage.  It knows its own address: it may not move. */
int lam_series_source_init(struct lam_series_source *x,
	const struct lam_series *s, struct lam_error *e) LAM_MUST;
void lam_series_source_release(struct lam_series_source *x);

#endif
