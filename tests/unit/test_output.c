/*
 * test_output.c - rows to text: every form, every shape of vector
 */
#include "output/output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "output/form_json.h"
#include "output/output_internal.h"
#include "output/visible.h"
#include "time/time.h"
#include "test.h"

#define COLUMNS_MAX 8

/* A query of so many outputs, as far as a writer looks at it. */
struct fixture {
	struct lam_query query;
	struct lam_output output[COLUMNS_MAX];
	struct lam_expr expr[COLUMNS_MAX];
	struct lam_input_field field[COLUMNS_MAX];
	struct lam_stage input;
};

static void
add(struct fixture *f, const char *name, enum lam_type type)
{
	uint32_t n = f->query.noutputs++;

	f->expr[n] = (struct lam_expr){ .kind = LAM_X_CALL,
		.type = (uint8_t)type };
	f->output[n] = (struct lam_output){ name, &f->expr[n] };
	f->query.output = f->output;
}

/* A field shown as it came: text in the vector, TYPE in the schema. */
static void
add_raw(struct fixture *f, const char *name, enum lam_type type)
{
	uint32_t n = f->query.noutputs;

	add(f, name, LAM_TEXT);
	f->expr[n].kind = LAM_X_FIELD;
	f->expr[n].raw = true;
	f->expr[n].index = n;
	f->field[n] = (struct lam_input_field){ name, { (uint8_t)type, 0 }, 0, false };
	f->query.input = &f->input;
	f->input.field = f->field;
	f->input.nfields = n + 1;
}

static struct lam_error e;
static struct lam_buf got;

/* Everything one writer writes for BATCHES times the same batch, in got. */
static void
print(const char *form, const struct fixture *f, bool header,
	const struct lam_vec *column, uint32_t n, int batches)
{
	char path[] = "/tmp/lam-test-output-XXXXXX";
	struct lam_writer *w;
	uint64_t rows = 0;
	int fd = mkstemp(path), r;

	e = (struct lam_error)LAM_ERROR_INIT;
	lam_buf_clear(&got);
	r = lam_writer_open(&w, form, fd, &f->query, header, &e);
	for (int i = 0; !r && i < batches; i++)
		r = lam_writer_rows(w, column, n, &e);
	if (!r)
		r = lam_writer_close(w, &rows, &e);
	if (!r)
		r = lam_io_slurp(path, (size_t)1 << 30, &got, &e);
	CHECK_INT(r, LAM_OK);
	CHECK_INT(rows, (uint64_t)n * (uint64_t)batches);
	close(fd);
	unlink(path);
}

#define SHOWS(want) CHECK_STR(got.p, got.n, (want))
#define STR(s) { (s), sizeof (s) - 1 }

/* Text, number (2 decimals), time and boolean, the last row NULL. */
static const struct lam_str texts[] = { STR("plain"), STR("a,b"),
	STR("say \"hi\""), STR("two\nlines"), STR(""), STR("tab\tback\\cr\r"),
	STR(" blank "), { NULL, 0 } };
static const int64_t numbers[] = { 100, -5, 1234567, 0, 250, 1, 99, 0 };
static const uint8_t bits[] = { 1, 0, 1, 0, 1, 0, 1, 0 };
static const uint8_t last_null[] = { 0, 0, 0, 0, 0, 0, 0, 1 };
static int64_t times[8];

static const struct lam_vec *
mixed(struct fixture *f)
{
	static struct lam_vec v[4];

	add(f, "t", LAM_TEXT);
	add(f, "n", LAM_NUMBER);
	add(f, "at", LAM_TIME);
	add(f, "ok", LAM_BOOL);
	for (int i = 0; i < 8; i++)
		times[i] = 1767225600 * LAM_NS + i * LAM_NS / 2;
	v[0] = (struct lam_vec){ .type = LAM_TEXT, .n = 8, .null = last_null,
		.str = texts };
	v[1] = (struct lam_vec){ .type = LAM_NUMBER, .scale = 2, .n = 8,
		.null = last_null, .i64 = numbers };
	v[2] = (struct lam_vec){ .type = LAM_TIME, .n = 8, .null = last_null,
		.i64 = times };
	v[3] = (struct lam_vec){ .type = LAM_BOOL, .n = 8, .null = last_null,
		.bit = bits };
	return v;
}

