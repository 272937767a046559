/*
 * bind_distinct.c - SELECT DISTINCT is GROUP BY all outputs
 *
 * The same rows, and the engine's group tables, which spill, do the work.  Where the
 * query has groups or measures of its own, its rows are a query within.
 */
#include "bind/bind_over.h"

/* The outputs become the keys. */
static int
group_by_outputs(struct lam_bind *b)
{
	b->key = LAM_ARENA_NEW(b->sql.arena, struct lam_ast *, b->nitems);
	if (b->key == NULL)
		return lam_fail_mem(b->sql.e);
	b->nkeys = 0;
	for (uint32_t i = 0; i < b->nitems; i++)
		if (lam_bind_key(b, b->item[i].expr) < 0)
			b->key[b->nkeys++] = b->item[i].expr;
	b->q->grouped = true;
	return LAM_OK;
}

static bool
has_measure(const struct lam_bind *b)
{
	bool has = b->where != NULL && lam_bind_measure(b, b->where);

	for (uint32_t i = 0; i < b->nitems && !has; i++)
		has = lam_bind_measure(b, b->item[i].expr);
	for (uint32_t i = 0; i < b->norder && !has; i++)
		has = lam_bind_measure(b, b->order[i].expr);
	return has;
}

struct lam_ast *
lam_bind_not_selected(struct lam_bind *b, const struct lam_ast *a)
{
	lam_sql_fail(&b->sql, a->line, a->column, "ORDER BY of a SELECT DISTINCT "
		"can only use what is selected: select \"%s\" too",
		lam_print_text(&b->sql, a));
	return NULL;
}

/* A, a term of ORDER BY, over the outputs. */
static struct lam_ast *
over_outputs(struct lam_bind *b, const struct lam_ast *a)
{
	struct lam_ast at = { .line = a->line, .column = a->column }, *c;

	for (uint32_t i = 0; i < b->nitems; i++)
		if (lam_ast_equal(b->item[i].expr, a))
			return lam_over_field(b, i, &at);
	if (a->kind == LAM_A_FIELD || a->kind == LAM_A_AGG)
		return lam_bind_not_selected(b, a);
	c = lam_ast_copy(&b->sql, a);
	if (c == NULL)
		return NULL;
	for (uint32_t i = 0; i < a->nargs; i++)
		if ((c->arg[i] = over_outputs(b, a->arg[i])) == NULL)
			return NULL;
	return lam_ast_seal(&b->sql, c) ? c : NULL;
}

/* The rows of B without DISTINCT, ORDER BY and LIMIT: a query of their own. */
static int
bind_rows(struct lam_bind *b, struct lam_query **out)
{
	struct lam_bind in = *b;
	struct lam_query *q = lam_query_new(b->sql.arena);
	int rc;

	if (q == NULL)
		return lam_fail_mem(b->sql.e);
	*q = *b->q;
	q->limit = UINT64_MAX;
	q->offset = 0;
	in.q = q;
	in.norder = 0;
	if (in.view != NULL)
		rc = lam_bind_view(&in);
	else if ((rc = lam_bind_keys(&in)) == LAM_OK)
		rc = lam_bind_outputs(&in);
	b->sql.nodes = in.sql.nodes;
	*out = q;
	return rc;
}

/* B is a query over the rows of what it was. */
static int
put_within(struct lam_bind *b)
{
	struct lam_ast at = { .line = 1, .column = 1 };
	struct lam_query *rows = NULL;
	int rc = bind_rows(b, &rows);

	if (rc != LAM_OK)
		return rc;
	b->q->input = lam_bind_select(b, rows);
	if (b->q->input != NULL)
		b->visible = lam_over_visible(b, b->q->input);
	if (b->q->input == NULL || b->visible == NULL)
		return lam_fail_mem(b->sql.e);
	b->nvisible = rows->noutputs;
	for (uint32_t i = 0; i < b->norder; i++)
		if ((b->order[i].expr = over_outputs(b, b->order[i].expr)) ==
			NULL)
			return b->sql.e->code;
	b->view = NULL;
	b->join = NULL;
	b->q->view = NULL;
	b->where = b->having = NULL;
	b->aggregates = false;
	for (uint32_t i = 0; i < b->nitems; i++)
		if ((b->item[i].expr = lam_over_field(b, i, &at)) == NULL)
			return b->sql.e->code;
	return LAM_OK;
}

int
lam_bind_distinct(struct lam_bind *b)
{
	int rc = b->q->grouped || has_measure(b) ? put_within(b) : LAM_OK;

	b->distinct = true;
	return rc == LAM_OK ? group_by_outputs(b) : rc;
}
