/*
 * ast_rows.c - the first rows of each group, as a window function
 *
 *	QUALIFY row_number() OVER (PARTITION BY x ORDER BY y) <= n
 */
#include "sql/ast.h"

struct lam_ast *
lam_ast_meant(struct lam_sql *sql, const struct lam_select *s,
	const struct lam_ast *a)
{
	for (uint32_t i = 0; i < s->nitems; i++) {
		const struct lam_item *x = &s->item[i];

		if (x->expr != NULL && ((a->ordinal && a->num.m == i + 1) ||
			(a->kind == LAM_A_NAME && a->table.p == NULL &&
			x->alias.p != NULL && lam_text_same(x->alias,
			a->text))))
			return lam_ast_copy(sql, x->expr);
	}
	if (!a->ordinal)
		return lam_ast_copy(sql, a);
	lam_sql_fail(sql, a->line, a->column, "expected an expression, or the "
		"number of one that is selected");
	return NULL;
}

static struct lam_ast *
whole(struct lam_sql *sql, const struct lam_token *at, uint64_t v)
{
	struct lam_ast *a = lam_ast_new(sql, LAM_A_NUMBER, at->line,
		at->column);

	if (a == NULL)
		return NULL;
	a->num = (struct lam_num){ (lam_i128)v, 0 };
	return lam_ast_seal(sql, a) ? a : NULL;
}

/* row_number() OVER (PARTITION BY BY ORDER BY the terms of S). */
static struct lam_ast *
number(struct lam_sql *sql, const struct lam_select *s,
	const struct lam_token *at, struct lam_ast *const *by, uint32_t nby)
{
	struct lam_over_ast *o = LAM_ARENA_NEW(sql->arena,
		struct lam_over_ast, 1);
	struct lam_over_flags *flags = LAM_ARENA_NEW(sql->arena,
		struct lam_over_flags, s->norder + 1);
	struct lam_ast *a = lam_ast_new(sql, LAM_A_OVER, at->line, at->column);
	uint32_t n = nby + s->norder;

	if (a == NULL)
		return NULL;
	a->arg = LAM_ARENA_NEW(sql->arena, struct lam_ast *, n + 1);
	if (o == NULL || flags == NULL || a->arg == NULL)
		return lam_fail_mem(sql->e), NULL;
	for (uint32_t i = 0; i < n; i++) {
		a->arg[i] = i < nby ? lam_ast_copy(sql, by[i]) :
			lam_ast_meant(sql, s, s->order[i - nby].expr);
		if (a->arg[i] == NULL)
			return NULL;
	}
	for (uint32_t i = 0; i < s->norder; i++)
		flags[i] = (struct lam_over_flags){ s->order[i].descending,
			s->order[i].nulls_first };
	*o = (struct lam_over_ast){ .npartition = nby, .norder = s->norder,
		.order = flags };
	o->frame.to.kind = LAM_BOUND_CURRENT;
	a->fn = LAM_OVER_ROW_NUMBER;
	a->nargs = n;
	a->over = o;
	return lam_ast_seal(sql, a) ? a : NULL;
}

/* S gives the rows for which, besides, A FN V. */
static bool
require(struct lam_sql *sql, struct lam_select *s, const struct lam_token *at,
	enum lam_fn fn, struct lam_ast *a, uint64_t v)
{
	struct lam_ast *limit = whole(sql, at, v), *c;

	if (a == NULL || limit == NULL)
		return false;
	c = lam_ast_call(sql, at, fn, 2, (struct lam_ast *[]){ a, limit });
	if (c != NULL && s->qualify != NULL)
		c = lam_ast_call(sql, at, LAM_FN_AND, 2, (struct lam_ast *[]){
			s->qualify, c });
	s->qualify = c;
	return c != NULL;
}

bool
lam_ast_first_rows(struct lam_sql *sql, struct lam_select *s,
	const struct lam_token *at, struct lam_ast *const *by, uint32_t nby,
	uint64_t skip, uint64_t n)
{
	struct lam_ast *a = number(sql, s, at, by, nby);

	if (skip > 0 && (a == NULL || !require(sql, s, at, LAM_FN_GT,
		lam_ast_copy(sql, a), skip)))
		return false;
	if (n == 1)
		return require(sql, s, at, LAM_FN_EQ, a, skip + 1);
	return n > UINT64_MAX / 2 - skip ||
		require(sql, s, at, LAM_FN_LE, a, skip + n);
}
