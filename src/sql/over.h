/*
 * over.h - window functions: what OVER says, in a syntax tree and bound
 *
 * A window function gives each row a value made from the rows of its partition.
 * The rows come sorted by the partition and by the order within it, so a bound
 * plan knows only columns.  Rows that are equal in the order are *peers*.  The
 * *frame* of a row is the part of its partition that the function sees; it is
 * given by two bounds; neither moves backwards from one row to the next (months may).
 */
#ifndef LAM_SQL_OVER_H
#define LAM_SQL_OVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/num.h"

struct lam_query;

/* AGGREGATE: any aggregate, over the rows of the frame. */
enum lam_over_kind {
	LAM_OVER_ROW_NUMBER, LAM_OVER_RANK, LAM_OVER_DENSE_RANK,
	LAM_OVER_PERCENT_RANK, LAM_OVER_CUME_DIST, LAM_OVER_NTILE,
	LAM_OVER_LAG, LAM_OVER_LEAD, LAM_OVER_FIRST, LAM_OVER_LAST,
	LAM_OVER_NTH, LAM_OVER_AGGREGATE
};

enum lam_frame_unit { LAM_FRAME_RANGE, LAM_FRAME_ROWS, LAM_FRAME_GROUPS };

enum lam_bound_kind {
	LAM_BOUND_START,     /* UNBOUNDED PRECEDING */
	LAM_BOUND_PRECEDING, /* the distance below, PRECEDING */
	LAM_BOUND_CURRENT,
	LAM_BOUND_FOLLOWING,
	LAM_BOUND_END	     /* UNBOUNDED FOLLOWING */
};

struct lam_bound {
	uint8_t kind;	    /* enum lam_bound_kind */
	bool interval;	    /* the distance is months and ns, not num */
	struct lam_num num; /* ROWS, GROUPS: a whole number */
	int64_t months, ns;
};

/* Rows of the frame that the function does not see. */
enum lam_exclude {
	LAM_EXCLUDE_NONE,
	LAM_EXCLUDE_ROW,     /* the row itself */
	LAM_EXCLUDE_GROUP,   /* it and its peers */
	LAM_EXCLUDE_TIES     /* its peers, but not it */
};

struct lam_over_frame {
	uint8_t unit; /* enum lam_frame_unit */
	uint8_t exclude; /* enum lam_exclude */
	struct lam_bound from, to;
};

/* In a syntax tree: what OVER says besides expressions.  The arguments of the node
 * are those of the function, then PARTITION BY, then ORDER BY. */
struct lam_over_flags {
	bool descending, nulls_first;
};

struct lam_over_ast {
	uint32_t nargs, npartition, norder;
	const struct lam_over_flags *order; /* [norder] */
	bool ignore_nulls, framed; /* framed: it has a frame clause */
	struct lam_over_frame frame;
	struct lam_str base;	   /* the window that it names; p NULL: none */
	uint32_t line, column;	   /* of that name */
};

/* Bound: one function.  Columns are those of the rows that the stage reads. */
struct lam_over {
	uint8_t kind;		/* enum lam_over_kind */
	uint8_t type;		/* enum lam_type: of its values */
	uint8_t list;		/* store/list.h: likewise */
	bool ignore_nulls;	/* LAG, LEAD, FIRST, LAST, NTH */
	uint32_t column;	/* LAG, LEAD, FIRST, LAST, NTH: of the value */
	bool otherwise;		/* LAG, LEAD: beyond the partition there is */
	uint32_t other;		/* ... the value of this column, else NULL */
	uint64_t n;		/* NTILE, NTH; LAG, LEAD: rows away */
	struct lam_over_frame frame;
	/* AGGREGATE: a grouped query without keys over the rows, whose only
	 * output is the value; arguments and filters of states are fields. */
	const struct lam_query *aggregate;
};

/* Bound: all functions over rows in one order. */
struct lam_over_order {
	uint32_t column;
	bool descending, nulls_first;
};

struct lam_over_plan {
	uint32_t *partition;	/* columns */
	uint32_t npartition;
	struct lam_over_order *order;
	uint32_t norder;
	struct lam_over *over;	/* each gives a column behind those read */
	uint32_t nover;
};

#endif
