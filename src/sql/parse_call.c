/*
 * parse_call.c - calls and other forms that start with a name
 *
 * Everything that SQL spells in a way of its own (EXTRACT, POSITION, CASE,
 * FILTER ...) and every synonym becomes a plain call here, so that nothing
 * after the parser knows more than the function table.
 */
#include "sql/parse_internal.h"

#include <string.h>

#include "sql/func_internal.h"

/* Text literals for texts that are written here. */
static struct lam_str
str(const char *s)
{
	return (struct lam_str){ s, strlen(s) };
}

static const struct cast_type {
	const char *name;
	enum lam_fn cast, try;
} cast_type[] = {
	{ "bigint", LAM_FN_TO_INTEGER, LAM_FN_TRY_INTEGER },
	{ "bool", LAM_FN_TO_BOOL, LAM_FN_TRY_BOOL },
	{ "boolean", LAM_FN_TO_BOOL, LAM_FN_TRY_BOOL },
	{ "char", LAM_FN_TO_TEXT, LAM_FN_TO_TEXT },
	{ "date", LAM_FN_TO_DATE, LAM_FN_TRY_DATE },
	{ "datetime", LAM_FN_TO_TIME, LAM_FN_TRY_TIME },
	{ "decimal", LAM_FN_TO_NUMBER, LAM_FN_TRY_NUMBER },
	{ "double", LAM_FN_TO_NUMBER, LAM_FN_TRY_NUMBER },
	{ "float", LAM_FN_TO_NUMBER, LAM_FN_TRY_NUMBER },
	{ "float4", LAM_FN_TO_NUMBER, LAM_FN_TRY_NUMBER },
	{ "float8", LAM_FN_TO_NUMBER, LAM_FN_TRY_NUMBER },
	{ "hugeint", LAM_FN_TO_INTEGER, LAM_FN_TRY_INTEGER },
	{ "int", LAM_FN_TO_INTEGER, LAM_FN_TRY_INTEGER },
	{ "int4", LAM_FN_TO_INTEGER, LAM_FN_TRY_INTEGER },
	{ "int8", LAM_FN_TO_INTEGER, LAM_FN_TRY_INTEGER },
	{ "integer", LAM_FN_TO_INTEGER, LAM_FN_TRY_INTEGER },
	{ "interval", LAM_FN_TO_SPAN, LAM_FN_TRY_SPAN },
	{ "json", LAM_FN_TO_TEXT, LAM_FN_TO_TEXT },
	{ "jsonb", LAM_FN_TO_TEXT, LAM_FN_TO_TEXT },
	{ "numeric", LAM_FN_TO_NUMBER, LAM_FN_TRY_NUMBER },
	{ "real", LAM_FN_TO_NUMBER, LAM_FN_TRY_NUMBER },
	{ "int1", LAM_FN_TO_INTEGER, LAM_FN_TRY_INTEGER },
	{ "int2", LAM_FN_TO_INTEGER, LAM_FN_TRY_INTEGER },
	{ "long", LAM_FN_TO_INTEGER, LAM_FN_TRY_INTEGER },
	{ "smallint", LAM_FN_TO_INTEGER, LAM_FN_TRY_INTEGER },
	{ "string", LAM_FN_TO_TEXT, LAM_FN_TO_TEXT },
	{ "text", LAM_FN_TO_TEXT, LAM_FN_TO_TEXT },
	{ "timestamp", LAM_FN_TO_TIME, LAM_FN_TRY_TIME },
	{ "timestamptz", LAM_FN_TO_TIME, LAM_FN_TRY_TIME },
	{ "tinyint", LAM_FN_TO_INTEGER, LAM_FN_TRY_INTEGER },
	{ "ubigint", LAM_FN_TO_INTEGER, LAM_FN_TRY_INTEGER },
	{ "uinteger", LAM_FN_TO_INTEGER, LAM_FN_TRY_INTEGER },
	{ "usmallint", LAM_FN_TO_INTEGER, LAM_FN_TRY_INTEGER },
	{ "utinyint", LAM_FN_TO_INTEGER, LAM_FN_TRY_INTEGER },
	{ "varchar", LAM_FN_TO_TEXT, LAM_FN_TO_TEXT },
};

