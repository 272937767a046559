/*
 * zone_cells.c - times without a zone get one, before anybody reads them
 *
 * A text of 16 bytes or more becomes one of LAM_TIME_TEXT at most, so a chunk grows to
 * four times its size, far below what a cell can address.
 */
#include "input/zone_cells.h"

#include "time/time.h"

int
lam_zone_cells(const struct lam_zone *z, struct lam_cells *c,
	struct lam_cell *field, struct lam_buf *raw, struct lam_error *e)
{
	char text[LAM_TIME_TEXT];

	for (uint32_t i = 0; i < c->nrows; i++) {
		struct lam_cell *cell = &field[i];
		size_t n = cell->len == LAM_CELL_NULL ? 0 :
			lam_zone_complete(z, raw->p + cell->at, cell->len, text);

		if (!n)
			continue;
		*cell = (struct lam_cell){ (uint32_t)raw->n, (uint32_t)n };
		lam_buf_put(raw, text, n);
		if (raw->oom)
			return lam_fail_mem(e);
	}
	c->text = raw->p;
	return LAM_OK;
}
