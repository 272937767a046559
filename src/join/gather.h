/*
 * gather.h - columns of kept rows, row by row as they are asked for
 *
 * Use:      init -> column* -> release
 * Threads:  any number; what is in memory is unpacked once for all of them
 */
#ifndef LAM_JOIN_GATHER_H
#define LAM_JOIN_GATHER_H

#include <pthread.h>

#include "join/match.h"
#include "rows/row_source.h"

struct lam_gather_texts;

struct lam_gather {
	const struct lam_row_source *rows;
	const uint8_t *type;	  /* [rows->ncols] */
	struct lam_arena arena;
	struct lam_vec **column;  /* [ncols]: a vector for each batch, or NULL */
	struct lam_gather_texts **texts; /* [ncols]: where few are distinct, or NULL */
	uint64_t *first;	  /* [batches + 1]: rows before each */
	pthread_mutex_t lock;
	bool locked;
};

int lam_gather_init(struct lam_gather *g, const struct lam_row_source *rows,
	const uint8_t *type, struct lam_error *e) LAM_MUST;
void lam_gather_release(struct lam_gather *g);

/* Column F of the rows ROW[0..n-1]; LAM_NO_ROW: NULL. */
int lam_gather_column(struct lam_gather *g, uint32_t f, const uint32_t *row,
	uint32_t n, struct lam_arena *arena, struct lam_vec *out,
	struct lam_error *e) LAM_MUST;

#endif
