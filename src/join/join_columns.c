/*
 * join_columns.c - columns of pairs, and expressions over them
 *
 * A column of the left keeps the shape in which it was stored; one of the right is
 * gathered from the rows that were kept.
 */
#include "join/join_internal.h"

static int
left_column(struct lam_join_slot *s, uint32_t f, const struct lam_vec **out,
	uint64_t *bad, struct lam_error *e)
{
	int rc = LAM_OK;

	pthread_mutex_lock(&s->lock);
	if (!s->loaded[f])
		rc = s->left.load(&s->left, f, false, &s->column[f], bad, e);
	s->loaded[f] = !rc;
	*out = &s->column[f];
	pthread_mutex_unlock(&s->lock);
	return rc;
}

int
lam_join_nulls(uint8_t type, uint32_t n, struct lam_arena *arena, struct lam_vec *out,
	struct lam_error *e)
{
	struct lam_scalar *v = LAM_ARENA_NEW(arena, struct lam_scalar, n + 1);

	if (!v)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++)
		v[i] = (struct lam_scalar){ .type = type, .null = true };
	return lam_scalar_vec(v, n, type, arena, out, e);
}

/* Column F of the right. */
static int
right_column(struct lam_join_source *x, uint32_t f, const uint32_t *row,
	uint32_t n, struct lam_arena *arena, struct lam_vec *out,
	struct lam_error *e)
{
	return lam_gather_column(&x->right, x->sorted ? x->side[1].column[f] :
		f, row, n, arena, out, e);
}

int
lam_join_column(const struct lam_join_pairs *p, uint32_t f, uint32_t n,
	struct lam_arena *arena, struct lam_vec *out, uint64_t *bad,
	struct lam_error *e)
{
	struct lam_join_source *x = p->join;
	const struct lam_vec *v;
	uint8_t *bit;
	int rc;

	if (f < x->nleft && !p->slot)
		return lam_join_nulls(x->join->left->field[f].type.type, n, arena, out,
			e);
	if (f < x->nleft) {
		rc = left_column(p->slot, f, &v, bad, e);
		if (rc)
			return rc;
		*out = *v;
		return p->all || lam_vec_take(v, p->left, n, arena, out) ?
			LAM_OK : lam_fail_mem(e);
	}
	if (x->join->kind != LAM_JOIN_MARK || f > x->nleft)
		return right_column(x, f - x->nleft - (x->join->kind ==
			LAM_JOIN_MARK), p->right, n, arena, out, e);
	bit = LAM_ARENA_NEW(arena, uint8_t, n + 1);
	if (!bit)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++)
		bit[i] = p->right[i] != 0;
	*out = (struct lam_vec){ .type = LAM_BOOL, .rep = LAM_FLAT, .n = n,
		.bit = bit };
	return LAM_OK;
}

/* Of the right of a MARK there is nothing to give: only its condition reads it. */
int
lam_join_load(struct lam_batch *b, uint32_t f, bool raw, struct lam_vec *out,
	uint64_t *bad, struct lam_error *e)
{
	const struct lam_join_pairs *p = b->state;
	const struct lam_stage *s = p->join->stage;
	bool none = s->join->kind == LAM_JOIN_MARK && f > p->join->nleft;
	struct lam_vec v;
	int rc = none ? lam_join_nulls(s->field[f].type.type, b->n, b->arena,
		&v, e) : lam_join_column(p, f, b->n, b->arena, &v, bad, e);

	if (rc)
		return rc;
	*out = v;
	return raw && !lam_vec_as_text(&v, b->arena, out) ? lam_fail_mem(e) :
		LAM_OK;
}

/* What is known of a column of the left holds of some of its rows, too. */
void
lam_join_range(struct lam_batch *b, uint32_t f, struct lam_range *out)
{
	const struct lam_join_pairs *p = b->state;

	*out = (struct lam_range){ .kind = LAM_RANGE_NONE, .nulls = true };
	if (f < p->join->nleft && p->slot && p->slot->left.range)
		p->slot->left.range(&p->slot->left, f, out);
}

static int
leaf(struct lam_frame *f, const struct lam_expr *x,
	const struct lam_vec **out, struct lam_error *e)
{
	struct lam_join_over *o = f->state;
	struct lam_vec *v;
	uint64_t bad = 0;

	if (o->slot)
		return left_column(o->slot, x->index, out, &bad, e);
	v = LAM_ARENA_NEW(f->arena, struct lam_vec, 1);
	if (!v)
		return lam_fail_mem(e);
	*out = v;
	return o->kept ? o->kept->load(o->kept, x->index, false, v, &bad, e) :
		lam_join_column(o->pairs, x->index, f->n, f->arena, v, &bad,
			e);
}

void
lam_join_over(struct lam_join_over *o, uint32_t n, struct lam_arena *arena)
{
	o->frame = (struct lam_frame){ .n = n, .arena = arena, .state = o,
		.leaf = leaf };
}

void
lam_join_count(struct lam_join_source *x, const struct lam_join_over *o)
{
	for (uint32_t i = 0; o->frame.faults.mark && i < o->frame.n; i++)
		x->faults += o->frame.faults.mark[i] != 0;
}

int
lam_join_keys(struct lam_join_source *x, struct lam_expr **key, struct lam_join_over *o,
	struct lam_vec **out, struct lam_error *e)
{
	uint32_t n = x->join->nkeys;
	struct lam_vec *v = LAM_ARENA_NEW(o->frame.arena, struct lam_vec,
		n + 1);
	int rc = v ? LAM_OK : lam_fail_mem(e);

	for (uint32_t k = 0; !rc && k < n; k++)
		rc = lam_expr_eval(key[k], &o->frame, &v[k], e);
	lam_join_count(x, o);
	*out = v;
	return rc;
}