/* The "(10, 2)" of a type; the scale, 0 when there is none; -1: failed. */
static int
type_scale(struct lam_parser *p)
{
	struct lam_ast_list list = { NULL, 0, 0 };
	struct lam_token at = *lam_parse_token(p);

	if (!lam_parse_list(p, &list))
		return -1;
	for (uint32_t i = 0; i < list.n; i++)
		if (list.n > 2 || !list.p[i]->ordinal || list.p[i]->num.m > 38)
			list.n = 0;
	if (list.n == 0) {
		lam_sql_fail(p->sql, at.line, at.column,
			"expected at most precision and scale, up to 38");
		return -1;
	}
	return list.n == 2 ? (int)list.p[1]->num.m : 0;
}

struct lam_ast *
lam_parse_cast(struct lam_parser *p, struct lam_ast *x,
	const struct lam_token *at, bool try)
{
	const struct cast_type *t = NULL;
	struct lam_token name = *lam_parse_token(p);
	struct lam_ast *digits;
	int scale = -1;

	for (size_t i = 0; i < sizeof cast_type / sizeof *cast_type; i++)
		if (lam_parse_is(p, cast_type[i].name))
			t = &cast_type[i];
	if (t == NULL)
		return lam_parse_expected(p, "a type: VARCHAR, BIGINT, DOUBLE, "
			"DECIMAL(p, s), TIMESTAMP, DATE, INTERVAL or BOOLEAN");
	lam_lex_advance(&p->lex);
	if (lam_token_is(&name, "double"))
		lam_parse_accept(p, "precision");
	if (lam_parse_accept(p, "(") && (scale = type_scale(p)) < 0)
		return NULL;
	if (lam_parse_is(p, "["))
		return lam_parse_list_cast(p, x, at, try, t->cast);
	x = lam_ast_call(p->sql, at, try ? t->try : t->cast, 1, &x);
	if (x == NULL || t->cast != LAM_FN_TO_NUMBER || scale < 0)
		return x;
	/* DECIMAL(p, s) is a number rounded to s decimals. */
	digits = lam_parse_integer(p, at, scale);
	return digits == NULL ? NULL : lam_ast_call(p->sql, at, LAM_FN_ROUND,
		2, (struct lam_ast *[]){ x, digits });
}

static struct lam_ast *
parse_case(struct lam_parser *p)
{
	struct lam_token at = *lam_parse_token(p), when;
	struct lam_ast_list list = { NULL, 0, 0 };
	struct lam_ast *of = NULL, *x;

	lam_lex_advance(&p->lex);
	if (!lam_parse_is(p, "when") &&
		(of = lam_parse_expr(p, LAM_LEVEL_OR)) == NULL)
		return NULL;
	if (!lam_parse_is(p, "when"))
		return lam_parse_expected(p, "WHEN");
	while (when = *lam_parse_token(p), lam_parse_accept(p, "when")) {
		x = lam_parse_expr(p, LAM_LEVEL_OR);
		if (x != NULL && of != NULL)
			x = lam_ast_call(p->sql, &when, LAM_FN_EQ, 2,
				(struct lam_ast *[]){ of, x });
		if (!lam_ast_push(p, &list, x) || !lam_parse_expect(p, "then"))
			return NULL;
		x = lam_parse_expr(p, LAM_LEVEL_OR);
		if (!lam_ast_push(p, &list, x))
			return NULL;
	}
	if (lam_parse_accept(p, "else") &&
		!lam_ast_push(p, &list, lam_parse_expr(p, LAM_LEVEL_OR)))
		return NULL;
	if (!lam_parse_expect(p, "end"))
		return NULL;
	x = lam_ast_new(p->sql, LAM_A_CASE, at.line, at.column);
	if (x == NULL)
		return NULL;
	x->arg = list.p;
	x->nargs = list.n;
	return lam_ast_seal(p->sql, x) ? x : NULL;
}

/* date_trunc, date_part and date_diff: their unit by its canonical name. */
static struct lam_ast *
unit_call(struct lam_parser *p, const struct lam_token *at, enum lam_fn fn,
	struct lam_ast_list *list)
{
	struct lam_ast *u = list->n > 0 ? list->p[0] : NULL;
	const char *name;
	uint32_t id;

