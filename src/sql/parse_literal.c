/*
 * parse_literal.c - numbers, texts, times and intervals as written
 */
#include "sql/parse_internal.h"

#include <string.h>

#include "sql/func_internal.h"
#include "time/interval.h"
#include "time/time.h"

struct lam_ast *
lam_parse_integer(struct lam_parser *p, const struct lam_token *at, int64_t v)
{
	struct lam_ast *a = lam_ast_new(p->sql, LAM_A_NUMBER, at->line,
		at->column);

	if (a == NULL)
		return NULL;
	a->num = (struct lam_num){ v, 0 };
	return lam_ast_seal(p->sql, a) ? a : NULL;
}

struct lam_ast *
lam_parse_text(struct lam_parser *p, const struct lam_token *at,
	struct lam_str s)
{
	struct lam_ast *a = lam_ast_new(p->sql, LAM_A_STRING, at->line,
		at->column);

	if (a == NULL)
		return NULL;
	a->text = s;
	return lam_ast_seal(p->sql, a) ? a : NULL;
}

/* "5." and ".5" as "5" and "0.5", so that one form of number is left. */
static bool
to_number(struct lam_parser *p, struct lam_str s, struct lam_num *out)
{
	const char *dot = memchr(s.p, '.', s.n);
	size_t whole, rest;
	char *t;

	if (dot == NULL)
		return lam_num_parse(s.p, s.n, out);
	whole = (size_t)(dot - s.p);
	rest = s.n - whole;
	t = lam_arena_alloc(p->sql->arena, s.n + 2);
	if (t == NULL) {
		lam_fail_mem(p->sql->e);
		return false;
	}
	t[0] = '0'; /* a leading zero changes nothing */
	memcpy(t + 1, s.p, whole + 1);
	t[whole + 2] = '0';
	if (rest > 1 && dot[1] >= '0' && dot[1] <= '9') {
		memcpy(t + whole + 2, dot + 1, rest - 1);
		return lam_num_parse(t, s.n + 1, out);
	}
	/* Nothing between the point and the exponent, or the end. */
	memcpy(t + whole + 1, dot + 1, rest - 1);
	return lam_num_parse(t, s.n, out);
}

struct lam_ast *
lam_parse_number(struct lam_parser *p)
{
	struct lam_token at = *lam_parse_token(p);
	struct lam_ast *a = lam_ast_new(p->sql, LAM_A_NUMBER, at.line,
		at.column);
	char show[LAM_TOKEN_SHOW];

	if (a == NULL)
		return NULL;
	if (!to_number(p, at.text, &a->num)) {
		lam_sql_fail(p->sql, at.line, at.column, "the number %s does "
			"not fit: at most %d digits, %d of them decimals",
			lam_text_show(at.text, show), LAM_NUM_DIGITS,
			LAM_NUM_DIGITS);
		return NULL;
	}
	a->num = lam_num_normal(a->num);
	a->ordinal = strspn(at.text.p, "0123456789") >= at.text.n;
	lam_lex_advance(&p->lex);
	return lam_ast_seal(p->sql, a) ? a : NULL;
}

struct lam_ast *
lam_parse_string(struct lam_parser *p)
{
	struct lam_token at = *lam_parse_token(p);

	lam_lex_advance(&p->lex);
	return lam_parse_text(p, &at, at.text);
}

/* (x) UNIT: x times the interval of one. */
static struct lam_ast *
interval_of(struct lam_parser *p, const struct lam_token *at)
{
	struct lam_span v = { 0, 0, 0 };
	struct lam_ast *x, *one;

	lam_lex_advance(&p->lex);
	x = lam_parse_expr(p, LAM_LEVEL_OR);
	if (x == NULL || !lam_parse_expect(p, ")"))
		return NULL;
	if (!lam_interval_of((struct lam_str){ "1", 1 },
		lam_parse_token(p)->text, &v))
		return lam_parse_expected(p, "a unit such as HOURS");
	lam_lex_advance(&p->lex);
	one = lam_ast_new(p->sql, LAM_A_INTERVAL, at->line, at->column);
	if (one == NULL || !lam_ast_set_span(one, &v))
		return NULL;
	return !lam_ast_seal(p->sql, one) ? NULL : lam_ast_call(p->sql, at,
		LAM_FN_MUL, 2, (struct lam_ast *[]){ x, one });
}

struct lam_ast *
lam_parse_interval(struct lam_parser *p)
{
	struct lam_token at = *lam_parse_token(p), amount;
	struct lam_span v = { 0, 0, 0 };
	struct lam_ast *a = lam_ast_new(p->sql, LAM_A_INTERVAL, at.line,
		at.column);
	uint32_t id;
	bool ok;

	if (a == NULL)
		return NULL;
	lam_lex_advance(&p->lex);
	if (lam_parse_is(p, "("))
		return interval_of(p, &at);
	amount = *lam_parse_token(p);
	lam_lex_advance(&p->lex);
	if (lam_parse_token(p)->kind == LAM_TOKEN_NAME &&
		lam_func_unit(lam_parse_token(p)->text, true, &id) != NULL) {
		ok = lam_interval_of(amount.text, lam_parse_token(p)->text, &v);
		lam_lex_advance(&p->lex);
	} else {
		ok = amount.kind == LAM_TOKEN_STRING &&
			lam_interval_parse(amount.text, &v);
	}
	if (!ok || !lam_ast_set_span(a, &v)) {
		lam_sql_fail(p->sql, amount.line, amount.column, "expected an "
			"interval such as '10 seconds', '1 day 04:05:06' or "
			"'3 months'");
		return NULL;
	}
	return lam_ast_seal(p->sql, a) ? a : NULL;
}

struct lam_ast *
lam_parse_time(struct lam_parser *p)
{
	struct lam_token at = *lam_parse_token(p), text;
	bool date = lam_token_is(&at, "date");
	struct lam_ast *a = lam_ast_new(p->sql, LAM_A_TIME, at.line,
		at.column);
	char show[LAM_TOKEN_SHOW];

	if (a == NULL)
		return NULL;
	lam_lex_advance(&p->lex);
	text = *lam_parse_token(p);
	if (!lam_time_parse(text.text.p, text.text.n, &a->time, NULL) ||
		(date && !lam_time_trunc(a->time, LAM_DAY, &a->time))) {
		lam_sql_fail(p->sql, text.line, text.column, "%s is not a "
			"time: expected YYYY-MM-DD or YYYY-MM-DD HH:MM:SS",
			lam_token_show(&text, show));
		return NULL;
	}
	a->boolean = date;
	lam_lex_advance(&p->lex);
	return lam_ast_seal(p->sql, a) ? a : NULL;
}
