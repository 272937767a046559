/*
 * parse_from.c - FROM and WITH, and a * that is not everything
 */
#include <string.h>

#include "sql/parse_internal.h"

static struct lam_select *
parse_within(struct lam_parser *p)
{
	struct lam_select *s = LAM_ARENA_NEW(p->sql->arena, struct lam_select,
		1);

	if (s == NULL) {
		lam_fail_mem(p->sql->e);
		return NULL;
	}
	return lam_parse_select(p, s) && lam_parse_expect(p, ")") ? s : NULL;
}

static bool
is_name(const struct lam_token *t)
{
	return t->kind == LAM_TOKEN_QUOTED || (t->kind == LAM_TOKEN_NAME &&
		!lam_sql_reserved(t->text));
}

/* Can the query that S names next have the name that comes next? */
static bool
is_new_name(struct lam_parser *p, const struct lam_select *s)
{
	const struct lam_token *t = lam_parse_token(p);

	if (!is_name(t))
		return lam_parse_expected(p, "a name for the query that "
			"follows") != NULL;
	if (lam_parse_is(p, "stdin"))
		return lam_parse_expected(p, "a name for the query that "
			"follows: FROM stdin reads standard input") != NULL;
	for (uint32_t i = 0; i < s->nwith; i++)
		if (lam_text_same(s->with[i].name, t->text))
			return lam_parse_expected(p, "another name for the "
				"query that follows: this one has a query") != NULL;
	return true;
}

/* (name, ...) behind an alias. */
static bool
parse_rename(struct lam_parser *p, struct lam_from *f)
{
	if (f->alias.p == NULL || !lam_parse_accept(p, "("))
		return true;
	do {
		if (!is_name(lam_parse_token(p)))
			return lam_parse_expected(p, "the name of a column") !=
				NULL;
		f->rename = lam_parse_grow(p, f->rename, f->nrename,
			sizeof *f->rename);
		if (f->rename == NULL)
			return false;
		f->rename[f->nrename++] = lam_parse_token(p)->text;
		lam_lex_advance(&p->lex);
	} while (lam_parse_accept(p, ","));
	return lam_parse_expect(p, ")");
}

/* SELECT * FROM (s) AS name (column, ...), as F has them. */
static struct lam_select *
with_columns(struct lam_parser *p, const struct lam_from *f,
	struct lam_select *s)
{
	struct lam_select *all = LAM_ARENA_NEW(p->sql->arena, struct lam_select,
		1);

	if (f->nrename == 0 || s == NULL)
		return s;
	if (all != NULL) {
		*all = (struct lam_select){ .limit = UINT64_MAX, .nitems = 1,
			.complete = true };
		all->item = LAM_ARENA_NEW(p->sql->arena, struct lam_item, 1);
		all->from = LAM_ARENA_NEW(p->sql->arena, struct lam_from, 1);
	}
	if (all == NULL || all->item == NULL || all->from == NULL)
		return lam_fail_mem(p->sql->e), NULL;
	all->item->line = f->line;
	all->item->column = f->column;
	*all->from = *f;
	all->from->select = s;
	return all;
}

bool
lam_parse_with(struct lam_parser *p, struct lam_select *s)
{
	struct lam_from f;
	struct lam_with *w;

	if (lam_parse_is(p, "recursive") && p->lex.next.kind != LAM_TOKEN_OP)
		return lam_parse_expected(p, "a name: a query that reads "
			"itself cannot be asked") != NULL;
	do {
		if (!is_new_name(p, s))
			return false;
		s->with = lam_parse_grow(p, s->with, s->nwith, sizeof *w);
		if (s->with == NULL)
			return false;
		w = &s->with[s->nwith];
		w->name = lam_parse_token(p)->text;
		f = (struct lam_from){ .kind = LAM_FROM_SELECT, .nleaves = 1,
			.alias = w->name, .line = lam_parse_token(p)->line,
			.column = lam_parse_token(p)->column };
		lam_lex_advance(&p->lex);
		if (!parse_rename(p, &f) || !lam_parse_expect(p, "as"))
			return false;
		if (lam_parse_accept(p, "not") &&
			!lam_parse_is(p, "materialized"))
			return lam_parse_expected(p, "MATERIALIZED") != NULL;
		lam_parse_accept(p, "materialized");
		if (!lam_parse_expect(p, "("))
			return false;
		w->select = with_columns(p, &f, parse_within(p));
		if (w->select == NULL)
			return false;
		s->nwith++;
	} while (lam_parse_accept(p, ","));
	return true;
}

