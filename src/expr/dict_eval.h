/*
 * dict_eval.h - work on dictionaries instead of rows
 */
#ifndef LAM_EXPR_DICT_EVAL_H
#define LAM_EXPR_DICT_EVAL_H

#include "base/arena.h"
#include "expr/expr.h"
#include "fn/fn.h"

/*
 * A computation for M dictionary entries instead of rows.  SEL lists the entries;
 * NULL: all.
 */
struct lam_dict_eval {
	int (*run)(struct lam_dict_eval *l, const uint16_t *sel, uint32_t m,
		struct lam_vec *out, struct lam_error *e);
	struct lam_arena *arena;
	uint32_t n;	      /* rows */
	const uint16_t *code; /* [n] */
	uint32_t entries;     /* of the dictionary */
	struct lam_faults faults; /* out of run: by entry */
	struct lam_faults *up;	  /* by row */
};

/* Run L over the dictionary; *OUT: N rows, DICT with the same codes. */
int lam_dict_eval(struct lam_dict_eval *l, struct lam_vec *out,
	struct lam_error *e) LAM_MUST;

/*
 * A FOR vector with a domain much smaller than its rows as DICT, into *OUT.
 * *DONE false: it is not worth it.
 */
int lam_for_dict(const struct lam_vec *v, struct lam_arena *a,
	struct lam_vec *out, bool *done, struct lam_error *e) LAM_MUST;

/* Run a kernel on evaluated arguments of any shape. */
int lam_apply(struct lam_call *c, const struct lam_kernel *k,
	const struct lam_vec *arg, uint32_t nargs, struct lam_vec *out)
	LAM_MUST;

#endif
