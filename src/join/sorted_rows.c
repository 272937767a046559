/*
 * sorted_rows.c - the rows of a source in another order, in a temporary file
 *
 * Each worker takes batches and adds what is used of them to a sort of its own
 * (rows/full_sort.h); what the sorts give together is kept, all of it in a file.  Of
 * the columns there are those that are used, then the terms, then the positions.
 */
#include "join/sorted_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/pool.h"

/* The making of R. */
struct making {
	struct lam_sorted_rows *r;
	const struct lam_sorted_input *in;
	struct lam_full_sort *sort; /* [threads] */
	atomic_bool failed;
};

/* Which columns there are, and of which types. */
static int
lay_out(struct making *m, struct lam_error *e)
{
	struct lam_sorted_rows *r = m->r;
	const struct lam_sorted_input *in = m->in;
	uint32_t all = in->nfields + in->nterms + 1, n = 0;
	uint8_t *type = LAM_ARENA_NEW(&r->arena, uint8_t, all + 1);

	m->r->type = type;
	r->column = LAM_ARENA_NEW(&r->arena, uint32_t, all + 1);
	if (!type || !r->column)
		return lam_fail_mem(e);
	r->nfields = in->nfields;
	r->nterms = in->nterms;
	r->type = type;
	for (uint32_t f = 0; f < in->nfields; f++) {
		r->column[f] = in->used[f] ? n : LAM_NO_FIELD;
		type[n] = in->field[f].type.type;
		n += in->used[f];
	}
	for (uint32_t t = 0; t < in->nterms; t++) {
		uint32_t f = in->is ? in->is[t] : LAM_NO_FIELD;
		bool kept = f != LAM_NO_FIELD && in->used[f];

		r->column[lam_sorted_term(r, t)] = kept ? r->column[f] : n;
		type[n] = in->type[t];
		n += !kept;
	}
	r->column[lam_sorted_position(r)] = n;
	type[n++] = LAM_NUMBER;
	r->ncolumns = n;
	return LAM_OK;
}

static int
begin_sorts(struct making *m, const struct lam_resources *o, unsigned threads,
	struct lam_error *e)
{
	const struct lam_sorted_rows *r = m->r;
	struct lam_sort_term *term = calloc(r->nterms + 1, sizeof *term);
	struct lam_sort_plan plan = { .type = m->r->type, .term = term,
		.nterms = r->nterms };
	int rc = LAM_OK;

	plan.ncolumns = r->ncolumns - !m->in->keyed;
	plan.noutputs = plan.ncolumns - (m->in->keyed ? 0 : r->nterms);
	m->sort = calloc(threads, sizeof *m->sort);
	if (!term || !m->sort)
		rc = lam_fail_mem(e);
	for (uint32_t t = 0; !rc && t < r->nterms; t++)
		term[t].column = r->column[lam_sorted_term(r, t)];
	for (unsigned i = 0; !rc && i < threads; i++)
		rc = lam_full_sort_init(&m->sort[i], &plan, o->memory / threads,
			threads, o->tmpdir, e);
	free(term);
	return rc;
}

/* The terms of the batch X, and the columns that are used. */
static int
load_batch(struct making *m, struct lam_sorted_batch *x, struct lam_error *e)
{
	const struct lam_sorted_input *in = m->in;
	struct lam_arena *arena = x->b->arena;
	uint64_t bad = 0;
	int rc;

	x->n = x->b->n;
	x->sel = LAM_ARENA_NEW(arena, uint16_t, x->n + (size_t)1);
	x->term = LAM_ARENA_NEW(arena, struct lam_vec, in->nterms);
	x->column = LAM_ARENA_NEW(arena, struct lam_vec, in->nfields + 1);
	x->loaded = LAM_ARENA_NEW(arena, bool, in->nfields + 1);
	if (!x->sel || !x->term || !x->column || !x->loaded)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < x->n; i++)
		x->sel[i] = (uint16_t)i;
	rc = in->terms(in->arg, x, e);
	for (uint32_t f = 0; !rc && x->n && f < in->nfields; f++)
		if (in->used[f] && !x->loaded[f])
			rc = x->b->load(x->b, f, false, &x->column[f], &bad, e);
	m->r->bad += bad;
	return rc;
}

/* The positions of rows SEL[0..n-1] of B. */
static bool
positions(const struct lam_batch *b, const uint16_t *sel, uint32_t n,
	struct lam_vec *out)
{
	int64_t *v = lam_arena_alloc(b->arena, (n + (size_t)1) * sizeof *v);

	for (uint32_t i = 0; v && i < n; i++)
		v[i] = (int64_t)(b->pos + sel[i]);
	*out = (struct lam_vec){ .type = LAM_NUMBER, .rep = LAM_FLAT, .n = n,
		.i64 = v };
	return v != NULL;
}

/* The rows of V, a column of X, that there are. */
static bool
take(const struct lam_sorted_batch *x, const struct lam_vec *v,
	struct lam_vec *out)
{
	*out = *v;
	return x->n == x->b->n || lam_vec_take(v, x->sel, x->n, x->b->arena,
		out);
}

