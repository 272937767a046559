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
 * fsync that returns 0 proves that the bytes which were written since the descriptor
 * was opened are on disk, unless an fsync of this descriptor has failed before.  It
 * proves nothing about older bytes: their failure may have been reported to the
 * process that wrote them, or to another one.
 *
 * Bytes that neither such an fsync nor the witness vouches for are in doubt.  They
 * are read, written over themselves, read again and verified by their checksums.
 * Pages that wait for the disk are not dropped, so the fsync that follows answers
 * for the verified bytes.  Readers see the same bytes all the while.
 *
 * Directories are not written again: a file system that cannot write its journal
 * stops, and each later fsync fails.  So the next process that relies on a name
 * makes it durable by another fsync of its directory.
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
