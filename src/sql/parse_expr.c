/*
 * parse_expr.c - operators
 *
 * Precedence climbing: one loop instead of a function per level, so an
 * expression nested 200 deep costs 400 short frames: an operand in parentheses
 * is two, and trees are printed with them.  Queries around it take up to 200
 * more.  The levels are those of PostgreSQL's and DuckDB's grammars.
 * Comparisons do not chain: a < b < c is an error there, and here.
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
			"NULL, NOT NULL, TRUE, FALSE or DISTINCT FROM after "
			"IS");
	}
	x = call2(p, &at, LAM_FN_IS_DISTINCT, left, x);
	return not ? call1(p, &at, LAM_FN_NOT, x) : x;
}

static struct lam_ast *
parse_in(struct lam_parser *p, struct lam_ast *left, const struct lam_token *at)
{
	struct lam_ast_list list = { NULL, 0, 0 };

	if (lam_parse_is_list(p)) { /* x IN [a, b] */
		if (!lam_ast_push(p, &list, lam_parse_expr(p,
			LAM_LEVEL_CONCAT)) || !lam_ast_push(p, &list, left))
			return NULL;
		return lam_ast_call(p->sql, at, LAM_FN_LIST_ANY, 2, list.p);
	}
	if (!lam_parse_expect(p, "("))
		return NULL;
	if (left != NULL && lam_parse_is_query(lam_parse_token(p)))
		return lam_parse_query(p, LAM_USE_IN, at, &left, 1);
	if (!lam_ast_push(p, &list, left) || !lam_parse_list(p, &list))
		return NULL;
	return lam_ast_call(p->sql, at, LAM_FN_IN, list.n, list.p);
}

static struct lam_ast *
parse_between(struct lam_parser *p, struct lam_ast *x,
	const struct lam_token *at)
{
	struct lam_ast *low = lam_parse_expr(p, LAM_LEVEL_CONCAT), *high;

	if (low == NULL || !lam_parse_expect(p, "and"))
		return NULL;
	high = lam_parse_expr(p, LAM_LEVEL_CONCAT);
	/* Both comparisons hold the one x: the binder's copy parts them. */
	return call2(p, at, LAM_FN_AND, call2(p, at, LAM_FN_GE, x, low),
		call2(p, at, LAM_FN_LE, x, high));
}

static struct lam_ast *
parse_like(struct lam_parser *p, struct lam_ast *x, const struct lam_token *at,
	enum lam_fn fn)
{
	struct lam_ast_list list = { NULL, 0, 0 };

	if (!lam_ast_push(p, &list, x) ||
		!lam_ast_push(p, &list, lam_parse_expr(p, LAM_LEVEL_CONCAT)))
		return NULL;
	if (lam_parse_accept(p, "escape") &&
		!lam_ast_push(p, &list, lam_parse_expr(p, LAM_LEVEL_CONCAT)))
		return NULL;
	return lam_ast_call(p->sql, at, fn, list.n, list.p);
}

/* The operators of patterns: how they match, and whether that is denied. */
static const struct pattern {
	const char *text;
	enum lam_pattern kind;
	bool not;
} pattern[] = {
	{ "~", LAM_PATTERN_WHOLE, false },
	{ "!~", LAM_PATTERN_WHOLE, true },
	{ "~*", LAM_PATTERN_PART, false },
	{ "!~*", LAM_PATTERN_PART, true },
	{ "glob", LAM_PATTERN_GLOB, false },
	{ "similar", LAM_PATTERN_WHOLE, false },
};

static const struct pattern *
find_pattern(const struct lam_parser *p)
{
	const struct lam_token *next = &p->lex.next;

	for (size_t i = 0; i < sizeof pattern / sizeof *pattern; i++)
		if (lam_parse_is(p, pattern[i].text) &&
			(lam_parse_token(p)->kind == LAM_TOKEN_OP ||
			next->kind == LAM_TOKEN_STRING ||
			lam_token_is(next, "to")))
			return &pattern[i];
	return NULL;
}

