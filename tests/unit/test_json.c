/*
 * test_json.c - JSON against the grammar of RFC 8259
 */
#include "test.h"

#include <stdlib.h>

#include "base/json.h"

/* Read all of TEXT, from memory that ends where it ends. */
static bool
valid(const char *text, size_t n)
{
	char *copy = malloc(n + !n);
	struct lam_json_value v;
	struct lam_json j;
	bool ok;

	memcpy(copy, text, n);
	lam_json_init(&j, copy, n);
	ok = lam_json_skip(&j, &v) && lam_json_end(&j);
	free(copy);
	return ok;
}

static void
grammar(void)
{
	static const char *const good[] = { "0", "-0", "-0.0e-00", "1.10",
		"12345678901234567890123", "1E+9", "1e400", "true", "false",
		"null", " \t\r\n[ ] ", "{}", "[[],{},[{}]]", "\"\"",
		"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\uD834\\udd1e\"",
		"{\"a\":1,\"a\":[2,\"b\"],\"\":{\"c\":null}}", "\"\x7f\"",
		"\"\xff\xfe\"" };
	static const char *const bad[] = { "", " ", "01", "-", "+1", ".5",
		"1.", "1.e1", "1e", "1e+", "0x1", "NaN", "Infinity", "tru",
		"True", "nulll", "'a'", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"",
		"\"\\u123g\"", "\"\\ud800\"", "\"\\ud800\\u0041\"",
		"\"\\udc00\"", "\"a\nb\"", "\"\x1f\"", "[", "]", "[1", "[1,]",
		"[,1]", "[1 2]", "[1,,2]", "{", "}", "{a:1}", "{1:2}",
		"{\"a\"}", "{\"a\" 1}", "{\"a\":}", "{\"a\":1,}", "{,}",
		"{\"a\":1 \"b\":2}", "[1}", "{\"a\":1]", "1 2", "{} {}",
		"/**/1", "\xef\xbb\xbf{}", "[1]x" };

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		FAIL_IF(!valid(good[i], strlen(good[i])), "%s", good[i]);
	PASS("what the grammar takes");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		FAIL_IF(valid(bad[i], strlen(bad[i])), "%s", bad[i]);
	PASS("what it does not");
	CHECK(!valid("1\0", 2));
}

static void
depth(void)
{
	static char text[4 * LAM_JSON_DEPTH];
	size_t n = LAM_JSON_DEPTH - 1;

	memset(text, '[', n);
	memset(text + n, ']', n);
	CHECK(valid(text, 2 * n));
	memset(text, '[', n + 1);
	memset(text + n + 1, ']', n + 1);
	CHECK(!valid(text, 2 * n + 2));
}

static void
members(void)
{
	static const char text[] =
		"{\"a\": [1, {\"b\": \"x\\ty\"}], \"\\u0063\": -1.50}";
	struct lam_json_value key, v;
	struct lam_json j;
	char out[8];

	lam_json_init(&j, text, sizeof text - 1);
	CHECK(lam_json_enter(&j, LAM_JSON_OBJECT));
	CHECK(lam_json_key(&j, &key));
	CHECK_STR(key.text.p, key.text.n, "a");
	CHECK(lam_json_enter(&j, LAM_JSON_ARRAY));
	CHECK(lam_json_element(&j) && lam_json_scalar(&j, &v));
	CHECK_STR(v.text.p, v.text.n, "1");
	CHECK(lam_json_element(&j) && lam_json_skip(&j, &v));
	CHECK_STR(v.text.p, v.text.n, "{\"b\": \"x\\ty\"}");
	CHECK(!lam_json_element(&j) && !j.why);
	CHECK(lam_json_key(&j, &key) && key.escaped);
	CHECK_STR(out, lam_json_unescape(key.text, out), "c");
	CHECK(lam_json_scalar(&j, &v) && v.type == LAM_JSON_NUMBER);
	CHECK_STR(v.text.p, v.text.n, "-1.50");
	CHECK(!lam_json_key(&j, &key) && lam_json_end(&j));

	lam_json_init(&j, "{\"a\":1", 6);
	CHECK(lam_json_enter(&j, LAM_JSON_OBJECT));
	CHECK(lam_json_key(&j, &key) && lam_json_scalar(&j, &v));
	CHECK(!lam_json_key(&j, &key) && j.why);
	CHECK(!lam_json_end(&j));
}

static void
unescape(void)
{
	static const struct { const char *from, *to; } t[] = {
		{ "plain", "plain" }, { "\\u0041\\u00e9\\u20ac", "A\xc3\xa9\xe2\x82\xac" },
		{ "\\uD83D\\uDE00!", "\xf0\x9f\x98\x80!" },
		{ "\\b\\f\\n\\r\\t\\/\\\\\\\"", "\b\f\n\r\t/\\\"" },
		{ "a\\\\u0041", "a\\u0041" } };

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		char text[64];
		size_t n = strlen(t[i].from);

		memcpy(text, t[i].from, n);
		n = lam_json_unescape((struct lam_str){ text, n }, text);
		FAIL_IF(n != strlen(t[i].to) || memcmp(text, t[i].to, n),
			"%s", t[i].from);
	}
	PASS("escapes, turned into bytes where they stand");
}

int
main(void)
{
	grammar();
	depth();
	members();
	unescape();
	return DONE();
}
