/*
 * lex.h - SQL text to tokens, with the places for messages
 *
 * Two tokens are visible, the current and the next.  A token's text lives in
 * the SQL text or, where quotes were undoubled, in the arena.
 */
#ifndef LAM_SQL_LEX_H
#define LAM_SQL_LEX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"

#define LAM_SQL_TEXT_MAX (1u << 20) /* bytes of a statement */

/* Shared by the parser and the binder: errors, memory, the budget of nodes. */
struct lam_sql {
	const char *name; /* of the source, in messages */
	struct lam_arena *arena;
	struct lam_error *e;
	uint32_t nodes; /* made so far */
	const int64_t *now; /* what now() is; NULL: it is refused */
};

/* Fail with LAM_USAGE at a place: "NAME:LINE:COLUMN: ...". */
int lam_sql_fail(const struct lam_sql *s, uint32_t line, uint32_t column,
	const char *fmt, ...) __attribute__((format(printf, 4, 5), cold));

enum lam_token_kind {
	LAM_TOKEN_END,
	LAM_TOKEN_NAME,	  /* unquoted: a keyword or an identifier */
	LAM_TOKEN_QUOTED, /* "identifier", unquoted here */
	LAM_TOKEN_STRING, /* 'text', unquoted here */
	LAM_TOKEN_NUMBER,
	LAM_TOKEN_OP	  /* one of the operators and punctuation marks */
};

struct lam_token {
	uint8_t kind;
	uint32_t line, column; /* from 1; columns count code points */
	struct lam_str text;
	const char *at; /* its first byte in the SQL text */
};

struct lam_lex {
	struct lam_sql *sql;
	const char *p, *end;
	uint32_t line, column;
	struct lam_token token, next;
};

/* Start at the first token.  An error is recorded in sql->e and ends the
 * tokens: the reader looks at sql->e->code once, after the last. */
void lam_lex_init(struct lam_lex *x, struct lam_sql *sql, const char *text);

/* Move on by one token; errors likewise. */
void lam_lex_advance(struct lam_lex *x);

/* Is T the keyword (lower case) or the operator W? */
bool lam_token_is(const struct lam_token *t, const char *w);

/* How T reads in a message: quoted, short, without control characters. */
#define LAM_TOKEN_SHOW 64
const char *lam_token_show(const struct lam_token *t, char out[LAM_TOKEN_SHOW]);

/* Any text as it reads in a message, likewise. */
const char *lam_text_show(struct lam_str s, char out[LAM_TOKEN_SHOW]);

/* ASCII case-insensitive equality. */
bool lam_text_same(struct lam_str a, struct lam_str b);
bool lam_str_is(struct lam_str a, const char *b);

/* A word of the grammar: as a name it has to be quoted when printed. */
bool lam_sql_keyword(struct lam_str s);
/* The I-th of them; NULL: there are no more. */
const char *lam_sql_keyword_name(size_t i);
/* A word that cannot be a name unless it is quoted. */
bool lam_sql_reserved(struct lam_str s);

#endif
