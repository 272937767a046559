/*
 * claim.c - one reader a log
 *
 * DIR/.followed, always empty: the byte whose number is the hash of stream and path
 * is locked, by the open file, so that it is the same on NFS; of a directory for all
 * who look for given names, or for one who looks for any.  Two logs with one hash
 * would only refuse each other.  Places (trail.h) are safe without this: it
 * tells the second reader at once, not when both have a line.
 */
#include "follow/claim.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/dir.h"
#include "base/hash.h"
#include "base/io.h"

static int
open_file(struct lam_claims *c, struct lam_error *e)
{
	char path[LAM_PATH_MAX];
	int rc;

	if (c->fd >= 0)
		return LAM_OK;
	rc = lam_io_mkdir(c->data, e);
	if (!rc)
		rc = lam_io_path(path, sizeof path, e, "%s/.followed", c->data);
	if (!rc)
		rc = lam_io_open(&c->fd, path, O_RDWR | O_CREAT, e);
	return rc;
}

/* Lock the byte of PATH[N] as TYPE, F_WRLCK or F_RDLCK.  LAM_DATA, without a message:
 * somebody has. */
static int
lock(struct lam_claims *c, const char *path, size_t n, short type, struct lam_error *e)
{
	struct lam_buf b = LAM_BUF_INIT;
	struct flock l = { .l_type = type, .l_whence = SEEK_SET, .l_len = 1 };
	int rc = open_file(c, e);

	if (rc)
		return rc;
	lam_buf_printf(&b, "%s %.*s", c->stream, (int)n, path);
	rc = lam_buf_check(&b, e);
	if (!rc)
		l.l_start = (off_t)(lam_checksum(b.p, b.n) >> 2);
	lam_buf_release(&b);
	if (rc || !fcntl(c->fd, F_OFD_SETLK, &l))
		return rc;
	if (errno == EAGAIN || errno == EACCES)
		return LAM_DATA;
	return lam_fail_sys(e, "%s/.followed: cannot lock", c->data);
}

int
lam_claim(struct lam_claims *c, const char *path, struct lam_error *e)
{
	int rc = lock(c, path, strlen(path), F_WRLCK, e);

	return rc != LAM_DATA ? rc : lam_fail(e, LAM_DATA, "%s: is followed into "
		"stream %s already: one reader takes it all", path, c->stream);
}

int
lam_claim_directory(struct lam_claims *c, const char *path, bool found,
	struct lam_error *e)
{
	size_t n = (size_t)(strrchr(path, '/') - path) + 1; /* its slash: no file */
	int rc = lock(c, path, n, found ? F_WRLCK : F_RDLCK, e);

	return rc != LAM_DATA ? rc : lam_fail(e, LAM_DATA, "%s: files of %.*s are "
		"followed into stream %s already, and a pattern or a directory "
		"takes whatever is there: give all names to one program", path,
		(int)n, path, c->stream);
}

void
lam_claim_release(struct lam_claims *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}
