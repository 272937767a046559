/*
 * bucket.h - what changes in a directory: files that are new, others, or gone
 *
 * The directory and those in it are compared with what is known of them; with inotify
 * only the names that something happened to.  Links, and names that begin with a dot,
 * are not looked at.  A file counts when it is whole:
 *
 *	nobody has it open for writing, as far as the system can tell; else
 *	it was closed by a writer, or has not changed for LAM_BUCKET_SETTLE
 *
 * What is no more to be seen because a directory cannot be read is an error, and not
 * gone.
 */
#ifndef LAM_TRIGGER_BUCKET_H
#define LAM_TRIGGER_BUCKET_H

#include "base/io.h"
#include "trigger/objects.h"

#define LAM_BUCKET_SETTLE (5 * INT64_C(1000000000)) /* ns */

struct lam_bucket_watch {
	int wd;
	char *dir; /* from the bucket; "": itself */
};

struct lam_bucket {
	char dir[LAM_PATH_MAX]; /* absolute */
	const char *const *pattern; /* to a NULL: see lam_bucket_wants */
	struct lam_objects known;
	int fd; /* inotify: readable when something has happened; -1: none */
	struct lam_bucket_watch *watch; /* by wd */
	size_t nwatches, cap;
	bool all;	/* the next look is at all */
	bool blind;	/* not every directory could be watched */
	uint64_t round;
	int64_t young;	/* when a file may count that is too young; ns since 1970;
			 * 0: there is none */
	/* A file is new or another, and known: NOW; or it is gone: NULL. */
	int (*changed)(void *arg, const char *name, const struct lam_object *now,
		struct lam_error *e);
	void *arg;
};

/* B's dir, pattern, known and changed are set. */
int lam_bucket_open(struct lam_bucket *b, struct lam_error *e) LAM_MUST;
void lam_bucket_close(struct lam_bucket *b);

/* Whatever has changed since the last look, or since what was known at first. */
int lam_bucket_look(struct lam_bucket *b, struct lam_error *e) LAM_MUST;

/*
 * NAME matches one of the PATTERNs (fnmatch(3), "*" of any bytes) if there are any, and
 * none of those behind a "!"; where there are none of these, it does not end with "~",
 * ".tmp", ".part" or ".swp".
 */
bool lam_bucket_wants(const char *const *pattern, const char *name);

#endif
