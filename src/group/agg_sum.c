/*
 * agg_sum.c - SUM: exact sums
 *
 * Slot: 64 bits, as what groups have in memory is most of their time.  0: there was no
 * value.  Else v + 2^62 for a sum v / 10^scale with |v| < 2^61; or, the top bit set, the
 * index in `large`, which has 128 bits of the same kind: v + 2^126 with |v| < 2^125, or,
 * the top bit set, the index of an exact sum (base/sum.h) in `wide`.
 * The scale is the same for all slots of the table, the largest seen up to 18, so that
 * a flush is one addition.  When a block brings a larger one all slots are rescaled,
 * at most 18 times in a table's life.  A sum that does not fit becomes large, or wide, and
 * stays so; that does not show: components and final values are made from the value.
 */
#include <stdlib.h>
#include <string.h>

#include "base/hot.h"
#include "base/sum.h"
#include "fn/fn.h"
#include "group/agg.h"
#include "group/agg_loops.h"
#include "group/batch_sum.h"
#include "group/group_table.h"

#define WIDE (UINT64_C(1) << 63)
#define BIAS ((lam_u128)1 << 126)
#define LIMIT ((lam_i128)1 << 125)
#define SCALE_MAX 18

#define LARGE (UINT64_C(1) << 63)
#define BIAS_SMALL (INT64_C(1) << 62)
#define LIMIT_SMALL (INT64_C(1) << 61)

/* The sum of a group, however large. */
struct slot {
	uint64_t low, high;
};

struct sums {
	uint8_t scale;
	struct slot *large;
	struct lam_sum *wide;
	size_t nlarge, large_cap, nwide, cap;
};

static int
sum_init(struct lam_agg *a, struct lam_error *e)
{
	a->own = calloc(1, sizeof(struct sums));
	return a->own ? LAM_OK : lam_fail_mem(e);
}

static void
sum_release(struct lam_agg *a)
{
	struct sums *o = a->own;

	if (o) {
		lam_mem_free(a->mem, o->large, o->large_cap, sizeof *o->large);
		lam_mem_free(a->mem, o->wide, o->cap, sizeof *o->wide);
	}
	free(o);
	a->own = NULL;
}

bool
lam_agg_sum_wide(const struct lam_agg *a)
{
	return ((const struct sums *)a->own)->nwide > 0;
}

static inline lam_u128
raw(const struct slot *s)
{
	return (lam_u128)s->high << 64 | s->low;
}

/* Is RAW a sum below 2^125 either way?  0 and what is wide are none. */
static inline bool
small(lam_u128 raw)
{
	return raw - (BIAS - (lam_u128)LIMIT) < 2 * (lam_u128)LIMIT;
}

static inline void
put(struct slot *s, lam_u128 raw)
{
	s->low = (uint64_t)raw;
	s->high = (uint64_t)(raw >> 64);
}

/* The sum at P, a slot of A. */
static inline struct slot
load(const struct lam_agg *a, const char *p)
{
	const struct sums *o = a->own;
	uint64_t x = lam_get64(p);
	struct slot s = { 0, 0 };

	if (x & LARGE)
		return o->large[x & ~LARGE];
	if (x)
		put(&s, BIAS + (lam_u128)((int64_t)x - BIAS_SMALL));
	return s;
}

/* S, which is not 0, becomes the sum at P. */
static int
store(struct lam_agg *a, char *p, const struct slot *s, struct lam_error *e)
{
	struct sums *o = a->own;
	uint64_t x = lam_get64(p);
	lam_u128 v = raw(s) - (BIAS - (lam_u128)LIMIT_SMALL);
	struct slot *large;

	if (!(x & LARGE) && v < 2 * (lam_u128)LIMIT_SMALL) {
		lam_put64(p, (uint64_t)v + (BIAS_SMALL - LIMIT_SMALL));
		return LAM_OK;
	}
	if (!(x & LARGE)) {
		large = lam_mem_grow(a->mem, o->large, &o->large_cap,
			o->nlarge + 1, sizeof *large);
		if (!large)
			return lam_fail_mem(e);
		o->large = large;
		x = LARGE | o->nlarge++;
		lam_put64(p, x);
	}
	o->large[x & ~LARGE] = *s;
	return LAM_OK;
}

