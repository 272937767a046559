/*
 * rotated.c - the names that a rotation gives to a log
 *
 * What it puts behind the name, or before its extension: a number or a date behind a
 * dot, dash or underscore, or ".old"; and behind all of it ".gz" or the like, or the
 * ".backup" of logrotate where there was that name already.  A name that only begins
 * alike, as access_admin.log, is another log's.
 */
#include "follow/rotated.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "follow/file.h"
#include "time/time.h"

#define TICK ((uint64_t)LAM_NS / 50) /* of the clock of files, at most */
#define LINKS 16 /* as many as a name may lead through */

/* The bytes of the directory of PATH, its slash among them. */
static size_t
directory(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) + 1 : 0;
}

size_t
lam_rotated_packed(const char *name)
{
	static const char *const end[] = { ".gz", ".zst", ".xz", ".bz2", ".lz4",
		".gzip", ".zstd" };
	size_t n = strlen(name);

	for (size_t i = 0; i < sizeof end / sizeof *end; i++) {
		size_t k = strlen(end[i]);

		if (n > k && !strcmp(name + n - k, end[i]))
			return k;
	}
	return 0;
}

/* The bytes of NAME before what says that it is packed, or that logrotate has made its
 * name free for another. */
static size_t
stem(const char *name)
{
	static const char end[] = ".backup";
	size_t n = strlen(name) - lam_rotated_packed(name), k = sizeof end - 1;

	return n > k && !memcmp(name + n - k, end, k) ? n - k : n;
}

/* Is P[N] what a rotation adds? */
static bool
is_added(const char *p, size_t n)
{
	bool digit = false;

	if (n == 4 && !memcmp(p, ".old", 4))
		return true;
	if (n < 2 || !strchr("-._", *p))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!strchr("0123456789-._T:Z", p[i]))
			return false;
		digit |= p[i] >= '0' && p[i] <= '9';
	}
	return digit;
}

static const char passing[] = ".tmp";

bool
lam_rotated_is_passing(const char *name)
{
	size_t n = strlen(name), k = sizeof passing - 1;

	return n > k && !memcmp(name + n - k, passing, k);
}

/* Is NAME one that a rotation makes of BASE[B]? */
static bool
is_made_of(const char *base, size_t b, const char *name)
{
	size_t packed = lam_rotated_packed(name), n = stem(name), ext;
	const char *dot = memrchr(base, '.', b);

	if (packed && n == b && !memcmp(name, base, b)) /* in its place */
		return true;
	if (n > b && !memcmp(name, base, b) && is_added(name + b, n - b))
		return true;
	if (!dot || dot == base)
		return false;
	ext = (size_t)(base + b - dot);
	return n > b && !memcmp(name, base, b - ext) &&
		!memcmp(name + n - ext, dot, ext) &&
		is_added(name + b - ext, n - b);
}

bool
lam_rotated_is(const char *base, const char *name)
{
	size_t b = strlen(base), k = sizeof passing - 1;

	return is_made_of(base, b, name) ||
		(lam_rotated_is_passing(base) && is_made_of(base, b - k, name)) ||
		(lam_rotated_is_passing(name) && strlen(name) == b + k &&
		!memcmp(base, name, b));
}

/* How many of the last of P[N] rotations added. */
static size_t
added(const char *p, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (is_added(p + i, n - i))
			return n - i;
	return 0;
}

/* NAME without what rotations added, however often. */
static void
put_root(const char *name, char root[LAM_PATH_MAX])
{
	size_t n = stem(name), ext, all, more;

	if (n >= LAM_PATH_MAX)
		n = LAM_PATH_MAX - 1;
	memcpy(root, name, n);
	do {
		all = n;
		n -= added(root, n);
		for (ext = n; ext > 0 && root[ext - 1] != '.';)
			ext--;
		more = ext ? added(root, ext - 1) : 0;
		if (more)
			memmove(root + ext - 1 - more, root + ext - 1,
				n - (ext - 1));
		n -= more;
	} while (n < all);
	root[n] = '\0';
}

bool
lam_rotated_alike(const char *a, const char *b)
{
	char x[LAM_PATH_MAX], y[LAM_PATH_MAX];

	put_root(a, x);
	put_root(b, y);
	return !strcmp(x, y);
}