static struct lam_ast *
parse_pattern(struct lam_parser *p, struct lam_ast *left,
	const struct pattern *m, bool *not)
{
	struct lam_token at = *lam_parse_token(p);

	lam_lex_advance(&p->lex);
	if (lam_token_is(&at, "similar") && !lam_parse_expect(p, "to"))
		return NULL;
	*not ^= m->not;
	return lam_parse_pattern(p, &at, m->kind, left, lam_parse_expr(p,
		LAM_LEVEL_CONCAT));
}

/* [NOT] IN, BETWEEN, LIKE, ILIKE and patterns after LEFT. */
static struct lam_ast *
parse_match(struct lam_parser *p, struct lam_ast *left)
{
	struct lam_token at;
	struct lam_ast *x;
	bool not = lam_parse_accept(p, "not");

	at = *lam_parse_token(p);
	if (lam_parse_accept(p, "in"))
		x = parse_in(p, left, &at);
	else if (lam_parse_accept(p, "between"))
		x = parse_between(p, left, &at);
	else if (lam_parse_accept(p, "like"))
		x = parse_like(p, left, &at, LAM_FN_LIKE);
	else if (lam_parse_accept(p, "ilike"))
		x = parse_like(p, left, &at, LAM_FN_ILIKE);
	else if (find_pattern(p) != NULL)
		x = parse_pattern(p, left, find_pattern(p), &not);
	else
		return lam_parse_expected(p, "IN, BETWEEN, LIKE or ILIKE");
	return not ? call1(p, &at, LAM_FN_NOT, x) : x;
}

/* The binary operators that are symbols. */
static const struct symbol {
	const char *text;
	enum lam_level level;
	enum lam_fn fn;
} symbol[] = {
	{ "=", LAM_LEVEL_COMPARE, LAM_FN_EQ },
	{ "==", LAM_LEVEL_COMPARE, LAM_FN_EQ },
	{ "<>", LAM_LEVEL_COMPARE, LAM_FN_NE },
	{ "!=", LAM_LEVEL_COMPARE, LAM_FN_NE },
	{ "<", LAM_LEVEL_COMPARE, LAM_FN_LT },
	{ "<=", LAM_LEVEL_COMPARE, LAM_FN_LE },
	{ ">", LAM_LEVEL_COMPARE, LAM_FN_GT },
	{ ">=", LAM_LEVEL_COMPARE, LAM_FN_GE },
	{ "||", LAM_LEVEL_CONCAT, LAM_FN_CONCAT_OP },
	{ "&", LAM_LEVEL_CONCAT, LAM_FN_BITS_AND },
	{ "|", LAM_LEVEL_CONCAT, LAM_FN_BITS_OR },
	{ "<<", LAM_LEVEL_CONCAT, LAM_FN_SHIFT_LEFT },
	{ ">>", LAM_LEVEL_CONCAT, LAM_FN_SHIFT_RIGHT },
	{ "->", LAM_LEVEL_CONCAT, LAM_FN_JSON_ALL },
	{ "->>", LAM_LEVEL_CONCAT, LAM_FN_JSON_TEXT_ALL },
	{ "+", LAM_LEVEL_ADD, LAM_FN_ADD },
	{ "-", LAM_LEVEL_ADD, LAM_FN_SUB },
	{ "*", LAM_LEVEL_MUL, LAM_FN_MUL },
	{ "/", LAM_LEVEL_MUL, LAM_FN_DIV },
	{ "//", LAM_LEVEL_MUL, LAM_FN_IDIV },
	{ "%", LAM_LEVEL_MUL, LAM_FN_MOD },
	{ "^", LAM_LEVEL_NEG, LAM_FN_POWER },
	{ "**", LAM_LEVEL_NEG, LAM_FN_POWER },
};

static const struct symbol *
find_symbol(const struct lam_token *t)
{
	if (t->kind != LAM_TOKEN_OP)
		return NULL;
	for (size_t i = 0; i < sizeof symbol / sizeof *symbol; i++)
		if (lam_token_is(t, symbol[i].text))
			return &symbol[i];
	return NULL;
}

