/*
 * bind_grouping.c - ROLLUP, CUBE and GROUPING SETS
 *
 * Each set is a grouped query over the one input; the rows of all are an APPEND, and
 * what is left of the statement, ORDER BY and LIMIT, a query over that.  A key that a
 * set lacks is NULL in it.  The queries share their input, so one pass serves all.
 */
#include <string.h>

#include "bind/bind_over.h"

/* Does the set K of S have key KEY? */
static bool
has_key(const struct lam_bind *b, const struct lam_select *s, uint32_t k,
	uint32_t key)
{
	for (uint32_t i = 0; i < s->ngroup; i++)
		if (s->set_of[k] >> i & 1 && b->term_key[i] == key)
			return true;
	return false;
}

/* grouping(): a bit for each key, 1: the set lacks it. */
static struct lam_ast *
bits(struct lam_bind *b, const struct lam_select *s, uint32_t k,
	const struct lam_ast *a)
{
	struct lam_ast *n = lam_ast_new(&b->sql, LAM_A_NUMBER, a->line,
		a->column);

	if (n == NULL)
		return NULL;
	for (uint32_t i = 0; i < a->nargs; i++) {
		int64_t key = lam_bind_key(b, a->arg[i]);

		if (key < 0) {
			lam_sql_fail(&b->sql, a->arg[i]->line,
				a->arg[i]->column, "grouping() takes keys of "
				"GROUP BY");
			return NULL;
		}
		n->num.m = n->num.m * 2 + !has_key(b, s, k, (uint32_t)key);
	}
	return lam_ast_seal(&b->sql, n) ? n : NULL;
}

/* A copy of A as set K has it. */
static struct lam_ast *
of_set(struct lam_bind *b, const struct lam_select *s, uint32_t k,
	const struct lam_ast *a)
{
	int64_t key = lam_bind_key(b, a);
	struct lam_ast *c;

	if (a->kind == LAM_A_GROUPING)
		return bits(b, s, k, a);
	if (key >= 0 && !has_key(b, s, k, (uint32_t)key)) {
		c = lam_ast_new(&b->sql, LAM_A_NULL, a->line, a->column);
		return c != NULL && lam_ast_seal(&b->sql, c) ? c : NULL;
	}
	c = lam_ast_copy(&b->sql, a);
	if (c == NULL || key >= 0 || a->kind == LAM_A_AGG)
		return c;
	for (uint32_t i = 0; i < a->nargs; i++)
		if ((c->arg[i] = of_set(b, s, k, a->arg[i])) == NULL)
			return NULL;
	return lam_ast_seal(&b->sql, c) ? c : NULL;
}

/* The query of set K: the outputs, then what ORDER BY sorts by. */
static int
bind_one(struct lam_bind *b, const struct lam_select *s, uint32_t k,
	struct lam_query **out)
{
	struct lam_bind in = *b;
	struct lam_query *q = lam_query_new(b->sql.arena);
	uint32_t n = b->nitems + b->norder;
	int rc;

	in.q = q;
	in.norder = in.nkeys = in.nitems = 0;
	in.item = LAM_ARENA_NEW(b->sql.arena, struct lam_named, n + 1);
	in.key = LAM_ARENA_NEW(b->sql.arena, struct lam_ast *, b->nkeys + 1);
	if (q == NULL || in.item == NULL || in.key == NULL)
		return lam_fail_mem(b->sql.e);
	q->input = b->q->input;
	q->sql = b->q->sql;
	q->normal = b->q->normal;
	q->grouped = true;
	for (uint32_t i = 0; i < b->nkeys; i++)
		if (has_key(b, s, k, i))
			in.key[in.nkeys++] = b->key[i];
	for (uint32_t i = 0; i < n; i++) {
		const struct lam_ast *a = i < b->nitems ? b->item[i].expr :
			b->order[i - b->nitems].expr;

		in.item[i].name = i < b->nitems ? b->item[i].name : "";
		in.item[i].expr = of_set(b, s, k, a);
		if (in.item[in.nitems++].expr == NULL)
			return b->sql.e->code;
	}
	if (b->having != NULL &&
		(in.having = of_set(b, s, k, b->having)) == NULL)
		return b->sql.e->code;
	in.sql.nodes = b->sql.nodes;
	if (b->view != NULL)
		rc = lam_bind_view_set(&in);
	else if ((rc = lam_bind_keys(&in)) == LAM_OK)
		rc = lam_bind_outputs(&in);
	b->sql.nodes = in.sql.nodes;
	*out = q;
	return rc;
}

/* The column that term I of ORDER BY is: an output, or one of its own behind them. */
static uint32_t
output(const struct lam_bind *b, uint32_t i)
{
	for (uint32_t k = 0; k < b->nitems; k++)
		if (lam_ast_equal(b->item[k].expr, b->order[i].expr))
			return k;
	return b->nitems + i;
}

/* The query over the rows of all sets: B is it from now on. */
static int
outer(struct lam_bind *b, const struct lam_select *s, struct lam_query **part)
{
	struct lam_ast at = { .line = 1, .column = 1 };
	uint32_t n = b->nitems;
	struct lam_stage *in = LAM_ARENA_NEW(b->sql.arena, struct lam_stage, 1);
	int rc;

	if (in == NULL)
		return lam_fail_mem(b->sql.e);
	b->q->input = in;
	rc = lam_bind_append(b, part, s->nsets, part[0]);
	if (rc != LAM_OK)
		return rc;
	b->nkeys = 0;
	b->where = b->having = NULL;
	b->aggregates = b->q->grouped = false;
	b->join = NULL;
	b->view = NULL;
	for (uint32_t i = 0; i < b->norder; i++) {
		uint32_t k = output(b, i);

		b->order[i].expr = s->distinct && k >= n ?
			lam_bind_not_selected(b, b->order[i].expr) :
			lam_over_field(b, k, &at);
		if (b->order[i].expr == NULL)
			return b->sql.e->code;
	}
	for (uint32_t i = 0; i < n; i++)
		if ((b->item[i].expr = lam_over_field(b, i, &at)) == NULL)
			return b->sql.e->code;
	if (s->distinct)
		rc = lam_bind_distinct(b);
	if (rc == LAM_OK)
		rc = lam_bind_keys(b);
	return rc == LAM_OK ? lam_bind_outputs(b) : rc;
}

int
lam_bind_grouping(struct lam_bind *b, const struct lam_select *s)
{
	struct lam_query **part = LAM_ARENA_NEW(b->sql.arena,
		struct lam_query *, s->nsets);
	struct lam_ast at = { .line = s->at_group.line,
		.column = s->at_group.column };
	int rc = part != NULL ? LAM_OK : lam_fail_mem(b->sql.e);

	if (b->over)
		return lam_sql_fail(&b->sql, at.line, at.column, "a window "
			"function over several grouping sets: put the grouping "
			"into a sub-query, FROM (SELECT ...)");
	if (rc == LAM_OK && b->view != NULL)
		rc = lam_bind_view_sets(b, &at);
	for (uint32_t k = 0; rc == LAM_OK && k < s->nsets; k++)
		rc = bind_one(b, s, k, &part[k]);
	for (uint32_t i = 0; rc == LAM_OK && i < part[0]->noutputs; i++)
		rc = lam_bind_alike(b, part, s->nsets, i, &at);
	return rc == LAM_OK ? outer(b, s, part) : rc;
}
