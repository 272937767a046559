/*
 * agg_bits.c - BIT_AND, BIT_OR, BIT_XOR: whole numbers of 64 bits, bit by bit
 *
 * Slot: the bits, and whether there was a number.
 */
#include <string.h>

#include "group/agg.h"
#include "group/group_table.h"

struct slot {
	int64_t bits;
	uint64_t any;
};

struct local {
	struct slot *group; /* by group */
	bool bad;	    /* merge: a component is no such number */
};

static void
fold(uint8_t kind, struct slot *s, int64_t v)
{
	if (!s->any)
		s->bits = v;
	else if (kind == LAM_BIT_AND)
		s->bits &= v;
	else if (kind == LAM_BIT_OR)
		s->bits |= v;
	else
		s->bits ^= v;
	s->any = 1;
}

/* V as such a number; false: it is none. */
static bool
whole(struct lam_num v, int64_t *out)
{
	v = lam_num_normal(v);
	*out = (int64_t)v.m;
	return v.scale == 0 && *out == v.m;
}

static int
bits_update(struct lam_agg *a, struct lam_batch_groups *s,
	const struct lam_vec *v, struct lam_error *e)
{
	struct local *l = LAM_ARENA_NEW(s->arena, struct local, 1);
	const struct lam_vec *f = lam_vec_flat(v, s->arena);
	int64_t x;

	if (l)
		l->group = LAM_ARENA_NEW(s->arena, struct slot, s->ngroups);
	if (!l || !f || !l->group)
		return lam_fail_mem(e);
	a->local = l;
	a->rows = s;
	for (uint32_t i = 0; i < s->n; i++) {
		if (f->null && f->null[i]) {
			a->nulls += !a->state->merge;
			continue;
		}
		if (f->wide || f->scale)
			l->bad |= !whole(lam_vec_num(f, i), &x);
		else
			x = f->i64[i];
		fold(a->state->kind, &l->group[s->gid ? s->gid[i] : 0], x);
	}
	return l->bad ? lam_agg_bad(a, e) : LAM_OK;
}

static int
bits_flush(struct lam_agg *a, const uint32_t *group, char *const *slot,
	uint32_t n, struct lam_error *e)
{
	const struct local *l = a->local;

	(void)e;
	for (uint32_t i = 0; i < n; i++)
		if (l->group[group[i]].any)
			fold(a->state->kind, (struct slot *)(void *)slot[i],
				l->group[group[i]].bits);
	return LAM_OK;
}

static int
bits_merge(struct lam_agg *a, char *slot, const struct lam_agg *from,
	const char *other, struct lam_error *e)
{
	struct slot s;

	(void)from;
	(void)e;
	memcpy(&s, other, sizeof s);
	if (s.any)
		fold(a->state->kind, (struct slot *)(void *)slot, s.bits);
	return LAM_OK;
}

static int
bits_parse(struct lam_agg *a, char *slot, const struct lam_str *field,
	struct lam_error *e)
{
	struct lam_scalar v;
	int64_t x;

	if (!lam_scalar_parse(LAM_NUMBER, field[0], &v) ||
		(!v.null && !whole(v.num, &x)))
		return lam_agg_bad(a, e);
	if (!v.null)
		fold(a->state->kind, (struct slot *)(void *)slot, x);
	return LAM_OK;
}

static int
bits_components(uint32_t s, const struct lam_ref *row, uint32_t n, unsigned c,
	struct lam_arena *arena, struct lam_vec *out, struct lam_error *e)
{
	int64_t *m = LAM_ARENA_NEW(arena, int64_t, n + 1);
	uint8_t *null = LAM_ARENA_NEW(arena, uint8_t, n + 1);
	struct slot k;

	(void)c;
	if (!m || !null)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++) {
		memcpy(&k, row[i].rec + lam_ref_agg(&row[i], s)->at, sizeof k);
		null[i] = !k.any;
		m[i] = k.bits;
	}
	*out = (struct lam_vec){ .type = LAM_NUMBER, .rep = LAM_FLAT, .n = n,
		.i64 = m, .null = null };
	return LAM_OK;
}

static int
bits_finalize(uint32_t s, const struct lam_ref *row, uint32_t n,
	const struct lam_expr *x, struct lam_arena *arena, struct lam_vec *out,
	struct lam_error *e)
{
	(void)x;
	return bits_components(s, row, n, 0, arena, out, e);
}

const struct lam_agg_ops lam_agg_bits = {
	.slot = sizeof(struct slot),
	.update = bits_update,
	.flush = bits_flush,
	.merge = bits_merge,
	.parse = bits_parse,
	.components = bits_components,
	.finalize = bits_finalize,
};
