/*
 * bind_over.c - a query with window functions becomes three kinds of stages
 *
 *	SELECT host, hits, hits / sum(hits) OVER () FROM t GROUP BY host QUALIFY c
 *
 *	rows	SELECT host, hits, everything that OVER needs: FROM, WHERE, GROUP
 *		BY and HAVING are its, and it is sorted as the first OVER wants
 *	window	all functions over one partition and order; for each further order
 *		the rows are sorted once more (a SELECT) for a window of their own
 *	outer	SELECT over the columns of both; QUALIFY is its WHERE
 *
 * What is moved into the rows are the largest expressions without a window
 * function, so that an expression that is a group key stays one.
 */
#include "bind/bind_over.h"

#include <string.h>

int64_t
lam_over_find(struct lam_ast *const *list, uint32_t n, const struct lam_ast *a)
{
	for (uint32_t i = 0; i < n; i++)
		if (lam_ast_equal(list[i], a))
			return i;
	return -1;
}

static bool
append(struct lam_split *x, struct lam_ast ***list, uint32_t *n,
	struct lam_ast *a)
{
	struct lam_ast **grown = *list;

	if (*n >= LAM_SQL_OUTPUTS)
		return !lam_sql_fail(&x->b->sql, a->line, a->column,
			"more than %d columns", LAM_SQL_OUTPUTS);
	if ((*n & (*n - 1)) == 0) {
		grown = LAM_ARENA_NEW(x->b->sql.arena, struct lam_ast *,
			*n ? (size_t)*n * 2 : 1);
		if (grown == NULL)
			return !lam_fail_mem(x->b->sql.e);
		if (*n > 0)
			memcpy(grown, *list, *n * sizeof *grown);
		*list = grown;
	}
	grown[(*n)++] = a;
	return true;
}

bool
lam_over_append(struct lam_split *x, struct lam_ast *a)
{
	return append(x, &x->item, &x->nitems, a);
}

bool
lam_over_push(struct lam_split *x, struct lam_ast ***list, uint32_t *n,
	struct lam_ast *a)
{
	return lam_over_find(*list, *n, a) >= 0 || append(x, list, n, a);
}

static bool
constant(const struct lam_ast *a)
{
	return lam_ast_literal(a) || a->kind == LAM_A_NULL ||
		a->kind == LAM_A_INTERVAL;
}

bool
lam_over_constant(const struct lam_ast *over, uint32_t i)
{
	if (i >= over->over->nargs)
		return false;
	if (over->fn == LAM_OVER_AGGREGATE)
		return i > 0 && i == lam_agg_constant((enum lam_agg)over->agg);
	return i == 1 || over->fn == LAM_OVER_NTILE;
}

bool
lam_over_row(const struct lam_ast *over, uint32_t i)
{
	return over->fn == LAM_OVER_AGGREGATE && lam_ast_has_row(over) &&
		i + 1 == over->over->nargs;
}

bool
lam_over_keys(struct lam_split *x, const struct lam_ast *over,
	struct lam_ast **out)
{
	struct lam_token at = { .line = over->line, .column = over->column };
	struct lam_ast *by;

	*out = NULL;
	if (over->fn != LAM_OVER_AGGREGATE)
		return true;
	if (lam_ast_has_row(over)) {
		*out = over->arg[over->over->nargs - 1];
		return true;
	}
	if (over->agg != LAM_AGG_ARG_MIN_K && over->agg != LAM_AGG_ARG_MAX_K)
		return true;
	by = lam_ast_copy(&x->b->sql, over->arg[1]);
	*out = by == NULL ? NULL : lam_ast_call(&x->b->sql, &at, LAM_FN_TUPLE,
		1, &by);
	return *out != NULL;
}

/* Make A a column of the rows. */
static bool
pull(struct lam_split *x, struct lam_ast *a)
{
	if (lam_ast_over(a) != NULL)
		return !lam_sql_fail(&x->b->sql, a->line, a->column, "a window "
			"function cannot stand within another: put the inner "
			"one into a sub-query, FROM (SELECT ...)");
	return lam_over_push(x, &x->item, &x->nitems, a);
}

