/*
 * batch_min.c - the row with the least (or greatest) value, by local group
 *
 * One 64-bit integer per value decides most comparisons: an integer or a time
 * itself, the first 8 bytes of a text, the whole part of a wide number as far as it
 * fits.  With a dictionary the integers are made once per entry.
 */
#include "group/batch_min.h"

#include <string.h>

#include "base/hot.h"

#define SIGN (UINT64_C(1) << 63)

static uint64_t
prefix(struct lam_str s)
{
	char b[8] = { 0 };

	memcpy(b, s.p ? s.p : b, s.n < 8 ? s.n : 8);
	return __builtin_bswap64(lam_get64(b));
}

static int64_t
whole(struct lam_num v)
{
	lam_i128 w = v.m / lam_pow10[v.scale];

	return w > INT64_MAX ? INT64_MAX : w < INT64_MIN ? INT64_MIN :
		(int64_t)w;
}

LAM_HOT static void
integer_keys(const int64_t *v, uint32_t n, uint64_t flip, uint64_t *key)
{
	for (uint32_t i = 0; i < n; i++)
		key[i] = (uint64_t)v[i] ^ flip;
}

LAM_HOT static void
frame_keys(const uint32_t *u, uint32_t n, uint64_t flip, uint64_t *key)
{
	for (uint32_t i = 0; i < n; i++)
		key[i] = u[i] ^ flip;
}

static void
flat_keys(const struct lam_vec *f, uint64_t flip, uint64_t *key)
{
	if (f->type == LAM_NUMBER && !f->wide) {
		integer_keys(f->i64, f->n, flip ^ SIGN, key);
		return;
	}
	for (uint32_t i = 0; i < f->n; i++) {
		if (f->null && f->null[i])
			key[i] = 0;
		else if (f->type == LAM_TEXT)
			key[i] = prefix(f->str[i]) ^ flip;
		else if (f->type == LAM_NUMBER)
			key[i] = (uint64_t)whole(f->num[i]) ^ flip ^ SIGN;
		else if (f->type == LAM_TIME)
			key[i] = (uint64_t)f->i64[i] ^ flip ^ SIGN;
		else
			key[i] = f->bit[i] ^ flip;
	}
}

int
lam_ordinals_init(struct lam_ordinals *o, const struct lam_vec *v,
	bool descending, struct lam_arena *arena, struct lam_error *e)
{
	bool coded = v->rep == LAM_DICT || v->rep == LAM_CONST;
	const struct lam_vec *f = coded ? v->dict : v;
	uint64_t flip = descending ? UINT64_MAX : 0;
	uint64_t *key = lam_arena_alloc(arena, (f->n + 1) * sizeof *key);
	uint16_t *code;

	memset(o, 0, sizeof *o);
	o->v = v;
	o->exact = f->type != LAM_TEXT && !f->wide;
	o->descending = descending;
	o->key = key;
	if (!key)
		return lam_fail_mem(e);
	if (v->rep == LAM_FOR)
		frame_keys(v->u32, v->n, flip, key);
	else
		flat_keys(f, flip, key);
	if (v->rep == LAM_DICT)
		o->code = v->code;
	if (v->rep == LAM_CONST) {
		code = LAM_ARENA_NEW(arena, uint16_t, v->n);
		if (!code)
			return lam_fail_mem(e);
		o->code = code;
	}
	return LAM_OK;
}

/* Rows X and Y have the same ordinal: does X come first? */
static bool
before(const struct lam_ordinals *o, const struct lam_vec *then, uint32_t x,
	uint32_t y)
{
	struct lam_scalar a, b;
	int c = 0;

	if (!o->exact && !(o->code && o->code[x] == o->code[y])) {
		a = lam_scalar_of(o->v, x);
		b = lam_scalar_of(o->v, y);
		c = lam_scalar_cmp(&a, &b);
		c = o->descending ? -c : c;
	}
	if (c || !then)
		return c < 0;
	if (then->rep == LAM_CONST ||
		(then->rep == LAM_DICT && then->code[x] == then->code[y]))
		return false;
	a = lam_scalar_of(then, x);
	b = lam_scalar_of(then, y);
	return lam_scalar_cmp(&a, &b) < 0;
}

LAM_O3 int
lam_batch_min(const struct lam_ordinals *o, const struct lam_vec *then,
	const struct lam_batch_groups *s, uint32_t **out, struct lam_error *e)
{
	uint32_t *best = lam_arena_alloc(s->arena, (s->ngroups + 1) *
		sizeof *best);
	uint64_t *least = lam_arena_alloc(s->arena, (s->ngroups + 1) *
		sizeof *least);
	bool ties = !o->exact || then;

	*out = best;
	if (!best || !least)
		return lam_fail_mem(e);
	memset(best, 0xff, s->ngroups * sizeof *best);
	memset(least, 0xff, s->ngroups * sizeof *least);
	for (uint32_t i = 0; i < s->n; i++) {
		uint64_t key = o->key[o->code ? o->code[i] : i];
		uint32_t g = s->gid ? s->gid[i] : 0;

		if (key > least[g])
			continue;
		if (key == least[g] && best[g] != LAM_NO_ROW &&
			!(ties && before(o, then, i, best[g])))
			continue;
		least[g] = key;
		best[g] = i;
	}
	return LAM_OK;
}
