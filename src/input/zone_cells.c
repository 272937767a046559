/*
 * zone_cells.c - times without a zone get one, before anybody reads them
 *
 * A text of 16 bytes or more becomes one of LAM_TIME_TEXT at most, so a chunk grows to
 * four times its size, far below what a cell can address.
 */
#include "input/zone_cells.h"

#include "input/input_chunk.h"
#include "time/time.h"

int
lam_zone_cells(const struct lam_zone *z, struct lam_cells *c,
	struct lam_cell *field, struct lam_chunk *chunk, struct lam_error *e)
{
	char text[LAM_TIME_TEXT];
	int r = LAM_OK;

	for (uint32_t i = 0; !r && i < c->nrows; i++) {
		struct lam_cell *cell = &field[i];
		size_t n = cell->len == LAM_CELL_NULL ? 0 : lam_zone_complete(z,
			chunk->raw.p + cell->at, cell->len, text);

		if (n)
			r = lam_chunk_put(chunk, cell, text, n, e);
	}
	c->text = chunk->raw.p;
	c->end = chunk->behind;
	return r;
}