static void
test_forms(void)
{
	struct fixture f = { 0 };
	const struct lam_vec *v = mixed(&f);

	print("csv", &f, true, v, 8, 1);
	SHOWS("t,n,at,ok\n"
	      "plain,1,2026-01-01T00:00:00Z,true\n"
	      "\"a,b\",-0.05,2026-01-01T00:00:00.5Z,false\n"
	      "\"say \"\"hi\"\"\",12345.67,2026-01-01T00:00:01Z,true\n"
	      "\"two\nlines\",0,2026-01-01T00:00:01.5Z,false\n"
	      "\"\",2.5,2026-01-01T00:00:02Z,true\n"
	      "\"tab\tback\\cr\r\",0.01,2026-01-01T00:00:02.5Z,false\n"
	      " blank ,0.99,2026-01-01T00:00:03Z,true\n"
	      ",,,\n");
	print("tsv", &f, false, v, 8, 1);
	SHOWS("plain\t1\t2026-01-01T00:00:00Z\ttrue\n"
	      "a,b\t-0.05\t2026-01-01T00:00:00.5Z\tfalse\n"
	      "say \"hi\"\t12345.67\t2026-01-01T00:00:01Z\ttrue\n"
	      "two\\nlines\t0\t2026-01-01T00:00:01.5Z\tfalse\n"
	      "\t2.5\t2026-01-01T00:00:02Z\ttrue\n"
	      "tab\\tback\\\\cr\\r\t0.01\t2026-01-01T00:00:02.5Z\tfalse\n"
	      " blank \t0.99\t2026-01-01T00:00:03Z\ttrue\n"
	      "\\N\t\\N\t\\N\t\\N\n");
	print("jsonl", &f, true, v, 2, 1);
	SHOWS("{\"t\":\"plain\",\"n\":1,\"at\":\"2026-01-01T00:00:00Z\","
	      "\"ok\":true}\n{\"t\":\"a,b\",\"n\":-0.05,"
	      "\"at\":\"2026-01-01T00:00:00.5Z\",\"ok\":false}\n");
	print("table", &f, true, v, 8, 1);
	SHOWS("t                          n  at                      ok\n"
	      "------------------  --------  ----------------------  -----\n"
	      "plain                   1     2026-01-01T00:00:00Z    true\n"
	      "a,b                    -0.05  2026-01-01T00:00:00.5Z  false\n"
	      "say \"hi\"            12345.67  2026-01-01T00:00:01Z    true\n"
	      "two\\x0alines            0     2026-01-01T00:00:01.5Z  false\n"
	      "\"\"                      2.5   2026-01-01T00:00:02Z    true\n"
	      "tab\\x09back\\cr\\x0d      0.01  2026-01-01T00:00:02.5Z  false\n"
	      " blank                  0.99  2026-01-01T00:00:03Z    true\n"
	      "                                                      \n");
}

static void
test_json_array(void)
{
	struct fixture f = { 0 };
	const struct lam_vec v = { .type = LAM_NUMBER, .n = 2, .i64 = numbers };

	add(&f, "a \"b\"\n", LAM_NUMBER);
	print("json", &f, true, &v, 2, 2);
	SHOWS("[\n{\"a \\\"b\\\"\\n\":100},\n{\"a \\\"b\\\"\\n\":-5},\n"
	      "{\"a \\\"b\\\"\\n\":100},\n{\"a \\\"b\\\"\\n\":-5}\n]\n");
	print("json", &f, true, &v, 0, 1);
	SHOWS("[]\n");
	print("jsonl", &f, true, &v, 0, 0);
	SHOWS("");
	print("csv", &f, true, &v, 0, 0);
	SHOWS("\"a \"\"b\"\"\n\"\n");
	print("csv", &f, false, &v, 0, 0);
	SHOWS("");
	print("table", &f, true, &v, 0, 0);
	SHOWS("a \"b\"\\x0a\n---------\n");
}

