/*
 * fuzz_column.c - any bytes as the stored bytes of a column, past the checksum
 *
 * Bytes 0 to 3: encoding, type, rows.  And back: the bytes cut into values at
 * newlines, encoded, decode to the very same values; and as a number, a time or a
 * boolean to what those texts are without being stored.
 */
#include "fuzz.h"
#include "store/column.h"

/* Looking for S comes to what decoding and comparing does. */
static void
match(const struct lam_colmeta *m, const void *p, uint32_t n, struct lam_str s)
{
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_coltype text = { LAM_TEXT, 0 };
	struct lam_vec x, y;
	uint64_t bad = 0;
	bool done;

	if (!lam_column_match(m, p, n, s, &a, &y, &done, NULL) && done) {
		MUST(!lam_column_decode(m, p, n, text, &a, &x, &bad, NULL));
		for (uint32_t i = 0; i < n; i++) {
			MUST(lam_vec_is_null(&x, i) == lam_vec_is_null(&y, i));
			MUST(lam_vec_is_null(&x, i) || lam_vec_bool(&y, i) ==
				!lam_str_cmp(lam_vec_text(&x, i), s));
		}
	}
	lam_arena_release(&a);
}

/* Every third row, picked, is that row of all. */
static void
pick(const struct lam_colmeta *m, const void *p, uint32_t n)
{
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_coltype text = { LAM_TEXT, 0 };
	static uint16_t row[1 << 16];
	struct lam_vec x, y;
	uint64_t bad = 0;
	uint32_t m3 = 0;
	bool done;

	for (uint32_t i = 1; i < n; i += 3)
		row[m3++] = (uint16_t)i;
	if (!lam_column_pick(m, p, n, row, m3, &a, &y, &done, NULL) && done) {
		MUST(!lam_column_decode(m, p, n, text, &a, &x, &bad, NULL));
		for (uint32_t i = 0; i < m3; i++) {
			MUST(lam_vec_is_null(&x, row[i]) ==
				lam_vec_is_null(&y, i));
			MUST(lam_vec_is_null(&y, i) || !lam_str_cmp(
				lam_vec_text(&x, row[i]), lam_vec_text(&y, i)));
		}
	}
	lam_arena_release(&a);
}

static void
decode(const uint8_t *data, size_t size)
{
	struct lam_colmeta m = { .encoding = data[0], .size = (uint32_t)size - 4 };
	struct lam_coltype t = { data[1] % LAM_TYPES, data[1] & 64 ? 1000 : 0 };
	uint32_t n = 1 + (data[2] | (uint32_t)data[3] << 8);
	struct lam_arena a = LAM_ARENA_INIT;
	char *p = fuzz_copy(data + 4, size - 4);
	struct lam_vec v;
	uint64_t bad = 0;

	match(&m, p, n, (struct lam_str){ "/api", 4 });
	pick(&m, p, n);
	if (!lam_column_decode(&m, p, n, t, &a, &v, &bad, NULL))
		for (uint32_t i = 0; i < n; i++) {
			char scratch[LAM_NUM_TEXT + 8];

			(void)lam_vec_print(&v, i, scratch);
		}
	free(p);
	lam_arena_release(&a);
}

/* Stored and read as T, or read from the cells alone: the same. */
static void
typed(const struct lam_cells *c, const struct lam_colmeta *m, const void *p,
	struct lam_coltype t)
{
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_vec x, y;
	uint64_t xbad = 0, ybad = 0;

	MUST(!lam_column_decode(m, p, c->nrows, t, &a, &x, &xbad, NULL));
	MUST(!lam_column_parse(c, 0, t, &a, &y, &ybad, NULL));
	MUST(x.n == c->nrows && y.n == c->nrows && xbad == ybad);
	for (uint32_t i = 0; i < c->nrows; i++) {
		char s[LAM_NUM_TEXT + 8], r[LAM_NUM_TEXT + 8];

		MUST(fuzz_same(lam_vec_print(&x, i, s),
			lam_vec_print(&y, i, r)));
	}
	lam_arena_release(&a);
}

static void
round_trip(const char *p, size_t size)
{
	static struct lam_cell cell[4096];
	struct lam_cell *field = cell;
	struct lam_cells c = { p, 0, 1, &field, 0 };
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_buf out = LAM_BUF_INIT;
	struct lam_colmeta m = { 0 };
	struct lam_vec v;
	uint64_t bad = 0;

	for (size_t at = 0; at < size && c.nrows < 4096;) {
		const char *end = memchr(p + at, '\n', size - at);
		size_t n = end ? (size_t)(end - p) - at : size - at;

		cell[c.nrows++] = (struct lam_cell){ (uint32_t)at,
			n == 1 && p[at] == '~' ? LAM_CELL_NULL : (uint32_t)n };
		at += n + 1;
	}
	if (!c.nrows)
		return;
	MUST(!lam_column_encode(&c, 0, 1, NULL, &a, &out, &m, NULL));
	MUST(!lam_column_decode(&m, out.p, c.nrows,
		(struct lam_coltype){ LAM_TEXT, 0 }, &a, &v, &bad, NULL));
	for (uint32_t i = 0; i < c.nrows; i++)
		MUST(fuzz_same(lam_cell_str(&c, 0, i), lam_vec_text(&v, i)));
	match(&m, out.p, c.nrows, lam_cell_str(&c, 0, c.nrows / 2));
	typed(&c, &m, out.p, (struct lam_coltype){ LAM_NUMBER, 0 });
	typed(&c, &m, out.p, (struct lam_coltype){ LAM_TIME, 0 });
	typed(&c, &m, out.p, (struct lam_coltype){ LAM_TIME, 1000000 });
	lam_buf_release(&out);
	lam_arena_release(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size < 5)
		return 0;
	decode(data, size);
	text = fuzz_copy(data, size);
	round_trip(text, size);
	free(text);
	return 0;
}
