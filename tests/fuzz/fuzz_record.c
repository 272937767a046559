/*
 * fuzz_record.c - any bytes as a record of partial text, and as one escaped value
 *
 * Byte 0: how many fields the record has, 1 to 4; the rest is the record.
 * There are two readers of such records, lam_record_split for one and
 * lam_record_rows_parse for many: what the first takes the second takes for the
 * same, and what the second takes the first refuses only if it is not spelled
 * as it is printed.
 */
#include "partial/record.h"
#include "fuzz.h"
#include "base/escape.h"
#include "partial/record_rows.h"
#include "bind/bind.h"

static struct lam_arena fixed;

static int
find(void *state, const struct lam_stage *scan, struct lam_relation *out,
	struct lam_error *e)
{
	static struct lam_input_field field[] = { { "a", { LAM_TEXT, 0 }, 0, false },
		{ "b", { LAM_TEXT, 0 }, 0, false }, { "c", { LAM_TEXT, 0 }, 0, false },
		{ "d", { LAM_TEXT, 0 }, 0, false } };

	(void)state;
	(void)e;
	*out = (struct lam_relation){ .name = scan->name, .field = field,
		.nfields = 4 };
	return LAM_OK;
}

/* A view of N text keys and a count. */
static const struct lam_query *
view(uint32_t n)
{
	static const char *const sql[] = {
		"select a, count(*) as n from t group by a",
		"select a, b, count(*) as n from t group by a, b",
		"select a, b, c, count(*) as n from t group by a, b, c",
		"select a, b, c, d, count(*) as n from t group by a, b, c, d" };
	static struct lam_query *q[4];
	struct lam_catalog c = { .state = NULL, .find = find };

	if (!q[n - 1])
		MUST(!lam_query_bind(sql[n - 1], "v", true, &c, &fixed,
			&q[n - 1], NULL));
	return q[n - 1];
}

/* FIELD[N] as a record: written and split again they are the same. */
static void
print(struct lam_str *field, uint32_t n, struct lam_arena *a,
	struct lam_buf *out)
{
	struct lam_vec v[4];
	struct lam_str again[4];
	uint8_t null[4];

	for (uint32_t i = 0; i < n; i++) {
		null[i] = field[i].p == NULL;
		v[i] = (struct lam_vec){ .type = LAM_TEXT, .n = 1,
			.str = &field[i], .null = &null[i] };
	}
	lam_record_print(v, 0, n, 0, out);
	MUST(!out->n || (!memchr(out->p, '\n', out->n) &&
		!memchr(out->p, '\t', out->n)));
	MUST(!lam_record_split((struct lam_str){ out->p, out->n }, again, n,
		a, NULL));
	for (uint32_t i = 0; i < n; i++)
		MUST(fuzz_same(field[i], again[i]));
}

static void
check_record(struct lam_str s, uint32_t n)
{
	struct lam_arena a = LAM_ARENA_INIT;
	static struct lam_record_rows
		rows[4]; /* kept: each has room for 4096 lines */
	struct lam_buf line = LAM_BUF_INIT, out = LAM_BUF_INIT;
	struct lam_str field[4], cell[4];
	bool split = !lam_record_split(s, field, n, &a, NULL), taken;

	lam_buf_put(&line, s.p, s.n);
	lam_buf_puts(&line, "\t1\n");
	taken = !lam_record_rows_parse(&rows[n - 1], view(n),
		(struct lam_str){ line.p, line.n }, 1, "x", 1, NULL);
	MUST(taken || !split);
	for (uint32_t i = 0; taken && i < n; i++)
		cell[i] = lam_cell_str(&rows[n - 1].cells, i, 0);
	for (uint32_t i = 0; split && i < n; i++)
		MUST(fuzz_same(field[i], cell[i]));
	if (taken) {
		print(cell, n, &a, &out);
		MUST(split || out.n != s.n || memcmp(out.p, s.p, s.n));
	}
	lam_buf_release(&line);
	lam_buf_release(&out);
	lam_arena_release(&a);
}

static void
check_text(struct lam_str s)
{
	struct lam_buf a = LAM_BUF_INIT, b = LAM_BUF_INIT;
	uint64_t v;
	char text[24];

	lam_escape(s, &a);
	MUST(lam_unescape((struct lam_str){ a.p, a.n }, &b));
	MUST(b.n == s.n && (!s.n || !memcmp(b.p, s.p, s.n)));
	lam_buf_clear(&a);
	lam_buf_clear(&b);
	if (lam_unescape(s, &a)) {
		lam_escape((struct lam_str){ a.p, a.n }, &b);
		MUST(b.n == s.n && (!s.n || !memcmp(b.p, s.p, s.n)));
	}
	if (lam_str_u64(s, &v)) {
		snprintf(text, sizeof text, "%llu", (unsigned long long)v);
		MUST(strlen(text) == s.n && !memcmp(text, s.p, s.n));
	}
	if (lam_str_hex(s, &v)) {
		snprintf(text, sizeof text, "%016llx", (unsigned long long)v);
		MUST(strlen(text) == s.n && !memcmp(text, s.p, s.n));
	}
	lam_buf_release(&a);
	lam_buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lam_str s;
	char *p;

	if (size < 1)
		return 0;
	p = fuzz_copy(data + 1, size - 1);
	s = (struct lam_str){ p, size - 1 };
	if (!memchr(p, '\n', s.n) && !memchr(p, '\t', s.n))
		check_record(s, 1 + (data[0] & 3));
	check_text(s);
	free(p);
	return 0;
}