static struct lam_ast *
parse_symbol(struct lam_parser *p, struct lam_ast *left, const struct symbol *y)
{
	struct lam_token at = *lam_parse_token(p);
	const struct symbol *after;
	struct lam_ast *x;

	lam_lex_advance(&p->lex);
	if (y->level == LAM_LEVEL_COMPARE && lam_parse_next_is(p, "(") &&
		(lam_parse_is(p, "any") || lam_parse_is(p, "all") ||
		lam_parse_is(p, "some")))
		return left == NULL ? NULL : lam_parse_any(p, &at, y->fn, left);
	x = lam_parse_expr(p, y->level + 1);
	after = find_symbol(lam_parse_token(p));
	if (x != NULL && y->level == LAM_LEVEL_COMPARE && after != NULL &&
		after->level == LAM_LEVEL_COMPARE)
		return lam_parse_expected(p,
			"AND or parentheses between comparisons");
	return call2(p, &at, y->fn, left, x);
}

/* The level of the operator at hand; 0: it is none. */
static enum lam_level
level(const struct lam_parser *p)
{
	const struct symbol *y = find_symbol(lam_parse_token(p));

	if (y != NULL)
		return y->level;
	if (lam_parse_is(p, "::") || lam_parse_is(p, "[") ||
		(lam_parse_is(p, "at") && lam_parse_next_is(p, "time")))
		return LAM_LEVEL_CAST;
	if (lam_parse_is(p, "and"))
		return LAM_LEVEL_AND;
	if (lam_parse_is(p, "or"))
		return LAM_LEVEL_OR;
	if (lam_parse_is(p, "is"))
		return LAM_LEVEL_IS;
	if (lam_parse_is(p, "not") || lam_parse_is(p, "in") ||
		lam_parse_is(p, "between") || lam_parse_is(p, "like") ||
		lam_parse_is(p, "ilike") || find_pattern(p) != NULL)
		return LAM_LEVEL_LIKE;
	return 0;
}

/* t AT TIME ZONE z is timezone(z, t); AT is passed. */
static struct lam_ast *
parse_zone(struct lam_parser *p, const struct lam_token *at,
	struct lam_ast *left)
{
	lam_lex_advance(&p->lex);
	if (!lam_parse_expect(p, "zone"))
		return NULL;
	return call2(p, at, LAM_FN_TIMEZONE, lam_parse_expr(p,
		LAM_LEVEL_CAST + 1), left);
}

static struct lam_ast *
parse_operator(struct lam_parser *p, struct lam_ast *left, enum lam_level l)
{
	struct lam_token at = *lam_parse_token(p);

	switch (l) {
	case LAM_LEVEL_OR:
		return parse_chain(p, left, LAM_FN_OR);
	case LAM_LEVEL_AND:
		return parse_chain(p, left, LAM_FN_AND);
	case LAM_LEVEL_IS:
		return parse_is(p, left);
	case LAM_LEVEL_LIKE:
		return parse_match(p, left);
	case LAM_LEVEL_CAST:
		if (lam_token_is(&at, "["))
			return lam_parse_subscript(p, left);
		lam_lex_advance(&p->lex);
		if (lam_token_is(&at, "at"))
			return parse_zone(p, &at, left);
		return lam_parse_cast(p, left, &at, false);
	default:
		return parse_symbol(p, left, find_symbol(&at));
	}
}

static struct lam_ast *
parse_minus(struct lam_parser *p)
{
	struct lam_token at = *lam_parse_token(p);
	struct lam_ast *x;

	lam_lex_advance(&p->lex);
	x = lam_parse_expr(p, LAM_LEVEL_CAST); /* -x ^ y is (-x) ^ y */
	if (x == NULL || x->kind != LAM_A_NUMBER)
		return call1(p, &at, LAM_FN_NEG, x);
	x->num.m = -x->num.m;
	x->ordinal = false;
	x->line = at.line;
	x->column = at.column;
	return lam_ast_seal(p->sql, x) ? x : NULL;
}

