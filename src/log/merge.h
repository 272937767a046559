/*
 * merge.h - small sealed segments at the end of a log become one
 */
#ifndef LAM_LOG_MERGE_H
#define LAM_LOG_MERGE_H

#include "base/err.h"
#include "log/append.h"
#include "log/tail.h"

/*
 * The last segment is sealed.  While it and those before it are small, pack them
 * into one, no larger than LIMITS.  A failure leaves the segments as they were.
 */
int lam_tail_merge(struct lam_tail *t, const struct lam_limits *limits,
	struct lam_error *e) LAM_MUST;

/*
 * Finish a merge whose process died: remove segments that lie inside another.
 * While lam_merge_forbid is in force, nothing is removed, and a later call does it.
 */
int lam_merge_finish(const char *dir, const char *id, struct lam_error *e)
	LAM_MUST;

/*
 * Until the descriptor that this gives is closed, no segment of stream directory
 * DIR goes away.  Writers do not wait: they merge later.  -1: the directory or its
 * lock could not be had.
 */
int lam_merge_forbid(const char *dir);

#endif
