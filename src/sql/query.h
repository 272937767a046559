/*
 * query.h - a bound query: what the parser and binder hand to the engine
 *
 * A query is a tree of stages.  A stage gives rows; a SCAN, a leaf, those of a
 * relation that the catalogue knows, a SELECT those of the query within it, a
 * WINDOW those of the stage that it reads with more columns (sql/over.h), an APPEND
 * those of several queries, an UNNEST those of a query with a row for each element of
 * its lists, a SERIES counts (and is one row without columns where
 * there is no FROM), a JOIN pairs the rows of two stages.  A query
 * is what runs in one pass over the rows of the stage that it reads: its
 * clauses are fused.  WHERE, then groups, then HAVING, outputs, DISTINCT, ORDER BY
 * and LIMIT.  engine/drive.h runs the tree, the leaves first.
 *
 * Everything is resolved: columns are indexes into the input relation, calls
 * are entries of the function table, and aggregation is split in two.  A
 * *state* is what is accumulated per group and merged (design: partial
 * aggregation); an output expression reads group keys and *finals* of states.
 * avg(x), for instance, is no state: it is FINAL_AVG over the states sum(x)
 * and count(x), and two approx_quantile of one x share one state.
 *
 * A state is stored as one or more typed *components*, columns of the partial
 * relation:   keys..., components of state 0, of state 1, ...
 *
 *	state	   components (type)				identity
 *	COUNT	   n (number)					0
 *	SUM	   sum (number): the exact sum, where it is a	NULL NULL
 *		   number (base/num.h); wide (text): else, in
 *		   full; both NULL where there was no value
 *	MIN, MAX   value (type of the argument)			NULL
 *	ARGMIN,	   by, value: the least/greatest non-NULL by;	NULL NULL
 *	ARGMAX	   ties: the least value (NULL last)
 *	FIRST,	   position (number), value (may be NULL);	NULL NULL
 *	LAST	   ties (other streams): the least value
 *	DISTINCT   set (text): netstrings, sorted bytewise	""  -> NULL
 *	VALUES	   bag (text): those with counts, "2x3:abc"	NULL
 *	HLL	   registers (text), see group/hll.h		NULL
 *	QUANTILE   buckets (text), see group/quantile.h	NULL
 *	BIT_AND,   bits (number): of whole numbers of 64 bits	NULL
 *	BIT_OR,
 *	BIT_XOR
 *	LIST	   items (text), see group/agg_list.c		NULL
 *
 * A sum is exact however many digits it has and however unlike the scales of the
 * values are, so its order cannot matter; it is rounded once, when it is an output.
 */
#ifndef LAM_SQL_QUERY_H
#define LAM_SQL_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/num.h"
#include "sql/func.h"
#include "sql/joins.h"
#include "sql/over.h"
#include "sql/ref_file.h"
#include "store/column.h"
#include "store/list.h"
#include "store/vec.h"

enum lam_expr_kind {
	LAM_X_CONST, /* value below */
	LAM_X_FIELD, /* index: column of the input */
	LAM_X_KEY,   /* index: group key (only above the aggregation) */
	LAM_X_FINAL, /* index: state, final: how to finish it */
	LAM_X_CALL,  /* fn over arg[] */
	LAM_X_CASE,  /* arg: when0 then0 when1 then1 ... [else]; whens boolean */
	LAM_X_VALUE  /* query: the value of its only row; a CONST once it was run */
};

enum lam_final { /* a final reads state INDEX (and INDEX2) */
	LAM_FINAL_VALUE,    /* count, min, max, arg_*, first, last */
	LAM_FINAL_SUM,	    /* rounded; NULL: no value, or 10^38 and more */
	LAM_FINAL_EXACT,    /* the bytes of its struct lam_sum, as a text */
	LAM_FINAL_AVG,	    /* SUM state INDEX / COUNT state INDEX2, rounded once */
	LAM_FINAL_DISTINCT, /* size of the set */
	LAM_FINAL_HLL,	    /* estimate */
	LAM_FINAL_QUANTILE, /* quantile NUM */
	/* Of the members of DISTINCT, or of the bag VALUES; see group/agg_values.c: */
	LAM_FINAL_SUM_OF, LAM_FINAL_AVG_OF,
	LAM_FINAL_CONT, LAM_FINAL_DISC, /* quantile NUM */
	LAM_FINAL_MODE,
	LAM_FINAL_HISTOGRAM,
	LAM_FINAL_TOP, LAM_FINAL_LEAST, LAM_FINAL_GREATEST, /* NUM of them */
	LAM_FINAL_JOIN, /* TEXT between them; of a set from the last, if NUM < 0 */
	LAM_FINAL_LIST	/* of LIST, as JSON */
};

struct lam_plan;
struct lam_reference;
struct lam_query;

