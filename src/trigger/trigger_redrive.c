/*
 * trigger_redrive.c - dead letters are tried again
 *
 * The steps: (1) the attempt; (2) a REDRIVEN frame with its output, synced; (3) the
 * output is given on; (4) the letter goes.  A crash before (4) leaves a letter whose
 * bounds are those of the last REDRIVEN frame: the next redrive only removes it.
 */
#include "trigger/trigger_internal.h"

#include <inttypes.h>

#include "trigger/letter.h"
#include "trigger/once.h"

/* What the letter holds, as one event. */
static int
load(struct lam_task *b, const struct lam_letter *l, struct lam_buf *text,
	struct lam_error *e)
{
	struct lam_queue q = { .text = *text };
	struct lam_buf none = LAM_BUF_INIT;
	int rc = lam_queue_put(&q, l->last, e);

	if (!rc)
		rc = lam_task_load(b, &none, &q, 1, e);
	b->n = (size_t)l->records;
	*text = q.text;
	q.text = none;
	lam_queue_release(&q);
	b->failed = (uint32_t)l->attempts;
	return rc;
}

static int
record(struct lam_trigger *t, const struct lam_once *o, struct lam_error *e)
{
	const struct lam_attempt *a = &o->w.attempt;
	struct lam_ledger_frame f = { .kind = LAM_FRAME_REDRIVEN,
		.verdict = LAM_VERDICT_DONE, .how = (uint8_t)a->how,
		.from = o->task->from, .to = o->task->to,
		.attempt = o->task->failed + 1,
		.records = (uint32_t)o->task->n, .tiers = a->tiers,
		.when = a->when, .took = a->took, .cpu = a->cpu,
		.memory = a->memory, .limit = t->f->memory,
		.output = lam_once_output(o) };
	int rc = lam_ledger_put(&t->ledger, &f, e);

	if (!rc)
		rc = lam_ledger_write(&t->ledger, e);
	if (!rc)
		rc = lam_ledger_acknowledge(&t->ledger, e);
	if (!rc)
		rc = lam_trigger_deliver(t, true, e);
	return rc ? rc : lam_ledger_write(&t->ledger, e);
}

/* An output that its target cannot have makes it a failure, as everywhere. */
static int
attempt(struct lam_trigger *t, struct lam_once *o, struct lam_task *b, bool *done,
	struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	int rc = lam_once_run(o, b, done, e);

	if (rc || !*done || !lam_once_output(o).n)
		return rc;
	rc = lam_target_check(t->target, lam_once_output(o), &why);
	if (rc == LAM_SYSTEM)
		*e = why;
	else if (rc)
		lam_attempt_refuse(&o->w.attempt, t->into, why.msg);
	*done = !rc;
	return rc == LAM_SYSTEM ? rc : LAM_OK;
}

/* *DONE false: it failed again, and stays. */
static int
redrive(struct lam_trigger *t, const char *id, bool *done, struct lam_error *e)
{
	struct lam_once o = { .all = t->all, .f = t->f,
		.source = lam_trigger_source(t), .journal = &t->journal };
	const struct lam_ledger_progress *p = &t->ledger.progress;
	struct lam_buf text = LAM_BUF_INIT;
	struct lam_letter l;
	struct lam_task *b;
	char why[200];
	int rc = lam_letter_read(t->failed, id, &l, &text, e);

	*done = false;
	if (rc || (l.first == p->redriven && l.last + 1 == p->redriven_to)) {
		lam_buf_release(&text);
		*done = !rc;
		return rc ? rc : lam_letter_drop(t->failed, id, e);
	}
	b = lam_task_new(l.first, l.last + 1);
	rc = b ? load(b, &l, &text, e) : lam_fail_mem(e);
	if (!rc)
		rc = attempt(t, &o, b, done, e);
	if (!rc && *done)
		rc = record(t, &o, e);
	if (!rc && *done)
		rc = lam_letter_drop(t->failed, id, e);
	if (!rc && !*done && o.ended) {
		lam_attempt_tell(&o.w.attempt, why, sizeof why);
		lam_message(&t->all->warn, "%s: %s: %s: it stays", t->f->name,
			id, why);
	}
	lam_once_release(&o);
	if (b)
		lam_task_free(b);
	lam_buf_release(&text);
	return rc;
}

int
lam_trigger_redrive(struct lam_triggers *all, const struct lam_function *f,
	char *const *id, size_t n, size_t *stay, struct lam_error *e)
{
	struct lam_trigger *t = NULL;
	int rc = lam_trigger_open(&t, all, f, e);

	*stay = 0;
	for (size_t i = 0; !rc && i < n && !*all->stop; i++) {
		bool done;

		rc = redrive(t, id[i], &done, e);
		*stay += !done;
	}
	lam_trigger_close(t);
	return rc;
}
