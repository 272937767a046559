/*
 * test_schema.c - the schema file: parsing, printing, finding, sniffing
 */
#include "log/schema.h"

#include <stdio.h>
#include <stdlib.h>

#include "test.h"

static struct lam_arena arena;

static int
parse(const char *text, struct lam_schema *s, struct lam_error *e)
{
	*e = (struct lam_error)LAM_ERROR_INIT;
	lam_arena_reset(&arena);
	return lam_schema_parse((struct lam_str){ text, strlen(text) }, "S",
		&arena, s, e);
}

static void
refused(const char *text, const char *message)
{
	struct lam_schema s;
	struct lam_error e;

	CHECK_INT(parse(text, &s, &e), LAM_USAGE);
	CHECK(strstr(e.msg, message) != NULL);
	if (!strstr(e.msg, message))
		printf("# %s\n", e.msg);
}

static void
test_parse(void)
{
	struct lam_schema s;
	struct lam_error e;

	CHECK_INT(parse("# comment\nts time event\n\n  a\tnumber\r\n"
		"\"b \"\"c\" text\nd time(ms)", &s, &e), LAM_OK);
	CHECK_INT(s.n, 4);
	CHECK(!strcmp(s.field[0].name, "ts") && s.field[0].event);
	CHECK_INT(s.field[0].type.type, LAM_TIME);
	CHECK_INT(s.field[0].type.unit, 0);
	CHECK(!strcmp(s.field[1].name, "a") && !s.field[1].event);
	CHECK_INT(s.field[1].type.type, LAM_NUMBER);
	CHECK(!strcmp(s.field[2].name, "b \"c"));
	CHECK_INT(s.field[3].type.unit, 1000000);
	CHECK_INT(parse("", &s, &e), LAM_OK);
	CHECK_INT(s.n, 0);
}

static void
test_refused(void)
{
	refused("a text\nb\n", "S:2: \"\" is not a type");
	refused("a int\n", "S:1: \"int\" is not a type");
	refused("a Text\n", "is not a type");
	refused("a text x\n", "unexpected \"x\"");
	refused("a text event\n", "must be a time");
	refused("a time event b\n", "unexpected \"b\"");
	refused("\"a text\n", "not closed");
	refused("\"\" text\n", "1 to 255");
	refused("a text\na number\n", "two lines");
	refused("a time event\nb time event\n", "marked");
}

static void
test_print(void)
{
	struct lam_buf b = LAM_BUF_INIT, c = LAM_BUF_INIT;
	const char *text = "ts time event\n\"a b\" time(s)\n\"#x\" text\n"
		"\"q\"\"\" number\nu time(us)\nn time(ns)\n\"cr\r\" text\n";
	struct lam_schema s;
	struct lam_error e;

	CHECK_INT(parse(text, &s, &e), LAM_OK);
	lam_schema_print(&s, &b);
	CHECK_STR(b.p, b.n, text);
	CHECK_INT(parse(lam_buf_str(&b), &s, &e), LAM_OK);
	lam_schema_print(&s, &c);
	CHECK_STR(c.p, c.n, text);
	lam_buf_release(&b);
	lam_buf_release(&c);
}

static void
test_find(void)
{
	struct lam_schema s;
	struct lam_error e;

	CHECK_INT(parse("Ab text\nab text\nxyz text\n", &s, &e), LAM_OK);
	CHECK_INT(lam_schema_find(&s, "ab", 2), 1);
	CHECK_INT(lam_schema_find(&s, "Ab", 2), 0);
	CHECK_INT(lam_schema_find(&s, "AB", 2), 0);
	CHECK_INT(lam_schema_find(&s, "xy", 2), -1);
	CHECK_INT(lam_schema_find(&s, "xyz\0z", 5), -1);
	CHECK_INT(lam_schema_find(&s, "", 0), -1);
}

/* Any text is parsed or refused, and what is parsed prints and parses again. */
static void
test_random(void)
{
	static const char *const bits[] = { "a", "b c", "\"", "\"\"", " ",
		"text", "time", "time(s)", "number", "event", "\n", "#", "\t",
		"\r", "\xff" };
	uint32_t seed = 12345;
	struct lam_schema s, t;
	struct lam_error e;
	int parsed = 0;

	printf("# seed %u\n", seed);
	for (int i = 0; i < 20000; i++) {
		struct lam_buf b = LAM_BUF_INIT, c = LAM_BUF_INIT;
		struct lam_arena again = LAM_ARENA_INIT;

		for (int k = 0; k < 8; k++) {
			seed = seed * 1664525 + 1013904223;
			lam_buf_puts(&b, bits[(seed >> 16) % 15]);
		}
		if (parse(lam_buf_str(&b), &s, &e)) {
			FAIL_IF(!e.msg[0], "no message");
		} else if (s.n) {
			parsed++;
			lam_schema_print(&s, &c);
			FAIL_IF(lam_schema_parse((struct lam_str){ c.p, c.n },
				"S", &again, &t, &e) || t.n != s.n ||
				strcmp(t.field[0].name, s.field[0].name),
				"%s -> %s", lam_buf_str(&b), lam_buf_str(&c));
		}
		lam_arena_release(&again);
		lam_buf_release(&b);
		lam_buf_release(&c);
	}
	FAIL_IF(parsed < 10, "%d parsed", parsed);
	PASS("random texts: refused, or printed and parsed again");
}

static void
test_sniff(void)
{
	const char *text = "2026-01-01T00:00:00Z" "12" "abc";
	struct lam_cell time[2] = { { 0, 20 }, { 0, 20 } };
	struct lam_cell number[2] = { { 20, 2 }, { 0, LAM_CELL_NULL } };
	struct lam_cell word[2] = { { 22, 3 }, { 20, 2 } };
	struct lam_cell *field[] = { time, number, word, time };
	const char *const names[] = { "when", "n", "w", "TS" };
	struct lam_cells c = { text, 2, 4, field, 0 };
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_schema s;

	CHECK_INT(lam_schema_sniff(&c, NULL, names, NULL, 4, NULL, &arena, &s, &e), 0);
	CHECK_INT(s.field[0].type.type, LAM_TIME);
	CHECK_INT(s.field[1].type.type, LAM_NUMBER);
	CHECK_INT(s.field[2].type.type, LAM_TEXT);
	CHECK(!s.field[0].event && s.field[3].event);
	CHECK_INT(lam_schema_sniff(&c, NULL, names, NULL, 3, NULL, &arena, &s, &e), 0);
	CHECK(s.field[0].event);
	CHECK_INT(lam_schema_sniff(&c, NULL, names, NULL, 4, "when", &arena, &s, &e), 0);
	CHECK(s.field[0].event && !s.field[3].event);
	CHECK_INT(lam_schema_sniff(&c, NULL, names, NULL, 4, "n", &arena, &s, &e),
		LAM_USAGE);
	CHECK(strstr(e.msg, "time(s) event") != NULL);
	CHECK_INT(lam_schema_sniff(&c, NULL, names, NULL, 4, "zz", &arena, &s, &e),
		LAM_USAGE);
}

int
main(void)
{
	test_parse();
	test_refused();
	test_print();
	test_find();
	test_random();
	test_sniff();
	lam_arena_release(&arena);
	return DONE();
}
