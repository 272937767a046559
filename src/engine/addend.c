/*
 * addend.c - sums of one vector by local group, exact
 *
 * The shape of the vector decides how little is done per row:
 *
 *	CONST	nothing: count * value
 *	FOR	the offsets are added up, packed with the count; then sum =
 *		count * base + mult * offsets, once per group
 *	DICT	the same with the values of the dictionary entries
 *	FLAT	the same with the values, if they are below 2^31
 *
 * Packed sums cannot overflow: 65536 rows of less than 2^31 are below 2^47, and
 * their count takes the 17 bits above.  Mixed signs need two sums.  Values of
 * 2^31 and more take the slow way, 128 bits per row.
 */
#include "engine/addend.h"

#include <string.h>

#include "engine/accum.h"
#include "base/hot.h"

static uint64_t *
zeros(struct lam_slice *s)
{
	return LAM_ARENA_NEW(s->arena, uint64_t, s->ngroups);
}

LAM_HOT static void
flat_range(const int64_t *v, const uint8_t *null, uint32_t n, int64_t *min,
	int64_t *max)
{
	int64_t lo = 0, hi = 0;

	for (uint32_t i = 0; i < n; i++) {
		int64_t x = null && null[i] ? 0 : v[i];

		lo = x < lo ? x : lo;
		hi = x > hi ? x : hi;
	}
	*min = lo;
	*max = hi;
}

/* The packed terms of the values of one sign. */
LAM_HOT static void
terms(const int64_t *v, const uint8_t *null, uint32_t n, bool minus,
	uint64_t *out)
{
	for (uint32_t i = 0; i < n; i++) {
		int64_t x = (int64_t)(minus ? 0 - (uint64_t)v[i] :
			(uint64_t)v[i]);
		bool take = (minus ? x > 0 : x >= 0) && !(null && null[i]);

		out[i] = take ? (uint64_t)x + LAM_ACC_ONE : 0;
	}
}

/* 128 bits per row, any vector. */
static int
slow(struct lam_addend *x, struct lam_slice *s, const struct lam_vec *v,
	struct lam_error *e)
{
	struct lam_half *h;

	x->half = LAM_ARENA_NEW(s->arena, struct lam_half,
		2 * (size_t)s->ngroups);
	if (!x->half)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < s->n; i++) {
		lam_i128 m;

		if (lam_vec_is_null(v, i))
			continue;
		m = lam_vec_num(v, i).m;
		h = &x->half[2 * (s->gid ? s->gid[i] : 0) + (m < 0)];
		/* at most 65536 values below 10^38 < 2^127: check for wrap */
		if (__builtin_add_overflow(h->sum, (lam_u128)(m < 0 ? -m : m),
			&h->sum))
			return lam_fail(e, LAM_USAGE, "overflow: more than "
				"%d digits", LAM_NUM_DIGITS);
		h->n++;
		x->rows++;
	}
	return LAM_OK;
}

static int
one_value(struct lam_addend *x, struct lam_slice *s, const struct lam_vec *v,
	struct lam_error *e)
{
	const struct lam_vec *d = v->dict;
	const uint32_t *count;
	uint64_t *sum;

	if (d->null && d->null[0])
		return LAM_OK;
	if (d->wide)
		return slow(x, s, v, e);
	count = lam_slice_count(s);
	sum = zeros(s);
	if (!count || !sum)
		return lam_fail_mem(e);
	for (uint32_t g = 0; g < s->ngroups; g++)
		sum[g] = count[g] * LAM_ACC_ONE;
	x->plus = sum;
	x->base = d->i64[0];
	x->mult = 0;
	x->negative = x->base < 0;
	x->rows = s->n;
	return LAM_OK;
}

static bool
frame_fits(const struct lam_vec *v, bool *negative)
{
	lam_i128 top = v->base + (lam_i128)v->mult * v->max;

	*negative = top < 0;
	return v->max <= LAM_ACC_MAX && (v->base >= 0 || *negative);
}

