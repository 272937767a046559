/*
 * reject_file.c - lines that are no records: DIR/reject/STREAM.csv
 *
 * Rejects are appended, and fsynced, before the records that came with them
 * are acknowledged: what was not accepted can always be found here.  A crash
 * in between may leave rejects whose records were not acknowledged.  A place tells
 * how long the file was before, so who goes on at a place finds them, and does not
 * append them again; when an input without a place is given again they are there
 * twice, which costs nobody a record.  A last line torn by a crash is ended by the
 * next append.
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
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/dir.h"
#include "base/io.h"

#define BEFORE_MAX ((uint64_t)64 << 20) /* what is looked at of it */

static const char header[] = "source,line,reason,text\n";

int
lam_reject_file_open(struct lam_reject_file *r, const char *data,
	const char *stream, struct lam_error *e)
{
	int rc;

	*r = (struct lam_reject_file){ .fd = -1 };
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
	lam_buf_release(&r->before);
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

uint64_t
lam_reject_file_size(const struct lam_reject_file *r)
{
	struct stat st;

	return stat(r->path, &st) ? 0 : (uint64_t)st.st_size;
}

void
lam_reject_file_again(struct lam_reject_file *r, uint64_t from,
	bool (*is_of)(const void *arg, const char *source), const void *arg)
{
	r->again = true;
	r->from = from;
	r->at = 0;
	lam_buf_clear(&r->before);
	r->is_of = is_of;
	r->arg = arg;
}

/* Read what a run that was killed may have left. */
static int
read_before(struct lam_reject_file *r, uint64_t size, struct lam_error *e)
{
	uint64_t n = size > r->from ? size - r->from : 0;
	int rc = LAM_OK;

	r->again = false;
	if (n > BEFORE_MAX)
		n = BEFORE_MAX;
	if (!lam_buf_room(&r->before, (size_t)n))
		return lam_fail_mem(e);
	if (n)
		rc = lam_io_pread(r->fd, r->before.p, (size_t)n, r->from, r->path, e);
	r->before.n = rc ? 0 : (size_t)n;
	return rc;
}

/* A line of the file: its source, with the quotes, its number, and all of it. */
struct line {
	struct lam_str source, all;
	uint64_t number;
};

/* The line of B at AT; false: there is no whole one. */
static bool
get_line(const struct lam_buf *b, size_t at, struct line *x)
{
	bool quoted = false;
	size_t end = at, comma = 0;

	while (end < b->n && (quoted || b->p[end] != '\n')) {
		quoted ^= b->p[end] == '"';
		if (!comma && !quoted && b->p[end] == ',')
			comma = end;
		end++;
	}
	if (end >= b->n)
		return false;
	x->all = (struct lam_str){ b->p + at, end + 1 - at };
	x->source = (struct lam_str){ b->p + at, comma ? comma - at : 0 };
	x->number = comma ? strtoull(b->p + comma + 1, NULL, 10) : 0;
	return true;
}

/* Are X, appended before, and Y of one log?  It may have been renamed since. */
static bool
one_log(const struct lam_reject_file *r, const struct line *x, const struct line *y)
{
	char path[LAM_PATH_MAX];
	size_t n = x->source.n;

	if (n == y->source.n && !memcmp(x->source.p, y->source.p, n))
		return true;
	if (n < 2 || n > sizeof path)
		return false;
	memcpy(path, x->source.p + 1, n - 2);
	path[n - 2] = '\0';
	return r->is_of(r->arg, path);
}

/* Was Y appended before?  Of one log they come in order. */
static bool
came_before(struct lam_reject_file *r, const struct line *y)
{
	struct line x;

	while (get_line(&r->before, r->at, &x)) {
		size_t rest = x.all.n - x.source.n;

		if (one_log(r, &x, y) && x.number >= y->number) {
			if (x.number > y->number || rest != y->all.n - y->source.n ||
				memcmp(x.all.p + x.source.n,
				y->all.p + y->source.n, rest))
				return false;
			r->at += x.all.n;
			return true;
		}
		r->at += x.all.n;
	}
	return false;
}

/* The lines that were not appended before, to OUT. */
static int
keep_new(struct lam_reject_file *r, const struct lam_buf *lines,
	struct lam_buf *out, struct lam_error *e)
{
	struct line y;

	for (size_t at = 0; get_line(lines, at, &y); at += y.all.n)
		if (!came_before(r, &y))
			lam_buf_put(out, y.all.p, y.all.n);
	return lam_buf_check(out, e);
}

int
lam_reject_file_append(struct lam_reject_file *r, const struct lam_buf *lines,
	struct lam_error *e)
{
	struct lam_buf fresh = LAM_BUF_INIT;
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
	if (!rc && r->again)
		rc = read_before(r, size, e);
	if (!rc && r->at < r->before.n) {
		rc = keep_new(r, lines, &fresh, e);
		lines = &fresh;
	}
	if (!rc && lines->n) {
		size_t n = strlen(before);

		rc = lam_io_pwrite(r->fd, before, n, size, r->path, e);
		if (!rc)
			rc = lam_io_pwrite(r->fd, lines->p, lines->n, size + n,
				r->path, e);
		if (rc && ftruncate(r->fd, (off_t)size))
			errno = 0; /* a torn line; the next append ends it */
	}
	r->dirty |= !rc; /* what came before may not be durable, either */
	lam_buf_release(&fresh);
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