static int
sort_batch(struct making *m, struct lam_full_sort *sort, struct lam_batch *b,
	struct lam_error *e)
{
	const struct lam_sorted_rows *r = m->r;
	struct lam_sorted_batch x = { .b = b };
	struct lam_vec *v = LAM_ARENA_NEW(b->arena, struct lam_vec,
		r->ncolumns), *last = v + r->ncolumns - 1;
	bool ok = v != NULL;
	int rc = ok ? load_batch(m, &x, e) : lam_fail_mem(e);

	if (rc || !x.n)
		return rc;
	for (uint32_t f = 0; ok && f < r->nfields; f++)
		ok = !m->in->used[f] || take(&x, &x.column[f],
			&v[r->column[f]]);
	for (uint32_t t = 0; ok && t < r->nterms; t++)
		ok = take(&x, &x.term[t], &v[r->column[lam_sorted_term(r, t)]]);
	if (!ok || !positions(b, x.sel, x.n, last))
		return lam_fail_mem(e);
	return lam_full_sort_add(sort, v, v + sort->plan->noutputs, x.n, 0,
		(const uint64_t *)last->i64, b->arena, e);
}

static int
sort_some(void *arg, unsigned worker, struct lam_error *e)
{
	struct making *m = arg;
	struct lam_source *from = m->in->from;
	struct lam_arena arena = LAM_ARENA_INIT;
	bool got = true;
	int rc = LAM_OK;

	while (!rc && got && !atomic_load(&m->failed)) {
		struct lam_batch b = { .arena = &arena };

		lam_arena_reset(&arena);
		rc = from->next(from, worker, &b, &got, e);
		if (!rc && got)
			rc = sort_batch(m, &m->sort[worker], &b, e);
	}
	if (rc)
		atomic_store(&m->failed, true);
	lam_arena_release(&arena);
	return rc;
}

/* Keep rows, and the terms of the first one. */
static int
keep(void *arg, const struct lam_vec *column, uint32_t n, struct lam_error *e)
{
	struct making *m = arg;
	struct lam_sorted_rows *r = m->r;
	size_t at = r->rows.n * r->nterms;

	if (m->in->keyed && !lam_array_room(&r->first, &r->first_cap, at +
		r->nterms + 1, sizeof *r->first))
		return lam_fail_mem(e);
	for (uint32_t t = 0; m->in->keyed && t < r->nterms; t++) {
		struct lam_scalar *x = &r->first[at + t];

		*x = lam_scalar_of(&column[r->column[lam_sorted_term(r, t)]],
			0);
		if (x->null || x->type != LAM_TEXT)
			continue;
		x->str.p = lam_arena_dup(&r->arena, x->str.p, x->str.n);
		if (!x->str.p)
			return lam_fail_mem(e);
	}
	return lam_row_source_keep(&r->rows, column, n, e);
}

/* A batch of the rows, and its field F. */
static int
load(struct lam_batch *b, uint32_t f, bool raw, struct lam_vec *out,
	uint64_t *bad, struct lam_error *e)
{
	struct lam_sorted_rows *r = b->state;
	struct lam_batch of = { .arena = b->arena };

	*bad += atomic_exchange(&r->bad, 0);
	lam_row_source_batch(&r->rows, lam_row_source_find(&r->rows, b->pos),
		&of);
	return of.load(&of, r->column[f], raw, out, bad, e);
}

static int
next(struct lam_source *s, unsigned worker, struct lam_batch *b, bool *got,
	struct lam_error *e)
{
	struct lam_sorted_rows *r = s->state;
	size_t i = atomic_fetch_add(&r->next, 1);

	(void)worker;
	(void)e;
	*got = i < lam_row_source_batches(&r->rows);
	if (!*got)
		return LAM_OK;
	lam_row_source_batch(&r->rows, i, b);
	b->state = r;
	b->load = load;
	return LAM_OK;
}

int
lam_sorted_rows_make(struct lam_sorted_rows *r,
	const struct lam_sorted_input *in, const struct lam_resources *o,
	struct lam_error *e)
{
	unsigned threads = o->threads ? o->threads : 1;
	struct making m = { .r = r, .in = in };
	struct lam_sorted_out to = { 0, UINT64_MAX, keep, &m };
	int rc;

	memset(r, 0, sizeof *r);
	r->source = (struct lam_source){ .state = r, .next = next };
	rc = lay_out(&m, e);
	if (!rc)
		rc = begin_sorts(&m, o, threads, e);
	if (!rc) /* a limit of one byte: all of it goes to the file */
		lam_row_source_init(&r->rows, m.sort->plan->noutputs, 1,
			o->tmpdir);
	if (!rc)
		rc = lam_pool_run(threads, sort_some, &m, e);
	for (unsigned i = 1; !rc && i < threads; i++)
		lam_full_sort_absorb(m.sort, &m.sort[i]);
	if (!rc)
		rc = lam_full_sort_give(m.sort, &to, e);
	for (unsigned i = 0; m.sort && i < threads; i++)
		lam_full_sort_release(&m.sort[i]);
	free(m.sort);
	r->source.rows = r->rows.rows;
	return rc;
}

void
lam_sorted_rows_release(struct lam_sorted_rows *r)
{
	lam_row_source_release(&r->rows);
	free(r->first);
	lam_arena_release(&r->arena);
	memset(r, 0, sizeof *r);
}
