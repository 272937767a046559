/*
 * replace.h - a file replaced by another, durably
 */
#ifndef LAM_BASE_REPLACE_H
#define LAM_BASE_REPLACE_H

#include "base/err.h"
#include "base/io.h"

/*
 * Durable replacement.  Steps: (1) create PATH.tmp.PID-N, O_EXCL, and lock it;
 * the caller writes to fd; (2) fsync; (3) rename to PATH; (4) close; (5) fsync
 * the directory.  A crash before (3) leaves the old file and a stray temporary,
 * which lam_io_sweep removes; after (3), the new file.  After a failure in
 * (5) the new file may be seen and still be lost: before anything relies on it,
 * the caller does all of it again, or fsyncs the directory.
 */
struct lam_replace {
	int fd;
	char path[LAM_PATH_MAX], temp[LAM_PATH_MAX + 64];
};

#define LAM_REPLACE_INIT { -1, "", "" }

/* LAM_USAGE: PATH is there and no file; a device must not become one. */
int lam_replace_begin(struct lam_replace *r, const char *path,
	struct lam_error *e) LAM_MUST;
/* Before the commit: the new file may be read by all. */
int lam_replace_share(const struct lam_replace *r, struct lam_error *e) LAM_MUST;
int lam_replace_commit(struct lam_replace *r, struct lam_error *e) LAM_MUST;
/* All but (5), for a cache: after a loss of power it may be missing, not torn. */
int lam_replace_commit_cache(struct lam_replace *r, struct lam_error *e)
	LAM_MUST;
void lam_replace_abandon(struct lam_replace *r); /* harmless after commit */
/* All the steps, for a file of the N bytes at P. */
int lam_replace_with(const char *path, const void *p, size_t n,
	struct lam_error *e) LAM_MUST;
/*
 * Step (2) only, and close the descriptor, so that many can wait for their
 * commit.  The caller then sees to it that no process in another PID namespace
 * sweeps the temporary.
 */
int lam_replace_park(struct lam_replace *r, struct lam_error *e) LAM_MUST;

/* Remove temporaries in DIR whose writer is gone: neither lock nor PID is left. */
int lam_io_sweep(const char *dir, struct lam_error *e) LAM_MUST;

#endif
