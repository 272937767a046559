/*
 * ast.h - the syntax tree of a statement, desugared
 *
 * The parser writes every construct in one way: BETWEEN as two comparisons,
 * CASE x WHEN as CASE WHEN, synonyms by the first name of the function table,
 * AND and OR as one node over all their operands.  The binder makes a copy in
 * which names are fields; in it no node is shared, and equal hashes and
 * structure mean equal expressions.
 *
 * Bounds: a tree is at most LAM_AST_DEPTH deep, and a statement makes at most
 * LAM_AST_NODES nodes, copies included, so that no text makes a recursion deep
 * or an alias expand without end.
 */
#ifndef LAM_SQL_AST_H
#define LAM_SQL_AST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/num.h"
#include "sql/aggregate.h"
#include "sql/func.h"
#include "sql/joins.h"
#include "sql/lex.h"
#include "sql/over.h"
#include "time/span.h"

#define LAM_AST_DEPTH 200
#define LAM_AST_NODES 262144
/* Columns, keys, order terms: at most each; SUMMARIZE asks nine of each field. */
#define LAM_SQL_OUTPUTS 40960
#define LAM_VIEW_OUTPUTS 4096
#define LAM_SQL_SETS 256     /* grouping sets */

enum lam_ast_kind {
	LAM_A_NULL,
	LAM_A_BOOL,	/* boolean */
	LAM_A_NUMBER,	/* num, normal form; ordinal: a bare integer */
	LAM_A_STRING,	/* text */
	LAM_A_TIME,	/* time */
	LAM_A_INTERVAL, /* lam_ast_set_span: time is ns with the days, num the days */
	LAM_A_NAME,	/* text, table (or none): not yet looked up */
	LAM_A_FIELD,	/* index, text: the field's name */
	LAM_A_CALL,	/* fn: the first of its name in the table; arg */
	LAM_A_CASE,	/* arg: as struct lam_expr */
	LAM_A_AGG,	/* agg: enum lam_agg; arg, filter; text: of ORDER BY */
	LAM_A_OVER,	/* fn: enum lam_over_kind; agg and filter of AGGREGATE; over */
	LAM_A_QUERY,	/* fn: enum lam_query_use; select, or query once it is bound;
			 * of IN arg[0]; boolean: NULL is as good as false; index: its
			 * own number, as no two of them are equal */
	LAM_A_GROUPING,	/* arg: of which keys the set at hand lacks */
	LAM_A_UNNEST	/* arg[0]: a list, each element of which is a row */
};

enum lam_query_use { LAM_USE_VALUE, LAM_USE_EXISTS, LAM_USE_IN };

struct lam_select;
struct lam_query;

struct lam_ast {
	uint8_t kind, agg;
	bool boolean, ordinal, quoted; /* quoted: a NAME in double quotes */
	uint16_t fn, depth;
	uint32_t line, column;
	uint32_t index;
	uint32_t nargs;
	struct lam_ast **arg;
	struct lam_ast *filter;
	const struct lam_over_ast *over;
	const struct lam_select *select;
	struct lam_query *query;
	struct lam_num num;
	int64_t time, months;
	struct lam_str text, table;
	uint64_t hash; /* of the whole tree; places do not count */
};

struct lam_item {
	struct lam_ast *expr; /* NULL: * */
	struct lam_str alias; /* p NULL: none */
	uint32_t line, column;
	/* Of a *: whose columns (p NULL: all); what EXCLUDE and REPLACE name, a
	 * replaced one with its expression. */
	struct lam_str table;
	struct lam_item *except;
	uint32_t nexcept;
};

struct lam_term { /* of GROUP BY and ORDER BY */
	struct lam_ast *expr;
	bool descending, nulls_first;
};

struct lam_named_window { /* of the WINDOW clause */
	struct lam_str name;
	struct lam_ast *spec; /* an OVER without function */
};

struct lam_with { /* of the WITH clause */
	struct lam_str name;
	struct lam_select *select;
	struct lam_query *bound; /* by the binder, or NULL */
};

/* What stands after FROM: a tree, whose leaves are relations. */
enum lam_from_kind {
	LAM_FROM_NAMED,	 /* name: a stream, view or query of WITH, a file, stdin */
	LAM_FROM_SELECT, /* (SELECT ...) */
	LAM_FROM_UNNEST, /* unnest(arg[0]) */
	LAM_FROM_SERIES, /* range(arg, ...), or generate_series, which is closed */
	LAM_FROM_JOIN	 /* left and right: ON, or USING, or each with each */
};

