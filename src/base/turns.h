/*
 * turns.h - what is finished in any order is handed on in the order of its number
 *
 * A worker whose turn has not come leaves its item to whoever hands on the one before,
 * and goes on with other work.
 *
 *	lam_turns_init -> { [_wait] -> _put }*, by workers; _tick, by another thread
 *	-> _release
 *
 * Where a batch may have no number until it is handed out, see base/sequencer.h.
 */
#ifndef LAM_BASE_TURNS_H
#define LAM_BASE_TURNS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct lam_turns_left {
	void *item; /* NULL: none */
	size_t bytes;
};

struct lam_turns {
	/* Both are called by one thread at a time, without the lock.  What they use
	 * besides belongs to whoever calls them. */
	int (*hand)(void *arg, void *item, struct lam_error *e);
	int (*sync)(void *arg, struct lam_error *e); /* of _tick; else NULL */
	void *arg;
	size_t most; /* bytes that may be left, of all items */
	/* its own: */
	pthread_mutex_t lock;
	pthread_cond_t moved;
	uint64_t turn;		     /* the number of the next item, from 0 */
	struct lam_turns_left *left; /* [ahead]: from turn on, each at its number */
	void **spare;		     /* [ahead]: handed on, to be filled anew */
	unsigned ahead, nspare;
	size_t bytes; /* of those left */
	bool busy;    /* somebody hands on, or syncs, without the lock */
	bool due;     /* a sync is, by whoever is busy */
	bool failed;  /* nothing is handed on any more */
};

/* T has what is not its own; the rest is zero. */
int lam_turns_init(struct lam_turns *t, unsigned workers, struct lam_error *e)
	LAM_MUST;

/* Items that are left, or spare, go to DROP.  T may be one that was not inited. */
void lam_turns_release(struct lam_turns *t, void (*drop)(void *item));

/* Wait for the turn of item N; it lasts until that is put.  False: a failure was. */
bool lam_turns_wait(struct lam_turns *t, uint64_t n);

/*
 * *ITEM, of BYTES, is item N: it is handed on now, or left, unless BYTES is SIZE_MAX.
 * If it is left *ITEM becomes one that was, or NULL: who needs another makes it.
 * *END: nothing is wanted any more.  A failure ends all, and may be that of an item
 * that was left.
 */
int lam_turns_put(struct lam_turns *t, uint64_t n, void **item, size_t bytes,
	bool *end, struct lam_error *e) LAM_MUST;

/* Nothing is to be handed on any more: what should be the next item is none. */
void lam_turns_fail(struct lam_turns *t);

/* With SYNC what was handed on is synced, now or by whoever hands on now.  *FAILED:
 * something has. */
int lam_turns_tick(struct lam_turns *t, bool sync, bool *failed,
	struct lam_error *e) LAM_MUST;

#endif
