/*
 * batch_sum.c - sums of one vector by local group, exact
 *
 * The shape of the vector decides how little is done per row:
 *
 *	CONST	nothing: count * value
 *	FOR	the offsets are added up, packed with the count; then sum =
 *		count * base + mult * offsets, once per group
 *	DICT	the same with the values of the dictionary entries
 *	FLAT	the same with the values, as offsets from the least if some are
 *		negative or all are large
 *
 * Offsets and codes outlive the addition of a constant: sum(x), sum(x + 1), ... are
 * of the same ones.  So their sums, or how often each code occurs, are kept for the
 * next sum of the batch.
 *
 * Packed sums cannot overflow: 65536 rows of less than 2^31 are below 2^47, and
 * their count takes the 17 bits above.  Values that are 2^31 or more apart are added
 * in 128 bits; values with scales of their own go to an exact sum.
 */
#include "group/batch_sum.h"

#include <string.h>

#include "base/hot.h"
#include "group/agg_loops.h"

static uint64_t *
zeros(struct lam_batch_groups *s)
{
	return LAM_ARENA_NEW(s->arena, uint64_t, s->ngroups);
}

LAM_HOT static void
flat_range(const int64_t *v, const uint8_t *null, uint32_t n, int64_t *min,
	int64_t *max)
{
	int64_t lo = INT64_MAX, hi = INT64_MIN;

	for (uint32_t i = 0; i < n; i++) {
		lo = !(null && null[i]) && v[i] < lo ? v[i] : lo;
		hi = !(null && null[i]) && v[i] > hi ? v[i] : hi;
	}
	*min = lo;
	*max = hi;
}

/* The packed terms of the values. */
LAM_HOT static void
terms(const int64_t *v, const uint8_t *null, uint32_t n, int64_t base,
	uint64_t *out)
{
	for (uint32_t i = 0; i < n; i++)
		out[i] = null && null[i] ? 0 : (uint64_t)v[i] -
			(uint64_t)base + LAM_LOOP_ONE;
}

static uint32_t
group_of(const struct lam_batch_groups *s, uint32_t i)
{
	return s->gid ? s->gid[i] : 0;
}

/* 128 bits per row: 65536 values below 2^63. */
static int
totals(struct lam_batch_sum *x, struct lam_batch_groups *s,
	const struct lam_vec *v, struct lam_error *e)
{
	x->total = LAM_ARENA_NEW(s->arena, struct lam_total, s->ngroups);
	if (!x->total)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < s->n; i++) {
		struct lam_total *t = &x->total[group_of(s, i)];

		if (lam_vec_is_null(v, i))
			continue;
		t->sum += lam_vec_num(v, i).m;
		t->n++;
		x->rows++;
	}
	return LAM_OK;
}

static int
exact(struct lam_batch_sum *x, struct lam_batch_groups *s,
	const struct lam_vec *v, struct lam_error *e)
{
	x->exact = LAM_ARENA_NEW(s->arena, struct lam_exact, s->ngroups);
	if (!x->exact)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < s->n; i++) {
		struct lam_exact *t = &x->exact[group_of(s, i)];

		if (lam_vec_is_null(v, i))
			continue;
		lam_sum_add(&t->sum, lam_vec_num(v, i));
		t->n++;
		x->rows++;
	}
	return LAM_OK;
}

static int
one_value(struct lam_batch_sum *x, struct lam_batch_groups *s,
	const struct lam_vec *v, struct lam_error *e)
{
	const struct lam_vec *d = v->dict;
	const uint32_t *count;
	uint64_t *sum;

	if (d->null && d->null[0])
		return LAM_OK;
	if (d->wide)
		return exact(x, s, v, e);
	count = lam_batch_groups_count(s);
	sum = zeros(s);
	if (!count || !sum)
		return lam_fail_mem(e);
	for (uint32_t g = 0; g < s->ngroups; g++)
		sum[g] = count[g] * LAM_LOOP_ONE;
	x->packed = sum;
	x->base = d->i64[0];
	x->mult = 0;
	x->rows = s->n;
	return LAM_OK;
}

/* The sum of TERM by the codes of V, all rows being one group. */
static bool
coded(struct lam_batch_groups *s, const struct lam_vec *v,
	const uint64_t *term, uint64_t *sum)
{
	uint32_t *occurs;

	if (s->summed != v->code) { /* a second sum may never come */
		s->summed = v->code;
		s->occurs = NULL;
		return lam_loop_code(NULL, v->code, term, s->n, 1, sum,
			s->arena);
	}
	if (!s->occurs) {
		occurs = LAM_ARENA_NEW(s->arena, uint32_t, v->dict->n + 1);
		if (!occurs || !lam_loop_count(v->code, s->n, v->dict->n,
			occurs, s->arena))
			return false;
		s->occurs = occurs;
	}
	for (uint32_t c = 0; c < v->dict->n; c++)
		sum[0] += s->occurs[c] * term[c];
	return true;
}

