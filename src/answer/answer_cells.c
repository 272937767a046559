/*
 * answer_cells.c - rows that are not made by a query, cell by cell
 *
 * They go out as those of a query do, so that all forms of output have them.
 */
#include "answer/answer_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

int
lam_answer_cell(struct attempt *a, struct answer_cells *c,
	const struct lam_scalar *v, struct lam_error *e)
{
	struct lam_scalar *to;

	if (!lam_array_room(&c->cell, &c->cap, c->n + 1, sizeof *c->cell))
		return lam_fail_mem(e);
	to = &c->cell[c->n++];
	*to = *v;
	if (v->null || v->type != LAM_TEXT)
		return LAM_OK;
	to->str.p = lam_arena_dup(&a->arena, v->str.p, v->str.n);
	return to->str.p ? LAM_OK : lam_fail_mem(e);
}

int
lam_answer_text(struct attempt *a, struct answer_cells *c, const char *text,
	struct lam_error *e)
{
	struct lam_scalar v = { .type = LAM_TEXT, .null = !text,
		.str = { text, text ? strlen(text) : 0 } };

	return lam_answer_cell(a, c, &v, e);
}

/* A query without anything but outputs of these names and types. */
static struct lam_query *
shape(struct attempt *a, const struct answer_column *column, uint32_t n)
{
	struct lam_query *q = lam_query_new(&a->arena);
	struct lam_expr *x = LAM_ARENA_NEW(&a->arena, struct lam_expr, n);

	if (!q || !x)
		return NULL;
	q->output = LAM_ARENA_NEW(&a->arena, struct lam_output, n);
	if (!q->output)
		return NULL;
	q->noutputs = n;
	for (uint32_t i = 0; i < n; i++) {
		x[i] = (struct lam_expr){ .kind = LAM_X_CONST, .null = true,
			.type = (uint8_t)column[i].type };
		q->output[i] = (struct lam_output){ column[i].name, &x[i] };
	}
	return q;
}

/* N rows, the first at CELL. */
static int
give(struct attempt *a, const struct lam_query *q,
	const struct lam_scalar *cell, uint32_t n, struct lam_error *e)
{
	uint32_t ncolumns = q->noutputs;
	struct lam_vec *v = LAM_ARENA_NEW(&a->arena, struct lam_vec, ncolumns);
	struct lam_scalar *one = LAM_ARENA_NEW(&a->arena, struct lam_scalar, n);
	int rc = v && one ? LAM_OK : lam_fail_mem(e);

	for (uint32_t c = 0; !rc && c < ncolumns; c++) {
		for (uint32_t i = 0; i < n; i++)
			one[i] = cell[(size_t)i * ncolumns + c];
		rc = lam_scalar_vec(one, n, q->output[c].expr->type,
			&a->arena, &v[c], e);
	}
	return rc ? rc : a->request->rows(a->request->arg, v, n, e);
}

int
lam_answer_cells(struct attempt *a, const struct answer_column *column,
	uint32_t ncolumns, struct answer_cells *c, int rc,
	struct lam_error *e)
{
	struct lam_query *q = shape(a, column, ncolumns);

	if (!rc && !q)
		rc = lam_fail_mem(e);
	if (!rc) {
		a->opened = true;
		rc = a->request->open(a->request->arg, q, e);
	}
	for (size_t at = 0; !rc && at < c->n;) {
		size_t rows = (c->n - at) / ncolumns;

		rows = rows < LAM_BLOCK_ROWS ? rows : LAM_BLOCK_ROWS;
		rc = give(a, q, c->cell + at, (uint32_t)rows, e);
		at += rows * ncolumns;
	}
	free(c->cell);
	return rc;
}