/* Text declared as number: bare when JSON can say it, else a string. */
static void
test_json_raw(void)
{
	static const struct { struct lam_str in; bool bare; } t[] = {
		{ STR("0"), true }, { STR("-0"), true }, { STR("12.50"), true },
		{ STR("1e5"), true }, { STR("-1.5E+10"), true },
		{ STR("1e-2"), true }, { STR("007"), false },
		{ STR("+1"), false }, { STR("1."), false }, { STR(".5"), false },
		{ STR("1e"), false }, { STR("1e+"), false }, { STR(""), false },
		{ STR("-"), false }, { STR("NaN"), false }, { STR("1 "), false },
		{ STR("0x10"), false }, { STR("1,5"), false },
		{ STR("1\0"), false } };
	struct fixture f = { 0 };

	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		FAIL_IF(lam_json_number(t[i].in) != t[i].bare, "%s",
			t[i].in.p);
	PASS("what JSON takes for a number");
	add_raw(&f, "n", LAM_NUMBER);
	add_raw(&f, "s", LAM_TEXT);
	for (int i = 5; i < 8; i++) {
		struct lam_vec v[2] = { { .type = LAM_TEXT, .n = 1,
			.str = &t[i].in }, { .type = LAM_TEXT, .n = 1,
			.str = &t[i].in } };

		print("jsonl", &f, false, v, 1, 1);
		SHOWS(i == 5 ? "{\"n\":1e-2,\"s\":\"1e-2\"}\n" : i == 6 ?
			"{\"n\":\"007\",\"s\":\"007\"}\n" :
			"{\"n\":\"+1\",\"s\":\"+1\"}\n");
	}
}

static void
test_json_strings(void)
{
	static const struct lam_str in[] = { STR("\"\\/\b\f\n\r\t\x01\x1f\x7f"),
		STR("h\xc3\xa9 \xe4\xb8\xad \xf0\x9f\x98\x80"),
		STR("\xff" "a\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80"),
		STR("cut \xe4\xb8"), STR("nul \0.") };
	struct fixture f = { 0 };
	struct lam_vec v = { .type = LAM_TEXT, .n = 5, .str = in };

	add(&f, "s", LAM_TEXT);
	print("jsonl", &f, false, &v, 5, 1);
#define FFFD "\xef\xbf\xbd"
	SHOWS("{\"s\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"}\n"
	      "{\"s\":\"h\xc3\xa9 \xe4\xb8\xad \xf0\x9f\x98\x80\"}\n"
	      "{\"s\":\"" FFFD "a" FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD
	      "\"}\n{\"s\":\"cut " FFFD FFFD "\"}\n"
	      "{\"s\":\"nul \\u0000.\"}\n");
}

/* CSV must bring back every byte: NUL and invalid UTF-8 too. */
static void
test_csv_bytes(void)
{
	const size_t mark = '"'; /* which is doubled */
	char all[256];
	struct lam_str s = { all, sizeof all };
	struct fixture f = { 0 };
	struct lam_vec v = { .type = LAM_TEXT, .n = 1, .str = &s };

	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	add(&f, "s", LAM_TEXT);
	print("csv", &f, false, &v, 1, 1);
	CHECK_INT(got.n, 256 + 4);
	CHECK(got.p[0] == '"' && !memcmp(got.p + 1, all, mark + 1) &&
		!memcmp(got.p + mark + 2, all + mark, 256 - mark));
	/* A quote mark needed by any byte of a value, whatever its length. */
	for (size_t n = 1; n < 40; n++)
		for (size_t at = 0; at < n; at++) {
			memset(all, 'x', n);
			all[at] = "\n\r,\""[(n + at) % 4];
			s.n = n;
			lam_buf_clear(&got);
			lam_form_csv.put(NULL, &got, s, 0);
			FAIL_IF(got.p[0] != '"', "%zu of %zu", at, n);
			all[at] = (char)('\n' ^ 0x80);
			lam_buf_clear(&got);
			lam_form_csv.put(NULL, &got, s, 0);
			FAIL_IF(got.n != n || memcmp(got.p, all, n),
				"%zu of %zu quoted", at, n);
		}
	PASS("quotes where needed, and only there");
}

