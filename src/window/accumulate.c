/*
 * accumulate.c - an aggregate over a frame that moves
 */
#include "window/accumulate.h"

#include <stdlib.h>
#include <string.h>

#include "window/accumulate_internal.h"

#define LEAST ((uint64_t)1 << 20) /* bytes, however small the memory is */

/* Is only the size of a set asked for? */
static bool
counts_distinct(const struct lam_accumulate *a)
{
	return a->state->kind == LAM_DISTINCT &&
		a->final->final == LAM_FINAL_DISTINCT;
}

/* Which way STATE is kept. */
static const struct lam_accumulate_ops *
ops_of(const struct lam_accumulate *a)
{
	switch (a->state->kind) {
	case LAM_COUNT:
		return &lam_accumulate_count;
	case LAM_SUM:
		return &lam_accumulate_sum;
	case LAM_MIN:
	case LAM_MAX:
	case LAM_ARGMIN:
	case LAM_ARGMAX:
		return &lam_accumulate_extreme;
	case LAM_DISTINCT:
		return counts_distinct(a) ? &lam_accumulate_distinct :
			&lam_accumulate_bag;
	case LAM_VALUES:
		return &lam_accumulate_bag;
	default:
		return &lam_accumulate_table;
	}
}

int
lam_accumulate_init(struct lam_accumulate *a, const struct lam_query *q,
	const struct lam_row_source *rows, bool keeps, struct lam_error *e)
{
	int rc;

	memset(a, 0, sizeof *a);
	a->q = q;
	a->final = q->output[0].expr;
	a->state = &q->state[a->final->index];
	a->keeps = keeps;
	rc = lam_cursor_init(&a->in, rows, e);
	if (!rc)
		rc = lam_cursor_init(&a->out, rows, e);
	return rc ? rc : ops_of(a)->reset(a, e);
}

void
lam_accumulate_release(struct lam_accumulate *a)
{
	if (!a->q)
		return;
	lam_accumulate_forget_queue(a);
	free(a->queue);
	free(a->count);
	if (counts_distinct(a))
		lam_key_dict_release(&a->dict);
	lam_bag_release(&a->bag);
	lam_buf_release(&a->text);
	lam_group_table_release(&a->table);
	lam_cursor_release(&a->in);
	lam_cursor_release(&a->out);
	lam_arena_release(&a->arena);
	memset(a, 0, sizeof *a);
}

int
lam_accumulate_reset(struct lam_accumulate *a, uint64_t row,
	struct lam_error *e)
{
	a->from = a->to = row;
	a->nholes = 0;
	a->n = 0;
	return ops_of(a)->reset(a, e);
}

/* Rows [FROM, TO) come, or (OUT) go: batch by batch. */
static int
rows(struct lam_accumulate *a, uint64_t from, uint64_t to, bool out,
	struct lam_error *e)
{
	const struct lam_accumulate_ops *ops = ops_of(a);
	struct lam_cursor *c = out ? &a->out : &a->in;
	int rc = LAM_OK;

	while (!rc && from < to) {
		struct lam_slice s = { .cursor = c, .first = from };
		uint64_t end;

		rc = lam_cursor_move(c, from, e);
		if (rc)
			break;
		end = to < c->to ? to : c->to;
		s.from = (uint32_t)(from - c->from);
		s.to = (uint32_t)(end - c->from);
		for (int i = 0; !rc && i < 2; i++)
			if (a->state->arg[i])
				rc = lam_cursor_column(c,
					a->state->arg[i]->index, &s.arg[i], e);
		if (!rc && a->state->filter)
			rc = lam_cursor_column(c, a->state->filter->index,
				&s.filter, e);
		if (!rc)
			rc = (out ? ops->take : ops->add)(a, &s, e);
		from = end;
	}
	return rc;
}

/* A frame that moves must be in memory: as much of it as the rows may take. */
static int
check_memory(const struct lam_accumulate *a, struct lam_error *e)
{
	uint64_t most = a->in.rows->memory;

	if (most == 0 || lam_accumulate_memory(a) <= (most > LEAST ? most :
		LEAST))
		return LAM_OK;
	return lam_fail(e, LAM_SYSTEM, "the values of the frame of a window "
		"function do not fit in memory: give more --memory, or "
		"PARTITION BY more");
}

int
lam_accumulate_move(struct lam_accumulate *a, uint64_t from, uint64_t to,
	struct lam_error *e)
{
	const struct lam_accumulate_ops *ops = ops_of(a);
	int rc = LAM_OK;

	for (; !rc && a->nholes; a->nholes--)
		rc = rows(a, a->hole[a->nholes - 1].from,
			a->hole[a->nholes - 1].to, false, e);
	if (rc)
		return rc;
	if (from < a->from || to < a->to) {
		rc = lam_accumulate_reset(a, from, e);
	} else if (from > a->from && from < a->to && ops->take) {
		rc = rows(a, a->from, from, true, e);
		a->from = from;
	} else if (from > a->from) { /* nothing stays, or all is new */
		rc = lam_accumulate_reset(a, from, e);
	}
	if (!rc && to > a->to)
		rc = rows(a, a->to, to, false, e);
	a->to = to > a->to ? to : a->to;
	return rc ? rc : check_memory(a, e);
}

/* Rows of the middle can go and come again; what cannot do that begins anew. */
int
lam_accumulate_pieces(struct lam_accumulate *a, uint64_t from, uint64_t to,
	const struct lam_piece *p, unsigned n, struct lam_error *e)
{
	bool forgets = ops_of(a)->take && ops_of(a) != &lam_accumulate_extreme;
	int rc = forgets ? lam_accumulate_move(a, from, to, e) :
		lam_accumulate_reset(a, from, e);

	for (unsigned i = 0; !rc && !forgets && i < n; i++)
		rc = rows(a, p[i].from, p[i].to, false, e);
	for (unsigned i = 0; !rc && forgets && i <= n; i++) {
		struct lam_piece hole = { i ? p[i - 1].to : from,
			i < n ? p[i].from : to };

		if (hole.from >= hole.to)
			continue;
		rc = rows(a, hole.from, hole.to, true, e);
		a->hole[a->nholes++] = hole;
	}
	return rc ? rc : check_memory(a, e);
}

int
lam_accumulate_value(struct lam_accumulate *a, struct lam_scalar *out,
	bool *fault, struct lam_error *e)
{
	*fault = false;
	*out = (struct lam_scalar){ .type = a->final->type };
	return ops_of(a)->value(a, out, fault, e);
}