static struct slot
slot_at(const struct lam_agg *a, const struct lam_ref *r)
{
	return load(a, r->rec + a->at);
}

/* The sum of a slot that is small. */
static struct lam_num
get(const struct lam_agg *a, const struct slot *s)
{
	const struct sums *o = a->own;

	return (struct lam_num){ (lam_i128)(raw(s) - BIAS), o->scale };
}

/* The exact sum of S, made from what it holds if need be. */
static int
widen(struct lam_agg *a, struct slot *s, struct lam_sum **out,
	struct lam_error *e)
{
	struct sums *o = a->own;
	struct lam_sum *p;

	if (!(s->high & WIDE)) {
		p = lam_mem_grow(a->mem, o->wide, &o->cap, o->nwide + 1,
			sizeof *p);
		if (!p)
			return lam_fail_mem(e);
		o->wide = p;
		memset(&p[o->nwide], 0, sizeof *p);
		if (raw(s) != 0)
			lam_sum_add(&p[o->nwide], get(a, s));
		*s = (struct slot){ o->nwide++, WIDE };
	}
	*out = &o->wide[s->low];
	return LAM_OK;
}

/* All slots to a larger scale. */
static int
rescale(struct lam_agg *a, uint8_t scale, struct lam_error *e)
{
	struct sums *o = a->own;
	const struct lam_group_table *t = a->table;
	lam_i128 f = lam_pow10[scale - o->scale];
	struct lam_sum *wide;
	int rc = LAM_OK;

	for (uint32_t g = 0; !rc && g < t->n; g++) {
		char *p = lam_group_table_rec(t, g) + a->at;
		struct slot s = load(a, p);
		lam_i128 v;

		if (!small(raw(&s)))
			continue;
		if (__builtin_mul_overflow(get(a, &s).m, f, &v) ||
			!small(BIAS + (lam_u128)v))
			rc = widen(a, &s, &wide, e);
		else
			put(&s, BIAS + (lam_u128)v);
		if (!rc)
			rc = store(a, p, &s, e);
	}
	o->scale = scale;
	return rc;
}

/* Add X, whose m may be any integer of 128 bits, to the sum at P. */
static int
add_num(struct lam_agg *a, char *p, struct lam_num x, struct lam_error *e)
{
	struct sums *o = a->own;
	struct slot s = load(a, p);
	lam_u128 now = raw(&s) ? raw(&s) : BIAS;
	struct lam_sum *wide;
	lam_i128 v;
	int rc;

	if (x.scale <= o->scale && small(now) && !__builtin_mul_overflow(x.m,
		lam_pow10[o->scale - x.scale], &v) && v < LIMIT &&
		v > -LIMIT && small(now + (lam_u128)v)) {
		put(&s, now + (lam_u128)v);
		return store(a, p, &s, e);
	}
	rc = widen(a, &s, &wide, e);
	if (rc)
		return rc;
	lam_sum_add(wide, x);
	return store(a, p, &s, e);
}

static int
add_sum(struct lam_agg *a, char *p, const struct lam_sum *x,
	struct lam_error *e)
{
	struct slot s = load(a, p);
	struct lam_sum *wide;
	int rc = widen(a, &s, &wide, e);

	if (rc)
		return rc;
	lam_sum_merge(wide, x);
	return store(a, p, &s, e);
}

/* ------------------------------------------------------------- accumulate */

int
lam_agg_sum_given(struct lam_agg *a, struct lam_batch_groups *s,
	struct lam_batch_sum *x, struct lam_error *e)
{
	const struct sums *o = a->own;

