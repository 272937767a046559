/*
 * lex.c - SQL text to tokens
 *
 * One pass, no tables: the character decides the kind of the token.  Names
 * are kept as written; a comparison ignores their ASCII case.  Bytes from
 * 0x80 up are letters of names and stand for themselves in strings, so text in
 * any encoding passes through.
 */
#include "sql/lex.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Words that end an expression or a list: never names unless quoted. */
static const char *const reserved[] = {
	"all", "and", "as", "asc", "between", "by", "case", "cast", "desc",
	"distinct", "else", "end", "except", "false", "from", "group",
	"having", "ilike", "in", "intersect", "is", "join", "like", "limit",
	"not", "null", "offset", "on", "or", "order", "qualify", "select",
	"then", "true", "try_cast", "union", "using", "when", "where", "window",
};

/* Words with a meaning in some places only. */
static const char *const contextual[] = {
	"date", "datetime", "escape", "extract", "filter", "first", "for",
	"interval", "last", "nulls", "over", "position", "stdin", "substring",
	"timestamp", "timestamptz",
};

int
lam_sql_fail(const struct lam_sql *s, uint32_t line, uint32_t column,
	const char *fmt, ...)
{
	char text[800];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return lam_fail(s->e, LAM_USAGE, "%s:%u:%u: %s", s->name, line, column,
		text);
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool
lam_text_same(struct lam_str a, struct lam_str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

bool
lam_str_is(struct lam_str a, const char *b)
{
	return lam_text_same(a, (struct lam_str){ b, strlen(b) });
}

static bool
listed(struct lam_str s, const char *const *word, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (lam_str_is(s, word[i]))
			return true;
	return false;
}

bool
lam_sql_reserved(struct lam_str s)
{
	return listed(s, reserved, sizeof reserved / sizeof *reserved);
}

bool
lam_sql_keyword(struct lam_str s)
{
	return lam_sql_reserved(s) ||
		listed(s, contextual, sizeof contextual / sizeof *contextual);
}

const char *
lam_sql_keyword_name(size_t i)
{
	size_t n = sizeof reserved / sizeof *reserved;

	if (i < n)
		return reserved[i];
	return i - n < sizeof contextual / sizeof *contextual ?
		contextual[i - n] : NULL;
}

bool
lam_token_is(const struct lam_token *t, const char *w)
{
	return (t->kind == LAM_TOKEN_NAME || t->kind == LAM_TOKEN_OP) &&
		lam_str_is(t->text, w);
}

const char *
lam_text_show(struct lam_str s, char out[LAM_TOKEN_SHOW])
{
	size_t n = s.n < LAM_TOKEN_SHOW - 4 ? s.n : LAM_TOKEN_SHOW - 4;

	/* Cut between code points, not within one. */
	while (n < s.n && n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	for (size_t i = 0; i < n; i++)
		out[i] = (unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f ?
			'?' : s.p[i];
	memcpy(out + n, n < s.n ? "..." : "", n < s.n ? 4 : 1);
	return out;
}

const char *
lam_token_show(const struct lam_token *t, char out[LAM_TOKEN_SHOW])
{
	char text[LAM_TOKEN_SHOW];
	char q = t->kind == LAM_TOKEN_STRING ? '\'' : '"';

	if (t->kind == LAM_TOKEN_END) {
		snprintf(out, LAM_TOKEN_SHOW, "the end");
		return out;
	}
	lam_text_show(t->text, text);
	text[LAM_TOKEN_SHOW - 3] = '\0';
	snprintf(out, LAM_TOKEN_SHOW, "%c%.*s%c", q, LAM_TOKEN_SHOW - 3, text,
		q);
	return out;
}

/* Step over one byte, keeping the place. */
static void
step(struct lam_lex *x)
{
	if (*x->p == '\n') {
		x->line++;
		x->column = 1;
	} else if (((unsigned char)x->p[1] & 0xc0) != 0x80) {
		x->column++; /* the next byte starts a code point */
	}
	x->p++;
}

static int
skip_blanks(struct lam_lex *x)
{
	uint32_t line, column;

	for (;;) {
		if (x->p < x->end && strchr(" \t\r\n\f\v", *x->p)) {
			step(x);
		} else if (x->p[0] == '-' && x->p[1] == '-') {
			while (x->p < x->end && *x->p != '\n')
				step(x);
		} else if (x->p[0] == '/' && x->p[1] == '*') {
			line = x->line;
			column = x->column;
			step(x);
			step(x);
			while (x->p < x->end &&
				!(x->p[0] == '*' && x->p[1] == '/'))
				step(x);
			if (x->p == x->end)
				return lam_sql_fail(x->sql, line, column,
					"this comment has no end: expected */");
			step(x);
			step(x);
		} else {
			return LAM_OK;
		}
	}
}

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
letter(char c)
{
	return (lower(c) >= 'a' && lower(c) <= 'z') || c == '_' ||
		(unsigned char)c >= 0x80;
}

/* 'text' or "name": the quote doubled stands for itself. */
static int
quoted(struct lam_lex *x, struct lam_token *t)
{
	char q = *x->p, *out;
	const char *start;
	size_t n = 0;

	step(x);
	start = x->p;
	while (x->p < x->end && (*x->p != q || x->p[1] == q)) {
		if (*x->p == q)
			step(x);
		step(x);
		n++;
	}
	if (x->p == x->end)
		return lam_sql_fail(x->sql, t->line, t->column,
			"this %s has no end: expected %c",
			q == '"' ? "name" : "text", q);
	t->text = (struct lam_str){ start, n };
	if (n != (size_t)(x->p - start)) {
		out = lam_arena_alloc(x->sql->arena, n);
		if (out == NULL)
			return lam_fail_mem(x->sql->e);
		t->text.p = out;
		for (const char *s = start; s < x->p; s++) {
			*out++ = *s;
			s += *s == q;
		}
	}
	step(x);
	if (q == '"' && n == 0)
		return lam_sql_fail(x->sql, t->line, t->column,
			"expected a name between the quotes");
	return LAM_OK;
}

static int
number(struct lam_lex *x, struct lam_token *t)
{
	while (digit(*x->p))
		step(x);
	if (*x->p == '.')
		step(x);
	while (digit(*x->p))
		step(x);
	if (lower(*x->p) == 'e' && (digit(x->p[1]) ||
		((x->p[1] == '-' || x->p[1] == '+') && digit(x->p[2])))) {
		step(x);
		step(x);
		while (digit(*x->p))
			step(x);
	}
	if (letter(*x->p) || *x->p == '.')
		return lam_sql_fail(x->sql, x->line, x->column,
			"expected the end of the number, found \"%.1s\"",
			(unsigned char)*x->p < 0x80 ? x->p : "?");
	t->text.n = (size_t)(x->p - t->text.p);
	return LAM_OK;
}

static int
operator(struct lam_lex *x, struct lam_token *t)
{
	static const char *const more[] = { "<>", "!=", "<=", ">=", "==", "||",
		"//", "::", "->", "->>", "~*", "!~", "!~*", "<<", ">>",
		"**" };
	char show[LAM_TOKEN_SHOW];

	t->text.n = 1;
	for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
		size_t n = strlen(more[i]);

		if (n <= (size_t)(x->end - x->p) && memcmp(x->p, more[i], n) ==
			0)
			t->text.n = n;
	}
	if (t->text.n == 1 && strchr("()*,+-/%=<>.:;[]~&|^", *x->p) == NULL)
		return lam_sql_fail(x->sql, t->line, t->column,
			"\"%s\" has no meaning here", lam_text_show(t->text,
			show));
	for (size_t i = 0; i < t->text.n; i++)
		step(x);
	return LAM_OK;
}

static int
scan(struct lam_lex *x, struct lam_token *t)
{
	int rc = skip_blanks(x);

	if (rc != LAM_OK)
		return rc;
	*t = (struct lam_token){ LAM_TOKEN_END, x->line, x->column,
		{ x->p, 0 }, x->p };
	if (x->p == x->end)
		return LAM_OK;
	if (*x->p == '\'' || *x->p == '"') {
		t->kind = *x->p == '"' ? LAM_TOKEN_QUOTED : LAM_TOKEN_STRING;
		return quoted(x, t);
	}
	if (digit(*x->p) || (*x->p == '.' && digit(x->p[1]))) {
		t->kind = LAM_TOKEN_NUMBER;
		return number(x, t);
	}
	if (letter(*x->p)) {
		t->kind = LAM_TOKEN_NAME;
		while (letter(*x->p) || digit(*x->p))
			step(x);
		t->text.n = (size_t)(x->p - t->text.p);
		return LAM_OK;
	}
	t->kind = LAM_TOKEN_OP;
	return operator(x, t);
}

/* The next token, or the end where there is none. */
static void
fetch(struct lam_lex *x)
{
	if (scan(x, &x->next) == LAM_OK)
		return;
	x->p = x->end;
	x->next = (struct lam_token){ LAM_TOKEN_END, x->line, x->column,
		{ x->end, 0 }, x->end };
}

void
lam_lex_advance(struct lam_lex *x)
{
	x->token = x->next;
	fetch(x);
}

void
lam_lex_init(struct lam_lex *x, struct lam_sql *sql, const char *text)
{
	size_t n = strnlen(text, (size_t)LAM_SQL_TEXT_MAX + 1);

	*x = (struct lam_lex){ .sql = sql, .p = text, .end = text + n,
		.line = 1, .column = 1 };
	if (n > LAM_SQL_TEXT_MAX) {
		lam_sql_fail(sql, 1, 1, "the statement is longer than %u bytes",
			LAM_SQL_TEXT_MAX);
		x->end = x->p = "";
	} else if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		x->p += 3; /* a byte order mark is no part of the text */
	}
	fetch(x);
	lam_lex_advance(x);
}
