/*
 * record_rows.h - lines of partial text to rows of the partial relation
 *
 * A run of lines "KEY TAB STATE LF" becomes cells, one column per key and
 * component: what the index encodes and what a query on partial text loads.
 */
#ifndef LAM_PARTIAL_RECORD_ROWS_H
#define LAM_PARTIAL_RECORD_ROWS_H

#include "base/buf.h"
#include "sql/query.h"
#include "store/batch.h"
#include "store/cells.h"

#define LAM_RECORD_ROWS_BLOCK 4096	    /* rows of a run, so of an index block */
#define LAM_RECORD_ROWS_BYTES (8u << 20)   /* a run closes at about this much text */

struct lam_record_rows {
	struct lam_cells cells;
	struct lam_buf text; /* what the cells point into */
	struct lam_cell *cell;
	uint32_t ncols, nrows_cap;
};

#define LAM_RECORD_ROWS_INIT { .text = LAM_BUF_INIT }

/*
 * Parse the N lines of TEXT (whole lines, less than 4 GiB).  LINENO is the
 * number of the first in NAME, for messages.  LAM_DATA: not KEY and STATE of
 * Q's relation.
 */
int lam_record_rows_parse(struct lam_record_rows *r, const struct lam_query *q,
	struct lam_str text, uint32_t n, const char *name, uint64_t lineno,
	struct lam_error *e) LAM_MUST;
void lam_record_rows_release(struct lam_record_rows *r);

/*
 * Every value has its type and every line is spelled as this program spells
 * it: printing the rows gives TEXT again, and each state, merged with nothing,
 * itself.
 */
int lam_record_rows_check(const struct lam_record_rows *r,
	const struct lam_query *q, struct lam_str text, const char *name,
	uint64_t lineno, struct lam_arena *arena, struct lam_error *e) LAM_MUST;

/* lam_column_parse for any type; BOOL is "true" or "false". */
int lam_cells_load(const struct lam_cells *c, uint32_t f,
	struct lam_coltype t, struct lam_arena *arena, struct lam_vec *out,
	uint64_t *bad, struct lam_error *e) LAM_MUST;

/* A TEXT vector of "true" and "false" as BOOL, same shape. */
int lam_vec_to_bool(const struct lam_vec *v, struct lam_arena *arena,
	struct lam_vec *out, uint64_t *bad, struct lam_error *e) LAM_MUST;

#endif
