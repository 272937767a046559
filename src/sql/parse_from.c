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

bool
lam_parse_with(struct lam_parser *p, struct lam_select *s)
{
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
		lam_lex_advance(&p->lex);
		if (!lam_parse_expect(p, "as"))
			return false;
		if (lam_parse_accept(p, "not") &&
			!lam_parse_is(p, "materialized"))
			return lam_parse_expected(p, "MATERIALIZED") != NULL;
		lam_parse_accept(p, "materialized");
		if (!lam_parse_expect(p, "("))
			return false;
		w->select = parse_within(p);
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
	return lam_parse_is(p, "join") || lam_parse_is(p, ",");
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

/* range(...), generate_series(...): the current token is the name. */
static bool
parse_series(struct lam_parser *p, struct lam_from *f)
{
	struct lam_token at = *lam_parse_token(p);
	struct lam_ast_list list = { NULL, 0, 0 };

	f->kind = LAM_FROM_SERIES;
	f->name = at.text;
	f->closed = lam_token_is(&at, "generate_series");
	if (!f->closed && !lam_token_is(&at, "range"))
		return lam_parse_expected(p, "range(...) or "
			"generate_series(...): no other function gives rows") !=
			NULL;
	lam_lex_advance(&p->lex);
	lam_lex_advance(&p->lex);
	if (!lam_parse_list(p, &list))
		return false;
	f->arg = list.p;
	f->nargs = list.n;
	return list.n <= 3 || !lam_sql_fail(p->sql, at.line, at.column,
		"%s takes [start,] stop [, step]", f->closed ?
		"generate_series" : "range");
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

/* One relation with its alias. */
static struct lam_from *
parse_relation(struct lam_parser *p)
{
	struct lam_from *f = LAM_ARENA_NEW(p->sql->arena, struct lam_from, 1);
	bool ok;

	if (f == NULL) {
		lam_fail_mem(p->sql->e);
		return NULL;
	}
	f->line = lam_parse_token(p)->line;
	f->column = lam_parse_token(p)->column;
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
	if (ok && !joins(p))
		ok = lam_parse_alias(p, &f->alias) && parse_rename(p, f);
	return ok ? f : NULL;
}

bool
lam_parse_from(struct lam_parser *p, struct lam_select *s)
{
	if (!lam_parse_accept(p, "from"))
		return true;
	s->from = parse_relation(p);
	if (s->from == NULL)
		return false;
	return !joins(p) || lam_parse_expected(p, "one relation only") != NULL;
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
