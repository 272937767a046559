/*
 * bind_sub.c - queries within expressions
 *
 * One that stands alone and is a value is run before the rows are read
 * (LAM_X_VALUE).  Others become joins with what FROM has:
 *
 *	EXISTS (q)	a MARK: whether a row met one of q
 *	x IN (q)	a MARK on x = q's column; where NULL is not as good as false,
 *			two more say whether q has rows, and whether it has a NULL
 *	(q)		a SINGLE: the column of the row of q that was met, or NULL
 *
 * Conditions in WHERE of q that name columns of the query around it are those of the
 * join.  What they read of q becomes columns of q; where q has aggregates it is
 * grouped by them, so that its value is made once for each value of these columns.
 */
#include <string.h>

#include "sql/bind_join.h"
#include "sql/bind_over.h"

/* A sub-query on its way. */
struct sub {
	struct lam_bind *b;	/* the query around it */
	struct lam_bind in;	/* its own names */
	struct lam_select s;	/* what is left of it */
	struct lam_ast **column; /* that the conditions read of it */
	uint32_t ncolumns;
	struct lam_ast **on;	/* conditions; its columns are counted from 0, with
				 * the table INNER */
	uint32_t non, nwhere;
	bool aggregated;
	bool lone;		/* and not grouped: it has one row, whatever there is */
};

static struct lam_ast *
refuse(struct sub *x, const struct lam_ast *a, const char *what)
{
	lam_sql_fail(&x->b->sql, a->line, a->column, "%s", what);
	return NULL;
}

/* Does A name columns of the query around (OUTER), or within? */
static void
survey(const struct sub *x, const struct lam_ast *a, bool *inner, bool *outer)
{
	if (a->kind == LAM_A_NAME && a->text.p != NULL) {
		if (lam_bind_knows(&x->in, a))
			*inner = true;
		else if (lam_bind_knows(x->b, a))
			*outer = true;
	}
	for (uint32_t i = 0; i < a->nargs; i++)
		survey(x, a->arg[i], inner, outer);
	if (a->filter != NULL)
		survey(x, a->filter, inner, outer);
}

/* A column of the sub-query: the expression A; NULL: failed. */
static struct lam_ast *
add_column(struct sub *x, struct lam_ast *a)
{
	struct lam_ast *f;
	uint32_t i = 0;

	while (i < x->ncolumns && !lam_ast_equal(x->column[i], a))
		i++;
	if (i == x->ncolumns && x->ncolumns == LAM_SQL_LEAVES)
		return refuse(x, a, "a sub-query is bound to the query around "
			"it by too many columns");
	x->column[i] = a;
	x->ncolumns += i == x->ncolumns;
	f = lam_over_field(x->b, i, a);
	if (f != NULL)
		f->quoted = true; /* counted from 0 yet */
	return f;
}

/* A copy of A: names within are columns, those around are resolved. */
static struct lam_ast *
carry(struct sub *x, struct lam_ast *a)
{
	bool inner = false, outer = false;
	struct lam_ast *c;

	survey(x, a, &inner, &outer);
	if (inner && !outer && (a->kind == LAM_A_NAME || x->aggregated))
		return add_column(x, a);
	if (!inner)
		return lam_bind_resolve(x->b, a);
	if (a->kind == LAM_A_QUERY)
		return refuse(x, a, "a sub-query within a condition that binds "
			"another one: put it into a query of WITH");
	c = lam_ast_copy(&x->b->sql, a);
	for (uint32_t i = 0; c != NULL && i < a->nargs; i++)
		if ((c->arg[i] = carry(x, a->arg[i])) == NULL)
			return NULL;
	return c != NULL && lam_ast_seal(&x->b->sql, c) ? c : NULL;
}

/* One condition of WHERE. */
static bool
take_condition(struct sub *x, struct lam_ast *a, struct lam_conjuncts *rest)
{
	bool inner = false, outer = false;

	survey(x, a, &inner, &outer);
	if (!outer)
		return lam_bind_conjuncts(x->b, a, rest);
	if (x->aggregated && (a->kind != LAM_A_CALL || a->fn != LAM_FN_EQ))
		return refuse(x, a, "a sub-query with aggregates is bound to the "
			"query around it by equality: write inner = outer, or a "
			"join") != NULL;
	if (x->s.has_limit || x->s.has_offset || x->s.norder > 0)
		return refuse(x, a, "a sub-query that is bound to the query "
			"around it has no ORDER BY and LIMIT: write arg_max, or "
			"row_number() in a join") != NULL;
	x->on[x->non] = carry(x, a);
	return x->on[x->non++] != NULL;
}