/* Packed sums of a FLAT vector, or by the codes of its dictionary. */
static int
flat(struct lam_addend *x, struct lam_slice *s, const struct lam_vec *v,
	const struct lam_vec *f, struct lam_error *e)
{
	const uint16_t *code = v->rep == LAM_DICT ? v->code : NULL;
	int64_t min, max;

	flat_range(f->i64, f->null, f->n, &min, &max);
	if (max > LAM_ACC_MAX || min < -(int64_t)LAM_ACC_MAX)
		return slow(x, s, v, e);
	for (unsigned minus = 0; minus < 2; minus++) {
		uint64_t *term = lam_arena_alloc(s->arena, (f->n + 1) *
			sizeof *term), *sum = zeros(s);
		bool ok = term && sum;

		if (!ok)
			return lam_fail_mem(e);
		terms(f->i64, f->null, f->n, minus, term);
		ok = code ? lam_acc_code(s->gid, code, term, s->n, s->ngroups,
			sum, s->arena) : lam_acc_u64(s->gid, term, s->n,
			s->ngroups, sum, s->arena);
		if (!ok)
			return lam_fail_mem(e);
		*(minus ? &x->minus : &x->plus) = sum;
		if (min >= 0)
			break;
	}
	return LAM_OK;
}

/* Rows added, by their counts; and these are the counts of S if all were. */
static int
count_rows(struct lam_addend *x, struct lam_slice *s, struct lam_error *e)
{
	uint32_t *count;

	for (uint32_t g = 0; g < s->ngroups; g++) {
		x->rows += x->plus[g] >> 47;
		x->rows += x->minus ? x->minus[g] >> 47 : 0;
	}
	if (s->count || x->rows != s->n)
		return LAM_OK;
	count = LAM_ARENA_NEW(s->arena, uint32_t, s->ngroups);
	if (!count)
		return lam_fail_mem(e);
	for (uint32_t g = 0; g < s->ngroups; g++)
		count[g] = (uint32_t)((x->plus[g] >> 47) +
			(x->minus ? x->minus[g] >> 47 : 0));
	s->count = count;
	return LAM_OK;
}

int
lam_addend_init(struct lam_addend *x, struct lam_slice *s,
	const struct lam_vec *v, struct lam_error *e)
{
	bool frame = v->rep == LAM_FOR;
	const struct lam_vec *f = v;
	uint64_t *sum;
	int rc;

	memset(x, 0, sizeof *x);
	x->mult = 1;
	x->scale = v->rep == LAM_DICT || v->rep == LAM_CONST ? v->dict->scale :
		v->scale;
	if (v->rep == LAM_CONST)
		return one_value(x, s, v, e);
	if (frame && frame_fits(v, &x->negative)) {
		x->base = v->base;
		x->mult = v->mult;
		sum = zeros(s);
		if (!sum || !lam_acc_u32(s->gid, v->u32, v->null, s->n,
			s->ngroups, sum, s->arena))
			return lam_fail_mem(e);
		x->plus = sum;
		return count_rows(x, s, e);
	}
	x->negative = false;
	f = frame ? lam_vec_flat(v, s->arena) : v;
	f = v->rep == LAM_DICT ? v->dict : f;
	if (!f)
		return lam_fail_mem(e);
	rc = f->wide ? slow(x, s, v, e) : flat(x, s, frame ? f : v, f, e);
	return rc || x->half ? rc : count_rows(x, s, e);
}

static void
unpack(const struct lam_addend *x, uint64_t packed, struct lam_half *out)
{
	uint64_t u = packed & (LAM_ACC_ONE - 1);
	lam_i128 v;

	out->n = (uint32_t)(packed >> 47);
	v = (lam_i128)x->base * out->n + (lam_i128)x->mult * (lam_i128)u;
	out->sum = (lam_u128)(v < 0 ? -v : v);
}

void
lam_addend_get(const struct lam_addend *x, uint32_t g, struct lam_half *plus,
	struct lam_half *minus)
{
	struct lam_half none = { 0, 0 };

	*plus = *minus = none;
	if (x->half) {
		*plus = x->half[2 * (size_t)g];
		*minus = x->half[2 * (size_t)g + 1];
		return;
	}
	if (x->plus)
		unpack(x, x->plus[g], x->negative ? minus : plus);
	if (x->minus)
		unpack(x, x->minus[g], minus);
}