/* A word that goes on with FROM: no name without AS or quotes. */
static bool
joins(const struct lam_parser *p)
{
	static const char *const word[] = { "left", "right", "full", "inner",
		"cross", "natural", "asof", "semi", "anti", "positional" };

	for (size_t i = 0; i < sizeof word / sizeof *word; i++)
		if (lam_parse_is(p, word[i]))
			return true;
	return lam_parse_is(p, "join");
}

/* A name, a file, standard input. */
static bool
parse_named(struct lam_parser *p, struct lam_from *f)
{
	const struct lam_token *t = lam_parse_token(p);

	f->name = t->text;
	f->is_file = t->kind == LAM_TOKEN_STRING;
	f->is_stdin = lam_parse_is(p, "stdin");
	if (f->is_stdin)
		f->name = (struct lam_str){ "stdin", 5 };
	if ((t->kind != LAM_TOKEN_STRING && !is_name(t)) || t->text.n == 0 ||
		memchr(t->text.p, '\0', t->text.n) != NULL)
		return lam_parse_expected(p, "a stream or view, 'FILE' in "
			"single quotes, stdin, or (SELECT ...)") != NULL;
	lam_lex_advance(&p->lex);
	if (lam_parse_is(p, ".") || lam_parse_is(p, "/"))
		return lam_parse_expected(p, "a file's name in single quotes, "
			"as in FROM 'access.csv'") != NULL;
	return true;
}

/* range(...), generate_series(...), unnest(...): the current token is the name. */
static bool
parse_series(struct lam_parser *p, struct lam_from *f)
{
	struct lam_token at = *lam_parse_token(p);
	struct lam_ast_list list = { NULL, 0, 0 };
	bool unnest = lam_token_is(&at, "unnest");

	f->kind = unnest ? LAM_FROM_UNNEST : LAM_FROM_SERIES;
	f->name = at.text;
	f->closed = lam_token_is(&at, "generate_series");
	if (!f->closed && !unnest && !lam_token_is(&at, "range"))
		return lam_parse_expected(p, "range(...), "
			"generate_series(...) or unnest(...): no other "
			"function gives rows") != NULL;
	lam_lex_advance(&p->lex);
	lam_lex_advance(&p->lex);
	if (!lam_parse_list(p, &list))
		return false;
	f->arg = list.p;
	f->nargs = list.n;
	if (unnest)
		return list.n == 1 || !lam_sql_fail(p->sql, at.line, at.column,
			"unnest takes one list: of several write SELECT "
			"unnest(x), unnest(y)");
	return list.n <= 3 || !lam_sql_fail(p->sql, at.line, at.column,
		"%s takes [start,] stop [, step]", f->closed ?
		"generate_series" : "range");
}

static struct lam_from *parse_tree(struct lam_parser *p);

static struct lam_from *
new_from(struct lam_parser *p, enum lam_from_kind kind)
{
	struct lam_from *f = LAM_ARENA_NEW(p->sql->arena, struct lam_from, 1);

	if (f == NULL) {
		lam_fail_mem(p->sql->e);
		return NULL;
	}
	f->kind = (uint8_t)kind;
	f->nleaves = 1;
	f->line = lam_parse_token(p)->line;
	f->column = lam_parse_token(p)->column;
	return f;
}

/* LEFT and RIGHT, joined by F. */
static struct lam_from *
join(struct lam_parser *p, struct lam_from *f, struct lam_from *left,
	struct lam_from *right)
{
	if (right == NULL)
		return NULL;
	f->left = left;
	f->right = right;
	f->nleaves = left->nleaves + right->nleaves;
	if (f->nleaves <= LAM_SQL_LEAVES)
		return f;
	lam_sql_fail(p->sql, f->line, f->column, "more than %d relations are "
		"joined: put some into a query of WITH", LAM_SQL_LEAVES);
	return NULL;
}

