/*
 * dir_glob.c - the files that a pattern stands for
 */
#include <glob.h>
#include <string.h>

#include "base/dir.h"
#include "base/io.h"

int
lam_io_glob(const char *const *path, size_t n, struct lam_names *out,
	struct lam_error *e)
{
	int rc = LAM_OK;

	*out = (struct lam_names)LAM_NAMES_INIT;
	for (size_t i = 0; !rc && i < n; i++) {
		glob_t found;
		int how;

		if (!strpbrk(path[i], "*?[") || lam_io_exists(path[i])) {
			rc = lam_names_add(out, path[i], e);
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
			rc = lam_names_add(out, found.gl_pathv[k], e);
		globfree(&found);
	}
	if (rc)
		lam_names_release(out);
	return rc;
}
