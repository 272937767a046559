/*
 * feed_stream.c - records of a stream, for which a condition holds
 *
 * The engine runs "select * from STREAM where (CONDITION)" on the stored columns, and
 * only what passes becomes text.  Which positions those rows have is told by one more
 * column, which this feed adds behind those of the stream.  (Its name, a newline, is
 * none that a field can have.)
 *
 * A look at the log is a range of positions.  It grows while few records pass, and a
 * range ends early when the queue is full.  Only durable records are given out.
 */
#include "trigger/feed.h"

#include <inttypes.h>
#include <stdlib.h>
#include <strings.h>

#include "base/hash.h"
#include "engine/drive.h"
#include "log/sync.h"
#include "output/output.h"
#include "source/source.h"
#include "trigger/condition.h"
#include "trigger/tie.h"
#include "view/dataset.h"
#include "view/watch.h"

#define LOOK ((uint64_t)65536) /* positions of the first look */
#define LOOK_MAX ((uint64_t)16 << 20)
#define FULL LAM_SOME /* of the engine: the queue takes no more */

struct records {
	struct lam_watch watch;
	struct lam_stream stream; /* the last snapshot */
	bool open;
	struct lam_arena arena; /* of the query */
	struct lam_query *query;
	struct lam_writer *writer;
	struct lam_writer *keys; /* of the column that orders; or NULL */
	size_t key;		 /* which that is */
	uint64_t look;
	/* The source: the log's, and a column of positions. */
	struct lam_source source;
	struct lam_log_source log;
	uint64_t from, to;
	struct lam_batch_calls {
		void *state;
		int (*load)(struct lam_batch *b, uint32_t f, bool raw,
			struct lam_vec *out, uint64_t *bad, struct lam_error *e);
		int (*match)(struct lam_batch *b, uint32_t f, struct lam_str s,
			struct lam_vec *out, bool *matched, struct lam_error *e);
		void (*range)(struct lam_batch *b, uint32_t f,
			struct lam_range *out);
	} inner;
	/* Where rows go. */
	struct lam_queue *queue;
	uint64_t next; /* behind the last row taken */
};

/* ------------------------------------------------------------------ source */

static struct records *
own(const struct lam_batch *b)
{
	return b->state;
}

/* Calls of the log's source see their own state. */
static int
load(struct lam_batch *b, uint32_t f, bool raw, struct lam_vec *out,
	uint64_t *bad, struct lam_error *e)
{
	struct records *r = own(b);
	int64_t *pos;
	int rc;

	if (f < r->stream.schema.n) {
		b->state = r->inner.state;
		rc = r->inner.load(b, f, raw, out, bad, e);
		b->state = r;
		return rc;
	}
	pos = lam_arena_alloc(b->arena, (b->n + (size_t)1) * sizeof *pos);
	if (!pos)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < b->n; i++)
		pos[i] = (int64_t)(b->pos + i);
	*out = (struct lam_vec){ .type = LAM_NUMBER, .rep = LAM_FLAT,
		.n = b->n, .i64 = pos };
	return LAM_OK;
}

static int
match(struct lam_batch *b, uint32_t f, struct lam_str s, struct lam_vec *out,
	bool *matched, struct lam_error *e)
{
	struct records *r = own(b);
	int rc;

	b->state = r->inner.state;
	rc = r->inner.match(b, f, s, out, matched, e);
	b->state = r;
	return rc;
}

static void
range(struct lam_batch *b, uint32_t f, struct lam_range *out)
{
	struct records *r = own(b);

	if (f >= r->stream.schema.n) {
		*out = (struct lam_range){ 0 };
		return;
	}
	b->state = r->inner.state;
	r->inner.range(b, f, out);
	b->state = r;
}

static int
next(struct lam_source *s, unsigned worker, struct lam_batch *b, bool *got,
	struct lam_error *e)
{
	struct records *r = s->state;
	int rc = r->log.source.next(&r->log.source, worker, b, got, e);

	if (rc || !*got)
		return rc;
	r->inner.state = b->state;
	r->inner.load = b->load;
	r->inner.match = b->match;
	r->inner.range = b->range;
	b->state = r;
	b->load = load;
	b->match = match;
	b->pick = NULL;
	b->range = range;
	return LAM_OK;
}

static int
open_leaf(void *arg, const struct lam_stage *scan, unsigned workers,
	bool spread, struct lam_source **out, struct lam_error *e)
{
	struct records *r = arg;

	(void)scan;
	(void)spread;
	r->source = (struct lam_source){ .state = r, .next = next,
		.rows = r->to - r->from };
	*out = &r->source;
	return lam_log_source_init(&r->log, &r->stream, r->from, r->to, workers,
		false, NULL, e);
}

static void
close_leaf(void *arg)
{
	struct records *r = arg;

	lam_log_source_release(&r->log);
}

