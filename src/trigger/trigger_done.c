/*
 * trigger_done.c - an attempt has ended: its outcome goes to the ledger
 *
 * The outcome, what the attempt used and, if it is done, its output are one frame.
 * An output that its target cannot have is no success: it never becomes one.
 * A dead letter is durable before its frame: it may be written twice, under the same
 * name, but is never missing.
 */
#include "trigger/trigger_internal.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "trigger/event.h"
#include "trigger/letter.h"
#include "trigger/policy.h"

const char *
lam_trigger_source(const struct lam_trigger *t)
{
	return t->durable ? t->ledger.source : "stdin";
}

void
lam_trigger_id(const struct lam_trigger *t, const struct lam_task *b,
	char id[LAM_REQUEST_ID_SIZE])
{
	char key[LAM_KEY_SIZE];

	lam_task_key(b, t->f->name, lam_trigger_source(t), key);
	lam_request_id(key, id);
}

void
lam_trigger_log(struct lam_trigger_worker *w, struct lam_str line)
{
	struct lam_trigger *t = w->owner;
	char id[LAM_REQUEST_ID_SIZE];

	lam_trigger_id(t, w->job, id);
	lam_journal_line(&t->journal, id, line);
}

int
lam_trigger_ready(struct lam_trigger_worker *w, struct lam_error *e)
{
	struct lam_trigger *t = w->owner;

	(void)e;
	t->all->again = true;
	if (w->failed)
		lam_fail(&t->fault, LAM_SYSTEM, "%s%sno sandbox can be made: %s",
			t->f->name, *t->f->name ? ": " : "",
			w->attempt.message);
	return LAM_OK;
}

static void
unlink_batch(struct lam_trigger *t, struct lam_task *b)
{
	struct lam_task **at = &t->first;

	while (*at != b)
		at = &(*at)->next;
	*at = b->next;
	t->nbatches--;
	lam_task_free(b);
}

/* Somebody should know of a batch that was given up. */
static int
bury(struct lam_trigger *t, const struct lam_task *b,
	const struct lam_trigger_worker *w, struct lam_error *e)
{
	char id[LAM_REQUEST_ID_SIZE], why[200];
	size_t n = w->tail.n < LAM_LOG_TAIL ? w->tail.n : LAM_LOG_TAIL;
	int rc;

	t->counts.dead++;
	lam_attempt_tell(&w->attempt, why, sizeof why);
	if (!t->durable) {
		lam_message(&t->all->warn, "lines %" PRIu64 " to %" PRIu64 ": %s, "
			"attempt %" PRIu32 ": given up", b->from + 1, b->to, why,
			b->failed + 1);
		return LAM_OK;
	}
	lam_trigger_id(t, b, id);
	rc = lam_letter_write(t->failed, id, b, why, (struct lam_str){
		w->tail.p + (w->tail.n - n), n }, e);
	if (!rc)
		lam_message(&t->all->warn, "%s: records %" PRIu64 " to %" PRIu64
			": %s, attempt %" PRIu32 ": given up: they are in %s/%s",
			t->f->name, b->from, b->to - 1, why, b->failed + 1,
			t->failed, id);
	return rc;
}

/* The outcome as a frame; without a ledger the output goes on at once. */
static int
record(struct lam_trigger *t, const struct lam_task *b,
	const struct lam_trigger_worker *w, const struct lam_decision *d,
	struct lam_error *e)
{
	const struct lam_attempt *a = &w->attempt;
	const struct lam_buf *out = &w->pipe[LAM_PIPE_OUTPUT].got;
	struct lam_ledger_frame f = { .kind = LAM_FRAME_OUTCOME,
		.verdict = (uint8_t)d->verdict, .how = (uint8_t)a->how,
		.from = b->from, .to = b->to, .attempt = b->failed + 1,
		.records = (uint32_t)b->n, .status = (uint32_t)a->status,
		.tiers = a->tiers, .born = b->born, .when = a->when,
		.took = a->took, .cpu = a->cpu, .due = d->due,
		.memory = a->memory, .limit = t->f->memory };

	if (d->split)
		f.split = b->event[d->split - 1].pos + 1;
	if (d->verdict == LAM_VERDICT_DONE || d->verdict == LAM_VERDICT_PARTIAL)
		f.output = (struct lam_str){ out->p, out->n };
	t->outcomes = true;
	if (t->durable)
		return lam_ledger_put(&t->ledger, &f, e);
	return f.output.n ? lam_target_put(t->target, 0, f.output, e) : LAM_OK;
}

