/*
 * parse_now.c - now() and its like: the time of the query
 *
 * It is a constant, the same in all of a query, whose text is what was written.  A view
 * has none, as an answer depends on the records alone.
 */
#include "sql/parse_internal.h"

#include <string.h>

#include "time/time.h"

static const struct {
	const char *name;
	bool date;
	bool bare; /* without parentheses, too */
} word[] = {
	{ "current_date", true, true },
	{ "current_timestamp", false, true },
	{ "get_current_timestamp", false, false },
	{ "localtimestamp", false, true },
	{ "now", false, false },
	{ "today", true, false },
	{ "transaction_timestamp", false, false },
};

#define WORDS (sizeof word / sizeof *word)
#define LONGEST 32

const char *
lam_parse_now_name(size_t i)
{
	return i < WORDS ? word[i].name : NULL;
}

static size_t
find(const struct lam_parser *p)
{
	size_t i = 0;

	while (i < WORDS && !lam_parse_is(p, word[i].name))
		i++;
	return i;
}

bool
lam_parse_at_now(const struct lam_parser *p)
{
	size_t i = find(p);

	return i < WORDS && (lam_parse_next_is(p, "(") ||
		(word[i].bare && !lam_parse_next_is(p, ".")));
}

struct lam_ast *
lam_parse_now(struct lam_parser *p)
{
	struct lam_token at = *lam_parse_token(p);
	size_t i = find(p);
	char text[LONGEST];
	struct lam_ast *a;

	if (p->sql->now == NULL) {
		lam_sql_fail(p->sql, at.line, at.column, "no function \"%s\": "
			"an answer depends on the records alone; write the "
			"value", word[i].name);
		return NULL;
	}
	lam_lex_advance(&p->lex);
	strcpy(text, word[i].name);
	if (lam_parse_accept(p, "(")) {
		if (!lam_parse_expect(p, ")"))
			return NULL;
		strcat(text, "()");
	}
	a = lam_ast_new(p->sql, LAM_A_TIME, at.line, at.column);
	if (a == NULL)
		return NULL;
	a->time = *p->sql->now;
	a->boolean = word[i].date;
	if (a->boolean)
		a->time -= (a->time % LAM_DAY_NS + LAM_DAY_NS) % LAM_DAY_NS;
	a->text.n = strlen(text);
	a->text.p = lam_arena_dup(p->sql->arena, text, a->text.n);
	if (a->text.p == NULL)
		lam_fail_mem(p->sql->e);
	return a->text.p != NULL && lam_ast_seal(p->sql, a) ? a : NULL;
}
