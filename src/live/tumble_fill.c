/*
 * tumble_fill.c - rows for what has no records
 *
 * Each window that closes has a row for each of the other keys, as soon as that key
 * was in a window, this one or one before; with no other key, for each window from
 * the first that a time was read of.  A row without records is a row of the partial
 * relation in which every state is that of no values (see sql/query.h), merged like
 * any other: so count is 0, sum is NULL, and HAVING and expressions say what they say.
 *
 * What was seen is a relation, the other keys and the first window of each, ordered by
 * that window: a window's keys are the first so many rows.
 */
#include "live/tumble_internal.h"

#include <stdlib.h>
#include <string.h>

#include "engine/fill.h"
#include "sql/regroup.h"

/* ------------------------------------------------------------ what was seen */

static struct lam_expr *
above(enum lam_expr_kind kind, uint32_t index, uint8_t type,
	struct lam_arena *a)
{
	struct lam_expr *x = lam_expr_field(index, type, a);

	if (x) {
		x->kind = (uint8_t)kind;
		x->final = LAM_FINAL_VALUE;
	}
	return x;
}

/* The keys of M but for the window, and the least window. */
static int
other_keys(struct live *l, struct lam_query *m, struct lam_error *e)
{
	struct lam_arena *a = m->arena;
	struct lam_expr **key = LAM_ARENA_NEW(a, struct lam_expr *, m->nkeys);
	const char **name = LAM_ARENA_NEW(a, const char *, m->nkeys);
	struct lam_output *o = LAM_ARENA_NEW(a, struct lam_output, m->nkeys);
	struct lam_state *s = LAM_ARENA_NEW(a, struct lam_state, 1);
	struct lam_order *order = LAM_ARENA_NEW(a, struct lam_order, 1);
	uint32_t n = 0;

	if (!key || !name || !o || !s || !order)
		return lam_fail_mem(e);
	for (uint32_t k = 0; k < m->nkeys; k++) {
		if (k == l->window)
			continue;
		key[n] = m->key[k];
		name[n] = m->key_name[k];
		o[n].name = name[n];
		o[n].expr = above(LAM_X_KEY, n, key[n]->type, a);
		if (!o[n++].expr)
			return lam_fail_mem(e);
	}
	*s = (struct lam_state){ .kind = LAM_MIN, .ncomponents = 1,
		.type = { LAM_TIME }, .label = "first",
		.column = { "first" } };
	s->arg[0] = m->key[l->window];
	o[n].name = "first";
	o[n].expr = order->expr = above(LAM_X_FINAL, 0, LAM_TIME, a);
	m->key = key;
	m->key_name = name;
	m->nkeys = n;
	m->state = s;
	m->nstates = 1;
	m->output = o;
	m->noutputs = n + 1;
	m->order = order;
	m->norder = 1;
	m->having = NULL;
	return o[n].expr ? LAM_OK : lam_fail_mem(e);
}

int
lam_fill_query(struct live *l, const struct lam_sieve *s,
	struct lam_arena *a, struct lam_query **out, struct lam_error *e)
{
	int rc = lam_regroup(l->query, a, out, e);

	if (!rc)
		rc = lam_sieve_where(l, s, a, &(*out)->where, e);
	return rc ? rc : other_keys(l, *out, e);
}

/* Add the keys SEEN now, a result of the query Q, to those seen before. */
static int
remember(struct live *l, const struct lam_query *q, struct lam_partials *seen,
	struct lam_error *e)
{
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_chain_source chain;
	const struct lam_resources *o = &l->w->engine;
	struct lam_row_source now;
	struct lam_source new;
	struct lam_query *m;
	struct lam_leaves leaves = lam_drive_source(&chain.source);
	struct lam_row_sink keep = { NULL, lam_row_source_keep, &now, NULL };
	/* Keys alone: told when they are given out. */
	struct lam_drive_faults unused = { .outputs = 0 };
	int rc;

	lam_chain_source_init(&chain);
	lam_row_source_init(&now, q->nkeys + 1, o->memory / 4,
		o->tmpdir);
	lam_partials_source(seen, &new);
	atomic_store(&l->seen.next, 0);
	rc = lam_regroup(q, &a, &m, e);
	if (!rc)
		rc = lam_chain_source_add(&chain, &new, e);
	if (!rc)
		rc = lam_chain_source_add(&chain, &l->seen.source, e);
	if (!rc)
		rc = lam_drive_rows(&leaves, m, &keep, o, &unused, e);
	lam_chain_source_release(&chain);
	lam_row_source_release(&l->seen);
	lam_row_source_move(&l->seen, &now);
	lam_arena_release(&a);
	return rc;
}

/* ------------------------------------------------------------ the empty rows */

/* Keys that were seen: the first UPTO of N have their first window by W. */
struct some {
	struct lam_vec *column;
	uint32_t n, upto;
};

struct empty {
	struct live *l;
	struct lam_arena arena;
	struct some *some;
	size_t nsome, at;
	int64_t w, to;
	bool done;
};

