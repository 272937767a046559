/*
 * window.c - the rows of a query, with a column for each window function
 *
 * While rows are kept it is marked where partitions and peers begin.  Then batches
 * are computed in order, a function at a time: each has cursors of its own, that go
 * through the kept rows once, so nothing but a frame needs to be in memory.
 */
#include "window/window.h"

#include <stdlib.h>
#include <string.h>

#include "rows/row_buffer.h"
#include "window/column.h"

int
lam_window_init(struct lam_window *x, const struct lam_over_plan *plan,
	uint32_t ncols, uint64_t memory, const char *tmpdir,
	struct lam_error *e)
{
	memset(x, 0, sizeof *x);
	x->w.plan = plan;
	lam_row_source_init(&x->w.rows, ncols, memory, tmpdir);
	x->source = (struct lam_source){ .state = x, .next = lam_window_next };
	if (pthread_mutex_init(&x->lock, NULL))
		return lam_fail_mem(e);
	x->locked = true;
	return LAM_OK;
}

uint64_t
lam_window_faults(const struct lam_window *x)
{
	uint64_t n = 0;

	for (uint32_t i = 0; x->column && i < x->w.plan->nover; i++)
		n += x->column[i].faults;
	return n;
}

void
lam_window_release(struct lam_window *x)
{
	for (uint32_t i = 0; x->column && i < x->w.plan->nover; i++)
		lam_window_column_release(&x->column[i]);
	free(x->column);
	lam_row_source_release(&x->w.rows);
	lam_marks_release(&x->w.part);
	lam_marks_release(&x->w.peer);
	lam_buf_release(&x->last);
	lam_buf_release(&x->next);
	if (x->locked)
		pthread_mutex_destroy(&x->lock);
	memset(x, 0, sizeof *x);
}

/* Mark the N rows of KEY: the partition's columns, then those of the order. */
static int
mark(struct lam_window *x, const struct lam_vec *key, uint32_t n,
	struct lam_error *e)
{
	const struct lam_over_plan *p = x->w.plan;

	for (uint32_t i = 0; i < n; i++) {
		bool first = x->w.part.n == 0, part, peer;
		size_t same;

		lam_buf_clear(&x->next);
		lam_row_buffer_put(&x->next, key, p->npartition, i);
		same = x->next.n;
		part = first || x->last.n < same || (same && memcmp(x->last.p,
			x->next.p, same) != 0);
		lam_row_buffer_put(&x->next, key + p->npartition, p->norder,
			i);
		peer = part || x->last.n != x->next.n || (x->next.n &&
			memcmp(x->last.p, x->next.p, x->next.n) != 0);
		if (lam_buf_check(&x->next, e))
			return e->code;
		if (!lam_marks_push(&x->w.part, part) ||
			!lam_marks_push(&x->w.peer, peer))
			return lam_fail_mem(e);
		if (peer) {
			struct lam_buf swap = x->last;

			x->last = x->next;
			x->next = swap;
		}
	}
	return LAM_OK;
}

int
lam_window_keep(void *arg, const struct lam_vec *column, uint32_t n,
	struct lam_error *e)
{
	struct lam_window *x = arg;
	const struct lam_over_plan *p = x->w.plan;
	struct lam_vec *key = calloc(p->npartition + p->norder + 1,
		sizeof *key);
	int rc;

	if (!key)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < p->npartition; i++)
		key[i] = column[p->partition[i]];
	for (uint32_t i = 0; i < p->norder; i++)
		key[p->npartition + i] = column[p->order[i].column];
	rc = mark(x, key, n, e);
	free(key);
	if (!rc)
		rc = lam_row_source_keep(&x->w.rows, column, n, e);
	x->source.rows = x->w.rows.rows;
	return rc;
}

int
lam_window_take(void *arg, struct lam_full_sort *all, struct lam_error *e)
{
	struct lam_window *x = arg;
	const struct lam_over_plan *p = x->w.plan;
	struct lam_sorted_out keep = { 0, UINT64_MAX, lam_window_keep, x };
	uint32_t nterms = p->npartition + p->norder;
	uint64_t memory = x->w.rows.memory;
	int rc;

	if (all->plan->nterms != nterms || !lam_full_sort_all_here(all,
		memory ? memory : UINT64_MAX))
		return lam_full_sort_give(all, &keep, e);
	rc = lam_full_sort_ready(all, e);
	if (!rc && (!lam_marks_clear(&x->w.part, all->n) ||
		!lam_marks_clear(&x->w.peer, all->n)))
		rc = lam_fail_mem(e);
	if (rc)
		return rc;
	lam_full_sort_mark(all, p->npartition, x->w.part.word);
	lam_full_sort_mark(all, nterms, x->w.peer.word);
	rc = lam_row_source_take(&x->w.rows, all, e);
	x->source.rows = x->w.rows.rows;
	return rc;
}

