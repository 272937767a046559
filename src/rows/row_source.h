/*
 * row_source.h - rows kept in memory: the output of one query, the input of
 * another
 */
#ifndef LAM_ROWS_ROW_SOURCE_H
#define LAM_ROWS_ROW_SOURCE_H

#include <stdatomic.h>

#include "base/err.h"
#include "store/batch.h"

struct lam_row_source {
	struct lam_source source;
	struct lam_kept *kept;
	size_t n, cap;
	uint32_t ncols;
	atomic_size_t next;
	uint64_t rows;
};

/* It knows its own address: it may not move. */
void lam_row_source_init(struct lam_row_source *r, uint32_t ncols);
/* A rows callback (ARG is the source): keeps a copy. */
int lam_row_source_keep(void *arg, const struct lam_vec *column, uint32_t n,
	struct lam_error *e);
void lam_row_source_release(struct lam_row_source *r);

#endif