	if (u == NULL || u->kind != LAM_A_STRING) {
		lam_sql_fail(p->sql, at->line, at->column, "%s: expected a "
			"unit such as 'hour' as its first argument",
			lam_func[fn].name);
		return NULL;
	}
	if (fn == LAM_FN_EXTRACT && list->n == 2 &&
		lam_str_is(u->text, "epoch"))
		return lam_ast_call(p->sql, at, LAM_FN_EPOCH, 1, list->p + 1);
	name = lam_func_unit(u->text, fn != LAM_FN_EXTRACT, &id);
	if (name == NULL) {
		lam_sql_fail(p->sql, u->line, u->column, "expected a unit: "
			"millisecond, second, minute, hour, day, week, month, "
			"quarter or year%s", fn != LAM_FN_EXTRACT ? "" :
			", epoch, dow, isodow, doy");
		return NULL;
	}
	u->text = str(name);
	if (!lam_ast_seal(p->sql, u))
		return NULL;
	return lam_ast_call(p->sql, at, fn, list->n, list->p);
}

/* extract(UNIT FROM x); the parenthesis is open. */
static struct lam_ast *
parse_extract(struct lam_parser *p, const struct lam_token *at)
{
	struct lam_ast_list list = { NULL, 0, 0 };
	struct lam_token unit = *lam_parse_token(p);

	if (unit.kind != LAM_TOKEN_NAME && unit.kind != LAM_TOKEN_STRING)
		return lam_parse_expected(p, "a unit such as HOUR");
	lam_lex_advance(&p->lex);
	if (!lam_ast_push(p, &list, lam_parse_text(p, &unit, unit.text)) ||
		!lam_parse_expect(p, "from") || !lam_parse_list(p, &list))
		return NULL;
	return unit_call(p, at, LAM_FN_EXTRACT, &list);
}

/* position(a IN x) is strpos(x, a). */
static struct lam_ast *
parse_position(struct lam_parser *p, const struct lam_token *at)
{
	struct lam_ast *a = lam_parse_expr(p, LAM_LEVEL_CONCAT), *x;

	if (a == NULL || !lam_parse_expect(p, "in"))
		return NULL;
	x = lam_parse_expr(p, LAM_LEVEL_OR);
	if (x == NULL || !lam_parse_expect(p, ")"))
		return NULL;
	return lam_ast_call(p->sql, at, LAM_FN_STRPOS, 2,
		(struct lam_ast *[]){ x, a });
}

/* substring(x FROM a [FOR b]) or (x, a [, b]). */
static struct lam_ast *
parse_substring(struct lam_parser *p, const struct lam_token *at)
{
	struct lam_ast_list list = { NULL, 0, 0 };
	const char *const word[] = { "from", "for" };

	if (!lam_ast_push(p, &list, lam_parse_expr(p, LAM_LEVEL_OR)))
		return NULL;
	if (lam_parse_is(p, "for") && !lam_ast_push(p, &list,
		lam_parse_integer(p, at, 1)))
		return NULL;
	for (int i = 0; i < 2; i++)
		if ((lam_parse_accept(p, word[i]) ||
			lam_parse_accept(p, ",")) && !lam_ast_push(p, &list,
			lam_parse_expr(p, LAM_LEVEL_OR)))
			return NULL;
	if (!lam_parse_expect(p, ")"))
		return NULL;
	return lam_ast_call(p->sql, at, LAM_FN_SUBSTR2, list.n, list.p);
}

/* trim([BOTH | LEADING | TRAILING] [set] FROM x) or (x [, set]). */
static struct lam_ast *
parse_trim(struct lam_parser *p, const struct lam_token *at)
{
	enum lam_fn fn = LAM_FN_TRIM;
	struct lam_ast_list list = { NULL, 0, 0 };
	struct lam_ast *set = NULL;

	if (lam_parse_accept(p, "leading"))
		fn = LAM_FN_LTRIM;
	else if (lam_parse_accept(p, "trailing"))
		fn = LAM_FN_RTRIM;
	else
		lam_parse_accept(p, "both");
	if (!lam_parse_is(p, "from") && (set = lam_parse_expr(p,
		LAM_LEVEL_OR)) == NULL)
		return NULL;
	if (!lam_parse_accept(p, "from")) { /* it was x */
		if (!lam_ast_push(p, &list, set) ||
			(lam_parse_accept(p, ",") && !lam_ast_push(p, &list,
			lam_parse_expr(p, LAM_LEVEL_OR))))
			return NULL;
	} else if (!lam_ast_push(p, &list, lam_parse_expr(p, LAM_LEVEL_OR)) ||
		(set != NULL && !lam_ast_push(p, &list, set))) {
		return NULL;
	}
	if (!lam_parse_expect(p, ")"))
		return NULL;
	return lam_ast_call(p->sql, at, fn, list.n, list.p);
}

