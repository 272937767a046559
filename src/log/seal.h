/*
 * seal.h - end a full segment, start the next one
 *
 * Called with the stream's lock held, but for lam_stream_roll, which takes it.
 */
#ifndef LAM_LOG_SEAL_H
#define LAM_LOG_SEAL_H

#include "log/tail.h"

/*
 * Close the active segment (seal it) so that the next record starts a new one.
 * Nothing happens when it is empty.  *POS: the head, now a segment boundary.
 */
int lam_stream_roll(const char *data, const char *name, uint64_t *pos,
	struct lam_error *e) LAM_MUST;

/* End the active segment, which has blocks.  All of it is durable then.  LIMITS
 * as in lam_tail_merge, which follows. */
int lam_tail_seal(struct lam_tail *t, const struct lam_limits *limits,
	struct lam_error *e) LAM_MUST;

/* Start a segment at t->head; the active one, if any, is empty. */
int lam_tail_start(struct lam_tail *t, const char *const *field, size_t n,
	struct lam_error *e) LAM_MUST;

#endif
