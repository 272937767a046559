/*
 * agg_loops.c - the innermost loops: update by rows by group
 *
 * Rows of logs come in runs of one group (one minute, mostly status 200), and
 * then each addition has to wait until the one before has been stored and can
 * be forwarded, some seven cycles.  So consecutive rows go to LANES copies of
 * the sums as long as those stay in the first-level cache, and the copies are
 * added up at the end.  Counting and summing share one addition: the count is
 * kept in the 17 high bits of the sum.  Measured on Zen 1 at 2 GHz: 0.7 ns a
 * row for count and sum in 600 groups, 1.7 ns with one copy.
 */
#include "group/agg_loops.h"

#include <string.h>

#include "base/hot.h"

#define LANES 4
#define LANE_GROUPS 2048 /* with more, rows rarely meet in one group */

/* Add up N rows of TERM, an expression of i, in one of three ways. */
#define ACCUMULATE(type, TERM)						      \
	do {								      \
		type *lane;						      \
		uint32_t i = 0;						      \
									      \
		if (!gid) {						      \
			type all = 0;					      \
									      \
			for (; i < n; i++)				      \
				all += (type)(TERM);			      \
			sum[0] += all;					      \
			return true;					      \
		}							      \
		if (ngroups > LANE_GROUPS || n < ngroups) {		      \
			for (; i < n; i++)				      \
				sum[gid[i]] += (type)(TERM);		      \
			return true;					      \
		}							      \
		lane = LAM_ARENA_NEW(a, type, (size_t)LANES * ngroups);	      \
		if (!lane)						      \
			return false;					      \
		while (i + LANES <= n) {				      \
			lane[gid[i]] += (type)(TERM);			      \
			i++;						      \
			lane[ngroups + gid[i]] += (type)(TERM);		      \
			i++;						      \
			lane[2 * ngroups + gid[i]] += (type)(TERM);	      \
			i++;						      \
			lane[3 * ngroups + gid[i]] += (type)(TERM);	      \
			i++;						      \
		}							      \
		for (; i < n; i++)					      \
			lane[gid[i]] += (type)(TERM);			      \
		for (uint32_t g = 0; g < ngroups; g++)			      \
			sum[g] += lane[g] + lane[ngroups + g] +		      \
				lane[2 * ngroups + g] + lane[3 * ngroups + g];\
		return true;						      \
	} while (0)

LAM_HOT bool
lam_loop_count(const uint16_t *gid, uint32_t n, uint32_t ngroups,
	uint32_t *sum, struct lam_arena *a)
{
	if (!gid) {
		sum[0] += n;
		return true;
	}
	ACCUMULATE(uint32_t, 1);
}

LAM_HOT static bool
acc_u32(const uint16_t *gid, const uint32_t *v, uint32_t n, uint32_t ngroups,
	uint64_t *sum, struct lam_arena *a)
{
	ACCUMULATE(uint64_t, v[i] + LAM_LOOP_ONE);
}

LAM_HOT static bool
acc_u32_null(const uint16_t *gid, const uint32_t *v, const uint8_t *null,
	uint32_t n, uint32_t ngroups, uint64_t *sum, struct lam_arena *a)
{
	ACCUMULATE(uint64_t, (v[i] + LAM_LOOP_ONE) & -(uint64_t)!null[i]);
}

bool
lam_loop_u32(const uint16_t *gid, const uint32_t *v, const uint8_t *null,
	uint32_t n, uint32_t ngroups, uint64_t *sum, struct lam_arena *a)
{
	return null ? acc_u32_null(gid, v, null, n, ngroups, sum, a) :
		acc_u32(gid, v, n, ngroups, sum, a);
}

LAM_HOT bool
lam_loop_code(const uint16_t *gid, const uint16_t *code, const uint64_t *term,
	uint32_t n, uint32_t ngroups, uint64_t *sum, struct lam_arena *a)
{
	ACCUMULATE(uint64_t, term[code[i]]);
}

LAM_HOT bool
lam_loop_u64(const uint16_t *gid, const uint64_t *term, uint32_t n,
	uint32_t ngroups, uint64_t *sum, struct lam_arena *a)
{
	ACCUMULATE(uint64_t, term[i]);
}

#define MINIMUM(type, KEY)						\
	do {								\
		type all = best[0];					\
									\
		for (uint32_t i = 0; gid && i < n; i++) {		\
			type k = (KEY);					\
									\
			if (k < best[gid[i]])				\
				best[gid[i]] = k;			\
		}							\
		if (gid)						\
			return;						\
		for (uint32_t i = 0; i < n; i++)			\
			all = (KEY) < all ? (KEY) : all;		\
		best[0] = all;						\
	} while (0)

LAM_HOT void
lam_loop_min_u32(const uint16_t *gid, const uint32_t *key, uint32_t flip,
	uint32_t n, uint32_t *best)
{
	MINIMUM(uint32_t, key[i] ^ flip);
}

LAM_HOT void
lam_loop_min_u64(const uint16_t *gid, const uint64_t *key, uint32_t n,
	uint64_t *best)
{
	MINIMUM(uint64_t, key[i]);
}

LAM_HOT void
lam_loop_min_code(const uint16_t *gid, const uint16_t *code,
	const uint64_t *key, uint32_t n, uint64_t *best)
{
	MINIMUM(uint64_t, key[code[i]]);
}
