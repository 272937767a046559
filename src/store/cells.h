/*
 * cells.h - parsed records as text, column by column
 *
 * The input formats make cells, and the encoder takes them: for each field an
 * array of cells that point into one text.  A cell keeps the value byte for byte.
 */
#ifndef LAM_STORE_CELLS_H
#define LAM_STORE_CELLS_H

#include <stdint.h>

#include "base/bytes.h"

#define LAM_CELL_NULL UINT32_MAX
#define LAM_FIELDS_MAX 4096

struct lam_cell {
	uint32_t at;  /* offset into text */
	uint32_t len; /* LAM_CELL_NULL: NULL */
};

struct lam_cells {
	const char *text;	 /* < 4 GiB */
	uint32_t nrows;		 /* at most LAM_BLOCK_ROWS */
	uint32_t nfields;
	struct lam_cell **field; /* [nfields]; NULL: field not asked for */
	size_t end; /* no value of the text ends behind it; 0: to be found out */
};

static inline struct lam_str
lam_cell_str(const struct lam_cells *c, uint32_t field, uint32_t row)
{
	struct lam_cell x = c->field[field][row];
	struct lam_str s = { NULL, 0 };

	if (x.len != LAM_CELL_NULL)
		s = (struct lam_str){ c->text + x.at, x.len };
	return s;
}

#endif
