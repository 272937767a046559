/*
 * bind_internal.h - shared by the files of the binder
 *
 * Steps: parse, look the relation up, resolve (names become fields, aliases
 * are written out, * and ordinals and ALL expanded: bind_names.c), print the
 * normal text, bind (trees become typed expressions: bind*.c, bind_convert.c).
 * A function that makes a tree or an expression returns NULL when it failed,
 * with the reason in sql.e.
 */
#ifndef LAM_BIND_BIND_INTERNAL_H
#define LAM_BIND_BIND_INTERNAL_H

#include "sql/ast.h"
#include "bind/bind.h"
#include "sql/parse.h"
#include "sql/query.h"

/* A column that the text may name: a field, or an output of a view. */
struct lam_visible {
	struct lam_str name, table; /* table: of what stands after FROM */
	struct lam_coltype type;
	uint8_t list; /* store/list.h */
	bool null;    /* as of an input field */
	bool measure; /* of a view: made of aggregates */
	/* USING: it is reached by its table's name only; without that it stands for
	 * another expression. */
	bool hidden;
	struct lam_ast *merged;
	struct lam_ast *made; /* that it stands for, however it is named; or NULL */
	/* Of a query within: the conditions that find its row. */
	struct lam_ast *const *about;
	uint32_t nabout;
};

/* What FROM may name where a query stands: the first N queries of WITH, those of the
 * query around it, then what the catalogue has. */
struct lam_scope {
	const struct lam_catalog *catalog;
	struct lam_with *with;
	uint32_t n;
	const struct lam_scope *outer;
};

struct lam_bind_same {
	int64_t theirs;
	struct lam_ast *ours;
};

struct lam_named { /* an output, resolved */
	struct lam_ast *expr;
	const char *name;    /* the alias; else the field; else the text */
	bool alias;	     /* differs from what it would be without AS */
};

struct lam_unnest; /* bind_unnest.c */
struct lam_bind_lookup; /* bind_lookup.h */

struct lam_bind {
	struct lam_sql sql;
	struct lam_query *q;
	const struct lam_scope *scope; /* what FROM may name */
	const struct lam_from *from; /* what FROM names, or NULL */
	const char *relation; /* its name, for messages */
	const struct lam_query *view; /* or NULL */
	struct lam_visible *visible;
	uint32_t nvisible;
	uint32_t first_visible; /* while ON is resolved */
	struct lam_join_node *join; /* what FROM joins, or NULL */
	bool joining; /* FROM's joins are being made */
	struct lam_join_node **side; /* meanwhile: what a query within joins */
	struct lam_bind_fill *fill; /* empty buckets are wanted; or NULL */
	struct lam_bind_lookup *lookup; /* of a view; or NULL */
	uint32_t nlookups;
	struct lam_unnest *unnest; /* at the end of FROM, its rows not yet made */
	const struct lam_bind *around; /* of a query within: the one around it */
	/* Columns of that which WHERE says are equal to one of ours, of the same type:
	 * pairs, its column and the name of ours. */
	struct lam_bind_same *same;
	uint32_t nsame;

	/* Resolved. */
	struct lam_named *item;
	uint32_t nitems;
	struct lam_ast *where, *having, *qualify; /* or NULL */
	struct lam_ast **key;
	uint32_t nkeys;
	bool *span_key;	    /* [nkeys]: it is an interval; q->key has its seconds */
	uint32_t *term_key; /* [terms of GROUP BY]: which key it is */
	struct lam_term *order;
	uint32_t norder;
	bool aggregates; /* any in items, having, qualify or order */
	bool over;	 /* likewise, any window function */
	bool unnests;	 /* likewise, any unnest */
	bool distinct;	 /* SELECT DISTINCT: the keys are the outputs */

	/* While binding. */
	bool as_view;	    /* it is to be kept as partials */
	bool above;	    /* over groups: keys and finals, not fields */
	const char *clause; /* where we are, for messages */
	uint32_t exprs;	    /* made so far */
	uint32_t states_cap;
	int64_t *key_of;    /* view key -> query key, or -1 */
	int64_t *state_of;  /* view state -> query state, or -1 */
	/* Outer query over a view's rows: its columns, to explain errors by. */
	const struct lam_visible *rows;
};

/* bind.c: the query S, in SCOPE, with its own WITH; B has sql. */
int lam_bind_query(struct lam_bind *b, const struct lam_select *s,
	const struct lam_scope *scope, bool as_view) LAM_MUST;

/* bind_from.c: b->q reads what S names after FROM; its columns are visible. */
int lam_bind_from(struct lam_bind *b, const struct lam_select *s,
	bool as_view) LAM_MUST;

