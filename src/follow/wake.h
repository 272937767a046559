/*
 * wake.h - wait until something happens to files and in directories
 *
 * inotify where it is told of every change; else a look at intervals.
 */
#ifndef LAM_FOLLOW_WAKE_H
#define LAM_FOLLOW_WAKE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct lam_wake {
	int fd;		  /* -1: everything is looked at, at intervals */
	int64_t interval; /* ns */
	/* Called for each event: of watch WD; NAME: in a directory, or NULL. */
	void (*event)(void *arg, int wd, const char *name);
	void *arg;
};

/* INTERVAL > 0: look at intervals in any case. */
int lam_wake_open(struct lam_wake *w, int64_t interval, struct lam_error *e)
	LAM_MUST;
void lam_wake_close(struct lam_wake *w);

/* Watch DIR, or the file that is open at FD.  A watch that cannot be had, or that
 * is not told of changes from other machines, makes W look at intervals. */
void lam_wake_dir(struct lam_wake *w, const char *dir, int *wd);
void lam_wake_file(struct lam_wake *w, int fd, int *wd);
void lam_wake_forget(struct lam_wake *w, int wd);

/*
 * Wait at most TIMEOUT ns (< 0: any time) for events, which are handed on.  The
 * signals in STOPS come only while it waits, and end that, unless *STOP is set.
 */
int lam_wake_wait(struct lam_wake *w, int64_t timeout, const sigset_t *stops,
	const _Atomic int *stop, struct lam_error *e) LAM_MUST;

#endif
