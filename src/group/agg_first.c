/*
 * agg_first.c - FIRST and LAST by position in the log, NULLs included
 *
 * Slot: the position, and the value kept (none: the identity).  Rows of a batch
 * ascend by position, so the first or last row of a group is its first or last
 * occurrence.  Merged streams may repeat a position; then the least value wins.
 */
#include <string.h>

#include "base/hot.h"
#include "group/agg.h"
#include "group/agg_value.h"
#include "group/batch_min.h"
#include "group/group_table.h"

struct slot {
	uint64_t pos;
	struct lam_agg_value value;
};

struct local {
	uint32_t *row;		/* by group, LAM_NO_ROW: none */
	const struct lam_vec *pos; /* merge: the positions */
	struct lam_vec value;
};

LAM_O3 static int
find_rows(struct lam_agg *a, struct lam_batch_groups *s, struct local *l,
	struct lam_error *e)
{
	uint32_t *row = lam_arena_alloc(s->arena, (s->ngroups + 1) *
		sizeof *row);

	l->row = row;
	if (!row)
		return lam_fail_mem(e);
	memset(row, 0xff, s->ngroups * sizeof *row);
	if (!s->gid && s->n)
		row[0] = a->state->kind == LAM_LAST ? s->n - 1 : 0;
	if (!s->gid)
		return LAM_OK;
	if (a->state->kind == LAM_LAST)
		for (uint32_t i = 0; i < s->n; i++)
			row[s->gid[i]] = i;
	else
		for (uint32_t i = s->n; i-- > 0;)
			row[s->gid[i]] = i;
	return LAM_OK;
}

/* Components: position (NULL: no value), value. */
static int
merge_rows(struct lam_agg *a, struct lam_batch_groups *s, struct local *l,
	const struct lam_vec *v, struct lam_error *e)
{
	struct lam_batch_groups *own =
		LAM_ARENA_NEW(s->arena, struct lam_batch_groups, 1);
	struct lam_vec *pos = LAM_ARENA_NEW(s->arena, struct lam_vec, 1);
	uint16_t *sel = lam_arena_alloc(s->arena, (s->n + 1) * sizeof *sel);
	struct lam_ordinals o;
	int rc;

	if (!own || !pos || !sel)
		return lam_fail_mem(e);
	rc = lam_batch_groups_not_null(s, &v[0], own, pos, e);
	if (rc)
		return rc;
	l->value = v[1];
	if (own->n < s->n && !lam_vec_take(&v[1], sel, lam_not_null(&v[0],
		sel), s->arena, &l->value))
		return lam_fail_mem(e);
	l->pos = pos;
	a->rows = own;
	rc = lam_ordinals_init(&o, pos, a->state->kind == LAM_LAST, s->arena,
		e);
	return rc ? rc : lam_batch_min(&o, &l->value, own, &l->row, e);
}

static int
first_update(struct lam_agg *a, struct lam_batch_groups *s,
	const struct lam_vec *v, struct lam_error *e)
{
	struct local *l = LAM_ARENA_NEW(s->arena, struct local, 1);
	uint16_t *sel;

	if (!l)
		return lam_fail_mem(e);
	a->local = l;
	a->rows = s;
	if (a->state->merge)
		return merge_rows(a, s, l, v, e);
	l->value = v[0];
	if (lam_may_be_null(v)) {
		sel = lam_arena_alloc(s->arena, (s->n + 1) * sizeof *sel);
		if (!sel)
			return lam_fail_mem(e);
		a->nulls += s->n - lam_not_null(v, sel);
	}
	return find_rows(a, s, l, e);
}

static int
offer(struct lam_agg *a, char *slot, uint64_t pos, const struct lam_scalar *x,
	struct lam_error *e)
{
	struct slot *k = (struct slot *)(void *)slot;
	struct lam_scalar old;
	int c = -1;

	if (lam_agg_value_get(&k->value, x->type, &old)) {
		c = (pos > k->pos) - (pos < k->pos);
		c = a->state->kind == LAM_LAST ? -c : c;
		c = c ? c : lam_scalar_cmp(x, &old);
	}
	if (c >= 0)
		return LAM_OK;
	k->pos = pos;
	return lam_agg_value_set(a, &k->value, x) ? LAM_OK : lam_fail_mem(e);
}

/* A position is an integer from 0 to INT64_MAX. */
static bool
position(struct lam_num x, uint64_t *pos)
{
	x = lam_num_normal(x);
	*pos = (uint64_t)x.m;
	return x.scale == 0 && x.m >= 0 && x.m <= INT64_MAX;
}

static int
first_flush(struct lam_agg *a, const uint32_t *group, char *const *slot,
	uint32_t n, struct lam_error *e)
{
	const struct local *l = a->local;
	struct lam_scalar x;
	uint64_t pos;
	int rc = LAM_OK;

	for (uint32_t i = 0; !rc && i < n; i++) {
		uint32_t row = l->row[group[i]];

		if (row == LAM_NO_ROW)
			continue;
		pos = l->pos ? 0 : lam_batch_groups_pos(a->rows, row);
		if (l->pos && !position(lam_vec_num(l->pos, row), &pos))
			return lam_agg_bad(a, e);
		x = lam_scalar_of(&l->value, row);
		rc = offer(a, slot[i], pos, &x, e);
	}
	return rc;
}

static int
first_merge(struct lam_agg *a, char *slot, const struct lam_agg *from,
	const char *other, struct lam_error *e)
{
	struct slot k;
	struct lam_scalar x;

	(void)from;
	memcpy(&k, other, sizeof k);
	if (!lam_agg_value_get(&k.value, a->state->type[1], &x))
		return LAM_OK;
	return offer(a, slot, k.pos, &x, e);
}

static int
first_parse(struct lam_agg *a, char *slot, const struct lam_str *field,
	struct lam_error *e)
{
	struct lam_scalar pos, x;
	uint64_t at;

	if (!lam_scalar_parse(LAM_NUMBER, field[0], &pos) ||
		!lam_scalar_parse(a->state->type[1], field[1], &x) ||
		(pos.null && !x.null) ||
		(!pos.null && !position(pos.num, &at)))
		return lam_agg_bad(a, e);
	return pos.null ? LAM_OK : offer(a, slot, at, &x, e);
}

static int
first_components(uint32_t s, const struct lam_ref *row, uint32_t n, unsigned c,
	struct lam_arena *arena, struct lam_vec *out, struct lam_error *e)
{
	struct lam_number_builder col;
	struct slot k;

	if (c == 1)
		return lam_agg_value_components(s, offsetof(struct slot, value),
			lam_ref_agg(row, s)->state->type[1], row, n, arena,
			out, e);
	if (!lam_number_builder_init(&col, n, arena))
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++) {
		memcpy(&k, row[i].rec + lam_ref_agg(&row[i], s)->at, sizeof k);
		if (k.value.tag == LAM_AGG_VALUE_NONE)
			lam_number_builder_null(&col, i);
		else
			lam_number_builder_set64(&col, i, (int64_t)k.pos, 0);
	}
	return lam_number_builder_vec(&col, out, e);
}

const struct lam_agg_ops lam_agg_first = {
	.slot = sizeof(struct slot),
	.update = first_update,
	.flush = first_flush,
	.merge = first_merge,
	.parse = first_parse,
	.components = first_components,
};
