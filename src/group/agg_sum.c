/*
 * agg_sum.c - SUM: exact sums
 *
 * Slots: see sum_slots.h.  When a block brings a larger scale all slots are rescaled,
 * at most 18 times in a table's life.
 */
#include <stdlib.h>
#include <string.h>

#include "base/hot.h"
#include "fn/fn.h"
#include "group/agg.h"
#include "group/agg_loops.h"
#include "group/batch_sum.h"
#include "group/group_table.h"
#include "group/sum_slots.h"

static int
sum_init(struct lam_agg *a, struct lam_error *e)
{
	struct lam_sum_slots *o = calloc(1, sizeof *o);

	a->own = o;
	if (!o)
		return lam_fail_mem(e);
	o->mem = a->mem;
	return LAM_OK;
}

static void
sum_release(struct lam_agg *a)
{
	if (a->own)
		lam_sum_slots_release(a->own);
	free(a->own);
	a->own = NULL;
}

bool
lam_agg_sum_wide(const struct lam_agg *a)
{
	return ((const struct lam_sum_slots *)a->own)->nwide > 0;
}

static inline struct lam_slot_sum
sum_of(uint32_t s, const struct lam_ref *r)
{
	const struct lam_agg *a = lam_ref_agg(r, s);

	return lam_sum_slot_get(a->own, r->rec + a->at);
}

/* ------------------------------------------------------------- accumulate */

int
lam_agg_sum_given(struct lam_agg *a, struct lam_batch_groups *s,
	struct lam_batch_sum *x, struct lam_error *e)
{
	struct lam_sum_slots *o = a->own;

	a->rows = s;
	a->local = x;
	if (!a->state->merge)
		a->nulls += s->n - x->rows;
	if (x->scale > o->scale && x->scale <= LAM_SUM_SCALE && x->rows)
		return lam_sum_slots_rescale(o, a, x->scale, e);
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
	const struct lam_sum_slots *o = a->own;
	uint64_t base = (uint64_t)x->base, mult = (uint64_t)x->mult, up;

	if (!x->packed || x->base < 0 || x->scale > o->scale || base >> 14 ||
		mult >> 14)
		return from;
	up = (uint64_t)lam_pow10[o->scale - x->scale];
	for (; from < n; from++) {
		uint64_t packed = x->packed[group[from]], v;

		if (!(packed >> 47))
			continue;
		/* Sum below 2^47, count below 2^17: below 2^62. */
		v = (packed >> 47) * base + (packed & (LAM_LOOP_ONE - 1)) * mult;
		if (LAM_UNLIKELY(__builtin_mul_overflow(v, up, &v) ||
			!lam_sum_slot_add64(slot[from], v)))
			break;
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
		return x->exact[group].n ? lam_sum_slot_merge(a->own, slot,
			&x->exact[group].sum, e) : LAM_OK;
	t = lam_batch_sum_get(x, group);
	return t.n ? lam_sum_slot_add(a->own, slot, (struct lam_num){ t.sum,
		x->scale }, e) : LAM_OK;
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
	struct lam_sum_slots *o = a->own;
	const struct lam_sum_slots *f = from->own;
	struct lam_slot_sum x = lam_sum_slot_get(f, other);
	int rc = LAM_OK;

	if (!x.any)
		return LAM_OK;
	if (x.wide)
		return lam_sum_slot_merge(o, slot, x.wide, e);
	if (f->scale > o->scale)
		rc = lam_sum_slots_rescale(o, a, f->scale, e);
	return rc ? rc : lam_sum_slot_add(o, slot, x.num, e);
}

static int
sum_parse(struct lam_agg *a, char *slot, const struct lam_str *field,
	struct lam_error *e)
{
	struct lam_sum_slots *o = a->own;
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
		return lam_sum_slot_merge(o, slot, &wide, e);
	}
	if (!v.null && v.num.scale > o->scale && v.num.scale <= LAM_SUM_SCALE)
		rc = lam_sum_slots_rescale(o, a, (uint8_t)v.num.scale, e);
	return rc || v.null ? rc : lam_sum_slot_add(o, slot, v.num, e);
}

/* ----------------------------------------------- components, final values */

/* The exact sum X as a text: its bytes, or (PRINT) in digits. */
static bool
exact_text(const struct lam_slot_sum *x, bool print, struct lam_arena *arena,
	struct lam_str *out)
{
	struct lam_sum sum = { { 0 } };
	char text[LAM_SUM_TEXT];

	if (x->wide)
		sum = *x->wide;
	else
		lam_sum_add(&sum, x->num);
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
		struct lam_slot_sum x = sum_of(s, &row[i]);

		null[i] = all ? !x.any : !x.wide ||
			lam_sum_exact(x.wide, &number);
		if (!null[i] && !exact_text(&x, !all, arena, &str[i]))
			return lam_fail_mem(e);
	}
	*out = (struct lam_vec){ .type = LAM_TEXT, .rep = LAM_FLAT, .n = n,
		.str = str, .null = null };
	return LAM_OK;
}

/* Row I of COL; ANY: it has V. */
static bool
set(struct lam_number_builder *col, uint32_t i, bool any, struct lam_num v)
{
	if (!any)
		lam_number_builder_null(col, i);
	else if (v.m == (int64_t)v.m)
		lam_number_builder_set64(col, i, (int64_t)v.m,
			(uint8_t)v.scale);
	else
		return lam_number_builder_set(col, i, v);
	return true;
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
		struct lam_slot_sum x = sum_of(s, &row[i]);

		if (x.wide)
			x.any = lam_sum_exact(x.wide, &x.num);
		if (!set(&col, i, x.any, x.num))
			return lam_fail_mem(e);
	}
	return lam_number_builder_vec(&col, out, e);
}

/* The sum X over N, or (0) as it is; false: none, or too large. */
static bool
finished(const struct lam_slot_sum *x, uint64_t n, struct lam_num *out)
{
	if (x->wide)
		return n ? lam_sum_div(x->wide, n, out) :
			lam_sum_num(x->wide, out);
	*out = x->num;
	return x->any && (n == 0 || lam_num_div(*out,
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
		uint64_t over = average ? (uint64_t)count.i64[i] : 0;
		struct lam_slot_sum k = sum_of(s, &row[i]);
		struct lam_num v = { 0, 0 };
		bool any = (!average || over) && finished(&k, over, &v);

		if (!set(&col, i, any, v))
			return lam_fail_mem(e);
	}
	return lam_number_builder_vec(&col, out, e);
}

const struct lam_agg_ops lam_agg_sum = {
	.slot = sizeof(uint64_t),
	.packed = true,
	.init = sum_init,
	.release = sum_release,
	.update = sum_update,
	.flush = sum_flush,
	.merge = sum_merge,
	.parse = sum_parse,
	.components = sum_components,
	.finalize = sum_finalize,
};
