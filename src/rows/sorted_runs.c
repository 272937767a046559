/*
 * sorted_runs.c - rows in sorted runs are handed out as one
 */
#include "rows/sorted_runs.h"

#include <stdlib.h>
#include <string.h>

#include "rows/row_buffer.h"

#define BATCH 16384
#define BATCH_BYTES ((size_t)16 << 20)
#define BUFFER_MAX ((uint64_t)256 << 10)

/* Rows on their way out, in batches. */
struct outlet {
	const struct lam_sorted_out *to;
	const uint8_t *type;
	uint32_t ncolumns;
	struct lam_row_buffer *rows;
	uint64_t at;
	struct lam_arena arena;
	struct lam_scalar *value;
	struct lam_vec *vec;
	uint32_t *index;
};

static int
begin(struct outlet *o, struct lam_error *e)
{
	o->rows = lam_row_buffer_new(o->type, o->ncolumns);
	o->value = calloc(o->ncolumns + 1, sizeof *o->value);
	o->vec = calloc(o->ncolumns + 1, sizeof *o->vec);
	o->index = malloc(BATCH * sizeof *o->index);
	return o->rows && o->value && o->vec && o->index ? LAM_OK :
		lam_fail_mem(e);
}

static void
end(struct outlet *o)
{
	lam_row_buffer_free(o->rows);
	lam_arena_release(&o->arena);
	free(o->value);
	free(o->vec);
	free(o->index);
}

static int
flush(struct outlet *o, struct lam_error *e)
{
	uint32_t n = o->rows->n;
	int rc = LAM_OK;

	if (!n)
		return LAM_OK;
	lam_arena_reset(&o->arena);
	for (uint32_t i = 0; i < n; i++)
		o->index[i] = i;
	for (uint32_t c = 0; !rc && c < o->ncolumns; c++)
		rc = lam_column_builder_take(&o->rows->column[c], o->index, n,
			&o->arena, &o->vec[c], e);
	if (!rc)
		rc = o->to->rows(o->to->arg, o->vec, n, e);
	lam_row_buffer_free(o->rows);
	o->rows = lam_row_buffer_new(o->type, o->ncolumns);
	return rc || o->rows ? rc : lam_fail_mem(e);
}

/* Hand on the row whose bytes are ROW. */
static int
pass_on(struct outlet *o, const char *row, struct lam_error *e)
{
	struct lam_str none = { "", 0 };

	if (o->at++ < o->to->skip)
		return LAM_OK;
	lam_row_buffer_get(row, o->type, o->ncolumns, o->value);
	if (!lam_row_buffer_add(o->rows, none, o->value))
		return lam_fail_mem(e);
	return o->rows->n == BATCH || lam_row_buffer_memory(o->rows) >
		BATCH_BYTES ? flush(o, e) : LAM_OK;
}

/* Merge the runs that T has. */
static int
merge(struct lam_run_tree *t, struct outlet *o, struct lam_error *e)
{
	int rc = begin(o, e);

	while (!rc && t->n && o->at < o->to->most) {
		rc = pass_on(o, t->r[0]->value.p, e);
		if (!rc)
			rc = lam_run_tree_next(t, e);
	}
	if (!rc)
		rc = flush(o, e);
	end(o);
	return rc;
}

int
lam_sorted_runs_give(const struct lam_run_file *const *file, size_t nfiles,
	const uint8_t *type, uint32_t ncolumns, uint64_t memory,
	const struct lam_sorted_out *to, struct lam_error *e)
{
	struct outlet o = { .to = to, .type = type, .ncolumns = ncolumns };
	struct lam_run_tree t = { NULL, 0, 0 };
	struct lam_run_reader *reader;
	size_t n = 0, opened = 0;
	uint64_t buffer;
	int rc = LAM_OK;

	for (size_t f = 0; f < nfiles; f++)
		n += file[f]->nruns;
	reader = calloc(n + 1, sizeof *reader);
	t.r = calloc(n + 1, sizeof *t.r);
	if (!reader || !t.r)
		rc = lam_fail_mem(e);
	buffer = memory / 4 / (n + 1);
	buffer = buffer > BUFFER_MAX ? BUFFER_MAX : buffer;
	for (size_t f = 0; !rc && f < nfiles; f++)
		for (size_t i = 0; !rc && i < file[f]->nruns; i++)
			rc = lam_run_open(&reader[opened++], file[f], i,
				(size_t)buffer, e);
	if (!rc) {
		lam_run_tree_make(&t, reader, opened);
		rc = merge(&t, &o, e);
	}
	for (size_t i = 0; reader && i < opened; i++)
		lam_run_close(&reader[i]);
	free(reader);
	free(t.r);
	return rc;
}