static int
empty_load(struct lam_batch *b, uint32_t f, bool raw, struct lam_vec *out,
	uint64_t *bad, struct lam_error *e)
{
	const struct empty *x = b->state;
	const struct lam_query *q = x->l->query;
	struct lam_scalar w = { .type = LAM_TIME, .i64 = x->w };

	(void)raw;
	*bad = 0;
	if (f < q->nkeys && f != x->l->window) {
		*out = x->some[x->at].column[f - (f > x->l->window)];
		out->n = b->n;
		return LAM_OK;
	}
	if (f == x->l->window)
		return lam_fill_constant(&w, b->n, b->arena, out, e);
	return lam_fill_none(q, f, b->n, b->arena, out, e);
}

static int
empty_next(struct lam_source *s, unsigned worker, struct lam_batch *b,
	bool *got, struct lam_error *e)
{
	struct empty *x = s->state;
	uint32_t first = x->l->query->nkeys - 1; /* its column */
	/* A gap may have any number of windows. */
	const _Atomic int *stop = x->l->w->adhoc.stop;

	(void)worker;
	(void)e;
	*got = false;
	while (!x->done && !*got) {
		struct some *k;

		if (++x->at == x->nsome) {
			x->at = 0;
			x->done = !lam_tumble_next(x->l, x->w, &x->w) ||
				x->w >= x->to || (stop && *stop);
		}
		k = &x->some[x->at];
		while (!x->done && k->upto < k->n &&
			lam_vec_time(&k->column[first], k->upto) <= x->w)
			k->upto++;
		b->n = k->upto;
		*got = !x->done && k->upto;
	}
	b->pos = 0;
	b->state = x;
	b->load = empty_load;
	b->range = NULL;
	return LAM_OK;
}

/* The keys seen, as columns; with no other key, one that was always there. */
static int
take_seen(struct empty *x, struct lam_error *e)
{
	struct live *l = x->l;
	struct lam_batch b = { .arena = &x->arena };
	uint64_t bad;
	bool got = true;
	int rc = LAM_OK;

	x->some = LAM_ARENA_NEW(&x->arena, struct some, l->seen.n + 1);
	if (!x->some)
		return lam_fail_mem(e);
	if (l->query->nkeys == 1) {
		x->some[x->nsome++] = (struct some){ NULL, 1, 1 };
		return LAM_OK;
	}
	atomic_store(&l->seen.next, 0);
	while (!rc && got) {
		struct some *k = &x->some[x->nsome];

		rc = l->seen.source.next(&l->seen.source, 0, &b, &got, e);
		if (rc || !got)
			break;
		x->nsome++;
		k->n = b.n;
		k->column = LAM_ARENA_NEW(&x->arena, struct lam_vec,
			l->query->nkeys);
		if (!k->column)
			return lam_fail_mem(e);
		for (uint32_t c = 0; !rc && c < l->query->nkeys; c++)
			rc = b.load(&b, c, false, &k->column[c], &bad, e);
	}
	return rc;
}

/* From the first window that is to be filled.  False: there is none. */
static bool
begin(struct empty *x)
{
	struct live *l = x->l;

	if (x->nsome == 0)
		return false;
	if (l->filling)
		x->w = l->filled;
	else if (l->query->nkeys == 1)
		x->w = l->first;
	else
		x->w = lam_vec_time(&x->some[0].column[l->query->nkeys - 1],
			0);
	if (x->w >= x->to)
		return false;
	l->filling = true;
	x->at = SIZE_MAX; /* before the first */
	return true;
}

static int
merge_empty(struct live *l, struct empty *x, const struct lam_query *of,
	struct lam_partials **p, struct lam_error *e)
{
	struct lam_chain_source chain;
	struct lam_source rows, empty = { .state = x, .next = empty_next };
	struct lam_leaves leaves = lam_drive_source(&chain.source);
	struct lam_job job = { .query = of };
	int rc = LAM_OK;

	lam_chain_source_init(&chain);
	if (*p) {
		lam_partials_source(*p, &rows);
		rc = lam_chain_source_add(&chain, &rows, e);
	}
	if (!rc)
		rc = lam_chain_source_add(&chain, &empty, e);
	if (!rc)
		rc = lam_drive_jobs(&leaves, &job, 1, &l->w->engine, e);
	if (!rc) {
		lam_partials_free(*p);
		*p = job.partials;
		l->filled = x->to;
	}
	lam_job_release(&job);
	lam_chain_source_release(&chain);
	return rc;
}

int
lam_fill(struct live *l, const struct lam_query *q,
	struct lam_partials *seen, int64_t to, const struct lam_query *of,
	struct lam_partials **p, struct lam_error *e)
{
	struct empty x = { .l = l, .arena = LAM_ARENA_INIT, .to = to };
	int rc = LAM_OK;

	if (seen && l->query->nkeys > 1)
		rc = remember(l, q, seen, e);
	if (!rc)
		rc = take_seen(&x, e);
	if (!rc && begin(&x))
		rc = merge_empty(l, &x, of, p, e);
	lam_arena_release(&x.arena);
	return rc;
}

void
lam_fill_release(struct live *l)
{
	lam_row_source_release(&l->seen);
}
