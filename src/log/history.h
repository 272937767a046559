/*
 * history.h - the records before a position as one number
 */
#ifndef LAM_LOG_HISTORY_H
#define LAM_LOG_HISTORY_H

#include "base/err.h"
#include "log/stream.h"

/*
 * The digest of the records before POS (store/digest.h): equal for another log
 * of this id iff these are the same.  A block is decoded if POS is inside it.
 * *KNOWN is false inside a segment of version 1, and behind the head.
 */
int lam_stream_history(struct lam_stream *s, uint64_t pos, bool *known,
	uint64_t *history, struct lam_error *e) LAM_MUST;

/* The same of the stream NAME of DATA as it is now. */
int lam_stream_history_of(const char *data, const char *name, uint64_t pos,
	bool *known, uint64_t *history, struct lam_error *e) LAM_MUST;

/* The same where POS is inside a block of segment G, which is open and not old.
 * The caller holds the stream's mutex. */
int lam_history_inside(struct lam_stream *s, const struct lam_segment *g,
	uint64_t pos, uint64_t *history, struct lam_error *e) LAM_MUST;

#endif
