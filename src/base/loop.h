/*
 * loop.h - one thread waits for descriptors and instants, and calls back
 *
 * A watch belongs to its owner, who embeds it and keeps it where it is until it
 * is removed.  A callback may add, change and remove any watch or timer, its own
 * included: what is removed is not called any more.  A callback that fails ends
 * the turn; its error is the turn's.
 */
#ifndef LAM_BASE_LOOP_H
#define LAM_BASE_LOOP_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "base/err.h"

struct lam_loop_watch {
	int fd; /* -1: not in the loop */
	int (*ready)(void *arg, uint32_t events, struct lam_error *e);
	void *arg;
	uint32_t events; /* that are waited for */
};

#define LAM_LOOP_WATCH_INIT { -1, NULL, NULL, 0 }

struct lam_loop_timer {
	int64_t at;  /* ns, as lam_clock_monotonic */
	size_t slot; /* 1 + place in the heap; 0: not in the loop */
	int (*due)(void *arg, struct lam_error *e);
	void *arg;
};

#define LAM_LOOP_EVENTS 64

struct lam_loop {
	int fd; /* the epoll descriptor */
	struct lam_loop_timer **heap; /* the earliest first */
	size_t ntimers, cap;
	/* Those of this turn which are still to be called. */
	struct epoll_event event[LAM_LOOP_EVENTS];
	int next, nevents;
};

#define LAM_LOOP_INIT { .fd = -1 }

int lam_loop_open(struct lam_loop *l, struct lam_error *e) LAM_MUST;
void lam_loop_close(struct lam_loop *l);

/* Call READY while FD has any of EVENTS (EPOLLIN, EPOLLOUT).  FD stays the
 * caller's, who removes the watch before closing it. */
int lam_loop_add(struct lam_loop *l, struct lam_loop_watch *w, int fd,
	uint32_t events, struct lam_error *e) LAM_MUST;
int lam_loop_change(struct lam_loop *l, struct lam_loop_watch *w,
	uint32_t events, struct lam_error *e) LAM_MUST;
void lam_loop_remove(struct lam_loop *l, struct lam_loop_watch *w);

/* Call DUE once, at AT or as soon after it as can be; set again: moved. */
int lam_loop_set(struct lam_loop *l, struct lam_loop_timer *t, int64_t at,
	struct lam_error *e) LAM_MUST;
void lam_loop_cancel(struct lam_loop *l, struct lam_loop_timer *t);

/*
 * Wait until something is ready or due, or LIMIT ns have passed (< 0: no limit),
 * with signals as in MASK (NULL: as they are); then call back.  A signal ends
 * the wait too.
 */
int lam_loop_turn(struct lam_loop *l, int64_t limit, const sigset_t *mask,
	struct lam_error *e) LAM_MUST;

#endif
