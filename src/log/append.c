/*
 * append.c - durable appends to a stream, by any number of processes
 *
 * The files, all in DIR/master/STREAM but the last:
 *
 *	lock		flock'ed for one append; its length counts the fsyncs
 *			of segments that failed, and the tails cut off
 *	id		drawn once
 *	schema		has every field before a block does
 *	input		how its text is read (ingest/memory.h); may be missing
 *	BASE.seg	blocks; the last segment is active until it is sealed
 *	durable		the witness: what is on disk (durable.h)
 *	BASE.torn.N	what was behind the last whole block after a crash
 *	*.tmp.PID-N	a file being made (replace.c); stray when not locked
 *	DIR/reject/STREAM.csv	lines that were no records (ingest/reject_file.c)
 *
 * Opening makes DIR, master and STREAM, each fsynced in its parent before
 * anything is put into it, then under the lock the id, by replacement; fields
 * are added to the schema by replacement.  Then, for each block:
 *
 *	1. lock
 *	2. is the tail as we left it (file and size), and has no fsync failed?
 *	   If not, somebody else has written, or died writing: recover.c finds
 *	   it, writes again what is in doubt, cuts off what is torn
 *	3. segment full, of other fields or of version 1: seal it, start the next
 *	   (seal.c);
 *	   before the first block goes in, durably, all directories above, the
 *	   name of the segment, and a witness that names it
 *	4. are our blocks without SYNC still there, and does each source place in
 *	   the block begin where its source stands?  If not, refuse.  Stamp the
 *	   position of the first record into the block, and the history before
 *	   it
 *	5. one write at the end of the segment; if it fails, cut it off again
 *	6. with SYNC: fsync; if it fails, cut the block off again; all that is
 *	   not in the witness is in doubt from now on, for every writer
 *	7. with SYNC: note in the witness what is durable now
 *	8. unlock; with SYNC, the records are acknowledged
 *
 * Stopped by a crash, a kill or an error, the next writer enters
 *
 *	while opening	at opening: an empty directory is fsynced in its parent
 *			again, a directory without id gets one
 *	in 2		at 2 (recover.c tells its own steps)
 *	in 3		at 2: seal.c tells what a seal half done looks like; a
 *			segment without blocks is fsynced, named, witnessed anew
 *	in 5		at 2: a part of a block is moved aside
 *	in 6 or 7	at 2: the block, whole or torn, as the system managed;
 *			if whole it is written again before it is believed.  It
 *			was not acknowledged, so all of that is right
 *	after 7		at 1: the witness says all
 *
 * and after a loss of power it does the same: an older witness says less.
 * Readers see a block from 5 on.
 *
 * Blocks without SYNC are ordinary but unacknowledged; their write-back begins
 * at once.  Writers interleave by blocks: as all of them use the columns of the
 * schema, in its order, a block fits any segment whose fields begin with it.
 */
#include "log/append_internal.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/name.h"
#include "base/replace.h"
#include "log/history.h"
#include "log/recover.h"
#include "log/seal.h"
#include "store/block.h"
#include "store/digest.h"

int
lam_append_lock(struct lam_append *a, struct lam_error *e)
{
	char path[LAM_PATH_MAX];
	int rc = lam_io_path(path, sizeof path, e, "%s/lock", a->dir);

	return rc ? rc : lam_io_lock(&a->tail.lock, path, e);
}

/* Closing lets go of a flock. */
void
lam_append_unlock(struct lam_append *a)
{
	if (a->tail.lock >= 0)
		close(a->tail.lock);
	a->tail.lock = -1;
}

int
lam_append_open(struct lam_append **out, const char *data, const char *name,
	struct lam_error *e)
{
	struct lam_append *a;
	bool found = false;
	int rc;

	*out = NULL;
	if (!lam_name_ok(name, strlen(name)))
		return lam_fail(e, LAM_USAGE, "\"%.80s\" cannot be the name "
			"of a stream: letters, digits, _ and -, first a "
			"letter, at most %d", name, LAM_NAME_MAX);
	a = calloc(1, sizeof *a);
	if (!a)
		return lam_fail_mem(e);
	a->limits = (struct lam_limits)LAM_LIMITS_DEFAULT;
	a->tail = (struct lam_tail)LAM_TAIL_INIT(a->dir, a->id);
	memcpy(a->stream, name, strlen(name) + 1);
	rc = lam_io_path(a->data, sizeof a->data, e, "%s", data);
	if (!rc)
		rc = lam_stream_dir(a->dir, sizeof a->dir, data, name, e);
	if (!rc)
		rc = lam_io_mkdir(a->dir, e);
	if (!rc)
		rc = lam_append_lock(a, e);
	if (!rc)
		rc = lam_io_sweep(a->dir, e);
	if (!rc)
		rc = lam_stream_id_read(a->dir, a->id, &found, e);
	if (!rc && !found)
		rc = lam_stream_id_make(a->dir, a->id, e);
	if (!rc)
		rc = lam_append_read_schema(a, e);
	lam_append_unlock(a);
	if (rc)
		lam_append_close(a);
	else
		*out = a;
	return rc;
}

