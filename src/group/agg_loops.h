/*
 * agg_loops.h - the innermost loops: update by rows by group
 *
 * GID[i] < NGROUPS is the group of row i; a NULL GID means that all rows are
 * in group 0.  Results are added to arrays that start as zeros.  False: out
 * of memory.
 */
#ifndef LAM_GROUP_AGG_LOOPS_H
#define LAM_GROUP_AGG_LOOPS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

bool lam_loop_count(const uint16_t *gid, uint32_t n, uint32_t ngroups,
	uint32_t *count, struct lam_arena *a);

/* Below 2^31 a value and its row are counted in one addition. */
#define LAM_LOOP_ONE (UINT64_C(1) << 47)
#define LAM_LOOP_MAX (UINT32_MAX >> 1)

/*
 * Sums of V and of rows: SUM[g] += V[i] + LAM_LOOP_ONE, for the rows that are
 * not NULL (NULL may be NULL).  V[i] <= LAM_LOOP_MAX where not NULL.
 */
bool lam_loop_u32(const uint16_t *gid, const uint32_t *v, const uint8_t *null,
	uint32_t n, uint32_t ngroups, uint64_t *sum, struct lam_arena *a);

/* SUM[g] += TERM[CODE[i]]. */
bool lam_loop_code(const uint16_t *gid, const uint16_t *code,
	const uint64_t *term, uint32_t n, uint32_t ngroups, uint64_t *sum,
	struct lam_arena *a);

/* SUM[g] += TERM[i]. */
bool lam_loop_u64(const uint16_t *gid, const uint64_t *term, uint32_t n,
	uint32_t ngroups, uint64_t *sum, struct lam_arena *a);

/* BEST[g] = min(BEST[g], KEY[i] ^ FLIP). */
void lam_loop_min_u32(const uint16_t *gid, const uint32_t *key, uint32_t flip,
	uint32_t n, uint32_t *best);
/* BEST[g] = min(BEST[g], KEY[i]), or KEY[CODE[i]]. */
void lam_loop_min_u64(const uint16_t *gid, const uint64_t *key, uint32_t n,
	uint64_t *best);
void lam_loop_min_code(const uint16_t *gid, const uint16_t *code,
	const uint64_t *key, uint32_t n, uint64_t *best);

#endif
