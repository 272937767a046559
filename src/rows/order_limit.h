/*
 * order_limit.h - the last steps of a query: ORDER BY, OFFSET, LIMIT
 *
 * Rows come in their natural order (position, or key order), or in any order
 * with a tie breaker that says what it is.
 */
#ifndef LAM_ROWS_ORDER_LIMIT_H
#define LAM_ROWS_ORDER_LIMIT_H

#include "base/resources.h"
#include "rows/full_sort.h"
#include "rows/sorter.h"
#include "rows/sortkey.h"
#include "sql/query.h"
#include "store/batch.h"

struct lam_order_limit {
	const struct lam_query *q;
	bool sorts;		/* by ORDER BY, or by the tie breakers alone */
	bool done;		/* no more rows are wanted */
	const struct lam_resources *o;
	uint64_t memory;
	bool full;		/* so many are wanted that all are kept, here: */
	struct lam_full_sort all; /* zeros until there are rows */
	struct lam_sorter sorter; /* ... or as many as are wanted, here */
	uint64_t at;	/* at: rows so far, when not sorted */
	struct lam_buf buf;
	uint32_t terms;		/* of the key in BUF */
	/* A number or time for which alone a row was not wanted; no row that has a
	 * worse one as its first term will be. */
	bool lost;
	uint8_t lost_scale;
	int64_t loser;
	int (*rows)(void *arg, const struct lam_vec *out, uint32_t n,
		struct lam_error *e);
	/* Or NULL: takes all rows, as they are sorted. */
	int (*sorted)(void *arg, struct lam_full_sort *all,
		struct lam_error *e);
	void *arg;
};

int lam_order_limit_init(struct lam_order_limit *r, const struct lam_query *q,
	bool sorts, const struct lam_resources *o, uint64_t memory,
	int (*rows)(void *arg, const struct lam_vec *out, uint32_t n,
		struct lam_error *e), void *arg, struct lam_error *e) LAM_MUST;
void lam_order_limit_release(struct lam_order_limit *r);

struct lam_order_limit_rows {
	uint32_t n;
	const struct lam_vec *output, *order; /* as the query has them */
	const struct lam_vec *tie; /* more keys, ascending, NULLs last */
	uint32_t nties;
	const uint64_t *seq;	   /* [n], or NULL: from */
	uint64_t from;		   /* from, from + 1, ... */
};
/* Rows in another order than theirs need sorts and ties or seq. */
int lam_order_limit_add(struct lam_order_limit *r,
	const struct lam_order_limit_rows *x, struct lam_arena *arena,
	struct lam_error *e) LAM_MUST;

/*
 * The rows of X, whose output is not looked at, that may be among those wanted: SEL
 * (room for X->n), ascending, and their number.
 */
int lam_order_limit_wants(struct lam_order_limit *r,
	const struct lam_order_limit_rows *x, uint16_t *sel, uint32_t *n,
	struct lam_error *e) LAM_MUST;

/* Is it known that no row is wanted whose first term is in RANGE? */
bool lam_order_limit_rules_out(const struct lam_order_limit *r,
	const struct lam_range *range);

/* OTHER's rows are R's from now on; OTHER is released after R. */
void lam_order_limit_absorb(struct lam_order_limit *r,
	struct lam_order_limit *other);

/* Hand out what is sorted. */
int lam_order_limit_finish(struct lam_order_limit *r,
	struct lam_error *e) LAM_MUST;

#endif
