/*
 * lag.h - how far a function is behind its stream: records, and since when
 *
 * The first record that was not looked at has waited since it was appended, which its
 * block tells, to the second.  It came after the function last had no more to do, which
 * is the time of its lock file; and before the stream was first seen to have so many
 * records, which the ledger tells (tie.h).  A block of an older writer tells nothing:
 * then these are all that is known.
 */
#ifndef LAM_TRIGGER_LAG_H
#define LAM_TRIGGER_LAG_H

#include "trigger/progress.h"

#define LAM_LAG_NONE INT64_MIN /* of .since: there is no such time */

struct lam_lag {
	uint64_t records; /* not looked at; UINT64_MAX: it looks at none */
	int64_t since;	  /* the first of them, ns since 1970 */
	struct lam_tie *seen; /* beyond what was looked at, in order */
	size_t n, cap;
};

#define LAM_LAG_INIT { .records = UINT64_MAX, .since = LAM_LAG_NONE }

/* The next frame F of a ledger, of which P is the progress with it. */
int lam_lag_add(struct lam_lag *g, const struct lam_ledger_frame *f,
	const struct lam_ledger_progress *p, struct lam_error *e) LAM_MUST;

/* After the last frame: .records and .since, of the function NAME of DATA. */
void lam_lag_find(struct lam_lag *g, const char *data, const char *name,
	const struct lam_ledger_progress *p);

void lam_lag_release(struct lam_lag *g);

#endif
