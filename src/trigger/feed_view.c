/*
 * feed_view.c - rows of a view that appear, change and go
 *
 * A step takes the records that are new, [looked, to), computes the view's partial of
 * them, and compares the rows of the keys in it as they were with what they are when it
 * is added.  The events, and that all before `to` was looked at, are one frame of the
 * ledger (found.h); the images (images.h) follow it, or are made anew.  One who is
 * killed between the two finds a file of images too many, and begins the step again.
 *
 * When the definition has changed, the images are those of the new one at the same
 * position: that its rows are others is no event.
 */
#include "trigger/feed.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/escape.h"
#include "log/sync.h"
#include "trigger/found.h"
#include "trigger/tie.h"
#include "trigger/view_diff.h"
#include "view/watch.h"

#define LOOK ((uint64_t)65536) /* the most records of a step */

struct rows_of {
	struct lam_watch watch;
	struct lam_images images;
	struct lam_arena arena; /* of a step */
	struct lam_stream stream;
	bool open;		/* it is */
	struct lam_view view;	/* in arena */
	uint64_t look;
	int64_t since;		/* when the first record not looked at was seen; 0 */
};

/* -------------------------------------------------------------------- a step */

static void
close_step(struct rows_of *r)
{
	if (r->open)
		lam_stream_close(&r->stream);
	r->open = false;
	lam_arena_reset(&r->arena);
}

/* The view and its log as they are now.  LAM_NOTHING: there are no records yet. */
static int
open_step(struct lam_feed *f, struct lam_error *e)
{
	struct rows_of *r = f->own;
	const char *stream;
	int rc = lam_watch_update(&r->watch, f->data, e);

	if (!rc)
		rc = lam_watch_wait(&r->watch, 0, NULL, false, e);
	if (!rc && !lam_view_exists(f->data, f->function->subject))
		rc = lam_fail(e, LAM_USAGE, "%s: on view %s: there is no such "
			"view", f->function->name, f->function->subject);
	if (!rc)
		rc = lam_view_find_stream(f->data, f->function->subject, &r->arena,
			&stream, e);
	if (!rc)
		rc = lam_stream_open(&r->stream, f->data, stream, e);
	r->open = !rc;
	if (!rc)
		rc = lam_stream_sync(&r->stream, r->stream.head, e);
	if (!rc)
		rc = lam_tie_follow(f, &r->stream, e);
	return rc ? rc : lam_view_load(f->data, f->function->subject, &r->stream,
		&r->arena, &r->view, e);
}

/* Where a function that has not run yet begins. */
static int
begin_at(const struct lam_feed *f, uint64_t head, uint64_t *at, struct lam_error *e)
{
	const char *from = f->function->from;
	struct lam_str s = { from, strlen(from) };

	*at = strcmp(from, "start") ? head : 0;
	if (!strcmp(from, "start") || !strcmp(from, "now"))
		return LAM_OK;
	if (!lam_str_u64(s, at) || *at > head)
		return lam_fail(e, LAM_USAGE, "%s: from %.40s: expected start, now "
			"or a position up to %" PRIu64, f->function->name, from,
			head);
	return LAM_OK;
}

/* The ledger knows of no definition, or of another one. */
static int
begin(struct lam_feed *f, struct lam_error *e)
{
	struct rows_of *r = f->own;
	const struct lam_ledger_progress *p = &f->ledger->progress;
	struct lam_queue none = LAM_QUEUE_INIT;
	uint64_t at = p->looked;
	int rc = LAM_OK;

	if (p->finds && p->spec == r->view.spec)
		return LAM_OK;
	if (p->finds)
		lam_message(&f->warn, "%s: the view %s, its stream's schema or a "
			"look-up file of it has changed: it begins anew at "
			"position %" PRIu64,
			f->function->name, f->function->subject, at);
	else
		rc = begin_at(f, r->stream.head, &at, e);
	return rc ? rc : lam_found_put(f->ledger, &none, (struct lam_str){ NULL, 0 },
		at, r->view.spec, e);
}

/* The records [FROM, TO) are compared; *FITS: as one frame. */
static int
step(struct lam_feed *f, uint64_t from, uint64_t to, bool *fits, struct lam_error *e)
{
	struct rows_of *r = f->own;
	struct lam_images_of of = { &r->view, &r->stream, &r->arena };
	struct lam_view_diff diff = { f->function, &r->images, &of,
		f->ledger->progress.found };
	struct lam_queue found = LAM_QUEUE_INIT;
	int rc = lam_images_add(&r->images, &of, from, to, e);

	if (!rc)
		rc = lam_view_diff(&diff, &found, e);
	*fits = lam_queue_bytes(&found) + 8 * lam_queue_events(&found) <=
		LAM_FOUND_MAX;
	if (!rc && !*fits)
		rc = lam_images_drop(&r->images, e);
	else if (!rc)
		rc = lam_tie_put(f, f->ledger, e);
	if (!rc && *fits)
		rc = lam_found_put(f->ledger, &found, (struct lam_str){ NULL, 0 },
			to, r->view.spec, e);
	if (!rc && *fits)
		rc = lam_images_settle(&r->images, &of, e);
	lam_queue_release(&found);
	return rc;
}