/* Likewise the values of the row A. */
static bool
pull_all(struct lam_split *x, const struct lam_ast *a)
{
	for (uint32_t i = 0; i < a->nargs; i++)
		if (!pull(x, a->arg[i]))
			return false;
	return true;
}

static bool
collect_over(struct lam_split *x, struct lam_ast *a)
{
	struct lam_ast *keys = NULL;

	if (!lam_over_keys(x, a, &keys) || (keys != NULL && !pull(x, keys)))
		return false;
	for (uint32_t i = 0; i < a->nargs; i++) {
		if (lam_over_row(a, i) ? !pull_all(x, a->arg[i]) :
			!lam_over_constant(a, i) && !pull(x, a->arg[i]))
			return false;
	}
	if (a->filter != NULL && !pull(x, a->filter))
		return false;
	return lam_over_push(x, &x->over, &x->nover, a);
}

/* Has A a part that the rows cannot give: a window function, or an unnest of what
 * there is behind the windows? */
static bool
splits(const struct lam_ast *a)
{
	return lam_ast_over(a) != NULL || lam_ast_unnest(a) != NULL;
}

/* What the rows need for A, and its window functions. */
static bool
collect(struct lam_split *x, struct lam_ast *a)
{
	bool ok = true;

	if (a->kind == LAM_A_OVER && a->fn == LAM_OVER_AGGREGATE &&
		lam_aggregate[a->agg].sums != NULL) {
		struct lam_ast *sums = lam_bind_moments(x->b, a);

		if (sums == NULL)
			return false;
		*a = *sums;
	}
	if (a->kind == LAM_A_OVER)
		return collect_over(x, a);
	if (!splits(a))
		return constant(a) || pull(x, a);
	if (a->kind == LAM_A_AGG)
		return !lam_sql_fail(&x->b->sql, a->line, a->column, "an "
			"aggregate cannot contain a window function: put that "
			"into a sub-query, FROM (SELECT ...)");
	for (uint32_t i = 0; i < a->nargs && ok; i++)
		ok = collect(x, a->arg[i]);
	return ok;
}

struct lam_ast *
lam_over_field(struct lam_bind *b, uint32_t index, const struct lam_ast *at)
{
	struct lam_ast *f = lam_ast_new(&b->sql, LAM_A_FIELD, at->line,
		at->column);

	if (f == NULL)
		return NULL;
	f->index = index;
	f->text = at->kind == LAM_A_FIELD ? at->text : (struct lam_str){ "",
		0 };
	return lam_ast_seal(&b->sql, f) ? f : NULL;
}

/* A over the columns of the last window stage. */
static struct lam_ast *
rewrite(struct lam_split *x, struct lam_ast *a)
{
	int64_t i;

	if (a->kind == LAM_A_OVER) {
		i = lam_over_find(x->over, x->nover, a);
		return lam_over_field(x->b, x->nitems + x->place[i], a);
	}
	if (!splits(a))
		return constant(a) ? a : lam_over_field(x->b,
			(uint32_t)lam_over_find(x->item, x->nitems, a), a);
	for (uint32_t k = 0; k < a->nargs; k++)
		if ((a->arg[k] = rewrite(x, a->arg[k])) == NULL)
			return NULL;
	return lam_ast_seal(&x->b->sql, a) ? a : NULL;
}

/* Have A and B the same PARTITION BY and ORDER BY? */
static bool
same_order(const struct lam_ast *a, const struct lam_ast *b)
{
	const struct lam_over_ast *p = a->over, *q = b->over;

	if (p->npartition != q->npartition || p->norder != q->norder)
		return false;
	for (uint32_t i = 0; i < p->npartition + p->norder; i++)
		if (!lam_ast_equal(a->arg[p->nargs + i], b->arg[q->nargs + i]))
			return false;
	for (uint32_t i = 0; i < p->norder; i++)
		if (p->order[i].descending != q->order[i].descending ||
			p->order[i].nulls_first != q->order[i].nulls_first)
			return false;
	return true;
}

