/*
 * worker.c - a sandbox in which attempts of a function run, one after the other
 *
 * When the sandbox says that a run has ended, all of its tree is dead, so nobody
 * writes to the pipes any more: what is in them is read, and that is all.  (A
 * writer that was handed out of the sandbox would hold a pipe open.  Nobody waits
 * for its end.)
 */
#include "trigger/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "time/time.h"
#include "trigger/worker_internal.h"

#define PIECE ((size_t)64 << 10)
#define FAILED_MAX ((size_t)1 << 20) /* bytes on descriptor 3 */
#define SCRATCH (UINT64_C(512) << 20) /* bytes, as AWS Lambda has them */
#define DRAIN 16 /* pieces of a log whose writer may go on: as much as a pipe holds */

/* ------------------------------------------------------------------- pipes */

static void
give_lines(struct lam_trigger_worker *w, bool all)
{
	struct lam_buf *b = &w->pipe[LAM_PIPE_LOG].got;
	size_t at = 0;

	while (at < b->n) {
		const char *nl = memchr(b->p + at, '\n', b->n - at);
		size_t n = nl ? (size_t)(nl - b->p) - at : b->n - at;

		if (!nl && !all && n < PIECE)
			break;
		w->log(w, (struct lam_str){ b->p + at, n });
		at += n + (nl != NULL);
	}
	if (at)
		memmove(b->p, b->p + at, b->n - at);
	b->n -= at;
}

static void
keep_tail(struct lam_trigger_worker *w, const char *p, size_t n)
{
	struct lam_buf *t = &w->tail;

	lam_buf_put(t, p, n);
	if (t->n > 2 * LAM_LOG_TAIL) {
		memmove(t->p, t->p + t->n - LAM_LOG_TAIL, LAM_LOG_TAIL);
		t->n = LAM_LOG_TAIL;
	}
}

/* It has said too much: what it says from now on is dropped. */
static void
flood(struct lam_trigger_worker *w)
{
	w->attempt.flooded = true;
	if (w->lambda)
		lam_worker_lambda_kill(w);
	else
		lam_sandbox_kill(&w->box);
}

static void
take_log(struct lam_trigger_worker *w, size_t n)
{
	struct lam_buf *b = &w->pipe[LAM_PIPE_LOG].got;

	keep_tail(w, b->p + b->n, n);
	if (w->logged > LAM_OUTPUT_MAX)
		return;
	b->n += n;
	w->logged += n;
	give_lines(w, false);
	if (w->logged > LAM_OUTPUT_MAX)
		flood(w);
}

/* *END: nothing more is there, now or ever. */
static int
read_pipe(struct lam_trigger_worker *w, struct lam_worker_pipe *p, bool *end,
	struct lam_error *e)
{
	size_t max = p == &w->pipe[LAM_PIPE_OUTPUT] ? LAM_OUTPUT_MAX : FAILED_MAX;
	ssize_t n;

	*end = true;
	if (!lam_buf_room(&p->got, PIECE))
		return lam_fail_mem(e);
	do
		n = read(p->fd, p->got.p + p->got.n, PIECE);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno != EAGAIN)
		return lam_fail_sys(e, "output of a function");
	if (n <= 0)
		return LAM_OK;
	*end = false;
	if (p == &w->pipe[LAM_PIPE_LOG]) {
		take_log(w, (size_t)n);
		return LAM_OK;
	}
	p->got.n += (size_t)n;
	if (p->got.n > max) {
		p->got.n = max;
		flood(w);
	}
	return LAM_OK;
}

int
lam_worker_take_log(struct lam_trigger_worker *w, struct lam_error *e)
{
	bool end = false;
	int rc = LAM_OK;

	for (int i = 0; !rc && !end && i < DRAIN; i++)
		rc = read_pipe(w, &w->pipe[LAM_PIPE_LOG], &end, e);
	give_lines(w, true);
	return rc;
}

static int
pipe_ready(void *arg, uint32_t events, struct lam_error *e)
{
	struct lam_worker_pipe *p = arg;
	struct lam_error why = LAM_ERROR_INIT;
	bool end;

	/* Of no attempt: it is told with the next. */
	if (p->worker->lambda && !p->worker->running) {
		lam_loop_remove(p->worker->loop, &p->watch);
		return LAM_OK;
	}
	if (read_pipe(p->worker, p, &end, &why))
		return lam_worker_break(p->worker, &why, e);
	/* At its end it would be ready for ever. */
	if (end && (events & EPOLLHUP))
		lam_loop_remove(p->worker->loop, &p->watch);
	return LAM_OK;
}

