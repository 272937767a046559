/*
 * sum_slots.h - the sums of groups, as SUM keeps them in their records
 *
 * Slot: 64 bits, as what groups have in memory is most of their time.  0: there was no
 * value.  Else v + 2^62 for a sum v / 10^scale with |v| < 2^61; or, the top bit set,
 * the index in large[], which has 128 bits of the same kind: v + 2^126 with
 * |v| < 2^125, or, the top bit set, the index of an exact sum (base/sum.h) in wide[].
 * The scale is the same for all slots of a table, the largest seen up to
 * LAM_SUM_SCALE, so that adding needs no other.
 *
 * A sum that does not fit becomes large, or wide, and stays so; that does not show, as
 * what is made of it depends on the value alone.
 */
#ifndef LAM_GROUP_SUM_SLOTS_H
#define LAM_GROUP_SUM_SLOTS_H

#include "base/sum.h"
#include "group/agg.h"

#define LAM_SUM_SCALE 18

#define LAM_SUM_LARGE (UINT64_C(1) << 63)
#define LAM_SUM_BIAS (UINT64_C(1) << 62)
#define LAM_SUM_LIMIT (UINT64_C(1) << 61)
#define LAM_SUM_BIAS_LARGE ((lam_u128)1 << 126)

struct lam_sum_large {
	uint64_t low, high;
};

/* What the slots of an aggregate share; zeros to begin with. */
struct lam_sum_slots {
	uint8_t scale;
	struct lam_sum_large *large;
	struct lam_sum *wide;
	size_t nlarge, large_cap, nwide, wide_cap;
	struct lam_mem *mem;
};

void lam_sum_slots_release(struct lam_sum_slots *o);

/* All slots of A's table, whose SLOTS these are, to a larger scale. */
int lam_sum_slots_rescale(struct lam_sum_slots *o, const struct lam_agg *a,
	uint8_t scale, struct lam_error *e) LAM_MUST;

/* The sum of a slot. */
struct lam_slot_sum {
	bool any;		/* else there was no value */
	const struct lam_sum *wide; /* NULL: it is num */
	struct lam_num num;
};

static inline struct lam_slot_sum
lam_sum_slot_get(const struct lam_sum_slots *o, const char *p)
{
	uint64_t x = lam_get64(p);
	struct lam_slot_sum s = { x != 0, NULL, { (int64_t)(x - LAM_SUM_BIAS),
		o->scale } };

	if (x & LAM_SUM_LARGE) {
		const struct lam_sum_large *l = &o->large[x & ~LAM_SUM_LARGE];

		if (l->high & LAM_SUM_LARGE)
			s.wide = &o->wide[l->low];
		s.num.m = (lam_i128)(((lam_u128)l->high << 64 | l->low) -
			LAM_SUM_BIAS_LARGE);
	}
	return s;
}

/* Add V / 10^scale to the sum at P, if that stays in 64 bits. */
static inline bool
lam_sum_slot_add64(char *p, uint64_t v)
{
	uint64_t now = lam_get64(p);

	now += (uint64_t)(now == 0) * LAM_SUM_BIAS; /* no branch */
	if (v >= LAM_SUM_LIMIT || now >= LAM_SUM_LARGE ||
		now + v >= LAM_SUM_BIAS + LAM_SUM_LIMIT)
		return false;
	lam_put64(p, now + v);
	return true;
}

/* Add X, whose m may be any integer of 128 bits; or an exact sum. */
int lam_sum_slot_add(struct lam_sum_slots *o, char *p, struct lam_num x,
	struct lam_error *e) LAM_MUST;
int lam_sum_slot_merge(struct lam_sum_slots *o, char *p,
	const struct lam_sum *x, struct lam_error *e) LAM_MUST;

#endif
