/*
 * durable.h - the witness of what has been fsynced
 *
 * A torn tail and a damaged last block look alike: bytes after the last whole
 * block.  This record tells them apart.  After the fsync of a segment has
 * succeeded, a writer notes how far the segment is durable.  The note never claims
 * more than that; bytes that were written before a failed fsync, and only synced
 * again, do not count (sync.c).  So damage before that offset has lost acknowledged
 * records, and anything invalid behind it was never acknowledged.
 */
#ifndef LAM_LOG_DURABLE_H
#define LAM_LOG_DURABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct lam_durable {
	bool valid;    /* false: no witness, the rest is 0 */
	uint64_t head; /* records [0, head) are durable */
	uint64_t base; /* of the segment that was active */
	uint64_t at;   /* its first AT bytes are durable; 0: it is sealed */
};

/* Read DIR/durable of stream ID.  Missing, torn or of another stream: not
 * valid.  LAM_DATA: written by a newer version. */
int lam_durable_read(const char *dir, const char *id, struct lam_durable *out,
	struct lam_error *e) LAM_MUST;

/* Write it, under the lock.  SYNC: itself durable on return. */
int lam_durable_write(const char *dir, const char *id,
	const struct lam_durable *d, bool sync, struct lam_error *e) LAM_MUST;

#endif
