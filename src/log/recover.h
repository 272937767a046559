/*
 * recover.h - find the tail of a log, and repair what a crash has left
 *
 * Called with the stream's lock held.  Private to this folder.
 */
#ifndef LAM_LOG_RECOVER_H
#define LAM_LOG_RECOVER_H

#include "log/tail.h"

/*
 * Find the tail, unless it is still as known; check it against the witness;
 * write again what is in doubt; move a torn tail aside.  An fsync of t->fd
 * that succeeds from here on covers all of the segment.
 */
int lam_tail_enter(struct lam_tail *t, struct lam_error *e) LAM_MUST;
void lam_tail_close(struct lam_tail *t);

/* fsync the active segment.  A failure leaves all that is not synced in doubt,
 * here and in every other writer. */
int lam_tail_sync(struct lam_tail *t, struct lam_error *e) LAM_MUST;

/* Count what a new block of NROWS records has: the ranges of its columns COL, and
 * what its metadata NOTES says. */
int lam_tail_account(struct lam_tail *t, uint32_t nrows, uint32_t ncols,
	const struct lam_colmeta *col, struct lam_str notes,
	struct lam_error *e) LAM_MUST;

/* Note in the witness that all of the active segment is durable. */
int lam_tail_witness(struct lam_tail *t, bool sync, struct lam_error *e)
	LAM_MUST;

/* Cut the active segment back to t->at after a failed write. */
int lam_tail_cut(struct lam_tail *t, struct lam_error *e) LAM_MUST;

#endif
