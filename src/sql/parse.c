/*
 * parse.c - one SELECT statement
 *
 *	query  := [WITH name AS (query) {, name AS (query)}] union	parse_set.c
 *		  [ORDER BY ALL flags | term flags {, term flags}]
 *		  [LIMIT n] [OFFSET n] [;]
 *	select := SELECT [DISTINCT [ON (e {, e})]] item {, item}
 *		  [FROM relation]				parse_from.c
 *		  [WHERE e] [GROUP BY ALL | term {, term}] [HAVING e]
 *		  [WINDOW name AS (spec) {, name AS (spec)}] [QUALIFY e]
 *	item := [name .] * [EXCLUDE (names)] [REPLACE (e AS name {, e AS name})]
 *		  | e [[AS] name]
 *	flags := [ASC | DESC] [NULLS FIRST | NULLS LAST]
 *
 * NULLs sort last in both directions unless said otherwise, as in DuckDB.
 */
#include "sql/parse.h"

#include <stdio.h>
#include <string.h>

#include "base/near.h"
#include "sql/parse_internal.h"

bool
lam_parse_is(const struct lam_parser *p, const char *word)
{
	return lam_token_is(&p->lex.token, word);
}

bool
lam_parse_next_is(const struct lam_parser *p, const char *word)
{
	return lam_token_is(&p->lex.next, word);
}

bool
lam_parse_accept(struct lam_parser *p, const char *word)
{
	if (!lam_parse_is(p, word))
		return false;
	lam_lex_advance(&p->lex);
	return true;
}

/* The keyword in WHAT that WORD is near to, or {"", 0}. */
static struct lam_str
meant(const char *what, struct lam_str word)
{
	struct lam_str keyword;

	for (; *what; what += keyword.n + !keyword.n) {
		keyword = (struct lam_str){ what, strspn(what,
			"ABCDEFGHIJKLMNOPQRSTUVWXYZ") };
		if (keyword.n >= 3 && lam_near(keyword, word) &&
			!lam_text_same(keyword, word))
			return keyword;
	}
	return (struct lam_str){ "", 0 };
}

struct lam_ast *
lam_parse_expected(struct lam_parser *p, const char *what)
{
	const struct lam_token *t = lam_parse_token(p);
	char show[LAM_TOKEN_SHOW];
	const char *foreign = lam_parse_foreign(t);
	struct lam_str keyword = meant(what, t->text);
	bool before = keyword.n == 0 && p->behind == t->at;

	if (before)
		keyword = meant("FROM WHERE GROUP HAVING ORDER LIMIT JOIN UNION",
			p->alias);
	if (foreign == NULL && !strcmp(what, "SELECT"))
		foreign = lam_parse_statement(t);
	if (foreign != NULL)
		lam_sql_fail(p->sql, t->line, t->column, "expected %s, found %s: "
			"write %s", what, lam_token_show(t, show), foreign);
	else
		lam_sql_fail(p->sql, t->line, t->column, "expected %s, found "
			"%s%s%.*s%s%.*s%s", what, lam_token_show(t, show),
			keyword.n ? ": did you mean " : "", (int)keyword.n,
			keyword.p, keyword.n && before ? " by \"" : "",
			keyword.n && before ? (int)p->alias.n : 0, before ?
			p->alias.p : "", !keyword.n ? "" : before ? "\"?" : "?");
	return NULL;
}

bool
lam_parse_expect(struct lam_parser *p, const char *word)
{
	char what[24];
	size_t n = strlen(word);

	if (lam_parse_accept(p, word))
		return true;
	if (word[0] >= 'a' && word[0] <= 'z' && n < sizeof what) {
		for (size_t i = 0; i <= n; i++)
			what[i] = word[i] >= 'a' && word[i] <= 'z' ?
				(char)(word[i] - 32) : word[i];
	} else {
		snprintf(what, sizeof what, "\"%s\"", word);
	}
	lam_parse_expected(p, what);
	return false;
}

