/*
 * reject_file.c - lines that are no records: DIR/reject/STREAM.csv
 *
 * Rejects are appended, and fsynced, before the records that came with them
 * are acknowledged: what was not accepted can always be found here.  A crash
 * in between may leave rejects whose records were not acknowledged; when the
 * input is given again they are there twice, which costs nobody a record.  A
 * last line torn by a crash is ended by the next append.
 *
 * There are no checksums here by which lines could be verified and written
 * again.  So after a failed fsync this process acknowledges nothing more; and
 * another one, whose descriptor is older than what it appends, is told by its
 * own fsync what of that was lost.
 *
 * The file may be removed or rotated at any time: a name that leads elsewhere
 * is opened, or made, anew, after what was written to the old one is synced.
 */
#include "ingest/reject_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/io.h"

static const char header[] = "source,line,reason,text\n";

int
lam_reject_file_open(struct lam_reject_file *r, const char *data,
	const char *stream, struct lam_error *e)
{
	int rc;

	r->fd = -1;
	r->dirty = r->new = r->lost = false;
	rc = lam_io_path(r->dir, sizeof r->dir, e, "%s/reject", data);
	if (!rc)
		rc = lam_io_path(r->path, sizeof r->path, e, "%s/reject/%s.csv",
			data, stream);
	if (!rc)
		rc = lam_io_path(r->lock, sizeof r->lock, e, "%s/reject/.lock",
			data);
	return rc;
}

void
lam_reject_file_close(struct lam_reject_file *r)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
}

static void
put_quoted(const char *p, size_t n, struct lam_buf *out)
{
	lam_buf_putc(out, '"');
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '"')
			lam_buf_putc(out, '"');
		lam_buf_putc(out, p[i]);
	}
	lam_buf_putc(out, '"');
}

void
lam_reject_file_print(const char *source, const struct lam_reject *x,
	struct lam_buf *out)
{
	put_quoted(source, strlen(source), out);
	lam_buf_printf(out, ",%" PRIu64 ",", x->line);
	put_quoted(x->reason, strlen(x->reason), out);
	lam_buf_putc(out, ',');
	put_quoted(x->text.p, x->text.n, out);
	lam_buf_putc(out, '\n');
}

/* Does the name lead to the file that is open? */
static bool
still_there(const struct lam_reject_file *r)
{
	struct stat name, file;

	return !lstat(r->path, &name) && !fstat(r->fd, &file) &&
		name.st_ino == file.st_ino && name.st_dev == file.st_dev;
}

static int
open_file(struct lam_reject_file *r, struct lam_error *e)
{
	int rc;

	if (r->fd >= 0 && still_there(r))
		return LAM_OK;
	rc = r->fd >= 0 ? lam_reject_file_sync(r, e) : LAM_OK;
	if (rc)
		return rc;
	lam_reject_file_close(r);
	rc = lam_io_open(&r->fd, r->path, O_RDWR | O_CREAT, e);
	r->new = !rc;
	return rc;
}

/* The text to write before new lines in a file of SIZE bytes. */
static int
joint(const struct lam_reject_file *r, uint64_t size, const char **out,
	struct lam_error *e)
{
	char last = '\n';
	int rc = LAM_OK;

	if (size)
		rc = lam_io_pread(r->fd, &last, 1, size - 1, r->path, e);
	*out = size == 0 ? header : last == '\n' ? "" : "\n";
	return rc;
}

int
lam_reject_file_append(struct lam_reject_file *r, const struct lam_buf *lines,
	struct lam_error *e)
{
	uint64_t size = 0;
	const char *before = "";
	int lock = -1, rc;

	if (lines->n == 0 && !lines->oom)
		return LAM_OK;
	rc = lam_buf_check(lines, e);
	if (!rc)
		rc = lam_io_no_link(r->dir, e);
	if (!rc)
		rc = lam_io_mkdir(r->dir, e);
	if (!rc)
		rc = lam_io_lock(&lock, r->lock, e);
	if (!rc)
		rc = open_file(r, e);
	if (!rc)
		rc = lam_io_size(r->fd, &size, r->path, e);
	if (!rc)
		rc = joint(r, size, &before, e);
	if (!rc) {
		size_t n = strlen(before);

		rc = lam_io_pwrite(r->fd, before, n, size, r->path, e);
		if (!rc)
			rc = lam_io_pwrite(r->fd, lines->p, lines->n, size + n,
				r->path, e);
		if (rc && ftruncate(r->fd, (off_t)size))
			errno = 0; /* a torn line; the next append ends it */
	}
	r->dirty |= !rc;
	if (lock >= 0)
		close(lock);
	return rc;
}

int
lam_reject_file_sync(struct lam_reject_file *r, struct lam_error *e)
{
	int rc;

	if (r->lost)
		return lam_fail(e, LAM_SYSTEM, "%s: rejected lines may be "
			"lost: give the input again", r->path);
	if (!r->dirty)
		return LAM_OK;
	rc = lam_io_sync(r->fd, r->path, e);
	r->lost = rc != LAM_OK;
	if (!rc && r->new && lam_io_exists(r->dir))
		rc = lam_io_sync_dir(r->dir, e);
	r->dirty = rc != LAM_OK;
	r->new &= r->dirty;
	return rc;
}