	a->rows = s;
	a->local = x;
	if (!a->state->merge)
		a->nulls += s->n - x->rows;
	if (x->scale > o->scale && x->scale <= SCALE_MAX && x->rows)
		return rescale(a, x->scale, e);
	return LAM_OK;
}

/* The exact sums of the texts V by the groups of S. */
static int
wide_texts(struct lam_agg *a, struct lam_batch_sum *x,
	struct lam_batch_groups *s, const struct lam_vec *v,
	struct lam_error *e)
{
	memset(x, 0, sizeof *x);
	for (uint32_t i = 0; i < s->n; i++) {
		struct lam_exact *t;
		struct lam_sum sum;
		struct lam_str text;

		if (lam_vec_is_null(v, i))
			continue;
		if (!x->exact)
			x->exact = LAM_ARENA_NEW(s->arena, struct lam_exact,
				s->ngroups);
		if (!x->exact)
			return lam_fail_mem(e);
		text = lam_vec_text(v, i);
		if (!lam_sum_parse(text.p, text.n, &sum))
			return lam_agg_bad(a, e);
		t = &x->exact[s->gid ? s->gid[i] : 0];
		lam_sum_merge(&t->sum, &sum);
		t->n++;
		x->rows++;
	}
	return LAM_OK;
}

/* Two sums of a batch where components are merged: of sum, and of wide. */
static int
sum_update(struct lam_agg *a, struct lam_batch_groups *s,
	const struct lam_vec *v, struct lam_error *e)
{
	struct lam_batch_sum *x =
		LAM_ARENA_NEW(s->arena, struct lam_batch_sum, 2);
	int rc = x ? lam_batch_sum_init(x, s, v, e) : lam_fail_mem(e);

	if (!rc && a->state->merge)
		rc = wide_texts(a, x + 1, s, v + 1, e);
	return rc ? rc : lam_agg_sum_given(a, s, x, e);
}

/*
 * The common case: packed sums of values that are not negative and small
 * enough that no step of count * base + mult * sum can overflow.  Returns the
 * first of the groups [FROM, N) that needs the general way.
 */
static uint32_t
flush_packed(const struct lam_agg *a, const struct lam_batch_sum *x,
	const uint32_t *group, char *const *slot, uint32_t from, uint32_t n)
{
	const struct sums *o = a->own;
	uint64_t base = (uint64_t)x->base, mult = (uint64_t)x->mult, up;

	if (!x->packed || x->base < 0 || x->scale > o->scale || base >> 14 ||
		mult >> 14)
		return from;
	up = (uint64_t)lam_pow10[o->scale - x->scale];
	for (; from < n; from++) {
		uint64_t packed = x->packed[group[from]], v;
		uint64_t now = lam_get64(slot[from]);

		if (!(packed >> 47))
			continue;
		/* Sum below 2^47, count below 2^17: below 2^62. */
		v = (packed >> 47) * base + (packed & (LAM_LOOP_ONE - 1)) * mult;
		now += (uint64_t)(now == 0) * BIAS_SMALL; /* no branch */
		if (LAM_UNLIKELY(__builtin_mul_overflow(v, up, &v) ||
			v >= LIMIT_SMALL || now >= LARGE ||
			now + v >= BIAS_SMALL + LIMIT_SMALL))
			break;
		lam_put64(slot[from], now + v);
	}
	return from;
}

/* The general way, for one group. */
static int
flush_one(struct lam_agg *a, const struct lam_batch_sum *x, uint32_t group,
	char *slot, struct lam_error *e)
{
	struct lam_total t;

	if (x->exact)
		return x->exact[group].n ? add_sum(a, slot,
			&x->exact[group].sum, e) : LAM_OK;
	t = lam_batch_sum_get(x, group);
	return t.n ? add_num(a, slot, (struct lam_num){ t.sum, x->scale }, e) :
		LAM_OK;
}

static int
flush_sum(struct lam_agg *a, const struct lam_batch_sum *x,
	const uint32_t *group, char *const *slot, uint32_t n,
	struct lam_error *e)
{
	int rc = LAM_OK;