void
lam_rotated_home(const char *path, char home[LAM_PATH_MAX])
{
	char link[LAM_PATH_MAX], next[LAM_PATH_MAX];

	snprintf(home, LAM_PATH_MAX, "%s", path);
	for (int i = 0; i < LINKS; i++) {
		const char *slash = strrchr(home, '/');
		ssize_t n = readlink(home, link, sizeof link - 1);

		if (n <= 0 || lam_io_path(next, sizeof next, NULL, "%.*s%.*s",
			*link == '/' || !slash ? 0 : (int)(slash - home) + 1,
			home, (int)n, link))
			return;
		memcpy(home, next, strlen(next) + 1);
	}
}

/* Is PATH one that a rotation of LOG gives, which leads to HOME? */
static bool
is_beside(const char *log, const char *home, const char *path)
{
	size_t n = directory(log);

	if (directory(path) == n && !memcmp(log, path, n) &&
		lam_rotated_is(log + n, path + n))
		return true;
	n = directory(home);
	return strcmp(home, log) && directory(path) == n &&
		!memcmp(home, path, n) && strcmp(home, path) &&
		(lam_rotated_is(home + n, path + n) ||
		lam_rotated_alike(home + n, path + n));
}

bool
lam_rotated_beside(const char *log, const char *path)
{
	char home[LAM_PATH_MAX];

	lam_rotated_home(log, home);
	return is_beside(log, home, path);
}

/* Add the paths in the directory of NEAR which are beside PATH, which leads to HOME. */
static int
add_beside(const char *path, const char *home, const char *near,
	struct lam_names *out, struct lam_error *e)
{
	char dir[LAM_PATH_MAX], full[LAM_PATH_MAX];
	struct lam_names all = LAM_NAMES_INIT;
	int rc, n = (int)directory(near);

	rc = lam_io_path(dir, sizeof dir, e, "%.*s", n ? n : 1, n ? near : ".");
	if (!rc)
		rc = lam_io_list(dir, "", &all, e);
	for (size_t i = 0; !rc && i < all.n; i++) {
		rc = lam_io_path(full, sizeof full, e, "%.*s%s", n, near,
			all.name[i]);
		if (!rc && is_beside(path, home, full))
			rc = lam_names_add(out, full, e);
	}
	lam_names_release(&all);
	return rc;
}

int
lam_rotated_list(const char *path, struct lam_names *out, struct lam_error *e)
{
	char home[LAM_PATH_MAX];
	size_t n = directory(path);
	int rc;

	*out = (struct lam_names)LAM_NAMES_INIT;
	lam_rotated_home(path, home);
	rc = add_beside(path, home, path, out, e);
	if (!rc && (directory(home) != n || memcmp(home, path, n)))
		rc = add_beside(path, home, home, out, NULL) == LAM_SYSTEM ?
			LAM_OK : rc;
	return rc;
}

/* The clock that files get their times from: it may lag behind the precise one. */
static uint64_t
file_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME_COARSE, &t);
	return (uint64_t)t.tv_sec * (uint64_t)LAM_NS + (uint64_t)t.tv_nsec;
}

uint64_t
lam_rotated_time(const char *path)
{
	uint64_t near = 0, far = 0, now = file_clock();
	char home[LAM_PATH_MAX];

	lam_rotated_home(path, home);
	if (!lam_file_directory_time(path, &near) ||
		!lam_file_directory_time(home, &far) ||
		now < near + TICK || now < far + TICK)
		return 0;
	return near * 31 + far;
}

uint64_t
lam_rotated_sum(const char *path)
{
	struct lam_names names;
	uint64_t sum = 0;

	if (lam_rotated_list(path, &names, NULL))
		return 0;
	for (size_t i = 0; i < names.n; i++) {
		const char *p = names.name[i];
		struct stat st;

		sum = sum * 31 + (stat(p, &st) ? 0 : (uint64_t)st.st_ino);
		while (*p)
			sum = sum * 31 + (unsigned char)*p++;
	}
	lam_names_release(&names);
	return sum;
}
