/*
 * feed_bucket.c - files that come to a directory, change in it, and go
 *
 * A look compares the directory with what is known of it (bucket.h).  What has changed
 * is noted in the ledger together with the events (found.h), so the notes of a ledger's
 * file, one after the other, are what is known.
 */
#include "trigger/feed.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/json_text.h"
#include "lambda/shape.h"
#include "time/time.h"
#include "trigger/bucket.h"
#include "trigger/found.h"

#define PIECE ((size_t)1 << 20) /* bytes of a note of all that is known */

struct files {
	struct lam_feed *feed;
	struct lam_bucket bucket;
	const char *name;     /* of the bucket */
	struct lam_arena arena; /* of the patterns */
	struct lam_queue found;
	struct lam_buf note;
	bool silent;	      /* what is there already is no event */
	struct lam_object *at; /* keep: the next one */
	bool keeping;
};

/* ------------------------------------------------------------------ events */

static int
flush(struct files *x, struct lam_error *e)
{
	int rc = lam_buf_check(&x->note, e);

	if (!rc)
		rc = lam_found_put(x->feed->ledger, &x->found, (struct lam_str){
			x->note.p, x->note.n }, 0, 0, e);
	lam_buf_clear(&x->note);
	return rc;
}

static void
put_flat(struct lam_buf *b, const struct lam_shape_file *f)
{
	char time[LAM_TIME_TEXT];
	size_t n = lam_time_print(f->when, time);

	lam_buf_printf(b, "{\"event\":\"%s\",\"time\":\"%.*s\",\"bucket\":",
		lam_shape_object_name(f), (int)n, time);
	lam_json_put_string(b, (struct lam_str){ f->bucket, strlen(f->bucket) });
	lam_buf_puts(b, ",\"key\":");
	lam_json_put_string(b, f->key);
	lam_buf_puts(b, ",\"encoded\":\"");
	lam_shape_key(b, f->key);
	if (f->removed)
		lam_buf_puts(b, "\",\"size\":null}\n");
	else
		lam_buf_printf(b, "\",\"size\":%llu}\n",
			(unsigned long long)f->size);
}

static int
changed(void *arg, const char *name, const struct lam_object *now,
	struct lam_error *e)
{
	struct files *x = arg;
	const struct lam_function *fn = x->feed->function;
	struct lam_shape_file f = { .bucket = x->name, .function = fn->name,
		.key = { name, strlen(name) }, .when = lam_clock_wall(),
		.removed = !now };
	uint64_t pos = x->feed->ledger->progress.found +
		lam_queue_events(&x->found);
	int rc = LAM_OK;

	if (now) {
		const uint64_t version[] = { now->size, (uint64_t)now->mtime,
			now->inode };

		f.size = now->size;
		f.version = lam_checksum(version, sizeof version);
		lam_object_put(now, &x->note);
	} else {
		lam_object_put_gone(name, &x->note);
	}
	if (!x->silent) {
		if (fn->lambda)
			lam_shape_object(&x->found.text, &f, pos);
		else
			put_flat(&x->found.text, &f);
		rc = lam_queue_put(&x->found, pos, e);
	}
	if (!rc && lam_queue_bytes(&x->found) + x->note.n >= LAM_FEED_BYTES)
		rc = flush(x, e);
	return rc;
}

static int
look(struct files *x, struct lam_error *e)
{
	bool first = !x->feed->ledger->progress.finds;
	int rc;

	x->silent = first && !strcmp(x->feed->function->from, "now");
	rc = lam_bucket_look(&x->bucket, e);
	if (!rc && (first || x->note.n))
		rc = flush(x, e);
	x->feed->due = x->bucket.young;
	if (x->bucket.blind)
		x->feed->due = lam_clock_wall() + LAM_BUCKET_SETTLE;
	return rc;
}

/* -------------------------------------------------------------------- state */

static int
take_note(void *arg, const struct lam_ledger_frame *f, struct lam_error *e)
{
	struct files *x = arg;
	struct lam_str note;
	int rc;

	if (f->kind != LAM_FRAME_FOUND)
		return LAM_OK;
	rc = lam_found_note_of(f->output, &note, e);
	return rc ? rc : lam_objects_apply(&x->bucket.known, note, e);
}