/* Which functions share a window stage, and where their columns are. */
static int
place(struct lam_split *x)
{
	uint32_t at = 0;

	x->stage = LAM_ARENA_NEW(x->b->sql.arena, uint32_t, x->nover + 1);
	x->place = LAM_ARENA_NEW(x->b->sql.arena, uint32_t, x->nover + 1);
	if (x->stage == NULL || x->place == NULL)
		return lam_fail_mem(x->b->sql.e);
	for (uint32_t i = 0; i < x->nover; i++) {
		uint32_t k = 0;

		while (k < i && !same_order(x->over[k], x->over[i]))
			k++;
		x->stage[i] = k < i ? x->stage[k] : x->nstages++;
	}
	for (uint32_t s = 0; s < x->nstages; s++)
		for (uint32_t i = 0; i < x->nover; i++)
			if (x->stage[i] == s)
				x->place[i] = at++;
	return LAM_OK;
}

/* The terms by which the rows of window stage S are sorted. */
static int
terms(struct lam_split *x, uint32_t s, bool as_field, struct lam_bind *to)
{
	uint32_t first = 0;
	const struct lam_ast *a;
	const struct lam_over_ast *o;

	while (x->stage[first] != s)
		first++;
	a = x->over[first];
	o = a->over;
	to->norder = 0;
	to->order = LAM_ARENA_NEW(to->sql.arena, struct lam_term,
		o->npartition + o->norder + 1);
	if (to->order == NULL)
		return lam_fail_mem(to->sql.e);
	for (uint32_t i = 0; i < o->npartition + o->norder; i++) {
		struct lam_term *t = &to->order[to->norder++];
		struct lam_ast *e = a->arg[o->nargs + i];

		t->expr = as_field ? lam_over_field(to, (uint32_t)lam_over_find(x->item,
			x->nitems, e), e) : lam_ast_copy(&to->sql, e);
		if (t->expr == NULL)
			return to->sql.e->code;
		if (i < o->npartition)
			continue;
		t->descending = o->order[i - o->npartition].descending;
		t->nulls_first = o->order[i - o->npartition].nulls_first;
	}
	return LAM_OK;
}

int
lam_over_rows(struct lam_split *x, bool sorted, struct lam_query **out)
{
	struct lam_bind in = *x->b;
	struct lam_query *q = lam_query_new(in.sql.arena);
	int rc;

	in.item = LAM_ARENA_NEW(in.sql.arena, struct lam_named, x->nitems + 1);
	if (q == NULL || in.item == NULL)
		return lam_fail_mem(in.sql.e);
	q->sql = x->b->q->sql;
	q->grouped = x->b->q->grouped;
	*q->input = *x->b->q->input;
	in.q = q;
	in.nitems = x->nitems;
	for (uint32_t i = 0; i < x->nitems; i++) {
		in.item[i].expr = lam_ast_copy(&in.sql, x->item[i]);
		in.item[i].name = lam_print_text(&in.sql, x->item[i]);
		if (in.item[i].expr == NULL || in.item[i].name == NULL)
			return in.sql.e->code;
	}
	in.norder = 0;
	rc = sorted ? terms(x, 0, false, &in) : LAM_OK;
	if (rc == LAM_OK && in.view != NULL)
		rc = lam_bind_view(&in);
	else if (rc == LAM_OK && (rc = lam_bind_keys(&in)) == LAM_OK)
		rc = lam_bind_outputs(&in);
	x->b->sql.nodes = in.sql.nodes;
	*out = q;
	return rc;
}

/* The rows of BEFORE in the order of window stage S. */
static int
sort_again(struct lam_split *x, uint32_t s, struct lam_stage *before,
	struct lam_query **out)
{
	struct lam_bind mid = { .sql = x->b->sql,
		.q = lam_query_new(x->b->sql.arena),
		.relation = x->b->relation, .nvisible = before->nfields };
	struct lam_ast at = { .line = 1, .column = 1 };
	int rc;

