/*
 * io.c - reading, writing and naming of files
 *
 * Each function is one system call made whole: repeated on EINTR and on short
 * transfers, with a message that names the file.  What replaces files is in
 * replace.c, what walks directories in dir.c.
 */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MODE 0640
#define READ_MAX ((size_t)1 << 30) /* Linux transfers less than 2 GiB a call */
#define SLURP_STEP ((size_t)16 << 10)

int
lam_io_no_link(const char *path, struct lam_error *e)
{
	struct stat st;

	if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
		return lam_fail(e, LAM_DATA, "%s: is a symbolic link, which "
			"a dataset may not hold: replace it with what it leads "
			"to, or remove it", path);
	return LAM_OK;
}

static int
open_file(int *fd, const char *path, int flags, struct lam_error *e)
{
	int sys;

	do
		*fd = open(path, flags | O_CLOEXEC, FILE_MODE);
	while (*fd < 0 && errno == EINTR);
	sys = errno;
	if (*fd >= 0)
		return LAM_OK;
	if (sys == ELOOP && lam_io_no_link(path, e) != LAM_OK)
		return LAM_DATA;
	errno = sys;
	return lam_fail_sys(e, "%s: cannot %s", path,
		flags & O_CREAT ? "create" : "open");
}

/*
 * A file of a dataset, of its own.  A pipe or device of such a name is told and
 * not waited for.
 */
static int
open_own(int *fd, const char *path, int flags, struct lam_error *e)
{
	struct stat st;
	int code = open_file(fd, path, flags | O_NOFOLLOW | O_NONBLOCK, e);

	if (code != LAM_OK || (fstat(*fd, &st) == 0 && (S_ISREG(st.st_mode) ||
		S_ISDIR(st.st_mode)))) /* who reads a directory is told */
		return code;
	close(*fd);
	*fd = -1;
	return lam_fail(e, LAM_DATA, "%s: is not a file, but a %s: remove it, "
		"or move it away", path, S_ISFIFO(st.st_mode) ? "pipe" :
		"device");
}

int
lam_io_open(int *fd, const char *path, int flags, struct lam_error *e)
{
	return open_own(fd, path, flags, e);
}

int
lam_io_write(int fd, const void *p, size_t n, const char *path,
	struct lam_error *e)
{
	const char *at = p;

	while (n > 0) {
		ssize_t k = write(fd, at, n < READ_MAX ? n : READ_MAX);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return lam_fail_sys(e, "%s: cannot write", path);
		at += k;
		n -= (size_t)k;
	}
	return LAM_OK;
}

int
lam_io_pwrite(int fd, const void *p, size_t n, uint64_t at, const char *path,
	struct lam_error *e)
{
	const char *from = p;

	while (n > 0) {
		ssize_t k = pwrite(fd, from, n < READ_MAX ? n : READ_MAX,
			(off_t)at);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return lam_fail_sys(e, "%s: cannot write at offset "
				"%llu", path, (unsigned long long)at);
		from += k;
		at += (uint64_t)k;
		n -= (size_t)k;
	}
	return LAM_OK;
}

int
lam_io_pread(int fd, void *p, size_t n, uint64_t at, const char *path,
	struct lam_error *e)
{
	char *to = p;

	if (at > INT64_MAX || n > INT64_MAX - at)
		return lam_fail(e, LAM_DATA, "%s: offset %llu is beyond any "
			"file", path, (unsigned long long)at);
	while (n > 0) {
		ssize_t k = pread(fd, to, n < READ_MAX ? n : READ_MAX,
			(off_t)at);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return lam_fail_sys(e, "%s: cannot read at offset %llu",
				path, (unsigned long long)at);
		if (k == 0)
			return lam_fail(e, LAM_DATA, "%s: ends at offset %llu, "
				"%zu bytes before it should", path,
				(unsigned long long)at, n);
		to += k;
		at += (uint64_t)k;
		n -= (size_t)k;
	}
	return LAM_OK;
}

int
lam_io_read(int fd, void *p, size_t n, size_t *got, const char *path,
	struct lam_error *e)
{
	ssize_t k;

	do
		k = read(fd, p, n < READ_MAX ? n : READ_MAX);
	while (k < 0 && errno == EINTR);
	*got = k < 0 ? 0 : (size_t)k;
	return k < 0 ? lam_fail_sys(e, "%s: cannot read", path) : LAM_OK;
}

static int
slurp(const char *path, bool own, size_t max, struct lam_buf *b,
	struct lam_error *e)
{
	size_t start = b->n, got = 1;
	int fd = -1, code = LAM_OK;
	bool standard = !own && !strcmp(path, "-");

