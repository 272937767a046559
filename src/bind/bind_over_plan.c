/*
 * bind_over_plan.c - window functions over rows whose columns are known
 */
#include "bind/bind_over.h"

#include <string.h>

/* The column of the rows that A is. */
static uint32_t
column_of(const struct lam_split *x, const struct lam_ast *a)
{
	uint32_t i = 0;

	while (!lam_ast_equal(x->item[i], a))
		i++;
	return i;
}

struct lam_visible *
lam_over_visible(struct lam_bind *b, const struct lam_stage *s)
{
	struct lam_visible *v = LAM_ARENA_NEW(b->sql.arena, struct lam_visible,
		s->nfields + 1);

	for (uint32_t i = 0; v != NULL && i < s->nfields; i++) {
		v[i].name = (struct lam_str){ s->field[i].name,
			strlen(s->field[i].name) };
		v[i].type = s->field[i].type;
		v[i].list = s->field[i].list;
		v[i].null = s->field[i].null;
	}
	return v;
}

/* A constant whole number from LEAST on. */
static bool
whole(struct lam_split *x, const struct lam_ast *a, int64_t least,
	const char *what, int64_t *out)
{
	if (a->kind != LAM_A_NUMBER || a->num.scale != 0 ||
		a->num.m < least || a->num.m > INT64_MAX / 2)
		return !lam_sql_fail(&x->b->sql, a->line, a->column, "%s: "
			"expected a constant whole number%s", what,
			least == 1 ? " from 1 on" : "");
	*out = (int64_t)a->num.m;
	return true;
}

/* LAG and LEAD: how far, and what stands for a row that is not there. */
static bool
bind_lag(struct lam_split *x, const struct lam_ast *a, struct lam_query *q,
	struct lam_over *o)
{
	struct lam_expr *two[2];
	enum lam_type type;
	int64_t n = 1;

	if (a->over->nargs > 1 && !whole(x, a->arg[1], INT64_MIN / 2,
		"lag and lead", &n))
		return false;
	if (n < 0) {
		o->kind = o->kind == LAM_OVER_LAG ? LAM_OVER_LEAD :
			LAM_OVER_LAG;
		n = -n;
	}
	o->n = (uint64_t)n;
	o->otherwise = a->over->nargs > 2 && a->arg[2]->kind != LAM_A_NULL;
	if (!o->otherwise)
		return true;
	o->other = column_of(x, a->arg[2]);
	two[0] = q->output[o->column].expr;
	two[1] = q->output[o->other].expr;
	if (!lam_bind_unify(x->b, two, 2, a, &type))
		return false;
	o->type = (uint8_t)type;
	return true;
}

/* The row A of columns. */
static struct lam_ast *
row_of(const struct lam_split *x, const struct lam_ast *a)
{
	struct lam_ast *row = lam_ast_copy(&x->b->sql, a);

	for (uint32_t i = 0; row != NULL && i < a->nargs; i++)
		if ((row->arg[i] = lam_over_field(x->b, column_of(x,
			a->arg[i]), a->arg[i])) == NULL)
			return NULL;
	return row != NULL && lam_ast_seal(&x->b->sql, row) ? row : NULL;
}

/* The keys of a list are a column, too. */
static bool
set_keys(struct lam_split *x, const struct lam_ast *a, struct lam_bind *in)
{
	struct lam_state *s = &in->q->state[in->q->output[0].expr->index];
	struct lam_ast *keys;

	if (!lam_over_keys(x, a, &keys))
		return false;
	if (keys == NULL)
		return true;
	s->arg[1] = lam_bind_new(in, LAM_X_FIELD, LAM_TEXT, a);
	if (s->arg[1] == NULL)
		return false;
	s->arg[1]->index = column_of(x, keys);
	return true;
}

