/*
 * zone_cells.h - times without a zone get one, before anybody reads them
 *
 * So a value stays a function of its text: what is stored has the offset.
 */
#ifndef LAM_INPUT_ZONE_CELLS_H
#define LAM_INPUT_ZONE_CELLS_H

#include "input/input.h"
#include "time/zone.h"

/*
 * The values of FIELD, of C's rows, that are dates with a time and without a zone are
 * those of Z.  C are the cells of CHUNK.
 */
int lam_zone_cells(const struct lam_zone *z, struct lam_cells *c,
	struct lam_cell *field, struct lam_chunk *chunk, struct lam_error *e)
	LAM_MUST;

#endif
