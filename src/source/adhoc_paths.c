/*
 * adhoc_paths.c - the files that a pattern stands for
 *
 * A path with *, ? or [ that is no file itself is a pattern of glob(7); its files are
 * read as if they were one, sorted by their names, byte by byte.
 */
#include "source/adhoc_internal.h"

#include <glob.h>
#include <string.h>

#include "base/io.h"

static int
add(struct lam_adhoc *a, size_t *cap, const char *path, struct lam_error *e)
{
	if (a->npaths == *cap) {
		size_t n = *cap ? *cap * 2 : 16;
		const char **more = LAM_ARENA_NEW(&a->arena, const char *, n);

		if (!more)
			return lam_fail_mem(e);
		if (a->npaths)
			memcpy(more, a->path, a->npaths * sizeof *more);
		a->path = more;
		*cap = n;
	}
	a->path[a->npaths] = lam_arena_dup(&a->arena, path, strlen(path));
	return a->path[a->npaths++] ? LAM_OK : lam_fail_mem(e);
}

int
lam_adhoc_paths(struct lam_adhoc *a, const char *const *path, size_t n,
	struct lam_error *e)
{
	size_t cap = 0;
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < n; i++) {
		glob_t found;
		int how;

		if (!strpbrk(path[i], "*?[") || lam_io_exists(path[i])) {
			rc = add(a, &cap, path[i], e);
			continue;
		}
		how = glob(path[i], 0, NULL, &found);
		if (how == GLOB_NOMATCH)
			rc = lam_fail(e, LAM_SYSTEM, "%s: no file matches it",
				path[i]);
		else if (how)
			rc = lam_fail_sys(e, "%s: cannot look for its files",
				path[i]);
		for (size_t k = 0; !rc && !how && k < found.gl_pathc; k++)
			rc = add(a, &cap, found.gl_pathv[k], e);
		globfree(&found);
	}
	return rc;
}
