/*
 * turns.c - finished blocks are appended in the order of their text
 *
 * Blocks are left in a ring, at their numbers.  Who appends one appends all that
 * are left behind it, too, without the lock: the others go on to work meanwhile,
 * be it a slow fsync.  So the block whose turn it is is never one that nobody will
 * append: a worker is at it, or it was left while somebody was busy, who looks again.
 *
 * What is left is bounded: of blocks one more than there are workers, none of them
 * large.  A block with rejects waits for its turn, as their text lies in the chunk.
 *
 * g belongs to whoever is busy.
 */
#include "ingest/turns.h"

#include <stdlib.h>

#include "base/progress.h"

#define LEFT_BYTES (4u << 20) /* a block larger than that is not left */

void
lam_turns_block_release(struct lam_turns_block *b)
{
	lam_buf_release(&b->image);
	lam_buf_release(&b->rejects);
	lam_buf_release(&b->notes);
}

int
lam_turns_append(struct lam_ingest *g, const char *source,
	struct lam_turns_block *b, struct lam_error *e)
{
	uint64_t first;
	int rc;

	rc = lam_reject_file_append(g->rejects, &b->rejects, e);
	if (!rc && (b->sync || b->notes.n))
		rc = lam_reject_file_sync(g->rejects, e);
	if (rc)
		return rc;
	for (size_t i = 0; g->on_reject && i < b->chunk.nrejects; i++)
		g->on_reject(g->arg, source, &b->chunk.reject[i]);
	g->rejected += b->chunk.nrejects;
	g->blank += b->blank;
	g->headers += b->chunk.headers;
	g->lines += b->chunk.lines;
	if (!b->image.n)
		goto out;
	rc = lam_append_image(g->append, &b->image, b->nrows, b->sync,
		&first, e);
	if (rc)
		return rc;
	if (g->records == 0)
		g->first = first;
	g->records += b->nrows;
	lam_progress_add(b->nrows, 0);
	if (b->nrows)
		g->end = first + b->nrows;
	if (g->place && b->notes.n)
		g->place->taken(g->place->arg, &b->chunk);
out:
	g->next_line = b->chunk.line + b->chunk.lines;
	g->bytes = b->chunk.end.at;
	return b->sync ? lam_ingest_sync(g, e) : LAM_OK;
}

int
lam_turns_init(struct lam_turns *t, unsigned workers, struct lam_error *e)
{
	t->ahead = workers + 1;
	t->left = calloc(t->ahead, sizeof *t->left);
	if (!t->left)
		return lam_fail_mem(e);
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->moved, NULL);
	return LAM_OK;
}

void
lam_turns_release(struct lam_turns *t)
{
	if (!t->left)
		return;
	pthread_cond_destroy(&t->moved);
	pthread_mutex_destroy(&t->lock);
	for (unsigned i = 0; i < t->ahead; i++)
		lam_turns_block_release(&t->left[i]);
	free(t->left);
}

bool
lam_turns_wait(struct lam_turns *t, uint64_t n)
{
	bool go;

	pthread_mutex_lock(&t->lock);
	while (!t->failed && t->turn != n)
		pthread_cond_wait(&t->moved, &t->lock);
	go = !t->failed;
	pthread_mutex_unlock(&t->lock);
	return go;
}

void
lam_turns_fail(struct lam_turns *t)
{
	pthread_mutex_lock(&t->lock);
	t->failed = true;
	pthread_cond_broadcast(&t->moved);
	pthread_mutex_unlock(&t->lock);
}

/* Append B, unless that is NULL, and all that is left behind it; sync when that is
 * due.  With the lock, which is given up meanwhile. */
static int
go_on(struct lam_turns *t, struct lam_turns_block *b, struct lam_error *e)
{
	int rc = LAM_OK;

	t->busy = true;
	while (!rc && (b || t->due)) {
		bool due = t->due;

		t->due = false;
		pthread_mutex_unlock(&t->lock);
		if (b)
			rc = lam_turns_append(t->g, t->source, b, e);
		if (!rc && due)
			rc = lam_ingest_sync(t->g, e);
		pthread_mutex_lock(&t->lock);
		if (b) {
			b->full = false;
			t->turn++;
		}
		b = &t->left[t->turn % t->ahead];
		b = b->full ? b : NULL;
		pthread_cond_broadcast(&t->moved);
	}
	t->busy = false;
	t->failed |= rc != LAM_OK;
	pthread_cond_broadcast(&t->moved);
	return rc;
}

static bool
may_leave(const struct lam_turns *t, uint64_t n, const struct lam_turns_block *b)
{
	return n - t->turn < t->ahead && !b->chunk.nrejects &&
		b->image.n + b->notes.n <= LEFT_BYTES;
}

int
lam_turns_put(struct lam_turns *t, uint64_t n, struct lam_turns_block *b,
	bool *end, struct lam_error *e)
{
	int rc = LAM_OK;

	pthread_mutex_lock(&t->lock);
	while (!t->failed && (t->busy || t->turn != n) && !may_leave(t, n, b))
		pthread_cond_wait(&t->moved, &t->lock);
	if (!t->failed && !t->busy && t->turn == n) {
		rc = go_on(t, b, e);
	} else if (!t->failed) {
		struct lam_turns_block *to = &t->left[n % t->ahead], other = *to;

		*to = *b;
		to->full = true;
		*b = other;
	}
	*end = t->failed;
	pthread_mutex_unlock(&t->lock);
	return rc;
}

int
lam_turns_tick(struct lam_turns *t, bool sync, bool *failed, struct lam_error *e)
{
	int rc = LAM_OK;

	pthread_mutex_lock(&t->lock);
	t->due |= sync;
	if (!t->busy && !t->failed)
		rc = go_on(t, NULL, e);
	*failed = t->failed;
	pthread_mutex_unlock(&t->lock);
	return rc;
}
