/*
 * agg_quantile.c - QUANTILE: approximate quantiles
 *
 * Slot: a sketch (quantile.h).  A batch's values are turned into buckets first,
 * once per dictionary entry or in a loop that vectorises.  Then the rows are
 * visited group by group: each group's buckets are counted in a small array,
 * with a bit map of those touched, which gives them back in order.
 *
 * A value of less than 2^53 and at most 22 decimals is converted by one exact
 * division; it gives the same double as lam_num_double, the nearest.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/hot.h"
#include "group/agg.h"
#include "group/group_table.h"
#include "group/quantile.h"

#define EXACT (INT64_C(1) << 53)

struct local {
	uint32_t *bucket;  /* by row, or by its offset */
	const uint32_t *offset; /* NULL: by row */
	uint32_t least, span;
	uint32_t *count;   /* [span] zeros at rest */
	uint64_t *touched; /* bit map of it */
	void *entry;	   /* [min(span, rows) + LAM_BUCKET_SPILL] of 64 bits */
	struct lam_vec v;
};

static int
quantile_init(struct lam_agg *a, struct lam_error *e)
{
	a->own = calloc(1, sizeof(struct lam_quantile_scratch));
	return a->own ? LAM_OK : lam_fail_mem(e);
}

static void
quantile_release(struct lam_agg *a)
{
	struct lam_quantile_scratch *w = a->own;

	if (w)
		lam_mem_free(a->mem, w->p, w->cap, sizeof *w->p);
	free(w);
	a->own = NULL;
}

LAM_HOT static void
frame_buckets(const uint32_t *u, uint32_t n, double base, double mult,
	double unit, uint32_t *out)
{
	for (uint32_t i = 0; i < n; i++) {
		double v = ((double)(int32_t)u[i] * mult + base) / unit;

		out[i] = lam_bucket(v);
	}
}

LAM_HOT static void
by_code16(const uint16_t *code, const uint32_t *from, uint32_t n,
	uint32_t *out)
{
	for (uint32_t i = 0; i < n; i++)
		out[i] = from[code[i]];
}

LAM_HOT static void
limits(const uint32_t *b, uint32_t n, uint32_t *least, uint32_t *most)
{
	uint32_t lo = UINT32_MAX, hi = 0;

	for (uint32_t i = 0; i < n; i++) {
		lo = b[i] < lo ? b[i] : lo;
		hi = b[i] > hi ? b[i] : hi;
	}
	*least = lo;
	*most = hi;
}

/* Any vector, through lam_num_double where it must. */
static void
flat_buckets(const struct lam_vec *v, uint32_t *out)
{
	double unit = v->scale <= 22 ? (double)lam_pow10[v->scale] : 0;

	for (uint32_t i = 0; i < v->n; i++) {
		if (v->null && v->null[i])
			out[i] = LAM_BUCKET_ZERO;
		else if (unit > 0 && v->rep == LAM_FLAT && !v->wide &&
			v->i64[i] < EXACT && v->i64[i] > -EXACT)
			out[i] = lam_bucket((double)v->i64[i] / unit);
		else
			out[i] = lam_bucket(lam_num_double(lam_num_normal(
				lam_vec_num(v, i))));
	}
}

static bool
frame_exact(const struct lam_vec *v)
{
	const int64_t half = EXACT / 2;

	return v->scale <= 22 && v->max <= INT32_MAX && v->base < half &&
		v->base > -half && (lam_i128)v->mult * v->max < half;
}

/* Room for N buckets. */
static bool
make_room(struct local *l, uint32_t n, struct lam_arena *arena)
{
	l->bucket = lam_arena_alloc(arena, ((size_t)n + 1) * sizeof *l->bucket);
	return l->bucket != NULL;
}

/* The buckets of a frame of reference: of each offset, if those are few. */
static bool
of_frame(struct local *l, struct lam_arena *arena)
{
	const struct lam_vec *v = &l->v;
	double unit = (double)lam_pow10[v->scale];
	uint32_t least, most, *offset;

	if (v->null || v->max >= v->n / 4) {
		if (!make_room(l, v->n, arena))
			return false;
		frame_buckets(v->u32, v->n, (double)v->base, (double)v->mult,
			unit, l->bucket);
		return true;
	}
	offset = lam_arena_alloc(arena, (v->max + 1) * sizeof *offset);
	if (!offset || !make_room(l, v->max + 1, arena))
		return false;
	for (uint32_t i = 0; i <= v->max; i++)
		offset[i] = i;
	frame_buckets(offset, v->max + 1, (double)v->base, (double)v->mult,
		unit, l->bucket);
	limits(v->u32, v->n, &least, &most);
	l->offset = v->u32;
	l->least = l->bucket[least];
	l->span = l->bucket[most] - l->least + 1;
	return true;
}

