/*
 * tie.h - what a function has read is still what its stream holds
 *
 * An id and a length do not say that: a stream that was restored from an older copy,
 * and has grown again since, has both.  So a ledger notes the history of the stream
 * (log/history.h) as far as it was seen, a feed's *tie*, before any record of it is
 * given to the function.  Each time the stream is opened its history up to there is
 * compared, and the tie moves on.
 */
#ifndef LAM_TRIGGER_TIE_H
#define LAM_TRIGGER_TIE_H

#include "log/stream.h"
#include "trigger/feed.h"

/*
 * S has been opened for F: what it holds before the tie is what it was, and the tie is
 * now at its head.  LAM_DATA: it is not.  (Of a ledger of another stream nothing is
 * compared: that is told by who opens it.)
 */
int lam_tie_follow(struct lam_feed *f, struct lam_stream *s, struct lam_error *e)
	LAM_MUST;

/* The tie of F goes to the ledger L, unless it is there. */
int lam_tie_put(const struct lam_feed *f, struct lam_ledger *l, struct lam_error *e)
	LAM_MUST;

/* Are the records of S that P says were seen still there?  LAM_DATA: they are not;
 * NAME is the function's. */
int lam_tie_check(const struct lam_ledger_progress *p, const char *name,
	struct lam_stream *s, struct lam_error *e) LAM_MUST;

#endif
