/*
 * dir.c - directories: made durably, listed in one order
 *
 * A new name is durable once the directory that holds it has been fsynced, so
 * making a directory syncs its parent; and whoever finds a directory empty syncs
 * its parent too, as its maker may have died in between, or failed.  What has
 * something in it has been through that.
 */
#include "base/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/dir.h"

#define DIR_MODE 0750
#define STILL 10000000000 /* ns; more than a tick of any file system's clock */

int
lam_io_sync_dir(const char *dir, struct lam_error *e)
{
	int fd, code;

	do
		fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return lam_fail_sys(e, "%s: cannot open the directory", dir);
	code = lam_io_sync(fd, dir, e);
	close(fd);
	return code;
}

static bool
is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Is DIR a directory with something in it?  One that cannot be listed is taken
 * for empty. */
static bool
is_used_dir(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *entry = NULL;
	int n = 0;

	while (d && n < 3 && (entry = readdir(d)))
		n++;
	if (d)
		closedir(d);
	return n > 2;
}

int
lam_io_parent(const char *path, char *parent, size_t size, struct lam_error *e)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return lam_io_path(parent, size, e, ".");
	if (slash == path)
		return lam_io_path(parent, size, e, "/");
	return lam_io_path(parent, size, e, "%.*s", (int)(slash - path), path);
}

/* The same of a directory that may not be ours to sync, nor to write to: then
 * no process like this one has made a name in it. */
static int
sync_strange(const char *dir, struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	int code = lam_io_sync_dir(dir, &why);

	if (code == LAM_OK || why.sys == EACCES || why.sys == EPERM ||
		why.sys == EROFS || why.sys == EINVAL)
		return LAM_OK;
	errno = why.sys;
	return lam_fail_sys(e, "%s: cannot make it durable (fsync)", dir);
}

int
lam_io_sync_above(const char *dir, struct lam_error *e)
{
	char *path = realpath(dir, NULL), *slash;
	int code = path ? LAM_OK : lam_fail_sys(e, "%s", dir);

	while (code == LAM_OK && (slash = strrchr(path, '/')) && slash[1]) {
		slash[slash == path] = '\0';
		code = sync_strange(path, e);
	}
	free(path);
	return code;
}

enum make {
	DURABLE = 1,
	NO_LINK = 2 /* a symbolic link is no directory */
};

/* One level: the parent is there. */
static int
make_one(const char *dir, unsigned how, struct lam_error *e)
{
	char parent[LAM_PATH_MAX];
	bool found = is_dir(dir);
	int code;

	if (how & DURABLE ? is_used_dir(dir) : found)
		return LAM_OK;
	if (!found && mkdir(dir, DIR_MODE) != 0) {
		int sys = errno;

		/* Another process may have made it meanwhile. */
		if (sys != EEXIST || !is_dir(dir)) {
			errno = sys == EEXIST ? ENOTDIR : sys;
			return lam_fail_sys(e, "%s: cannot make the directory",
				dir);
		}
	}
	if (!(how & DURABLE))
		return LAM_OK;
	code = lam_io_parent(dir, parent, sizeof parent, e);
	if (code != LAM_OK)
		return code;
	return found ? sync_strange(parent, e) : lam_io_sync_dir(parent, e);
}

/* PATH[N] level by level, those that end at FROM or later. */
static int
make_levels(char *path, size_t from, size_t n, unsigned how,
	struct lam_error *e)
{
	int code = LAM_OK;

	for (size_t i = from; i <= n && code == LAM_OK; i++) {
		char c = path[i];

		if ((c != '/' && i < n) || path[i - 1] == '/')
			continue;
		path[i] = '\0';
		if (how & NO_LINK)
			code = lam_io_no_link(path, e);
		if (code == LAM_OK)
			code = make_one(path, how, e);
		path[i] = c;
	}
	return code;
}

int
lam_io_mkdir(const char *dir, struct lam_error *e)
{
	char path[LAM_PATH_MAX];
	int code = lam_io_path(path, sizeof path, e, "%s", dir);
	size_t n = code == LAM_OK ? strlen(path) : 0;

	while (n > 1 && path[n - 1] == '/')
		path[--n] = '\0';
	if (code != LAM_OK || is_used_dir(path))
		return code;
	return make_levels(path, 1, n, DURABLE, e);
}

static int
make_below(const char *root, const char *dir, unsigned how,
	struct lam_error *e)
{
	char path[LAM_PATH_MAX];
	int code = lam_io_path(path, sizeof path, e, "%s", dir);

	if (code == LAM_OK)
		code = lam_io_mkdir(root, e);
	return code != LAM_OK ? code : make_levels(path, strlen(root) + 1,
		strlen(path), how | NO_LINK, e);
}

int
lam_io_mkdir_below(const char *root, const char *dir, struct lam_error *e)
{
	return make_below(root, dir, DURABLE, e);
}

int
lam_io_mkdir_cache(const char *root, const char *dir, struct lam_error *e)
{
	return make_below(root, dir, 0, e);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
wanted(const char *name, const char *suffix)
{
	size_t n = strlen(name), k = strlen(suffix);

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return false;
	return n >= k && memcmp(name + n - k, suffix, k) == 0;
}

/* When a name in the directory D was last changed, ns since 1970; INT64_MAX: not
 * known. */
static int64_t
changed(DIR *d)
{
	struct stat st;

	return fstat(dirfd(d), &st) ? INT64_MAX :
		(int64_t)st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec;
}

int
lam_io_each(const char *dir, const char *suffix, int (*each)(void *arg,
	const char *name, struct lam_error *e), void *arg, bool *still,
	struct lam_error *e)
{
	DIR *d = opendir(dir);
	int64_t before, begun = lam_clock_wall();
	struct dirent *entry;
	int rc = LAM_OK;

	*still = true;
	if (d == NULL && errno == ENOENT)
		return LAM_OK;
	if (d == NULL)
		return lam_fail_sys(e, "%s: cannot list the directory", dir);
	before = changed(d);
	for (errno = 0; !rc && (entry = readdir(d)) != NULL; errno = 0)
		if (wanted(entry->d_name, suffix))
			rc = each(arg, entry->d_name, e);
	if (!rc && errno)
		rc = lam_fail_sys(e, "%s: cannot list the directory", dir);
	*still = before < begun - STILL && changed(d) == before;
	closedir(d);
	return rc;
}

int
lam_names_add(struct lam_names *n, const char *name, struct lam_error *e)
{
	if (!lam_array_room(&n->name, &n->cap, n->n + 1, sizeof *n->name))
		return lam_fail_mem(e);
	n->name[n->n] = strdup(name);
	if (n->name[n->n] == NULL)
		return lam_fail_mem(e);
	n->n++;
	return LAM_OK;
}

static int
add_name(void *arg, const char *name, struct lam_error *e)
{
	return lam_names_add(arg, name, e);
}

int
lam_io_list(const char *dir, const char *suffix, struct lam_names *out,
	struct lam_error *e)
{
	bool still;
	int rc;

	*out = (struct lam_names)LAM_NAMES_INIT;
	rc = lam_io_each(dir, suffix, add_name, out, &still, e);
	if (rc)
		lam_names_release(out);
	else if (out->n > 1)
		qsort(out->name, out->n, sizeof *out->name, by_name);
	return rc;
}

void
lam_names_release(struct lam_names *n)
{
	for (size_t i = 0; i < n->n; i++)
		free(n->name[i]);
	free(n->name);
	*n = (struct lam_names)LAM_NAMES_INIT;
}
