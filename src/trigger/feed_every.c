/*
 * feed_every.c - an event for each due time
 *
 * Due times are the multiples of the interval since 1970, so they are the same after
 * any crash; the position of an event is its time in nanoseconds.  If several were
 * missed there is one event, for the last of them, that says how many.
 */
#include "trigger/feed.h"

#include "base/clock.h"
#include "time/time.h"

static uint64_t
last_due(const struct lam_feed *f)
{
	uint64_t every = (uint64_t)f->function->every;

	return (uint64_t)lam_clock_wall() / every * every;
}

static int
every_open(struct lam_feed *f, struct lam_error *e)
{
	f->own = NULL;
	f->end = last_due(f) + 1;
	f->start = f->end;
	f->more = true;
	return lam_feed_check_clock(f, e);
}

static int
every_fill(struct lam_feed *f, struct lam_queue *q, struct lam_error *e)
{
	uint64_t every = (uint64_t)f->function->every, at = last_due(f);
	int rc = LAM_OK;

	if (at >= f->next) {
		rc = lam_feed_put_time(q, at, (at - f->next) / every, e);
		f->next = at + 1;
	}
	f->end = f->next;
	f->due = (int64_t)(at + every);
	return rc;
}

/* How many were missed is no part of the bounds: it is told once. */
static int
every_again(struct lam_feed *f, uint64_t from, uint64_t to, struct lam_queue *q,
	struct lam_error *e)
{
	(void)f;
	(void)to;
	return lam_feed_put_time(q, from, 0, e);
}

const struct lam_feed_kind lam_feed_every = { .on = LAM_ON_EVERY,
	.open = every_open, .fill = every_fill, .again = every_again };