	if (!x->rows)
		return LAM_OK;
	for (uint32_t i = 0; !rc && (i = flush_packed(a, x, group, slot, i,
		n)) < n; i++)
		rc = flush_one(a, x, group[i], slot[i], e);
	return rc;
}

static int
sum_flush(struct lam_agg *a, const uint32_t *group, char *const *slot,
	uint32_t n, struct lam_error *e)
{
	const struct lam_batch_sum *x = a->local;
	int rc = flush_sum(a, x, group, slot, n, e);

	if (!rc && a->state->merge)
		rc = flush_sum(a, x + 1, group, slot, n, e);
	return rc;
}

static int
sum_merge(struct lam_agg *a, char *slot, const struct lam_agg *from,
	const char *other, struct lam_error *e)
{
	const struct sums *o = a->own, *f = from->own;
	struct slot x = load(from, other);
	int rc = LAM_OK;

	if (raw(&x) == 0)
		return LAM_OK;
	if (x.high & WIDE)
		return add_sum(a, slot, &f->wide[x.low], e);
	if (f->scale > o->scale)
		rc = rescale(a, f->scale, e);
	return rc ? rc : add_num(a, slot, get(from, &x), e);
}

static int
sum_parse(struct lam_agg *a, char *slot, const struct lam_str *field,
	struct lam_error *e)
{
	const struct sums *o = a->own;
	struct lam_sum wide;
	struct lam_scalar v;
	int rc = LAM_OK;

	if (!lam_scalar_parse(LAM_NUMBER, field[0], &v) || (!v.null &&
		field[1].p))
		return lam_agg_bad(a, e);
	if (field[1].p) {
		if (!lam_sum_parse(field[1].p, field[1].n, &wide) ||
			lam_sum_exact(&wide, &v.num))
			return lam_agg_bad(a, e);
		return add_sum(a, slot, &wide, e);
	}
	if (!v.null && v.num.scale > o->scale && v.num.scale <= SCALE_MAX)
		rc = rescale(a, (uint8_t)v.num.scale, e);
	return rc || v.null ? rc : add_num(a, slot, v.num, e);
}

/* ----------------------------------------------- components, final values */

/* The exact sum of slot X as a text: its bytes, or (PRINT) in digits. */
static bool
exact_text(const struct lam_agg *a, const struct slot *x, bool print,
	struct lam_arena *arena, struct lam_str *out)
{
	const struct sums *o = a->own;
	struct lam_sum sum = { { 0 } };
	char text[LAM_SUM_TEXT];

	if (x->high & WIDE)
		sum = o->wide[x->low];
	else
		lam_sum_add(&sum, get(a, x));
	out->n = print ? lam_sum_print(&sum, text) : sizeof sum;
	out->p = lam_arena_dup(arena, print ? text : (const char *)&sum,
		out->n);
	return out->p != NULL;
}

/* Are any sums of the tables of ROW wide? */
static bool
any_wide(uint32_t s, const struct lam_ref *row, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if ((i == 0 || row[i].table != row[i - 1].table) &&
			lam_agg_sum_wide(lam_ref_agg(&row[i], s)))
			return true;
	return false;
}

/* All sums as their bytes; or, as digits, those that are no number exactly. */
static int
text_column(uint32_t s, const struct lam_ref *row, uint32_t n, bool all,
	struct lam_arena *arena, struct lam_vec *out, struct lam_error *e)
{
	struct lam_str *str = LAM_ARENA_NEW(arena, struct lam_str, n);
	uint8_t *null = lam_arena_alloc(arena, n + (size_t)1);
	uint32_t look = all || any_wide(s, row, n) ? n : 0;
	struct lam_num number;

