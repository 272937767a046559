/*
 * bind_tidy.c - one form for what can be written in several, once names are gone
 */
#include <string.h>

#include "bind/bind_internal.h"
#include "time/interval.h"

/* Take nested ANDs (ORs) of the AND (OR) A apart. */
static bool
flatten(struct lam_bind *b, struct lam_ast *a)
{
	struct lam_ast **arg, *x;
	uint32_t n = 0;

	for (uint32_t i = 0; i < a->nargs; i++) {
		x = a->arg[i];
		n += x->kind == LAM_A_CALL && x->fn == a->fn ? x->nargs : 1;
	}
	if (n == a->nargs)
		return true;
	arg = LAM_ARENA_NEW(b->sql.arena, struct lam_ast *, n);
	if (arg == NULL) {
		lam_fail_mem(b->sql.e);
		return false;
	}
	n = 0;
	for (uint32_t i = 0; i < a->nargs; i++) {
		x = a->arg[i];
		if (x->kind != LAM_A_CALL || x->fn != a->fn) {
			arg[n++] = x;
			continue;
		}
		memcpy(arg + n, x->arg, x->nargs * sizeof *arg);
		n += x->nargs;
	}
	a->arg = arg;
	a->nargs = n;
	return true;
}

bool
lam_bind_tidy(struct lam_bind *b, struct lam_ast *a)
{
	struct lam_span v;
	struct lam_ast *x = a->nargs > 0 ? a->arg[0] : NULL;

	if (a->kind == LAM_A_AGG && a->agg == LAM_AGG_COUNT &&
		lam_ast_literal(x)) {
		a->agg = LAM_AGG_COUNT_STAR; /* a literal is never NULL */
		a->nargs = 0;
	}
	if (a->kind != LAM_A_CALL)
		return true;
	if (a->fn == LAM_FN_AND || a->fn == LAM_FN_OR)
		return flatten(b, a);
	if (a->fn == LAM_FN_NEG && a->nargs == 1 && x->kind == LAM_A_NUMBER) {
		a->kind = LAM_A_NUMBER;
		a->num = x->num;
		a->num.m = -a->num.m;
		a->fn = 0;
		a->nargs = 0;
	}
	lam_bind_fold(a);
	if (a->kind != LAM_A_CALL)
		return true;
	if (a->fn == LAM_FN_TIME_BUCKET && x != NULL &&
		x->kind == LAM_A_STRING && lam_interval_parse(x->text, &v) &&
		lam_ast_set_span(x, &v)) {
		x->text = (struct lam_str){ NULL, 0 };
		return lam_ast_seal(&b->sql, x);
	}
	return true;
}