	mid.item = LAM_ARENA_NEW(mid.sql.arena, struct lam_named,
		before->nfields + 1);
	if (mid.q == NULL || mid.item == NULL)
		return lam_fail_mem(mid.sql.e);
	mid.q->sql = x->b->q->sql;
	mid.q->input = before;
	mid.visible = lam_over_visible(&mid, before);
	if (mid.visible == NULL)
		return lam_fail_mem(mid.sql.e);
	for (uint32_t i = 0; i < before->nfields; i++) {
		mid.item[mid.nitems].expr = lam_over_field(&mid, i, &at);
		mid.item[mid.nitems].name = before->field[i].name;
		if (mid.item[mid.nitems++].expr == NULL)
			return mid.sql.e->code;
	}
	rc = terms(x, s, true, &mid);
	if (rc == LAM_OK)
		rc = lam_bind_keys(&mid);
	*out = mid.q;
	return rc == LAM_OK ? lam_bind_outputs(&mid) : rc;
}

/* Stage S of the windows over ROWS. */
static struct lam_stage *
window_stage(struct lam_split *x, uint32_t s, struct lam_stage *rows)
{
	struct lam_stage *w = LAM_ARENA_NEW(x->b->sql.arena, struct lam_stage,
		1);
	const struct lam_over_plan *p = lam_over_plan(x, s);
	uint32_t n;

	if (w == NULL || p == NULL)
		return NULL;
	n = rows->nfields + p->nover;
	w->kind = LAM_STAGE_WINDOW;
	w->rows = rows;
	w->over = p;
	w->nfields = n;
	w->field = LAM_ARENA_NEW(x->b->sql.arena, struct lam_input_field, n);
	w->used = LAM_ARENA_NEW(x->b->sql.arena, bool, n);
	if (w->field == NULL || w->used == NULL)
		return NULL;
	memcpy(w->field, rows->field, rows->nfields * sizeof *w->field);
	for (uint32_t i = 0; i < p->nover; i++) {
		w->field[rows->nfields + i].name = "";
		w->field[rows->nfields + i].type.type = p->over[i].type;
		w->field[rows->nfields + i].list = p->over[i].list;
	}
	return w;
}

int
lam_over_outer(struct lam_bind *b, struct lam_stage *w)
{
	b->visible = lam_over_visible(b, w);
	if (b->visible == NULL)
		return lam_fail_mem(b->sql.e);
	b->nvisible = w->nfields;
	b->view = b->q->view = NULL;
	b->nkeys = 0;
	b->aggregates = b->q->grouped = false;
	b->having = NULL;
	b->where = NULL;
	b->q->input = w;
	return LAM_OK;
}

/* The outer query: what is left over the columns of the stage W. */
static int
outer(struct lam_split *x, struct lam_stage *w)
{
	struct lam_bind *b = x->b;
	int rc = lam_over_outer(b, w);

	if (rc != LAM_OK)
		return rc;
	for (uint32_t i = 0; i < b->nitems; i++)
		if ((b->item[i].expr = rewrite(x, b->item[i].expr)) == NULL)
			return b->sql.e->code;
	for (uint32_t i = 0; i < b->norder; i++)
		if ((b->order[i].expr = rewrite(x, b->order[i].expr)) == NULL)
			return b->sql.e->code;
	if (b->qualify != NULL &&
		(b->where = rewrite(x, b->qualify)) == NULL)
		return b->sql.e->code;
	return LAM_OK;
}

int
lam_bind_over(struct lam_bind *b)
{
	struct lam_split x = { .b = b };
	struct lam_stage *s = NULL;
	bool ok = true;
	int rc;

	for (uint32_t i = 0; i < b->nitems && ok; i++)
		ok = collect(&x, b->item[i].expr);
	for (uint32_t i = 0; i < b->norder && ok; i++)
		ok = collect(&x, b->order[i].expr);
	if (ok && b->qualify != NULL)
		ok = collect(&x, b->qualify);
	rc = ok ? place(&x) : b->sql.e->code;
	for (uint32_t i = 0; i < x.nstages && rc == LAM_OK; i++) {
		struct lam_query *q = NULL;

		rc = i == 0 ? lam_over_rows(&x, true, &q) : sort_again(&x, i, s, &q);
		if (rc == LAM_OK && i == 0)
			rc = lam_over_bind(&x, q);
		if (rc != LAM_OK)
			break;
		s = lam_bind_select(b, q);
		s = s != NULL ? window_stage(&x, i, s) : NULL;
		if (s == NULL)
			rc = lam_fail_mem(b->sql.e);
	}
	return rc == LAM_OK ? outer(&x, s) : rc;
}