struct lam_expr {
	uint8_t kind;  /* enum lam_expr_kind */
	uint8_t type;  /* enum lam_type; a NULL literal is TEXT-typed and null */
	uint8_t list;  /* 0, or what its texts or numbers are; store/list.h */
	bool null;     /* CONST: NULL; FIELD, or its cast: so in all rows */
	bool raw;      /* FIELD: load as TEXT, the bytes as they came */
	uint8_t final; /* enum lam_final */
	uint16_t fn;   /* enum lam_fn */
	uint32_t index, index2;
	const char *source;    /* name of the SQL text, for messages */
	uint32_t line, column; /* in it, from 1 */
	uint32_t nargs;
	struct lam_expr **arg;
	/* CONST by type; for the calls that take an interval or a unit, that
	 * argument is folded into these too (see func.h). */
	struct lam_num num;  /* NUMBER; FINAL: the constant that it takes, or text */
	int64_t time;	     /* TIME; interval: ns */
	int64_t months;	     /* interval: calendar months */
	struct lam_str text; /* TEXT */
	bool boolean;	     /* BOOL */
	struct lam_query *query;     /* VALUE */
	struct lam_ref_file *file;   /* CALL of LOOKUP */
	struct lam_reference *reference; /* CALL: of a file, as it was bound */
	struct lam_plan *plan;	     /* of who evaluates it, see fn/fn.h */
};

enum lam_state_kind {
	LAM_COUNT, LAM_SUM, LAM_MIN, LAM_MAX, LAM_ARGMIN, LAM_ARGMAX,
	LAM_FIRST, LAM_LAST, LAM_DISTINCT, LAM_VALUES, LAM_HLL, LAM_QUANTILE,
	LAM_BIT_AND, LAM_BIT_OR, LAM_BIT_XOR, LAM_LIST,
	LAM_STATES
};

#define LAM_COMPONENTS_MAX 2

/* A key by which the items of a LIST stand in order. */
struct lam_list_order {
	uint8_t type; /* enum lam_type */
	bool descending, nulls_first;
};

struct lam_state {
	uint8_t kind;		/* enum lam_state_kind */
	/* Accumulate: arg[0] (NULL for count(*)), arg[1] = "by" of ARG*, or of LIST
	 * the keys as one text (fn/fn_list.c), NULL: none, or none of this row. */
	struct lam_expr *arg[2];
	struct lam_expr *filter; /* or NULL */
	/* Merge instead: the components are input columns
	 * component[0..ncomponents-1]; arg and filter are NULL. */
	bool merge;
	uint32_t component[LAM_COMPONENTS_MAX];
	uint8_t ncomponents;
	uint8_t type[LAM_COMPONENTS_MAX]; /* of the components */
	uint8_t value; /* of the members of DISTINCT, VALUES and LIST */
	/* LIST: */
	const struct lam_list_order *order;
	uint32_t norder;
	uint64_t limit; /* the first so many; 0: all */
	bool placed;	/* items have positions */
	bool nulls;	/* NULL is an item */
	const char *label; /* canonical SQL, "sum(bytes)": for headers, messages */
	const char *column[LAM_COMPONENTS_MAX]; /* names of the components */
};

struct lam_output {
	const char *name;
	struct lam_expr *expr;
};

struct lam_order {
	struct lam_expr *expr;
	bool descending, nulls_first;
};

/* A column of the rows that a stage gives. */
struct lam_input_field {
	const char *name;
	struct lam_coltype type;
	uint8_t list; /* as of an expression */
	bool null;    /* it has no value: its relation has no rows */
};

enum lam_stage_kind {
	LAM_STAGE_SCAN, LAM_STAGE_SELECT, LAM_STAGE_WINDOW, LAM_STAGE_APPEND,
	LAM_STAGE_SERIES, LAM_STAGE_JOIN, LAM_STAGE_UNNEST
};

/* FROM, FROM + step, ... as long as that is before TO (CLOSED: or is TO). */
struct lam_series {
	struct lam_expr *from, *to, *step; /* without fields; step: of numbers */
	int64_t months, ns;		   /* the step of times */
	bool closed;
};

/*
 * A JOIN gives rows of its left with rows of its right: those for which all keys are
 * equal (NULL is equal to nothing) and the condition holds.  They come in the order
 * of the left, and for each of its rows in that of the right; the rows of the right
 * that met none come last.
 */
struct lam_join {
	uint8_t kind;		    /* enum lam_join_kind */
	struct lam_stage *left, *right; /* right: a SELECT */
	struct lam_expr *filter;    /* of the left, or NULL: other rows are not there */
	struct lam_expr **left_key; /* over the columns of the left */
	struct lam_expr **right_key;
	uint32_t nkeys;
	struct lam_expr *condition; /* over both, or NULL */
	const char *source;	    /* place in the text, for messages */
	uint32_t line, column;
};

