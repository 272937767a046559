/*
 * ingest.c - log text into a stream: parse and encode in parallel, append in
 * order
 *
 *	read (one at a time)  ->  parse, encode (all)  ->  append (in order)
 *
 * Each worker owns one chunk, one arena and one block, and takes a chunk through
 * the first two stages; so a byte of input is copied once, into the chunk.  Reading
 * is under a mutex and gives the chunk a sequence number; blocks are appended in the
 * order of these, by whoever is there in time (base/turns.h).  A few finished blocks
 * may be left for that, so memory is bounded by the number of workers.  A failure takes
 * its turn too: everything read before it is appended, nothing behind it.
 *
 * Beside the workers the caller's thread ticks: it makes unacknowledged blocks durable
 * about every second, so that a burst followed by silence does not wait for the
 * next record, and when asked to stop, or after a failure, it interrupts the
 * worker that waits for input.  A tick is a poll timeout; no clock is read.
 *
 * The first chunk with records is parsed before the workers start: from it
 * fields new to the stream get their types, and with them the layout of blocks
 * is known.  It then goes through the pipeline like any other.  The caller's thread
 * makes the stream and finds the types while workers read and parse what is behind:
 * they encode nothing before the layout is there.  A last line without a
 * newline has a chunk of its own; when it is all that is behind the first, the types
 * are those of both.
 */
#include "ingest/ingest.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/pool.h"
#include "base/turns.h"
#include "ingest/ingest_block.h"
#include "ingest/ingest_layout.h"
#include "input/zone_cells.h"
#include "store/block.h"

#define TICK_MS 100
#define SYNC_TICKS 10 /* 1 s between syncs of a bulk input */
#define LEFT_BYTES (4u << 20) /* of blocks that wait for their turn, for each worker */

/* A chunk on its way. */
struct work {
	struct lam_chunk chunk;
	struct lam_cells cells;
	bool parsed;
	uint64_t seq;
	struct lam_arena arena;
	struct lam_ingest_block *block; /* NULL until there is one */
};

struct run {
	struct lam_ingest *g;
	struct lam_input *in;
	const char *source;
	struct lam_cells sample[2]; /* what the types are found from: chunk 0, and its
				     * tail if that has rows */
	pthread_mutex_t prepare; /* until the layout is made, by the caller's thread: */
	pthread_cond_t prepared;
	enum { PREPARING, READY, GIVEN_UP } state;
	struct lam_ingest_layout layout;

	pthread_mutex_t input;	/* the reading stage: */
	uint64_t seq;		/* of the next chunk */
	bool ended;
	struct work *first[2];	/* chunk 0, and its tail: already parsed */
	_Atomic(pthread_t) reader;
	atomic_bool reading;
	atomic_int ending;	/* stop waiting for input */

	struct lam_turns turns;	/* the appending stage */

	atomic_uint running;
	int wake[2];		/* written by the last worker */
};

static void
work_release(struct work *w)
{
	lam_chunk_release(&w->chunk);
	lam_arena_release(&w->arena);
	lam_ingest_block_free(w->block);
}

static int
parse(const struct run *r, struct work *w, struct lam_error *e)
{
	w->parsed = true;
	if (!w->block)
		w->block = lam_ingest_block_new();
	return w->block ? lam_input_parse(r->in, &w->chunk, NULL, &w->cells,
		&w->block->blank, e) : lam_fail_mem(e);
}

/* Times without a zone get that of the run.  C has the columns of the stream. */
static int
complete(const struct run *r, struct work *w, struct lam_cells *c,
	struct lam_error *e)
{
	int rc = LAM_OK;

	for (size_t i = 0; r->layout.local && !rc && i < r->layout.ncols; i++)
		if (r->layout.local[i] && r->layout.map[i] != UINT32_MAX)
			rc = lam_zone_cells(r->g->zone, c, c->field[i],
				&w->chunk, e);
	return rc;
}