/* The rows of Q, called NAME (p NULL: not at all), as F names them, are the input. */
int lam_bind_see(struct lam_bind *b, const struct lam_from *f,
	struct lam_query *q, struct lam_str name) LAM_MUST;

/* One relation of FROM likewise; or one with an unnest of its lists. */
int lam_bind_relation(struct lam_bind *b, const struct lam_from *f) LAM_MUST;

/* Does F name a query of WITH? */
bool lam_bind_is_with(const struct lam_bind *b, const struct lam_from *f);

/* bind_join_turn.c: what S joins, the larger side first where nobody sees it; NULL: no
 * memory. */
const struct lam_from *lam_bind_turned(struct lam_bind *b,
	const struct lam_select *s);

/* bind_join.c: the relations that F of S joins are found, their columns visible;
 * then, when all names are resolved, the join is the input, and b->where what is left
 * of it. */
int lam_bind_joined(struct lam_bind *b, const struct lam_select *s,
	const struct lam_from *f) LAM_MUST;
int lam_bind_join(struct lam_bind *b) LAM_MUST;

/* bind_join.c: F, whose kind is KIND, joins what FROM has with the rows of Q, of which
 * ON holds: its columns are counted from where those that are visible now end, behind
 * the mark of a MARK.  Returns the column of the mark, or of the first; -1: failed. */
int64_t lam_bind_attach(struct lam_bind *b, enum lam_join_kind kind,
	struct lam_query *q, struct lam_ast *const *on, uint32_t non,
	const struct lam_ast *at);

/* bind_unnest.c: FROM is LEFT (NULL: nothing), and an unnest, F; KEEP: of a LEFT JOIN.
 * Then, with all names known, or ALL columns, its rows are the input. */
int lam_bind_unnest_open(struct lam_bind *b, struct lam_from *left,
	const struct lam_from *f, bool keep) LAM_MUST;
int lam_bind_unnest_rows(struct lam_bind *b, bool all) LAM_MUST;
/* The outputs or ORDER BY of S, resolved, have unnests. */
int lam_bind_unnest(struct lam_bind *b, const struct lam_select *s) LAM_MUST;

/* bind_sub.c: what A, a query within an expression, is: a value that is known before
 * the rows are read, or a column that a join gives. */
struct lam_ast *lam_bind_sub(struct lam_bind *b, const struct lam_ast *a);

/* bind.c: the rest of it, when b->q has an input, whose columns are visible. */
int lam_bind_clauses(struct lam_bind *b, const struct lam_select *s,
	bool as_view) LAM_MUST;

/* Why a view has no unnest, and what to write. */
extern const char lam_bind_unnest_why[];

/* What S reads is a leaf: all that a view may read. */
int lam_bind_leaf(struct lam_bind *b, const struct lam_select *s) LAM_MUST;

/* The query S within that of B. */
int lam_bind_within(struct lam_bind *b, const struct lam_select *s,
	const struct lam_scope *scope, struct lam_query **out) LAM_MUST;

/* bind_grouping.c: S, resolved, is grouped by each of its sets, one pass for all. */
int lam_bind_grouping(struct lam_bind *b, const struct lam_select *s) LAM_MUST;

/* bind_span.c: A is the interval that it makes of others, if it does. */
void lam_bind_fold(struct lam_ast *a);
/* The interval A as a value. */
struct lam_expr *lam_bind_span(struct lam_bind *b, const struct lam_ast *a);
/* OUT is the sum A with its time in front, and X, its operands, likewise. */
bool lam_bind_sum(struct lam_bind *b, const struct lam_ast *a,
	struct lam_ast *out, struct lam_expr **x);
/* Times and numbers in the call A of *FN: are they such as go together? */
bool lam_bind_span_fits(struct lam_bind *b, const struct lam_ast *a,
	enum lam_fn *fn, struct lam_expr **x);
/* Where A compares X, some of them intervals, they become their seconds. */
bool lam_bind_span_compare(struct lam_bind *b, const struct lam_ast *a,
	struct lam_expr **x);
/* The seconds of the interval X, by which it is compared. */
struct lam_expr *lam_bind_span_seconds(struct lam_bind *b,
	const struct lam_ast *at, struct lam_expr *x);
/* Key I becomes its seconds, if it is an interval; which one its group shows. */
bool lam_bind_span_key(struct lam_bind *b, uint32_t i);
struct lam_expr *lam_bind_span_shown(struct lam_bind *b, uint32_t i,
	const struct lam_ast *at);
/* The call X, bound by a row of intervals, as it is computed. */
struct lam_expr *lam_bind_span_made(struct lam_bind *b, const struct lam_ast *a,
	struct lam_expr *x);
