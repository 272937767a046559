/*
 * trigger.c - a function and its state, opened and closed
 */
#include "trigger/trigger.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/escape.h"
#include "trigger/trigger_internal.h"

/* ---------------------------------------------------------------- the state */

static int
lock_state(struct lam_trigger *t, struct lam_error *e)
{
	const char *data = t->all->data;
	char path[LAM_PATH_MAX];
	bool got;
	int rc;

	rc = lam_io_path(t->dir, sizeof t->dir, e, "%s/trigger/%s", data,
		t->f->name);
	if (!rc)
		rc = lam_io_path(t->failed, sizeof t->failed, e, "%s/failed",
			t->dir);
	if (!rc)
		rc = lam_io_path(t->journal.path, sizeof t->journal.path, e,
			"%s/log", t->dir);
	if (!rc)
		rc = lam_io_path(path, sizeof path, e, "%s/lock", t->dir);
	if (!rc)
		rc = lam_io_mkdir_below(data, t->dir, e);
	if (!rc)
		rc = lam_io_lock_try(&t->lock, path, &got, e);
	if (!rc && !got && errno != EWOULDBLOCK)
		rc = lam_fail_sys(e, "%s: cannot lock", path);
	else if (!rc && !got)
		rc = lam_fail(e, LAM_SYSTEM, "%s: another lam-trigger runs this "
			"function", t->f->name);
	return rc;
}

/* Where a function without a ledger begins. */
static int
begin_at(const struct lam_trigger *t, uint64_t *pos, struct lam_error *e)
{
	const char *from = t->f->from;
	struct lam_str s = { from, strlen(from) };

	if (t->feed.kind->finds) {
		*pos = t->feed.end;
		return LAM_OK;
	}
	*pos = !strcmp(from, "start") ? t->feed.start : t->feed.end;
	if (!strcmp(from, "start") || !strcmp(from, "now"))
		return LAM_OK;
	if (!lam_str_u64(s, pos) || *pos > t->feed.end)
		return lam_fail(e, LAM_USAGE, "%s: from %.40s: expected start, now "
			"or a position up to %" PRIu64, t->f->name, from,
			t->feed.end);
	return LAM_OK;
}

static int
check_source(const struct lam_trigger *t, struct lam_error *e)
{
	if (strcmp(t->ledger.source, t->feed.id))
		return lam_fail(e, LAM_DATA, "%s: its ledger is of another source "
			"than it reads now: remove %s to begin anew, after a look "
			"at %s", t->f->name, t->dir, t->failed);
	if (*t->feed.id && t->ledger.progress.next > t->feed.end)
		return lam_fail(e, LAM_DATA, "%s: it has come to position %" PRIu64
			", but its source ends at %" PRIu64 ": the log has lost "
			"records", t->f->name, t->ledger.progress.next,
			t->feed.end);
	return LAM_OK;
}

/* What the ledger says is pending. */
static int
take_pending(struct lam_trigger *t, struct lam_error *e)
{
	struct lam_task **at = &t->first;

	for (size_t i = 0; i < t->ledger.progress.n; i++) {
		const struct lam_pending *x = &t->ledger.progress.item[i];
		struct lam_task *b = *at = lam_task_new(x->from, x->to);

		if (!b)
			return lam_fail_mem(e);
		b->failed = x->failed;
		b->born = x->born;
		b->due = x->due;
		at = &b->next;
		t->nbatches++;
	}
	return LAM_OK;
}

static int
open_state(struct lam_trigger *t, struct lam_error *e)
{
	uint64_t pos;
	int rc = LAM_OK;

	if (t->ledger.fd < 0) {
		rc = begin_at(t, &pos, e);
		if (!rc)
			rc = lam_ledger_begin(&t->ledger, t->feed.id, pos, e);
	} else {
		rc = check_source(t, e);
	}
	if (rc)
		return rc;
	t->feed.next = t->ledger.progress.next;
	t->given = t->ledger.progress.delivered;
	return take_pending(t, e);
}

