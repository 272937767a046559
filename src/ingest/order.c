/*
 * order.c - finished blocks are appended in the order of their text
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
#include "ingest/order.h"

#include <stdlib.h>

#include "base/progress.h"

#define LEFT_BYTES (4u << 20) /* a block larger than that is not left */

void
lam_order_block_release(struct lam_order_block *b)
{
	lam_buf_release(&b->image);
	lam_buf_release(&b->rejects);
	lam_buf_release(&b->notes);
}

int
lam_order_append(struct lam_ingest *g, const char *source,
	struct lam_order_block *b, struct lam_error *e)
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
lam_order_init(struct lam_order *o, unsigned workers, struct lam_error *e)
{
	o->ahead = workers + 1;
	o->left = calloc(o->ahead, sizeof *o->left);
	if (!o->left)
		return lam_fail_mem(e);
	pthread_mutex_init(&o->lock, NULL);
	pthread_cond_init(&o->moved, NULL);
	return LAM_OK;
}

void
lam_order_release(struct lam_order *o)
{
	if (!o->left)
		return;
	pthread_cond_destroy(&o->moved);
	pthread_mutex_destroy(&o->lock);
	for (unsigned i = 0; i < o->ahead; i++)
		lam_order_block_release(&o->left[i]);
	free(o->left);
}

bool
lam_order_wait(struct lam_order *o, uint64_t n)
{
	bool go;

	pthread_mutex_lock(&o->lock);
	while (!o->failed && o->turn != n)
		pthread_cond_wait(&o->moved, &o->lock);
	go = !o->failed;
	pthread_mutex_unlock(&o->lock);
	return go;
}

void
lam_order_fail(struct lam_order *o)
{
	pthread_mutex_lock(&o->lock);
	o->failed = true;
	pthread_cond_broadcast(&o->moved);
	pthread_mutex_unlock(&o->lock);
}

/* Append B, unless that is NULL, and all that is left behind it; sync when that is
 * due.  With the lock, which is given up meanwhile. */
static int
go_on(struct lam_order *o, struct lam_order_block *b, struct lam_error *e)
{
	int rc = LAM_OK;

	o->busy = true;
	while (!rc && (b || o->due)) {
		bool due = o->due;

		o->due = false;
		pthread_mutex_unlock(&o->lock);
		if (b)
			rc = lam_order_append(o->g, o->source, b, e);
		if (!rc && due)
			rc = lam_ingest_sync(o->g, e);
		pthread_mutex_lock(&o->lock);
		if (b) {
			b->full = false;
			o->turn++;
		}
		b = &o->left[o->turn % o->ahead];
		b = b->full ? b : NULL;
		pthread_cond_broadcast(&o->moved);
	}
	o->busy = false;
	o->failed |= rc != LAM_OK;
	pthread_cond_broadcast(&o->moved);
	return rc;
}

static bool
may_leave(const struct lam_order *o, uint64_t n, const struct lam_order_block *b)
{
	return n - o->turn < o->ahead && !b->chunk.nrejects &&
		b->image.n + b->notes.n <= LEFT_BYTES;
}

int
lam_order_put(struct lam_order *o, uint64_t n, struct lam_order_block *b,
	bool *end, struct lam_error *e)
{
	int rc = LAM_OK;

	pthread_mutex_lock(&o->lock);
	while (!o->failed && (o->busy || o->turn != n) && !may_leave(o, n, b))
		pthread_cond_wait(&o->moved, &o->lock);
	if (!o->failed && !o->busy && o->turn == n) {
		rc = go_on(o, b, e);
	} else if (!o->failed) {
		struct lam_order_block *to = &o->left[n % o->ahead], other = *to;

		*to = *b;
		to->full = true;
		*b = other;
	}
	*end = o->failed;
	pthread_mutex_unlock(&o->lock);
	return rc;
}

int
lam_order_tick(struct lam_order *o, bool sync, bool *failed, struct lam_error *e)
{
	int rc = LAM_OK;

	pthread_mutex_lock(&o->lock);
	o->due |= sync;
	if (!o->busy && !o->failed)
		rc = go_on(o, NULL, e);
	*failed = o->failed;
	pthread_mutex_unlock(&o->lock);
	return rc;
}