struct lam_from {
	uint8_t kind; /* enum lam_from_kind */
	uint32_t line, column;
	struct lam_str name, alias; /* alias.p NULL: none */
	bool is_file, is_stdin, closed;
	bool lateral; /* the query may name columns of what stands before it */
	struct lam_str *rename; /* alias (name, ...): of its first columns */
	uint32_t nrename;
	struct lam_select *select;
	struct lam_ast **arg;
	uint32_t nargs;
	uint8_t join; /* enum lam_join_kind */
	uint32_t nleaves; /* of a join; at most LAM_SQL_LEAVES */
	struct lam_from *left, *right;
	bool turned; /* the left was written on the right */
	struct lam_ast *on; /* or NULL */
	struct lam_str *using;
	uint32_t nusing;
};

/* How the rows of several queries become one relation. */
enum lam_set {
	LAM_SET_NONE, LAM_SET_UNION, LAM_SET_INTERSECT, LAM_SET_EXCEPT
};

/* A SELECT; or, with SET, what it makes of BRANCH, and only WITH, ORDER BY and LIMIT
 * of its own.  VALUES is a UNION ALL of a SELECT for each row. */
struct lam_select {
	struct lam_with *with;
	uint32_t nwith;
	uint8_t set; /* enum lam_set */
	bool all, values;
	bool complete; /* all of it has been read; see lam_parse_complete */
	struct lam_select **branch;
	uint32_t nbranches; /* 2, or more of UNION ALL */
	bool distinct;
	struct lam_ast **distinct_on; /* DISTINCT ON (e, ...) */
	uint32_t ndistinct_on;
	struct lam_item *item;
	uint32_t nitems;
	struct lam_from *from; /* NULL: one row without columns */
	struct lam_ast *where, *having, *qualify; /* or NULL */
	struct lam_named_window *window;
	uint32_t nwindows;
	struct lam_term *group, *order;
	uint32_t ngroup, norder;
	uint64_t *set_of;	/* GROUPING SETS: a bit for each term of GROUP BY */
	uint32_t nsets;		/* 0: one set, of all */
	bool group_all, order_all; /* order_all: its flags in order[0] */
	uint64_t limit, offset;
	bool has_limit, has_offset;
	/* Places of clauses that not every query may have. */
	struct lam_token at_distinct, at_where, at_group, at_having,
		at_qualify, at_order, at_limit;
};

/* A new node at a place; NULL: out of memory or over budget, e is set. */
struct lam_ast *lam_ast_new(struct lam_sql *s, enum lam_ast_kind kind,
	uint32_t line, uint32_t column);

/* A call over N arguments; like all constructors sealed. */
struct lam_ast *lam_ast_call(struct lam_sql *s, const struct lam_token *at,
	enum lam_fn fn, uint32_t n, struct lam_ast *const *arg);

/* Recompute depth and hash after a change: false when it is too deep. */
bool lam_ast_seal(struct lam_sql *s, struct lam_ast *a);

bool lam_ast_equal(const struct lam_ast *a, const struct lam_ast *b);

/* A copy of the whole tree, no node shared. */
struct lam_ast *lam_ast_copy(struct lam_sql *s, const struct lam_ast *a);

/* The first aggregate in A, or NULL. */
const struct lam_ast *lam_ast_agg(const struct lam_ast *a);

/* The first window function in A, or NULL. */
const struct lam_ast *lam_ast_over(const struct lam_ast *a);

/* ast_rows.c: a copy of A, a term of S, or of the output that it numbers or names. */
struct lam_ast *lam_ast_meant(struct lam_sql *sql, const struct lam_select *s,
	const struct lam_ast *a);
/* S gives, of the rows that are equal in BY[0..nby-1], N rows behind the first
 * SKIP, in its ORDER BY: a row_number() in QUALIFY says so. */
bool lam_ast_first_rows(struct lam_sql *sql, struct lam_select *s,
	const struct lam_token *at, struct lam_ast *const *by, uint32_t nby,
	uint64_t skip, uint64_t n);

/* The first unnest in A, or NULL. */
const struct lam_ast *lam_ast_unnest(const struct lam_ast *a);

/* Is the last argument of the aggregate A what its ORDER BY says?  The flags of
 * each term are a letter of its text: a, or d of DESC; A and D: NULLS FIRST. */
bool lam_ast_has_row(const struct lam_ast *a);

/* A is the interval S, or that; false: it has too many days for a time. */
bool lam_ast_set_span(struct lam_ast *a, const struct lam_span *s);
struct lam_span lam_ast_span(const struct lam_ast *a);

/* Is it a literal, known not to be NULL? */
bool lam_ast_literal(const struct lam_ast *a);

#endif
