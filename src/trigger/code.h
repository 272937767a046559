/*
 * code.h - is the code of a function what it was when its runtime was started?
 *
 * Code is the files in its directory and in its layers, to a depth of three names, and
 * those that the words of its command lead to, wherever they are.  Files are looked at,
 * not read: their inodes, sizes and times.
 */
#ifndef LAM_TRIGGER_CODE_H
#define LAM_TRIGGER_CODE_H

#include "trigger/function.h"

#define LAM_CODE_FILES 2000 /* that are looked at, at most */

/* A hash of the code of F, whose command is found in PATH. */
int lam_code_digest(const struct lam_function *f, const char *path, uint64_t *digest,
	struct lam_error *e) LAM_MUST;

#endif