void *
lam_parse_grow(struct lam_parser *p, void *list, uint32_t n, size_t size)
{
	void *grown;

	if (n >= LAM_SQL_OUTPUTS) {
		lam_sql_fail(p->sql, lam_parse_token(p)->line,
			lam_parse_token(p)->column,
			"more than %d columns or terms", LAM_SQL_OUTPUTS);
		return NULL;
	}
	if ((n & (n - 1)) != 0) /* full at powers of two only */
		return list;
	grown = lam_arena_calloc(p->sql->arena, n ? (size_t)n * 2 : 1, size);
	if (grown == NULL)
		lam_fail_mem(p->sql->e);
	else if (n > 0)
		memcpy(grown, list, n * size);
	return grown;
}

bool
lam_parse_alias(struct lam_parser *p, struct lam_str *out)
{
	const struct lam_token *t = lam_parse_token(p);
	bool as = lam_parse_accept(p, "as");

	if (t->kind != LAM_TOKEN_QUOTED && (t->kind != LAM_TOKEN_NAME ||
		lam_sql_reserved(t->text))) {
		if (as)
			lam_parse_expected(p, "a name after AS (in double "
				"quotes if it is a word of SQL)");
		return !as;
	}
	if (!as && lam_parse_is(p, "fetch") && (lam_parse_next_is(p, "first") ||
		lam_parse_next_is(p, "next")))
		return true;
	if (!as && lam_parse_foreign(t) != NULL)
		return lam_parse_expected(p, "a name or a clause") != NULL;
	if (t->text.n > 255 || memchr(t->text.p, '\n', t->text.n) != NULL) {
		lam_sql_fail(p->sql, t->line, t->column, "expected a name of "
			"at most 255 bytes, without newline");
		return false;
	}
	*out = t->text;
	p->alias = as || t->kind != LAM_TOKEN_NAME ? (struct lam_str){ "", 0 } :
		t->text;
	lam_lex_advance(&p->lex);
	p->behind = lam_parse_token(p)->at;
	return true;
}

static bool
parse_items(struct lam_parser *p, struct lam_select *s)
{
	struct lam_item *i;

	do {
		s->item = lam_parse_grow(p, s->item, s->nitems, sizeof *s->item);
		if (s->item == NULL)
			return false;
		i = &s->item[s->nitems++];
		i->line = lam_parse_token(p)->line;
		i->column = lam_parse_token(p)->column;
		if (lam_parse_is(p, "top") && p->lex.next.kind == LAM_TOKEN_NUMBER)
			return lam_parse_expected(p, "an expression: for TOP n "
				"write LIMIT n at the end") != NULL;
		if (lam_parse_accept(p, "*")) {
			if (!lam_parse_star(p, i))
				return false;
			continue;
		}
		i->expr = lam_parse_expr(p, LAM_LEVEL_OR);
		if (i->expr != NULL && i->expr->kind == LAM_A_NAME &&
			i->expr->text.p == NULL) { /* table.* */
			i->table = i->expr->table;
			i->expr = NULL;
			if (!lam_parse_star(p, i))
				return false;
			continue;
		}
		if (i->expr == NULL || !lam_parse_alias(p, &i->alias))
			return false;
	} while (lam_parse_accept(p, ","));
	return true;
}

static bool
parse_flags(struct lam_parser *p, struct lam_term *t)
{
	t->descending = lam_parse_accept(p, "desc");
	if (!t->descending)
		lam_parse_accept(p, "asc");
	if (!lam_parse_accept(p, "nulls"))
		return true;
	t->nulls_first = lam_parse_accept(p, "first");
	if (t->nulls_first || lam_parse_accept(p, "last"))
		return true;
	lam_parse_expected(p, "FIRST or LAST");
	return false;
}

