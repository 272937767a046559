/*
 * sorter.c - rows sorted by keys of bytes, the first K of them if wanted
 *
 * Rows stay where they were added, typed, column by column; only their keys
 * are sorted (lam_sort_strings).  When K rows are wanted, rows are sorted and
 * cut to K as soon as there are a few times as many; from then on a row beyond
 * the K-th is dropped at once.
 */
#include "rows/sorter.h"

#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "rows/sorted_runs.h"

#define CUT_FROM 32
#define BATCH 16384
#define RUN_ROWS 256 /* a run has no fewer, however small the memory */

int
lam_sorter_init(struct lam_sorter *s, const uint8_t *type, uint32_t ncolumns,
	uint64_t most, uint64_t memory, const char *tmpdir,
	struct lam_error *e)
{
	memset(s, 0, sizeof *s);
	s->spill = (struct lam_run_file)LAM_RUN_FILE_INIT;
	s->most = most;
	s->memory = memory;
	s->tmpdir = tmpdir;
	s->ncolumns = ncolumns;
	s->type = calloc(ncolumns + 1, sizeof *s->type);
	s->rows = lam_row_buffer_new(type, ncolumns);
	if (!s->type || !s->rows)
		return lam_fail_mem(e);
	memcpy(s->type, type, ncolumns);
	return LAM_OK;
}

void
lam_sorter_release(struct lam_sorter *s)
{
	if (!s->type)
		return;
	lam_row_buffer_free(s->rows);
	free(s->type);
	lam_buf_release(&s->bound);
	lam_run_file_release(&s->spill);
	memset(s, 0, sizeof *s);
}

void
lam_sorter_absorb(struct lam_sorter *s, struct lam_sorter *other)
{
	other->other = s->other;
	s->other = other;
}

/* The order of the rows by key; NULL: out of memory. */
static uint32_t *
sorted(const struct lam_row_buffer *r)
{
	uint32_t *order = malloc(((size_t)r->n + 1) * sizeof *order);

	if (order && !lam_sort_strings(r->key, r->n, order)) {
		free(order);
		return NULL;
	}
	return order;
}

/* Keep only the first rows that are wanted. */
static int
cut(struct lam_sorter *s, struct lam_error *e)
{
	struct lam_row_buffer *kept = lam_row_buffer_new(s->type, s->ncolumns);
	uint32_t *order = sorted(s->rows);
	bool ok = kept && order;

	for (uint32_t i = 0; ok && i < s->rows->n && i < s->most; i++)
		ok = lam_row_buffer_copy(kept, s->rows, order[i]);
	free(order);
	if (!ok) {
		lam_row_buffer_free(kept);
		return lam_fail_mem(e);
	}
	lam_row_buffer_free(s->rows);
	s->rows = kept;
	if (kept->n < s->most)
		return LAM_OK;
	lam_buf_clear(&s->bound);
	lam_buf_put(&s->bound, kept->key[kept->n - 1].p,
		kept->key[kept->n - 1].n);
	s->bounded = true;
	return lam_buf_check(&s->bound, e);
}

/* Write all rows out as one run. */
static int
spill(struct lam_sorter *s, struct lam_error *e)
{
	uint32_t *order = sorted(s->rows);
	struct lam_buf row = LAM_BUF_INIT;
	int rc = order ? LAM_OK : lam_fail_mem(e);

	if (!rc)
		rc = lam_run_file_begin(&s->spill, s->tmpdir, e);
	for (uint32_t i = 0; !rc && i < s->rows->n && i < s->most; i++) {
		lam_buf_clear(&row);
		lam_row_buffer_put_kept(&row, s->rows, order[i]);
		rc = lam_buf_check(&row, e);
		if (!rc)
			rc = lam_run_file_put(&s->spill, s->rows->key[order[i]],
				(struct lam_str){ row.p, row.n }, e);
	}
	if (!rc)
		rc = lam_run_file_end(&s->spill, e);
	free(order);
	lam_buf_release(&row);
	lam_row_buffer_free(s->rows);
	s->rows = lam_row_buffer_new(s->type, s->ncolumns);
	return rc || s->rows ? rc : lam_fail_mem(e);
}

bool
lam_sorter_wants(const struct lam_sorter *s, struct lam_str key)
{
	struct lam_str bound = { s->bound.p, s->bound.n };

	return !s->bounded || lam_str_cmp(key, bound) <= 0;
}

struct lam_scalar
lam_sorter_bound(const struct lam_sorter *s, uint32_t c)
{
	return lam_column_builder_get(&s->rows->column[c],
		(uint32_t)s->most - 1);
}

int
lam_sorter_add(struct lam_sorter *s, struct lam_str key,
	const struct lam_vec *column, uint32_t row, struct lam_error *e)
{
	if (!lam_sorter_wants(s, key))
		return LAM_OK;
	if (!lam_row_buffer_add_row(s->rows, key, column, row))
		return lam_fail_mem(e);
	if (s->most < UINT32_MAX / 8 && s->rows->n >= CUT_FROM &&
		s->rows->n >= 4 * s->most)
		return cut(s, e);
	if (s->rows->n >= RUN_ROWS &&
		lam_row_buffer_memory(s->rows) > s->memory)
		return spill(s, e);
	return LAM_OK;
}

