/*
 * dir.h - directories: made, listed, made durable
 */
#ifndef LAM_BASE_DIR_H
#define LAM_BASE_DIR_H

#include <stddef.h>

#include "base/err.h"

int lam_io_sync_dir(const char *dir, struct lam_error *e) LAM_MUST;

/*
 * Make the name of DIR durable, and those of the directories it is in, up to
 * the root.  What may not be opened, or is on a file system that is not
 * written to, nobody of our kind has made: it is passed over.
 */
int lam_io_sync_above(const char *dir, struct lam_error *e) LAM_MUST;

/*
 * Make DIR (and its parents) unless it is there; durable in its parent.  One
 * that is there and empty may have lost its maker before that: it is made
 * durable again, so nothing is ever put into one that is not.
 */
int lam_io_mkdir(const char *dir, struct lam_error *e) LAM_MUST;

/* The same of DIR, which begins with "ROOT/": nothing below ROOT may be a
 * symbolic link. */
int lam_io_mkdir_below(const char *root, const char *dir, struct lam_error *e)
	LAM_MUST;

/*
 * The names in DIR that end with SUFFIX ("" for all but . and ..), sorted
 * bytewise.  A missing directory is an empty list.  Free with
 * lam_names_release.
 */
struct lam_names {
	char **name;
	size_t n;
};
#define LAM_NAMES_INIT { NULL, 0 }

int lam_io_list(const char *dir, const char *suffix, struct lam_names *out,
	struct lam_error *e) LAM_MUST;
void lam_names_release(struct lam_names *n);

#endif