static bool
take_where(struct sub *x)
{
	struct lam_conjuncts all = { NULL, 0 }, rest = { NULL, 0 };

	if (x->s.where == NULL)
		return true;
	if (!lam_bind_conjuncts(x->b, x->s.where, &all))
		return false;
	x->on = LAM_ARENA_NEW(x->b->sql.arena, struct lam_ast *, all.n + 2);
	if (x->on == NULL)
		return !lam_fail_mem(x->b->sql.e);
	for (uint32_t i = 0; i < all.n; i++)
		if (!take_condition(x, all.p[i], &rest))
			return false;
	x->s.where = lam_bind_all_of(x->b, &rest);
	return x->s.where != NULL || rest.n == 0;
}

/* Items of the sub-query: its value (unless only its rows count), then COLUMNs, by
 * which it is grouped when it has aggregates. */
static bool
set_items(struct sub *x, bool value)
{
	struct lam_select *s = &x->s;
	uint32_t n = x->ncolumns;
	struct lam_item *item = LAM_ARENA_NEW(x->b->sql.arena, struct lam_item,
		n + 2);
	struct lam_term *group = LAM_ARENA_NEW(x->b->sql.arena, struct lam_term,
		s->ngroup + n + 1);

	if (item == NULL || group == NULL)
		return !lam_fail_mem(x->b->sql.e);
	item[0] = s->item[0];
	if (!value) {
		item[0] = (struct lam_item){ .expr = lam_ast_new(&x->b->sql,
			LAM_A_BOOL, 1, 1), .line = 1, .column = 1 };
		if (item[0].expr == NULL || !lam_ast_seal(&x->b->sql,
			item[0].expr))
			return false;
	}
	for (uint32_t i = 0; i < n; i++)
		item[1 + i] = (struct lam_item){ .expr = x->column[i],
			.line = x->column[i]->line,
			.column = x->column[i]->column };
	s->item = item;
	s->nitems = n + 1;
	if (!x->aggregated || n == 0)
		return true;
	if (s->ngroup > 0)
		memcpy(group, s->group, s->ngroup * sizeof *group);
	for (uint32_t i = 0; i < n; i++)
		group[s->ngroup++].expr = x->column[i];
	s->group = group;
	return true;
}

/* Columns of the sub-query in A are counted from BASE now. */
static bool
place(struct lam_bind *b, struct lam_ast *a, uint32_t base)
{
	if (a->kind == LAM_A_FIELD && a->quoted) {
		a->index += base;
		a->quoted = false;
	}
	for (uint32_t i = 0; i < a->nargs; i++)
		if (!place(b, a->arg[i], base))
			return false;
	return lam_ast_seal(&b->sql, a);
}

/* A join of KIND with Q on the conditions of X and MORE (or NULL); its column. */
static struct lam_ast *
attach(struct sub *x, enum lam_join_kind kind, struct lam_query *q,
	struct lam_ast *more, const struct lam_ast *at)
{
	uint32_t base = x->b->nvisible + (kind == LAM_JOIN_MARK), n = 0;
	struct lam_ast **on = LAM_ARENA_NEW(x->b->sql.arena, struct lam_ast *,
		x->non + 2);
	int64_t column;

	if (on == NULL)
		return lam_fail_mem(x->b->sql.e), NULL;
	for (; n < x->non; n++) {
		on[n] = lam_ast_copy(&x->b->sql, x->on[n]);
		if (on[n] == NULL || !place(x->b, on[n], base + 1))
			return NULL; /* behind its value */
	}
	if (more != NULL) {
		on[n++] = more;
		if (!place(x->b, more, base))
			return NULL;
	}
	column = lam_bind_attach(x->b, kind, q, on, n, at);
	return column < 0 ? NULL : lam_over_field(x->b, (uint32_t)column, at);
}

/* The value of a row of the sub-query, yet to be placed. */
static struct lam_ast *
value(struct sub *x, const struct lam_ast *at)
{
	struct lam_ast *f = lam_over_field(x->b, 0, at);

	if (f != NULL)
		f->quoted = true;
	return f;
}

