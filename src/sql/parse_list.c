/*
 * parse_list.c - lists in brackets
 *
 *	[ARRAY] "[" [e, ...] "]"	a list
 *	x "[" n "]"			its n-th element
 *	x "[" [a] ":" [b] "]"		those from a to b
 *	x = ANY "(" list ")"		x is in it; x <> ALL (list) that it is not
 *	type "[" "]"			the type of a list, for casts
 */
#include "sql/parse_internal.h"

#include <string.h>

#include "sql/print.h"

bool
lam_parse_is_list(const struct lam_parser *p)
{
	return lam_parse_is(p, "[") || (lam_parse_is(p, "array") &&
		lam_parse_next_is(p, "["));
}

bool
lam_parse_elements(struct lam_parser *p, struct lam_ast_list *list)
{
	lam_parse_accept(p, "array");
	if (!lam_parse_expect(p, "["))
		return false;
	if (lam_parse_accept(p, "]"))
		return true;
	do {
		if (!lam_ast_push(p, list, lam_parse_expr(p, LAM_LEVEL_OR)))
			return false;
	} while (lam_parse_accept(p, ","));
	if (lam_parse_accept(p, "]"))
		return true;
	return lam_parse_expected(p, "\",\" or \"]\"") != NULL;
}

struct lam_ast *
lam_parse_list_value(struct lam_parser *p)
{
	struct lam_token at = *lam_parse_token(p);
	struct lam_ast_list list = { NULL, 0, 0 };

	if (!lam_parse_elements(p, &list))
		return NULL;
	return lam_ast_call(p->sql, &at, LAM_FN_LIST_VALUE, list.n, list.p);
}

/* The bound of a slice up to END; where there is none, that is N. */
static struct lam_ast *
parse_bound(struct lam_parser *p, const char *end, int64_t n)
{
	struct lam_token at = *lam_parse_token(p);

	return lam_parse_is(p, end) ? lam_parse_integer(p, &at, n) :
		lam_parse_expr(p, LAM_LEVEL_OR);
}

struct lam_ast *
lam_parse_subscript(struct lam_parser *p, struct lam_ast *x)
{
	struct lam_token at = *lam_parse_token(p);
	struct lam_ast_list arg = { NULL, 0, 0 };
	bool slice;

	lam_lex_advance(&p->lex);
	if (lam_parse_is(p, "]"))
		return lam_parse_expected(p, "the number of an element, from 1");
	if (!lam_ast_push(p, &arg, x) ||
		!lam_ast_push(p, &arg, parse_bound(p, ":", 1)))
		return NULL;
	slice = lam_parse_accept(p, ":");
	if (slice && !lam_ast_push(p, &arg, parse_bound(p, "]", -1)))
		return NULL;
	if (!lam_parse_expect(p, "]"))
		return NULL;
	return lam_ast_call(p->sql, &at, slice ? LAM_FN_LIST_SLICE :
		LAM_FN_LIST_AT, arg.n, arg.p);
}

/* ANY (list) or ALL (list), with which X is compared by FN; the word is at hand. */
struct lam_ast *
lam_parse_any(struct lam_parser *p, const struct lam_token *at, enum lam_fn fn,
	struct lam_ast *x)
{
	bool all = lam_parse_is(p, "all");
	struct lam_ast *list, *is;

	if (fn != (all ? LAM_FN_NE : LAM_FN_EQ)) {
		lam_sql_fail(p->sql, at->line, at->column, "of lists and "
			"queries there are = ANY (...) and <> ALL (...): "
			"compare with the least or greatest otherwise");
		return NULL;
	}
	lam_lex_advance(&p->lex);
	lam_lex_advance(&p->lex);
	if (lam_parse_is_query(lam_parse_token(p))) {
		list = x;
		is = lam_parse_query(p, LAM_USE_IN, at, &list, 1);
	} else {
		list = lam_parse_expr(p, LAM_LEVEL_OR);
		if (list == NULL || !lam_parse_expect(p, ")"))
			return NULL;
		is = lam_ast_call(p->sql, at, LAM_FN_LIST_ANY, 2,
			(struct lam_ast *[]){ list, x });
	}
	return is == NULL || !all ? is : lam_ast_call(p->sql, at, LAM_FN_NOT, 1,
		&is);
}

struct lam_ast *
lam_parse_list_cast(struct lam_parser *p, struct lam_ast *x,
	const struct lam_token *at, bool try, enum lam_fn element)
{
	const char *type = lam_print_cast(element);
	struct lam_ast *arg[2] = { x, lam_parse_text(p, at, (struct lam_str){
		type, strlen(type) }) };

	lam_lex_advance(&p->lex);
	if (!lam_parse_expect(p, "]") || arg[1] == NULL)
		return NULL;
	return lam_ast_call(p->sql, at, try ? LAM_FN_TRY_LIST : LAM_FN_TO_LIST,
		2, arg);
}
