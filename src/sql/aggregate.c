/*
 * aggregate.c - the table of aggregates
 */
#include "sql/aggregate.h"

#include <stddef.h>

#include "sql/query.h"

bool
lam_agg_constant(enum lam_agg agg)
{
	return lam_aggregate[agg].least == 2 && lam_aggregate[agg].sums == NULL
		&& agg != LAM_AGG_ARG_MIN && agg != LAM_AGG_ARG_MAX;
}

bool
lam_agg_by_position(enum lam_agg agg)
{
	return lam_aggregate[agg].state == LAM_FIRST ||
		lam_aggregate[agg].state == LAM_LAST;
}

const struct lam_aggregate lam_aggregate[LAM_AGGS] = {
#define A(id, name, least, most, takes, state, final, sums)		\
	{ name, least, most, takes, LAM_##state, LAM_FINAL_##final, sums },
	LAM_AGGREGATES(A)
#undef A
};
