/*
 * window.c - the rows of a query, with a column for each window function
 *
 * While rows are kept it is marked where partitions and peers begin.  Then batches
 * are dealt out in order, and computed a function at a time: each has cursors of its
 * own, that go forward through the kept rows, so that nothing but a frame needs to be
 * in memory.
 */
#include "window/window.h"

#include <stdlib.h>
#include <string.h>

#include "rows/row_buffer.h"
#include "window/column.h"

/* All functions, for one batch at a time, each further on. */
struct lam_window_set {
	struct lam_window_set *next;
	struct lam_window_column *column; /* [plan->nover] */
	bool busy;
	bool bound;		   /* it is only for the rows from END on */
	uint64_t end;		   /* of the batch that it is or was used for */
	struct lam_window_row at;
	uint64_t rank;		   /* peers of the partition up to the row */
};

/* Does a function of P have a value that is found from the one before it? */
static bool
carries(const struct lam_over_plan *p)
{
	for (uint32_t i = 0; i < p->nover; i++)
		if (p->over[i].kind == LAM_OVER_DENSE_RANK ||
			p->over[i].ignore_nulls ||
			p->over[i].kind >= LAM_OVER_FIRST)
			return true;
	return false;
}

int
lam_window_init(struct lam_window *x, const struct lam_over_plan *plan,
	uint32_t ncols, uint64_t memory, const char *tmpdir,
	struct lam_error *e)
{
	memset(x, 0, sizeof *x);
	x->w.plan = plan;
	x->carries = carries(plan);
	lam_row_source_init(&x->w.rows, ncols, memory, tmpdir);
	x->source = (struct lam_source){ .state = x, .next = lam_window_next };
	if (pthread_mutex_init(&x->lock, NULL))
		return lam_fail_mem(e);
	if (pthread_cond_init(&x->came, NULL)) {
		pthread_mutex_destroy(&x->lock);
		return lam_fail_mem(e);
	}
	x->locked = true;
	return LAM_OK;
}

uint64_t
lam_window_faults(const struct lam_window *x)
{
	uint64_t n = 0;

	for (const struct lam_window_set *s = x->sets; s; s = s->next)
		for (uint32_t i = 0; s->column && i < x->w.plan->nover; i++)
			n += s->column[i].faults;
	return n;
}

void
lam_window_release(struct lam_window *x)
{
	struct lam_window_set *next;

	for (struct lam_window_set *s = x->sets; s; s = next) {
		next = s->next;
		for (uint32_t i = 0; s->column && i < x->w.plan->nover; i++)
			lam_window_column_release(&s->column[i]);
		free(s->column);
		free(s);
	}
	lam_row_source_release(&x->w.rows);
	lam_marks_release(&x->w.part);
	lam_marks_release(&x->w.peer);
	lam_buf_release(&x->last);
	lam_buf_release(&x->next);
	if (x->locked) {
		pthread_cond_destroy(&x->came);
		pthread_mutex_destroy(&x->lock);
	}
	memset(x, 0, sizeof *x);
}

/* CHANGES[i] is set where row I of V, FLAT, differs from the row before it. */
static void
compare_rows(const struct lam_vec *v, uint8_t *changes)
{
	for (uint32_t i = 1; v->null && i < v->n; i++)
		changes[i] |= v->null[i] != v->null[i - 1];
	for (uint32_t i = 1; i < v->n; i++) {
		if (changes[i] || (v->null && v->null[i]))
			continue;
		if (v->type == LAM_TEXT)
			changes[i] = v->str[i].n != v->str[i - 1].n ||
				(v->str[i].p != v->str[i - 1].p &&
				lam_str_cmp(v->str[i], v->str[i - 1]) != 0);
		else if (v->type == LAM_BOOL)
			changes[i] = v->bit[i] != v->bit[i - 1];
		else if (v->wide)
			changes[i] = lam_num_cmp(v->num[i], v->num[i - 1]) != 0;
		else
			changes[i] = v->i64[i] != v->i64[i - 1];
	}
}

/* Does the first row of KEY begin a partition, peers? */
static void
compare_last(struct lam_window *x, const struct lam_vec *key, uint8_t *part,
	uint8_t *peer)
{
	const struct lam_over_plan *p = x->w.plan;
	size_t same;

	lam_buf_clear(&x->next);
	lam_row_buffer_put(&x->next, key, p->npartition, 0);
	same = x->next.n;
	*part = x->w.part.n == 0 || x->last.n < same || (same &&
		memcmp(x->last.p, x->next.p, same) != 0);
	lam_row_buffer_put(&x->next, key + p->npartition, p->norder, 0);
	*peer = *part || x->last.n != x->next.n || (x->next.n &&
		memcmp(x->last.p, x->next.p, x->next.n) != 0);
}

