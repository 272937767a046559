/*
 * bind_sub_lone.c - an aggregate without GROUP BY that is bound to the query around it
 *
 *	(SELECT 0.2 * avg(y) FROM t WHERE t.k = a.k)
 *
 * has a row even where nothing meets its conditions; the join has none there.  So the
 * join gives each aggregate of the query as a column, and what the query makes of them
 * is made outside, where those that count are 0 if there is no row:
 *
 *	(q)		e
 *	(q HAVING h)	CASE WHEN h THEN e END
 *	x IN (q)	x = e; with HAVING that if h, else false
 *	EXISTS (q)	true; with HAVING h
 *
 * Of a LATERAL query each column stands for such an e.
 */
#include <string.h>

#include "bind/bind_over.h"
#include "bind/bind_sub.h"
#include "sql/print.h"

/* Which of the columns is the aggregate A? */
static uint32_t
column_of(const struct lam_sub *x, const struct lam_ast *a)
{
	uint32_t i = 0;

	while (i < x->s.nitems && !lam_ast_equal(x->s.item[i].expr, a))
		i++;
	return i;
}

/* The aggregates of A become columns; the rest of it must make sense outside. */
static bool
collect(struct lam_sub *x, struct lam_ast *a)
{
	uint32_t i;

	if (a->kind == LAM_A_AGG) {
		i = column_of(x, a);
		if (i == x->written->nitems + LAM_SQL_LEAVES)
			return lam_sub_refuse(x, a, "a sub-query that is bound "
				"to the query around it has too many "
				"aggregates") != NULL;
		x->s.item[i] = (struct lam_item){ .expr = a, .line = a->line,
			.column = a->column };
		x->s.nitems += i == x->s.nitems;
		return true;
	}
	if (a->kind == LAM_A_NAME && lam_bind_knows(&x->in, a))
		return lam_sub_refuse(x, a, "a column beside an aggregate must "
			"stand in an aggregate, too, or be in GROUP BY") != NULL;
	if (a->kind == LAM_A_OVER || a->kind == LAM_A_GROUPING)
		return lam_sub_refuse(x, a, "a sub-query that is bound to the "
			"query around it has no window functions and no "
			"grouping() beside an aggregate without GROUP BY") !=
			NULL;
	for (i = 0; i < a->nargs; i++)
		if (!collect(x, a->arg[i]))
			return false;
	return true;
}

/* What X selects and its HAVING are in X->written; it selects nothing yet. */
static bool
set_aside(struct lam_sub *x)
{
	struct lam_select *s = &x->s, *written = LAM_ARENA_NEW(
		x->b->sql.arena, struct lam_select, 1);

	if (written == NULL)
		return !lam_fail_mem(x->b->sql.e);
	*written = *s;
	x->written = written;
	s->item = LAM_ARENA_NEW(x->b->sql.arena, struct lam_item,
		s->nitems + LAM_SQL_LEAVES + 1);
	s->nitems = 0;
	s->having = NULL;
	s->distinct = false;
	return s->item != NULL || !lam_fail_mem(x->b->sql.e);
}

bool
lam_sub_lone_items(struct lam_sub *x, const struct lam_ast *a)
{
	struct lam_select *s = &x->s;
	const struct lam_select *w;

	if (!set_aside(x))
		return false;
	w = x->written;
	if (w->having != NULL && !collect(x, w->having))
		return false;
	for (uint32_t i = 0; i < w->nitems && a->fn != LAM_USE_EXISTS; i++)
		if (!collect(x, w->item[i].expr))
			return false;
	if (s->nitems == 0) {
		s->item[0] = (struct lam_item){ .line = 1, .column = 1,
			.expr = lam_sub_literal(x, LAM_A_BOOL, true) };
		if (s->item[0].expr == NULL)
			return false;
		s->nitems = 1;
	}
	x->nvalues = s->nitems;
	return lam_sub_items(x, s->item, s->nitems);
}

/* The column I as it is named, which has no value of its own. */
static bool
set_named(struct lam_sub *x, uint32_t i)
{
	struct lam_item *to = &x->s.item[x->s.nitems++];
	const char *name;

	*to = x->written->item[i];
	name = to->alias.p != NULL ? NULL : lam_print_text(&x->b->sql,
		to->expr);
	if (to->alias.p == NULL && name == NULL)
		return !lam_fail_mem(x->b->sql.e);
	if (name != NULL)
		to->alias = (struct lam_str){ name, strlen(name) };
	to->expr = lam_sub_literal(x, LAM_A_NULL, false);
	return to->expr != NULL;
}

