/*
 * fuzz_column.c - any bytes as the stored bytes of a column, past the checksum
 *
 * Bytes 0 to 3: encoding, type, rows.  And back: the bytes cut into values at
 * newlines, encoded, decode to the very same values.
 */
#include <stdlib.h>

#include "store/column.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
decode(const uint8_t *data, size_t size)
{
	struct lam_colmeta m = { .encoding = data[0], .size = (uint32_t)size - 4 };
	struct lam_coltype t = { data[1] % LAM_TYPES, data[1] & 64 ? 1000 : 0 };
	uint32_t n = 1 + (data[2] | (uint32_t)data[3] << 8);
	struct lam_arena a = LAM_ARENA_INIT;
	uint8_t *p = malloc(size); /* aligned, and no byte too many */
	struct lam_vec v;
	uint64_t bad = 0;

	memcpy(p, data + 4, size - 4);
	if (!lam_column_decode(&m, p, n, t, &a, &v, &bad, NULL))
		for (uint32_t i = 0; i < n; i++) {
			char scratch[LAM_NUM_TEXT + 8];

			(void)lam_vec_print(&v, i, scratch);
		}
	free(p);
	lam_arena_release(&a);
}

static void
round_trip(const char *p, size_t size)
{
	static struct lam_cell cell[4096];
	struct lam_cell *field = cell;
	struct lam_cells c = { p, 0, 1, &field };
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
	if (c.nrows && (lam_column_encode(&c, 0, 1, &a, &out, &m, NULL) ||
		lam_column_decode(&m, out.p, c.nrows,
			(struct lam_coltype){ LAM_TEXT, 0 }, &a, &v, &bad,
			NULL)))
		abort();
	for (uint32_t i = 0; i < c.nrows; i++) {
		struct lam_str want = lam_cell_str(&c, 0, i);
		struct lam_str got = lam_vec_text(&v, i);

		if (!want.p != !got.p || lam_str_cmp(want, got))
			abort();
	}
	lam_buf_release(&out);
	lam_arena_release(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 5)
		return 0;
	decode(data, size);
	round_trip((const char *)(const void *)data, size);
	return 0;
}