static struct lam_ast *
call(struct sub *x, const struct lam_ast *at, enum lam_fn fn, uint32_t n,
	struct lam_ast *a, struct lam_ast *b)
{
	struct lam_token t = { .line = at->line, .column = at->column };

	return a == NULL || (n > 1 && b == NULL) ? NULL : lam_ast_call(
		&x->b->sql, &t, fn, n, (struct lam_ast *[]){ a, b });
}

static struct lam_ast *
literal(struct sub *x, enum lam_ast_kind kind, bool is)
{
	struct lam_ast *a = lam_ast_new(&x->b->sql, kind, 1, 1);

	if (a == NULL)
		return NULL;
	a->boolean = is;
	return lam_ast_seal(&x->b->sql, a) ? a : NULL;
}

/*
 * CASE WHEN met THEN true WHEN x IS NULL AND rows THEN NULL WHEN nulls THEN NULL ELSE
 * false: what IN is where NULL and false are not the same.
 */
static struct lam_ast *
three_valued(struct sub *x, const struct lam_ast *a, struct lam_ast *left,
	struct lam_ast *met, struct lam_query *q)
{
	struct lam_ast *rows, *nulls, *c, *arg[7];

	q->shared = true;
	rows = attach(x, LAM_JOIN_MARK, q, NULL, a);
	nulls = rows == NULL ? NULL : attach(x, LAM_JOIN_MARK, q, call(x, a,
		LAM_FN_IS_NULL, 1, value(x, a), NULL), a);
	c = nulls == NULL ? NULL : lam_ast_new(&x->b->sql, LAM_A_CASE, a->line,
		a->column);
	if (c == NULL)
		return NULL;
	arg[0] = met;
	arg[1] = literal(x, LAM_A_BOOL, true);
	arg[2] = call(x, a, LAM_FN_AND, 2, call(x, a, LAM_FN_IS_NULL, 1,
		lam_ast_copy(&x->b->sql, left), NULL), rows);
	arg[3] = literal(x, LAM_A_NULL, false);
	arg[4] = nulls;
	arg[5] = literal(x, LAM_A_NULL, false);
	arg[6] = literal(x, LAM_A_BOOL, false);
	c->arg = LAM_ARENA_NEW(x->b->sql.arena, struct lam_ast *, 7);
	if (c->arg == NULL)
		return lam_fail_mem(x->b->sql.e), NULL;
	for (; c->nargs < 7; c->nargs++)
		if ((c->arg[c->nargs] = arg[c->nargs]) == NULL)
			return NULL;
	return lam_ast_seal(&x->b->sql, c) ? c : NULL;
}

static struct lam_ast *
bind_in(struct sub *x, const struct lam_ast *a, struct lam_query *q)
{
	struct lam_ast *left = lam_bind_resolve(x->b, a->arg[0]), *met;

	if (left == NULL)
		return NULL;
	met = attach(x, LAM_JOIN_MARK, q, call(x, a, LAM_FN_EQ, 2,
		lam_ast_copy(&x->b->sql, left), value(x, a)), a);
	return met == NULL || a->boolean ? met : three_valued(x, a, left, met,
		q);
}

/* Of no rows count is 0. */
static struct lam_ast *
bind_value(struct sub *x, const struct lam_ast *a, const struct lam_ast *item,
	struct lam_query *q)
{
	bool counts = item != NULL && item->kind == LAM_A_AGG &&
		(item->agg <= LAM_AGG_COUNT_DISTINCT ||
		item->agg == LAM_AGG_HLL || item->agg == LAM_AGG_REGR_COUNT);
	struct lam_ast *f = attach(x, LAM_JOIN_SINGLE, q, NULL, a), *zero;

	if (f == NULL || !counts || !x->lone)
		return f;
	zero = literal(x, LAM_A_NUMBER, false);
	return call(x, a, LAM_FN_COALESCE, 2, f, zero);
}

/* The query is bound: as the value that it is, or to the query around it. */
static struct lam_ast *
bind_use(struct sub *x, const struct lam_ast *a, const struct lam_ast *item,
	struct lam_query *q)
{
	struct lam_ast *c;