	if (!str || !null)
		return lam_fail_mem(e);
	memset(null, 1, n);
	for (uint32_t i = 0; i < look; i++) {
		const struct lam_agg *a = lam_ref_agg(&row[i], s);
		const struct sums *o = a->own;
		struct slot x = slot_at(a, &row[i]);

		null[i] = all ? raw(&x) == 0 : !(x.high & WIDE) ||
			lam_sum_exact(&o->wide[x.low], &number);
		if (!null[i] && !exact_text(a, &x, !all, arena, &str[i]))
			return lam_fail_mem(e);
	}
	*out = (struct lam_vec){ .type = LAM_TEXT, .rep = LAM_FLAT, .n = n,
		.str = str, .null = null };
	return LAM_OK;
}

static int
sum_components(uint32_t s, const struct lam_ref *row, uint32_t n, unsigned c,
	struct lam_arena *arena, struct lam_vec *out, struct lam_error *e)
{
	struct lam_number_builder col;

	if (c == 1)
		return text_column(s, row, n, false, arena, out, e);
	if (!lam_number_builder_init(&col, n, arena))
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++) {
		const struct lam_agg *a = lam_ref_agg(&row[i], s);
		const struct sums *o = a->own;
		struct slot x = slot_at(a, &row[i]);
		struct lam_num v;
		bool any = raw(&x) != 0;

		if (x.high & WIDE)
			any = lam_sum_exact(&o->wide[x.low], &v);
		else
			v = get(a, &x);
		if (!any)
			lam_number_builder_null(&col, i);
		else if (v.m == (int64_t)v.m)
			lam_number_builder_set64(&col, i, (int64_t)v.m,
				(uint8_t)v.scale);
		else if (!lam_number_builder_set(&col, i, v))
			return lam_fail_mem(e);
	}
	return lam_number_builder_vec(&col, out, e);
}

/* The sum of slot X over N, or (0) as it is; false: none, or too large. */
static bool
finished(const struct lam_agg *a, const struct slot *x, uint64_t n,
	struct lam_num *out)
{
	const struct sums *o = a->own;

	if (x->high & WIDE)
		return n ? lam_sum_div(&o->wide[x->low], n, out) :
			lam_sum_num(&o->wide[x->low], out);
	*out = get(a, x);
	return raw(x) != 0 && (n == 0 || lam_num_div(*out,
		(struct lam_num){ (lam_i128)n, 0 }, out));
}

/* The sum, or the average: over the count that is state INDEX2. */
static int
sum_finalize(uint32_t s, const struct lam_ref *row, uint32_t n,
	const struct lam_expr *x, struct lam_arena *arena, struct lam_vec *out,
	struct lam_error *e)
{
	bool average = x->final == LAM_FINAL_AVG;
	struct lam_vec count = { .n = 0 };
	struct lam_number_builder col;
	int rc = LAM_OK;

	if (x->final == LAM_FINAL_EXACT)
		return text_column(s, row, n, true, arena, out, e);
	if (average && n > 0)
		rc = lam_ref_agg(row, x->index2)
			     ->ops->components(x->index2, row, n, 0, arena,
				     &count, e);
	if (rc || !lam_number_builder_init(&col, n, arena))
		return rc ? rc : lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++) {
		const struct lam_agg *a = lam_ref_agg(&row[i], s);
		uint64_t over = average ? (uint64_t)count.i64[i] : 0;
		struct slot k = slot_at(a, &row[i]);
		struct lam_num v;

		if ((average && !over) || !finished(a, &k, over, &v))
			lam_number_builder_null(&col, i);
		else if (v.m == (int64_t)v.m)
			lam_number_builder_set64(&col, i, (int64_t)v.m,
				(uint8_t)v.scale);
		else if (!lam_number_builder_set(&col, i, v))
			return lam_fail_mem(e);
	}
	return lam_number_builder_vec(&col, out, e);
}

const struct lam_agg_ops lam_agg_sum = {
	.slot = sizeof(uint64_t),
	.init = sum_init,
	.release = sum_release,
	.update = sum_update,
	.flush = sum_flush,
	.merge = sum_merge,
	.parse = sum_parse,
	.components = sum_components,
	.finalize = sum_finalize,
};