/* What is new waits for more. */
static bool
may_wait(struct lam_feed *f, bool isnew)
{
	struct rows_of *r = f->own;
	int64_t now = lam_clock_wall();

	f->due = 0;
	if (!isnew || !f->follow || f->function->wait <= 0) {
		r->since = 0;
		return false;
	}
	if (!r->since)
		r->since = now;
	if (now - r->since >= f->function->wait) {
		r->since = 0;
		return false;
	}
	f->due = r->since + f->function->wait;
	return true;
}

/* *MORE: there are records beyond those of this look. */
static int
look(struct lam_feed *f, bool *more, struct lam_error *e)
{
	struct rows_of *r = f->own;
	const struct lam_ledger_progress *p = &f->ledger->progress;
	struct lam_images_of of = { &r->view, &r->stream, &r->arena };
	struct lam_error why = LAM_ERROR_INIT;
	bool fits = false;
	int rc = open_step(f, &why);

	*more = false;
	if (rc == LAM_NOTHING)
		return LAM_OK;
	if (rc && e)
		*e = why;
	if (!rc)
		rc = begin(f, e);
	if (!rc && p->looked > r->stream.head)
		rc = lam_fail(e, LAM_DATA, "%s: it has looked at %s up to position %"
			PRIu64 ", but that ends at %" PRIu64 ": the log has lost "
			"records", f->function->name, r->stream.name, p->looked,
			r->stream.head);
	if (rc || may_wait(f, p->looked < r->stream.head) ||
		p->looked == r->stream.head)
		return rc;
	rc = lam_images_open(&r->images, &of, p->looked, e);
	while (!rc && !fits) {
		uint64_t left = r->stream.head - p->looked;
		uint64_t to = p->looked + (left < r->look ? left : r->look);

		rc = step(f, p->looked, to, &fits, e);
		if (rc || fits)
			break;
		r->look = (to - p->looked + 1) / 2;
		if (to - p->looked == 1)
			rc = lam_fail(e, LAM_DATA, "%s: one record changes more "
				"than %zu bytes of rows", f->function->name,
				LAM_FOUND_MAX);
	}
	r->look = r->look * 2 < LOOK ? r->look * 2 : LOOK;
	*more = !rc && p->looked < r->stream.head;
	return rc;
}

/* -------------------------------------------------------------------- feed */

/* What cannot be is told before anything runs. */
static int
check(struct lam_feed *f, struct lam_error *e)
{
	struct rows_of *r = f->own;
	struct lam_images_of of = { &r->view, &r->stream, &r->arena };
	struct lam_view_diff diff = { f->function, &r->images, &of, 0 };
	struct lam_error why = LAM_ERROR_INIT;
	int rc = open_step(f, &why);

	if (rc && rc != LAM_NOTHING && e)
		*e = why;
	if (!rc)
		rc = lam_view_diff_check(&diff, e);
	close_step(r);
	return rc == LAM_NOTHING ? LAM_OK : rc;
}

static int
view_open(struct lam_feed *f, struct lam_error *e)
{
	struct rows_of *r = calloc(1, sizeof *r);
	int rc;

	f->own = r;
	if (!r)
		return lam_fail_mem(e);
	r->look = LOOK;
	r->watch = (struct lam_watch)LAM_WATCH_INIT;
	r->images = (struct lam_images){ .data = f->data, .dir = f->ledger->dir,
		.warn = f->warn };
	rc = lam_watch_open(&r->watch, e);
	if (!rc)
		rc = check(f, e);
	if (!rc)
		rc = lam_found_source(f->ledger, "view", f->function->subject,
			f->id, e);
	f->end = f->ledger->progress.found;
	f->fd = r->watch.fd;
	f->more = true;
	return rc;
}

static int
view_fill(struct lam_feed *f, struct lam_queue *q, struct lam_error *e)
{
	const struct lam_ledger_progress *p = &f->ledger->progress;
	bool waiting = f->next < p->found, more = false;
	int rc = waiting ? LAM_OK : look(f, &more, e);

	close_step(f->own);
	if (!rc)
		rc = lam_found_read(f->ledger, &f->next, p->found, LAM_FEED_BYTES,
			q, e);
	f->end = p->found;
	/* What waited is given; what there is now has yet to be looked at. */
	f->more = waiting || more || f->next < f->end;
	return rc;
}

static int
view_again(struct lam_feed *f, uint64_t from, uint64_t to, struct lam_queue *q,
	struct lam_error *e)
{
	return lam_found_again(f->ledger, from, to, q, e);
}

static void
view_close(struct lam_feed *f)
{
	struct rows_of *r = f->own;

	close_step(r);
	lam_images_release(&r->images);
	lam_watch_close(&r->watch);
	lam_arena_release(&r->arena);
	free(r);
}

const struct lam_feed_kind lam_feed_view = { .on = LAM_ON_VIEW, .finds = true,
	.open = view_open, .fill = view_fill, .again = view_again,
	.close = view_close };
