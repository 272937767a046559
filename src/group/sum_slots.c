/*
 * sum_slots.c - the sums of groups, as SUM keeps them in their records
 *
 * A sum is read from where it is, in 128 bits, changed, and put where it fits.
 */
#include "group/sum_slots.h"

#include <string.h>

#include "group/group_table.h"

#define BIAS LAM_SUM_BIAS_LARGE
#define LIMIT ((lam_i128)1 << 125)

void
lam_sum_slots_release(struct lam_sum_slots *o)
{
	lam_mem_free(o->mem, o->large, o->large_cap, sizeof *o->large);
	lam_mem_free(o->mem, o->wide, o->wide_cap, sizeof *o->wide);
}

static bool
fits(lam_i128 v, lam_i128 limit)
{
	return v < limit && v > -limit;
}

/* The place in large[] of the sum at P; it gets one if it has none.  NULL: memory. */
static struct lam_sum_large *
large(struct lam_sum_slots *o, char *p)
{
	uint64_t x = lam_get64(p);
	struct lam_sum_large *l;

	if (x & LAM_SUM_LARGE)
		return &o->large[x & ~LAM_SUM_LARGE];
	l = lam_mem_grow(o->mem, o->large, &o->large_cap, o->nlarge + 1,
		sizeof *l);
	if (!l)
		return NULL;
	o->large = l;
	lam_put64(p, LAM_SUM_LARGE | o->nlarge);
	return &l[o->nlarge++];
}

/* V, below LIMIT either way, becomes the sum at P, which is not wide. */
static int
put(struct lam_sum_slots *o, char *p, lam_i128 v, struct lam_error *e)
{
	struct lam_sum_large *l;

	if (!(lam_get64(p) & LAM_SUM_LARGE) && fits(v, LAM_SUM_LIMIT)) {
		lam_put64(p, LAM_SUM_BIAS + (uint64_t)v);
		return LAM_OK;
	}
	l = large(o, p);
	if (!l)
		return lam_fail_mem(e);
	*l = (struct lam_sum_large){ (uint64_t)v, (uint64_t)((BIAS +
		(lam_u128)v) >> 64) };
	return LAM_OK;
}

/* The exact sum at P, made from what it holds if need be. */
static int
widen(struct lam_sum_slots *o, char *p, struct lam_sum **out,
	struct lam_error *e)
{
	struct lam_slot_sum s = lam_sum_slot_get(o, p);
	struct lam_sum_large *l;
	struct lam_sum *w;

	if (!s.wide) {
		w = lam_mem_grow(o->mem, o->wide, &o->wide_cap, o->nwide + 1,
			sizeof *w);
		if (w)
			o->wide = w;
		l = w ? large(o, p) : NULL;
		if (!l)
			return lam_fail_mem(e);
		memset(&w[o->nwide], 0, sizeof *w);
		if (s.any)
			lam_sum_add(&w[o->nwide], s.num);
		*l = (struct lam_sum_large){ o->nwide++, LAM_SUM_LARGE };
	}
	*out = &o->wide[large(o, p)->low];
	return LAM_OK;
}

int
lam_sum_slots_rescale(struct lam_sum_slots *o, const struct lam_agg *a,
	uint8_t scale, struct lam_error *e)
{
	const struct lam_group_table *t = a->table;
	lam_i128 f = lam_pow10[scale - o->scale], v;
	struct lam_sum *wide;
	int rc = LAM_OK;

	for (uint32_t g = 0; !rc && g < t->n; g++) {
		char *p = lam_group_table_rec(t, g) + a->at;
		struct lam_slot_sum s = lam_sum_slot_get(o, p);

		if (!s.any || s.wide)
			continue;
		rc = __builtin_mul_overflow(s.num.m, f, &v) || !fits(v, LIMIT) ?
			widen(o, p, &wide, e) : put(o, p, v, e);
	}
	o->scale = scale;
	return rc;
}

int
lam_sum_slot_add(struct lam_sum_slots *o, char *p, struct lam_num x,
	struct lam_error *e)
{
	struct lam_slot_sum s = lam_sum_slot_get(o, p);
	lam_i128 now = s.any ? s.num.m : 0, v;
	struct lam_sum *wide;
	int rc;

	if (x.scale <= o->scale && !s.wide && !__builtin_mul_overflow(x.m,
		lam_pow10[o->scale - x.scale], &v) && fits(v, LIMIT) &&
		fits(now + v, LIMIT))
		return put(o, p, now + v, e);
	rc = widen(o, p, &wide, e);
	if (!rc)
		lam_sum_add(wide, x);
	return rc;
}

int
lam_sum_slot_merge(struct lam_sum_slots *o, char *p, const struct lam_sum *x,
	struct lam_error *e)
{
	struct lam_sum *wide;
	int rc = widen(o, p, &wide, e);

	if (!rc)
		lam_sum_merge(wide, x);
	return rc;
}
