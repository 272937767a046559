/*
 * watch.h - wait until something changes in a dataset
 */
#ifndef LAM_VIEW_WATCH_H
#define LAM_VIEW_WATCH_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct lam_watch {
	int fd;
};

#define LAM_WATCH_INIT { -1 }

int lam_watch_open(struct lam_watch *w, struct lam_error *e) LAM_MUST;
void lam_watch_close(struct lam_watch *w);

/* Watch the logs, views and generations that DATA has now; what is watched
 * already stays so. */
int lam_watch_update(struct lam_watch *w, const char *data,
	struct lam_error *e) LAM_MUST;

/*
 * Wait until something changes or TIMEOUT ns have passed (< 0: no limit), with
 * signals as in MASK (see ppoll(2)); an interruption ends the wait too.
 * Everything noticed so far is then forgotten, unless KEEP.
 */
int lam_watch_wait(struct lam_watch *w, int64_t timeout, const sigset_t *mask,
	bool keep, struct lam_error *e) LAM_MUST;

#endif
