/*
 * trigger_step.c - the next step of a function: whatever can be done now
 *
 *	1. the feed gives events, as far as the queue has room
 *	2. the queue is cut into batches, as many as may run
 *	3. batches that are due get a worker, and an intent in the ledger
 *	4. the ledger is written: what is begun below is known after a kill
 *	5. the workers start
 *	6. if there are outcomes, the ledger is synced, and says so: this is their
 *	   acknowledgement
 *	7. their outputs go to the target, and the ledger is told how far
 *
 * The attempts of 5 run while 6 and 7 wait for the disk.
 */
#include "trigger/trigger_internal.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/progress.h"
#include "time/time.h"
#include "trigger/env.h"
#include "trigger/event.h"
#include "trigger/policy.h"
#include "trigger/tie.h"

#define BATCH_BYTES ((size_t)6 << 20)
#define TARGET_SYNC LAM_NS	   /* between two syncs of a file */
#define KEYS_AHEAD 16		   /* batches for each that may run */
#define SKIP ((uint64_t)1 << 20)   /* positions of no interest, worth a frame */

static bool
stopping(const struct lam_trigger *t)
{
	return t->leaving || (t->all->stop && *t->all->stop);
}

/* ------------------------------------------------------------- 1, 2: batches */

static int
fill(struct lam_trigger *t, struct lam_error *e)
{
	size_t before = lam_queue_events(&t->queue), now;
	int rc;

	if (!t->feed.more || lam_queue_bytes(&t->queue) >= LAM_FEED_BYTES)
		return LAM_OK;
	rc = lam_feed_fill(&t->feed, &t->queue, e);
	now = lam_queue_events(&t->queue);
	t->counts.events += now - before;
	lam_progress_add(now - before, 0);
	if (!before && now)
		t->oldest = lam_clock_monotonic();
	return rc;
}

static int64_t
wait_of(const struct lam_trigger *t)
{
	if (t->f->on == LAM_ON_VIEW)
		return 0; /* its feed waits */
	return t->f->wait >= 0 ? t->f->wait : t->f->on == LAM_ON_STDIN ? -1 : 0;
}

/* Is what is in the queue to be a batch, though it is not full? */
static bool
waited(const struct lam_trigger *t)
{
	int64_t wait = wait_of(t);

	if (t->feed.ended || (!t->all->follow && !t->feed.more &&
		t->f->on != LAM_ON_STDIN))
		return true;
	return !t->feed.more && wait >= 0 &&
		lam_clock_monotonic() - t->oldest >= wait;
}

static int
cut_one(struct lam_trigger *t, size_t n, struct lam_error *e)
{
	struct lam_task **at = &t->first, *b;
	uint64_t from = lam_queue_event(&t->queue, 0)->pos;

	b = lam_task_new(from, lam_queue_event(&t->queue, n - 1)->pos + 1);
	if (!b)
		return lam_fail_mem(e);
	while (*at)
		at = &(*at)->next;
	*at = b;
	t->nbatches++;
	t->oldest = lam_clock_monotonic();
	return lam_task_load(b, &t->feed.head, &t->queue, n, e);
}

/* How many batches may be begun: of a key that has many, the others wait for none. */
static size_t
room_for(const struct lam_trigger *t)
{
	return t->f->order == LAM_ORDER_KEY ? t->f->concurrency * KEYS_AHEAD :
		t->f->concurrency;
}

static int
cut(struct lam_trigger *t, struct lam_error *e)
{
	size_t most = t->f->on == LAM_ON_HTTP ? 1 : t->f->batch;
	int rc = LAM_OK;

	while (!rc && t->nbatches < room_for(t)) {
		size_t n = lam_queue_alike(&t->queue, lam_queue_fit(&t->queue,
			most, BATCH_BYTES));
		size_t all = lam_queue_events(&t->queue);

		/* Full: it has its number, or there is more than fits. */
		if (!n || (n < most && n == all && !waited(t)))
			break;
		rc = cut_one(t, n, e);
	}
	return rc;
}

/* ----------------------------------------------------------------- 5: start */

