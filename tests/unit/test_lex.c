/* The lexer: kinds, texts, places, what it refuses. */
#include "test.h"

#include <stdlib.h>

#include "sql/lex.h"

static struct lam_arena arena = LAM_ARENA_INIT;
static struct lam_error err;

/* All tokens of TEXT as "kind:text@line:column ...". */
static const char *
lex(const char *text)
{
	static const char *const kind[] = { "end", "name", "quoted", "string",
		"number", "op" };
	static char out[1000];
	struct lam_sql sql = { .name = "t", .arena = &arena, .e = &err };
	struct lam_lex x;
	size_t n = 0;

	err = (struct lam_error)LAM_ERROR_INIT;
	lam_lex_init(&x, &sql, text);
	for (;; lam_lex_advance(&x)) {
		n += (size_t)snprintf(out + n, sizeof out - n, "%s:%.*s@%u:%u ",
			kind[x.token.kind], (int)x.token.text.n,
			x.token.text.p, x.token.line, x.token.column);
		if (x.token.kind == LAM_TOKEN_END || n > 900)
			break;
	}
	return err.code != LAM_OK ? err.msg : out;
}

static void
is(const char *text, const char *want)
{
	const char *got = lex(text);

	test_str(got, strlen(got), want, __FILE__, __LINE__, text);
}

static void
test_tokens(void)
{
	is("", "end:@1:1 ");
	is("  \n\t ", "end:@2:3 ");
	is("Select a1,_b", "name:Select@1:1 name:a1@1:8 op:,@1:10 name:_b@1:11 "
		"end:@1:13 ");
	is("1 1.5 .5 5. 1e3 1.e+3", "number:1@1:1 number:1.5@1:3 number:.5@1:7 "
		"number:5.@1:10 number:1e3@1:13 number:1.e+3@1:17 end:@1:22 ");
	is("a<=b<>c!=d==e||f//g::h", "name:a@1:1 op:<=@1:2 name:b@1:4 op:<>@1:5 "
		"name:c@1:7 op:!=@1:8 name:d@1:10 op:==@1:11 name:e@1:13 "
		"op:||@1:14 name:f@1:16 op://@1:17 name:g@1:19 op:::@1:20 "
		"name:h@1:22 end:@1:23 ");
	is("'it''s' \"a\"\"b\" ''", "string:it's@1:1 quoted:a\"b@1:9 "
		"string:@1:16 end:@1:18 ");
	is("''''", "string:'@1:1 end:@1:5 ");
	is("a -- b\n/* c\n * d */ e", "name:a@1:1 name:e@3:9 end:@3:10 ");
	is("a-- b", "name:a@1:1 end:@1:6 ");
	is("a - -b", "name:a@1:1 op:-@1:3 op:-@1:5 name:b@1:6 end:@1:7 ");
	/* Columns count code points, not bytes. */
	is("'\xc3\xa9\xe2\x82\xac' x", "string:\xc3\xa9\xe2\x82\xac@1:1 name:x@1:6 "
		"end:@1:7 ");
	is("gr\xc3\xb6\xc3\x9f""e x", "name:gr\xc3\xb6\xc3\x9f""e@1:1 name:x@1:7 "
		"end:@1:8 ");
	is("\xef\xbb\xbfselect", "name:select@1:1 end:@1:7 ");
	is("'a\nb' c", "string:a\nb@1:1 name:c@2:4 end:@2:5 ");
}

static void
test_refused(void)
{
	is("a 'b", "t:1:3: this text has no end: expected '");
	is("a\n \"b", "t:2:2: this name has no end: expected \"");
	is("\"\"", "t:1:1: expected a name between the quotes");
	is("x /* y", "t:1:3: this comment has no end: expected */");
	is("/*/", "t:1:1: this comment has no end: expected */");
	is("1x", "t:1:2: expected the end of the number, found \"x\"");
	is("1.2.3", "t:1:4: expected the end of the number, found \".\"");
	is("a ? b", "t:1:3: \"?\" has no meaning here");
	is("a } b", "t:1:3: \"}\" has no meaning here");
	is("a \x01 b", "t:1:3: \"?\" has no meaning here");
}

static void
test_words(void)
{
	struct lam_str s = { "SeLeCt", 6 }, d = { "Date", 4 }, n = { "hits", 4 };
	struct lam_token t = { LAM_TOKEN_STRING, 1, 1, { "select", 6 }, "" };
	char show[LAM_TOKEN_SHOW], big[300];

	CHECK(lam_sql_reserved(s) && lam_sql_keyword(s));
	CHECK(!lam_sql_reserved(d) && lam_sql_keyword(d));
	CHECK(!lam_sql_keyword(n));
	CHECK(!lam_token_is(&t, "select"));
	t.kind = LAM_TOKEN_QUOTED;
	CHECK(!lam_token_is(&t, "select"));
	t.kind = LAM_TOKEN_NAME;
	CHECK(lam_token_is(&t, "select"));
	memset(big, 'x', sizeof big);
	t.text = (struct lam_str){ big, sizeof big };
	CHECK(strlen(lam_token_show(&t, show)) < LAM_TOKEN_SHOW);
	t.text = (struct lam_str){ "a\x1b[31m", 6 };
	CHECK(strcmp(lam_token_show(&t, show), "\"a?[31m\"") == 0);
	/* A cut never falls within a code point. */
	for (size_t i = 0; i < sizeof big - 1; i += 2)
		memcpy(big + i, "\xc3\xa9", 2);
	for (size_t i = 50; i < 80; i++) {
		struct lam_str cut = { big, i - i % 2 };
		size_t len = strlen(lam_text_show(cut, show));

		while (len > 0 && show[len - 1] == '.')
			len--;
		FAIL_IF(len % 2 != 0, "cut at %zu", i);
	}
	PASS("long texts are cut between code points");
}

static void
test_long(void)
{
	size_t n = LAM_SQL_TEXT_MAX;
	char *text = malloc(n + 2);

	if (text == NULL)
		return;
	memset(text, ' ', n + 1);
	text[n] = '\0';
	CHECK(strncmp(lex(text), "end:", 4) == 0);
	text[n] = ' ';
	text[n + 1] = '\0';
	CHECK(strstr(lex(text), "longer than 1048576 bytes") != NULL);
	free(text);
}

int
main(void)
{
	test_tokens();
	test_refused();
	test_words();
	test_long();
	lam_arena_release(&arena);
	return DONE();
}