/* unnest(x) */
static struct lam_ast *
parse_unnest(struct lam_parser *p, const struct lam_token *at)
{
	struct lam_ast *a = lam_ast_new(p->sql, LAM_A_UNNEST, at->line,
		at->column);
	struct lam_ast_list list = { NULL, 0, 0 };

	if (a == NULL || !lam_ast_push(p, &list, lam_parse_expr(p,
		LAM_LEVEL_OR)) || !lam_parse_expect(p, ")"))
		return NULL;
	a->arg = list.p;
	a->nargs = 1;
	return lam_ast_seal(p->sql, a) ? a : NULL;
}

struct lam_ast *
lam_parse_unknown(struct lam_parser *p, const struct lam_token *name)
{
	const char *near = lam_func_near(name->text);
	const char *instead = lam_func_instead(name->text);
	char show[LAM_TOKEN_SHOW];

	if (instead != NULL)
		lam_sql_fail(p->sql, name->line, name->column,
			"no function %s: %s", lam_token_show(name, show),
			instead);
	else
		lam_sql_fail(p->sql, name->line, name->column,
			"no function %s%s%s%s", lam_token_show(name, show),
			near ? ": did you mean " : "; see lam-view(5)",
			near ? near : "", near ? "?" : "");
	return NULL;
}

/* A call of the function NAME with the arguments LIST. */
static struct lam_ast *
plain_call(struct lam_parser *p, const struct lam_token *name,
	struct lam_ast_list *list)
{
	enum lam_fn fn = lam_func_find(name->text);
	const char *part = lam_func_part(name->text);
	struct lam_ast *x;
	bool is;

	if (fn == LAM_FN_DATE_TRUNC || fn == LAM_FN_EXTRACT ||
		fn == LAM_FN_TIME_DIFF || fn == LAM_FN_DATE_SUB)
		return unit_call(p, name, fn, list);
	x = lam_parse_rewritten(p, name, list, &is);
	if (is)
		return x;
	if (fn != LAM_FNS)
		return lam_ast_call(p->sql, name, fn, list->n, list->p);
	if (lam_token_is(name, "date") && list->n == 1)
		return lam_ast_call(p->sql, name, LAM_FN_TO_DATE, 1, list->p);
	if (lam_token_is(name, "regexp_full_match") && list->n == 2)
		return lam_parse_pattern(p, name, LAM_PATTERN_WHOLE, list->p[0],
			list->p[1]);
	if (part != NULL && list->n == 1) {
		struct lam_ast *unit = lam_parse_text(p, name, str(part));

		if (unit == NULL)
			return NULL;
		return lam_ast_call(p->sql, name, LAM_FN_EXTRACT, 2,
			(struct lam_ast *[]){ unit, list->p[0] });
	}
	return lam_parse_unknown(p, name);
}

/* A word after which "(" starts a form of its own; *IS: it was one. */
static struct lam_ast *
special_call(struct lam_parser *p, const struct lam_token *name, bool *is)
{
	struct lam_ast *x;
	bool try = lam_token_is(name, "try_cast");

	*is = true;
	if (lam_token_is(name, "extract"))
		return parse_extract(p, name);
	if (lam_token_is(name, "position"))
		return parse_position(p, name);
	if (lam_token_is(name, "substring"))
		return parse_substring(p, name);
	if (lam_token_is(name, "trim"))
		return parse_trim(p, name);
	if (lam_token_is(name, "unnest"))
		return parse_unnest(p, name);
	if (try || lam_token_is(name, "cast")) {
		x = lam_parse_expr(p, LAM_LEVEL_OR);
		if (x == NULL || !lam_parse_expect(p, "as"))
			return NULL;
		x = lam_parse_cast(p, x, name, try);
		return x != NULL && lam_parse_expect(p, ")") ? x : NULL;
	}
	*is = false;
	return NULL;
}