static void
close_pipe(struct lam_trigger_worker *w, struct lam_worker_pipe *p)
{
	if (p->watch.fd >= 0)
		lam_loop_remove(w->loop, &p->watch);
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

static int
drain(struct lam_trigger_worker *w, struct lam_error *e)
{
	int rc = LAM_OK;

	for (size_t i = 0; i < LAM_PIPES; i++) {
		bool end = w->pipe[i].fd < 0;

		while (!rc && !end)
			rc = read_pipe(w, &w->pipe[i], &end, e);
		close_pipe(w, &w->pipe[i]);
	}
	give_lines(w, true);
	return rc;
}

/* ----------------------------------------------------------------- sandbox */

int
lam_worker_break(struct lam_trigger_worker *w, const struct lam_error *why,
	struct lam_error *e)
{
	bool running = w->running;

	w->failed = true;
	w->running = false;
	if (w->watch.fd >= 0)
		lam_loop_remove(w->loop, &w->watch);
	for (size_t i = 0; i < LAM_PIPES; i++)
		close_pipe(w, &w->pipe[i]);
	lam_sandbox_close(&w->box);
	w->attempt.how = LAM_RUN_NEVER;
	snprintf(w->attempt.message, sizeof w->attempt.message, "%.190s",
		why->msg);
	return running ? w->done(w, e) : w->ready(w, e);
}

static int
run_ended(struct lam_trigger_worker *w, const struct lam_sandbox_report *r,
	struct lam_error *e)
{
	struct lam_attempt *a = &w->attempt;
	struct lam_error why = LAM_ERROR_INIT;

	a->how = r->how;
	a->status = r->status;
	a->cpu = r->cpu;
	a->memory = r->memory;
	a->tiers = r->tiers;
	a->took = lam_clock_monotonic() - w->start;
	memcpy(a->message, r->message, sizeof a->message);
	if (drain(w, &why))
		return lam_worker_break(w, &why, e);
	w->running = false;
	return w->done(w, e);
}

static int
box_failed(struct lam_trigger_worker *w, const struct lam_sandbox_report *r,
	struct lam_error *e)
{
	struct lam_sandbox_report end = *r;

	w->failed = true;
	lam_loop_remove(w->loop, &w->watch);
	memcpy(w->attempt.message, r->message, sizeof w->attempt.message);
	if (!w->running)
		return w->ready(w, e);
	end.how = LAM_RUN_NEVER;
	return run_ended(w, &end, e);
}

static int
box_ready(void *arg, uint32_t events, struct lam_error *e)
{
	struct lam_trigger_worker *w = arg;
	struct lam_error why = LAM_ERROR_INIT;
	struct lam_sandbox_report r;

	(void)events;
	if (lam_sandbox_reap(&w->box, &r, &why))
		return lam_worker_break(w, &why, e);
	if (r.listener >= 0)
		close(r.listener);
	switch (r.kind) {
	case LAM_SANDBOX_MADE:
		w->made = true;
		w->attempt.tiers = r.tiers;
		return w->ready(w, e);
	case LAM_SANDBOX_ENDED:
		return run_ended(w, &r, e);
	case LAM_SANDBOX_FAILED:
		return box_failed(w, &r, e);
	case LAM_SANDBOX_NOTHING:
	case LAM_SANDBOX_USED:
		break;
	}
	return LAM_OK;
}

int
lam_worker_open(struct lam_trigger_worker *w, struct lam_loop *loop,
	struct lam_launcher *l, const struct lam_function *f, const char *path,
	struct lam_error *e)
{
	struct lam_sandbox_spec spec = { .dir = f->dir, .memory = f->memory,
		.tiers = f->tiers, .quota = f->quota, .net = f->net,
		.readable = f->readable, .layers = f->layer,
		.scratch = f->tiers ? SCRATCH : 0 };
	int rc;

	w->loop = loop;
	w->lambda = NULL;
	w->box = (struct lam_sandbox)LAM_SANDBOX_INIT;
	w->watch = (struct lam_loop_watch)LAM_LOOP_WATCH_INIT;
	for (size_t i = 0; i < LAM_PIPES; i++) {
		w->pipe[i].worker = w;
		w->pipe[i].fd = -1;
		w->pipe[i].watch = (struct lam_loop_watch)LAM_LOOP_WATCH_INIT;
	}
	w->path = (struct lam_buf)LAM_BUF_INIT;
	lam_buf_printf(&w->path, "%s%s%s", path, f->bins ? ":" : "", f->bins ?
		f->bins : "");
	rc = lam_buf_check(&w->path, e);
	if (rc)
		return rc;
	spec.path = lam_buf_str(&w->path);
	if (f->lambda)
		return lam_worker_lambda_open(w, l, f, &spec, e);
	rc = lam_launcher_spawn(l, &spec, &w->box, e);
	if (rc)
		return rc;
	w->watch.ready = box_ready;
	w->watch.arg = w;
	return lam_loop_add(loop, &w->watch, w->box.fd, EPOLLIN, e);
}

int
lam_worker_open_pipe(struct lam_trigger_worker *w, struct lam_worker_pipe *p,
	int *theirs, struct lam_error *e)
{
	int pair[2];

	if (pipe2(pair, O_CLOEXEC))
		return lam_fail_sys(e, "cannot make a pipe");
	p->fd = pair[0];
	*theirs = pair[1];
	lam_buf_clear(&p->got);
	p->watch.ready = pipe_ready;
	p->watch.arg = p;
	if (fcntl(p->fd, F_SETFL, O_NONBLOCK))
		return lam_fail_sys(e, "cannot set up a pipe");
	return lam_loop_add(w->loop, &p->watch, p->fd, EPOLLIN, e);
}

int
lam_worker_start(struct lam_trigger_worker *w, const struct lam_function *f, int input,
	const char *const *env, struct lam_error *e)
{
	struct lam_sandbox_run run = { .argv = f->argv, .env = env,
		.fd = { input, -1, -1, -1 }, .hold = f->held };
	int rc = LAM_OK;

	if (w->lambda)
		return lam_worker_lambda_start(w, f, e);
	if (lseek(input, 0, SEEK_SET) < 0)
		rc = lam_fail_sys(e, "cannot rewind a batch");
	for (size_t i = 0; !rc && i < LAM_PIPES; i++)
		if (i != LAM_PIPE_FAILED || f->partial)
			rc = lam_worker_open_pipe(w, &w->pipe[i], &run.fd[i + 1], e);
	w->attempt = (struct lam_attempt){ .when = lam_clock_wall(),
		.tiers = w->attempt.tiers };
	lam_buf_clear(&w->tail);
	w->logged = 0;
	w->start = lam_clock_monotonic();
	run.deadline = f->timeout ? w->start + f->timeout : 0;
	if (!rc)
		rc = lam_sandbox_run(&w->box, &run, e);
	w->running = !rc;
	for (int i = 1; i < 4; i++)
		if (run.fd[i] >= 0)
			close(run.fd[i]);
	return rc;
}

void
lam_worker_end(struct lam_trigger_worker *w)
{
	if (!w->running || w->attempt.cut)
		return;
	w->attempt.cut = true;
	if (w->lambda)
		lam_worker_lambda_end(w);
	else
		lam_sandbox_end(&w->box, LAM_SANDBOX_GRACE, NULL, 0);
}

void
lam_worker_close(struct lam_trigger_worker *w)
{
	if (w->lambda)
		lam_worker_lambda_close(w);
	for (size_t i = 0; i < LAM_PIPES; i++) {
		close_pipe(w, &w->pipe[i]);
		lam_buf_release(&w->pipe[i].got);
	}
	if (w->watch.fd >= 0)
		lam_loop_remove(w->loop, &w->watch);
	lam_sandbox_close(&w->box);
	lam_buf_release(&w->tail);
	lam_buf_release(&w->event);
	lam_buf_release(&w->path);
}

/* ------------------------------------------------------------------- words */

void
lam_attempt_refuse(struct lam_attempt *a, const char *into, const char *why)
{
	a->refused = true;
	snprintf(a->message, sizeof a->message, "its output cannot go into %.60s: "
		"%.110s", into, why);
}

const char *
lam_attempt_word(const struct lam_attempt *a)
{
	if (a->flooded || a->refused)
		return "error";
	switch (a->how) {
	case LAM_RUN_EXIT:
		return a->status == 0 ? "ok" : a->status == 65 ? "rejected" :
			"error";
	case LAM_RUN_TIMEOUT:
		return "timeout";
	case LAM_RUN_OOM:
		return "oom";
	case LAM_RUN_SIGNAL:
	case LAM_RUN_KILLED:
	case LAM_RUN_NEVER:
		break;
	}
	return "error";
}

bool
lam_attempt_is_cut(const struct lam_attempt *a)
{
	return a->cut && strcmp(lam_attempt_word(a), "ok") != 0;
}

void
lam_attempt_tell(const struct lam_attempt *a, char *out, size_t size)
{
	if (a->flooded)
		snprintf(out, size, "more than 64 MiB of output, or of log");
	else if (a->how == LAM_RUN_TIMEOUT)
		snprintf(out, size, "timed out");
	else if (a->how == LAM_RUN_OOM)
		snprintf(out, size, "out of memory");
	else if (a->how == LAM_RUN_NEVER)
		snprintf(out, size, "could not be run: %.150s", a->message);
	else if (a->how != LAM_RUN_EXIT)
		snprintf(out, size, "killed by signal %d", a->status);
	else if (*a->message) /* an error of a handler, an output refused */
		snprintf(out, size, "%.190s", a->message);
	else if (a->status == 65)
		snprintf(out, size, "rejected (exit status 65)");
	else
		snprintf(out, size, "exit status %d", a->status);
}