static int
start(struct lam_trigger *t, struct lam_error *e)
{
	struct lam_arena arena = LAM_ARENA_INIT;
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < t->nworkers; i++) {
		struct lam_trigger_worker *w = t->worker[i];
		struct lam_task *b = w->job;
		char id[LAM_REQUEST_ID_SIZE];
		const char *const *env;

		if (!b || w->running)
			continue;
		env = lam_env(t->f, lam_trigger_source(t), b, &arena);
		lam_trigger_id(t, b, id);
		lam_journal_start(&t->journal, id, b);
		memcpy(w->id, id, sizeof id);
		if (t->f->lambda)
			rc = lam_task_event(b, t->f, id, &w->event, e);
		if (!rc)
			rc = env ? lam_worker_start(w, t->f, b->input, env, e) :
				lam_fail_mem(e);
	}
	lam_arena_release(&arena);
	return rc;
}

/* ------------------------------------------------------------- 6, 7: outputs */

/* The output TEXT at position AT of the ledger to its target. */
static int
put_output(struct lam_trigger *t, uint64_t at, struct lam_str text,
	struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	int rc = lam_target_put(t->target, at, text, &why);

	return rc ? lam_fail(e, rc, "%s: its output cannot go into %s: %s; it "
		"is in the ledger, and the next run tries again, where \"into\" "
		"then says", t->f->name, t->into, why.msg) : LAM_OK;
}

int
lam_trigger_deliver(struct lam_trigger *t, bool finish, struct lam_error *e)
{
	struct lam_ledger *l = &t->ledger;
	struct lam_buf b = LAM_BUF_INIT;
	bool is_file = strchr(t->into, '/') != NULL, given = false;
	int64_t now = lam_clock_monotonic();
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < l->noutputs; i++) {
		struct lam_ledger_output o = l->output[i];

		if (o.at < t->given)
			continue;
		rc = lam_ledger_read(l, &o, &b, e);
		if (!rc)
			rc = put_output(t, o.at, (struct lam_str){ b.p, b.n }, e);
		if (!rc)
			t->given = o.at + o.size;
		given = true;
	}
	lam_buf_release(&b);
	if (!rc && l->noutputs && (is_file ? finish || now - t->synced >=
		TARGET_SYNC : given)) {
		t->synced = now;
		rc = lam_target_sync(t->target, t->given, e);
	}
	return rc;
}

static int
acknowledge(struct lam_trigger *t, struct lam_error *e)
{
	int rc = LAM_OK;

	if (!t->durable)
		return LAM_OK;
	if (t->outcomes)
		rc = lam_ledger_acknowledge(&t->ledger, e);
	t->outcomes = false;
	if (!rc)
		rc = lam_trigger_deliver(t, false, e);
	return rc ? rc : lam_ledger_roll(&t->ledger, e);
}

/* Positions that were looked at, and of which nothing is pending. */
static int
skip(struct lam_trigger *t, bool finish, struct lam_error *e)
{
	struct lam_ledger_frame f = { .kind = LAM_FRAME_SKIP, .to = t->feed.next };

	if (!t->durable || lam_queue_events(&t->queue) || t->nbatches ||
		f.to < t->ledger.progress.next + (finish ? 1 : SKIP))
		return LAM_OK;
	return lam_ledger_put(&t->ledger, &f, e);
}

/* -------------------------------------------------------------------- waits */

static int
feed_ready(void *arg, uint32_t events, struct lam_error *e)
{
	struct lam_trigger *t = arg;

	(void)events;
	(void)e;
	lam_loop_remove(&t->all->loop, &t->watch);
	t->feed.more = t->all->again = true;
	return LAM_OK;
}

static int
timer_due(void *arg, struct lam_error *e)
{
	struct lam_trigger *t = arg;

	(void)e;
	t->all->again = true;
	return LAM_OK;
}

static void
earlier(int64_t *at, int64_t x)
{
	if (!*at || x < *at)
		*at = x;
}