/* The same as lam_progress_apply does to what is pending. */
static int
follow(struct lam_trigger *t, struct lam_task *b,
	const struct lam_decision *d, struct lam_error *e)
{
	struct lam_task *rest;
	int rc;

	switch (d->verdict) {
	case LAM_VERDICT_SPLIT:
	case LAM_VERDICT_PARTIAL:
		rc = lam_task_split(b, d->split, &rest, e);
		if (rc)
			return rc;
		rest->next = b->next;
		b->next = rest;
		t->nbatches++;
		if (d->verdict == LAM_VERDICT_SPLIT)
			return LAM_OK;
		rest->failed = 0;
		rest->due = d->due;
		break;
	case LAM_VERDICT_RETRY:
		b->failed++;
		b->due = d->due;
		return LAM_OK;
	case LAM_VERDICT_DONE:
	case LAM_VERDICT_DEAD:
	case LAM_VERDICTS:
		break;
	}
	if (d->verdict != LAM_VERDICT_DEAD)
		t->counts.batches++;
	unlink_batch(t, b);
	return LAM_OK;
}

static void
tell_retry(struct lam_trigger *t, const struct lam_task *b,
	const struct lam_attempt *a, const struct lam_decision *d)
{
	char why[200];

	if (d->verdict != LAM_VERDICT_RETRY || !t->all->all.say)
		return;
	lam_attempt_tell(a, why, sizeof why);
	lam_message(&t->all->warn, "%s%s[%" PRIu64 ", %" PRIu64 "): %s, attempt %"
		PRIu32 ": again in %.3f s", t->f->name, *t->f->name ? ": " : "",
		b->from, b->to, why, b->failed + 1,
		(double)(d->due - lam_clock_wall()) / 1e9);
}

/* Whether its output can go where it is to go is part of how an attempt ended. */
static int
check_output(struct lam_trigger *t, struct lam_trigger_worker *w,
	struct lam_error *e)
{
	const struct lam_buf *out = &w->pipe[LAM_PIPE_OUTPUT].got;
	struct lam_error why = LAM_ERROR_INIT;
	int rc;

	if (strcmp(lam_attempt_word(&w->attempt), "ok") != 0 || !out->n)
		return LAM_OK;
	rc = lam_target_check(t->target, (struct lam_str){ out->p, out->n }, &why);
	if (rc == LAM_DATA || rc == LAM_USAGE)
		lam_attempt_refuse(&w->attempt, t->into, why.msg);
	else if (rc)
		*e = why;
	return rc == LAM_SYSTEM ? rc : LAM_OK;
}

/* B stays as it was before the attempt: it is tried again when its function runs. */
static void
leave_cut(struct lam_trigger *t, const struct lam_task *b)
{
	static const char text[] = "cut short by a stop: it is tried again";
	char id[LAM_REQUEST_ID_SIZE];

	lam_trigger_id(t, b, id);
	lam_journal_line(&t->journal, id, (struct lam_str){ text, sizeof text - 1 });
}

static int
done(struct lam_trigger *t, struct lam_trigger_worker *w, struct lam_task *b,
	struct lam_error *e)
{
	const struct lam_buf *failed = &w->pipe[LAM_PIPE_FAILED].got;
	char id[LAM_REQUEST_ID_SIZE];
	struct lam_decision d;
	uint64_t random;
	int rc = lam_io_random(&random, sizeof random, e);

	if (!rc)
		rc = check_output(t, w, e);
	if (rc)
		return rc;
	if (t->f->lambda && t->f->partial)
		lam_task_failures(b, (struct lam_str){
			w->pipe[LAM_PIPE_OUTPUT].got.p,
			w->pipe[LAM_PIPE_OUTPUT].got.n },
			&w->pipe[LAM_PIPE_FAILED].got);
	lam_policy(t->f, b, &w->attempt, (struct lam_str){ failed->p,
		t->f->partial ? failed->n : 0 }, lam_clock_wall(), random, &d);
	if (d.why)
		snprintf(w->attempt.message, sizeof w->attempt.message, "%s", d.why);
	lam_trigger_id(t, b, id);
	lam_journal_report(&t->journal, id, t->f, b, &w->attempt, d.failed);
	tell_retry(t, b, &w->attempt, &d);
	if (d.verdict == LAM_VERDICT_DEAD)
		rc = bury(t, b, w, e);
	if (!rc)
		rc = record(t, b, w, &d, e);
	return rc ? rc : follow(t, b, &d, e);
}

int
lam_trigger_done(struct lam_trigger_worker *w, struct lam_error *e)
{
	struct lam_trigger *t = w->owner;
	struct lam_task *b = w->job;

	(void)e;
	b->worker = NULL;
	w->job = NULL;
	t->busy--;
	t->idle = lam_clock_monotonic();
	t->all->again = true;
	if (lam_attempt_is_cut(&w->attempt))
		leave_cut(t, b);
	else if (!t->fault.code)
		t->fault.code = done(t, w, b, &t->fault);
	return LAM_OK;
}
