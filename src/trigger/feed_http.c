/*
 * feed_http.c - requests whose answer nobody waits for
 *
 * Such a request is an event of the ledger (found.h) before it is accepted; from there
 * it comes as events of other sources do.
 */
#include "trigger/feed.h"

#include "trigger/found.h"

static int
http_open(struct lam_feed *f, struct lam_error *e)
{
	f->end = f->ledger->progress.found;
	f->more = true;
	return lam_found_source(f->ledger, "http", f->function->name, f->id, e);
}

static int
http_fill(struct lam_feed *f, struct lam_queue *q, struct lam_error *e)
{
	int rc;

	f->end = f->ledger->progress.found;
	rc = lam_found_read(f->ledger, &f->next, f->end, LAM_FEED_BYTES, q, e);
	f->more = f->next < f->end;
	return rc;
}

static int
http_again(struct lam_feed *f, uint64_t from, uint64_t to, struct lam_queue *q,
	struct lam_error *e)
{
	return lam_found_again(f->ledger, from, to, q, e);
}

const struct lam_feed_kind lam_feed_http = { .on = LAM_ON_HTTP, .finds = true,
	.open = http_open, .fill = http_fill, .again = http_again };