/* Can a query that stands in parentheses go on with X? */
static bool
goes_on(const struct lam_token *x)
{
	static const char *const word[] = { ")", "union", "intersect", "except",
		"order", "limit", "offset" };
	bool is = x->kind == LAM_TOKEN_END;

	for (size_t i = 0; !is && i < sizeof word / sizeof *word; i++)
		is = lam_token_is(x, word[i]);
	return is;
}

/* Are there relations, not a query, in the parenthesis at hand?  What begins with a
 * query in parentheses of its own is known by what is behind these. */
static bool
holds_relations(const struct lam_parser *p)
{
	struct lam_lex x = p->lex;
	uint32_t open = 0;

	while (lam_token_is(&x.next, "("))
		lam_lex_advance(&x);
	if (!lam_parse_is_query(&x.next))
		return true;
	x = p->lex;
	if (!lam_token_is(&x.next, "("))
		return false;
	do {
		lam_lex_advance(&x);
		open += lam_token_is(&x.token, "(");
		open -= lam_token_is(&x.token, ")");
	} while (open > 0 && x.token.kind != LAM_TOKEN_END);
	return !goes_on(&x.next);
}

/* One relation with its alias; or a join in parentheses. */
static struct lam_from *
parse_relation(struct lam_parser *p)
{
	struct lam_from *f = new_from(p, LAM_FROM_NAMED);
	bool ok;

	if (f == NULL)
		return NULL;
	if (lam_parse_is(p, "(") && holds_relations(p)) {
		lam_lex_advance(&p->lex);
		f = parse_tree(p);
		return f != NULL && lam_parse_expect(p, ")") ? f : NULL;
	}
	f->lateral = lam_parse_is(p, "lateral") && (lam_parse_next_is(p, "(") ||
		lam_parse_next_is(p, "unnest")) && lam_parse_accept(p,
		"lateral");
	if (lam_parse_accept(p, "(")) {
		f->kind = LAM_FROM_SELECT;
		f->select = parse_within(p);
		ok = f->select != NULL;
	} else if (lam_parse_token(p)->kind == LAM_TOKEN_NAME &&
		lam_parse_next_is(p, "(")) {
		ok = parse_series(p, f);
	} else {
		ok = parse_named(p, f);
	}
	if (ok && f->kind == LAM_FROM_UNNEST && lam_parse_is(p, "with"))
		return (void *)lam_parse_expected(p, "no WITH ORDINALITY: "
			"write SELECT e, row_number() OVER () FROM unnest(x) "
			"AS u(e)");
	if (ok && !joins(p))
		ok = lam_parse_alias(p, &f->alias) && parse_rename(p, f);
	return ok ? f : NULL;
}

/* The word before JOIN, and JOIN; *EACH: no condition follows. */
static bool
parse_kind(struct lam_parser *p, uint8_t *kind, bool *each)
{
	*kind = LAM_JOIN_INNER;
	*each = lam_parse_accept(p, "cross");
	if (lam_parse_is(p, "natural"))
		return lam_parse_expected(p, "JOIN ... USING (name, ...): which "
			"columns have the same name may change") != NULL;
	if (lam_parse_is(p, "semi") || lam_parse_is(p, "anti"))
		return lam_parse_expected(p, "JOIN: for these write WHERE [NOT] "
			"EXISTS (SELECT ...)") != NULL;
	if (lam_parse_is(p, "asof") || lam_parse_is(p, "positional"))
		return lam_parse_expected(p, "JOIN: for this write a window "
			"function over UNION ALL of both") != NULL;
	if (*each || lam_parse_accept(p, "inner"))
		return lam_parse_expect(p, "join");
	if (lam_parse_accept(p, "left"))
		*kind = LAM_JOIN_LEFT;
	else if (lam_parse_accept(p, "right"))
		*kind = LAM_JOIN_RIGHT;
	else if (lam_parse_accept(p, "full"))
		*kind = LAM_JOIN_FULL;
	else
		return lam_parse_expect(p, "join");
	lam_parse_accept(p, "outer");
	return lam_parse_expect(p, "join");
}