void
lam_append_set_limits(struct lam_append *a, const struct lam_limits *l)
{
	a->limits = *l;
}

/* Can the active segment take one more block of our columns? */
static bool
fits(const struct lam_append *a, size_t size, uint32_t nrows)
{
	const struct lam_tail *t = &a->tail;

	if (t->nfields < a->schema.n || t->at_base.old)
		return false;
	for (size_t i = 0; i < a->schema.n; i++)
		if (strcmp(t->field[i], a->name[i]))
			return false;
	return t->nblocks == 0 || (t->nblocks < a->limits.blocks &&
		t->at + size <= a->limits.bytes &&
		t->head - t->base + nrows <= a->limits.records);
}

/* Steps 2 and 3. */
static int
make_room(struct lam_append *a, size_t size, uint32_t nrows,
	struct lam_error *e)
{
	struct lam_tail *t = &a->tail;
	int rc;

	rc = lam_tail_enter(t, e);
	if (rc || (t->fd >= 0 && fits(a, size, nrows)))
		return rc;
	/* Places alone do not make a segment: the header of the next has them. */
	if (t->fd >= 0 && t->head > t->base)
		rc = lam_tail_seal(t, &a->limits, e);
	return rc ? rc : lam_tail_start(t, a->name, a->schema.n, e);
}

/* Write-back of what was just written begins; whether it does is no matter. */
static void
start_writeback(int fd, uint64_t at, size_t n)
{
#ifdef SYNC_FILE_RANGE_WRITE
	(void)!sync_file_range(fd, (off_t)at, (off_t)n,
		SYNC_FILE_RANGE_WRITE);
#else
	(void)fd, (void)at, (void)n;
#endif
}

/* Does X begin where its source stands, behind the places SEEN in its block? */
static int
check_place(const struct lam_append *a, const struct lam_places *seen,
	const struct lam_place *x, struct lam_error *e)
{
	const struct lam_place *last = lam_places_find(seen, x->key);
	uint64_t at;

	if (!last)
		last = lam_places_find(&a->tail.places, x->key);
	at = last ? last->to : 0;
	return x->from == at ? LAM_OK : lam_fail(e, LAM_DATA, "%s: source "
		"\"%.*s\" stands at %" PRIu64 ", not at %" PRIu64 ": somebody "
		"else has appended from it: nothing was appended", a->dir,
		(int)(x->key.n < 80 ? x->key.n : 80), x->key.p, at, x->from);
}

/* Does each place in NOTES begin where its source stands? */
static int
check_places(const struct lam_append *a, struct lam_str notes,
	struct lam_error *e)
{
	struct lam_places seen = LAM_PLACES_INIT;
	unsigned kind, flags;
	struct lam_place x;
	struct lam_str v;
	int rc = LAM_OK;

	while (!rc && lam_block_next_note(&notes, &kind, &flags, &v)) {
		if (kind != LAM_NOTE_PLACE || !lam_place_get(v, &x))
			continue;
		rc = check_place(a, &seen, &x, e);
		if (!rc)
			rc = lam_places_set(&seen, &x, e);
	}
	lam_places_release(&seen);
	return rc;
}

static int
account(struct lam_tail *t, const char *image, const struct lam_block *b)
{
	struct lam_colmeta *col = calloc(b->ncols + 1, sizeof *col);
	int rc = LAM_SYSTEM;

	for (uint32_t c = 0; col && c < b->ncols; c++)
		lam_block_entry((const uint8_t *)image, c, &col[c]);
	if (col)
		rc = lam_tail_account(t, b->nrows, b->ncols, col,
			lam_block_notes(image), NULL);
	free(col);
	return rc;
}

/* Steps 5 to 7. */
static int
write_block(struct lam_append *a, const struct lam_buf *image,
	const struct lam_block *b, bool sync, struct lam_error *e)
{
	struct lam_tail *t = &a->tail;
	uint32_t nrows = b->nrows;
	char path[LAM_PATH_MAX];
	int rc;

	rc = lam_segment_path(path, t->dir, t->base, e);
	if (rc)
		return rc;
	rc = lam_io_pwrite(t->fd, image->p, image->n, t->at, path, e);
	if (!rc && sync)
		rc = lam_tail_sync(t, e);
	if (rc) {
		(void)!lam_tail_cut(t, NULL);
		return rc;
	}
	if (!sync)
		start_writeback(t->fd, t->at, image->n);
	t->at += image->n;
	t->head += nrows;
	t->history = lam_digest_join(t->history, b->digest, b->nrows);
	t->nblocks++;
	/* A tail that is not counted is found again. */
	if (account(t, image->p, b))
		t->known = false;
	a->ours = t->head;
	a->until = t->history;
	a->failures = t->failures;
	a->dirty = !sync;
	/* Durable all the same when this fails: an older witness says less. */
	if (sync)
		(void)!lam_tail_witness(t, false, NULL);
	return LAM_OK;
}

