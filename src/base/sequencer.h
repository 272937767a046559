/*
 * sequencer.h - workers that finish batches in any order take turns in position
 * order
 *
 * Use:      ask -> (source) -> got -> [wait] -> done, for each batch; leave
 */
#ifndef LAM_BASE_SEQUENCER_H
#define LAM_BASE_SEQUENCER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct lam_sequencer_slot;

struct lam_sequencer {
	pthread_mutex_t lock;
	pthread_cond_t moved;
	struct lam_sequencer_slot *worker;
	unsigned n;
	uint64_t tick;
	uint64_t next; /* where the next batch begins, if there is no gap */
	bool stopped;
	bool inited;
};

int lam_sequencer_init(struct lam_sequencer *t, unsigned workers,
	struct lam_error *e) LAM_MUST;
void lam_sequencer_release(struct lam_sequencer *t);

/* WORKER is about to ask the source for a batch ... */
void lam_sequencer_ask(struct lam_sequencer *t, unsigned worker);
/* ... got the one at POS of N rows ... */
void lam_sequencer_got(struct lam_sequencer *t, unsigned worker, uint64_t pos,
	uint32_t n);
/* ... waits until all batches before it are done (false: stopped) ... */
bool lam_sequencer_wait(struct lam_sequencer *t, unsigned worker);
/* ... and is done with it, or there was none. */
void lam_sequencer_done(struct lam_sequencer *t, unsigned worker);

/* Nobody waits any more. */
void lam_sequencer_stop(struct lam_sequencer *t);

#endif