/* Mark the N rows of KEY: the partition's columns, then those of the order. */
static int
mark(struct lam_window *x, const struct lam_vec *key, uint32_t n,
	struct lam_arena *arena, struct lam_error *e)
{
	const struct lam_over_plan *p = x->w.plan;
	uint8_t *part = LAM_ARENA_NEW(arena, uint8_t, n);
	uint8_t *peer = LAM_ARENA_NEW(arena, uint8_t, n);

	if (!part || !peer)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < p->npartition; i++)
		compare_rows(&key[i], part);
	memcpy(peer, part, n);
	for (uint32_t i = 0; i < p->norder; i++)
		compare_rows(&key[p->npartition + i], peer);
	compare_last(x, key, part, peer);
	for (uint32_t i = 0; i < n; i++)
		if (!lam_marks_push(&x->w.part, part[i]) ||
			!lam_marks_push(&x->w.peer, peer[i]))
			return lam_fail_mem(e);
	lam_buf_clear(&x->last);
	lam_row_buffer_put(&x->last, key, p->npartition + p->norder, n - 1);
	return lam_buf_check(&x->next, e) ? e->code :
		lam_buf_check(&x->last, e);
}

int
lam_window_keep(void *arg, const struct lam_vec *column, uint32_t n,
	struct lam_error *e)
{
	struct lam_window *x = arg;
	const struct lam_over_plan *p = x->w.plan;
	uint32_t nkeys = p->npartition + p->norder;
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_vec *key = LAM_ARENA_NEW(&arena, struct lam_vec, nkeys + 1);
	int rc = key ? LAM_OK : lam_fail_mem(e);

	for (uint32_t i = 0; !rc && i < nkeys; i++) {
		const struct lam_vec *flat = lam_vec_flat(&column[i <
			p->npartition ? p->partition[i] : p->order[i -
			p->npartition].column], &arena);

		if (!flat)
			rc = lam_fail_mem(e);
		else
			key[i] = *flat;
	}
	if (!rc && n)
		rc = mark(x, key, n, &arena, e);
	lam_arena_release(&arena);
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

/* S goes on to ROW, which may begin peers, a partition. */
static void
step(const struct lam_window *x, struct lam_window_set *s, uint64_t row)
{
	struct lam_window_row *r = &s->at;

	r->row = row;
	if (row >= r->part_to) {
		r->part_from = lam_marks_last(&x->w.part, row);
		r->part_to = lam_marks_next(&x->w.part, row + 1);
		s->rank = 0;
	}
	if (row >= r->peer_to) {
		r->peer_from = lam_marks_last(&x->w.peer, row);
		r->peer_to = lam_marks_next(&x->w.peer, row + 1);
		s->rank++;
	}
}

/* A set more. */
static int
add_set(struct lam_window *x, struct lam_window_set **out, struct lam_error *e)
{
	const struct lam_over_plan *p = x->w.plan;
	struct lam_window_set *s = calloc(1, sizeof *s);
	int rc = LAM_OK;

	if (!s)
		return lam_fail_mem(e);
	s->next = x->sets;
	x->sets = *out = s;
	s->column = calloc(p->nover + 1, sizeof *s->column);
	if (!s->column)
		return lam_fail_mem(e);
	for (uint32_t i = 0; !rc && i < p->nover; i++)
		rc = lam_window_column_init(&s->column[i], &x->w, &p->over[i],
			e);
	return rc;
}

/*
 * A set for rows from FROM on.  What carries values on within a partition needs the set
 * that has those before.  NULL: there will be none, as what makes them failed.
 */
static int
take_set(struct lam_window *x, uint64_t from, struct lam_window_set **out,
	struct lam_error *e)
{
	bool within = x->carries && !lam_marks_at(&x->w.part, from);