/* The aggregate A over the rows of Q, as a query of its own. */
static bool
bind_aggregate(struct lam_split *x, const struct lam_ast *a,
	struct lam_query *q, struct lam_over *o)
{
	struct lam_bind *b = x->b;
	struct lam_bind in = { .sql = b->sql, .relation = b->relation,
		.q = lam_query_new(b->sql.arena), .above = true,
		.clause = "OVER", .nvisible = q->noutputs };
	struct lam_input_field *f = LAM_ARENA_NEW(b->sql.arena,
		struct lam_input_field, q->noutputs + 1);
	struct lam_ast *agg = lam_ast_new(&in.sql, LAM_A_AGG, a->line,
		a->column);

	if (in.q == NULL || f == NULL || agg == NULL)
		return !lam_fail_mem(b->sql.e);
	for (uint32_t i = 0; i < q->noutputs; i++) {
		f[i].name = q->output[i].name;
		f[i].type.type = q->output[i].expr->type;
		f[i].list = q->output[i].expr->list;
		f[i].null = q->output[i].expr->null;
	}
	if (lam_bind_fields(&in, f, q->noutputs) != LAM_OK)
		return false;
	in.visible = lam_over_visible(&in, in.q->input);
	in.q->output = LAM_ARENA_NEW(b->sql.arena, struct lam_output, 1);
	agg->arg = LAM_ARENA_NEW(b->sql.arena, struct lam_ast *,
		a->over->nargs + 1);
	if (in.visible == NULL || in.q->output == NULL || agg->arg == NULL)
		return !lam_fail_mem(b->sql.e);
	in.q->grouped = true;
	agg->agg = a->agg;
	agg->text = a->text;
	for (; agg->nargs < a->over->nargs; agg->nargs++) {
		uint32_t i = agg->nargs;

		agg->arg[i] = lam_over_constant(a, i) ? a->arg[i] :
			lam_over_row(a, i) ? row_of(x, a->arg[i]) :
			lam_over_field(b, column_of(x, a->arg[i]), a->arg[i]);
		if (agg->arg[i] == NULL)
			return false;
	}
	if (a->filter != NULL && (agg->filter = lam_over_field(b, column_of(x,
		a->filter), a->filter)) == NULL)
		return false;
	if (!lam_ast_seal(&in.sql, agg))
		return false;
	in.q->output[0].name = "";
	in.q->output[0].expr = lam_bind_expr(&in, agg);
	if (in.q->output[0].expr == NULL)
		return false;
	in.q->noutputs = 1;
	if (!set_keys(x, a, &in))
		return false;
	o->type = in.q->output[0].expr->type;
	o->list = in.q->output[0].expr->list;
	o->aggregate = in.q;
	return true;
}

/* A distance of RANGE is one of the values that the rows are sorted by. */
static bool
check_frame(struct lam_split *x, const struct lam_ast *a,
	const struct lam_query *q)
{
	const struct lam_over_ast *o = a->over;
	const struct lam_bound *bound[2] = { &o->frame.from, &o->frame.to };

	for (int i = 0; i < 2; i++) {
		uint8_t type = LAM_TEXT;

		if (o->frame.unit != LAM_FRAME_RANGE ||
			(bound[i]->kind != LAM_BOUND_PRECEDING &&
			bound[i]->kind != LAM_BOUND_FOLLOWING))
			continue;
		if (o->norder == 1)
			type = q->output[column_of(x, a->arg[o->nargs +
				o->npartition])].expr->type;
		if (type != (bound[i]->interval ? LAM_TIME : LAM_NUMBER))
			return !lam_sql_fail(&x->b->sql, a->line, a->column,
				"RANGE with a distance needs one ORDER BY "
				"term: a number for a number, a time for an "
				"interval; ROWS counts rows instead");
	}
	return true;
}

static bool
bind_one(struct lam_split *x, const struct lam_ast *a, struct lam_query *q,
	struct lam_over *o)
{
	int64_t n = 0;

