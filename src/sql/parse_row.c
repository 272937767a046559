/*
 * parse_row.c - rows of values, and what they may be compared with
 *
 *	(a, b) = (x, y)			a = x AND b = y
 *	(a, b) <> (x, y)		NOT (a = x AND b = y)
 *	(a, b) IN ((x, y), (z, w))	a = x AND b = y OR a = z AND b = w
 *	(a, b) IN (SELECT x, y ...)	a LAM_A_QUERY with two arguments
 *	count(DISTINCT (a, b))		the text of both, also of NULLs
 *
 * Elsewhere a row is no value, so there is no node for it.
 */
#include "sql/parse_internal.h"

/* The rest of a row, behind its first value and a comma or, FIRST NULL, from "(" on. */
static bool
parse_values(struct lam_parser *p, struct lam_ast *first,
	struct lam_ast_list *row)
{
	if (first == NULL)
		return lam_parse_expect(p, "(") && lam_parse_list(p, row);
	return lam_ast_push(p, row, first) && lam_parse_list(p, row);
}

/* The row that comes next is ROW, value by value. */
static struct lam_ast *
parse_equal(struct lam_parser *p, const struct lam_ast_list *row,
	const struct lam_token *at)
{
	struct lam_ast_list other = { NULL, 0, 0 }, all = { NULL, 0, 0 };
	const struct lam_token t = *lam_parse_token(p);

	if (!parse_values(p, NULL, &other))
		return NULL;
	if (other.n != row->n) {
		lam_sql_fail(p->sql, t.line, t.column, "a row of %u values is "
			"compared with one of %u", row->n, other.n);
		return NULL;
	}
	for (uint32_t i = 0; i < row->n; i++) {
		struct lam_ast *two[2] = { row->p[i], other.p[i] };

		if (!lam_ast_push(p, &all, lam_ast_call(p->sql, at, LAM_FN_EQ,
			2, two)))
			return NULL;
	}
	return lam_ast_call(p->sql, at, LAM_FN_AND, all.n, all.p);
}

static struct lam_ast *
parse_in(struct lam_parser *p, const struct lam_ast_list *row,
	const struct lam_token *at)
{
	struct lam_ast_list any = { NULL, 0, 0 };

	if (!lam_parse_expect(p, "("))
		return NULL;
	if (lam_parse_is_query(lam_parse_token(p)))
		return lam_parse_query(p, LAM_USE_IN, at, row->p, row->n);
	do {
		if (!lam_ast_push(p, &any, parse_equal(p, row, at)))
			return NULL;
	} while (lam_parse_accept(p, ","));
	if (!lam_parse_expect(p, ")"))
		return NULL;
	return any.n == 1 ? any.p[0] : lam_ast_call(p->sql, at, LAM_FN_OR,
		any.n, any.p);
}

struct lam_ast *
lam_parse_row(struct lam_parser *p, struct lam_ast *first)
{
	struct lam_ast_list row = { NULL, 0, 0 };
	struct lam_token at;
	struct lam_ast *x;
	bool not;

	if (!parse_values(p, first, &row))
		return NULL;
	if (p->row && (lam_parse_is(p, ")") || lam_parse_is(p, ",")))
		return lam_ast_call(p->sql, lam_parse_token(p), LAM_FN_ROW,
			row.n, row.p);
	at = *lam_parse_token(p);
	not = lam_parse_accept(p, "not");
	if (lam_parse_accept(p, "in")) {
		x = parse_in(p, &row, &at);
	} else if (!not && lam_parse_accept(p, "=")) {
		x = parse_equal(p, &row, &at);
	} else if (!not && (lam_parse_accept(p, "<>") ||
		lam_parse_accept(p, "!="))) {
		x = parse_equal(p, &row, &at);
		not = true;
	} else {
		return lam_parse_expected(p, "IN, = or <> after a row of values; "
			"there is no other use of one");
	}
	return x == NULL || !not ? x : lam_ast_call(p->sql, &at, LAM_FN_NOT, 1,
		&x);
}