/* Packed sums of a FLAT vector, or by the codes of its dictionary. */
static int
flat(struct lam_batch_sum *x, struct lam_batch_groups *s,
	const struct lam_vec *v, const struct lam_vec *f, struct lam_error *e)
{
	const uint16_t *code = v->rep == LAM_DICT ? v->code : NULL;
	uint64_t *term, *sum;
	int64_t min, max;
	bool ok;

	flat_range(f->i64, f->null, f->n, &min, &max);
	if (min > max)
		return LAM_OK; /* nothing but NULL */
	x->base = min >= 0 && max <= LAM_LOOP_MAX ? 0 : min;
	if ((uint64_t)max - (uint64_t)x->base > LAM_LOOP_MAX)
		return totals(x, s, v, e);
	term = lam_arena_alloc(s->arena, (f->n + 1) * sizeof *term);
	sum = zeros(s);
	if (!term || !sum)
		return lam_fail_mem(e);
	terms(f->i64, f->null, f->n, x->base, term);
	ok = code && !s->gid ? coded(s, v, term, sum) :
		code ? lam_loop_code(s->gid, code, term, s->n, s->ngroups,
		sum, s->arena) : lam_loop_u64(s->gid, term, s->n, s->ngroups,
		sum, s->arena);
	x->packed = sum;
	return ok ? LAM_OK : lam_fail_mem(e);
}

/* Rows added, by their counts; and these are the counts of S if all were. */
static int
count_rows(struct lam_batch_sum *x, struct lam_batch_groups *s,
	struct lam_error *e)
{
	uint32_t *count;

	for (uint32_t g = 0; g < s->ngroups; g++)
		x->rows += x->packed[g] >> 47;
	if (s->count || x->rows != s->n)
		return LAM_OK;
	count = LAM_ARENA_NEW(s->arena, uint32_t, s->ngroups);
	if (!count)
		return lam_fail_mem(e);
	for (uint32_t g = 0; g < s->ngroups; g++)
		count[g] = (uint32_t)(x->packed[g] >> 47);
	s->count = count;
	return LAM_OK;
}

/* Packed sums of V's offsets, or those made before. */
static const uint64_t *
offsets(struct lam_batch_groups *s, const struct lam_vec *v)
{
	uint64_t *sum;

	if (s->summed == v->u32 && s->summed_null == v->null)
		return s->offsets;
	sum = zeros(s);
	if (!sum || !lam_loop_u32(s->gid, v->u32, v->null, s->n, s->ngroups,
		sum, s->arena))
		return NULL;
	s->summed = v->u32;
	s->summed_null = v->null;
	s->offsets = sum;
	return sum;
}

int
lam_batch_sum_init(struct lam_batch_sum *x, struct lam_batch_groups *s,
	const struct lam_vec *v, struct lam_error *e)
{
	const struct lam_vec *f = v->rep == LAM_DICT || v->rep == LAM_CONST ?
		v->dict : v;
	int rc;

	memset(x, 0, sizeof *x);
	x->mult = 1;
	x->scale = f->scale;
	if (v->rep == LAM_CONST)
		return one_value(x, s, v, e);
	if (f->wide)
		return exact(x, s, v, e);
	if (v->rep == LAM_FOR && v->max <= LAM_LOOP_MAX) {
		x->base = v->base;
		x->mult = v->mult;
		x->packed = offsets(s, v);
		return x->packed ? count_rows(x, s, e) : lam_fail_mem(e);
	}
	f = v->rep == LAM_FOR ? lam_vec_flat(v, s->arena) : f;
	if (!f)
		return lam_fail_mem(e);
	rc = flat(x, s, v->rep == LAM_FOR ? f : v, f, e);
	return rc || !x->packed ? rc : count_rows(x, s, e);
}

struct lam_total
lam_batch_sum_get(const struct lam_batch_sum *x, uint32_t g)
{
	struct lam_total t = { 0, 0 };
	uint64_t u;

	if (x->total)
		return x->total[g];
	if (!x->packed)
		return t;
	u = x->packed[g] & (LAM_LOOP_ONE - 1);
	t.n = (uint32_t)(x->packed[g] >> 47);
	/* below 2^63 * 2^17 + 2^63 * 2^47 */
	t.sum = (lam_i128)x->base * t.n + (lam_i128)x->mult * (lam_i128)u;
	return t;
}