/* Did the chunk close because the flush interval had passed? */
static bool
was_flushed(const struct lam_chunk *c)
{
	return !c->last && c->nrecords < LAM_BLOCK_ROWS &&
		c->raw.n < LAM_CHUNK_BYTES / 2;
}

/* Cells in the order of the stream's columns, encoded into W's block. */
static int
encode(const struct run *r, struct work *w, struct lam_error *e)
{
	struct lam_block_facts facts = { .field = r->layout.name,
		.text = w->chunk.raw.n, .rejects = w->chunk.nrejects };
	struct lam_ingest_block *b = w->block;
	struct lam_cells c = w->cells;
	int rc;

	b->chunk = w->chunk;
	b->nrows = c.nrows;
	b->sync = !r->g->lazy && was_flushed(&w->chunk);
	lam_arena_reset(&w->arena);
	lam_buf_clear(&b->image);
	lam_buf_clear(&b->rejects);
	lam_buf_clear(&b->notes);
	for (size_t i = 0; i < w->chunk.nrejects; i++)
		lam_reject_file_print(r->source, &w->chunk.reject[i],
			&b->rejects);
	if (r->g->place) {
		rc = r->g->place->note(r->g->place->arg, &w->chunk,
			&b->notes, e);
		if (rc)
			return rc;
		facts.notes = (struct lam_str){ b->notes.p, b->notes.n };
	}
	if (c.nrows == 0 && !b->notes.n && !(facts.rejects && r->g->append))
		return LAM_OK;
	c.field = LAM_ARENA_NEW(&w->arena, struct lam_cell *, r->layout.ncols + 1);
	if (!c.field)
		return lam_fail_mem(e);
	c.nfields = (uint32_t)r->layout.ncols;
	for (size_t i = 0; i < r->layout.ncols; i++)
		c.field[i] = r->layout.map[i] == UINT32_MAX ? r->layout.nulls :
			w->cells.field[r->layout.map[i]];
	rc = complete(r, w, &c, e);
	return rc ? rc : lam_block_encode(&c, 0, r->g->level, &facts, &w->arena,
		&b->image, e);
}

int
lam_ingest_sync(struct lam_ingest *g, struct lam_error *e)
{
	int rc = lam_reject_file_sync(g->rejects, e);

	if (!rc && g->append)
		rc = lam_append_sync(g->append, e);
	return rc || !g->on_durable ? rc : g->on_durable(g, e);
}

/* All that encoding needs: the stream, its fields and their types. */
static int
prepare(struct run *r, struct lam_error *e)
{
	struct lam_ingest *g = r->g;
	int rc = g->append ? LAM_OK : g->begin(g, e);

	if (!rc)
		rc = lam_ingest_layout_make(&r->layout, g, r->in, r->source,
			r->sample, e);
	pthread_mutex_lock(&r->prepare);
	r->state = rc ? GIVEN_UP : READY;
	pthread_cond_broadcast(&r->prepared);
	pthread_mutex_unlock(&r->prepare);
	if (rc)
		lam_turns_fail(&r->turns);
	return rc;
}

/* ---------------------------------------------------------------- threads */

static bool
stopped(const struct lam_ingest *g)
{
	return g->stop && *g->stop;
}

/* The next chunk and its number, into W: a first one, or read.  *GOT is false at the
 * end. */
static int
next_chunk(struct run *r, struct work *w, bool *got, struct lam_error *e)
{
	int rc = LAM_OK;

	pthread_mutex_lock(&r->input);
	*got = false;
	if (r->first[0]) {
		struct work mine = *w;

		*w = *r->first[0];
		*r->first[0] = mine;
		r->first[0] = r->first[1];
		r->first[1] = NULL;
		*got = true;
		r->ended = w->chunk.last;
	} else if (!r->ended && !stopped(r->g)) {
		w->parsed = false;
		atomic_store(&r->reader, pthread_self());
		atomic_store(&r->reading, true);
		rc = lam_input_next(r->in, &w->chunk, LAM_BLOCK_ROWS,
			r->g->wait_ms, &r->ending, got, e);
		atomic_store(&r->reading, false);
		r->ended = rc || !*got || w->chunk.last;
	}
	if (*got)
		w->seq = r->seq++;
	pthread_mutex_unlock(&r->input);
	return rc;
}

