/*
 * once.c - one attempt, waited for: of an event by hand, or of a dead letter
 */
#include "trigger/once.h"

#include "base/clock.h"
#include "trigger/env.h"
#include "trigger/event.h"

#define LOOK INT64_C(20000000) /* ns between two looks for it */

static void
take_line(struct lam_trigger_worker *w, struct lam_str line)
{
	struct lam_once *o = w->owner;
	char key[LAM_KEY_SIZE], id[LAM_REQUEST_ID_SIZE];

	lam_task_key(o->task, o->f->name, o->source, key);
	lam_request_id(key, id);
	lam_journal_line(o->journal, id, line);
}

static int
ended(struct lam_trigger_worker *w, struct lam_error *e)
{
	struct lam_once *o = w->owner;

	(void)e;
	o->ended = true;
	return LAM_OK;
}

static int
put_event(struct lam_once *o, struct lam_error *e)
{
	struct lam_trigger_worker *w = &o->w;
	char key[LAM_KEY_SIZE];

	lam_task_key(o->task, o->f->name, o->source, key);
	lam_request_id(key, w->id);
	if (!o->f->lambda)
		return LAM_OK;
	if (!o->raw)
		return lam_task_event(o->task, o->f, w->id, &w->event, e);
	lam_buf_clear(&w->event);
	lam_buf_put(&w->event, o->task->text.p, o->task->text.n);
	return lam_buf_check(&w->event, e);
}

/* Whoever is to attach is told to what, when it is there. */
static int
tell_held(void *arg, struct lam_error *e)
{
	struct lam_once *o = arg;
	pid_t pid = lam_launcher_held(o->all->launcher);

	if (!pid)
		return lam_loop_set(&o->all->loop, &o->held, lam_clock_monotonic() +
			LOOK, e);
	lam_message(&o->all->warn, "%s: process %ld waits for a debugger before it "
		"begins, such as gdb -p %ld; kill -CONT %ld lets it go on "
		"without one", o->f->name, (long)pid, (long)pid, (long)pid);
	return LAM_OK;
}

static int
wait_debugger(struct lam_once *o, struct lam_error *e)
{
	o->held = (struct lam_loop_timer){ .due = tell_held, .arg = o };
	if (o->f->held)
		return lam_loop_set(&o->all->loop, &o->held, lam_clock_monotonic(),
			e);
	if (o->f->debug)
		lam_message(&o->all->warn, "%s: waits for a debugger: %s",
			o->f->name, o->f->debug);
	return LAM_OK;
}

static int
made(struct lam_trigger_worker *w, struct lam_error *e)
{
	struct lam_once *o = w->owner;
	struct lam_arena arena = LAM_ARENA_INIT;
	const char *const *env;
	int rc;

	if (w->failed)
		return lam_fail(e, LAM_SYSTEM, "%s: no sandbox can be made: %s",
			o->f->name, w->attempt.message);
	rc = put_event(o, e);
	env = lam_env(o->f, o->source, o->task, &arena);
	if (!rc)
		rc = env ? lam_worker_start(w, o->f, o->task->input, env, e) :
			lam_fail_mem(e);
	lam_arena_release(&arena);
	return rc ? rc : wait_debugger(o, e);
}

int
lam_once_run(struct lam_once *o, struct lam_task *task, bool *ok,
	struct lam_error *e)
{
	char key[LAM_KEY_SIZE], id[LAM_REQUEST_ID_SIZE];
	int rc = lam_task_file(task, e);

	o->task = task;
	o->w.owner = o;
	o->w.ready = made;
	o->w.done = ended;
	o->w.log = take_line;
	lam_task_key(task, o->f->name, o->source, key);
	lam_request_id(key, id);
	lam_journal_start(o->journal, id, task);
	if (!rc)
		rc = lam_worker_open(&o->w, &o->all->loop, o->all->launcher,
			o->f, o->all->path, e);
	*ok = false;
	while (!rc && !o->ended && !*o->all->stop)
		rc = lam_loop_turn(&o->all->loop, -1, o->all->mask, e);
	if (rc || !o->ended) /* a stop: it is none */
		return rc;
	*ok = !strcmp(lam_attempt_word(&o->w.attempt), "ok");
	lam_journal_report(o->journal, id, o->f, task, &o->w.attempt, !*ok);
	return LAM_OK;
}

struct lam_str
lam_once_output(const struct lam_once *o)
{
	const struct lam_buf *b = &o->w.pipe[LAM_PIPE_OUTPUT].got;

	return (struct lam_str){ b->p, b->n };
}

void
lam_once_release(struct lam_once *o)
{
	lam_loop_cancel(&o->all->loop, &o->held);
	if (o->w.loop)
		lam_worker_close(&o->w);
}

int
lam_once_event(const char *file, struct lam_task **event, struct lam_error *e)
{
	*event = lam_task_new(0, 1);
	return *event ? lam_task_read(*event, file, e) : lam_fail_mem(e);
}

int
lam_once_invoke(struct lam_triggers *all, const struct lam_function *f,
	struct lam_journal *j, struct lam_task *event, struct lam_buf *out, bool *ok,
	struct lam_error *e)
{
	struct lam_once o = { .all = all, .f = f, .source = "event",
		.journal = j, .raw = true };
	int rc = lam_once_run(&o, event, ok, e);
	struct lam_str text;

	if (!rc) {
		text = lam_once_output(&o);
		lam_buf_put(out, text.p, text.n);
	}
	lam_once_release(&o);
	return rc;
}
