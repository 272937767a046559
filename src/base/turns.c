/*
 * turns.c - what is finished in any order is handed on in the order of its number
 *
 * Items are left in a ring, at their numbers.  Who hands one on hands on all that
 * are left behind it, too, without the lock: the others go on to work meanwhile,
 * be it a slow fsync.  So the item whose turn it is is never one that nobody will
 * hand on: a worker is at it, or it was left while somebody was busy, who looks again.
 *
 * What is left is bounded: of items one more than there are workers.  An item that was
 * left is filled anew by who leaves another, the last one first, as its memory is
 * still in the cache; so there are never more than fit the ring beside those that
 * workers have.
 */
#include "base/turns.h"

#include <stdlib.h>

int
lam_turns_init(struct lam_turns *t, unsigned workers, struct lam_error *e)
{
	unsigned ahead = workers + 1;

	t->left = calloc(ahead, sizeof *t->left);
	t->spare = calloc(ahead, sizeof *t->spare);
	if (!t->left || !t->spare) {
		free(t->left);
		free(t->spare);
		return lam_fail_mem(e);
	}
	t->ahead = ahead;
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->moved, NULL);
	return LAM_OK;
}

void
lam_turns_release(struct lam_turns *t, void (*drop)(void *item))
{
	if (!t->ahead)
		return;
	pthread_cond_destroy(&t->moved);
	pthread_mutex_destroy(&t->lock);
	for (unsigned i = 0; i < t->ahead; i++)
		if (t->left[i].item)
			drop(t->left[i].item);
	while (t->nspare > 0)
		drop(t->spare[--t->nspare]);
	free(t->left);
	free(t->spare);
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

/* The item of X was handed on. */
static void
spare(struct lam_turns *t, struct lam_turns_left *x)
{
	t->bytes -= x->bytes;
	t->spare[t->nspare++] = x->item;
	x->item = NULL;
}

/* Hand on ITEM, unless that is NULL, and all that is left behind it; sync when that is
 * due.  With the lock, which is given up meanwhile. */
static int
go_on(struct lam_turns *t, void *item, struct lam_error *e)
{
	struct lam_turns_left *x = NULL; /* where ITEM was left */
	int rc = LAM_OK;

	t->busy = true;
	while (!rc && (item || t->due)) {
		bool due = t->due;

		t->due = false;
		pthread_mutex_unlock(&t->lock);
		if (item)
			rc = t->hand(t->arg, item, e);
		if (!rc && due)
			rc = t->sync(t->arg, e);
		pthread_mutex_lock(&t->lock);
		if (x)
			spare(t, x);
		t->turn += item != NULL;
		x = &t->left[t->turn % t->ahead];
		item = x->item;
		x = item ? x : NULL;
		pthread_cond_broadcast(&t->moved);
	}
	t->busy = false;
	t->failed |= rc != LAM_OK;
	pthread_cond_broadcast(&t->moved);
	return rc;
}

static bool
may_leave(const struct lam_turns *t, uint64_t n, size_t bytes)
{
	return n - t->turn < t->ahead && bytes <= t->most - t->bytes;
}

/* *ITEM is left, for another. */
static void
leave(struct lam_turns *t, uint64_t n, void **item, size_t bytes)
{
	t->left[n % t->ahead] = (struct lam_turns_left){ *item, bytes };
	t->bytes += bytes;
	*item = t->nspare ? t->spare[--t->nspare] : NULL;
}

int
lam_turns_put(struct lam_turns *t, uint64_t n, void **item, size_t bytes,
	bool *end, struct lam_error *e)
{
	int rc = LAM_OK;

	pthread_mutex_lock(&t->lock);
	while (!t->failed && (t->busy || t->turn != n) && !may_leave(t, n, bytes))
		pthread_cond_wait(&t->moved, &t->lock);
	if (!t->failed && !t->busy && t->turn == n)
		rc = go_on(t, *item, e);
	else if (!t->failed)
		leave(t, n, item, bytes);
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