/* What of W is not known by its id; its turn has come. */
static int
encode_new(struct run *r, struct work *w, struct lam_error *e)
{
	if (w->cells.nrows)
		r->g->dropped += lam_recent_filter(r->g->recent, &w->cells,
			r->layout.id);
	return encode(r, w, e);
}

static int
append_block(void *arg, void *block, struct lam_error *e)
{
	struct run *r = arg;

	return lam_ingest_block_append(r->g, r->source, block, e);
}

static int
sync_blocks(void *arg, struct lam_error *e)
{
	struct run *r = arg;

	return lam_ingest_sync(r->g, e);
}

/* The block of W is appended, or left; not if it has rejects, as their text lies in
 * the chunk. */
static int
put_block(struct run *r, struct work *w, bool *end, struct lam_error *e)
{
	const struct lam_ingest_block *b = w->block;
	size_t bytes = b->chunk.nrejects ? SIZE_MAX : b->image.n + b->notes.n;
	void *block = w->block;
	int rc = lam_turns_put(&r->turns, w->seq, &block, bytes, end, e);

	w->block = block;
	return rc;
}

/* W to the log in its turn, unless RC says that it failed before: then all before it is
 * appended, too.  *END: a failure has ended the run. */
static int
take_turn(struct run *r, struct work *w, int rc, bool *end, struct lam_error *e)
{
	if ((rc || r->g->recent) && !lam_turns_wait(&r->turns, w->seq)) {
		*end = true;
		return rc;
	}
	if (!rc && r->g->recent)
		rc = encode_new(r, w, e);
	if (!rc)
		return put_block(r, w, end, e);
	lam_turns_fail(&r->turns);
	*end = true;
	return rc;
}

/* Wait until there is a layout; false: there will be none. */
static bool
has_layout(struct run *r)
{
	bool ready;

	pthread_mutex_lock(&r->prepare);
	while (r->state == PREPARING)
		pthread_cond_wait(&r->prepared, &r->prepare);
	ready = r->state == READY;
	pthread_mutex_unlock(&r->prepare);
	return ready;
}

static int
work(struct run *r, struct lam_error *e)
{
	struct work w = { .chunk = LAM_CHUNK_INIT };
	bool got, end = false;
	int rc = LAM_OK;

	while (!end) {
		rc = next_chunk(r, &w, &got, e);
		if (rc || !got)
			break;
		if (!w.parsed)
			rc = parse(r, &w, e);
		if (!has_layout(r))
			break;
		if (!rc && !r->g->recent)
			rc = encode(r, &w, e);
		rc = take_turn(r, &w, rc, &end, e);
	}
	work_release(&w);
	if (atomic_fetch_sub(&r->running, 1) == 1)
		while (write(r->wake[1], "", 1) < 0 && errno == EINTR)
			;
	return rc;
}

static int
tick(struct run *r, struct lam_error *e)
{
	struct pollfd p = { r->wake[0], POLLIN, 0 };
	bool failed = false, end;
	int rc = LAM_OK;

	for (unsigned i = 1; poll(&p, 1, TICK_MS) <= 0; i++) {
		if (!failed)
			rc = lam_turns_tick(&r->turns, i % SYNC_TICKS == 0,
				&failed, e);
		end = failed || stopped(r->g);
		if (end)
			r->ending = 1;
		if (end && r->g->stop && atomic_load(&r->reading))
			pthread_kill(atomic_load(&r->reader), SIGTERM);
	}
	return rc;
}

/* Worker 0 prepares and ticks; it runs on the caller's thread, so it outlives the
 * others' work, and they can be signalled as long as it runs. */