bool
lam_sub_lone_rows(struct lam_sub *x)
{
	if (!set_aside(x))
		return false;
	for (uint32_t i = 0; i < x->written->nitems; i++)
		if (!set_named(x, i))
			return false;
	for (uint32_t i = 0; i < x->written->nitems; i++)
		if (!collect(x, x->written->item[i].expr))
			return false;
	return lam_sub_items(x, x->s.item, x->s.nitems);
}

/* Of no rows it is 0. */
static bool
counts(const struct lam_ast *a)
{
	return a->agg <= LAM_AGG_COUNT_DISTINCT || a->agg == LAM_AGG_HLL ||
		a->agg == LAM_AGG_REGR_COUNT;
}

/* *A, a copy, with the columns from BASE on for its aggregates. */
static bool
outside(struct lam_sub *x, struct lam_ast **a, uint32_t base)
{
	struct lam_ast *c = *a;

	if (c->kind == LAM_A_AGG) {
		*a = lam_over_field(x->b, base + column_of(x, c), c);
		if (*a != NULL && counts(c))
			*a = lam_sub_call(x, c, LAM_FN_COALESCE, 2, *a,
				lam_sub_literal(x, LAM_A_NUMBER, false));
		return *a != NULL;
	}
	for (uint32_t i = 0; i < c->nargs; i++)
		if (!outside(x, &c->arg[i], base))
			return false;
	return lam_ast_seal(&x->b->sql, c);
}

/* The expression A of the query, outside. */
static struct lam_ast *
made(struct lam_sub *x, const struct lam_ast *a, uint32_t base)
{
	struct lam_ast *c = lam_ast_copy(&x->b->sql, a);

	return c != NULL && outside(x, &c, base) ? lam_bind_resolve(x->b, c) :
		NULL;
}

bool
lam_sub_lone_see(struct lam_sub *x, struct lam_bind *leaf)
{
	for (uint32_t i = 0; i < x->written->nitems; i++) {
		leaf->visible[i].made = made(x, x->written->item[i].expr,
			x->b->nvisible);
		if (leaf->visible[i].made == NULL)
			return false;
	}
	return true;
}

/* What IN compares is equal to what the query gives. */
static struct lam_ast *
equal(struct lam_sub *x, const struct lam_ast *a, uint32_t base)
{
	struct lam_ast *all = NULL, *eq;

	for (uint32_t i = 0; i < a->nargs; i++) {
		eq = lam_sub_call(x, a, LAM_FN_EQ, 2, lam_bind_resolve(x->b,
			a->arg[i]), made(x, x->written->item[i].expr, base));
		all = i == 0 ? eq : lam_sub_call(x, a, LAM_FN_AND, 2, all, eq);
		if (all == NULL)
			return NULL;
	}
	return all;
}

struct lam_ast *
lam_sub_lone(struct lam_sub *x, const struct lam_ast *a, struct lam_query *q)
{
	const struct lam_ast *h = x->written->having;
	struct lam_ast *having = NULL, *e;
	int64_t base;

	if (a->fn == LAM_USE_EXISTS && h == NULL)
		return lam_sub_literal(x, LAM_A_BOOL, true);
	base = lam_sub_single(x, q, a);
	if (base < 0 || (h != NULL && (having = made(x, h, (uint32_t)base)) ==
		NULL))
		return NULL;
	if (a->fn == LAM_USE_EXISTS)
		return lam_sub_call(x, a, LAM_FN_COALESCE, 2, having,
			lam_sub_literal(x, LAM_A_BOOL, false));
	e = a->fn == LAM_USE_IN ? equal(x, a, (uint32_t)base) :
		made(x, x->written->item[0].expr, (uint32_t)base);
	if (h == NULL || e == NULL)
		return e;
	return lam_sub_choose(x, a, (struct lam_ast *[]){ having, e,
		lam_sub_literal(x, a->fn == LAM_USE_IN ? LAM_A_BOOL :
		LAM_A_NULL, false) }, 3);
}
