/*
 * fuzz_clf.c - any bytes as web-server log: every line is a record, a reject or
 * blank, and cells lie inside the text
 */
#include <stdlib.h>

#include "input/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct lam_format *f, char *text, size_t n)
{
	struct lam_chunk c = LAM_CHUNK_INIT;
	struct lam_cell *cell[16] = { NULL };
	struct lam_parse x = { text, n, f->nfields, cell, 0, 1, 0, &c };
	uint64_t lines = lam_count_lines(text, n);

	for (uint32_t i = 0; i < f->nfields; i++)
		cell[i] = malloc((lines + 1) * sizeof *cell[i]);
	if (f->parse(f, &x, NULL))
		abort();
	if (x.rows + x.blank + c.nrejects != lines || x.line != lines + 1)
		abort();
	for (uint32_t i = 0; i < f->nfields; i++) {
		for (uint32_t r = 0; r < x.rows; r++)
			if (cell[i][r].len != LAM_CELL_NULL &&
				(uint64_t)cell[i][r].at + cell[i][r].len > n)
				abort();
		free(cell[i]);
	}
	lam_chunk_release(&c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	memcpy(text, data, size);
	check(&lam_format_combined, text, size);
	check(&lam_format_common, text, size);
	free(text);
	return 0;
}
