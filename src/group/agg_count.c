/*
 * agg_count.c - COUNT: the number of rows, or of values that are not NULL
 *
 * Slot: the count, 64 bits.  All counts over the same rows of a batch share one
 * pass, which a packed sum over them has usually made already.
 */
#include <string.h>

#include "group/agg.h"
#include "group/batch_sum.h"
#include "group/group_table.h"

static int
merge_rows(struct lam_agg *a, struct lam_batch_groups *s,
	const struct lam_vec *v, struct lam_error *e)
{
	struct lam_batch_sum *x = lam_arena_alloc(s->arena, sizeof *x);

	if (!x)
		return lam_fail_mem(e);
	a->local = x;
	return lam_batch_sum_init(x, s, v, e);
}

static int
count_update(struct lam_agg *a, struct lam_batch_groups *s,
	const struct lam_vec *v, struct lam_error *e)
{
	struct lam_batch_groups *own;
	struct lam_vec x;
	int rc;

	a->rows = s;
	a->local = NULL;
	if (a->state->merge)
		return merge_rows(a, s, v, e);
	if (!a->state->arg[0] || !lam_may_be_null(v))
		return LAM_OK;
	own = lam_arena_alloc(s->arena, sizeof *own);
	if (!own)
		return lam_fail_mem(e);
	rc = lam_batch_groups_not_null(s, v, own, &x, e);
	a->nulls += s->n - own->n;
	a->rows = own;
	return rc;
}

static int
overflow(const struct lam_agg *a, struct lam_error *e)
{
	return lam_fail(e, LAM_DATA, "%s: the count overflows",
		a->state->label);
}

static int
add(const struct lam_agg *a, char *slot, uint64_t n, struct lam_error *e)
{
	uint64_t x;

	memcpy(&x, slot, sizeof x);
	if (n > INT64_MAX || x + n > INT64_MAX)
		return overflow(a, e);
	x += n;
	memcpy(slot, &x, sizeof x);
	return LAM_OK;
}

static int
count_flush(struct lam_agg *a, const uint32_t *group, char *const *slot,
	uint32_t n, struct lam_error *e)
{
	struct lam_total t;
	const struct lam_batch_sum *x = a->local;
	const uint32_t *count;
	int rc = LAM_OK;

	if (!x) {
		count = lam_batch_groups_count(a->rows);
		if (!count)
			return lam_fail_mem(e);
		for (uint32_t i = 0; i < n; i++) {
			uint64_t c;

			memcpy(&c, slot[i], sizeof c);
			c += count[group[i]];
			memcpy(slot[i], &c, sizeof c);
		}
		return LAM_OK;
	}
	if (x->exact)
		return lam_agg_bad(a, e);
	for (uint32_t i = 0; !rc && i < n; i++) {
		lam_i128 one = lam_pow10[x->scale];

		t = lam_batch_sum_get(x, group[i]);
		if (t.sum < 0 || (x->scale && t.sum % one != 0))
			return lam_agg_bad(a, e);
		if (x->scale)
			t.sum /= one;
		rc = t.sum > INT64_MAX ? overflow(a, e) :
			add(a, slot[i], (uint64_t)t.sum, e);
	}
	return rc;
}

static int
count_merge(struct lam_agg *a, char *slot, const struct lam_agg *from,
	const char *other, struct lam_error *e)
{
	uint64_t n;

	(void)from;
	memcpy(&n, other, sizeof n);
	return add(a, slot, n, e);
}

static int
count_parse(struct lam_agg *a, char *slot, const struct lam_str *field,
	struct lam_error *e)
{
	struct lam_scalar v;

	if (!lam_scalar_parse(LAM_NUMBER, field[0], &v) || v.null ||
		v.num.scale || v.num.m < 0 || v.num.m > INT64_MAX)
		return lam_agg_bad(a, e);
	return add(a, slot, (uint64_t)v.num.m, e);
}

static int
count_components(uint32_t s, const struct lam_ref *row, uint32_t n, unsigned c,
	struct lam_arena *arena, struct lam_vec *out, struct lam_error *e)
{
	int64_t *m = lam_arena_alloc(arena, (n + 1) * sizeof *m);

	(void)c;
	if (!m)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++)
		memcpy(&m[i], row[i].rec + lam_ref_agg(&row[i], s)->at,
			sizeof *m);
	*out = (struct lam_vec){ .type = LAM_NUMBER, .rep = LAM_FLAT, .n = n,
		.i64 = m };
	return LAM_OK;
}

const struct lam_agg_ops lam_agg_count = {
	.slot = sizeof(uint64_t),
	.packed = true,
	.update = count_update,
	.flush = count_flush,
	.merge = count_merge,
	.parse = count_parse,
	.components = count_components,
};
