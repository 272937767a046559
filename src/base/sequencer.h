/*
 * turns.h - workers that finish batches in any order take turns in position
 * order
 *
 * Use:      ask -> (source) -> got -> [wait] -> done, for each batch; leave
 */
#ifndef LAM_ENGINE_TURNS_H
#define LAM_ENGINE_TURNS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct lam_turn;

struct lam_turns {
	pthread_mutex_t lock;
	pthread_cond_t moved;
	struct lam_turn *worker;
	unsigned n;
	uint64_t tick;
	uint64_t next; /* where the next batch begins, if there is no gap */
	bool stopped;
	bool inited;
};

int lam_turns_init(struct lam_turns *t, unsigned workers, struct lam_error *e)
	LAM_MUST;
void lam_turns_release(struct lam_turns *t);

/* WORKER is about to ask the source for a batch ... */
void lam_turns_ask(struct lam_turns *t, unsigned worker);
/* ... got the one at POS of N rows ... */
void lam_turns_got(struct lam_turns *t, unsigned worker, uint64_t pos,
	uint32_t n);
/* ... waits until all batches before it are done (false: stopped) ... */
bool lam_turns_wait(struct lam_turns *t, unsigned worker);
/* ... and is done with it, or there was none. */
void lam_turns_done(struct lam_turns *t, unsigned worker);

/* Nobody waits any more. */
void lam_turns_stop(struct lam_turns *t);

#endif