static bool
buckets(struct local *l, struct lam_arena *arena)
{
	const struct lam_vec *v = &l->v;
	bool frame = v->rep == LAM_FOR && frame_exact(v);
	uint32_t *b, *d, most;

	if (frame ? !of_frame(l, arena) : !make_room(l, v->n, arena))
		return false;
	b = l->bucket;
	if (!frame && v->rep != LAM_DICT && v->rep != LAM_CONST) {
		flat_buckets(v, b);
	} else if (!frame) {
		d = lam_arena_alloc(arena, (v->dict->n + 1) * sizeof *d);
		if (!d)
			return false;
		flat_buckets(v->dict, d);
		if (v->rep == LAM_DICT)
			by_code16(v->code, d, v->n, b);
		for (uint32_t i = 0; v->rep == LAM_CONST && i < v->n; i++)
			b[i] = d[0];
	}
	if (!l->offset) {
		limits(b, v->n, &l->least, &most);
		l->span = most - l->least + 1;
	}
	return true;
}

static int
quantile_update(struct lam_agg *a, struct lam_batch_groups *s,
	const struct lam_vec *v, struct lam_error *e)
{
	struct local *l = LAM_ARENA_NEW(s->arena, struct local, 1);
	uint32_t n;
	int rc = l ? lam_agg_rows(a, s, v, &l->v, e) : lam_fail_mem(e);

	a->local = l;
	n = rc ? 0 : a->rows->n;
	if (n == 0 || a->state->merge)
		return rc;
	if (!buckets(l, s->arena))
		return lam_fail_mem(e);
	l->count = LAM_ARENA_NEW(s->arena, uint32_t, l->span + 64);
	l->touched = LAM_ARENA_NEW(s->arena, uint64_t, l->span / 64 + 1);
	l->entry = lam_arena_alloc(s->arena, ((n < l->span ? n : l->span) +
		LAM_BUCKET_SPILL) * sizeof(uint64_t));
	return l->count && l->touched && l->entry ? LAM_OK : lam_fail_mem(e);
}

/* Take the buckets W * 64 .. that are in BITS, and set them back to zero. */
static uint32_t
take_counts(struct local *l, uint32_t w, uint64_t bits, uint32_t n)
{
	uint64_t *entry = l->entry;

	for (; bits; bits &= bits - 1) {
		uint32_t b = w * 64 + (uint32_t)__builtin_ctzll(bits);

		entry[n] = (uint64_t)(b + l->least) << LAM_BUCKET_SHIFT |
			l->count[b];
		n += l->count[b] != 0;
		l->count[b] = 0;
	}
	return n;
}

#define TOGETHER 64 /* rows */

/* The buckets of the rows ORDER[0..n-1] (NULL: FROM and on), less the least. */
LAM_O3 static void
look_up(const struct local *l, const uint16_t *order, uint32_t from, uint32_t n,
	uint32_t *b)
{
	const uint32_t *bucket = l->bucket, *offset = l->offset;
	uint32_t least = l->least;

	if (order && offset)
#pragma GCC unroll 8
		for (uint32_t i = 0; i < n; i++)
			b[i] = bucket[offset[order[i]]] - least;
	else if (order)
		for (uint32_t i = 0; i < n; i++)
			b[i] = bucket[order[i]] - least;
	else
		for (uint32_t i = 0; i < n; i++)
			b[i] = bucket[offset ? offset[from + i] : from + i] -
				least;
}

/*
 * The buckets of the rows ORDER[from .. to - 1], counted, ascending.  Of few
 * rows the bits of the buckets are noted on the way; of many that would cost
 * more than looking through all buckets afterwards.  Some are looked up before they
 * are counted: a count that is read behind a store whose place is not known yet waits
 * for that as well.
 */
