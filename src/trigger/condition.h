/*
 * condition.h - the rows that a function is for: where CONDITION
 */
#ifndef LAM_TRIGGER_CONDITION_H
#define LAM_TRIGGER_CONDITION_H

#include "bind/bind.h"
#include "trigger/function.h"

struct lam_condition {
	const struct lam_function *function;
	/* What the function's subject is, as in struct lam_catalog. */
	int (*relation)(void *state, const struct lam_stage *scan,
		struct lam_relation *out, struct lam_error *e);
	void *state;
	bool found; /* by the condition: once, as it reads no other rows */
};

/*
 * All columns of the rows of the subject that meet the condition, in ARENA.  LAM_USAGE:
 * it is more than a condition, which would change what is selected.
 */
int lam_condition_bind(struct lam_condition *c, struct lam_arena *arena,
	struct lam_query **out, struct lam_error *e) LAM_MUST;

#endif