/* ------------------------------------------------------------------- query */

static int
find(void *state, const struct lam_stage *scan, struct lam_relation *out,
	struct lam_error *e)
{
	struct records *r = state;
	struct lam_input_field *field;
	int rc = lam_schema_relation(&r->stream.schema, scan->name, &r->arena,
		out, e);

	if (rc)
		return rc;
	field = LAM_ARENA_NEW(&r->arena, struct lam_input_field,
		out->nfields + 1);
	if (!field)
		return lam_fail_mem(e);
	memcpy(field, out->field, out->nfields * sizeof *field);
	field[out->nfields] = (struct lam_input_field){ .name = "\n",
		.type = { LAM_NUMBER, 0 } };
	out->field = field;
	out->nfields++;
	return LAM_OK;
}

/* Which column orders. */
static int
find_key(struct records *r, const struct lam_function *fn, struct lam_error *e)
{
	size_t n = r->query->noutputs - 1;

	for (r->key = 0; r->key < n; r->key++)
		if (!strcasecmp(r->query->output[r->key].name, fn->key))
			return LAM_OK;
	return lam_fail(e, LAM_USAGE, "order key %s: the stream %s has no such "
		"field", fn->key, fn->subject);
}

static int
bind(struct lam_feed *f, struct lam_error *e)
{
	struct records *r = f->own;
	const struct lam_function *fn = f->function;
	struct lam_condition c = { .function = fn, .relation = find, .state = r };
	int rc;

	lam_arena_reset(&r->arena);
	rc = lam_condition_bind(&c, &r->arena, &r->query, e);
	if (!rc && r->query->grouped)
		rc = lam_fail(e, LAM_USAGE, "where %s: is more than a condition",
			fn->where);
	return rc || !fn->key ? rc : find_key(r, fn, e);
}

/* A writer of the column that orders: what is the same text is the same key. */
static int
open_keys(struct lam_feed *f, struct lam_error *e)
{
	struct records *r = f->own;
	struct lam_query shown = *r->query;
	int rc;

	lam_writer_abandon(r->keys);
	r->keys = NULL;
	shown.output += r->key;
	shown.noutputs = 1;
	rc = lam_writer_open(&r->keys, "csv", -1, &shown, false, e);
	if (!rc)
		lam_writer_taken(r->keys);
	return rc;
}

/* The keys of the last N events of the queue, which are the rows of COLUMN. */
static int
take_keys(struct records *r, const struct lam_vec *column, size_t n,
	struct lam_error *e)
{
	const size_t *end;
	struct lam_str text;
	size_t rows, at = 0, first = r->queue->n - n;
	int rc = lam_writer_rows(r->keys, column + r->key, (uint32_t)n, e);

	if (rc)
		return rc;
	text = lam_writer_text(r->keys, &end, &rows);
	for (size_t i = 0; i < rows; at = end[i++])
		r->queue->event[first + i].key = lam_hash(text.p + at,
			end[i] - at, 0);
	lam_writer_taken(r->keys);
	return LAM_OK;
}

/* A writer of all columns but the last one, the positions. */
static int
open_writer(struct lam_feed *f, struct lam_buf *head, struct lam_error *e)
{
	struct records *r = f->own;
	struct lam_query shown = *r->query;
	const size_t *ends;
	struct lam_str text;
	size_t n;
	int rc;

	lam_writer_abandon(r->writer);
	r->writer = NULL;
	shown.noutputs--;
	rc = lam_writer_open(&r->writer, f->function->input, -1, &shown, true, e);
	if (rc)
		return rc;
	text = lam_writer_text(r->writer, &ends, &n);
	lam_buf_put(head, text.p, text.n);
	lam_writer_taken(r->writer);
	rc = lam_buf_check(head, e);
	return rc || !f->function->key ? rc : open_keys(f, e);
}

static int
take_rows(void *arg, const struct lam_vec *column, uint32_t n,
	struct lam_error *e)
{
	struct records *r = arg;
	const struct lam_vec *pos = &column[r->query->noutputs - 1];
	const size_t *end;
	struct lam_str text;
	size_t rows, at = 0;
	int rc = lam_writer_rows(r->writer, column, n, e);

	if (rc)
		return rc;
	text = lam_writer_text(r->writer, &end, &rows);
	for (size_t i = 0; !rc && i < rows; at = end[i++]) {
		uint64_t at_pos = (uint64_t)lam_vec_num(pos, (uint32_t)i).m;

		lam_buf_put(&r->queue->text, text.p + at, end[i] - at);
		rc = lam_queue_put(r->queue, at_pos, e);
		r->next = at_pos + 1;
	}
	lam_writer_taken(r->writer);
	if (!rc && r->keys)
		rc = take_keys(r, column, n, e);
	if (!rc && lam_queue_bytes(r->queue) >= LAM_FEED_BYTES)
		return FULL;
	return rc;
}

