/*
 * dir.h - directories: made, listed, made durable
 */
#ifndef LAM_BASE_DIR_H
#define LAM_BASE_DIR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* The directory that holds PATH, into PARENT. */
int lam_io_parent(const char *path, char *parent, size_t size,
	struct lam_error *e) LAM_MUST;

int lam_io_sync_dir(const char *dir, struct lam_error *e) LAM_MUST;

/*
 * Make the name of DIR durable, and those of the directories it is in, up to
 * the root.  A directory that may not be opened, or is on a read-only file
 * system, was not made by a process like this one: it is passed over.
 */
int lam_io_sync_above(const char *dir, struct lam_error *e) LAM_MUST;

/*
 * Make DIR (and its parents) unless it is there, durable in its parent.  The
 * maker of an empty DIR may have died before that, so its name is made durable
 * again.  So nothing is ever put into a directory that is not durable.
 */
int lam_io_mkdir(const char *dir, struct lam_error *e) LAM_MUST;

/* The same for DIR, which begins with "ROOT/": nothing below ROOT may be a
 * symbolic link. */
int lam_io_mkdir_below(const char *root, const char *dir, struct lam_error *e)
	LAM_MUST;
/* The same, but DIR is for a cache: it need not be durable. */
int lam_io_mkdir_cache(const char *root, const char *dir, struct lam_error *e)
	LAM_MUST;

/*
 * The names in DIR that end with SUFFIX ("" for all but . and ..), sorted
 * bytewise.  A missing directory is an empty list.  Free with
 * lam_names_release.
 */
struct lam_names {
	char **name;
	size_t n, cap;
};
#define LAM_NAMES_INIT { NULL, 0, 0 }

int lam_io_list(const char *dir, const char *suffix, struct lam_names *out,
	struct lam_error *e) LAM_MUST;

/*
 * The same, in no order: EACH is called for each name, until it fails.  *STILL: for
 * sure no name came, went or was changed while DIR was listed.  That is so when the
 * last change was some time ago, before and after.
 */
int lam_io_each(const char *dir, const char *suffix, int (*each)(void *arg,
	const char *name, struct lam_error *e), void *arg, bool *still,
	struct lam_error *e) LAM_MUST;
/* Add a copy of NAME behind the others. */
int lam_names_add(struct lam_names *n, const char *name, struct lam_error *e) LAM_MUST;
void lam_names_release(struct lam_names *n);

/*
 * The N paths, where one with *, ? or [ that is no file itself is a pattern of glob(7):
 * the files of each, sorted by their names, byte by byte.  LAM_SYSTEM: one has none.
 * Free with lam_names_release.
 */
int lam_io_glob(const char *const *path, size_t n, struct lam_names *out,
	struct lam_error *e) LAM_MUST;

#endif
