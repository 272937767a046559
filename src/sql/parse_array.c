/*
 * parse_array.c - ARRAY (SELECT e ...), a list of what a query gives
 *
 *	(SELECT coalesce(array_agg(e), []) ...)
 *
 * is that, if the query has rows as they are; then it may name columns of the query
 * around it, too.  Of one that makes groups, or that has LIMIT, it is
 *
 *	(SELECT coalesce(array_agg(e), []) FROM (SELECT ...) AS array(e))
 */
#include "sql/parse_internal.h"

/* Has S rows as they are: is an aggregate of them one of what it gives? */
static bool
plain(const struct lam_select *s)
{
	const struct lam_ast *e = s->item[0].expr;

	return s->set == LAM_SET_NONE && !s->distinct && s->ngroup == 0 &&
		!s->group_all && s->having == NULL && s->qualify == NULL &&
		!s->has_limit && !s->has_offset && !s->order_all &&
		s->ndistinct_on == 0 && lam_ast_agg(e) == NULL &&
		lam_ast_over(e) == NULL && lam_ast_unnest(e) == NULL;
}

/* SELECT e FROM (S) AS array(e), at the place AT. */
static struct lam_select *
around(struct lam_parser *p, const struct lam_token *at, struct lam_select *s)
{
	struct lam_arena *arena = p->sql->arena;
	struct lam_select *all = LAM_ARENA_NEW(arena, struct lam_select, 1);
	struct lam_from *f = LAM_ARENA_NEW(arena, struct lam_from, 1);
	struct lam_item *item = LAM_ARENA_NEW(arena, struct lam_item, 1);
	struct lam_str *e = LAM_ARENA_NEW(arena, struct lam_str, 1);

	if (all == NULL || f == NULL || item == NULL || e == NULL)
		return lam_fail_mem(p->sql->e), NULL;
	*e = (struct lam_str){ "e", 1 };
	*f = (struct lam_from){ .kind = LAM_FROM_SELECT, .select = s,
		.line = at->line, .column = at->column, .nleaves = 1,
		.alias = { "array", 5 }, .rename = e, .nrename = 1 };
	*item = (struct lam_item){ .line = at->line, .column = at->column,
		.expr = lam_ast_new(p->sql, LAM_A_NAME, at->line, at->column) };
	if (item->expr == NULL)
		return NULL;
	item->expr->text = *e;
	*all = (struct lam_select){ .from = f, .item = item, .nitems = 1,
		.limit = UINT64_MAX, .complete = true };
	return lam_ast_seal(p->sql, item->expr) ? all : NULL;
}

/* The one output of S, and its ORDER BY, become coalesce(array_agg(e ORDER BY ...),
 * []). */
static bool
gather(struct lam_parser *p, const struct lam_token *at, struct lam_select *s)
{
	struct lam_agg_args args = { .norder = s->norder };
	struct lam_item *item = LAM_ARENA_NEW(p->sql->arena, struct lam_item, 1);
	struct lam_ast *two[2];

	args.order = LAM_ARENA_NEW(p->sql->arena, struct lam_term,
		s->norder + 1);
	if (item == NULL || args.order == NULL)
		return !lam_fail_mem(p->sql->e);
	for (uint32_t i = 0; i < s->norder; i++) {
		args.order[i] = s->order[i];
		args.order[i].expr = lam_ast_meant(p->sql, s,
			s->order[i].expr);
		if (args.order[i].expr == NULL)
			return false;
	}
	if (!lam_ast_push(p, &args.list, s->item[0].expr))
		return false;
	two[0] = lam_parse_array_agg(p, at, &args);
	two[1] = lam_ast_call(p->sql, at, LAM_FN_LIST_VALUE, 0, NULL);
	if (two[0] == NULL || two[1] == NULL)
		return false;
	*item = s->item[0];
	item->alias = (struct lam_str){ NULL, 0 };
	item->expr = lam_ast_call(p->sql, at, LAM_FN_COALESCE, 2, two);
	s->item = item;
	s->norder = 0;
	return item->expr != NULL;
}

struct lam_ast *
lam_parse_array(struct lam_parser *p)
{
	struct lam_token at = *lam_parse_token(p);
	struct lam_select *s = LAM_ARENA_NEW(p->sql->arena, struct lam_select,
		1);
	struct lam_ast *a;

	if (s == NULL)
		return lam_fail_mem(p->sql->e), NULL;
	lam_lex_advance(&p->lex);
	lam_lex_advance(&p->lex);
	if (!lam_parse_is_query(lam_parse_token(p)))
		return lam_parse_expected(p, "a query, ARRAY(SELECT x ...): a "
			"list of values is [x, y]");
	a = lam_parse_query(p, LAM_USE_VALUE, &at, NULL, 0);
	if (a == NULL)
		return NULL;
	*s = *a->select;
	if (s->set == LAM_SET_NONE && (s->nitems != 1 ||
		s->item[0].expr == NULL)) {
		lam_sql_fail(p->sql, at.line, at.column, "ARRAY (SELECT ...) "
			"takes one column: select one, by its name");
		return NULL;
	}
	if (!(s->set == LAM_SET_NONE && plain(s)) &&
		(s = around(p, &at, s)) == NULL)
		return NULL;
	a->select = s;
	return gather(p, &at, s) && lam_ast_seal(p->sql, a) ? a : NULL;
}