static int
run_worker(void *arg, unsigned worker, struct lam_error *e)
{
	int rc, rc2;

	if (worker > 0)
		return work(arg, e);
	rc = prepare(arg, e);
	rc2 = tick(arg, rc ? NULL : e);
	return rc ? rc : rc2;
}

static int
run_pipeline(struct run *r, struct lam_error *e)
{
	const struct work *first = r->first[r->first[1] ? 1 : 0];
	bool alone = first->chunk.last ||
		(r->g->place && r->g->wait_ms < 0 &&
		was_flushed(&first->chunk)); /* that was all there is */
	unsigned n = alone ? 1 : r->g->threads;
	int rc;

	if (pipe(r->wake))
		return lam_fail_sys(e, "cannot make a pipe");
	pthread_mutex_init(&r->input, NULL);
	pthread_mutex_init(&r->prepare, NULL);
	pthread_cond_init(&r->prepared, NULL);
	for (unsigned i = 0; i < 2 && r->first[i]; i++)
		r->sample[i] = r->first[i]->cells;
	atomic_init(&r->running, n);
	r->turns = (struct lam_turns){ .hand = append_block, .sync = sync_blocks,
		.arg = r, .most = (size_t)n * LEFT_BYTES };
	rc = lam_turns_init(&r->turns, n, e);
	/* One chunk and no more: nothing to tick for. */
	if (!rc && alone)
		rc = prepare(r, e);
	if (!rc)
		rc = alone ? work(r, e) : lam_pool_run(n + 1, run_worker, r, e);
	lam_turns_release(&r->turns, lam_ingest_block_free);
	pthread_mutex_destroy(&r->input);
	pthread_mutex_destroy(&r->prepare);
	pthread_cond_destroy(&r->prepared);
	close(r->wake[0]);
	close(r->wake[1]);
	return rc;
}

/* ----------------------------------------------------------------- prelude */

/* The first chunk that has records; *GOT is false when there is none. */
static int
first_chunk(struct run *r, struct work *w, bool *got, struct lam_error *e)
{
	int rc;

	for (;;) {
		rc = lam_input_next(r->in, &w->chunk, LAM_BLOCK_ROWS,
			r->g->wait_ms, r->g->stop, got, e);
		if (rc || !*got)
			return rc;
		rc = parse(r, w, e);
		if (rc || w->cells.nrows)
			return rc;
		rc = encode(r, w, e);
		if (!rc && w->block->image.n && !r->g->append)
			rc = r->g->begin(r->g, e);
		if (!rc)
			rc = lam_ingest_block_append(r->g, r->source, w->block, e);
		*got = false;
		if (rc || w->chunk.last)
			return rc;
	}
}

/* R begins with FIRST, and with what is behind it if that is its tail. */
static int
first_chunks(struct run *r, struct work *first, struct work *tail, bool *got,
	struct lam_error *e)
{
	int rc = first_chunk(r, first, got, e);
	bool more = false;

	if (!rc && *got)
		r->first[0] = first;
	if (!rc && *got && first->chunk.tailed)
		rc = lam_input_next(r->in, &tail->chunk, LAM_BLOCK_ROWS, -1,
			r->g->stop, &more, e);
	if (!rc && more)
		rc = parse(r, tail, e);
	if (!rc && more)
		r->first[1] = tail;
	return rc;
}

int
lam_ingest_run(struct lam_ingest *g, struct lam_input *in, const char *source,
	struct lam_error *e)
{
	struct run r = { .g = g, .in = in, .source = source };
	struct work first = { .chunk = LAM_CHUNK_INIT };
	struct work tail = { .chunk = LAM_CHUNK_INIT };
	bool got;
	int rc;

	g->next_line = 0;
	lam_ingest_choice(g, in);
	rc = lam_ingest_check(g, in, source, e);
	if (!rc)
		rc = first_chunks(&r, &first, &tail, &got, e);
	if (!rc && got)
		rc = run_pipeline(&r, e);
	lam_ingest_layout_release(&r.layout);
	work_release(&first);
	work_release(&tail);
	return rc;
}
