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
 * An aggregate without GROUP BY is made in two steps (bind_sub_lone.c).
 */
#include <string.h>

#include "bind/bind_over.h"
#include "bind/bind_sub.h"

/* A join of KIND with Q on the conditions of X and MORE (or NULL): its column; -1:
 * failed. */
static int64_t
attach_column(struct lam_sub *x, enum lam_join_kind kind, struct lam_query *q,
	struct lam_ast *more, const struct lam_ast *at)
{
	uint32_t base = x->b->nvisible + (kind == LAM_JOIN_MARK), n = 0;
	struct lam_ast **on = LAM_ARENA_NEW(x->b->sql.arena, struct lam_ast *,
		x->non + 2);

	if (x->b->joining && x->b->side == NULL)
		return lam_sub_no_side(x, at), -1;
	if (on == NULL)
		return lam_fail_mem(x->b->sql.e), -1;
	for (; n < x->non; n++) {
		on[n] = lam_ast_copy(&x->b->sql, x->on[n]);
		if (on[n] == NULL || !lam_sub_place(x->b, on[n], base +
			x->nvalues))
			return -1;
	}
	if (more != NULL) {
		on[n++] = more;
		if (!lam_sub_place(x->b, more, base))
			return -1;
	}
	return lam_bind_attach(x->b, kind, q, on, n, at);
}

/* Likewise, as a node. */
static struct lam_ast *
attach(struct lam_sub *x, enum lam_join_kind kind, struct lam_query *q,
	struct lam_ast *more, const struct lam_ast *at)
{
	int64_t column = attach_column(x, kind, q, more, at);

	return column < 0 ? NULL : lam_over_field(x->b, (uint32_t)column, at);
}

int64_t
lam_sub_single(struct lam_sub *x, struct lam_query *q, const struct lam_ast *at)
{
	return attach_column(x, LAM_JOIN_SINGLE, q, NULL, at);
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

struct lam_ast *
lam_sub_call(struct lam_sub *x, const struct lam_ast *at, enum lam_fn fn,
	uint32_t n, struct lam_ast *a, struct lam_ast *b)
{
	struct lam_token t = { .line = at->line, .column = at->column };

	return a == NULL || (n > 1 && b == NULL) ? NULL : lam_ast_call(
		&x->b->sql, &t, fn, n, (struct lam_ast *[]){ a, b });
}

struct lam_ast *
lam_sub_literal(struct lam_sub *x, enum lam_ast_kind kind, bool is)
{
	struct lam_ast *a = lam_ast_new(&x->b->sql, kind, 1, 1);

	if (a == NULL)
		return NULL;
	a->boolean = is;
	return lam_ast_seal(&x->b->sql, a) ? a : NULL;
}

struct lam_ast *
lam_sub_choose(struct lam_sub *x, const struct lam_ast *at,
	struct lam_ast *const *arg, uint32_t n)
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
	struct lam_ast *rows, *nulls, *none;

	q->shared = true;
	rows = attach(x, LAM_JOIN_MARK, q, NULL, a);
	nulls = rows == NULL ? NULL : attach(x, LAM_JOIN_MARK, q,
		lam_sub_call(x, a, LAM_FN_IS_NULL, 1, value(x, 0, a), NULL), a);
	if (nulls == NULL)
		return NULL;
	none = lam_sub_call(x, a, LAM_FN_IS_NULL, 1, lam_ast_copy(&x->b->sql,
		left), NULL);
	return lam_sub_choose(x, a, (struct lam_ast *[]){ met,
		lam_sub_literal(x, LAM_A_BOOL, true),
		lam_sub_call(x, a, LAM_FN_AND, 2, none, rows),
		lam_sub_literal(x, LAM_A_NULL, false), nulls,
		lam_sub_literal(x, LAM_A_NULL, false),
		lam_sub_literal(x, LAM_A_BOOL, false) }, 7);
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
		eq[i] = lam_sub_call(x, a, LAM_FN_EQ, 2, lam_ast_copy(&x->b->sql,
			left[i]), value(x, i, a));
		if (maybe && eq[i] != NULL)
			eq[i] = lam_sub_call(x, a, LAM_FN_COALESCE, 2, eq[i],
				lam_sub_literal(x, LAM_A_BOOL, true));
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
	return may == NULL ? NULL : lam_sub_choose(x, a, (struct lam_ast *[]){
		met, lam_sub_literal(x, LAM_A_BOOL, true), may,
		lam_sub_literal(x, LAM_A_NULL, false),
		lam_sub_literal(x, LAM_A_BOOL, false) }, 5);
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
bind_use(struct lam_sub *x, const struct lam_ast *a, struct lam_query *q)
{
	struct lam_ast *c;

	if (x->non > 0 && x->lone)
		return lam_sub_lone(x, a, q);
	if (a->fn == LAM_USE_EXISTS)
		return attach(x, LAM_JOIN_MARK, q, NULL, a);
	if (q->noutputs != x->nvalues + x->ncolumns)
		return wrong_number(x, a);
	if (a->fn == LAM_USE_IN)
		return bind_in(x, a, q);
	if (x->non > 0)
		return attach(x, LAM_JOIN_SINGLE, q, NULL, a);
	c = lam_ast_new(&x->b->sql, LAM_A_QUERY, a->line, a->column);
	if (c == NULL)
		return NULL;
	q->output[0].expr->raw = false; /* a value, not the text of a field */
	c->index = a->index;
	c->query = q;
	return lam_ast_seal(&x->b->sql, c) ? c : NULL;
}

/* Only its rows count: it gives TRUE for each. */
static bool
set_items(struct lam_sub *x, bool value)
{
	struct lam_item met = { .expr = NULL, .line = 1, .column = 1 };

	if (!value && (met.expr = lam_sub_literal(x, LAM_A_BOOL, true)) == NULL)
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
	if (!lam_sub_open(x, a->select, &own))
		return false;
	if (x->non > 0 && a->fn != LAM_USE_EXISTS && !fit)
		return wrong_number(x, a) != NULL;
	if (x->non > 0 && (!lam_sub_first(x) || (x->lone ?
		!lam_sub_lone_items(x, a) :
		!set_items(x, a->fn != LAM_USE_EXISTS))))
		return false;
	*out = x->in.q;
	return lam_sub_close(x);
}

struct lam_ast *
lam_bind_sub(struct lam_bind *b, const struct lam_ast *a)
{
	const struct lam_select *s = a->select;
	struct lam_sub x = { .b = b, .nvalues = a->nargs ? a->nargs : 1,
		.first = s->has_limit || s->has_offset };
	struct lam_query *q = NULL;
	bool ok;

	if (b->as_view)
		return lam_sql_fail(&b->sql, a->line, a->column, "a view has no "
			"sub-queries, since its records are taken once: ask in "
			"the query on the view"), NULL;
	if (s->set != LAM_SET_NONE)
		ok = lam_bind_within(b, s, b->scope, &q) == LAM_OK;
	else
		ok = bind_bound(&x, a, &q);
	return ok ? bind_use(&x, a, q) : NULL;
}
