/*
 * bind_set.c - UNION, INTERSECT, EXCEPT and VALUES
 *
 *	a UNION ALL b	the rows of a, then those of b: an APPEND
 *	a UNION b	SELECT DISTINCT over that
 *	a INTERSECT b	each row of a gets the mark 0, each of b the mark 1; of the rows
 *			of both, grouped by all columns, those with both marks
 *	a EXCEPT b	those with the mark 0 and not the mark 1
 *
 * With ALL rows that are equal are numbered in a and in b, by a window, so that the
 * second of a meets the second of b.  NULLs are equal here, as GROUP BY has them.
 */
#include <stdio.h>
#include <string.h>

#include "bind/bind_over.h"

static const char *const name[] = { "", "UNION", "INTERSECT", "EXCEPT" };

int
lam_bind_alike(struct lam_bind *b, struct lam_query **part, uint32_t n,
	uint32_t i, const struct lam_ast *at)
{
	struct lam_expr **x = LAM_ARENA_NEW(b->sql.arena, struct lam_expr *, n);
	enum lam_type type;

	if (x == NULL)
		return lam_fail_mem(b->sql.e);
	for (uint32_t k = 0; k < n; k++)
		x[k] = part[k]->output[i].expr;
	return lam_bind_unify(b, x, n, at, &type) ? LAM_OK : b->sql.e->code;
}

/* Where column I of the last branch is written. */
static int
unify(struct lam_bind *b, const struct lam_select *s, struct lam_query **part,
	uint32_t i)
{
	const struct lam_select *last = s->branch[s->nbranches - 1];
	struct lam_ast at = { .line = 1, .column = 1 };

	if (i < last->nitems) {
		at.line = last->item[i].line;
		at.column = last->item[i].column;
	}
	return lam_bind_alike(b, part, s->nbranches, i, &at);
}

static int
bind_branches(struct lam_bind *b, const struct lam_select *s,
	struct lam_query ***out)
{
	struct lam_query **part = LAM_ARENA_NEW(b->sql.arena,
		struct lam_query *, s->nbranches);
	int rc = part != NULL ? LAM_OK : lam_fail_mem(b->sql.e);

	for (uint32_t k = 0; k < s->nbranches && rc == LAM_OK; k++) {
		const struct lam_select *x = s->branch[k];

		rc = lam_bind_within(b, x, b->scope, &part[k]);
		if (rc == LAM_OK && part[k]->noutputs != part[0]->noutputs)
			rc = lam_sql_fail(&b->sql, x->nitems > 0 ?
				x->item[0].line : 1, x->nitems > 0 ?
				x->item[0].column : 1, s->values ? "this row "
				"has %u values, the first has %u" : "%u "
				"columns here, %u in the first query",
				part[k]->noutputs, part[0]->noutputs);
	}
	for (uint32_t i = 0; rc == LAM_OK && i < part[0]->noutputs; i++)
		rc = unify(b, s, part, i);
	*out = part;
	return rc;
}

static struct lam_ast *
number(struct lam_bind *b, int64_t v)
{
	struct lam_ast *a = lam_ast_new(&b->sql, LAM_A_NUMBER, 1, 1);

	if (a == NULL)
		return NULL;
	a->num.m = v;
	return lam_ast_seal(&b->sql, a) ? a : NULL;
}

/* FIELD 0 .. N - 1, and room for MORE; NULL: out of memory. */
static struct lam_ast **
fields(struct lam_bind *b, uint32_t n, uint32_t more)
{
	struct lam_ast **a = LAM_ARENA_NEW(b->sql.arena, struct lam_ast *,
		n + more), at = { .line = 1, .column = 1 };

	for (uint32_t i = 0; a != NULL && i < n; i++)
		if ((a[i] = lam_over_field(b, i, &at)) == NULL)
			return NULL;
	return a;
}

/* The number of a row among those that are equal in the first N fields. */
static struct lam_ast *
row_number(struct lam_bind *b, uint32_t n)
{
	struct lam_ast *a = lam_ast_new(&b->sql, LAM_A_OVER, 1, 1);
	struct lam_over_ast *o = LAM_ARENA_NEW(b->sql.arena,
		struct lam_over_ast, 1);

	if (a == NULL || o == NULL)
		return NULL;
	o->npartition = n;
	o->frame.to.kind = LAM_BOUND_CURRENT;
	a->fn = LAM_OVER_ROW_NUMBER;
	a->arg = fields(b, n, 0);
	a->nargs = n;
	a->over = o;
	return a->arg != NULL && lam_ast_seal(&b->sql, a) ? a : NULL;
}

/* Q with the column MARK, before it (NUMBERED) the row's number; a new query. */
static int
mark(struct lam_bind *b, struct lam_query *q, bool numbered, int64_t mark,
	struct lam_query **out)
{
	struct lam_bind in = { .sql = b->sql, .scope = b->scope,
		.relation = "a query", .q = lam_query_new(b->sql.arena) };
	uint32_t n = q->noutputs, all = n + numbered + 1;
	struct lam_select s = { .limit = UINT64_MAX, .nitems = all };
	struct lam_ast **a = fields(&in, n, 2);
	int rc;