/* grouping(key, ...) */
static struct lam_ast *
parse_grouping(struct lam_parser *p, const struct lam_token *at)
{
	struct lam_ast *a = lam_ast_new(p->sql, LAM_A_GROUPING, at->line,
		at->column);
	struct lam_ast_list list = { NULL, 0, 0 };

	lam_lex_advance(&p->lex);
	lam_lex_advance(&p->lex);
	if (a == NULL || !lam_parse_list(p, &list))
		return NULL;
	if (list.n > 63)
		return lam_parse_expected(p, "at most 63 keys");
	a->arg = list.p;
	a->nargs = list.n;
	return lam_ast_seal(p->sql, a) ? a : NULL;
}

static struct lam_ast *
parse_prefix(struct lam_parser *p, enum lam_level min)
{
	struct lam_token at = *lam_parse_token(p);
	struct lam_ast *x;

	if (lam_parse_is(p, "not") && min <= LAM_LEVEL_NOT) {
		lam_lex_advance(&p->lex);
		return call1(p, &at, LAM_FN_NOT,
			lam_parse_expr(p, LAM_LEVEL_NOT));
	}
	if (lam_parse_is(p, "-"))
		return parse_minus(p);
	if (lam_parse_is(p, "exists") && lam_parse_next_is(p, "(")) {
		lam_lex_advance(&p->lex);
		lam_lex_advance(&p->lex);
		return lam_parse_query(p, LAM_USE_EXISTS, &at, NULL, 0);
	}
	if ((lam_parse_is(p, "grouping") || lam_parse_is(p, "grouping_id")) &&
		lam_parse_next_is(p, "("))
		return parse_grouping(p, &at);
	if (lam_parse_is_list(p))
		return lam_parse_list_value(p);
	if (lam_parse_is(p, "array") && lam_parse_next_is(p, "("))
		return lam_parse_array(p);
	if (lam_parse_accept(p, "~")) /* of two's complement */
		return call2(p, &at, LAM_FN_XOR, lam_parse_integer(p, &at, -1),
			lam_parse_expr(p, LAM_LEVEL_CONCAT + 1));
	if (lam_parse_accept(p, "+"))
		x = lam_parse_expr(p, LAM_LEVEL_NEG);
	else if (lam_parse_accept(p, "("))
		x = lam_parse_is_query(lam_parse_token(p)) ? NULL :
			lam_parse_expr(p, LAM_LEVEL_OR);
	else if (at.kind == LAM_TOKEN_NUMBER)
		return lam_parse_number(p);
	else if (at.kind == LAM_TOKEN_STRING)
		return lam_parse_string(p);
	else
		return lam_parse_name(p);
	if (x == NULL && p->sql->e->code == LAM_OK && lam_token_is(&at, "("))
		return lam_parse_query(p, LAM_USE_VALUE, &at, NULL, 0);
	if (x != NULL)
		x->ordinal = false;
	if (lam_token_is(&at, "(") && x != NULL)
		return lam_parse_accept(p, ",") ? lam_parse_row(p, x) :
			lam_parse_expect(p, ")") ? x : NULL;
	return x;
}

static struct lam_ast *
parse_climb(struct lam_parser *p, enum lam_level min)
{
	struct lam_ast *x = parse_prefix(p, min);
	enum lam_level l;

	while (x != NULL && (l = level(p)) != 0 && l >= min)
		x = parse_operator(p, x, l);
	return x;
}

struct lam_ast *
lam_parse_expr(struct lam_parser *p, enum lam_level min)
{
	const struct lam_token *t = lam_parse_token(p);
	struct lam_ast *x;

	if (p->depth >= 3 * LAM_AST_DEPTH) {
		lam_sql_fail(p->sql, t->line, t->column,
			"expressions are nested deeper than %d", LAM_AST_DEPTH);
		return NULL;
	}
	p->depth++;
	x = parse_climb(p, min);
	p->depth--;
	return x;
}