	if (a->fn == LAM_USE_EXISTS)
		return attach(x, LAM_JOIN_MARK, q, NULL, a);
	if (q->noutputs != 1 + x->ncolumns)
		return refuse(x, a, "a sub-query that is a value has one "
			"column: select one");
	if (a->fn == LAM_USE_IN)
		return bind_in(x, a, q);
	if (x->non > 0)
		return bind_value(x, a, item, q);
	c = lam_ast_new(&x->b->sql, LAM_A_QUERY, a->line, a->column);
	if (c == NULL)
		return NULL;
	c->index = a->index;
	c->query = q;
	return lam_ast_seal(&x->b->sql, c) ? c : NULL;
}

/*
 * A lone aggregate that is bound to the query around it has a row where nothing meets
 * its conditions, too; the join has none, which serves for the value alone.
 */
static bool
check_lone(struct sub *x, const struct lam_ast *a)
{
	const struct lam_ast *item = x->s.item[0].expr;

	if (a->fn == LAM_USE_EXISTS || a->fn == LAM_USE_IN || x->s.having)
		return refuse(x, a, "an aggregate without GROUP BY has a row even "
			"where nothing meets its conditions: compare its value, "
			"as (SELECT count(*) ...) > 0") != NULL;
	if (item != NULL && item->kind != LAM_A_AGG)
		return refuse(x, a, "select the aggregate alone in a sub-query "
			"that is bound to the query around it, and do the rest "
			"outside, as coalesce((SELECT sum(x) ...), 0)") != NULL;
	return true;
}

/* A plain SELECT: its FROM first, then what binds it to the query around it. */
static bool
bind_bound(struct sub *x, const struct lam_ast *a, struct lam_query **out)
{
	struct lam_scope own = { x->b->scope->catalog, a->select->with,
		a->select->nwith, x->b->scope };
	bool one = a->select->nitems == 1 && a->select->item[0].expr != NULL;
	int rc;

	x->s = *a->select;
	x->in = (struct lam_bind){ .sql = x->b->sql, .scope = &own,
		.q = lam_query_new(x->b->sql.arena) };
	x->column = LAM_ARENA_NEW(x->b->sql.arena, struct lam_ast *,
		LAM_SQL_LEAVES + 1);
	if (x->in.q == NULL || x->column == NULL)
		return !lam_fail_mem(x->b->sql.e);
	rc = lam_bind_from(&x->in, &x->s, false);
	x->b->sql.nodes = x->in.sql.nodes;
	x->aggregated = x->s.ngroup > 0 || x->s.having != NULL;
	for (uint32_t i = 0; i < x->s.nitems; i++)
		x->aggregated |= x->s.item[i].expr != NULL &&
			lam_ast_agg(x->s.item[i].expr) != NULL;
	x->lone = x->aggregated && x->s.ngroup == 0 && !x->s.group_all;
	if (rc != LAM_OK || !take_where(x) ||
		(x->non > 0 && x->lone && !check_lone(x, a)))
		return false;
	if (x->non > 0 && a->fn != LAM_USE_EXISTS && !one)
		return refuse(x, a, "a sub-query that is a value has one "
			"column: select one") != NULL;
	if (x->non > 0 && !set_items(x, a->fn != LAM_USE_EXISTS))
		return false;
	x->in.sql.nodes = x->b->sql.nodes;
	rc = lam_bind_clauses(&x->in, &x->s, false);
	x->b->sql.nodes = x->in.sql.nodes;
	*out = x->in.q;
	return rc == LAM_OK;
}

struct lam_ast *
lam_bind_sub(struct lam_bind *b, const struct lam_ast *a)
{
	struct sub x = { .b = b };
	const struct lam_select *s = a->select;
	struct lam_query *q = NULL;
	bool ok;

	if (b->as_view || b->first_visible > 0)
		return lam_sql_fail(&b->sql, a->line, a->column, b->as_view ?
			"a view has no sub-queries, since its records are taken "
			"once: ask in the query on the view" : "a sub-query "
			"cannot stand in ON of this join: put it into WHERE"),
			NULL;
	if (s->set != LAM_SET_NONE)
		ok = lam_bind_within(b, s, b->scope, &q) == LAM_OK;
	else
		ok = bind_bound(&x, a, &q);
	return ok ? bind_use(&x, a, s->nitems == 1 ? s->item[0].expr :
		NULL, q) : NULL;
}
