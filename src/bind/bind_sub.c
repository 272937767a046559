/*
 * bind_sub.c - queries within expressions
 *
 * One that stands alone and is a value is run before the rows are read
 * (LAM_X_VALUE).  Others become joins with what FROM has:
 *
 *	EXISTS (q)	a MARK: whether a row met one of q
 *	x IN (q)	a MARK on x = q's column; where NULL is not as good as false,
 *			two more say whether q has rows, and whether it has a NULL
 *	(x, y) IN (q)	a MARK on both; one more says whether NULLs are all that
 *			makes a difference
 *	(q)		a SINGLE: the column of the row of q that was met, or NULL
 *
 * Conditions in WHERE of q that name columns of the query around it are those of the
 * join.  What they read of q becomes columns of q; where q has aggregates it is
 * grouped by them, so that its value is made once for each value of these columns.
 */
#include <string.h>

#include "bind/bind_over.h"
#include "bind/bind_sub.h"

/* A join of KIND with Q on the conditions of X and MORE (or NULL); its column. */
static struct lam_ast *
attach(struct lam_sub *x, enum lam_join_kind kind, struct lam_query *q,
	struct lam_ast *more, const struct lam_ast *at)
{
	uint32_t base = x->b->nvisible + (kind == LAM_JOIN_MARK), n = 0;
	struct lam_ast **on = LAM_ARENA_NEW(x->b->sql.arena, struct lam_ast *,
		x->non + 2);
	int64_t column;

	if (x->b->joining)
		return lam_sub_refuse(x, at, "ON has no sub-query but a value that "
			"stands alone: put this one into WHERE, or join a query "
			"that has it");
	if (on == NULL)
		return lam_fail_mem(x->b->sql.e), NULL;
	for (; n < x->non; n++) {
		on[n] = lam_ast_copy(&x->b->sql, x->on[n]);
		if (on[n] == NULL || !lam_sub_place(x->b, on[n], base +
			x->nvalues))
			return NULL;
	}
	if (more != NULL) {
		on[n++] = more;
		if (!lam_sub_place(x->b, more, base))
			return NULL;
	}
	column = lam_bind_attach(x->b, kind, q, on, n, at);
	return column < 0 ? NULL : lam_over_field(x->b, (uint32_t)column, at);
}

/* Value I of a row of the sub-query, yet to be placed. */
static struct lam_ast *
value(struct lam_sub *x, uint32_t i, const struct lam_ast *at)
{
	struct lam_ast *f = lam_over_field(x->b, i, at);

	if (f != NULL)
		f->quoted = true;
	return f;
}

static struct lam_ast *
call(struct lam_sub *x, const struct lam_ast *at, enum lam_fn fn, uint32_t n,
	struct lam_ast *a, struct lam_ast *b)
{
	struct lam_token t = { .line = at->line, .column = at->column };

	return a == NULL || (n > 1 && b == NULL) ? NULL : lam_ast_call(
		&x->b->sql, &t, fn, n, (struct lam_ast *[]){ a, b });
}

static struct lam_ast *
literal(struct lam_sub *x, enum lam_ast_kind kind, bool is)
{
	struct lam_ast *a = lam_ast_new(&x->b->sql, kind, 1, 1);

	if (a == NULL)
		return NULL;
	a->boolean = is;
	return lam_ast_seal(&x->b->sql, a) ? a : NULL;
}

/* CASE WHEN w0 THEN t0 WHEN w1 THEN t1 ... ELSE e: ARG, N of them. */
static struct lam_ast *
choose(struct lam_sub *x, const struct lam_ast *at, struct lam_ast *const *arg,
	uint32_t n)
{
	struct lam_ast *c = lam_ast_new(&x->b->sql, LAM_A_CASE, at->line,
		at->column);

	if (c == NULL)
		return NULL;
	c->arg = LAM_ARENA_NEW(x->b->sql.arena, struct lam_ast *, n);
	if (c->arg == NULL)
		return lam_fail_mem(x->b->sql.e), NULL;
	for (; c->nargs < n; c->nargs++)
		if ((c->arg[c->nargs] = arg[c->nargs]) == NULL)
			return NULL;
	return lam_ast_seal(&x->b->sql, c) ? c : NULL;
}

/*
 * CASE WHEN met THEN true WHEN x IS NULL AND rows THEN NULL WHEN nulls THEN NULL ELSE
 * false: what IN is where NULL and false are not the same.
 */
static struct lam_ast *
three_valued(struct lam_sub *x, const struct lam_ast *a, struct lam_ast *left,
	struct lam_ast *met, struct lam_query *q)
{
	struct lam_ast *rows, *nulls;

	q->shared = true;
	rows = attach(x, LAM_JOIN_MARK, q, NULL, a);
	nulls = rows == NULL ? NULL : attach(x, LAM_JOIN_MARK, q, call(x, a,
		LAM_FN_IS_NULL, 1, value(x, 0, a), NULL), a);
	return nulls == NULL ? NULL : choose(x, a, (struct lam_ast *[]){ met,
		literal(x, LAM_A_BOOL, true), call(x, a, LAM_FN_AND, 2, call(x,
		a, LAM_FN_IS_NULL, 1, lam_ast_copy(&x->b->sql, left), NULL),
		rows), literal(x, LAM_A_NULL, false), nulls, literal(x,
		LAM_A_NULL, false), literal(x, LAM_A_BOOL, false) }, 7);
}

