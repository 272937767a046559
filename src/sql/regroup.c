/*
 * regroup.c - merging partials, as a query
 */
#include "sql/regroup.h"

#include <string.h>

/* The parser bounds the depth of an expression, so recursion is bounded. */
struct lam_expr *
lam_expr_copy(const struct lam_expr *x, struct lam_arena *a)
{
	struct lam_expr *c = LAM_ARENA_NEW(a, struct lam_expr, 1);

	if (!c)
		return NULL;
	*c = *x;
	c->plan = NULL;
	if (x->nargs == 0)
		return c;
	c->arg = LAM_ARENA_NEW(a, struct lam_expr *, x->nargs);
	if (!c->arg)
		return NULL;
	for (uint32_t i = 0; i < x->nargs; i++) {
		c->arg[i] = lam_expr_copy(x->arg[i], a);
		if (!c->arg[i])
			return NULL;
	}
	return c;
}

struct lam_expr *
lam_expr_field(uint32_t index, uint8_t type, struct lam_arena *a)
{
	struct lam_expr *x = LAM_ARENA_NEW(a, struct lam_expr, 1);

	if (x) {
		x->kind = LAM_X_FIELD;
		x->type = type;
		x->index = index;
		x->line = x->column = 1;
	}
	return x;
}

struct lam_expr *
lam_expr_time(int64_t ns, struct lam_arena *a)
{
	struct lam_expr *x = LAM_ARENA_NEW(a, struct lam_expr, 1);

	if (x) {
		x->kind = LAM_X_CONST;
		x->type = LAM_TIME;
		x->time = ns;
		x->line = x->column = 1;
	}
	return x;
}

struct lam_expr *
lam_expr_call(enum lam_fn fn, uint8_t type, uint32_t nargs,
	struct lam_expr *const *arg, struct lam_arena *a)
{
	struct lam_expr *x = LAM_ARENA_NEW(a, struct lam_expr, 1);

	if (!x)
		return NULL;
	x->kind = LAM_X_CALL;
	x->type = type;
	x->fn = (uint16_t)fn;
	x->nargs = nargs;
	x->line = x->column = 1;
	x->arg = LAM_ARENA_NEW(a, struct lam_expr *, nargs);
	if (!x->arg)
		return NULL;
	for (uint32_t i = 0; i < nargs; i++) {
		if (!arg[i])
			return NULL;
		x->arg[i] = arg[i];
	}
	return x;
}

static bool
regroup_input(const struct lam_query *q, struct lam_query *m)
{
	const struct lam_stage *scan = lam_query_scan(q);
	uint32_t n = lam_query_columns(q);
	struct lam_stage *in = LAM_ARENA_NEW(m->arena, struct lam_stage, 1);

	if (!in)
		return false;
	if (scan)
		*in = *scan;
	in->nfields = n;
	in->field = LAM_ARENA_NEW(m->arena, struct lam_input_field, n + 1);
	in->used = LAM_ARENA_NEW(m->arena, bool, n + 1);
	m->key = LAM_ARENA_NEW(m->arena, struct lam_expr *, q->nkeys + 1);
	m->state = LAM_ARENA_NEW(m->arena, struct lam_state, q->nstates + 1);
	if (!in->field || !in->used || !m->key || !m->state)
		return false;
	m->input = in;
	for (uint32_t c = 0; c < n; c++) {
		lam_query_column(q, c, &in->field[c].name,
			&in->field[c].type.type);
		in->used[c] = true;
	}
	for (uint32_t k = 0; k < q->nkeys; k++) {
		m->key[k] = lam_expr_field(k, in->field[k].type.type,
			m->arena);
		if (!m->key[k])
			return false;
	}
	return true;
}

int
lam_regroup(const struct lam_query *q, struct lam_arena *a,
	struct lam_query **out, struct lam_error *e)
{
	struct lam_query *m = LAM_ARENA_NEW(a, struct lam_query, 1);

	if (!m)
		return lam_fail_mem(e);
	*m = *q;
	m->arena = a;
	m->where = NULL;
	m->hop = NULL; /* it is of all windows */
	if (!regroup_input(q, m))
		return lam_fail_mem(e);
	for (uint32_t s = 0; s < q->nstates; s++) {
		struct lam_state *x = &m->state[s];

		*x = q->state[s];
		x->arg[0] = x->arg[1] = x->filter = NULL;
		x->merge = true;
		for (uint32_t i = 0; i < x->ncomponents; i++)
			x->component[i] = lam_query_component(q, s) + i;
	}
	*out = m;
	return LAM_OK;
}
