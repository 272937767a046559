/*
 * statement.c - a text of statements, with ; between them
 *
 * The lexer alone knows where quotes and comments end, so it finds the ends.  What
 * stands in front of a query is made blank, and its lines stay, so that the query's
 * own places need no sum.
 */
#include "answer/statement.h"

#include "base/buf.h"
#include "sql/parse.h"

void
lam_statements_init(struct lam_statements *s, const char *text,
	const char *name, struct lam_arena *a, struct lam_error *e)
{
	*s = (struct lam_statements){ .sql = { .name = name,
		.arena = a, .e = e },
		.text = text };
	lam_lex_init(&s->lex, &s->sql, text);
}

static bool
is(const struct lam_statements *s, const char *word)
{
	return lam_token_is(&s->lex.token, word);
}

static bool
accept(struct lam_statements *s, const char *word)
{
	bool there = is(s, word);

	if (there)
		lam_lex_advance(&s->lex);
	return there;
}

/* One blank for each character; ends of lines stay. */
static void
blank(struct lam_buf *b, const char *from, const char *to)
{
	for (; from < to; from++)
		if (*from == '\n' || ((unsigned char)*from & 0xc0) != 0x80)
			lam_buf_putc(b, *from == '\n' ? '\n' : ' ');
}

static int
show(struct lam_statements *s, struct lam_statement *out)
{
	const struct lam_token *t = &s->lex.token;
	char text[LAM_TOKEN_SHOW];

	out->kind = LAM_STATEMENT_SHOW;
	accept(s, "all");
	out->views = out->streams = is(s, "tables");
	out->views |= is(s, "views");
	out->streams |= is(s, "streams");
	if (!out->views && !out->streams)
		return lam_sql_fail(&s->sql, t->line, t->column, "expected "
			"TABLES, VIEWS or STREAMS, or write DESCRIBE name; "
			"found %s", lam_token_show(t, text));
	lam_lex_advance(&s->lex);
	if (t->kind != LAM_TOKEN_END && !is(s, ";"))
		return lam_sql_fail(&s->sql, t->line, t->column, "expected \";\" "
			"or the end, found %s", lam_token_show(t, text));
	return LAM_OK;
}

/* Does the name of a relation come, rather than a query? */
static bool
is_relation(const struct lam_statements *s)
{
	return !lam_parse_is_query(&s->lex.token) && !is(s, "(");
}

/* The text of the query that begins here, up to its end; FIRST is the word before
 * it that makes way for FROM, or NULL. */
static int
take_query(struct lam_statements *s, const char *first, const char **out)
{
	const char *begin = s->lex.token.at;
	struct lam_buf b = LAM_BUF_INIT;
	char text[LAM_TOKEN_SHOW];
	int rc;

	if (first)
		lam_lex_advance(&s->lex);
	if (first && s->lex.token.kind != LAM_TOKEN_END && !is(s, ";") &&
		!is(s, "("))
		return lam_sql_fail(&s->sql, s->lex.token.line,
			s->lex.token.column, "expected \";\" or the end behind "
			"the name, found %s", lam_token_show(&s->lex.token,
			text));
	while (s->lex.token.kind != LAM_TOKEN_END && !is(s, ";"))
		lam_lex_advance(&s->lex);
	if (first) {
		blank(&b, s->text, first);
		lam_buf_puts(&b, "from");
		blank(&b, first + 4, begin);
	} else {
		blank(&b, s->text, begin);
	}
	lam_buf_put(&b, begin, (size_t)(s->lex.token.at - begin));
	rc = lam_buf_check(&b, s->sql.e);
	*out = rc ? NULL : lam_arena_dup(s->sql.arena, b.p, b.n);
	lam_buf_release(&b);
	return rc ? rc : *out ? s->sql.e->code : lam_fail_mem(s->sql.e);
}

int
lam_statements_next(struct lam_statements *s, struct lam_statement *out,
	bool *got)
{
	const char *word;
	bool relation = false;

	while (accept(s, ";"))
		;
	*out = (struct lam_statement){ .kind = LAM_STATEMENT_QUERY };
	*got = s->lex.token.kind != LAM_TOKEN_END || s->n == 0;
	if (!*got || s->sql.e->code)
		return s->sql.e->code;
	s->n++;
	word = s->lex.token.at;
	if (accept(s, "show"))
		return show(s, out);
	if (accept(s, "explain")) {
		out->kind = LAM_STATEMENT_EXPLAIN;
		out->analyze = accept(s, "analyze");
	} else if (accept(s, "describe") || accept(s, "desc")) {
		out->kind = LAM_STATEMENT_DESCRIBE;
		relation = is_relation(s);
	} else if (accept(s, "summarize")) {
		out->kind = LAM_STATEMENT_SUMMARIZE;
		relation = is_relation(s);
	}
	return take_query(s, relation ? word : NULL, &out->sql);
}
