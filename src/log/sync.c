/*
 * sync.c - bytes that may be lost are written again
 *
 * A write that the system has taken reaches the disk later.  When that fails,
 * Linux marks the pages clean all the same: they may be dropped from memory at
 * any time and are then read as they are on disk, and no later fsync writes
 * them.  The failure is reported once to each descriptor that was open, and to
 * the next one opened if nobody has asked yet (Linux 4.13, and "errseq: Always
 * report a writeback error once" of 4.17; fsync(2), "ERRORS"; Rebello et al.,
 * "Can Applications Recover from fsync Failures?", USENIX ATC 2020).  So an
 * fsync that returns 0 proves that
 *
 *	- what was written since the descriptor was opened is on disk,
 *	- unless an fsync of this descriptor has failed since, and
 *	- nothing about what was written before it was opened: the process that
 *	  wrote it, or another one, may have had the answer.
 *
 * What is not proved so, and not told by the witness, is in doubt.  It is
 * read, written over itself, read again and verified by its checksums; pages
 * that are waiting for the disk are not dropped, so the fsync that follows
 * answers for what was verified.  Readers see the same bytes all the while.
 *
 * Of directories that is not asked: a file system with a journal that could
 * not write it stops, and each later fsync fails.  So names are made durable
 * by another fsync of their directory, by whoever relies on them next.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "log/recover.h"
#include "log/sync.h"
#include "log/tail.h"

#define COPY_BYTES (1u << 20)

int
lam_tail_rewrite(struct lam_tail *t, uint64_t from, uint64_t to,
	const char *path, struct lam_error *e)
{
	char *p = malloc(COPY_BYTES);
	uint64_t n;
	int rc = p ? LAM_OK : lam_fail_mem(e);

	for (; !rc && from < to; from += n) {
		n = to - from < COPY_BYTES ? to - from : COPY_BYTES;
		rc = lam_io_pread(t->fd, p, n, from, path, e);
		if (!rc)
			rc = lam_io_pwrite(t->fd, p, n, from, path, e);
	}
	free(p);
	return rc;
}

int
lam_stream_sync(struct lam_stream *s, uint64_t upto, struct lam_error *e)
{
	struct lam_tail t = LAM_TAIL_INIT(s->dir, s->id);
	char path[LAM_PATH_MAX];
	int rc;

	if (upto <= s->durable)
		return LAM_OK;
	rc = lam_io_path(path, sizeof path, e, "%s/lock", s->dir);
	if (!rc)
		rc = lam_io_lock(&t.lock, path, e);
	if (!rc)
		rc = lam_tail_enter(&t, e);
	if (!rc && t.head < upto)
		rc = lam_fail(e, LAM_DATA, "%s: the log ends at position %"
			PRIu64 ", it went to %" PRIu64 " before: records that "
			"were not acknowledged are lost: try again", s->dir, t.head,
			upto);
	if (!rc && t.fd >= 0 && t.synced < t.at) {
		rc = lam_tail_sync(&t, e);
		/* Durable all the same when this fails. */
		if (!rc)
			(void)!lam_tail_witness(&t, false, NULL);
	}
	if (!rc)
		s->durable = t.head < s->head ? t.head : s->head;
	lam_tail_close(&t);
	if (t.lock >= 0)
		close(t.lock);
	return rc;
}
