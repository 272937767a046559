/*
 * parse_agg_args.c - what stands between the parentheses of an aggregate, and behind
 *
 *	[DISTINCT] argument, ... [ORDER BY term, ...]
 *	quantile(x, [q, ...])		a list of quantiles
 *	quantile(q) WITHIN GROUP (ORDER BY x [DESC])
 *
 *	string_agg(x, between) WITHIN GROUP (ORDER BY term, ...)
 *
 * The third is quantile(x, q), and with DESC quantile(x, -q): counted from the top, as
 * DuckDB has it.
 */
#include "sql/parse_internal.h"
#include "sql/query.h"

/* Does a list of the numbers that AGG, which has N arguments so far, takes follow? */
static bool
are_several(const struct lam_parser *p, enum lam_agg agg, uint32_t n)
{
	uint8_t f = lam_aggregate[agg].final;

	return lam_parse_is_list(p) && (f == LAM_FINAL_QUANTILE ||
		((f == LAM_FINAL_CONT || f == LAM_FINAL_DISC) &&
		lam_agg_constant(agg) > 0)) && (n == 1 ||
		(n == 0 && lam_aggregate[agg].state == LAM_VALUES));
}

static bool
parse_order(struct lam_parser *p, struct lam_agg_args *out)
{
	return !lam_parse_accept(p, "order") || (lam_parse_expect(p, "by") &&
		lam_parse_terms(p, &out->order, &out->norder, true));
}

/* From above: -q; of the least of them there is no other name than 1. */
static struct lam_ast *
from_above(struct lam_parser *p, const struct lam_token *at,
	struct lam_ast *q)
{
	if (q->kind == LAM_A_NUMBER && q->num.m == 0)
		return lam_parse_integer(p, at, 1);
	if (q->kind != LAM_A_NUMBER)
		return lam_ast_call(p->sql, at, LAM_FN_NEG, 1, &q);
	q->num.m = -q->num.m; /* as -q is read */
	q->ordinal = false;
	return lam_ast_seal(p->sql, q) ? q : NULL;
}

/* WITHIN GROUP (ORDER BY x): x is the first argument. */
static bool
parse_within_group(struct lam_parser *p, const struct lam_token *name,
	enum lam_agg agg, struct lam_agg_args *out)
{
	struct lam_ast_list q = out->list;
	bool one = lam_aggregate[agg].most == 2 && lam_agg_constant(agg) > 0;
	bool descending;

	lam_lex_advance(&p->lex);
	if (!lam_parse_expect(p, "group") || !lam_parse_expect(p, "(") ||
		!parse_order(p, out) || !lam_parse_expect(p, ")"))
		return false;
	if (agg == LAM_AGG_STRING_AGG)
		return true;
	if (out->norder != 1 || q.n + (out->several.n > 0) != one ||
		(!one && agg != LAM_AGG_MODE))
		return !lam_sql_fail(p->sql, name->line, name->column,
			"WITHIN GROUP: expected percentile_cont(q), "
			"percentile_disc(q) or mode() before it, and ORDER BY "
			"x in it");
	descending = out->order->descending;
	if (descending && !one)
		return !lam_sql_fail(p->sql, name->line, name->column,
			"mode has no DESC: of several it is the least");
	out->list = (struct lam_ast_list){ NULL, 0, 0 };
	out->norder = 0;
	if (!lam_ast_push(p, &out->list, out->order->expr) ||
		(q.n > 0 && !lam_ast_push(p, &out->list, q.p[0])))
		return false;
	if (descending && q.n > 0)
		out->list.p[1] = from_above(p, name, q.p[0]);
	for (uint32_t i = 0; descending && i < out->several.n; i++)
		out->several.p[i] = from_above(p, name, out->several.p[i]);
	return true;
}

bool
lam_parse_agg_args(struct lam_parser *p, const struct lam_token *name,
	enum lam_agg agg, struct lam_agg_args *out)
{
	bool more = !lam_parse_is(p, ")");

	while (more) {
		if (are_several(p, agg, out->list.n)) {
			if (!lam_parse_elements(p, &out->several))
				return false;
			break;
		}
		if (!lam_ast_push(p, &out->list, lam_parse_expr(p,
			LAM_LEVEL_OR)))
			return false;
		more = lam_parse_accept(p, ",");
	}
	if (!parse_order(p, out))
		return false;
	if (!lam_parse_is(p, ")")) {
		lam_parse_expected(p, "\",\" or \")\"");
		return false;
	}
	lam_lex_advance(&p->lex);
	return !lam_parse_is(p, "within") ||
		!lam_parse_next_is(p, "group") ||
		parse_within_group(p, name, agg, out);
}
