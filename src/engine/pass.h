/*
 * pass.h - one batch as all jobs see it: columns, selections, expressions
 *
 * A column is loaded once per batch, and an expression that several jobs have
 * is evaluated once.  The rows for which it is evaluated are a *selection*: all
 * rows (0), those that pass a WHERE, or those of them that pass a FILTER.  Equal
 * conditions are one selection.
 *
 * Use:      plan once; then per worker: begin a batch -> select, eval -> ...
 * Threads:  a plan is shared and constant; a pass belongs to one worker
 */
#ifndef LAM_ENGINE_PASS_H
#define LAM_ENGINE_PASS_H

#include "expr/expr.h"
#include "sql/query.h"
#include "store/batch.h"

#define LAM_PASS_ALL 0		  /* the selection of all rows */
#define LAM_PASS_NONE UINT32_MAX  /* no such expression */

struct lam_selection_plan {
	uint32_t parent, condition; /* expression */
};

struct lam_pass_plan {
	struct lam_arena arena;
	struct lam_expr **expr;	/* distinct ones */
	uint32_t nexprs, exprs_cap;
	struct lam_selection_plan *selection;
	uint32_t nselections, selections_cap;
	uint32_t nfields;
	bool *once; /* [2 * nfields]: read in one place only, and that in WHERE */
	bool *numbers; /* [2 * nfields]: texts which nobody reads that would not take
			* addresses as numbers */
};

#define LAM_PASS_PLAN_INIT { .nselections = 0 }

/* The column, of 2 * nfields, that a field is read from: raw ones come behind. */
static inline uint32_t
lam_pass_column(const struct lam_pass_plan *p, uint32_t field, bool raw)
{
	return field + (raw ? p->nfields : 0);
}

int lam_pass_plan_init(struct lam_pass_plan *p, struct lam_error *e) LAM_MUST;
void lam_pass_plan_release(struct lam_pass_plan *p);

/* The number of X (NULL: LAM_PASS_NONE). */
int lam_pass_expr(struct lam_pass_plan *p, struct lam_expr *x, uint32_t *id,
	struct lam_error *e) LAM_MUST;
/* *ID selects the rows of PARENT that meet X; for X NULL it is PARENT. */
int lam_pass_selection(struct lam_pass_plan *p, uint32_t parent,
	struct lam_expr *x, uint32_t *id, struct lam_error *e) LAM_MUST;
/* When all expressions and fields are known: preparing changes them. */
int lam_pass_plan_prepare(struct lam_pass_plan *p, struct lam_error *e)
	LAM_MUST;
/* Fields USED[2 * nfields] are read elsewhere too.  Once prepared. */
void lam_pass_used(struct lam_pass_plan *p, const bool *used);
/* Who evaluates EXPR takes no addresses as numbers.  Once prepared. */
void lam_pass_texts(struct lam_pass_plan *p, uint32_t expr);
/* Fields read are below N. */
void lam_pass_fields(struct lam_pass_plan *p, uint32_t n);

/* Rows in which an expression, evaluated for a selection, had a fault. */
struct lam_faulty {
	uint64_t n;
	uint32_t first, last; /* rows of the batch */
};

/* A selection of the current batch. */
struct lam_selection {
	bool made;
	struct lam_frame frame;	   /* frame.n: rows */
	struct lam_pass *pass;
	struct lam_selection *same; /* has the same rows: use its caches */
	const uint16_t *sel;	   /* rows of the batch; NULL: all */
	const uint16_t *inner;	   /* rows of the parent; NULL: all */
	const struct lam_vec **field; /* [2 * nfields], raw ones behind */
	const struct lam_vec **value; /* [nexprs] */
	struct lam_faulty *faulty;    /* [nexprs] */
	struct lam_faulty tested;     /* by the condition, in the parent */
};

struct lam_pass {
	const struct lam_pass_plan *plan;
	struct lam_arena arena;	/* reset for each batch */
	struct lam_batch batch;
	struct lam_vec *column;	/* [2 * nfields] */
	bool *loaded;
	uint64_t *bad;
	bool faulty; /* some expression was, somewhere */
	bool read; /* anything of the batch has been asked for */
	struct lam_selection *selection;
};

int lam_pass_init(struct lam_pass *p, const struct lam_pass_plan *plan,
	struct lam_error *e) LAM_MUST;
void lam_pass_release(struct lam_pass *p);

/* Forget the last batch; p->batch may then be filled. */
void lam_pass_reset(struct lam_pass *p);
/* p->batch has been filled. */
int lam_pass_begin(struct lam_pass *p, struct lam_error *e) LAM_MUST;

int lam_pass_select(struct lam_pass *p, uint32_t selection,
	struct lam_selection **out, struct lam_error *e) LAM_MUST;
/* *ROWS becomes a selection of rows SEL[N] of it, which lies in P's arena. */
int lam_pass_narrow(struct lam_pass *p, struct lam_selection **rows,
	const uint16_t *sel, uint32_t n, struct lam_error *e) LAM_MUST;
int lam_pass_eval(struct lam_pass *p, struct lam_selection *s, uint32_t expr,
	const struct lam_vec **out, struct lam_error *e) LAM_MUST;
int lam_pass_field(struct lam_pass *p, struct lam_selection *s, uint32_t field,
	bool raw, const struct lam_vec **out, struct lam_error *e) LAM_MUST;

#endif