bool
lam_parse_terms(struct lam_parser *p, struct lam_term **list, uint32_t *n,
	bool flags)
{
	struct lam_term *t;

	do {
		*list = lam_parse_grow(p, *list, *n, sizeof **list);
		if (*list == NULL)
			return false;
		t = &(*list)[(*n)++];
		t->expr = lam_parse_expr(p, LAM_LEVEL_OR);
		if (t->expr == NULL || (flags && !parse_flags(p, t)))
			return false;
	} while (lam_parse_accept(p, ","));
	return true;
}

static bool
parse_order(struct lam_parser *p, struct lam_select *s)
{
	s->at_order = *lam_parse_token(p);
	if (!lam_parse_accept(p, "order"))
		return true;
	if (!lam_parse_expect(p, "by"))
		return false;
	s->order_all = lam_parse_accept(p, "all");
	if (!s->order_all)
		return lam_parse_terms(p, &s->order, &s->norder, true);
	s->order = lam_parse_grow(p, NULL, 0, sizeof *s->order);
	return s->order != NULL && parse_flags(p, s->order);
}

/* The number after LIMIT or OFFSET. */
static bool
parse_count(struct lam_parser *p, uint64_t *out)
{
	struct lam_ast *a;

	if (lam_parse_token(p)->kind != LAM_TOKEN_NUMBER ||
		(a = lam_parse_number(p)) == NULL || a->num.scale != 0 ||
		a->num.m > INT64_MAX) {
		lam_parse_expected(p, "a whole number");
		return false;
	}
	*out = (uint64_t)a->num.m;
	return true;
}

/* FETCH {FIRST | NEXT} [n] {ROW | ROWS} ONLY: FETCH is passed. */
static bool
parse_fetch(struct lam_parser *p, uint64_t *out)
{
	*out = 1;
	if (!lam_parse_accept(p, "first") && !lam_parse_expect(p, "next"))
		return false;
	if (lam_parse_token(p)->kind == LAM_TOKEN_NUMBER &&
		!parse_count(p, out))
		return false;
	if (lam_parse_is(p, "percent"))
		return lam_parse_expected(p, "ROWS: a number of rows is what "
			"FETCH takes") != NULL;
	if (!lam_parse_accept(p, "row") && !lam_parse_expect(p, "rows"))
		return false;
	return lam_parse_is(p, "with") ? lam_parse_limit_ends(p) :
		lam_parse_expect(p, "only");
}

static bool
parse_limit(struct lam_parser *p, struct lam_select *s)
{
	s->at_limit = *lam_parse_token(p);
	s->limit = UINT64_MAX;
	for (;;) {
		if (!s->has_limit && lam_parse_accept(p, "limit")) {
			s->has_limit = true;
			if (!parse_count(p, &s->limit))
				return false;
		} else if (!s->has_offset && lam_parse_accept(p, "offset")) {
			s->has_offset = true;
			if (!parse_count(p, &s->offset))
				return false;
			if (!lam_parse_accept(p, "rows"))
				lam_parse_accept(p, "row");
		} else if (!s->has_limit && lam_parse_accept(p, "fetch")) {
			s->has_limit = true;
			if (!parse_fetch(p, &s->limit))
				return false;
		} else {
			return !s->has_limit || lam_parse_limit_ends(p);
		}
	}
}

void
lam_parse_ask(struct lam_ast *a)
{
	if (a->kind == LAM_A_QUERY)
		a->boolean = true;
	for (uint32_t i = 0; a->kind == LAM_A_CALL && a->fn == LAM_FN_AND &&
		i < a->nargs; i++)
		lam_parse_ask(a->arg[i]);
}

/* One clause with one condition. */
static bool
parse_condition(struct lam_parser *p, const char *word, struct lam_token *at,
	struct lam_ast **out)
{
	*at = *lam_parse_token(p);
	if (!lam_parse_accept(p, word))
		return true;
	*out = lam_parse_expr(p, LAM_LEVEL_OR);
	if (*out != NULL)
		lam_parse_ask(*out);
	return *out != NULL;
}