/* A path is meant from the directory of the function. */
static int
open_target(struct lam_trigger *t, struct lam_error *e)
{
	const char *into = t->f->into;
	struct lam_target_options o = { .data = t->all->data,
		.name = t->f->name, .into = t->into, .called = into,
		.text = &t->f->text,
		.ledger = t->durable ? &t->ledger : NULL,
		.warn = t->all->warn };
	int rc;

	rc = lam_io_path(t->into, sizeof t->into, e, "%s%s%s",
		strchr(into, '/') && *into != '/' ? t->f->dir : "",
		strchr(into, '/') && *into != '/' ? "/" : "", into);
	return rc ? rc : lam_target_open(&t->target, &o, e);
}

static int
check_tiers(const struct lam_trigger *t, struct lam_error *e)
{
	unsigned missing = t->f->required & ~t->all->launcher->tiers;
	char text[LAM_TIER_TEXT];

	if (!missing)
		return LAM_OK;
	return lam_fail(e, LAM_SYSTEM, "%s%sit requires isolation that this "
		"machine does not give: %s: lam-trigger --check tells why",
		t->f->name, *t->f->name ? ": " : "",
		lam_tier_text(missing, text));
}

int
lam_trigger_open(struct lam_trigger **out, struct lam_triggers *all,
	const struct lam_function *f, struct lam_error *e)
{
	struct lam_trigger *t = calloc(1, sizeof *t);
	int rc;

	if (!t)
		return lam_fail_mem(e);
	t->all = all;
	t->f = f;
	t->lock = t->ledger.fd = -1;
	t->watch = (struct lam_loop_watch)LAM_LOOP_WATCH_INIT;
	t->durable = *f->name != '\0';
	t->journal.fd = -1;
	t->journal.lines = all->lines;
	t->journal.all = all->all;
	t->worker = calloc(f->concurrency + 1, sizeof *t->worker);
	t->feed = (struct lam_feed){ .function = f, .data = all->data,
		.warn = all->warn, .ledger = t->durable ? &t->ledger : NULL,
		.follow = all->follow, .fd = -1 };
	rc = t->worker ? check_tiers(t, e) : lam_fail_mem(e);
	if (!rc && t->durable)
		rc = lock_state(t, e);
	if (!rc && t->durable)
		rc = lam_ledger_open(&t->ledger, t->dir, e);
	if (!rc)
		rc = lam_feed_open(&t->feed, e);
	if (!rc && t->durable)
		rc = open_state(t, e);
	if (!rc)
		rc = open_target(t, e);
	if (rc)
		lam_trigger_close(t);
	else
		*out = t;
	return rc;
}

void
lam_trigger_close(struct lam_trigger *t)
{
	struct lam_task *b, *next;

	if (!t)
		return;
	for (size_t i = 0; i < t->nworkers; i++) {
		lam_worker_close(t->worker[i]);
		free(t->worker[i]);
		t->all->reserved -= t->f->memory;
	}
	free(t->worker);
	for (b = t->first; b; b = next) {
		next = b->next;
		lam_task_free(b);
	}
	if (t->watch.fd >= 0)
		lam_loop_remove(&t->all->loop, &t->watch);
	lam_loop_cancel(&t->all->loop, &t->timer);
	lam_target_close(t->target);
	lam_feed_close(&t->feed);
	lam_queue_release(&t->queue);
	lam_journal_close(&t->journal);
	if (t->durable)
		lam_ledger_close(&t->ledger);
	if (t->lock >= 0)
		close(t->lock);
	free(t);
}

void
lam_trigger_leave(struct lam_trigger *t)
{
	t->leaving = t->all->again = true;
}

void
lam_trigger_end(struct lam_trigger *t)
{
	for (size_t i = 0; i < t->nworkers; i++)
		lam_worker_end(t->worker[i]);
}

size_t
lam_trigger_running(const struct lam_trigger *t)
{
	return t->busy;
}

struct lam_trigger_counts
lam_trigger_counts(const struct lam_trigger *t)
{
	return t->counts;
}
