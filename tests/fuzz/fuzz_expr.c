/*
 * fuzz_expr.c - any text as an expression, over columns in every shape
 *
 * The text is bound over t(s text, n number, ts time, b boolean) of eight rows and
 * evaluated over the same values as flat arrays, dictionaries, offsets from a base,
 * and as eight constants: the values, or the message, are the same.
 */
#include "../unit/expr_build.h"
#include "bind/bind.h"
#include "fuzz.h"

#define ROWS 8

enum { S, N, TS, B, COLUMNS };

static struct lam_input_field fields[COLUMNS] = { { "s", { LAM_TEXT, 0 }, 0, false },
	{ "n", { LAM_NUMBER, 0 }, 0, false }, { "ts", { LAM_TIME, 0 }, 0, false },
	{ "b", { LAM_BOOL, 0 }, 0, false } };
static struct cell cells[COLUMNS][ROWS];

static int
find(void *state, const struct lam_stage *scan, struct lam_relation *out,
	struct lam_error *e)
{
	(void)state;
	(void)e;
	*out = (struct lam_relation){ .name = scan->name, .field = fields,
		.nfields = COLUMNS };
	return LAM_OK;
}

static void
fill(void)
{
	static const char *const s[ROWS] = { "", "a", "GET /x?y=1", "\xc3\xa4",
		"-12.5", "2024-02-29T23:59:60", "%_\\", NULL };
	static const char *const n[ROWS] = { "0", "-1", "3", "99", "1000000",
		"1000", NULL, "7" };
	static const char *const ts[ROWS] = { "1970-01-01", "2024-02-29",
		"2026-12-31T23:59:59Z", NULL, "1999-12-31T12:00:00Z",
		"2000-01-01", "1969-12-31T23:00:00Z", "2026-01-31" };

	for (int i = 0; i < ROWS; i++) {
		cells[S][i].null = !s[i];
		if (s[i])
			cells[S][i].text = (struct lam_str){ s[i],
				strlen(s[i]) };
		cells[N][i].null = !n[i];
		if (n[i])
			cells[N][i].num = num(n[i])->num;
		cells[TS][i].null = !ts[i];
		if (ts[i])
			cells[TS][i].time = when(ts[i])->time;
		cells[B][i].null = i == 5;
		cells[B][i].bit = i != 5 && i % 2;
	}
}

/* The rows FROM .. FROM + M - 1 of X, columns in shape SHAPE, as text. */
static int
eval(const struct lam_expr *x, enum shape shape, uint32_t from, uint32_t m,
	struct lam_buf *out, struct lam_error *e)
{
	struct table t;
	struct lam_vec v;
	int rc;

	table_init(&t, m);
	for (uint32_t c = 0; c < COLUMNS; c++)
		if (!make_vec(shape, fields[c].type.type, cells[c] + from, m,
			&t.vec[c]))
			t.vec[c] = make_flat(fields[c].type.type,
				cells[c] + from, m, false);
	rc = lam_expr_eval(x, &t.f, &v, e);
	MUST(rc || v.n == m);
	for (uint32_t i = 0; !rc && i < m; i++) {
		char scratch[LAM_TIME_TEXT];
		struct lam_str s = lam_vec_print(&v, i, scratch);

		lam_buf_putc(out, s.p ? '<' : '~');
		lam_buf_put(out, s.p, s.n);
		lam_buf_putc(out, '\n');
	}
	return rc;
}

static void
check(const struct lam_expr *x)
{
	struct lam_buf want = LAM_BUF_INIT, got = LAM_BUF_INIT;
	struct lam_error e = LAM_ERROR_INIT, why = LAM_ERROR_INIT;
	int rc = eval(x, S_FLAT, 0, ROWS, &want, &e), one = LAM_OK;

	MUST(!rc || (rc == LAM_USAGE && *e.msg));
	for (int s = S_WIDE; s < S_CONST; s++) {
		lam_buf_clear(&got);
		MUST(eval(x, (enum shape)s, 0, ROWS, &got, &why) == rc);
		MUST(rc || (got.n == want.n &&
			!memcmp(got.p, want.p, got.n)));
	}
	lam_buf_clear(&got);
	for (uint32_t i = 0; !one && i < ROWS; i++)
		one = eval(x, S_CONST, i, 1, &got, &why);
	/* The numbers of a batch share a scale, those of many need not. */
	MUST(!one == !rc || (rc && strstr(e.msg, "beside values")));
	MUST(rc || (got.n == want.n && !memcmp(got.p, want.p, got.n)));
	lam_buf_release(&want);
	lam_buf_release(&got);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lam_catalog c = { .state = NULL, .find = find };
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_buf sql = LAM_BUF_INIT;
	struct lam_query *q;

	if (size && memchr(data, '\0', size))
		return 0;
	arena = (struct lam_arena)LAM_ARENA_INIT;
	fill();
	lam_buf_puts(&sql, "select ");
	lam_buf_put(&sql, data, size);
	lam_buf_puts(&sql, "\nfrom t");
	if (!lam_query_bind(lam_buf_str(&sql), "q", false, &c, &arena, &q,
		&e) && !q->grouped && q->input->kind == LAM_STAGE_SCAN)
		for (uint32_t i = 0; i < q->noutputs; i++) {
			struct lam_expr *x = q->output[i].expr;

			if (!lam_expr_prepare(x, &arena, &e))
				check(x);
			lam_expr_release(x);
		}
	lam_buf_release(&sql);
	lam_arena_release(&arena);
	return 0;
}