/* The row after the one at hand: it may begin peers, a partition. */
static void
step(struct lam_window *x, uint64_t row)
{
	struct lam_window_row *r = &x->at;

	r->row = row;
	if (row == 0 || row >= r->part_to) {
		r->part_from = row;
		r->part_to = lam_marks_next(&x->w.part, row + 1);
		x->rank = 0;
	}
	if (row == 0 || row >= r->peer_to) {
		r->peer_from = row;
		r->peer_to = lam_marks_next(&x->w.peer, row + 1);
		x->rank++;
	}
}

static int
begin(struct lam_window *x, struct lam_error *e)
{
	const struct lam_over_plan *p = x->w.plan;
	int rc = LAM_OK;

	if (x->column)
		return LAM_OK;
	x->column = calloc(p->nover + 1, sizeof *x->column);
	if (!x->column)
		return lam_fail_mem(e);
	for (uint32_t i = 0; !rc && i < p->nover; i++)
		rc = lam_window_column_init(&x->column[i], &x->w, &p->over[i],
			e);
	return rc;
}

/* A batch on its way out: of the kept rows, and of the functions. */
struct out {
	struct lam_batch rows;
	struct lam_vec *over;
	uint32_t ncols;
};

static int
load(struct lam_batch *b, uint32_t f, bool raw, struct lam_vec *out,
	uint64_t *bad, struct lam_error *e)
{
	struct out *o = b->state;

	if (f < o->ncols)
		return o->rows.load(&o->rows, f, raw, out, bad, e);
	*out = o->over[f - o->ncols];
	return raw && !lam_vec_as_text(&o->over[f - o->ncols], b->arena, out) ?
		lam_fail_mem(e) : LAM_OK;
}

/* All functions for the rows of O. */
static int
compute(struct lam_window *x, struct out *o, struct lam_error *e)
{
	const struct lam_over_plan *p = x->w.plan;
	struct lam_arena *arena = o->rows.arena;
	struct lam_scalar *value = lam_arena_alloc(arena, (o->rows.n + 1) *
		sizeof *value);
	struct lam_window_row start = x->at;
	uint64_t rank = x->rank;
	int rc = value ? LAM_OK : lam_fail_mem(e);

	for (uint32_t f = 0; !rc && f < p->nover; f++) {
		x->at = start;
		x->rank = rank;
		for (uint32_t i = 0; !rc && i < o->rows.n; i++) {
			step(x, o->rows.pos + i);
			rc = lam_window_column_value(&x->column[f], &x->at,
				x->rank, arena, &value[i], e);
		}
		if (!rc)
			rc = lam_scalar_vec(value, o->rows.n,
				p->over[f].type, arena, &o->over[f], e);
	}
	return rc;
}

int
lam_window_next(struct lam_source *s, unsigned worker, struct lam_batch *b,
	bool *got, struct lam_error *e)
{
	struct lam_window *x = s->state;
	struct out *o = LAM_ARENA_NEW(b->arena, struct out, 1);
	int rc = LAM_OK;

	(void)worker;
	if (!o)
		return lam_fail_mem(e);
	pthread_mutex_lock(&x->lock);
	*got = x->next_batch < lam_row_source_batches(&x->w.rows);
	if (*got) {
		o->rows.arena = b->arena;
		o->ncols = x->w.rows.ncols;
		o->over = LAM_ARENA_NEW(b->arena, struct lam_vec,
			x->w.plan->nover + 1);
		lam_row_source_batch(&x->w.rows, x->next_batch++, &o->rows);
		rc = o->over ? begin(x, e) : lam_fail_mem(e);
		if (!rc)
			rc = compute(x, o, e);
		b->n = o->rows.n;
		b->pos = o->rows.pos;
		b->state = o;
		b->load = load;
		b->range = NULL;
	}
	pthread_mutex_unlock(&x->lock);
	return rc;
}
