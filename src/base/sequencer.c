/*
 * sequencer.c - workers take turns in position order
 *
 * The source hands out batches in position order, but not under our lock, as
 * handing out may mean parsing.  So a worker with the batch at P may go when
 *
 *	(1) P is where the last batch done ended, or
 *	(2) no worker holds a batch before P, and none that had asked the
 *	    source before ours was handed out is still being answered: whoever
 *	    asks later gets a later batch.
 *
 * (1) lets a batch through while another worker waits for input that may not
 * come for hours.
 */
#include "base/sequencer.h"

#include <stdlib.h>
#include <string.h>

enum { IDLE, ASKING, HOLDING };

struct lam_sequencer_slot {
	int state;
	uint64_t tick; /* of asking, then of getting */
	uint64_t pos, end;
};

int
lam_sequencer_init(struct lam_sequencer *t, unsigned workers,
	struct lam_error *e)
{
	memset(t, 0, sizeof *t);
	t->worker = calloc(workers, sizeof *t->worker);
	t->n = workers;
	if (!t->worker)
		return lam_fail_mem(e);
	if (pthread_mutex_init(&t->lock, NULL) ||
		pthread_cond_init(&t->moved, NULL))
		return lam_fail_mem(e);
	t->inited = true;
	return LAM_OK;
}

void
lam_sequencer_release(struct lam_sequencer *t)
{
	if (t->inited) {
		pthread_mutex_destroy(&t->lock);
		pthread_cond_destroy(&t->moved);
	}
	free(t->worker);
	memset(t, 0, sizeof *t);
}

void
lam_sequencer_ask(struct lam_sequencer *t, unsigned worker)
{
	pthread_mutex_lock(&t->lock);
	t->worker[worker].state = ASKING;
	t->worker[worker].tick = t->tick++;
	pthread_mutex_unlock(&t->lock);
}

void
lam_sequencer_got(struct lam_sequencer *t, unsigned worker, uint64_t pos,
	uint32_t n)
{
	struct lam_sequencer_slot *w = &t->worker[worker];

	pthread_mutex_lock(&t->lock);
	w->state = HOLDING;
	w->tick = t->tick++;
	w->pos = pos;
	w->end = pos + n;
	pthread_cond_broadcast(&t->moved);
	pthread_mutex_unlock(&t->lock);
}

static bool
may_go(const struct lam_sequencer *t, unsigned worker)
{
	const struct lam_sequencer_slot *w = &t->worker[worker];

	if (w->pos == t->next)
		return true;
	for (unsigned i = 0; i < t->n; i++) {
		const struct lam_sequencer_slot *x = &t->worker[i];

		if (x->state == ASKING && x->tick < w->tick)
			return false;
		if (x->state == HOLDING && x->pos < w->pos)
			return false;
	}
	return true;
}

bool
lam_sequencer_wait(struct lam_sequencer *t, unsigned worker)
{
	bool go;

	pthread_mutex_lock(&t->lock);
	while (!t->stopped && !may_go(t, worker))
		pthread_cond_wait(&t->moved, &t->lock);
	go = !t->stopped;
	pthread_mutex_unlock(&t->lock);
	return go;
}

void
lam_sequencer_done(struct lam_sequencer *t, unsigned worker)
{
	struct lam_sequencer_slot *w = &t->worker[worker];

	pthread_mutex_lock(&t->lock);
	if (w->state == HOLDING && w->pos == t->next)
		t->next = w->end;
	else if (w->state == HOLDING && w->end > t->next && may_go(t, worker))
		t->next = w->end;
	w->state = IDLE;
	pthread_cond_broadcast(&t->moved);
	pthread_mutex_unlock(&t->lock);
}

void
lam_sequencer_stop(struct lam_sequencer *t)
{
	pthread_mutex_lock(&t->lock);
	t->stopped = true;
	pthread_cond_broadcast(&t->moved);
	pthread_mutex_unlock(&t->lock);
}
