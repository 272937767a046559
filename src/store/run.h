/*
 * run.h - texts as numbers and times, some rows at a time
 *
 * For the values that most columns are made of, in loops without branches: whoever
 * calls reads the others one by one.
 */
#ifndef LAM_STORE_RUN_H
#define LAM_STORE_RUN_H

#include "store/column_internal.h"

#define LAM_RUN 64 /* rows at most */
#define LAM_RUN_SCALE 6 /* decimals at most */

/*
 * The rows [FROM, FROM + N) of IN to OUT, which has room for three more.  OTHER[i], of
 * as many: not 0 where row FROM + i is not read.  Returns whether there are such.
 *
 *	numbers	of digits only, up to 8 bytes, with SCALE decimals after a point
 *		when SCALE > 0; zeros may lead, and the point, too
 *	times	whose text differs from that in C in seconds and their decimals only,
 *		where these are up to 5 (lam_timecache_parse)
 */
bool lam_run_numbers(const struct lam_values *in, uint32_t from, uint32_t n,
	unsigned scale, int64_t *out, uint64_t *other);
bool lam_run_times(const struct lam_values *in, uint32_t from, uint32_t n,
	const struct lam_timecache *c, int64_t *out, uint64_t *other);

#endif