	s.item = LAM_ARENA_NEW(b->sql.arena, struct lam_item, all);
	if (in.q == NULL || a == NULL || s.item == NULL)
		return lam_fail_mem(b->sql.e);
	in.q->input = lam_bind_select(&in, q);
	in.visible = in.q->input == NULL ? NULL : lam_over_visible(&in,
		in.q->input);
	if (in.visible == NULL)
		return lam_fail_mem(b->sql.e);
	in.nvisible = n;
	if (numbered)
		a[n] = row_number(&in, n);
	a[all - 1] = number(&in, mark);
	for (uint32_t i = 0; i < all; i++)
		if ((s.item[i].expr = a[i]) == NULL)
			return in.sql.e->code ? in.sql.e->code :
				lam_fail_mem(b->sql.e);
	rc = lam_bind_clauses(&in, &s, false);
	b->sql.nodes = in.sql.nodes;
	*out = in.q;
	return rc;
}

int
lam_bind_append(struct lam_bind *b, struct lam_query **part, uint32_t n,
	const struct lam_query *called)
{
	struct lam_stage *in = b->q->input;
	struct lam_stage *first = NULL;

	for (uint32_t i = n; i-- > 0;) /* none is raw */
		if ((first = lam_bind_select(b, part[i])) == NULL)
			return lam_fail_mem(b->sql.e);
	in->kind = LAM_STAGE_APPEND;
	in->part = part;
	in->nparts = n;
	in->field = first->field;
	in->nfields = first->nfields;
	in->used = first->used;
	b->relation = "the rows of a query";
	b->visible = lam_over_visible(b, in);
	b->nvisible = in->nfields;
	if (b->visible == NULL)
		return lam_fail_mem(b->sql.e);
	for (uint32_t i = 0; i < called->noutputs; i++)
		b->visible[i].name = (struct lam_str){ called->output[i].name,
			strlen(called->output[i].name) };
	return LAM_OK;
}

/* count(*) FILTER (WHERE field I = MARK) FN 0 */
static struct lam_ast *
counted(struct lam_bind *b, uint32_t i, int64_t mark, enum lam_fn fn)
{
	struct lam_token at = { .line = 1, .column = 1 };
	struct lam_ast *f = lam_over_field(b, i, &(struct lam_ast){ .line = 1,
		.column = 1 }), *m = number(b, mark), *zero = number(b, 0);
	struct lam_ast *a = lam_ast_new(&b->sql, LAM_A_AGG, 1, 1);

	if (f == NULL || m == NULL || zero == NULL || a == NULL)
		return NULL;
	a->agg = LAM_AGG_COUNT_STAR;
	a->filter = lam_ast_call(&b->sql, &at, LAM_FN_EQ, 2,
		(struct lam_ast *[]){ f, m });
	if (a->filter == NULL || !lam_ast_seal(&b->sql, a))
		return NULL;
	return lam_ast_call(&b->sql, &at, fn, 2, (struct lam_ast *[]){ a,
		zero });
}

/* What of the marked rows is wanted: T is grouped by all columns but the mark. */
static int
choose(struct lam_bind *b, const struct lam_select *s, struct lam_select *t)
{
	uint32_t n = b->nvisible - 1;
	struct lam_token at = { .line = 1, .column = 1 };
	struct lam_ast **key = fields(b, n, 0), *both[2];

	t->group = LAM_ARENA_NEW(b->sql.arena, struct lam_term, n);
	if (key == NULL || t->group == NULL)
		return lam_fail_mem(b->sql.e);
	for (; t->ngroup < n; t->ngroup++) {
		key[t->ngroup]->text = b->visible[t->ngroup].name;
		t->group[t->ngroup].expr = key[t->ngroup];
	}
	both[0] = counted(b, n, 0, LAM_FN_GT);
	both[1] = counted(b, n, 1, s->set == LAM_SET_INTERSECT ? LAM_FN_GT :
		LAM_FN_EQ);
	if (both[0] == NULL || both[1] == NULL)
		return b->sql.e->code;
	t->having = lam_ast_call(&b->sql, &at, LAM_FN_AND, 2, both);
	return t->having != NULL ? LAM_OK : b->sql.e->code;
}

int
lam_bind_set(struct lam_bind *b, const struct lam_select *s)
{
	struct lam_select t = { .limit = s->limit, .offset = s->offset,
		.has_limit = s->has_limit, .has_offset = s->has_offset,
		.order = s->order, .norder = s->norder,
		.order_all = s->order_all, .at_order = s->at_order };
	bool marked = s->set != LAM_SET_UNION;
	struct lam_query **part, *first;
	struct lam_ast **a;
	uint32_t n;
	int rc = bind_branches(b, s, &part);

	if (rc != LAM_OK)
		return rc;
	first = part[0];
	n = first->noutputs;
	if (n + 2 > LAM_SQL_OUTPUTS)
		return lam_sql_fail(&b->sql, 1, 1, "%s of %u columns: more "
			"than %d", name[s->set], n, LAM_SQL_OUTPUTS - 2);
	for (uint32_t k = 0; marked && rc == LAM_OK && k < 2; k++)
		rc = mark(b, part[k], s->all, k, &part[k]);
	if (rc == LAM_OK)
		rc = lam_bind_append(b, part, s->nbranches, first);
	if (rc == LAM_OK && marked)
		rc = choose(b, s, &t);
	a = fields(b, n, 0);
	t.item = LAM_ARENA_NEW(b->sql.arena, struct lam_item, n);
	if (rc == LAM_OK && (a == NULL || t.item == NULL))
		rc = lam_fail_mem(b->sql.e);
	for (; rc == LAM_OK && t.nitems < n; t.nitems++) {
		a[t.nitems]->text = b->visible[t.nitems].name;
		t.item[t.nitems] = (struct lam_item){ .expr = a[t.nitems],
			.alias = a[t.nitems]->text, .line = 1, .column = 1 };
	}
	t.distinct = s->set == LAM_SET_UNION && !s->all;
	return rc == LAM_OK ? lam_bind_clauses(b, &t, false) : rc;
}