struct lam_stage {
	uint8_t kind;		   /* enum lam_stage_kind */
	struct lam_input_field *field; /* its rows */
	uint32_t nfields;
	bool *used;		   /* [nfields]: read by any expression above */
	/* SCAN: */
	uint32_t leaf;		   /* as the catalogue numbers what it found */
	const char *name;	   /* of the relation, or a path */
	bool is_file;		   /* FROM 'path' */
	bool is_stdin;		   /* FROM stdin */
	/* SELECT: */
	struct lam_query *query;   /* its outputs are values: none is raw */
	/* UNNEST: a SELECT whose last columns are lists: a row for each element. */
	uint32_t nlists;
	bool keep;		   /* a row without elements, too, with NULLs */
	/* WINDOW: */
	struct lam_stage *rows;	   /* a SELECT, sorted as the plan needs it */
	const struct lam_over_plan *over;
	/* APPEND: the rows of all, one after the other, types alike. */
	struct lam_query **part;
	uint32_t nparts;
	/* SERIES: */
	const struct lam_series *series; /* NULL: one row without columns */
	/* JOIN: the columns of the left, of MARK whether the row met one, then those of
	 * the right, which only the condition of a MARK reads. */
	const struct lam_join *join;
};

/*
 * Buckets of time without rows get groups, too: for each combination of the other
 * keys that has a bucket, every bucket from the first to the last of the answer.  What
 * WHERE says of the times takes the place of these ends.  See engine/fill.h.
 */
struct lam_fill_end {
	struct lam_expr *value; /* without fields */
	bool upper, open;	/* not VALUE itself */
	bool bucket;		/* it is said of the bucket, not of what is cut */
};

struct lam_fill {
	uint32_t key;		 /* which one is the bucket */
	struct lam_expr *bucket; /* of the time in FIELD 0 */
	int64_t step;		 /* ns: no bucket is shorter */
	struct lam_fill_end *end;
	uint32_t nends;
	/* The other keys, the first and the last bucket of each combination. */
	struct lam_query *others;
	const char *source; /* place of the key, for messages */
	uint32_t line, column;
};

/*
 * A key that is hop(size, time_bucket(slide, ts)): a record is in each window of SIZE
 * that begins SLIDE apart and holds it.  The key itself is the last of them, a pane; a
 * run of the query gives its states to the windows before (engine/hop.h).
 */
struct lam_hop {
	uint32_t key;
	uint32_t windows; /* that a record is in: size / slide */
	int64_t slide;	  /* ns */
	struct lam_query *merge; /* lam_regroup, when it is first needed */
};

struct lam_query {
	struct lam_arena *arena;   /* owns the whole of it */
	const char *sql;	   /* as written */
	const char *normal;	   /* normalised: one form for equal meaning */
	struct lam_stage *input;   /* what it reads */
	const struct lam_query *view; /* whose partial relation that is, or NULL */
	struct lam_ref_file **file; /* that it depends on */
	uint32_t nfiles;

	bool grouped;		   /* false: a row per input row */
	struct lam_expr *where;	   /* or NULL */
	struct lam_expr **key;	   /* over the input */
	const char **key_name;	   /* output alias, or the canonical SQL */
	uint32_t nkeys;
	struct lam_state *state;
	uint32_t nstates;
	struct lam_fill *fill;	   /* or NULL */
	struct lam_hop *hop;	   /* or NULL; no other query's */

	/* Above the aggregation (grouped) or over the input (not grouped). */
	struct lam_output *output;
	uint32_t noutputs;
	struct lam_expr *having;   /* or NULL */
	struct lam_order *order;
	uint32_t norder;
	uint64_t limit, offset;	   /* limit UINT64_MAX: none */
	bool shared;		   /* several stages read its rows, made once */
	const struct lam_query *plain; /* lam_query_counted: what it was made of */
};

/* A query over a leaf that has yet to be named; LIMIT none.  NULL: no memory. */
struct lam_query *lam_query_new(struct lam_arena *a);
/*
 * The grouped query Q with one state more, the last: how many rows the group has.
 * All other states and columns are Q's; its normal SQL is.  NULL: no memory.
 */
struct lam_query *lam_query_counted(const struct lam_query *q,
	struct lam_arena *a);
/* The only leaf that a view or live query has; NULL: Q has another tree. */
const struct lam_stage *lam_query_scan(const struct lam_query *q);
/* Columns of the partial relation of a grouped query: keys, components. */
uint32_t lam_query_columns(const struct lam_query *q);
/* Column C of it: name ("hits", "sum(bytes)", ...) and type. */
void lam_query_column(const struct lam_query *q, uint32_t c,
	const char **name, uint8_t *type);
/* Do items of S have positions, which are compared when two are merged? */
bool lam_state_placed(const struct lam_state *s);
/* First component column of state S. */
uint32_t lam_query_component(const struct lam_query *q, uint32_t s);

#endif
