/*
 * feed_at.c - an event for each due time of a calendar
 *
 * As feed_every.c: positions are times, and of several that were missed there is one
 * event, for the last.
 */
#include "trigger/feed.h"

#include <inttypes.h>

#include "base/clock.h"

#define COUNT_MAX 100000 /* missed times that are counted */

static int
at_open(struct lam_feed *f, struct lam_error *e)
{
	const struct lam_cron *c = &f->function->cron;
	struct lam_zone *z = NULL;
	int64_t now = lam_clock_wall(), due;

	if (*c->zone && lam_zone_open(&z, c->zone, strlen(c->zone), e))
		return LAM_USAGE;
	f->own = z;
	if (!lam_cron_next(c, z, now, &due))
		return lam_fail(e, LAM_USAGE, "at %s: there is no such day",
			f->function->subject);
	f->end = (uint64_t)now + 1;
	f->start = f->end;
	f->more = true;
	return lam_feed_check_clock(f, e);
}

/* Of those from FROM on, how many come before LAST. */
static uint64_t
missed(const struct lam_feed *f, int64_t from, int64_t last)
{
	uint64_t n = 0;
	int64_t due = from - 1;

	while (n < COUNT_MAX && lam_cron_next(&f->function->cron, f->own, due, &due) &&
		due < last)
		n++;
	return n;
}

static int
at_fill(struct lam_feed *f, struct lam_queue *q, struct lam_error *e)
{
	const struct lam_cron *c = &f->function->cron;
	int64_t now = lam_clock_wall(), last, next;
	int rc = LAM_OK;

	if (lam_cron_last(c, f->own, now, &last) && (uint64_t)last >= f->next) {
		rc = lam_feed_put_time(q, (uint64_t)last, missed(f,
			(int64_t)f->next, last), e);
		f->next = (uint64_t)last + 1;
	}
	f->end = f->next;
	f->due = lam_cron_next(c, f->own, now, &next) ? next : 0;
	return rc;
}

static int
at_again(struct lam_feed *f, uint64_t from, uint64_t to, struct lam_queue *q,
	struct lam_error *e)
{
	(void)f;
	(void)to;
	return lam_feed_put_time(q, from, 0, e);
}

static void
at_close(struct lam_feed *f)
{
	lam_zone_close(f->own);
}

const struct lam_feed_kind lam_feed_at = { .on = LAM_ON_AT, .open = at_open,
	.fill = at_fill, .again = at_again, .close = at_close };