	for (*out = NULL; !x->failed; pthread_cond_wait(&x->came, &x->lock)) {
		struct lam_window_set *s = x->sets;

		while (s && (s->busy || (within ? s->end != from : s->bound)))
			s = s->next;
		if (!s && within)
			continue;
		*out = s;
		return s ? LAM_OK : add_set(x, out, e);
	}
	return LAM_OK;
}

/* Where the batch from FROM on ends: with the partition in which a kept batch does, if
 * that ends in the next one. */
static uint64_t
end_of(const struct lam_window *x, uint64_t from)
{
	const struct lam_row_source *r = &x->w.rows;
	size_t i = lam_row_source_find(r, from);
	uint64_t end = lam_row_source_begin(r, i + 1), part;

	part = lam_marks_next(&x->w.part, end);
	return part <= lam_row_source_begin(r, i + 2) && part - from <=
		LAM_BLOCK_ROWS ? part : end;
}

/* A batch on its way out: of the kept rows, and of the functions. */
struct out {
	const struct lam_row_source *rows;
	uint64_t from;
	uint32_t n;
	struct lam_vec *over;
};

static int
load(struct lam_batch *b, uint32_t f, bool raw, struct lam_vec *out,
	uint64_t *bad, struct lam_error *e)
{
	struct out *o = b->state;
	struct lam_vec v;
	int rc = LAM_OK;

	(void)bad;
	if (f < o->rows->ncols)
		rc = lam_row_source_column(o->rows, f, o->from, o->n,
			b->arena, &v, e);
	else
		v = o->over[f - o->rows->ncols];
	if (rc)
		return rc;
	*out = v;
	return raw && !lam_vec_as_text(&v, b->arena, out) ?
		lam_fail_mem(e) : LAM_OK;
}

/* All functions for the rows of O. */
static int
compute(const struct lam_window *x, struct lam_window_set *s, struct out *o,
	struct lam_arena *arena, struct lam_error *e)
{
	const struct lam_over_plan *p = x->w.plan;
	struct lam_scalar *value = lam_arena_alloc(arena, (o->n + (size_t)1) *
		sizeof *value);
	struct lam_window_row start = s->at;
	uint64_t rank = s->rank;
	int rc = value ? LAM_OK : lam_fail_mem(e);

	for (uint32_t f = 0; !rc && f < p->nover; f++) {
		s->at = start;
		s->rank = rank;
		for (uint32_t i = 0; !rc && i < o->n; i++) {
			step(x, s, o->from + i);
			rc = lam_window_column_value(&s->column[f], &s->at,
				s->rank, arena, &value[i], e);
		}
		if (!rc)
			rc = lam_scalar_vec(value, o->n, p->over[f].type,
				arena, &o->over[f], e);
	}
	return rc;
}

/* S is for the rows up to END. */
static void
use_set(const struct lam_window *x, struct lam_window_set *s, uint64_t end)
{
	s->busy = true;
	s->end = end;
	s->bound = x->carries && s->end < x->w.rows.rows &&
		!lam_marks_at(&x->w.part, s->end);
}

/* The next batch of rows, and a set for it; NULL: there is none. */
static int
take_batch(struct lam_window *x, struct out *o, struct lam_window_set **set,
	struct lam_error *e)
{
	int rc = LAM_OK;

	*set = NULL;
	pthread_mutex_lock(&x->lock);
	o->from = x->next_row;
	if (o->from < x->w.rows.rows) {
		x->next_row = end_of(x, o->from);
		o->n = (uint32_t)(x->next_row - o->from);
		rc = take_set(x, o->from, set, e);
		if (*set)
			use_set(x, *set, o->from + o->n);
	}
	x->failed |= rc != LAM_OK;
	pthread_mutex_unlock(&x->lock);
	return rc;
}

static void
give_set(struct lam_window *x, struct lam_window_set *s, bool failed)
{
	pthread_mutex_lock(&x->lock);
	s->busy = false;
	x->failed |= failed;
	pthread_cond_broadcast(&x->came);
	pthread_mutex_unlock(&x->lock);
}

int
lam_window_next(struct lam_source *s, unsigned worker, struct lam_batch *b,
	bool *got, struct lam_error *e)
{
	struct lam_window *x = s->state;
	struct out *o = LAM_ARENA_NEW(b->arena, struct out, 1);
	struct lam_window_set *set = NULL;
	int rc;

	(void)worker;
	*got = false;
	if (!o)
		return lam_fail_mem(e);
	o->rows = &x->w.rows;
	o->over = LAM_ARENA_NEW(b->arena, struct lam_vec, x->w.plan->nover + 1);
	rc = o->over ? take_batch(x, o, &set, e) : lam_fail_mem(e);
	if (rc || !set)
		return rc;
	rc = compute(x, set, o, b->arena, e);
	give_set(x, set, rc != LAM_OK);
	*got = !rc;
	b->n = o->n;
	b->pos = o->from;
	b->state = o;
	b->load = load;
	b->range = NULL;
	return rc;
}