/* The rows of all sorters, where they are: row ROW[i] of sorter WHICH[i]. */
struct together {
	const struct lam_column_builder **from; /* [nsorters], of one column */
	struct lam_str *key;
	uint16_t *which;
	uint32_t *row, *order;
	size_t n, nsorters;
};

static int
put_together(struct lam_sorter *s, struct together *t, struct lam_error *e)
{
	size_t at = 0;

	for (struct lam_sorter *x = s; x; x = x->other, t->nsorters++)
		t->n += x->rows->n;
	if (t->n >= UINT32_MAX || t->nsorters > UINT16_MAX)
		return lam_fail(e, LAM_SYSTEM, "order by: too many rows");
	t->from = calloc(t->nsorters, sizeof *t->from);
	t->key = malloc((t->n + 1) * sizeof *t->key);
	t->which = malloc((t->n + 1) * sizeof *t->which);
	t->row = malloc((t->n + 1) * sizeof *t->row);
	t->order = malloc((t->n + 1) * sizeof *t->order);
	if (!t->from || !t->key || !t->which || !t->row || !t->order)
		return lam_fail_mem(e);
	t->nsorters = 0;
	for (struct lam_sorter *x = s; x; x = x->other, t->nsorters++)
		for (uint32_t i = 0; i < x->rows->n; i++) {
			t->key[at] = x->rows->key[i];
			t->which[at] = (uint16_t)t->nsorters;
			t->row[at++] = i;
		}
	return lam_sort_strings(t->key, (uint32_t)t->n, t->order) ? LAM_OK :
		lam_fail_mem(e);
}

/* Where rows go, and the columns of a batch of them. */
struct outlet {
	const struct lam_sorted_out *to;
	struct lam_arena arena;
	struct lam_vec *vec;	/* [ncolumns] */
	uint32_t *index;	/* [BATCH] */
};

/* Give out N rows of T, those that ORDER names, column by column: the waits for
 * memory, of rows that are anywhere, then overlap. */
static int
give(const struct lam_sorter *s, struct together *t, const uint32_t *order,
	uint32_t n, struct outlet *o, struct lam_error *e)
{
	uint16_t *which = lam_arena_alloc(&o->arena, n * sizeof *which);
	int rc = which ? LAM_OK : lam_fail_mem(e);

	for (uint32_t i = 0; !rc && i < n; i++) {
		which[i] = t->which[order[i]];
		o->index[i] = t->row[order[i]];
	}
	for (uint32_t c = 0; !rc && c < s->ncolumns; c++) {
		size_t at = 0;

		for (const struct lam_sorter *x = s; x; x = x->other)
			t->from[at++] = &x->rows->column[c];
		rc = lam_column_builder_gather(t->from, t->nsorters > 1 ? which :
			NULL, o->index, n, &o->arena, &o->vec[c], e);
	}
	if (!rc)
		rc = o->to->rows(o->to->arg, o->vec, n, e);
	lam_arena_reset(&o->arena);
	return rc;
}

/* All rows are in memory: the keys of all sorters are sorted together. */
static int
from_memory(struct lam_sorter *s, const struct lam_sorted_out *to,
	struct lam_error *e)
{
	struct together t = { .n = 0 };
	struct outlet o = { .to = to };
	int rc = put_together(s, &t, e);
	size_t end = t.n < to->most ? t.n : (size_t)to->most;

	o.vec = calloc(s->ncolumns + 1, sizeof *o.vec);
	o.index = malloc(BATCH * sizeof *o.index);
	if (!rc && (!o.vec || !o.index))
		rc = lam_fail_mem(e);
	for (size_t at = to->skip; !rc && at < end; at += BATCH)
		rc = give(s, &t, t.order + at, (uint32_t)(end - at < BATCH ?
			end - at : BATCH), &o, e);
	lam_arena_release(&o.arena);
	free(o.vec);
	free(o.index);
	free(t.from);
	free(t.key);
	free(t.which);
	free(t.row);
	free(t.order);
	return rc;
}

/* Merge the runs of all sorters. */
static int
from_runs(struct lam_sorter *s, const struct lam_sorted_out *to,
	struct lam_error *e)
{
	const struct lam_run_file **file;
	size_t n = 0;
	int rc = LAM_OK;

	for (struct lam_sorter *x = s; !rc && x; x = x->other, n++)
		rc = x->rows->n ? spill(x, e) : LAM_OK;
	if (rc)
		return rc;
	file = calloc(n + 1, sizeof *file);
	if (!file)
		return lam_fail_mem(e);
	n = 0;
	for (struct lam_sorter *x = s; x; x = x->other)
		file[n++] = &x->spill;
	rc = lam_sorted_runs_give(file, n, s->type, s->ncolumns, s->memory, to,
		e);
	free(file);
	return rc;
}

int
lam_sorter_finish(struct lam_sorter *s, uint64_t skip,
	int (*rows)(void *arg, const struct lam_vec *out, uint32_t n,
		struct lam_error *e), void *arg, struct lam_error *e)
{
	struct lam_sorted_out to = { skip, s->most, rows, arg };
	bool runs = false;

	for (struct lam_sorter *x = s; x; x = x->other)
		runs = runs || x->spill.nruns;
	return runs ? from_runs(s, &to, e) : from_memory(s, &to, e);
}