static const char *
follows(const struct lam_select *s)
{
	if (s->has_limit || s->has_offset)
		return "the end of the statement";
	if (s->norder > 0 || s->order_all)
		return "\",\", LIMIT, OFFSET or the end";
	if (s->having != NULL || s->qualify != NULL)
		return "an operator, ORDER BY, LIMIT or the end";
	if (s->ngroup > 0 || s->group_all)
		return "\",\", HAVING, ORDER BY, LIMIT or the end";
	if (s->set != LAM_SET_NONE)
		return "UNION, INTERSECT, EXCEPT, ORDER BY, LIMIT or the end";
	if (s->from == NULL)
		return "\",\", FROM or the end";
	return s->where != NULL ?
		"an operator, GROUP BY, ORDER BY, LIMIT or the end" :
		"WHERE, GROUP BY, HAVING, ORDER BY, LIMIT or the end";
}

static bool
parse_distinct_on(struct lam_parser *p, struct lam_select *s)
{
	struct lam_ast_list list = { NULL, 0, 0 };

	if (!lam_parse_expect(p, "(") || !lam_parse_list(p, &list))
		return false;
	s->distinct = false;
	s->distinct_on = list.p;
	s->ndistinct_on = list.n;
	return true;
}

/* SELECT and its items. */
static bool
parse_head(struct lam_parser *p, struct lam_select *s)
{
	if (!lam_parse_expect(p, "select"))
		return false;
	s->at_distinct = *lam_parse_token(p);
	s->distinct = lam_parse_accept(p, "distinct");
	if (s->distinct && lam_parse_accept(p, "on") &&
		!parse_distinct_on(p, s))
		return false;
	lam_parse_accept(p, "all");
	return parse_items(p, s);
}

/* FROM before SELECT, or without one: then it is SELECT *. */
static bool
parse_from_first(struct lam_parser *p, struct lam_select *s)
{
	const struct lam_token *t = lam_parse_token(p);

	if (!lam_parse_is(p, "from"))
		return true;
	if (!lam_parse_from(p, s))
		return false;
	if (lam_parse_is(p, "select"))
		return true;
	s->item = lam_parse_grow(p, NULL, 0, sizeof *s->item);
	if (s->item == NULL)
		return false;
	s->item->line = t->line;
	s->item->column = t->column;
	s->nitems = 1;
	return true;
}

bool
lam_parse_core(struct lam_parser *p, struct lam_select *s)
{
	if (!parse_from_first(p, s) || (s->nitems == 0 &&
		!parse_head(p, s)))
		return false;
	return (s->from != NULL || lam_parse_from(p, s)) &&
		parse_condition(p, "where", &s->at_where, &s->where) &&
		lam_parse_on_queries(p, s) &&
		lam_parse_group(p, s) &&
		parse_condition(p, "having", &s->at_having, &s->having) &&
		(!lam_parse_accept(p, "window") || lam_parse_windows(p, s)) &&
		parse_condition(p, "qualify", &s->at_qualify, &s->qualify);
}

bool
lam_parse_order(struct lam_parser *p, struct lam_select *s)
{
	return parse_order(p, s) && parse_limit(p, s);
}

bool
lam_parse_complete(struct lam_parser *p, struct lam_select *s)
{
	s->complete = true;
	return lam_parse_settle(p, s) && (s->distinct_on == NULL ||
		lam_parse_first_rows(p, s));
}

int
lam_parse(struct lam_sql *sql, const char *text, struct lam_select *out)
{
	struct lam_parser p = { .sql = sql, .depth = 0 };

	lam_lex_init(&p.lex, sql, text);
	if (!lam_parse_select(&p, out))
		return sql->e->code;
	lam_parse_accept(&p, ";");
	if (lam_parse_token(&p)->kind != LAM_TOKEN_END)
		lam_parse_expected(&p, follows(out));
	return sql->e->code;
}
