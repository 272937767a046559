/*
 * feed.c - the kinds of feeds, each of which is one file
 */
#include "trigger/feed.h"

#include <inttypes.h>

#include "base/clock.h"
#include "time/time.h"

#define BEHIND (3600 * LAM_NS) /* that a clock is set back, and is waited for */

static const struct lam_feed_kind *const kinds[] = { &lam_feed_stdin,
	&lam_feed_stream, &lam_feed_every, &lam_feed_at, &lam_feed_bucket,
	&lam_feed_view, &lam_feed_http };

int
lam_feed_open(struct lam_feed *f, struct lam_error *e)
{
	f->fd = -1;
	f->kind = NULL;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i]->on == f->function->on)
			f->kind = kinds[i];
	return f->kind->open(f, e);
}

void
lam_feed_close(struct lam_feed *f)
{
	if (f->kind && f->kind->close && f->own)
		f->kind->close(f);
	f->own = NULL;
	lam_buf_release(&f->head);
}

int
lam_feed_fill(struct lam_feed *f, struct lam_queue *q, struct lam_error *e)
{
	f->more = false;
	return f->kind->fill(f, q, e);
}

int
lam_feed_again(struct lam_feed *f, uint64_t from, uint64_t to,
	struct lam_queue *q, struct lam_error *e)
{
	return f->kind->again(f, from, to, q, e);
}

int
lam_feed_check_clock(const struct lam_feed *f, struct lam_error *e)
{
	const struct lam_ledger *l = f->ledger;
	int64_t ahead = l && l->fd >= 0 ? (int64_t)l->progress.next -
		lam_clock_wall() : 0;
	char time[LAM_TIME_TEXT];
	size_t n;

	if (ahead <= BEHIND)
		return LAM_OK;
	n = lam_time_print((int64_t)l->progress.next, time);
	return lam_fail(e, LAM_DATA, "%s: it has been run for times up to %.*s: "
		"the clock was wrong then, or is now; set it, or remove %s to "
		"begin anew", f->function->name, (int)n, time, l->dir);
}

int
lam_feed_put_time(struct lam_queue *q, uint64_t at, uint64_t missed,
	struct lam_error *e)
{
	char time[LAM_TIME_TEXT];
	size_t n = lam_time_print((int64_t)at, time);

	lam_buf_printf(&q->text, "{\"time\":\"%.*s\",\"missed\":%" PRIu64 "}\n",
		(int)n, time, missed);
	return lam_queue_put(q, at, e);
}