/* Are the records before a->ours, not yet acknowledged, still those that we left?
 * Where something was lost, another writer may have cut ours off and appended its
 * own; it has counted that. */
static int
check_ours(const struct lam_append *a, struct lam_error *e)
{
	const struct lam_tail *t = &a->tail;
	uint64_t history = t->history;
	bool known = t->head == a->ours;
	int rc = LAM_OK;

	if (!a->dirty || (t->head > a->ours && t->failures == a->failures))
		return LAM_OK;
	if (t->head > a->ours)
		rc = lam_stream_history_of(a->data, a->stream, a->ours,
			&known, &history, e);
	if (rc || (known && history == a->until))
		return rc;
	return lam_fail(e, LAM_SYSTEM, "%s: the log ends at position %" PRIu64
		", but we appended up to %" PRIu64 ": the system did not keep "
		"the data, or somebody cut the log: see what is there, and "
		"give the rest of the input again",
		a->dir, t->head, a->ours);
}

/* Seconds since 1970. */
static uint32_t
now(void)
{
	int64_t s = lam_clock_wall() / INT64_C(1000000000);

	return s > 0 && s <= UINT32_MAX ? (uint32_t)s : 0;
}

int
lam_append_image(struct lam_append *a, struct lam_buf *image, uint32_t nrows,
	bool sync, uint64_t *first, struct lam_error *e)
{
	struct lam_block b = { 0 };
	int rc;

	rc = lam_buf_check(image, e);
	if (!rc && (!lam_block_of(image->p, &b) || !b.log ||
		b.nrows != nrows))
		rc = lam_fail(e, LAM_USAGE, "%s: not a block of a log",
			a->dir);
	if (!rc && !a->name) /* a place that comes before any record */
		rc = lam_append_no_fields(a, e);
	if (rc)
		return rc;
	rc = lam_append_lock(a, e);
	if (!rc)
		rc = make_room(a, image->n, nrows, e);
	if (!rc)
		rc = check_ours(a, e);
	if (!rc)
		rc = check_places(a, lam_block_notes(image->p), e);
	if (!rc) {
		*first = a->tail.head;
		lam_block_set_first(image->p, *first, a->tail.history, now());
		rc = write_block(a, image, &b, sync, e);
	}
	lam_append_unlock(a);
	return rc;
}

/* A copy of X in ARENA. */
static int
copy_place(const struct lam_place *x, struct lam_arena *arena,
	struct lam_place *out, struct lam_error *e)
{
	*out = *x;
	out->key.p = lam_arena_dup(arena, x->key.p, x->key.n);
	out->state.p = lam_arena_dup(arena, x->state.p, x->state.n);
	return out->key.p && out->state.p ? LAM_OK : lam_fail_mem(e);
}

int
lam_append_places(struct lam_append *a, struct lam_str prefix,
	struct lam_arena *arena, struct lam_place **out, size_t *n,
	struct lam_error *e)
{
	const struct lam_places *p = &a->tail.places;
	int rc;

	*n = 0;
	rc = lam_append_lock(a, e);
	if (!rc)
		rc = lam_tail_enter(&a->tail, e);
	if (!rc) {
		*out = LAM_ARENA_NEW(arena, struct lam_place, p->n + 1);
		rc = *out ? LAM_OK : lam_fail_mem(e);
	}
	for (size_t i = 0; !rc && i < p->n; i++)
		if (p->item[i].key.n >= prefix.n &&
			!memcmp(p->item[i].key.p, prefix.p, prefix.n))
			rc = copy_place(&p->item[i], arena, &(*out)[(*n)++], e);
	lam_append_unlock(a);
	return rc;
}

int
lam_append_place(struct lam_append *a, struct lam_str key,
	struct lam_arena *arena, struct lam_place *out, bool *found,
	struct lam_error *e)
{
	const struct lam_place *x = NULL;
	int rc;

	*found = false;
	*out = (struct lam_place){ .key = key };
	rc = lam_append_lock(a, e);
	if (!rc)
		rc = lam_tail_enter(&a->tail, e);
	if (!rc)
		x = lam_places_find(&a->tail.places, key);
	if (x) {
		rc = copy_place(x, arena, out, e);
		*found = !rc;
	}
	lam_append_unlock(a);
	return rc;
}

int
lam_append_sync(struct lam_append *a, struct lam_error *e)
{
	struct lam_tail *t = &a->tail;
	int rc;

	if (!a->dirty)
		return LAM_OK;
	rc = lam_append_lock(a, e);
	/* The writer that has sealed our segment since has made it durable. */
	if (!rc)
		rc = lam_tail_enter(t, e);
	if (!rc)
		rc = check_ours(a, e);
	if (!rc && t->fd >= 0)
		rc = lam_tail_sync(t, e);
	if (!rc && t->fd >= 0)
		(void)!lam_tail_witness(t, false, NULL);
	if (!rc)
		a->dirty = false;
	lam_append_unlock(a);
	return rc;
}

void
lam_append_close(struct lam_append *a)
{
	if (!a)
		return;
	lam_tail_close(&a->tail);
	lam_arena_release(&a->arena);
	free(a);
}
