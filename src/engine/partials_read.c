/*
 * partials_read.c - the rows of a partial relation as vectors, and as a source
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "base/time.h"
#include "engine/partials.h"

static int
key_column(const struct lam_domain *d, uint32_t k, const struct lam_ref *row,
	uint32_t n, struct lam_arena *arena, struct lam_vec *out,
	struct lam_error *e)
{
	uint32_t *id = lam_arena_alloc(arena, (n + 1) * sizeof *id);

	if (!id)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++)
		memcpy(&id[i], row[i].rec + k * sizeof *id, sizeof *id);
	return lam_series_take(&d->values, id, n, arena, out, e);
}

int
lam_table_column(const struct lam_query *q, uint32_t c,
	const struct lam_table *keys, const struct lam_ref *row, uint32_t n,
	struct lam_arena *arena, struct lam_vec *out, struct lam_error *e)
{
	uint32_t s = 0;

	if (c < q->nkeys)
		return key_column(&keys->dom[c], c, row, n, arena, out, e);
	for (c -= q->nkeys; c >= q->state[s].ncomponents; s++)
		c -= q->state[s].ncomponents;
	return row->table->agg[s].ops->emit(s, row, n, c, arena, out, e);
}

/* Texts of V that will not live as long as the arena. */
static bool
own_texts(struct lam_vec *v, struct lam_arena *arena)
{
	struct lam_str *s;

	if (v->type != LAM_TEXT)
		return true;
	s = lam_arena_alloc(arena, (v->n + 1) * sizeof *s);
	for (uint32_t i = 0; s && i < v->n; i++) {
		s[i] = v->str[i];
		if (!s[i].p)
			continue;
		s[i].p = lam_arena_dup(arena, s[i].p, s[i].n);
		if (!s[i].p)
			return false;
	}
	v->str = s;
	return s != NULL;
}

/*
 * The long texts of sketches and sets are printed by all threads: pieces of
 * PIECE rows of a column, each thread's bytes in an arena of its own.
 */
#define PIECE 64

struct printing {
	struct lam_partials *p;
	struct lam_vec *column;
	uint32_t first, ncolumns; /* components are columns from FIRST on */
	uint32_t pieces;	  /* of each column */
	struct lam_str **str;	  /* [ncolumns][rows] */
	uint8_t **null;
	atomic_uint next;
};

static int
print_pieces(void *arg, unsigned worker, struct lam_error *e)
{
	struct printing *x = arg;
	struct lam_partials *p = x->p;
	uint32_t i;
	int rc = LAM_OK;

	while (!rc && (i = atomic_fetch_add(&x->next, 1)) <
		x->pieces * (x->ncolumns - x->first)) {
		uint32_t c = x->first + i / x->pieces;
		uint32_t from = i % x->pieces * PIECE, n = p->n - from;
		struct lam_vec v;

		if (!x->str[c])
			continue;
		n = n < PIECE ? n : PIECE;
		rc = lam_table_column(p->q, c, lam_partials_keys(p),
			p->ref + from, n, &p->arena[worker], &v, e);
		for (uint32_t j = 0; !rc && j < n; j++) {
			x->str[c][from + j] = v.str[j];
			x->null[c][from + j] = v.null && v.null[j];
		}
	}
	return rc;
}

/* The text components of all states, into COLUMN. */
static int
print_texts(struct lam_partials *p, struct lam_arena *arena,
	struct lam_vec *column, struct lam_error *e)
{
	struct printing x = { .p = p, .column = column, .first = p->q->nkeys,
		.ncolumns = lam_query_columns(p->q),
		.pieces = (p->n + PIECE - 1) / PIECE };
	const char *name;
	uint8_t type;

	atomic_init(&x.next, 0);
	x.str = LAM_ARENA_NEW(arena, struct lam_str *, x.ncolumns + 1);
	x.null = LAM_ARENA_NEW(arena, uint8_t *, x.ncolumns + 1);
	if (!x.str || !x.null)
		return lam_fail_mem(e);
	for (unsigned i = 0; i < p->threads; i++)
		lam_arena_reset(&p->arena[i]);
	for (uint32_t c = x.first; c < x.ncolumns; c++) {
		lam_query_column(p->q, c, &name, &type);
		if (type != LAM_TEXT)
			continue;
		x.str[c] = LAM_ARENA_NEW(arena, struct lam_str, p->n);
		x.null[c] = LAM_ARENA_NEW(arena, uint8_t, p->n);
		if (!x.str[c] || !x.null[c])
			return lam_fail_mem(e);
		column[c] = (struct lam_vec){ .type = LAM_TEXT,
			.rep = LAM_FLAT, .n = p->n, .str = x.str[c],
			.null = x.null[c] };
	}
	return lam_pool_run(p->threads < x.pieces ? p->threads : x.pieces,
		print_pieces, &x, e);
}

int
lam_partials_next(struct lam_partials *p, struct lam_arena *arena,
	const struct lam_vec **column, uint32_t *n, struct lam_error *e)
{
	uint32_t ncolumns = lam_query_columns(p->q);
	struct lam_vec *v = LAM_ARENA_NEW(arena, struct lam_vec,
		ncolumns + 1);
	int rc = v ? lam_partials_step(p, e) : lam_fail_mem(e);

	*column = v;
	*n = p->n;
	if (!rc && !p->spilled && !p->sealed)
		rc = lam_table_seal(&p->share[0].table, e);
	p->sealed = true;
	if (!rc && p->n && p->heavy)
		rc = print_texts(p, arena, v, e);
	for (uint32_t c = 0; !rc && p->n && c < ncolumns; c++) {
		if (!v[c].str)
			rc = lam_table_column(p->q, c, lam_partials_keys(p),
				p->ref, p->n, arena, &v[c], e);
		if (!rc && (p->spilled || (p->heavy && p->locked)) &&
			!own_texts(&v[c], arena))
			rc = lam_fail_mem(e);
	}
	return rc;
}

static int
source_load(struct lam_batch *b, uint32_t f, bool raw, struct lam_vec *out,
	uint64_t *bad, struct lam_error *e)
{
	const struct lam_vec *column = b->state;

	*bad = 0;
	*out = column[f];
	return raw && !lam_vec_as_text(&column[f], b->arena, out) ?
		lam_fail_mem(e) : LAM_OK;
}

static int
source_next(struct lam_source *s, unsigned worker, struct lam_batch *b,
	bool *got, struct lam_error *e)
{
	struct lam_partials *p = s->state;
	const struct lam_vec *column;
	int rc;

	(void)worker;
	pthread_mutex_lock(&p->lock);
	rc = lam_partials_next(p, b->arena, &column, &b->n, e);
	b->pos = p->given;
	p->given += b->n;
	pthread_mutex_unlock(&p->lock);
	*got = !rc && b->n;
	memcpy(&b->state, &column, sizeof b->state);
	b->load = source_load;
	return rc;
}

int
lam_partials_source(struct lam_partials *p, struct lam_source *out,
	struct lam_error *e)
{
	*out = (struct lam_source){ .state = p, .next = source_next };
	if (p->locked)
		return LAM_OK;
	if (pthread_mutex_init(&p->lock, NULL))
		return lam_fail_mem(e);
	p->locked = true;
	return LAM_OK;
}