/* Rows of [FROM, TO) into Q.  *NEXT: everything before it was looked at. */
static int
look(struct lam_feed *f, uint64_t from, uint64_t to, struct lam_queue *q,
	uint64_t *next_pos, struct lam_error *e)
{
	struct records *r = f->own;
	struct lam_leaves leaves = { open_leaf, close_leaf, r, NULL };
	struct lam_row_sink sink = { NULL, take_rows, r, NULL };
	struct lam_resources one = { .threads = 1 };
	struct lam_drive_faults faults = { .records = { 0 } };
	int rc;

	r->from = from;
	r->to = to;
	r->queue = q;
	r->next = from;
	rc = lam_drive_rows(&leaves, r->query, &sink, &one, &faults, e);
	*next_pos = rc == FULL ? r->next : to;
	return rc == FULL ? LAM_OK : rc;
}

/* -------------------------------------------------------------------- feed */

static int
snapshot(struct lam_feed *f, struct lam_error *e)
{
	struct records *r = f->own;
	int rc;

	if (r->open)
		lam_stream_close(&r->stream);
	r->open = false;
	rc = lam_watch_update(&r->watch, f->data, e);
	if (!rc)
		rc = lam_watch_wait(&r->watch, 0, NULL, false, e);
	if (!rc)
		rc = lam_stream_open(&r->stream, f->data, f->function->subject,
			e);
	r->open = !rc;
	if (!rc)
		rc = lam_stream_sync(&r->stream, r->stream.head, e);
	if (!rc)
		rc = lam_tie_follow(f, &r->stream, e);
	f->end = rc ? 0 : r->stream.head;
	return rc;
}

static int
stream_open(struct lam_feed *f, struct lam_error *e)
{
	struct records *r = calloc(1, sizeof *r);
	int rc;

	f->own = r;
	if (!r)
		return lam_fail_mem(e);
	r->look = LOOK;
	r->watch = (struct lam_watch)LAM_WATCH_INIT;
	rc = lam_watch_open(&r->watch, e);
	if (!rc)
		rc = snapshot(f, e);
	/* A condition that cannot be is told before anything runs. */
	if (!rc && r->stream.schema.n)
		rc = bind(f, e);
	if (rc)
		return rc;
	memcpy(f->id, r->stream.id, sizeof f->id);
	f->fd = r->watch.fd;
	f->more = true;
	return LAM_OK;
}

/* New fields may have come: the query and what stands before a batch. */
static int
prepare(struct lam_feed *f, struct lam_queue *q, bool *wait, struct lam_error *e)
{
	struct lam_buf head = LAM_BUF_INIT;
	int rc = bind(f, e);

	*wait = false;
	if (!rc)
		rc = open_writer(f, &head, e);
	if (!rc && (head.n != f->head.n || (head.n && memcmp(head.p, f->head.p,
		head.n)))) {
		/* Those that wait go with the head that they have. */
		*wait = lam_queue_events(q) > 0;
		if (!*wait) {
			lam_buf_clear(&f->head);
			lam_buf_put(&f->head, head.p, head.n);
		}
	}
	lam_buf_release(&head);
	return rc;
}

static int
stream_fill(struct lam_feed *f, struct lam_queue *q, struct lam_error *e)
{
	struct records *r = f->own;
	size_t before = lam_queue_events(q);
	uint64_t to;
	bool wait;
	int rc = LAM_OK;

	if (f->next >= f->end)
		rc = snapshot(f, e);
	if (rc || f->next >= f->end)
		return rc;
	rc = prepare(f, q, &wait, e);
	f->more = true;
	if (rc || wait)
		return rc;
	to = f->end - f->next > r->look ? f->next + r->look : f->end;
	rc = look(f, f->next, to, q, &f->next, e);
	if (f->next == to && lam_queue_events(q) - before < LOOK / 16)
		r->look = r->look < LOOK_MAX ? 2 * r->look : LOOK_MAX;
	else
		r->look = LOOK;
	return rc;
}

static int
stream_again(struct lam_feed *f, uint64_t from, uint64_t to,
	struct lam_queue *q, struct lam_error *e)
{
	bool wait;
	int rc = prepare(f, q, &wait, e);

	while (!rc && from < to)
		rc = look(f, from, to, q, &from, e);
	return rc;
}

static void
stream_close(struct lam_feed *f)
{
	struct records *r = f->own;

	lam_writer_abandon(r->writer);
	lam_writer_abandon(r->keys);
	if (r->open)
		lam_stream_close(&r->stream);
	lam_watch_close(&r->watch);
	lam_arena_release(&r->arena);
	free(r);
}

const struct lam_feed_kind lam_feed_stream = { .on = LAM_ON_STREAM,
	.open = stream_open, .fill = stream_fill, .again = stream_again,
	.close = stream_close };