static int
read_notes(struct files *x, struct lam_error *e)
{
	const struct lam_ledger *l = x->feed->ledger;
	struct lam_ledger_head head;
	uint64_t end, torn;

	return l->fd < 0 ? LAM_OK : lam_ledger_scan(l->path, &head, take_note, x,
		&end, &torn, e);
}

/* All that is known, a piece a call. */
static bool
keep(void *arg, struct lam_buf *out)
{
	struct files *x = arg;
	struct lam_buf note = LAM_BUF_INIT;

	if (!x->keeping)
		x->at = lam_objects_each(&x->bucket.known, NULL);
	x->keeping = x->at != NULL;
	for (; x->at && note.n < PIECE; x->at = lam_objects_each(
		&x->bucket.known, x->at))
		lam_object_put(x->at, &note);
	if (x->keeping)
		lam_found_note(out, (struct lam_str){ note.p, note.n });
	out->oom |= note.oom;
	lam_buf_release(&note);
	return x->keeping;
}

/* -------------------------------------------------------------------- feed */

static int
split_patterns(struct files *x, const struct lam_function *fn, struct lam_error *e)
{
	const char *at = fn->where ? fn->where : "";
	const char **pattern = LAM_ARENA_NEW(&x->arena, const char *,
		strlen(at) / 2 + 2);
	size_t n = 0;

	if (!pattern)
		return lam_fail_mem(e);
	for (at += strspn(at, " \t"); *at; at += strspn(at, " \t")) {
		size_t len = strcspn(at, " \t");

		pattern[n] = lam_arena_dup(&x->arena, at, len);
		if (!pattern[n++])
			return lam_fail_mem(e);
		at += len;
	}
	pattern[n] = NULL;
	x->bucket.pattern = pattern;
	return LAM_OK;
}

static int
bucket_open(struct lam_feed *f, struct lam_error *e)
{
	const struct lam_function *fn = f->function;
	struct files *x = calloc(1, sizeof *x);
	int rc;

	f->own = x;
	if (!x)
		return lam_fail_mem(e);
	x->feed = f;
	x->bucket.fd = -1;
	x->bucket.changed = changed;
	x->bucket.arg = x;
	x->name = strrchr(fn->subject, '/') ? strrchr(fn->subject, '/') + 1 :
		fn->subject;
	if (strcmp(fn->from, "now") && strcmp(fn->from, "start"))
		return lam_fail(e, LAM_USAGE, "%s: from %.40s: expected start or "
			"now: the files of a bucket have no positions", fn->name,
			fn->from);
	rc = split_patterns(x, fn, e);
	if (!rc)
		rc = lam_function_bucket(fn, x->bucket.dir, e);
	if (!rc)
		rc = lam_found_source(f->ledger, "bucket", fn->subject, f->id, e);
	if (!rc)
		rc = read_notes(x, e);
	if (!rc)
		rc = lam_bucket_open(&x->bucket, e);
	if (rc)
		return rc;
	f->ledger->keep = keep;
	f->ledger->keep_arg = x;
	f->end = f->ledger->progress.found;
	f->fd = x->bucket.fd;
	f->more = true;
	return LAM_OK;
}

static int
bucket_fill(struct lam_feed *f, struct lam_queue *q, struct lam_error *e)
{
	const struct lam_ledger_progress *p = &f->ledger->progress;
	bool waiting = f->next < p->found;
	int rc = waiting ? LAM_OK : look(f->own, e);

	if (!rc)
		rc = lam_found_read(f->ledger, &f->next, p->found, LAM_FEED_BYTES,
			q, e);
	f->end = p->found;
	/* What waited is given; what there is now has yet to be looked at. */
	f->more = waiting || f->next < f->end;
	return rc;
}

static int
bucket_again(struct lam_feed *f, uint64_t from, uint64_t to, struct lam_queue *q,
	struct lam_error *e)
{
	return lam_found_again(f->ledger, from, to, q, e);
}

static void
bucket_close(struct lam_feed *f)
{
	struct files *x = f->own;

	if (f->ledger)
		f->ledger->keep = NULL;
	lam_arena_release(&x->arena);
	lam_bucket_close(&x->bucket);
	lam_queue_release(&x->found);
	lam_buf_release(&x->note);
	free(x);
}

const struct lam_feed_kind lam_feed_bucket = { .on = LAM_ON_BUCKET, .finds = true,
	.open = bucket_open, .fill = bucket_fill, .again = bucket_again,
	.close = bucket_close };
