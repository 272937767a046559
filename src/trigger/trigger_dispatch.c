/*
 * trigger_dispatch.c - batches that are due get a worker, and an intent in the ledger
 */
#include "trigger/trigger_internal.h"

#include <stdlib.h>

#include "base/clock.h"
#include "trigger/policy.h"

static struct lam_trigger_worker *
free_worker(struct lam_trigger *t)
{
	for (size_t i = 0; i < t->nworkers; i++)
		if (t->worker[i]->made && !t->worker[i]->job)
			return t->worker[i];
	return NULL;
}

void
lam_trigger_retire(struct lam_trigger *t, bool all)
{
	size_t left = 0;

	for (size_t i = 0; i < t->nworkers; i++) {
		struct lam_trigger_worker *w = t->worker[i];

		if (w->job || !(all || w->failed)) {
			t->worker[left++] = w;
			continue;
		}
		lam_worker_close(w);
		free(w);
		t->all->reserved -= t->f->memory;
	}
	t->nworkers = left;
}

/* One more sandbox, if there may be one; it is ready some turns later. */
static int
add_worker(struct lam_trigger *t, struct lam_error *e)
{
	struct lam_trigger_worker *w;

	if (t->nworkers == t->f->concurrency || t->nworkers >= t->nbatches ||
		(t->all->reserved && t->all->reserved + t->f->memory >
		t->all->pool))
		return LAM_OK;
	w = calloc(1, sizeof *w);
	if (!w)
		return lam_fail_mem(e);
	w->owner = t;
	w->ready = lam_trigger_ready;
	w->done = lam_trigger_done;
	w->log = lam_trigger_log;
	t->worker[t->nworkers++] = w;
	t->all->reserved += t->f->memory;
	t->idle = lam_clock_monotonic();
	return lam_worker_open(w, &t->all->loop, t->all->launcher, t->f,
		t->all->path, e);
}

/* The events of a batch that was begun before this process. */
static int
load_again(struct lam_trigger *t, struct lam_task *b, struct lam_error *e)
{
	struct lam_queue q = LAM_QUEUE_INIT;
	int rc = lam_feed_again(&t->feed, b->from, b->to, &q, e);

	if (!rc)
		rc = lam_task_load(b, &t->feed.head, &q, lam_queue_events(&q),
			e);
	lam_queue_release(&q);
	return rc;
}

/* The ledger is told that B is to be attempted. */
static int
intend(struct lam_trigger *t, struct lam_task *b, struct lam_error *e)
{
	struct lam_ledger_frame f;

	if (!b->born)
		b->born = lam_clock_wall();
	f = (struct lam_ledger_frame){ .kind = LAM_FRAME_INTENT, .from = b->from,
		.to = b->to, .attempt = b->failed + 1,
		.records = (uint32_t)b->n, .born = b->born,
		.when = lam_clock_wall() };
	return t->durable ? lam_ledger_put(&t->ledger, &f, e) : LAM_OK;
}

static int
assign(struct lam_trigger *t, struct lam_task *b, struct lam_trigger_worker *w,
	struct lam_error *e)
{
	int rc = b->loaded ? LAM_OK : load_again(t, b, e);

	if (!rc && !t->f->lambda)
		rc = lam_task_file(b, e);
	if (!rc)
		rc = intend(t, b, e);
	if (rc)
		return rc;
	b->worker = w;
	w->job = b;
	t->busy++;
	return LAM_OK;
}

/* May B not run yet, as one before it has its key? */
static bool
waits_for_key(const struct lam_trigger *t, const struct lam_task *b)
{
	const struct lam_task *x = t->f->order == LAM_ORDER_KEY ? t->first : b;

	while (x != b && x->key != b->key)
		x = x->next;
	return x != b;
}

/*
 * Batches by key may begin in another order than that of their positions.  The ledger
 * knows all of them, in their order, before any of them begins.
 */
static int
intend_keys(struct lam_trigger *t, struct lam_error *e)
{
	int rc = LAM_OK;

	for (struct lam_task *b = t->first; !rc && b; b = b->next) {
		rc = b->loaded ? LAM_OK : load_again(t, b, e);
		if (!rc && !b->born)
			rc = intend(t, b, e);
	}
	return rc;
}

int
lam_trigger_dispatch(struct lam_trigger *t, struct lam_error *e)
{
	bool in_order = t->f->order == LAM_ORDER_LOG;
	int64_t now = t->looked = lam_clock_wall();
	int rc = t->f->order == LAM_ORDER_KEY ? intend_keys(t, e) : LAM_OK;

	for (struct lam_task *b = t->first; !rc && b; b = b->next) {
		struct lam_trigger_worker *w;

		if (!b->worker && !lam_policy_waits(b, now) && !waits_for_key(t, b)) {
			w = free_worker(t);
			rc = w ? assign(t, b, w, e) : add_worker(t, e);
		}
		if (in_order)
			break;
	}
	return rc;
}
