/*
 * agg_sum.c - SUM: exact sums of the positive and of the negative values
 *
 * Slot: two halves of 64 bits: 0, there was none; s + 1 for a sum s / 10^scale
 * below 2^62; else the top bit and the index of a number in `big`.  The scale
 * is the same for all slots of the table: the largest seen, so that folding is
 * one addition.  When a block brings a larger one (its first price with three
 * decimals) all slots are rescaled, at most 38 times in a table's life.
 *
 * A half fails when it needs more than 38 digits.  Halves only grow, so if one
 * order of merging fails, all do.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/accum.h"
#include "engine/addend.h"
#include "engine/agg.h"
#include "engine/group.h"
#include "engine/kernels.h"
#include "base/hot.h"

#define BIG (UINT64_C(1) << 63)
#define SMALL (UINT64_C(1) << 62)

struct sums {
	uint8_t scale;
	struct lam_num *big;
	size_t nbig, cap;
};

struct slot {
	uint64_t half[2];
};

static int
sum_init(struct lam_agg *a, struct lam_error *e)
{
	a->own = calloc(1, sizeof(struct sums));
	a->digits = 19;
	return a->own ? LAM_OK : lam_fail_mem(e);
}

static void
sum_release(struct lam_agg *a)
{
	struct sums *o = a->own;

	if (o)
		lam_mem_free(a->mem, o->big, o->cap, sizeof *o->big);
	free(o);
	a->own = NULL;
}

static int
overflow(const struct lam_agg *a, struct lam_error *e)
{
	if (a->state->arg[0])
		return lam_fail_at(e, a->state->arg[0], "%s: overflow: more "
			"than %d digits", a->state->label, LAM_NUM_DIGITS);
	return lam_fail(e, LAM_USAGE, "%s: overflow: more than %d digits",
		a->state->label, LAM_NUM_DIGITS);
}

/* The value of a half; false: none. */
static bool
get(const struct lam_agg *a, uint64_t half, struct lam_num *out)
{
	const struct sums *o = a->own;

	if (half & BIG)
		*out = o->big[half & ~BIG];
	else
		*out = (struct lam_num){ half ? (lam_i128)half - 1 : 0,
			o->scale };
	return half != 0;
}

/* Keep X, which is not small, in HALF. */
static int
put_big(struct lam_agg *a, uint64_t *half, struct lam_num x,
	struct lam_error *e)
{
	struct sums *o = a->own;
	struct lam_num *p;
	unsigned digits = 0;

	if (!(*half & BIG)) {
		p = lam_mem_grow(a->mem, o->big, &o->cap, o->nbig + 1,
			sizeof *p);
		if (!p)
			return lam_fail_mem(e);
		o->big = p;
		*half = BIG | o->nbig++;
	}
	o->big[*half & ~BIG] = x;
	while (digits < LAM_NUM_DIGITS && x.m >= lam_pow10[digits])
		digits++;
	a->digits = digits > a->digits ? digits : a->digits;
	a->scale = x.scale > a->scale ? x.scale : a->scale;
	return LAM_OK;
}

/* All slots to a larger scale. */
static int
rescale(struct lam_agg *a, uint8_t scale, struct lam_error *e)
{
	struct sums *o = a->own;
	const struct lam_table *t = a->table;
	lam_u128 f = (lam_u128)lam_pow10[scale - o->scale];
	int rc = LAM_OK;

	for (uint32_t g = 0; !rc && g < t->n; g++) {
		struct slot *s = (struct slot *)(void *)(lam_table_rec(t, g) +
			a->at);

		for (unsigned h = 0; !rc && h < 2; h++) {
			struct lam_num x;

			if (!s->half[h] || s->half[h] & BIG)
				continue;
			get(a, s->half[h], &x);
			if (f < SMALL && (lam_u128)x.m * f < SMALL)
				s->half[h] = (uint64_t)x.m * (uint64_t)f + 1;
			else
				rc = put_big(a, &s->half[h],
					lam_num_normal(x), e);
		}
	}
	o->scale = scale;
	a->scale = scale > a->scale ? scale : a->scale;
	return rc;
}

/* Add X to a half, the general case. */
static int
add_num(struct lam_agg *a, uint64_t *half, struct lam_num x,
	struct lam_error *e)
{
	struct sums *o = a->own;
	struct lam_num sum, fixed;
	int rc;

	x = lam_num_normal(x);
	if (x.m < 0)
		return lam_agg_bad(a, e);
	if (x.scale > o->scale && x.scale <= 18) {
		rc = rescale(a, (uint8_t)x.scale, e);
		if (rc)
			return rc;
	}
	get(a, *half, &sum);
	if (!lam_num_add(lam_num_normal(sum), x, &sum))
		return overflow(a, e);
	sum = lam_num_normal(sum);
	if (!(*half & BIG) && sum.scale <= o->scale &&
		lam_num_rescale(sum, o->scale, &fixed) &&
		fixed.m < (lam_i128)SMALL) {
		*half = (uint64_t)fixed.m + 1;
		return LAM_OK;
	}
	return put_big(a, half, sum, e);
}