/* The same rows as FLAT, DICT, CONST and FOR vectors give the same text. */
static void
test_shapes(void)
{
	static const char *const forms[] = { "csv", "tsv", "json", "jsonl",
		"table", "markdown" };
	static uint16_t code[9000];
	static uint32_t offset[9000];
	struct lam_arena a = LAM_ARENA_INIT;
	struct fixture f = { 0 };
	struct lam_vec dict = { .type = LAM_TEXT, .n = 8, .null = last_null,
		.str = texts };
	struct lam_vec one = { .type = LAM_BOOL, .n = 1, .bit = bits };
	struct lam_vec nothing = { .type = LAM_TIME, .n = 1,
		.null = last_null + 7, .i64 = times };
	struct lam_vec v[4] = {
		{ .type = LAM_TEXT, .rep = LAM_DICT, .n = 9000, .code = code,
		  .dict = &dict },
		{ .type = LAM_BOOL, .rep = LAM_CONST, .n = 9000, .dict = &one },
		{ .type = LAM_NUMBER, .rep = LAM_FOR, .n = 9000, .scale = 1,
		  .u32 = offset, .base = -7, .mult = 3 },
		{ .type = LAM_TIME, .rep = LAM_CONST, .n = 9000,
		  .dict = &nothing } }, flat[4];

	add(&f, "text", LAM_TEXT);
	add(&f, "bool", LAM_BOOL);
	add(&f, "number", LAM_NUMBER);
	add(&f, "time", LAM_TIME);
	for (int i = 0; i < 9000; i++) {
		code[i] = (uint16_t)(i * 7 % 8);
		offset[i] = (uint32_t)i % 50;
	}
	for (int c = 0; c < 4; c++)
		flat[c] = *lam_vec_flat(&v[c], &a);
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct lam_buf first = LAM_BUF_INIT;

		print(forms[i], &f, true, v, 9000, 2);
		lam_buf_put(&first, got.p, got.n);
		print(forms[i], &f, true, flat, 9000, 2);
		FAIL_IF(first.n != got.n || memcmp(first.p, got.p, got.n),
			"%s differs", forms[i]);
		lam_buf_release(&first);
	}
	/* Fewer rows than dictionary entries take the other way. */
	print("csv", &f, false, v, 2, 1);
	SHOWS("plain,true,-0.7,\n,true,-0.4,\n");
	PASS("a vector's shape does not show");
	lam_arena_release(&a);
}