	if (standard)
		fd = STDIN_FILENO;
	else
		code = own ? open_own(&fd, path, O_RDONLY, e) :
			open_file(&fd, path, O_RDONLY, e);
	while (code == LAM_OK && got > 0) {
		if (!lam_buf_room(b, SLURP_STEP)) {
			code = lam_fail_mem(e);
			break;
		}
		code = lam_io_read(fd, b->p + b->n, SLURP_STEP, &got, path, e);
		b->n += got;
		if (b->n - start > max)
			code = lam_fail(e, LAM_DATA, "%s: larger than %zu "
				"bytes, which such a file never is", path, max);
	}
	if (fd >= 0 && !standard)
		close(fd);
	return code;
}

int
lam_io_slurp(const char *path, size_t max, struct lam_buf *b,
	struct lam_error *e)
{
	return slurp(path, true, max, b, e);
}

int
lam_io_slurp_given(const char *path, size_t max, struct lam_buf *b,
	struct lam_error *e)
{
	return slurp(path, false, max, b, e);
}

int
lam_io_size(int fd, uint64_t *size, const char *path, struct lam_error *e)
{
	struct stat st;

	*size = 0;
	if (fstat(fd, &st) != 0)
		return lam_fail_sys(e, "%s: cannot get its size", path);
	*size = (uint64_t)st.st_size;
	return LAM_OK;
}

int
lam_io_sync(int fd, const char *path, struct lam_error *e)
{
	int r;

	do
		r = fsync(fd);
	while (r != 0 && errno == EINTR);
	return r != 0 ? lam_fail_sys(e, "%s: cannot make it durable (fsync)",
		path) : LAM_OK;
}

int
lam_io_close(int *fd, const char *path, struct lam_error *e)
{
	int r;

	if (*fd < 0)
		return LAM_OK;
	r = close(*fd);
	*fd = -1;
	/* Linux has closed it whatever close says. */
	if (r != 0 && errno != EINTR)
		return lam_fail_sys(e, "%s: cannot close", path);
	return LAM_OK;
}

int
lam_io_unlink(const char *path, struct lam_error *e)
{
	if (unlink(path) != 0 && errno != ENOENT)
		return lam_fail_sys(e, "%s: cannot remove", path);
	return LAM_OK;
}

int
lam_io_unnamed(int *fd, const char *dir, struct lam_error *e)
{
	char path[LAM_PATH_MAX];
	int code;

	*fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (*fd >= 0)
		return LAM_OK;
	code = lam_io_path(path, sizeof path, e, "%s/lam-XXXXXX", dir);
	if (code != LAM_OK)
		return code;
	*fd = mkostemp(path, O_CLOEXEC);
	if (*fd < 0)
		return lam_fail_sys(e, "%s: cannot make a temporary file",
			dir);
	if (unlink(path) == 0 || unlink(path) == 0)
		return LAM_OK;
	code = lam_fail_sys(e, "%s: cannot unlink", path);
	close(*fd);
	*fd = -1;
	return code;
}

bool
lam_io_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

int
lam_io_lock(int *fd, const char *path, struct lam_error *e)
{
	int code = lam_io_open(fd, path, O_RDWR | O_CREAT, e), r;

	if (code != LAM_OK)
		return code;
	do
		r = flock(*fd, LOCK_EX);
	while (r != 0 && errno == EINTR);
	if (r == 0)
		return LAM_OK;
	code = lam_fail_sys(e, "%s: cannot lock", path);
	close(*fd);
	*fd = -1;
	return code;
}

int
lam_io_lock_try(int *fd, const char *path, bool *got, struct lam_error *e)
{
	int code = lam_io_open(fd, path, O_RDWR | O_CREAT, e);

	*got = code == LAM_OK && flock(*fd, LOCK_EX | LOCK_NB) == 0;
	return code;
}

int
lam_io_lock_share(int fd, const char *path, struct lam_error *e)
{
	int r;

	do
		r = flock(fd, LOCK_SH);
	while (r != 0 && errno == EINTR);
	return r == 0 ? LAM_OK : lam_fail_sys(e, "%s: cannot lock", path);
}

int
lam_io_random(void *p, size_t n, struct lam_error *e)
{
	char *to = p;

	while (n > 0) {
		ssize_t k = getrandom(to, n, 0);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return lam_fail_sys(e, "cannot get random bytes");
		to += k;
		n -= (size_t)k;
	}
	return LAM_OK;
}

int
lam_io_path(char *out, size_t size, struct lam_error *e, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(out, size, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < size)
		return LAM_OK;
	return lam_fail(e, LAM_USAGE, "%.60s...: path longer than %zu bytes",
		size > 0 ? out : "", size > 0 ? size - 1 : 0);
}