static int
add_half(struct lam_agg *a, uint64_t *half, const struct lam_half *x,
	uint8_t scale, uint64_t factor, struct lam_error *e)
{
	lam_u128 sum;
	uint64_t v;

	if (!x->n)
		return LAM_OK;
	if (LAM_LIKELY(factor && x->sum < SMALL && *half < SMALL &&
		!__builtin_mul_overflow((uint64_t)x->sum, factor, &v) &&
		v < SMALL && v + *half < SMALL)) {
		*half += v + (*half == 0);
		return LAM_OK;
	}
	for (sum = x->sum; scale && sum % 10 == 0; scale--)
		sum /= 10;
	if (sum >= (lam_u128)lam_pow10[LAM_NUM_DIGITS])
		return overflow(a, e);
	return add_num(a, half, (struct lam_num){ (lam_i128)sum, scale }, e);
}

int
lam_agg_sum_given(struct lam_agg *a, struct lam_slice *s,
	struct lam_addend *x, struct lam_error *e)
{
	const struct sums *o = a->own;
	int rc = LAM_OK;

	a->slice = s;
	a->local = x;
	a->nulls += s->n - x->rows;
	if (x->scale > o->scale && x->scale <= 18 && x->rows)
		rc = rescale(a, x->scale, e);
	return rc;
}

/* Two addends where components are merged: of plus, and of minus. */
static int
sum_accumulate(struct lam_agg *a, struct lam_slice *s, const struct lam_vec *v,
	struct lam_error *e)
{
	struct lam_addend *x = LAM_ARENA_NEW(s->arena, struct lam_addend, 2);
	const struct sums *o = a->own;
	struct lam_error why = LAM_ERROR_INIT;
	int rc = LAM_OK;

	if (!x)
		return lam_fail_mem(e);
	a->slice = s;
	a->local = x;
	for (unsigned i = 0; i < (a->state->merge ? 2u : 1u); i++) {
		rc = lam_addend_init(&x[i], s, &v[i], &why);
		if (rc)
			return rc == LAM_USAGE ? overflow(a, e) :
				lam_fail_mem(e);
		if (!a->state->merge)
			return lam_agg_sum_given(a, s, x, e);
		if (x[i].scale > o->scale && x[i].scale <= 18 && x[i].rows)
			rc = rescale(a, x[i].scale, e);
		if (rc)
			return rc;
	}
	return rc;
}

/*
 * The common case: packed sums of values that are not negative and small
 * enough that no step of count * base + mult * sum can overflow.  Returns how
 * many groups were folded before one needs the general way.
 */
static uint32_t
fold_packed(const struct lam_agg *a, const struct lam_addend *x, unsigned half,
	const uint32_t *group, char *const *slot, uint32_t n)
{
	const struct sums *o = a->own;
	uint64_t base = (uint64_t)x->base, mult = (uint64_t)x->mult, up;
	uint32_t i;

	if (!x->plus || x->minus || x->base < 0 || x->scale > o->scale ||
		o->scale - x->scale > 9 || base >> 14 || mult >> 14)
		return 0;
	/* sum below 2^47, count below 2^17; 2^61 * 10^9 would overflow */
	up = (uint64_t)lam_pow10[o->scale - x->scale];
	for (i = 0; i < n; i++) {
		struct slot *s = (struct slot *)(void *)slot[i];
		uint64_t packed = x->plus[group[i]], v;
		uint64_t *h = &s->half[half];

		v = (packed >> 47) * base + (packed & (LAM_ACC_ONE - 1)) *
			mult;
		if (v >> 31 && (up > 1 || v >= SMALL))
			break;
		v *= up;
		if (*h + v >= SMALL)
			break;
		*h += packed >> 47 ? v + (*h == 0) : 0;
	}
	return i;
}

static int
fold_addend(struct lam_agg *a, const struct lam_addend *x, bool second,
	const uint32_t *group, char *const *slot, uint32_t n,
	struct lam_error *e)
{
	const struct sums *o = a->own;
	uint64_t factor = x->scale > o->scale ? 0 :
		(uint64_t)lam_pow10[o->scale - x->scale];
	bool merge = a->state->merge;
	struct lam_half plus, minus;
	int rc = LAM_OK;

