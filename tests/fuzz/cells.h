/*
 * cells.h - the records of a chunk as text, to be compared
 */
#ifndef LAM_FUZZ_CELLS_H
#define LAM_FUZZ_CELLS_H

#include "fuzz.h"
#include "store/cells.h"

static inline void
cells_put(const struct lam_cells *cells, struct lam_buf *out)
{
	for (uint32_t r = 0; r < cells->nrows; r++) {
		for (uint32_t f = 0; f < cells->nfields; f++) {
			struct lam_str v = lam_cell_str(cells, f, r);

			lam_buf_putc(out, v.p ? '<' : '~');
			lam_buf_put(out, v.p, v.n);
		}
		lam_buf_putc(out, '\n');
	}
}

#endif
