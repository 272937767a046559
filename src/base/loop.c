/*
 * loop.c - epoll and a heap of timers
 *
 * The timers are a binary heap that knows where each one stands, so that one can
 * be moved or taken out.  epoll_pwait2(2), which takes nanoseconds, is not on
 * every system, so a wait is rounded up to milliseconds: a timer is never early.
 */
#include "base/loop.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"

#define MS INT64_C(1000000)

int
lam_loop_open(struct lam_loop *l, struct lam_error *e)
{
	*l = (struct lam_loop)LAM_LOOP_INIT;
	l->fd = epoll_create1(EPOLL_CLOEXEC);
	return l->fd < 0 ? lam_fail_sys(e, "epoll") : LAM_OK;
}

void
lam_loop_close(struct lam_loop *l)
{
	if (l->fd >= 0)
		close(l->fd);
	free(l->heap);
	*l = (struct lam_loop)LAM_LOOP_INIT;
}

int
lam_loop_add(struct lam_loop *l, struct lam_loop_watch *w, int fd,
	uint32_t events, struct lam_error *e)
{
	struct epoll_event ev = { .events = events, .data.ptr = w };

	if (epoll_ctl(l->fd, EPOLL_CTL_ADD, fd, &ev) < 0)
		return lam_fail_sys(e, "epoll: descriptor %d", fd);
	w->fd = fd;
	w->events = events;
	return LAM_OK;
}

int
lam_loop_change(struct lam_loop *l, struct lam_loop_watch *w, uint32_t events,
	struct lam_error *e)
{
	struct epoll_event ev = { .events = events, .data.ptr = w };

	if (events == w->events)
		return LAM_OK;
	if (epoll_ctl(l->fd, EPOLL_CTL_MOD, w->fd, &ev) < 0)
		return lam_fail_sys(e, "epoll: descriptor %d", w->fd);
	w->events = events;
	return LAM_OK;
}

void
lam_loop_remove(struct lam_loop *l, struct lam_loop_watch *w)
{
	if (w->fd < 0)
		return;
	epoll_ctl(l->fd, EPOLL_CTL_DEL, w->fd, NULL);
	w->fd = -1;
	for (int i = l->next; i < l->nevents; i++)
		if (l->event[i].data.ptr == w)
			l->event[i].data.ptr = NULL;
}

static void
put(struct lam_loop *l, size_t i, struct lam_loop_timer *t)
{
	l->heap[i] = t;
	t->slot = i + 1;
}

/* T goes to I, or up or down from there. */
static void
settle(struct lam_loop *l, size_t i, struct lam_loop_timer *t)
{
	size_t child;

	for (; i > 0 && l->heap[(i - 1) / 2]->at > t->at; i = (i - 1) / 2)
		put(l, i, l->heap[(i - 1) / 2]);
	while ((child = 2 * i + 1) < l->ntimers) {
		if (child + 1 < l->ntimers &&
			l->heap[child + 1]->at < l->heap[child]->at)
			child++;
		if (l->heap[child]->at >= t->at)
			break;
		put(l, i, l->heap[child]);
		i = child;
	}
	put(l, i, t);
}

int
lam_loop_set(struct lam_loop *l, struct lam_loop_timer *t, int64_t at,
	struct lam_error *e)
{
	if (!t->slot && !lam_array_room(&l->heap, &l->cap, l->ntimers + 1,
		sizeof *l->heap))
		return lam_fail_mem(e);
	t->at = at;
	settle(l, t->slot ? t->slot - 1 : l->ntimers++, t);
	return LAM_OK;
}

void
lam_loop_cancel(struct lam_loop *l, struct lam_loop_timer *t)
{
	size_t i = t->slot - 1;

	if (!t->slot)
		return;
	t->slot = 0;
	if (i < --l->ntimers)
		settle(l, i, l->heap[l->ntimers]);
}

static int
wait_ms(const struct lam_loop *l, int64_t limit)
{
	int64_t left;

	if (l->ntimers > 0) {
		left = l->heap[0]->at - lam_clock_monotonic();
		left = left < 0 ? 0 : left;
		limit = limit < 0 || left < limit ? left : limit;
	}
	if (limit < 0)
		return -1;
	return limit / MS < INT_MAX ? (int)((limit + MS - 1) / MS) : INT_MAX;
}

int
lam_loop_turn(struct lam_loop *l, int64_t limit, const sigset_t *mask,
	struct lam_error *e)
{
	int n, rc = LAM_OK;
	int64_t now;

	n = epoll_pwait(l->fd, l->event, LAM_LOOP_EVENTS, wait_ms(l, limit),
		mask);
	if (n < 0 && errno != EINTR)
		return lam_fail_sys(e, "epoll");
	l->nevents = n < 0 ? 0 : n;
	for (l->next = 0; !rc && l->next < l->nevents;) {
		struct epoll_event *ev = &l->event[l->next++];
		struct lam_loop_watch *w = ev->data.ptr;

		if (w != NULL)
			rc = w->ready(w->arg, ev->events, e);
	}
	l->nevents = 0;
	now = lam_clock_monotonic();
	while (!rc && l->ntimers > 0 && l->heap[0]->at <= now) {
		struct lam_loop_timer *t = l->heap[0];

		lam_loop_cancel(l, t);
		rc = t->due(t->arg, e);
	}
	return rc;
}
