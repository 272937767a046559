/*
 * names.c - the files that names, patterns and directories stand for
 *
 * Only the directory of a path is resolved: a name may be a link that leads to
 * another file each day, and it is the name that is followed.
 */
#include "follow/names.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"

static int
add(const char *path, struct lam_names *out, struct lam_error *e)
{
	for (size_t i = 0; i < out->n; i++)
		if (!strcmp(out->name[i], path))
			return LAM_OK;
	return lam_names_add(out, path, e);
}

/* The directory of PATH resolved, its last part as it is. */
static int
add_resolved(const char *path, struct lam_names *out, struct lam_error *e)
{
	const char *slash = strrchr(path, '/');
	char dir[LAM_PATH_MAX], full[LAM_PATH_MAX];
	char *real;
	int rc;

	rc = lam_io_path(dir, sizeof dir, e, "%.*s", slash ?
		(int)(slash - path) + 1 : 1, slash ? path : ".");
	if (rc)
		return rc;
	real = realpath(dir, NULL);
	if (!real && errno == ENOENT && *path == '/')
		return add(path, out, e);
	if (!real)
		return lam_fail_sys(e, "%s: cannot find its directory", path);
	rc = lam_io_path(full, sizeof full, e, "%s/%s",
		strcmp(real, "/") ? real : "", slash ? slash + 1 : path);
	free(real);
	return rc ? rc : add(full, out, e);
}

static bool
is_file(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode);
}

static int
add_directory(const char *dir, struct lam_names *out, struct lam_error *e)
{
	struct lam_names all = LAM_NAMES_INIT;
	char path[LAM_PATH_MAX];
	int rc = lam_io_list(dir, "", &all, e);

	for (size_t i = 0; !rc && i < all.n; i++) {
		if (*all.name[i] == '.')
			continue;
		rc = lam_io_path(path, sizeof path, e, "%s/%s", dir,
			all.name[i]);
		if (!rc && is_file(path))
			rc = add_resolved(path, out, e);
	}
	lam_names_release(&all);
	return rc;
}

static int
add_pattern(const char *pattern, struct lam_names *out, struct lam_error *e)
{
	glob_t g = { 0 };
	int rc = LAM_OK;

	if (glob(pattern, 0, NULL, &g) == GLOB_NOSPACE)
		rc = lam_fail_mem(e);
	for (size_t i = 0; !rc && i < g.gl_pathc; i++)
		if (is_file(g.gl_pathv[i]))
			rc = add_resolved(g.gl_pathv[i], out, e);
	globfree(&g);
	return rc;
}

int
lam_names_expand(char *const *name, size_t n, struct lam_names *out,
	struct lam_error *e)
{
	int rc = LAM_OK;

	*out = (struct lam_names)LAM_NAMES_INIT;
	for (size_t i = 0; !rc && i < n; i++) {
		struct stat st;
		bool there = !stat(name[i], &st);

		if (there && S_ISDIR(st.st_mode))
			rc = add_directory(name[i], out, e);
		else if (!there && strpbrk(name[i], "*?["))
			rc = add_pattern(name[i], out, e);
		else
			rc = add_resolved(name[i], out, e);
	}
	return rc;
}

bool
lam_names_literal(const char *name)
{
	struct stat st;
	bool there = !stat(name, &st);

	return there ? !S_ISDIR(st.st_mode) : !strpbrk(name, "*?[");
}

char *
lam_names_directory(const char *name)
{
	const char *slash = strrchr(name, '/');
	const char *magic = strpbrk(name, "*?[");
	struct stat st;
	char *dir, *real;

	if (!stat(name, &st) && S_ISDIR(st.st_mode))
		return realpath(name, NULL);
	if (!slash || (magic && magic < slash))
		return slash ? NULL : realpath(".", NULL);
	dir = strndup(name, (size_t)(slash - name) + 1);
	real = dir ? realpath(dir, NULL) : NULL;
	free(dir);
	return real;
}
