/*
 * join_sort.c - a join whose right does not fit in memory
 *
 *	left, right -> each sorted by its keys -> pairs -> their order
 *
 * Then a row of the left has a range of rows of the right, and all else is as it is in
 * memory: candidates are gone through in rounds, so a key that is everywhere needs no
 * more memory than one that is rare.  Rows of either side keep their positions, the
 * NULLs of a key meet nothing.  Where pairs have an order, their positions on the left
 * and on the right are it, and they are sorted once more, when all have been found;
 * what has none on the left is last.
 */
#include "join/join_internal.h"

#include <string.h>

/* The keys of the left, of the rows that take part. */
static int
left_terms(void *arg, struct lam_sorted_batch *b, struct lam_error *e)
{
	struct lam_join_source *x = arg;
	struct lam_join_slot s = { .left = *b->b, .column = b->column,
		.loaded = b->loaded };
	struct lam_vec *key;
	int rc;

	b->n = 0;
	if (x->join->filter && lam_expr_outlook(x->join->filter, b->b) ==
		LAM_OUTLOOK_NONE)
		return LAM_OK;
	if (pthread_mutex_init(&s.lock, NULL))
		return lam_fail_mem(e);
	rc = lam_join_left_keys(x, &s, &key, e);
	pthread_mutex_destroy(&s.lock);
	if (rc || !s.n)
		return rc;
	b->n = s.n;
	b->sel = s.sel;
	b->term = key;
	return LAM_OK;
}

static int
right_terms(void *arg, struct lam_sorted_batch *b, struct lam_error *e)
{
	struct lam_join_source *x = arg;
	struct lam_join_over o = { .kept = b->b };

	lam_join_over(&o, b->n, b->b->arena);
	return lam_join_keys(x, x->join->right_key, &o, &b->term, e);
}

/* Positions of pairs on the left; NULL: of the right alone. */
static int
left_positions(const struct lam_join_pairs *p, uint32_t n,
	struct lam_arena *arena, struct lam_vec *out, struct lam_error *e)
{
	struct lam_batch *left;
	uint64_t bad = 0;
	struct lam_vec v;
	int rc;

	if (!p->slot)
		return lam_join_nulls(LAM_NUMBER, n, arena, out, e);
	left = &p->slot->left;
	rc = left->load(left, lam_sorted_position(&p->join->side[0]), false,
		&v, &bad, e);
	return rc || lam_vec_take(&v, p->left, n, arena, out) ? rc :
		lam_fail_mem(e);
}

/* Of pairs: their positions on the left, on the right. */
static int
pair_terms(void *arg, struct lam_sorted_batch *b, struct lam_error *e)
{
	const struct lam_join_pairs *p = b->b->state;
	struct lam_join_source *x = arg;
	const struct lam_sorted_rows *right = &x->side[1];
	struct lam_arena *arena = b->b->arena;
	int rc = left_positions(p, b->n, arena, &b->term[0], e);

	if (rc)
		return rc;
	return x->join->kind == LAM_JOIN_MARK ? lam_join_nulls(LAM_NUMBER,
		b->n, arena, &b->term[1], e) : lam_gather_column(&x->right,
		right->column[lam_sorted_position(right)], p->right, b->n,
		arena, &b->term[1], e);
}

/* All pairs, in the order that they have; X gives them from now on. */
static int
sort_pairs(struct lam_join_source *x, const struct lam_resources *o,
	struct lam_error *e)
{
	static const uint8_t type[2] = { LAM_NUMBER, LAM_NUMBER };
	struct lam_sorted_input in = { .from = &x->source,
		.nfields = x->stage->nfields, .field = x->stage->field,
		.used = x->stage->used, .nterms = 2, .type = type,
		.terms = pair_terms, .arg = x };
	int rc = lam_sorted_rows_make(&x->pairs, &in, o, e);

	x->source = x->pairs.source;
	return rc;
}

/* The fields that the expressions KEY are. */
static void
find_fields(struct lam_expr *const *key, uint32_t n, uint32_t *is)
{
	for (uint32_t k = 0; k < n; k++)
		is[k] = key[k]->kind == LAM_X_FIELD && !key[k]->raw ?
			key[k]->index : LAM_NO_FIELD;
}

int
lam_join_sort(struct lam_join_source *x, const struct lam_row_source *rows,
	const uint8_t *type, const struct lam_resources *o,
	struct lam_error *e)
{
	const struct lam_join *j = x->join;
	uint32_t right = x->nleft + (j->kind == LAM_JOIN_MARK);
	uint32_t *is = LAM_ARENA_NEW(&x->arena, uint32_t, j->nkeys);
	struct lam_row_reader reader;
	struct lam_sorted_input in = { .from = &reader.source,
		.nfields = j->right->nfields, .field = j->right->field,
		.used = x->stage->used + right, .nterms = j->nkeys,
		.type = type, .is = is, .terms = right_terms, .arg = x,
		.keyed = true };
	int rc;

	if (!is)
		return lam_fail_mem(e);
	x->faults = 0; /* they were counted for rows that were in memory */
	x->sorted = true;
	lam_row_reader_init(&reader, rows);
	find_fields(j->right_key, j->nkeys, is);
	rc = lam_sorted_rows_make(&x->side[1], &in, o, e);
	if (rc)
		return rc;
	in.from = x->left;
	in.nfields = x->nleft;
	in.field = j->left->field;
	in.used = x->stage->used;
	in.terms = left_terms;
	find_fields(j->left_key, j->nkeys, is);
	rc = lam_sorted_rows_make(&x->side[0], &in, o, e);
	if (rc)
		return rc;
	x->left = &x->side[0].source;
	rc = lam_gather_init(&x->right, &x->side[1].rows, x->side[1].type, e);
	if (rc || x->spread)
		return rc;
	x->spread = true; /* the order comes last */
	return sort_pairs(x, o, e);
}
