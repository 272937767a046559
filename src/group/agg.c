/*
 * agg.c - aggregate states: the table of kinds
 */
#include "group/agg.h"

#include "group/group_table.h"

const struct lam_agg_ops *
lam_agg_ops(uint8_t kind)
{
	static const struct lam_agg_ops *const table[LAM_STATES] = {
		[LAM_COUNT] = &lam_agg_count,
		[LAM_SUM] = &lam_agg_sum,
		[LAM_MIN] = &lam_agg_min,
		[LAM_MAX] = &lam_agg_min,
		[LAM_ARGMIN] = &lam_agg_arg,
		[LAM_ARGMAX] = &lam_agg_arg,
		[LAM_FIRST] = &lam_agg_first,
		[LAM_LAST] = &lam_agg_first,
		[LAM_DISTINCT] = &lam_agg_distinct,
		[LAM_HLL] = &lam_agg_hll,
		[LAM_QUANTILE] = &lam_agg_quantile,
	};

	return table[kind];
}

int
lam_agg_bad(const struct lam_agg *a, struct lam_error *e)
{
	return lam_fail(e, LAM_DATA, "%s: not a state of this aggregate",
		a->state->label);
}

int
lam_agg_rows(struct lam_agg *a, struct lam_batch_groups *s,
	const struct lam_vec *v, struct lam_vec *out, struct lam_error *e)
{
	int rc;

	a->rows = LAM_ARENA_NEW(s->arena, struct lam_batch_groups, 1);
	if (!a->rows)
		return lam_fail_mem(e);
	rc = lam_batch_groups_not_null(s, v, a->rows, out, e);
	if (rc)
		return rc;
	if (!a->state->merge)
		a->nulls += s->n - a->rows->n;
	return lam_batch_groups_order_shared(s, a->rows) ? LAM_OK
							 : lam_fail_mem(e);
}

const struct lam_agg *
lam_ref_agg(const struct lam_ref *r, uint32_t s)
{
	return &r->table->agg[s];
}