static struct lam_quantile
collect(struct local *l, const uint16_t *order, uint32_t from, uint32_t to)
{
	uint32_t *count = l->count, b[TOGETHER], n = 0;
	bool many = to - from > l->span / 8;
	bool wide = !many || to - from > LAM_BUCKET_NARROW_COUNT;

	for (uint32_t i = from, m; i < to; i += m) {
		m = to - i < TOGETHER ? to - i : TOGETHER;
		look_up(l, order ? order + i : NULL, i, m, b);
#pragma GCC unroll 8
		for (uint32_t k = 0; k < m; k++)
			count[b[k]]++;
		for (uint32_t k = 0; !many && k < m; k++)
			l->touched[b[k] / 64] |= UINT64_C(1) << b[k] % 64;
	}
	if (!wide)
		n = lam_bucket_list(count, l->span, l->least, l->entry);
	for (uint32_t w = 0; wide && w <= l->span / 64; w++) {
		n = take_counts(l, w, many ? UINT64_MAX : l->touched[w], n);
		l->touched[w] = 0;
	}
	return (struct lam_quantile){ .p = l->entry, .n = n & INT32_MAX,
		.wide = wide };
}

static int
add_text(struct lam_agg *a, char *slot, struct lam_str text,
	struct lam_error *e)
{
	struct lam_quantile_scratch w = { NULL, 0 };
	size_t n;
	int rc;

	if (!lam_quantile_parse(text, &w, a->mem, &n))
		rc = lam_agg_bad(a, e);
	else
		rc = lam_quantile_add((struct lam_quantile *)(void *)slot,
			w.p, n, a->own, a->heap, e);
	lam_mem_free(a->mem, w.p, w.cap, sizeof *w.p);
	return rc;
}

static int
add_rows(struct lam_agg *a, char *slot, uint32_t from, uint32_t to,
	struct lam_error *e)
{
	struct lam_quantile x = collect(a->local, a->rows->order, from, to);

	return lam_quantile_merge((struct lam_quantile *)(void *)slot, &x,
		a->own, a->heap, e);
}

static int
quantile_flush(struct lam_agg *a, const uint32_t *group, char *const *slot,
	uint32_t n, struct lam_error *e)
{
	static const struct lam_agg_flush how = { add_rows, add_text };
	const struct local *l = a->local;

	return lam_agg_flush_rows(a, &how, &l->v, group, slot, n, e);
}

static int
quantile_merge(struct lam_agg *a, char *slot, const struct lam_agg *from,
	const char *other, struct lam_error *e)
{
	struct lam_quantile x;

	(void)from;
	memcpy(&x, other, sizeof x);
	return lam_quantile_merge((struct lam_quantile *)(void *)slot, &x,
		a->own, a->heap, e);
}

static int
quantile_parse(struct lam_agg *a, char *slot, const struct lam_str *field,
	struct lam_error *e)
{
	return field[0].p ? add_text(a, slot, field[0], e) : LAM_OK;
}

static size_t
room(const char *slot)
{
	struct lam_quantile x;

	memcpy(&x, slot, sizeof x);
	return x.n ? lam_quantile_room(&x) : 0;
}

static size_t
print(const char *slot, char *p)
{
	struct lam_quantile x;

	memcpy(&x, slot, sizeof x);
	return lam_quantile_print(&x, p);
}

static int
quantile_components(uint32_t s, const struct lam_ref *row, uint32_t n,
	unsigned c, struct lam_arena *arena, struct lam_vec *out,
	struct lam_error *e)
{
	(void)c;
	return lam_agg_texts(s, row, n, room, print, arena, out, e);
}

static int
quantile_finalize(uint32_t s, const struct lam_ref *row, uint32_t n,
	const struct lam_expr *x, struct lam_arena *arena, struct lam_vec *out,
	struct lam_error *e)
{
	struct lam_number_builder col;
	struct lam_quantile k;

	if (!lam_number_builder_init(&col, n, arena))
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++) {
		memcpy(&k, row[i].rec + lam_ref_agg(&row[i], s)->at, sizeof k);
		if (!k.n)
			lam_number_builder_null(&col, i);
		else if (!lam_number_builder_set(&col, i, lam_quantile_value(&k,
			x->num)))
			return lam_fail_mem(e);
	}
	return lam_number_builder_vec(&col, out, e);
}

const struct lam_agg_ops lam_agg_quantile = {
	.slot = sizeof(struct lam_quantile),
	.init = quantile_init,
	.release = quantile_release,
	.update = quantile_update,
	.flush = quantile_flush,
	.merge = quantile_merge,
	.parse = quantile_parse,
	.components = quantile_components,
	.finalize = quantile_finalize,
};
