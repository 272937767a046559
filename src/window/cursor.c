/*
 * cursor.c - a place in the kept rows, which mostly moves forward
 */
#include "window/cursor.h"

#include <stdlib.h>
#include <string.h>

int
lam_cursor_init(struct lam_cursor *c, const struct lam_row_source *rows,
	struct lam_error *e)
{
	memset(c, 0, sizeof *c);
	c->rows = rows;
	c->column = calloc(rows->ncols + 1, sizeof *c->column);
	c->loaded = calloc(rows->ncols + 1, sizeof *c->loaded);
	return c->column && c->loaded ? LAM_OK : lam_fail_mem(e);
}

void
lam_cursor_release(struct lam_cursor *c)
{
	free(c->column);
	free(c->loaded);
	lam_arena_release(&c->arena);
	memset(c, 0, sizeof *c);
}

int
lam_cursor_move(struct lam_cursor *c, uint64_t row, struct lam_error *e)
{
	(void)e;
	if (row >= c->from && row < c->to)
		return LAM_OK;
	lam_arena_reset(&c->arena);
	memset(c->loaded, 0, c->rows->ncols * sizeof *c->loaded);
	memset(&c->batch, 0, sizeof c->batch);
	c->batch.arena = &c->arena;
	lam_row_source_batch(c->rows, lam_row_source_find(c->rows, row),
		&c->batch);
	c->from = c->batch.pos;
	c->to = c->from + c->batch.n;
	return LAM_OK;
}

int
lam_cursor_column(struct lam_cursor *c, uint32_t f,
	const struct lam_vec **out, struct lam_error *e)
{
	struct lam_vec v;
	const struct lam_vec *flat;
	uint64_t bad = 0;
	int rc;

	*out = &c->column[f];
	if (c->loaded[f])
		return LAM_OK;
	rc = c->batch.load(&c->batch, f, false, &v, &bad, e);
	if (rc)
		return rc;
	flat = lam_vec_flat(&v, &c->arena);
	if (!flat)
		return lam_fail_mem(e);
	c->column[f] = *flat;
	c->loaded[f] = true;
	return LAM_OK;
}

int
lam_cursor_value(struct lam_cursor *c, uint64_t row, uint32_t f,
	struct lam_scalar *out, struct lam_error *e)
{
	const struct lam_vec *v;
	int rc = lam_cursor_move(c, row, e);

	if (!rc)
		rc = lam_cursor_column(c, f, &v, e);
	if (!rc)
		*out = lam_scalar_of(v, (uint32_t)(row - c->from));
	return rc;
}
