/*
 * feed.c - the kinds of feeds, each of which is one file
 */
#include "trigger/feed.h"

static const struct lam_feed_kind *const kinds[] = { &lam_feed_stdin,
	&lam_feed_stream, &lam_feed_every, &lam_feed_bucket };

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