/*
 * The values LEFT of A are those of a row; MAYBE: or they might be, if it were not for
 * NULLs.
 */
static struct lam_ast *
equal(struct lam_sub *x, const struct lam_ast *a, struct lam_ast *const *left,
	bool maybe)
{
	struct lam_ast **eq = LAM_ARENA_NEW(x->b->sql.arena, struct lam_ast *,
		a->nargs);
	struct lam_token at = { .line = a->line, .column = a->column };

	if (eq == NULL)
		return lam_fail_mem(x->b->sql.e), NULL;
	for (uint32_t i = 0; i < a->nargs; i++) {
		eq[i] = call(x, a, LAM_FN_EQ, 2, lam_ast_copy(&x->b->sql,
			left[i]), value(x, i, a));
		if (maybe && eq[i] != NULL)
			eq[i] = call(x, a, LAM_FN_COALESCE, 2, eq[i], literal(x,
				LAM_A_BOOL, true));
		if (eq[i] == NULL)
			return NULL;
	}
	return a->nargs == 1 ? eq[0] : lam_ast_call(&x->b->sql, &at, LAM_FN_AND,
		a->nargs, eq);
}

static struct lam_ast *
bind_in(struct lam_sub *x, const struct lam_ast *a, struct lam_query *q)
{
	struct lam_ast **left = LAM_ARENA_NEW(x->b->sql.arena, struct lam_ast *,
		a->nargs), *met, *may;

	if (left == NULL)
		return lam_fail_mem(x->b->sql.e), NULL;
	for (uint32_t i = 0; i < a->nargs; i++)
		if ((left[i] = lam_bind_resolve(x->b, a->arg[i])) == NULL)
			return NULL;
	met = attach(x, LAM_JOIN_MARK, q, equal(x, a, left, false), a);
	if (met == NULL || a->boolean)
		return met;
	if (a->nargs == 1)
		return three_valued(x, a, left[0], met, q);
	q->shared = true;
	may = attach(x, LAM_JOIN_MARK, q, equal(x, a, left, true), a);
	return may == NULL ? NULL : choose(x, a, (struct lam_ast *[]){ met,
		literal(x, LAM_A_BOOL, true), may, literal(x, LAM_A_NULL,
		false), literal(x, LAM_A_BOOL, false) }, 5);
}

/* Of no rows count is 0. */
static struct lam_ast *
bind_value(struct lam_sub *x, const struct lam_ast *a, const struct lam_ast *item,
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

static struct lam_ast *
wrong_number(struct lam_sub *x, const struct lam_ast *a)
{
	return lam_sub_refuse(x, a, x->nvalues > 1 ? "a row of values is compared "
		"with a query that has as many columns: select these" : "a "
		"sub-query that is a value has one column: select one");
}

/* The query is bound: as the value that it is, or to the query around it. */
static struct lam_ast *
bind_use(struct lam_sub *x, const struct lam_ast *a, const struct lam_ast *item,
	struct lam_query *q)
{
	struct lam_ast *c;

	if (a->fn == LAM_USE_EXISTS)
		return attach(x, LAM_JOIN_MARK, q, NULL, a);
	if (q->noutputs != x->nvalues + x->ncolumns)
		return wrong_number(x, a);
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
check_lone(struct lam_sub *x, const struct lam_ast *a)
{
	const struct lam_ast *item = x->s.item[0].expr;

	if (a->fn == LAM_USE_EXISTS || a->fn == LAM_USE_IN || x->s.having)
		return lam_sub_refuse(x, a, "an aggregate without GROUP BY has a "
			"row even where nothing meets its conditions: compare "
			"its value, as (SELECT count(*) ...) > 0") != NULL;
	if (item != NULL && item->kind != LAM_A_AGG)
		return lam_sub_refuse(x, a, "select the aggregate alone in a sub-query "
			"that is bound to the query around it, and do the rest "
			"outside, as coalesce((SELECT sum(x) ...), 0)") != NULL;
	return true;
}

/* Only its rows count: it gives TRUE for each. */
static bool
set_items(struct lam_sub *x, bool value)
{
	struct lam_item met = { .expr = NULL, .line = 1, .column = 1 };

	if (!value && (met.expr = literal(x, LAM_A_BOOL, true)) == NULL)
		return false;
	return lam_sub_items(x, value ? x->s.item : &met, x->nvalues);
}

/* A plain SELECT: its FROM first, then what binds it to the query around it. */
static bool
bind_bound(struct lam_sub *x, const struct lam_ast *a, struct lam_query **out)
{
	struct lam_scope own = { x->b->scope->catalog, a->select->with,
		a->select->nwith, x->b->scope };
	bool fit = a->select->nitems == x->nvalues;

	for (uint32_t i = 0; i < a->select->nitems; i++)
		fit &= a->select->item[i].expr != NULL;
	if (!lam_sub_open(x, a->select, &own) || (x->non > 0 && x->lone &&
		!check_lone(x, a)))
		return false;
	if (x->non > 0 && a->fn != LAM_USE_EXISTS && !fit)
		return wrong_number(x, a) != NULL;
	if (x->non > 0 && !set_items(x, a->fn != LAM_USE_EXISTS))
		return false;
	*out = x->in.q;
	return lam_sub_close(x);
}

struct lam_ast *
lam_bind_sub(struct lam_bind *b, const struct lam_ast *a)
{
	struct lam_sub x = { .b = b, .nvalues = a->nargs ? a->nargs : 1 };
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