/* ON e, or USING (name, ...). */
static bool
parse_match(struct lam_parser *p, struct lam_from *f)
{
	if (lam_parse_accept(p, "on")) {
		f->on = lam_parse_expr(p, LAM_LEVEL_OR);
		return f->on != NULL;
	}
	if (!lam_parse_accept(p, "using"))
		return lam_parse_expected(p, "ON condition or USING (name, "
			"...)") != NULL;
	if (!lam_parse_expect(p, "("))
		return false;
	do {
		if (!is_name(lam_parse_token(p)))
			return lam_parse_expected(p, "the name of a column") !=
				NULL;
		f->using = lam_parse_grow(p, f->using, f->nusing,
			sizeof *f->using);
		if (f->using == NULL)
			return false;
		f->using[f->nusing++] = lam_parse_token(p)->text;
		lam_lex_advance(&p->lex);
	} while (lam_parse_accept(p, ","));
	return lam_parse_expect(p, ")");
}

/* Relations with JOIN between them, behind BEFORE (or NULL) and a comma, which is
 * COMMA.  What is about each row of BEFORE is joined with it first. */
static struct lam_from *
parse_joins(struct lam_parser *p, struct lam_from *before,
	struct lam_from *comma)
{
	struct lam_from *left = parse_relation(p), *f;
	bool each;

	if (left != NULL && before != NULL && (left->lateral ||
		left->kind == LAM_FROM_UNNEST)) {
		left = join(p, comma, before, left);
		before = NULL;
	}
	while (left != NULL && joins(p)) {
		f = new_from(p, LAM_FROM_JOIN);
		if (f == NULL || !parse_kind(p, &f->join, &each))
			return NULL;
		left = join(p, f, left, parse_relation(p));
		if (left != NULL && !each && !parse_match(p, f))
			return NULL;
	}
	return left == NULL || before == NULL ? left : join(p, comma, before,
		left);
}

/* All of FROM: a comma joins each with each. */
static struct lam_from *
parse_tree(struct lam_parser *p)
{
	struct lam_from *left, *f;

	if (p->depth >= LAM_AST_DEPTH)
		return (void *)lam_parse_expected(p, "fewer parentheses");
	p->depth += 2;
	left = parse_joins(p, NULL, NULL);
	while (left != NULL && lam_parse_is(p, ",")) {
		f = new_from(p, LAM_FROM_JOIN);
		lam_lex_advance(&p->lex);
		if (f == NULL)
			return NULL;
		left = parse_joins(p, left, f);
	}
	p->depth -= 2;
	return left;
}

bool
lam_parse_from(struct lam_parser *p, struct lam_select *s)
{
	if (!lam_parse_accept(p, "from"))
		return true;
	s->from = parse_tree(p);
	return s->from != NULL;
}

/* The items of EXCLUDE (names) or REPLACE (e AS name, ...). */
static bool
parse_except(struct lam_parser *p, struct lam_item *i, bool replace)
{
	bool list = lam_parse_accept(p, "(");
	struct lam_item *x;

	if (replace && !list)
		return lam_parse_expect(p, "(");
	do {
		i->except = lam_parse_grow(p, i->except, i->nexcept, sizeof *x);
		if (i->except == NULL)
			return false;
		x = &i->except[i->nexcept++];
		x->line = lam_parse_token(p)->line;
		x->column = lam_parse_token(p)->column;
		if (replace) {
			x->expr = lam_parse_expr(p, LAM_LEVEL_OR);
			if (x->expr == NULL || !lam_parse_expect(p, "as"))
				return false;
		}
		if (!is_name(lam_parse_token(p)))
			return lam_parse_expected(p, "the name of a column") !=
				NULL;
		x->alias = lam_parse_token(p)->text;
		lam_lex_advance(&p->lex);
	} while (list && lam_parse_accept(p, ","));
	return !list || lam_parse_expect(p, ")");
}

bool
lam_parse_star(struct lam_parser *p, struct lam_item *i)
{
	if ((lam_parse_accept(p, "exclude") || lam_parse_accept(p, "except")) &&
		!parse_except(p, i, false))
		return false;
	return !lam_parse_accept(p, "replace") || parse_except(p, i, true);
}
