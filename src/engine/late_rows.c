/*
 * late_rows.c - outputs that are fields, made for the rows that are wanted
 *
 * Positions are sorted; the rows of one batch are one piece of work, and each worker
 * takes the next one.  Which rows are in one batch is seen when that is opened: the
 * piece of any row but the first of them is nothing to do.
 */
#include "engine/late_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "base/sort.h"

#define ROWS_MAX 256 /* wanted, at most: else most batches have one anyway */

/* What one thread needs. */
struct reader {
	struct lam_arena batch, column, texts;
};

struct fetch {
	const struct lam_late_rows *l;
	struct lam_ranked *at;	/* [n]: positions, ascending, with their rows */
	uint32_t n;
	struct lam_scalar *value; /* [output * n + row] */
	struct reader *reader;	/* [threads] */
};

bool
lam_late_rows_init(struct lam_late_rows *l)
{
	const struct lam_query *q = l->q;

	if (!l->source->at || q->limit > ROWS_MAX || q->offset > ROWS_MAX)
		return false;
	l->place = (struct lam_expr){ .kind = LAM_X_FIELD, .type = LAM_TIME };
	l->output = (struct lam_output){ "position", &l->place };
	l->places = *q;
	l->places.output = &l->output;
	l->places.noutputs = 1;
	return true;
}

int
lam_late_field(struct lam_batch *b, const struct lam_expr *x,
	const uint16_t *row, uint32_t n, struct lam_arena *column,
	struct lam_arena *arena, struct lam_scalar *out, struct lam_error *e)
{
	struct lam_arena *of_batch = b->arena;
	uint64_t bad = 0; /* a field as text never is */
	bool picked = false;
	struct lam_vec v;
	int rc;

	lam_arena_reset(column);
	b->arena = column;
	if (x->raw && b->pick)
		rc = b->pick(b, x->index, row, n, &v, &picked, e);
	else
		rc = b->load(b, x->index, x->raw, &v, &bad, e);
	b->arena = of_batch;
	for (uint32_t i = 0; !rc && i < n; i++) {
		out[i] = lam_scalar_of(&v, picked ? i : row[i]);
		if (out[i].null)
			continue;
		out[i].str.p = lam_arena_dup(arena, out[i].str.p,
			out[i].str.n);
		if (!out[i].str.p)
			rc = lam_fail_mem(e);
	}
	return rc;
}

/* The outputs of rows [FROM, TO), which are in batch B. */
static int
fetch_batch(struct fetch *x, struct reader *r, struct lam_batch *b,
	uint32_t from, uint32_t to, struct lam_error *e)
{
	const struct lam_query *q = x->l->q;
	uint32_t n = to - from;
	struct lam_scalar *some = lam_arena_alloc(&r->batch, n * sizeof *some);
	uint16_t *row = lam_arena_alloc(&r->batch, n * sizeof *row);
	int rc = some && row ? LAM_OK : lam_fail_mem(e);

	for (uint32_t i = 0; !rc && i < n; i++)
		row[i] = (uint16_t)(x->at[from + i].key - b->pos);
	for (uint32_t c = 0; !rc && c < q->noutputs; c++) {
		rc = lam_late_field(b, q->output[c].expr, row, n, &r->column,
			&r->texts, some, e);
		for (uint32_t i = 0; !rc && i < n; i++)
			x->value[(size_t)c * x->n + x->at[from + i].value] =
				some[i];
	}
	return rc;
}

static int
fetch_piece(void *arg, unsigned worker, uint32_t piece, struct lam_error *e)
{
	struct fetch *x = arg;
	struct lam_source *s = x->l->source;
	struct reader *r = &x->reader[worker];
	struct lam_batch b = { .arena = &r->batch };
	uint32_t to = piece + 1;
	int rc;

	lam_arena_reset(&r->batch);
	rc = s->at(s, worker, x->at[piece].key, &b, e);
	if (rc || (piece > 0 && x->at[piece - 1].key >= b.pos))
		return rc;
	while (to < x->n && x->at[to].key < b.pos + b.n)
		to++;
	return fetch_batch(x, r, &b, piece, to, e);
}

/* All outputs of the rows, in their order. */
static int
hand_out(struct fetch *x, struct lam_arena *arena, struct lam_error *e)
{
	const struct lam_query *q = x->l->q;
	struct lam_vec *v = LAM_ARENA_NEW(arena, struct lam_vec,
		q->noutputs + (size_t)1);
	int rc = v ? LAM_OK : lam_fail_mem(e);

	for (uint32_t c = 0; !rc && c < q->noutputs; c++)
		rc = lam_scalar_vec(x->value + (size_t)c * x->n, x->n,
			LAM_TEXT, arena, &v[c], e);
	return rc ? rc : x->l->rows(x->l->arg, v, x->n, e);
}

int
lam_late_rows_give(void *late, const struct lam_vec *places, uint32_t n,
	struct lam_error *e)
{
	const struct lam_late_rows *l = late;
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_ranked *tmp = lam_arena_alloc(&arena, n * sizeof *tmp);
	struct fetch x = { .l = l, .n = n,
		.at = lam_arena_alloc(&arena, n * sizeof *x.at),
		.value = lam_arena_alloc(&arena, (size_t)l->q->noutputs * n *
			sizeof *x.value),
		.reader = LAM_ARENA_NEW(&arena, struct reader, l->threads) };
	int rc = tmp && x.at && x.value && x.reader ? LAM_OK : lam_fail_mem(e);

	for (uint32_t i = 0; !rc && i < n; i++)
		x.at[i] = (struct lam_ranked){ (uint64_t)places->i64[i], i };
	if (!rc)
		lam_sort_items(x.at, tmp, n);
	if (!rc)
		rc = lam_pool_pieces(l->threads < n ? l->threads : n, n,
			fetch_piece, &x, e);
	if (!rc)
		rc = hand_out(&x, &arena, e);
	for (unsigned i = 0; x.reader && i < l->threads; i++) {
		lam_arena_release(&x.reader[i].batch);
		lam_arena_release(&x.reader[i].column);
		lam_arena_release(&x.reader[i].texts);
	}
	lam_arena_release(&arena);
	return rc;
}
