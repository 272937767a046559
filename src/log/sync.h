/*
 * sync.h - bytes that may not be durable are written again, and synced
 */
#ifndef LAM_LOG_SYNC_H
#define LAM_LOG_SYNC_H

#include "log/tail.h"

/*
 * Make records [0, UPTO) durable before state derived from them is published.  Up
 * to s->durable there is nothing to do.  Beyond it this works as a writer, under
 * the lock, and writes bytes in doubt again (recover.c).  An fsync of a reader's
 * own descriptor would prove nothing.
 */
int lam_stream_sync(struct lam_stream *s, uint64_t upto,
	struct lam_error *e) LAM_MUST;

/* sync.c: bytes [FROM, TO) of the active segment, written over themselves. */
int lam_tail_rewrite(struct lam_tail *t, uint64_t from, uint64_t to,
	const char *path, struct lam_error *e) LAM_MUST;

#endif
