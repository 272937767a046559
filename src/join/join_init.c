/*
 * join_init.c - a join begins with the rows of its right, and ends
 */
#include "join/join_internal.h"

#include <string.h>

/* The keys of all rows of the right; *FIT: in MEMORY (0: any). */
static int
match_rows(struct lam_join_source *x, const struct lam_row_source *rows,
	uint64_t memory, bool *fit, struct lam_error *e)
{
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_vec *key;
	int rc = LAM_OK;

	*fit = !rows->spilled;
	for (size_t i = 0; !rc && *fit && i < lam_row_source_batches(rows);
		i++) {
		struct lam_batch b = { .arena = &arena };
		struct lam_join_over o = { .kept = &b };

		lam_arena_reset(&arena);
		lam_row_source_batch(rows, i, &b);
		lam_join_over(&o, b.n, &arena);
		rc = lam_join_keys(x, x->join->right_key, &o, &key, e);
		if (!rc)
			rc = lam_match_add(&x->match, key, b.n, &arena, e);
		*fit = !memory || lam_match_memory(&x->match) <= memory;
	}
	lam_arena_release(&arena);
	return rc || !*fit ? rc : lam_match_freeze(&x->match, e);
}

static int
prepare_exprs(struct lam_join_source *x, struct lam_error *e)
{
	const struct lam_join *j = x->join;
	int rc = LAM_OK;

	for (uint32_t k = 0; !rc && k < j->nkeys; k++) {
		rc = lam_expr_prepare(j->left_key[k], &x->arena, e);
		if (!rc)
			rc = lam_expr_prepare(j->right_key[k], &x->arena, e);
	}
	if (!rc && j->filter)
		rc = lam_expr_prepare(j->filter, &x->arena, e);
	return rc || !j->condition ? rc : lam_expr_prepare(j->condition,
		&x->arena, e);
}

static int
make_slots(struct lam_join_source *x, unsigned workers, struct lam_error *e)
{
	x->nslots = workers;
	x->used = LAM_ARENA_NEW(&x->arena, struct lam_join_slot *, workers);
	x->slot = LAM_ARENA_NEW(&x->arena, struct lam_join_slot, workers);
	x->lane = LAM_ARENA_NEW(&x->arena, struct lam_join_lane, workers);
	if (!x->used || !x->slot || !x->lane)
		return lam_fail_mem(e);
	for (unsigned i = 0; i < workers; i++) {
		struct lam_join_slot *s = &x->slot[i];

		s->column = LAM_ARENA_NEW(&x->arena, struct lam_vec,
			x->nleft + 1);
		s->loaded = LAM_ARENA_NEW(&x->arena, bool, x->nleft + 1);
		if (!s->column || !s->loaded ||
			pthread_mutex_init(&s->lock, NULL))
			return lam_fail_mem(e);
		s->locked = true;
	}
	return LAM_OK;
}

/* How the rows of the right are found: in memory, or in a file. */
static int
find_by(struct lam_join_source *x, const struct lam_row_source *rows,
	const struct lam_resources *o, struct lam_error *e)
{
	const struct lam_stage *right = x->join->right;
	uint32_t nkeys = x->join->nkeys;
	uint8_t *type = LAM_ARENA_NEW(&x->arena, uint8_t, nkeys + 1);
	uint8_t *of = LAM_ARENA_NEW(&x->arena, uint8_t, right->nfields + 1);
	bool fit = true;
	int rc;

	if (!type || !of)
		return lam_fail_mem(e);
	for (uint32_t k = 0; k < nkeys; k++)
		type[k] = x->join->right_key[k]->type;
	for (uint32_t f = 0; f < right->nfields; f++)
		of[f] = right->field[f].type.type;
	rc = lam_match_init(&x->match, type, nkeys, e);
	if (!rc && nkeys)
		rc = match_rows(x, rows, o->memory, &fit, e);
	if (rc || fit)
		return rc ? rc : lam_gather_init(&x->right, rows, of, e);
	lam_match_release(&x->match);
	return lam_join_sort(x, rows, type, o, e);
}

int
lam_join_init(struct lam_join_source *x, const struct lam_stage *stage,
	struct lam_source *left, const struct lam_row_source *rows,
	const struct lam_resources *o, bool spread, struct lam_error *e)
{
	const struct lam_join *j = stage->join;
	int rc;

	memset(x, 0, sizeof *x);
	x->source = (struct lam_source){ .state = x, .next = lam_join_next };
	x->stage = stage;
	x->join = j;
	x->left = left;
	x->spread = spread;
	x->nleft = j->left->nfields;
	x->nright = rows->rows;
	if (pthread_mutex_init(&x->lock, NULL))
		return lam_fail_mem(e);
	x->locked = true;
	rc = make_slots(x, o->threads ? o->threads : 1, e);
	if (!rc && (j->kind == LAM_JOIN_RIGHT || j->kind == LAM_JOIN_FULL)) {
		x->met = LAM_ARENA_NEW(&x->arena, _Atomic uint64_t, x->nright /
			64 + 1);
		rc = x->met ? LAM_OK : lam_fail_mem(e);
	}
	if (!rc)
		rc = lam_match_room(x->nright, e);
	if (!rc)
		rc = prepare_exprs(x, e);
	return rc ? rc : find_by(x, rows, o, e);
}

void
lam_join_release(struct lam_join_source *x)
{
	const struct lam_join *j = x->join;

	for (uint32_t k = 0; j && k < j->nkeys; k++) {
		lam_expr_release(j->left_key[k]);
		lam_expr_release(j->right_key[k]);
	}
	if (j && j->filter)
		lam_expr_release(j->filter);
	if (j && j->condition)
		lam_expr_release(j->condition);
	for (unsigned i = 0; x->slot && i < x->nslots; i++) {
		if (x->slot[i].locked)
			pthread_mutex_destroy(&x->slot[i].lock);
		lam_arena_release(&x->slot[i].arena);
	}
	lam_match_release(&x->match);
	lam_gather_release(&x->right);
	lam_sorted_rows_release(&x->side[0]);
	lam_sorted_rows_release(&x->side[1]);
	lam_sorted_rows_release(&x->pairs);
	if (x->locked)
		pthread_mutex_destroy(&x->lock);
	lam_arena_release(&x->arena);
	memset(x, 0, sizeof *x);
}