static void
test_visible(void)
{
	static const struct lam_str in[] = { STR("\x1b[31mred\x07\x7f"),
		STR("\xc2\x9b" "1A \xe2\x80\xae txt"), STR("\xff\xc3"),
		STR("caf\xc3\xa9 \xe4\xb8\xad"), STR("a|b*c_d`<e>[f]\\&"),
		STR("end\n") };
	struct fixture f = { 0 };
	struct lam_vec v = { .type = LAM_TEXT, .n = 6, .str = in };

	add(&f, "\x1b]0;x", LAM_TEXT);
	print("table", &f, true, &v, 6, 1);
	SHOWS("\\x1b]0;x\n"
	      "---------------------------\n"
	      "\\x1b[31mred\\x07\\x7f\n"
	      "\\xc2\\x9b1A \\xe2\\x80\\xae txt\n"
	      "\\xff\\xc3\n"
	      "caf\xc3\xa9 \xe4\xb8\xad\n"
	      "a|b*c_d`<e>[f]\\&\n"
	      "end\\x0a\n");
	print("markdown", &f, true, &v, 6, 1);
	SHOWS("| \\\\x1b\\]0;x |\n|---|\n"
	      "| \\\\x1b\\[31mred\\\\x07\\\\x7f |\n"
	      "| \\\\xc2\\\\x9b1A \\\\xe2\\\\x80\\\\xae txt |\n"
	      "| \\\\xff\\\\xc3 |\n"
	      "| caf\xc3\xa9 \xe4\xb8\xad |\n"
	      "| a\\|b\\*c\\_d\\`\\<e\\>\\[f\\]\\\\\\& |\n"
	      "| end\\\\x0a |\n");
	CHECK_INT(lam_display_width("abc", 3), 3);
	CHECK_INT(lam_display_width("0123456789abcdefg", 17), 17);
	CHECK_INT(lam_display_width("\xe4\xb8\xad\xf0\x9f\x98\x80", 7), 4);
	CHECK_INT(lam_display_width("e\xcc\x81", 3), 1);
	CHECK_INT(lam_display_width("caf\xc3\xa9", 5), 4);
}

/* No byte of any input may reach a table as a control or an escape. */
static void
test_visible_all(void)
{
	uint64_t x = 20260131;
	struct lam_buf b = LAM_BUF_INIT;
	uint32_t c;

	printf("# seed %llu\n", (unsigned long long)x);
	for (int round = 0; round < 20000; round++) {
		char p[24];
		size_t n, i = 0;

		x = x * UINT64_C(6364136223846793005) + 1442695040888963407;
		n = (size_t)(x >> 60) + 1;
		for (size_t k = 0; k < n; k++) {
			x = x * UINT64_C(6364136223846793005) + 1;
			p[k] = (char)(x >> 56);
		}
		lam_buf_clear(&b);
		lam_put_visible(&b, (struct lam_str){ p, n });
		while (i < b.n) {
			unsigned k = lam_utf8_next(b.p + i, b.n - i, &c);

			FAIL_IF(!k || c < 0x20 || (c >= 0x7f && c < 0xa0),
				"round %d", round);
			i += k ? k : 1;
		}
	}
	PASS("random bytes come out as printable UTF-8");
	lam_buf_release(&b);
}

/* After 10,000 rows widths are fixed: wider cells push, nothing is lost. */
static void
test_table_streams(void)
{
	static struct lam_str s[10002];
	struct lam_str page = { NULL, 1000 };
	struct fixture f = { 0 };
	struct lam_vec v[2] = { { .type = LAM_TEXT, .n = 10002, .str = s },
		{ .type = LAM_TEXT, .n = 10002, .str = s } };
	char text[1000];

	memset(text, 'y', sizeof text);
	page.p = text;
	for (int i = 0; i < 10002; i++)
		s[i] = (struct lam_str){ "abcdef", i == 10001 ? 6 : 2 };
	s[3] = page;
	add(&f, "a", LAM_TEXT);
	add(&f, "b", LAM_TEXT);
	print("table", &f, true, v, 10002, 1);
	CHECK(!memcmp(got.p, "a   b\n--  --\nab  ab\n", 20));
	CHECK(!memcmp(got.p + got.n - 22, "ab  ab\nabcdef  abcdef\n", 22));
	CHECK_INT(got.n, 6 + 7 + 10000 * 7 + 2003 + 15);
}

/* Large values and many rows pass unharmed through the buffer. */
static void
test_large(void)
{
	size_t n = (size_t)3 << 20;
	char *big = malloc(n);
	struct lam_str s[3] = { STR("a"), { big, n }, STR("z") };
	struct fixture f = { 0 };
	struct lam_vec v = { .type = LAM_TEXT, .n = 3, .str = s };

	CHECK(big != NULL);
	memset(big, 'x', n);
	add(&f, "s", LAM_TEXT);
	print("csv", &f, false, &v, 3, 3);
	CHECK_INT(got.n, 3 * (n + 5));
	CHECK(got.p[0] == 'a' && got.p[n + 1] == 'x' && got.p[n + 2] == '\n' &&
		got.p[n + 3] == 'z' && got.p[got.n - 2] == 'z');
	free(big);
}