struct lam_ast *
lam_parse_call(struct lam_parser *p)
{
	struct lam_token name = *lam_parse_token(p);
	struct lam_ast_list list = { NULL, 0, 0 };
	struct lam_ast *x;
	bool special;

	lam_lex_advance(&p->lex);
	lam_lex_advance(&p->lex);
	if (lam_parse_is_window(&name))
		return lam_parse_window(p, &name);
	if (lam_parse_is_aggregate(&name))
		return lam_parse_over(p, lam_parse_aggregate(p, &name));
	x = special_call(p, &name, &special);
	if (special)
		return x;
	if (lam_parse_is(p, "*")) /* only count takes it */
		return lam_parse_unknown(p, &name);
	if (!lam_parse_accept(p, ")") && !lam_parse_list(p, &list))
		return NULL;
	return plain_call(p, &name, &list);
}

/* DATE '...', TIMESTAMP '...' and their like. */
static bool
at_time(const struct lam_parser *p)
{
	return p->lex.next.kind == LAM_TOKEN_STRING &&
		(lam_parse_is(p, "date") || lam_parse_is(p, "timestamp") ||
		lam_parse_is(p, "timestamptz") || lam_parse_is(p, "datetime"));
}

/* What follows A and a point: a column of the relation A, or all of them. */
static bool
parse_qualified(struct lam_parser *p, struct lam_ast *a)
{
	const struct lam_token *t = lam_parse_token(p);

	a->table = a->text;
	a->text = (struct lam_str){ NULL, 0 };
	if (lam_parse_accept(p, "*"))
		return true;
	if (t->kind != LAM_TOKEN_NAME && t->kind != LAM_TOKEN_QUOTED)
		return lam_parse_expected(p, "a column after the point") !=
			NULL;
	a->text = t->text;
	a->quoted = t->kind == LAM_TOKEN_QUOTED;
	lam_lex_advance(&p->lex);
	return true;
}

/* TRUE, FALSE, NULL, or a name. */
static struct lam_ast *
parse_word(struct lam_parser *p)
{
	struct lam_token at = *lam_parse_token(p);
	enum lam_ast_kind kind = LAM_A_NAME;
	struct lam_ast *a;

	if (lam_token_is(&at, "true") || lam_token_is(&at, "false"))
		kind = LAM_A_BOOL;
	else if (lam_token_is(&at, "null"))
		kind = LAM_A_NULL;
	else if (at.kind == LAM_TOKEN_NAME && lam_sql_reserved(at.text))
		return lam_parse_expected(p, "an expression");
	a = lam_ast_new(p->sql, kind, at.line, at.column);
	if (a == NULL)
		return NULL;
	a->boolean = lam_token_is(&at, "true");
	if (kind == LAM_A_NAME)
		a->text = at.text;
	a->quoted = at.kind == LAM_TOKEN_QUOTED;
	lam_lex_advance(&p->lex);
	if (kind == LAM_A_NAME && lam_parse_accept(p, ".") &&
		!parse_qualified(p, a))
		return NULL;
	return lam_ast_seal(p->sql, a) ? a : NULL;
}

struct lam_ast *
lam_parse_name(struct lam_parser *p)
{
	const struct lam_token *t = lam_parse_token(p), *next = &p->lex.next;

	if (t->kind == LAM_TOKEN_QUOTED)
		return parse_word(p);
	if (t->kind != LAM_TOKEN_NAME)
		return lam_parse_expected(p, "an expression");
	if (lam_parse_is(p, "case"))
		return parse_case(p);
	if (lam_parse_is(p, "interval") && (next->kind == LAM_TOKEN_STRING ||
		next->kind == LAM_TOKEN_NUMBER || lam_parse_next_is(p, "(")))
		return lam_parse_interval(p);
	if (at_time(p))
		return lam_parse_time(p);
	if (lam_parse_at_now(p))
		return lam_parse_now(p);
	if (lam_parse_next_is(p, "(") && (!lam_sql_reserved(t->text) ||
		lam_parse_is(p, "cast") || lam_parse_is(p, "try_cast")))
		return lam_parse_call(p);
	return parse_word(p);
}