	if (!x->rows)
		return LAM_OK;
	for (uint32_t i = fold_packed(a, x, second, group, slot, n); !rc &&
		i < n; i++) {
		struct slot *s = (struct slot *)(void *)slot[i];

		lam_addend_get(x, group[i], &plus, &minus);
		if (merge && minus.n)
			return lam_agg_bad(a, e);
		rc = add_half(a, &s->half[second], &plus, x->scale, factor, e);
		if (!rc && minus.n)
			rc = add_half(a, &s->half[1], &minus, x->scale, factor,
				e);
	}
	return rc;
}

static int
sum_fold(struct lam_agg *a, const uint32_t *group, char *const *slot,
	uint32_t n, struct lam_error *e)
{
	const struct lam_addend *x = a->local;
	int rc = fold_addend(a, x, false, group, slot, n, e);

	if (!rc && a->state->merge)
		rc = fold_addend(a, x + 1, true, group, slot, n, e);
	return rc;
}

static int
sum_merge(struct lam_agg *a, char *slot, const struct lam_agg *from,
	const char *other, struct lam_error *e)
{
	struct slot *to = (struct slot *)(void *)slot, x;
	const struct sums *o = a->own, *f = from->own;
	struct lam_num v;
	int rc = LAM_OK;

	memcpy(&x, other, sizeof x);
	for (unsigned h = 0; !rc && h < 2; h++) {
		uint64_t sum = to->half[h] + x.half[h];

		if (!x.half[h])
			continue;
		if (o->scale == f->scale && to->half[h] < SMALL &&
			x.half[h] < SMALL && sum < SMALL) {
			to->half[h] = sum - (to->half[h] != 0);
			continue;
		}
		get(from, x.half[h], &v);
		rc = add_num(a, &to->half[h], v, e);
	}
	return rc;
}

static int
sum_parse(struct lam_agg *a, char *slot, const struct lam_str *field,
	struct lam_error *e)
{
	struct slot *to = (struct slot *)(void *)slot;
	struct lam_value v;
	int rc = LAM_OK;

	for (unsigned h = 0; !rc && h < 2; h++) {
		if (!lam_value_parse(LAM_NUMBER, field[h], &v))
			return lam_agg_bad(a, e);
		if (!v.null)
			rc = add_num(a, &to->half[h], v.num, e);
	}
	return rc;
}

static int
sum_emit(uint32_t s, const struct lam_ref *row, uint32_t n, unsigned c,
	struct lam_arena *arena, struct lam_vec *out, struct lam_error *e)
{
	struct lam_numcol col;

	if (!lam_numcol_init(&col, n, arena))
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++) {
		const struct lam_agg *a = lam_ref_agg(&row[i], s);
		const struct sums *o = a->own;
		struct slot x;

		memcpy(&x, row[i].rec + a->at, sizeof x);
		if (!x.half[c])
			lam_numcol_null(&col, i);
		else if (!(x.half[c] & BIG))
			lam_numcol_set64(&col, i, (int64_t)x.half[c] - 1,
				o->scale);
		else if (!lam_numcol_set(&col, i, o->big[x.half[c] & ~BIG]))
			return lam_fail_mem(e);
	}
	return lam_numcol_vec(&col, out, e);
}

/* plus - minus */
static int
sum_final(uint32_t s, const struct lam_ref *row, uint32_t n,
	const struct lam_expr *x, struct lam_arena *arena, struct lam_vec *out,
	struct lam_error *e)
{
	struct lam_numcol col;
	struct lam_num plus, minus;

	(void)x;
	if (!lam_numcol_init(&col, n, arena))
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++) {
		const struct lam_agg *a = lam_ref_agg(&row[i], s);
		const struct sums *o = a->own;
		struct slot v;

		memcpy(&v, row[i].rec + a->at, sizeof v);
		if (!v.half[0] && !v.half[1]) {
			lam_numcol_null(&col, i);
			continue;
		}
		if (!((v.half[0] | v.half[1]) & BIG)) {
			int64_t m = v.half[0] ? (int64_t)v.half[0] - 1 : 0;

			m -= v.half[1] ? (int64_t)v.half[1] - 1 : 0;
			lam_numcol_set64(&col, i, m, o->scale);
			continue;
		}
		get(a, v.half[0], &plus);
		get(a, v.half[1], &minus);
		if (!lam_num_sub(lam_num_normal(plus), lam_num_normal(minus),
			&plus))
			return overflow(a, e);
		if (!lam_numcol_set(&col, i, plus))
			return lam_fail_mem(e);
	}
	return lam_numcol_vec(&col, out, e);
}

const struct lam_agg_ops lam_agg_sum = {
	.slot = sizeof(struct slot),
	.init = sum_init,
	.release = sum_release,
	.accumulate = sum_accumulate,
	.fold = sum_fold,
	.merge = sum_merge,
	.parse = sum_parse,
	.emit = sum_emit,
	.final = sum_final,
};