/* The interval X as a text; what A casts to an interval. */
struct lam_expr *lam_bind_span_text(struct lam_bind *b,
	const struct lam_ast *at, struct lam_expr *x);
struct lam_expr *lam_bind_span_cast(struct lam_bind *b,
	const struct lam_ast *a);

/* bind_fill.c: rows for empty buckets.  A new list of ends, which the names of the
 * query S, resolved, give; what b->q needs, when its outputs are bound; was any query
 * made so? */
struct lam_bind_fill *lam_bind_fill_new(struct lam_bind *b);
int lam_bind_fill_ends(struct lam_bind *b, const struct lam_select *s) LAM_MUST;
int lam_bind_fill(struct lam_bind *b) LAM_MUST;
int lam_bind_filled(struct lam_bind *b) LAM_MUST;

/* bind_distinct.c: B, whose names are resolved, is grouped by its outputs. */
int lam_bind_distinct(struct lam_bind *b) LAM_MUST;
/* The term A of its ORDER BY is no output: fail.  Returns NULL. */
struct lam_ast *lam_bind_not_selected(struct lam_bind *b,
	const struct lam_ast *a);

/* bind_set.c: column I of all PARTs gets one type; AT: where to say so. */
int lam_bind_alike(struct lam_bind *b, struct lam_query **part, uint32_t n,
	uint32_t i, const struct lam_ast *at) LAM_MUST;
/* The rows of PART[0..n-1], one after the other, as the input. */
int lam_bind_append(struct lam_bind *b, struct lam_query **part, uint32_t n,
	const struct lam_query *called) LAM_MUST;
/* S is UNION, INTERSECT, EXCEPT or VALUES. */
int lam_bind_set(struct lam_bind *b, const struct lam_select *s) LAM_MUST;

/* A stage of the rows of Q, as values; NULL: out of memory. */
struct lam_stage *lam_bind_select(struct lam_bind *b, struct lam_query *q);

/* bind_names.c: fill the resolved part from S. */
int lam_bind_names(struct lam_bind *b, const struct lam_select *s) LAM_MUST;

/* A copy of A, its names resolved. */
struct lam_ast *lam_bind_resolve(struct lam_bind *b, const struct lam_ast *a);

/* bind_column.c: the visible column that NAME means, or one of these: */
enum { LAM_FIND_NONE = -1, LAM_FIND_FAILED = -2 }; /* several could be meant */
int64_t lam_bind_find(struct lam_bind *b, const struct lam_ast *name);
/* Is there any? */
bool lam_bind_knows(const struct lam_bind *b, const struct lam_ast *name);
/* There is none of this name: fail, and say what there is.  Returns NULL. */
struct lam_ast *lam_bind_unknown(struct lam_bind *b,
	const struct lam_ast *name);
/* The visible column NAME; -1: failed. */
int64_t lam_bind_column(struct lam_bind *b, struct lam_str name,
	uint32_t line, uint32_t column);

/* bind_tidy.c: A, resolved, in the one form of what can be written in several. */
bool lam_bind_tidy(struct lam_bind *b, struct lam_ast *a);

/* bind_order.c: in HAVING and ORDER BY of a grouped query, a column that is no
 * key is the output of that name. */
int lam_bind_order(struct lam_bind *b) LAM_MUST;

/* bind_text.c: the normal text of the whole statement into q->normal. */
int lam_bind_text(struct lam_bind *b, const struct lam_select *s) LAM_MUST;

/* Is A equal to a group key, and which?  -1: none. */
int64_t lam_bind_key(const struct lam_bind *b, const struct lam_ast *a);

/* Does A read a measure of the view, outside aggregates? */
bool lam_bind_measure(const struct lam_bind *b, const struct lam_ast *a);

/* bind_expr.c */
struct lam_expr *lam_bind_expr(struct lam_bind *b, const struct lam_ast *a);
struct lam_expr *lam_bind_new(struct lam_bind *b, enum lam_expr_kind kind,
	enum lam_type type, const struct lam_ast *at);
/* A copy of a bound expression, its leaves mapped by MAP. */
struct lam_expr *lam_bind_clone(struct lam_bind *b, const struct lam_expr *x,
	struct lam_expr *(*map)(struct lam_bind *b, const struct lam_expr *x,
		const struct lam_ast *at), const struct lam_ast *at);
/* A condition; CLAUSE names its place. */
struct lam_expr *lam_bind_condition(struct lam_bind *b,
	const struct lam_ast *a, const char *clause);

/* bind_call.c: overloads, AND and OR. */
struct lam_expr *lam_bind_call(struct lam_bind *b, const struct lam_ast *a);
struct lam_expr *lam_bind_make(struct lam_bind *b, const struct lam_ast *at,
	enum lam_fn fn, enum lam_type type, uint32_t n,
	struct lam_expr *const *arg);

