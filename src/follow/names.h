/*
 * names.h - the files that names, patterns and directories stand for
 */
#ifndef LAM_FOLLOW_NAMES_H
#define LAM_FOLLOW_NAMES_H

#include <stdbool.h>

#include "base/dir.h"
#include "base/err.h"

/*
 * The absolute paths, each once, in order.  A pattern is a name with *, ? or [ that
 * is no file itself; a directory stands for the files in it whose names do not begin
 * with a dot.  The path of a name that leads to nothing is one, too.
 */
int lam_names_expand(char *const *name, size_t n, struct lam_names *out,
	struct lam_error *e) LAM_MUST;

/* Is NAME a file, neither a pattern nor a directory? */
bool lam_names_literal(const char *name);

/* The directory in which new files of NAME come, for free(3); NULL: there are
 * several, or none yet. */
char *lam_names_directory(const char *name);

#endif

