/*
 * durable.c - the witness of what has been fsynced
 *
 *	offset size
 *	0	8   "LAMDURAB"
 *	8	4   version, 1
 *	12	4   0
 *	16	8   checksum of the stream's id (its 32 hex digits)
 *	24	8   head: records [0, head) are durable
 *	32	8   base of the segment that was active
 *	40	8   its first so many bytes are durable; 0: it was sealed
 *	48	8   checksum of bytes 0 to 47
 *
 * Valid iff it has these 56 bytes, the checksum holds, and magic and id are
 * right.  Anything else is no witness: a reader that meets a write half done
 * decides without it.
 *
 * The record is overwritten in place, with one pwrite, after each fsync of a
 * segment; fsynced itself only when a segment is started.  Losing it in a
 * crash of the machine is no harm: an older record claims less.  The directory
 * is fsynced before a file gets its first record, and whoever finds a segment
 * without blocks writes and fsyncs the record before the first one goes in.
 * It follows that for every segment with blocks there is a durable record that
 * names it (or a later one), unless somebody removed the file.
 */
#include "log/durable.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/dir.h"
#include "base/hash.h"
#include "base/io.h"

#define DURABLE_SIZE 56
#define DURABLE_MAX 4096 /* bytes behind the record are not looked at */
#define DURABLE_VERSION 1
static const char magic[8] = { 'L', 'A', 'M', 'D', 'U', 'R', 'A', 'B' };

int
lam_durable_read(const char *dir, const char *id, struct lam_durable *out,
	struct lam_error *e)
{
	struct lam_buf b = LAM_BUF_INIT;
	char path[LAM_PATH_MAX];
	const char *p;
	int rc;

	*out = (struct lam_durable){ false, 0, 0, 0 };
	rc = lam_io_path(path, sizeof path, e, "%s/durable", dir);
	if (rc || !lam_io_exists(path))
		return rc;
	rc = lam_io_slurp(path, DURABLE_MAX, &b, e);
	if (rc || b.n < DURABLE_SIZE)
		goto out;
	p = b.p;
	if (memcmp(p, magic, sizeof magic) ||
		lam_checksum(p, 48) != lam_get64(p + 48))
		goto out;
	if (lam_get32(p + 8) > DURABLE_VERSION) {
		rc = lam_fail(e, LAM_DATA, "%s: version %u is newer than "
			"%d, which this program reads: unsupported: use a "
			"newer program", path, lam_get32(p + 8), DURABLE_VERSION);
		goto out;
	}
	if (lam_get64(p + 16) != lam_checksum(id, strlen(id)))
		goto out;
	*out = (struct lam_durable){ true, lam_get64(p + 24),
		lam_get64(p + 32), lam_get64(p + 40) };
out:
	lam_buf_release(&b);
	return rc;
}

int
lam_durable_write(const char *dir, const char *id,
	const struct lam_durable *d, bool sync, struct lam_error *e)
{
	char path[LAM_PATH_MAX], p[DURABLE_SIZE] = { 0 };
	uint64_t size;
	int fd = -1, rc;

	memcpy(p, magic, sizeof magic);
	lam_put32(p + 8, DURABLE_VERSION);
	lam_put64(p + 16, lam_checksum(id, strlen(id)));
	lam_put64(p + 24, d->head);
	lam_put64(p + 32, d->base);
	lam_put64(p + 40, d->at);
	lam_put64(p + 48, lam_checksum(p, 48));
	rc = lam_io_path(path, sizeof path, e, "%s/durable", dir);
	if (rc)
		return rc;
	rc = lam_io_open(&fd, path, O_RDWR | O_CREAT, e);
	if (!rc)
		rc = lam_io_size(fd, &size, path, e);
	/* A record that can be read has a durable name. */
	if (!rc && size < sizeof p)
		rc = lam_io_sync_dir(dir, e);
	if (!rc)
		rc = lam_io_pwrite(fd, p, sizeof p, 0, path, e);
	if (!rc && sync)
		rc = lam_io_sync(fd, path, e);
	if (fd >= 0 && rc)
		(void)!lam_io_close(&fd, path, NULL);
	else if (fd >= 0)
		rc = lam_io_close(&fd, path, e);
	return rc;
}