/* When this function must be asked again though nothing has come. */
static int
set_timer(struct lam_trigger *t, struct lam_error *e)
{
	int64_t now = lam_clock_monotonic(), wall = lam_clock_wall(), at = 0;
	struct lam_task *b = t->first;

	for (; b; b = t->f->order == LAM_ORDER_LOG ? NULL : b->next)
		if (!b->worker && lam_policy_waits(b, t->looked))
			earlier(&at, now + (b->due - wall));
	if (lam_queue_events(&t->queue) && wait_of(t) >= 0 &&
		t->nbatches < room_for(t))
		earlier(&at, t->oldest + wait_of(t));
	if (t->feed.due && t->all->follow)
		earlier(&at, now + (t->feed.due - wall));
	if (t->nworkers && !t->busy && !t->nbatches)
		earlier(&at, t->idle + t->f->idle);
	if (t->durable && t->ledger.noutputs)
		earlier(&at, t->synced + TARGET_SYNC);
	if (!at) {
		lam_loop_cancel(&t->all->loop, &t->timer);
		return LAM_OK;
	}
	t->timer.due = timer_due;
	t->timer.arg = t;
	return lam_loop_set(&t->all->loop, &t->timer, at, e);
}

static int
set_watch(struct lam_trigger *t, struct lam_error *e)
{
	bool want = t->feed.fd >= 0 && !t->feed.more && !t->feed.ended &&
		lam_queue_bytes(&t->queue) < LAM_FEED_BYTES;

	t->watch.ready = feed_ready;
	t->watch.arg = t;
	if (want && t->watch.fd < 0)
		return lam_loop_add(&t->all->loop, &t->watch, t->feed.fd,
			EPOLLIN, e);
	if (!want && t->watch.fd >= 0)
		lam_loop_remove(&t->all->loop, &t->watch);
	return LAM_OK;
}

static bool
nothing_left(const struct lam_trigger *t)
{
	if (stopping(t) || !t->f->concurrency)
		return !t->busy;
	if (t->nbatches || lam_queue_events(&t->queue) || t->feed.more)
		return false;
	return t->feed.ended || (!t->all->follow && t->feed.fd < 0) ||
		(!t->all->follow && t->f->on != LAM_ON_STDIN);
}

/* From what may come to what may start: 1 to 5. */
static int
go_on(struct lam_trigger *t, struct lam_error *e)
{
	int rc = LAM_OK;

	if (t->all->follow && t->feed.due && t->feed.due <= lam_clock_wall())
		t->feed.more = true;
	if (!stopping(t) && t->f->concurrency) {
		rc = fill(t, e);
		if (!rc)
			rc = cut(t, e);
		if (!rc)
			rc = lam_trigger_dispatch(t, e);
	}
	if (!rc)
		rc = skip(t, false, e);
	if (!rc && t->durable && t->ledger.out.n)
		rc = lam_tie_put(&t->feed, &t->ledger, e);
	if (!rc && t->durable)
		rc = lam_ledger_write(&t->ledger, e);
	return rc ? rc : start(t, e);
}

/* Nothing is left to do; that it was so now is told by the time of the lock. */
static int
end(struct lam_trigger *t, struct lam_error *e)
{
	int rc = lam_trigger_deliver(t, true, e);

	if (!rc && futimens(t->lock, NULL))
		rc = lam_fail_sys(e, "%s/lock: setting its time", t->dir);

	if (!rc && !stopping(t))
		rc = skip(t, true, e);
	if (!rc)
		rc = lam_tie_put(&t->feed, &t->ledger, e);
	return rc ? rc : lam_ledger_write(&t->ledger, e);
}

int
lam_trigger_step(struct lam_trigger *t, bool *done, struct lam_error *e)
{
	int rc = t->fault.code;

	*done = false;
	if (rc) {
		*e = t->fault;
		return rc;
	}
	lam_trigger_retire(t, false);
	rc = go_on(t, e);
	if (!rc)
		rc = acknowledge(t, e);
	if (!t->busy && !t->nbatches &&
		lam_clock_monotonic() - t->idle >= t->f->idle)
		lam_trigger_retire(t, true);
	*done = nothing_left(t);
	if (!rc && *done && t->durable)
		rc = end(t, e);
	if (!rc)
		rc = set_watch(t, e);
	if (!rc)
		rc = set_timer(t, e);
	if (t->feed.more && lam_queue_bytes(&t->queue) < LAM_FEED_BYTES &&
		!stopping(t) && t->f->concurrency)
		t->all->again = true;
	return rc;
}
