/*
 * test_json_shape.c - records that have a shape are what the reader of records reads
 */
#include "test.h"

#include "json_check.h"

static uint64_t seed = 20260105;

static unsigned
rnd(unsigned n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(seed >> 33) % n;
}

/* A value, mostly a text where I is even, else a number. */
static void
put_value(struct lam_buf *b, unsigned i)
{
	static const char *const value[] = { "\"\"", "0", "\"a\"", "17",
		"\"a b\"", "-0.50", "\"2026-01-31\"", "5", "1e9", "12345678901234567890", "true", "false", "null",
		"\"x\\\"y\"", "\"\\u00e4\"", "[]", "[1]", "[1,2]", "[\"a\"]",
		"[\"a\",\"b\"]", "{}", "{\"z\":1}", "[[1],{\"q\":\"w\"}]",
		("\"a much longer text, so long that more than one vector of it "
		"is looked at, and then some more, for the sake of it\"") };

	lam_buf_puts(b, value[rnd(24) ? 2 * rnd(4) + i % 2 : rnd(24)]);
}

/* A record of members that may be left out, rarely. */
static void
make_line(struct lam_buf *b, unsigned kind)
{
	static const char *const key[] = { "time", "level", "a", "b", "c", "d" };
	bool first = true;

	lam_buf_clear(b);
	lam_buf_putc(b, '{');
	for (unsigned i = 0; i < 6; i++) {
		if (rnd(60) == 0)
			continue;
		lam_buf_printf(b, "%s\"%s\":%s", first ? "" : ",", key[i],
			kind == 1 ? " " : "");
		first = false;
		if (i == 4 && kind != 2) {
			lam_buf_puts(b, "{\"in\":");
			put_value(b, 0);
			lam_buf_puts(b, ",\"deep\":{\"er\":");
			put_value(b, 1);
			lam_buf_puts(b, "}}");
		} else {
			put_value(b, i);
		}
	}
	lam_buf_puts(b, "}");
}

/* Change a byte of B, or none. */
static void
change(struct lam_buf *b)
{
	static const char bytes[] = "\"\\,:{}[] 0-.etn\n\r\t\x01";

	if (b->n && rnd(2))
		b->p[rnd((unsigned)b->n)] = bytes[rnd(sizeof bytes)];
}

static void
test_masks(enum lam_masks masks, const char *name)
{
	static struct lam_json_shapes shapes;
	struct json_row row = { .reader = LAM_JSON_READER_INIT },
		read = { .reader = LAM_JSON_READER_INIT };
	unsigned takes = 0;

	for (int round = 0; round < 400; round++) {
		struct lam_buf b = LAM_BUF_INIT;
		struct lam_json_tree t;
		uint32_t n = 0;
		bool taken;

		lam_json_tree_init(&t);
		for (int i = 0; i < 8; i++) {
			make_line(&b, (unsigned)round % 3);
			FAIL_IF(lam_json_tree_record(&t, b.p, b.n, NULL), "tree");
		}
		json_number(&t.root, &n);
		lam_json_shapes_init(&shapes, masks);
		for (int i = 0; i < 200; i++) {
			struct lam_str line;

			make_line(&b, (unsigned)round % 3);
			if (i % 3 == 0)
				change(&b);
			line = (struct lam_str){ b.p, b.n };
			FAIL_IF(!json_agrees(&shapes, &row, &read, &t, n, line,
				&taken), "%s: <<%.*s>>", name, (int)b.n, b.p);
			takes += taken;
			if (!taken) {
				json_row_set(&row, &t, n, line);
				lam_json_shapes_learn(&shapes, &row.reader, line);
			}
		}
		lam_buf_release(&b);
		lam_json_tree_release(&t);
	}
	json_row_release(&row);
	json_row_release(&read);
	printf("# %s: %u of 80000 lines had a shape\n", name, takes);
	FAIL_IF(takes < 20000, "%s: hardly a line has a shape", name);
	PASS("a line that has a shape is the record that is read");
}

/* More arrays in a record than a shape has room for; each seventh value is a number,
 * so that what stands between two of them is short. */
static void
test_many_arrays(void)
{
	static struct lam_json_shapes shapes;
	struct json_row row = { .reader = LAM_JSON_READER_INIT },
		read = { .reader = LAM_JSON_READER_INIT };
	struct lam_buf b = LAM_BUF_INIT;
	struct lam_json_tree t;
	struct lam_str line;
	uint32_t n = 0;
	bool taken;

	for (int i = 0; i < 7 * 17; i++)
		lam_buf_printf(&b, "%c\"%x\":%s", i ? ',' : '{', i,
			i % 7 == 6 ? "1" : "[]");
	lam_buf_puts(&b, "}");
	line = (struct lam_str){ b.p, b.n };
	lam_json_tree_init(&t);
	FAIL_IF(lam_json_tree_record(&t, b.p, b.n, NULL), "tree");
	json_number(&t.root, &n);
	lam_json_shapes_init(&shapes, LAM_MASKS_PLAIN);
	json_row_set(&row, &t, n, line);
	lam_json_shapes_learn(&shapes, &row.reader, line);
	FAIL_IF(!json_agrees(&shapes, &row, &read, &t, n, line, &taken), "arrays");
	lam_buf_release(&b);
	lam_json_tree_release(&t);
	json_row_release(&row);
	json_row_release(&read);
	PASS("a record of more arrays than a shape has room for is what is read");
}

int
main(void)
{
	static const char *const name[] = { "plain", "sse2", "avx2", "avx512" };

	for (unsigned m = 0; m <= lam_masks_best(); m++)
		test_masks((enum lam_masks)m, name[m]);
	test_many_arrays();
	return DONE();
}