static void
test_failures(void)
{
	struct fixture f = { 0 };
	const struct lam_vec *v = mixed(&f);
	struct lam_writer *w = NULL;
	int fd[2] = { -1, -1 };

	e = (struct lam_error)LAM_ERROR_INIT;
	CHECK_INT(lam_writer_open(&w, "xml", 1, &f.query, true, &e), LAM_USAGE);
	CHECK(strstr(e.msg, "xml") && strstr(e.msg, "jsonl"));
	for (size_t i = 0; lam_output_name(i); i++)
		FAIL_IF(!strstr(e.msg, lam_output_name(i)), "%s is not told of",
			lam_output_name(i));
	PASS("the message names every form");
	for (size_t i = 0; lam_output_live_name(i); i++)
		FAIL_IF(!strcmp(lam_output_live_name(i), "table") ||
			!strcmp(lam_output_live_name(i), "json"),
			"%s has an end", lam_output_live_name(i));
	PASS("no form with an end is live");
	for (size_t i = 0; lam_output_name(i); i++) {
		e = (struct lam_error)LAM_ERROR_INIT;
		fd[0] = open("/dev/full", O_WRONLY);
		FAIL_IF(lam_writer_open(&w, lam_output_name(i), fd[0],
			&f.query, true, &e), "open");
		/* Some forms keep their rows until the end. */
		if (lam_writer_rows(w, v, 8, &e) == LAM_OK)
			FAIL_IF(lam_writer_close(w, NULL, &e) != LAM_SYSTEM,
				"full disk, close");
		else
			lam_writer_abandon(w);
		FAIL_IF(e.sys != ENOSPC, "%s: %s", lam_output_name(i), e.msg);
		close(fd[0]);
	}
	PASS("a full disk fails in every form");
	signal(SIGPIPE, SIG_IGN);
	e = (struct lam_error)LAM_ERROR_INIT;
	CHECK(pipe(fd) == 0);
	close(fd[0]);
	CHECK_INT(lam_writer_open(&w, "csv", fd[1], &f.query, true, &e), 0);
	CHECK_INT(lam_writer_rows(w, v, 8, &e), LAM_SYSTEM);
	CHECK_INT(e.sys, EPIPE);
	lam_writer_abandon(w);
	lam_writer_abandon(NULL);
	close(fd[1]);
}

/* What a batch holds can be read as soon as the call has returned. */
static void
test_live(void)
{
	struct fixture f = { 0 };
	const struct lam_vec v = { .type = LAM_NUMBER, .n = 1, .i64 = numbers };
	struct lam_writer *w = NULL;
	char p[64];
	int fd[2];

	add(&f, "n", LAM_NUMBER);
	e = (struct lam_error)LAM_ERROR_INIT;
	CHECK(pipe2(fd, O_NONBLOCK) == 0);
	CHECK_INT(lam_writer_open(&w, "csv", fd[1], &f.query, true, &e), 0);
	CHECK_INT(lam_writer_rows(w, &v, 1, &e), 0);
	CHECK_INT(read(fd[0], p, sizeof p), 6);
	CHECK_STR(p, 6, "n\n100\n");
	CHECK_INT(lam_writer_close(w, NULL, &e), 0);
	close(fd[0]);
	close(fd[1]);
}

int
main(void)
{
	test_forms();
	test_json_array();
	test_json_raw();
	test_json_strings();
	test_csv_bytes();
	test_shapes();
	test_visible();
	test_visible_all();
	test_table_streams();
	test_large();
	test_failures();
	test_live();
	lam_buf_release(&got);
	return DONE();
}