/* bind_convert.c: implicit conversions and casts. */
bool lam_bind_convert(struct lam_bind *b, struct lam_expr *x,
	enum lam_type want, const struct lam_ast *at, const char *what);
/* Give X[0..n-1] one type; *TYPE is what it is. */
bool lam_bind_unify(struct lam_bind *b, struct lam_expr **x, uint32_t n,
	const struct lam_ast *at, enum lam_type *type);
struct lam_expr *lam_bind_cast(struct lam_bind *b, const struct lam_ast *a);

/* bind_list.c: argument I of X[0..n-1] as FN takes it by LETTER, l, N or e; then what
 * FN gives, if that has to do with lists: *LIST as of an expression. */
bool lam_bind_list_accepts(enum lam_fn fn, char letter,
	struct lam_expr *const *x, uint32_t n, uint32_t i);
bool lam_bind_list_fit(struct lam_bind *b, const struct lam_ast *at,
	enum lam_fn fn, char letter, struct lam_expr **x, uint32_t n,
	uint32_t i);
bool lam_bind_list_result(struct lam_bind *b, const struct lam_ast *a,
	enum lam_fn fn, struct lam_expr **x, enum lam_type *type,
	uint8_t *list);
struct lam_expr *lam_bind_list_cast(struct lam_bind *b,
	const struct lam_ast *a);

/* bind_moments.c: the aggregate A, which has sums, as a call over them. */
struct lam_ast *lam_bind_moments(struct lam_bind *b, const struct lam_ast *a);

/* bind_agg.c */
struct lam_expr *lam_bind_agg(struct lam_bind *b, const struct lam_ast *a);
/* A new state at the end of q->state; -1: failed. */
int64_t lam_bind_state(struct lam_bind *b, const struct lam_state *s,
	const struct lam_ast *at);

/* bind.c: the rows of the input; then where and keys, then outputs, having and
 * order, of a query whose input has them. */
int lam_bind_fields(struct lam_bind *b, const struct lam_input_field *from,
	uint32_t n) LAM_MUST;
int lam_bind_keys(struct lam_bind *b) LAM_MUST;

/* bind_hop.c: windows that overlap. */
bool lam_bind_is_hop(const struct lam_ast *a);
/* Key I, which is one; NULL: told. */
struct lam_expr *lam_bind_hop(struct lam_bind *b, uint32_t i);
/* Tell that A, which is one, is no key. */
void lam_bind_no_hop(struct lam_bind *b, const struct lam_ast *a);
int lam_bind_outputs(struct lam_bind *b) LAM_MUST;

/* bind_over.c: take the window functions out of the query, into stages. */
int lam_bind_over(struct lam_bind *b) LAM_MUST;

/* bind_view.c: queries on views. */
int lam_bind_view(struct lam_bind *b) LAM_MUST;
/* For several sets of keys, AT: the input of all; then each query, keys and outputs. */
int lam_bind_view_sets(struct lam_bind *b, const struct lam_ast *at) LAM_MUST;
int lam_bind_view_set(struct lam_bind *b) LAM_MUST;
struct lam_expr *lam_bind_view_field(struct lam_bind *b,
	const struct lam_ast *a);
struct lam_expr *lam_bind_view_agg(struct lam_bind *b,
	const struct lam_ast *a);

/* bind_rows.c: aggregates over the rows of a view, by a query within. */
int lam_bind_rows(struct lam_bind *b) LAM_MUST;
/* Mark the fields that A (or NULL), or the whole statement, reads. */
void lam_bind_mark(const struct lam_ast *a, bool *read);
void lam_bind_mark_all(const struct lam_bind *b, bool *read);
/* The conjuncts of A that read a measure (or those that do not); *OUT NULL:
 * none. */
int lam_bind_split(struct lam_bind *b, struct lam_ast *a, bool measure,
	struct lam_ast **out) LAM_MUST;

/* bind_rollup.c: how an aggregate over a view is computed. */
enum lam_rollup {
	LAM_ROLLUP_MERGE,  /* a measure, merged */
	LAM_ROLLUP_DIRECT, /* over keys; doubles change nothing */
	LAM_ROLLUP_ROWS,   /* needs the view's rows, merged first */
	LAM_ROLLUP_FAILED
};
enum lam_rollup lam_bind_rollup(struct lam_bind *b, const struct lam_ast *a);
/* The same for all aggregates within A, keys aside: the strictest. */
enum lam_rollup lam_bind_rollups(struct lam_bind *b, const struct lam_ast *a);

/* Is X made of finals: a measure? */
bool lam_bind_has_final(const struct lam_expr *x);

#endif
