/*
 * late_rows.h - outputs that are fields, made for the rows that are wanted
 *
 * While a query is sorted that wants a few rows, only the places of these are kept,
 * where its source can give a batch once more; then the batches that hold them are
 * read for the rest.
 */
#ifndef LAM_ENGINE_LATE_ROWS_H
#define LAM_ENGINE_LATE_ROWS_H

#include "sql/query.h"
#include "store/batch.h"
#include "store/scalar.h"

struct lam_late_rows {
	struct lam_source *source;
	const struct lam_query *q;
	unsigned threads;
	/* as of struct lam_job */
	int (*rows)(void *arg, const struct lam_vec *out, uint32_t n,
		struct lam_error *e);
	void *arg;
	/* Q as it is sorted, with one output, the position of the row */
	struct lam_query places;
	struct lam_output output;
	struct lam_expr place;
};

/* L, whose first members are set, for Q; stays where it is.  False: Q wants too many
 * rows for that. */
bool lam_late_rows_init(struct lam_late_rows *l);

/* N rows at the positions that are column 0 of PLACES: LATE is a lam_late_rows. */
int lam_late_rows_give(void *late, const struct lam_vec *places, uint32_t n,
	struct lam_error *e) LAM_MUST;

/*
 * OUT: rows ROW[N], ascending, of field X of B; texts are copied to ARENA.  The column
 * is in COLUMN, which is reset: so hundreds of them take the memory of one.
 */
int lam_late_field(struct lam_batch *b, const struct lam_expr *x,
	const uint16_t *row, uint32_t n, struct lam_arena *column,
	struct lam_arena *arena, struct lam_scalar *out, struct lam_error *e)
	LAM_MUST;

#endif
