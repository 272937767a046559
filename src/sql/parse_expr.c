/*
 * parse_expr.c - operators
 *
 * Precedence climbing: one loop instead of a function per level, so an
 * expression nested 200 deep costs 200 short frames.  The levels are those of
 * PostgreSQL's and DuckDB's grammars.  Comparisons do not chain: a < b < c is
 * an error there, and here.
 */
#include "sql/parse_internal.h"

#include <string.h>

bool
lam_ast_push(struct lam_parser *p, struct lam_ast_list *list, struct lam_ast *a)
{
	struct lam_ast **grown;

	if (a == NULL)
		return false;
	if (list->n == list->cap) {
		grown = LAM_ARENA_NEW(p->sql->arena, struct lam_ast *,
			(size_t)list->cap * 2 + 4);
		if (grown == NULL) {
			lam_fail_mem(p->sql->e);
			return false;
		}
		if (list->n > 0)
			memcpy(grown, list->p, list->n * sizeof *grown);
		list->p = grown;
		list->cap = list->cap * 2 + 4;
	}
	list->p[list->n++] = a;
	return true;
}

bool
lam_parse_list(struct lam_parser *p, struct lam_ast_list *list)
{
	do {
		if (!lam_ast_push(p, list, lam_parse_expr(p, LAM_LEVEL_OR)))
			return false;
	} while (lam_parse_accept(p, ","));
	if (lam_parse_accept(p, ")"))
		return true;
	lam_parse_expected(p, "\",\" or \")\"");
	return false;
}

static struct lam_ast *
call1(struct lam_parser *p, const struct lam_token *at, enum lam_fn fn,
	struct lam_ast *x)
{
	return x == NULL ? NULL : lam_ast_call(p->sql, at, fn, 1, &x);
}

static struct lam_ast *
call2(struct lam_parser *p, const struct lam_token *at, enum lam_fn fn,
	struct lam_ast *x, struct lam_ast *y)
{
	return x == NULL || y == NULL ? NULL : lam_ast_call(p->sql, at, fn, 2,
		(struct lam_ast *[]){ x, y });
}

/* LEFT AND right AND ...: one node over all, nested ones taken apart. */
static struct lam_ast *
parse_chain(struct lam_parser *p, struct lam_ast *left, enum lam_fn fn)
{
	struct lam_ast_list all = { NULL, 0, 0 };
	struct lam_token at = *lam_parse_token(p);
	struct lam_ast *x = left;

	for (;;) {
		if (x == NULL)
			return NULL;
		if (x->kind != LAM_A_CALL || x->fn != fn) {
			if (!lam_ast_push(p, &all, x))
				return NULL;
		} else {
			for (uint32_t i = 0; i < x->nargs; i++)
				if (!lam_ast_push(p, &all, x->arg[i]))
					return NULL;
		}
		if (!lam_parse_accept(p, lam_func[fn].name))
			break;
		x = lam_parse_expr(p, fn == LAM_FN_OR ? LAM_LEVEL_AND :
			LAM_LEVEL_NOT);
	}
	return lam_ast_call(p->sql, &at, fn, all.n, all.p);
}

static struct lam_ast *
parse_is(struct lam_parser *p, struct lam_ast *left)
{
	struct lam_token at = *lam_parse_token(p);
	struct lam_ast *x;
	bool not;

	lam_lex_advance(&p->lex);
	not = lam_parse_accept(p, "not");
	if (lam_parse_accept(p, "null"))
		return call1(p, &at, not ? LAM_FN_IS_NOT_NULL : LAM_FN_IS_NULL,
			left);
	if (lam_parse_is(p, "true") || lam_parse_is(p, "false")) {
		x = lam_parse_expr(p, LAM_LEVEL_PRIMARY);
		not = !not;
	} else if (lam_parse_accept(p, "distinct")) {
		if (!lam_parse_expect(p, "from"))
			return NULL;
		x = lam_parse_expr(p, LAM_LEVEL_COMPARE);
	} else {
		return lam_parse_expected(p, not ?
			"NULL, TRUE, FALSE or DISTINCT FROM after IS NOT" :
			"NULL, NOT NULL, TRUE, FALSE or DISTINCT FROM after IS");
	}
	/* IS DISTINCT FROM, and x IS NOT TRUE: distinct; else its opposite. */
	if (lam_token_is(&at, "is") && x != NULL && x->kind == LAM_A_BOOL &&
		not && left != NULL && x->ordinal)
		return NULL;
	x = call2(p, &at, LAM_FN_IS_DISTINCT, left, x);
	return not ? call1(p, &at, LAM_FN_NOT, x) : x;
}
