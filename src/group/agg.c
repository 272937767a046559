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
		[LAM_VALUES] = &lam_agg_distinct,
		[LAM_HLL] = &lam_agg_hll,
		[LAM_QUANTILE] = &lam_agg_quantile,
		[LAM_LIST] = &lam_agg_list,
		[LAM_BIT_AND] = &lam_agg_bits,
		[LAM_BIT_OR] = &lam_agg_bits,
		[LAM_BIT_XOR] = &lam_agg_bits,
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

int
lam_agg_flush_rows(struct lam_agg *a, const struct lam_agg_flush *how,
	const struct lam_vec *v, const uint32_t *group, char *const *slot,
	uint32_t n, struct lam_error *e)
{
	const struct lam_batch_groups *s = a->rows;
	int rc = LAM_OK;

	for (uint32_t i = 0; !rc && i < n; i++) {
		uint32_t from = s->start[group[i]];
		uint32_t to = s->start[group[i] + 1];

		if (from < to && !a->state->merge) {
			rc = how->rows(a, slot[i], from, to, e);
			continue;
		}
		for (; !rc && from < to; from++)
			rc = how->text(a, slot[i], lam_vec_text(v,
				s->order ? s->order[from] : from), e);
	}
	return rc;
}

int
lam_agg_texts(uint32_t s, const struct lam_ref *row, uint32_t n,
	size_t (*size)(const char *slot),
	size_t (*print)(const char *slot, char *p), struct lam_arena *arena,
	struct lam_vec *out, struct lam_error *e)
{
	struct lam_str *str = LAM_ARENA_NEW(arena, struct lam_str, n);
	uint8_t *null = LAM_ARENA_NEW(arena, uint8_t, n);

	if (!str || !null)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++) {
		const char *slot = row[i].rec + lam_ref_agg(&row[i], s)->at;
		size_t most = size(slot);
		char *p;

		null[i] = most == 0;
		if (!most)
			continue;
		p = lam_arena_alloc(arena, most);
		if (!p)
			return lam_fail_mem(e);
		str[i] = (struct lam_str){ p, print(slot, p) };
	}
	*out = (struct lam_vec){ .type = LAM_TEXT, .rep = LAM_FLAT, .n = n,
		.str = str, .null = null };
	return LAM_OK;
}
