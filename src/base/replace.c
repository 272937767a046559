/*
 * replace.c - durable replacement of a file
 *
 *	1  create PATH.tmp.PID-N with O_EXCL, flock it; is it still there?
 *	2  the caller writes, through this one descriptor
 *	3  fsync it: the content is durable before any name leads to it
 *	4  rename it to PATH: readers see the old file or the new one, whole
 *	5  close it, which lets go of the lock
 *	6  fsync the directory: the new name is durable
 *
 * A crash or a failure before 4 leaves the old file and perhaps a stray
 * temporary, after 4 the new file.  Recovery is to do nothing: lam_io_sweep
 * removes strays, and whoever failed, or finds a name that nobody has vouched
 * for, does all of it again.  The descriptor is the only one that has written,
 * so an fsync that failed is not asked again: the temporary goes.
 *
 * A temporary is stray when nobody holds its lock and no other process has its
 * PID.  Containers that share a disk see each other's locks, but not each
 * other's processes: so the lock is held until the name is gone, and a maker
 * that a sweeper has overtaken between creation and lock sees that its name is
 * gone, and makes another.  Two with the same PID are kept apart by O_EXCL; and
 * one with our own PID but without our lock is of a process that died.
 */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/replace.h"

#define MARK ".tmp."
#define TRIES 10000 /* temporaries of one file in one process */

/* Create r->temp and lock it; false with EEXIST: there is one, or a sweeper
 * took it. */
static bool
create(struct lam_replace *r)
{
	struct stat st;
	int failed;

	do
		r->fd = open(r->temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC |
			O_NOFOLLOW, 0640);
	while (r->fd < 0 && errno == EINTR);
	if (r->fd < 0)
		return false;
	do
		failed = flock(r->fd, LOCK_EX);
	while (failed && errno == EINTR);
	/* Where locks do not work the PID has to do. */
	if (failed || fstat(r->fd, &st) || st.st_nlink > 0)
		return true;
	close(r->fd);
	r->fd = -1;
	errno = EEXIST;
	return false;
}

int
lam_replace_begin(struct lam_replace *r, const char *path,
	struct lam_error *e)
{
	struct stat st;
	int code;

	*r = (struct lam_replace)LAM_REPLACE_INIT;
	code = lam_io_path(r->path, sizeof r->path, e, "%s", path);
	if (!code && !lstat(path, &st) && !S_ISREG(st.st_mode))
		return lam_fail(e, LAM_USAGE, "%s: a device, a pipe, a link or a "
			"directory is not replaced: name a file", path);
	for (int i = 0; code == LAM_OK && i < TRIES; i++) {
		snprintf(r->temp, sizeof r->temp, "%s" MARK "%ld-%d", r->path,
			(long)getpid(), i);
		if (create(r) || errno != EEXIST)
			break;
	}
	if (code == LAM_OK && r->fd < 0) {
		code = lam_fail_sys(e, "%s: cannot create", r->temp);
		r->temp[0] = '\0';
	}
	return code;
}

int
lam_replace_share(const struct lam_replace *r, struct lam_error *e)
{
	return fchmod(r->fd, 0644) ? lam_fail_sys(e, "%s", r->path) : LAM_OK;
}

int
lam_replace_commit(struct lam_replace *r, struct lam_error *e)
{
	char dir[LAM_PATH_MAX];
	int code = lam_replace_commit_cache(r, e);

	if (code == LAM_OK)
		code = lam_io_parent(r->path, dir, sizeof dir, e);
	return code ? code : lam_io_sync_dir(dir, e);
}

int
lam_replace_commit_cache(struct lam_replace *r, struct lam_error *e)
{
	int code;

	code = r->fd < 0 ? LAM_OK : lam_io_sync(r->fd, r->temp, e);
	if (code == LAM_OK && rename(r->temp, r->path) != 0)
		code = lam_fail_sys(e, "%s: cannot rename to %s", r->temp,
			r->path);
	if (code != LAM_OK) {
		lam_replace_abandon(r);
		return code;
	}
	r->temp[0] = '\0';
	return lam_io_close(&r->fd, r->path, e);
}

int
lam_replace_park(struct lam_replace *r, struct lam_error *e)
{
	int code = lam_io_sync(r->fd, r->temp, e);

	return code ? code : lam_io_close(&r->fd, r->temp, e);
}

void
lam_replace_abandon(struct lam_replace *r)
{
	/* In this order: with the lock goes the right to the name. */
	if (r->temp[0] != '\0')
		unlink(r->temp);
	r->temp[0] = '\0';
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
}

int
lam_replace_with(const char *path, const void *p, size_t n,
	struct lam_error *e)
{
	struct lam_replace r = LAM_REPLACE_INIT;
	int rc = lam_replace_begin(&r, path, e);

	if (!rc)
		rc = lam_io_write(r.fd, p, n, path, e);
	if (!rc)
		rc = lam_replace_commit(&r, e);
	lam_replace_abandon(&r);
	return rc;
}

/* The PID in a temporary's name; 0: it is no temporary. */
static long
temp_pid(const char *name)
{
	const char *p = name, *mark = NULL;
	long pid = 0;

	while ((p = strstr(p, MARK)) != NULL)
		mark = p++;
	if (mark == NULL || mark == name)
		return 0;
	p = mark + strlen(MARK);
	for (; *p >= '0' && *p <= '9' && pid < 100000000; p++)
		pid = pid * 10 + (*p - '0');
	if (*p++ != '-' || *p == '\0')
		return 0;
	return p[strspn(p, "0123456789")] == '\0' ? pid : 0;
}

static int
sweep_one(const char *path, pid_t pid, struct lam_error *e)
{
	int fd, code = LAM_OK;
	bool stray;

	if (pid != getpid() && (kill(pid, 0) == 0 || errno != ESRCH))
		return LAM_OK;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return LAM_OK; /* gone, or not ours to judge */
	stray = flock(fd, LOCK_EX | LOCK_NB) == 0;
	/* Where locks do not work the PID has to do. */
	if (!stray && errno != EWOULDBLOCK && errno != EINTR)
		stray = pid != getpid();
	if (stray)
		code = lam_io_unlink(path, e);
	close(fd);
	return code;
}

int
lam_io_sweep(const char *dir, struct lam_error *e)
{
	struct lam_names names = LAM_NAMES_INIT;
	char path[LAM_PATH_MAX];
	int code;

	code = lam_io_list(dir, "", &names, e);
	for (size_t i = 0; code == LAM_OK && i < names.n; i++) {
		long pid = temp_pid(names.name[i]);

		if (pid <= 0)
			continue;
		code = lam_io_path(path, sizeof path, e, "%s/%s", dir,
			names.name[i]);
		if (code == LAM_OK)
			code = sweep_one(path, (pid_t)pid, e);
	}
	lam_names_release(&names);
	return code;
}
