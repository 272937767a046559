/*
 * aggregate.c - the table of aggregates
 */
#include "sql/aggregate.h"

#include <stddef.h>

#include "sql/query.h"

uint32_t
lam_agg_constant(enum lam_agg agg)
{
	const struct lam_aggregate *a = &lam_aggregate[agg];

	if (a->least < 2 || a->sums != NULL || agg == LAM_AGG_ARG_MIN ||
		agg == LAM_AGG_ARG_MAX)
		return 0;
	return a->least - 1U;
}

bool
lam_agg_by_position(enum lam_agg agg)
{
	return lam_aggregate[agg].state == LAM_FIRST ||
		lam_aggregate[agg].state == LAM_LAST ||
		lam_aggregate[agg].state == LAM_LIST;
}

const struct lam_aggregate lam_aggregate[LAM_AGGS] = {
#define A(id, name, least, most, takes, state, final, sums)		\
	{ name, least, most, takes, LAM_##state, LAM_FINAL_##final, sums },
	LAM_AGGREGATES(A)
#undef A
};