	*o = (struct lam_over){ .kind = (uint8_t)a->fn, .type = LAM_NUMBER,
		.ignore_nulls = a->over->ignore_nulls,
		.frame = a->over->frame };
	if (!check_frame(x, a, q))
		return false;
	if (o->ignore_nulls && (o->kind < LAM_OVER_LAG ||
		o->kind > LAM_OVER_NTH))
		return !lam_sql_fail(&x->b->sql, a->line, a->column, "IGNORE "
			"NULLS is for lag, lead, first_value, last_value and "
			"nth_value");
	switch (o->kind) {
	case LAM_OVER_AGGREGATE:
		return bind_aggregate(x, a, q, o);
	case LAM_OVER_NTILE:
		if (!whole(x, a->arg[0], 1, "ntile", &n))
			return false;
		o->n = (uint64_t)n;
		return true;
	case LAM_OVER_LAG:
	case LAM_OVER_LEAD:
	case LAM_OVER_FIRST:
	case LAM_OVER_LAST:
	case LAM_OVER_NTH:
		o->column = column_of(x, a->arg[0]);
		o->type = q->output[o->column].expr->type;
		o->list = q->output[o->column].expr->list;
		if (o->kind == LAM_OVER_NTH) {
			if (!whole(x, a->arg[1], 1, "nth_value", &n))
				return false;
			o->n = (uint64_t)n;
		}
		return (o->kind != LAM_OVER_LAG && o->kind != LAM_OVER_LEAD) ||
			bind_lag(x, a, q, o);
	default:
		return true;
	}
}

/* Intervals of one length are compared alike, which their columns are not. */
static bool
check_keys(struct lam_split *x, const struct lam_ast *a,
	const struct lam_query *q)
{
	const struct lam_over_ast *o = a->over;

	for (uint32_t i = o->nargs; i < o->nargs + o->npartition + o->norder;
		i++)
		if (q->output[column_of(x, a->arg[i])].expr->list == LAM_SPAN)
			return !lam_sql_fail(&x->b->sql, a->arg[i]->line,
				a->arg[i]->column, "PARTITION BY and ORDER BY "
				"of a window take no interval: write epoch(x)");
	return true;
}

int
lam_over_bind(struct lam_split *x, struct lam_query *q)
{
	x->bound = LAM_ARENA_NEW(x->b->sql.arena, struct lam_over,
		x->nover + 1);
	if (x->bound == NULL)
		return lam_fail_mem(x->b->sql.e);
	for (uint32_t i = 0; i < x->nover; i++)
		if (!check_keys(x, x->over[i], q) ||
			!bind_one(x, x->over[i], q, &x->bound[i]))
			return x->b->sql.e->code;
	return LAM_OK;
}

const struct lam_over_plan *
lam_over_plan(const struct lam_split *x, uint32_t s)
{
	struct lam_arena *arena = x->b->sql.arena;
	struct lam_over_plan *p = LAM_ARENA_NEW(arena, struct lam_over_plan, 1);
	const struct lam_over_ast *o;
	const struct lam_ast *a;
	uint32_t first = 0;

	while (x->stage[first] != s)
		first++;
	a = x->over[first];
	o = a->over;
	if (p == NULL)
		return NULL;
	p->partition = LAM_ARENA_NEW(arena, uint32_t, o->npartition + 1);
	p->order = LAM_ARENA_NEW(arena, struct lam_over_order, o->norder + 1);
	p->over = LAM_ARENA_NEW(arena, struct lam_over, x->nover);
	if (p->partition == NULL || p->order == NULL || p->over == NULL)
		return NULL;
	for (; p->npartition < o->npartition; p->npartition++)
		p->partition[p->npartition] = column_of(x,
			a->arg[o->nargs + p->npartition]);
	for (; p->norder < o->norder; p->norder++)
		p->order[p->norder] = (struct lam_over_order){ column_of(x,
			a->arg[o->nargs + o->npartition + p->norder]),
			o->order[p->norder].descending,
			o->order[p->norder].nulls_first };
	for (uint32_t i = first; i < x->nover; i++)
		if (x->stage[i] == s)
			p->over[p->nover++] = x->bound[i];
	return p;
}
