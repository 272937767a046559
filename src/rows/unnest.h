/*
 * unnest.h - rows with lists become a row for each element
 *
 * The other columns are repeated.  Of several lists the longest counts, and NULLs stand
 * for what others lack; a row without any element is left out, unless the stage keeps
 * it, with NULLs.
 */
#ifndef LAM_ROWS_UNNEST_H
#define LAM_ROWS_UNNEST_H

#include "rows/row_source.h"
#include "sql/query.h"

struct lam_unnest_rows {
	const struct lam_stage *stage;
	struct lam_row_source *to;
};

/* A rows callback (ARG is the above): the rows that come of these are kept. */
int lam_unnest_keep(void *arg, const struct lam_vec *column, uint32_t n,
	struct lam_error *e);

#endif
