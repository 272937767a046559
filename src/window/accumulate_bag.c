/*
 * accumulate_bag.c - quantiles, modes and what else looks at all values, over a moving
 * frame
 *
 * A value comes or goes, and a quantile is found, in less than the square root of the
 * values there are; what lists the values passes over them for each row.
 */
#include "group/agg.h"
#include "window/accumulate_internal.h"

static int
bag_reset(struct lam_accumulate *a, struct lam_error *e)
{
	(void)e;
	lam_bag_release(&a->bag);
	return LAM_OK;
}

static int
bag_add(struct lam_accumulate *a, const struct lam_slice *s,
	struct lam_error *e)
{
	for (uint32_t i = s->from; i < s->to; i++) {
		struct lam_scalar v;

		if (!lam_slice_counts(s, i) || lam_slice_null(s, 0, i))
			continue;
		v = lam_scalar_of(s->arg[0], i);
		if (!lam_bag_add(&a->bag, &v))
			return lam_fail_mem(e);
	}
	return LAM_OK;
}

static int
bag_take(struct lam_accumulate *a, const struct lam_slice *s,
	struct lam_error *e)
{
	(void)e;
	for (uint32_t i = s->from; i < s->to; i++) {
		struct lam_scalar v;

		if (!lam_slice_counts(s, i) || lam_slice_null(s, 0, i))
			continue;
		v = lam_scalar_of(s->arg[0], i);
		lam_bag_take(&a->bag, &v);
	}
	return LAM_OK;
}

static int
bag_value(struct lam_accumulate *a, struct lam_scalar *out, bool *fault,
	struct lam_error *e)
{
	uint8_t final = a->final->final;
	struct lam_bag_run all;

	(void)fault;
	out->null = a->bag.n == 0;
	if (out->null)
		return LAM_OK;
	if (final == LAM_FINAL_CONT || final == LAM_FINAL_DISC) {
		lam_bag_quantile(&a->bag, a->final->num,
			final == LAM_FINAL_CONT, out);
		return LAM_OK;
	}
	lam_arena_reset(&a->arena);
	if (!lam_bag_list(&a->bag, &a->arena, &all))
		return lam_fail_mem(e);
	return lam_agg_values_one(a->final, &all, &a->arena, &a->text, out, e);
}

const struct lam_accumulate_ops lam_accumulate_bag = {
	bag_reset, bag_add, bag_take, bag_value
};
