/*
 * worker_lambda.c - attempts of a lambda function are invocations of its runtime
 *
 * The runtime's log is one pipe for all of its life, and lines belong to attempts: the
 * pipe is read while there is one.  What comes between two of them, as from the
 * start of the runtime, is told with the next.
 *
 * The code is looked at once a second at most (code.h).  If it has changed, the
 * runtime is started anew before the next invocation.
 */
#include "trigger/worker_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "lambda/environment.h"
#include "time/time.h"
#include "trigger/code.h"

#define INIT (10 * LAM_NS) /* for a runtime to ask for its first event */
#define INVOCATIONS_MAX 10000 /* of a runtime: what leaks is bounded */
#define PAYLOAD ((size_t)6 << 20) /* bytes of an answer, as AWS has it */
#define LOOK LAM_NS	   /* between two looks at the code */

struct lam_worker_lambda {
	struct lam_environment_config config;
	struct lam_environment environment;
	struct lam_invocation invocation;
	const struct lam_function *function;
	struct lam_loop_timer ready; /* or, of an invocation that is lost, again */
	bool open;
	int64_t looked;
	uint64_t code; /* its digest when the runtime was started */
};

static int on_ready(void *arg, struct lam_error *e);

int
lam_worker_lambda_open(struct lam_trigger_worker *w, struct lam_launcher *l,
	const struct lam_function *f, const struct lam_sandbox_spec *spec,
	struct lam_error *e)
{
	struct lam_worker_lambda *v = calloc(1, sizeof *v);
	int rc;

	if (!v)
		return lam_fail_mem(e);
	w->lambda = v;
	v->config = (struct lam_environment_config){ .launcher = l,
		.loop = w->loop, .spec = *spec, .argv = f->argv,
		.env = f->env, .name = *f->name ? f->name : "function",
		.version = "$LATEST", .init = f->debug ? 0 : INIT,
		.hold = f->held, .payload = PAYLOAD,
		.no_token = f->no_token };
	v->config.log = -1;
	rc = lam_worker_open_pipe(w, &w->pipe[LAM_PIPE_LOG], &v->config.log, e);
	if (w->pipe[LAM_PIPE_LOG].watch.fd >= 0)
		lam_loop_remove(w->loop, &w->pipe[LAM_PIPE_LOG].watch);
	v->ready = (struct lam_loop_timer){ .due = on_ready, .arg = w };
	return rc ? rc : lam_loop_set(w->loop, &v->ready, lam_clock_monotonic(), e);
}

static void
close_environment(struct lam_trigger_worker *w)
{
	struct lam_worker_lambda *v = w->lambda;

	if (v->open)
		lam_environment_close(&v->environment, w->pipe[LAM_PIPE_LOG].fd);
	v->open = false;
}

/* A runtime that can take an invocation of what the code is now. */
static int
renew(struct lam_trigger_worker *w, const struct lam_function *f, struct lam_error *e)
{
	struct lam_worker_lambda *v = w->lambda;
	int64_t now = lam_clock_monotonic();
	uint64_t code = v->code;
	int rc = LAM_OK;

	if (!v->looked || now - v->looked >= LOOK) {
		rc = lam_code_digest(f, v->config.spec.path, &code, e);
		v->looked = now;
	}
	if (v->open && (code != v->code || v->environment.state ==
		LAM_ENVIRONMENT_ENDED ||
		v->environment.invocations >= INVOCATIONS_MAX))
		close_environment(w);
	v->code = code;
	if (!rc && !v->open) {
		rc = lam_environment_open(&v->environment, &v->config, e);
		v->open = !rc;
	}
	return rc;
}

/* The end of an attempt is told in the words of one that was a process. */
static void
tell_end(struct lam_attempt *a, const struct lam_invocation_result *r)
{
	a->took = r->duration;
	a->init = r->init;
	a->cpu = r->cpu;
	a->memory = r->memory;
	a->tiers = r->tiers;
	a->status = r->how != LAM_INVOKED;
	a->how = r->how == LAM_INVOKED_TIMEOUT ? LAM_RUN_TIMEOUT :
		r->how == LAM_INVOKED_OOM ? LAM_RUN_OOM :
		r->how == LAM_INVOKED_INIT ? LAM_RUN_NEVER : LAM_RUN_EXIT;
	if (a->status)
		snprintf(a->message, sizeof a->message, "%.*s",
			(int)(r->body.n < 190 ? r->body.n : 190),
			r->body.n ? r->body.p : "");
}

static int
take_result(struct lam_trigger_worker *w, const struct lam_invocation_result *r,
	struct lam_error *e)
{
	struct lam_buf *out = &w->pipe[LAM_PIPE_OUTPUT].got;
	struct lam_buf *log = &w->pipe[LAM_PIPE_LOG].got;
	int rc = lam_worker_take_log(w, e);

	tell_end(&w->attempt, r);
	lam_buf_clear(out);
	if (r->how == LAM_INVOKED) {
		lam_buf_put(out, r->body.p, r->body.n);
		lam_buf_putc(out, '\n');
	} else if (!rc && r->body.n) {
		w->log(w, r->body);
	}
	if (!rc)
		rc = lam_buf_check(out, e);
	return rc ? rc : lam_buf_check(log, e);
}

static int
on_done(void *arg, const struct lam_invocation_result *r, struct lam_error *e)
{
	struct lam_trigger_worker *w = arg;
	struct lam_error why = LAM_ERROR_INIT;

	if (r->how == LAM_INVOKED_LOST && !w->attempt.cut)
		return lam_loop_set(w->loop, &w->lambda->ready, lam_clock_monotonic(),
			e);
	if (take_result(w, r, &why))
		return lam_worker_break(w, &why, e);
	w->running = false;
	return w->done(w, e);
}

static int
invoke(struct lam_trigger_worker *w, struct lam_error *e)
{
	struct lam_worker_lambda *v = w->lambda;
	int rc = renew(w, v->function, e);

	v->invocation = (struct lam_invocation){ w->id, { w->event.p,
		w->event.n }, v->function->timeout, on_done, w };
	return rc ? rc : lam_environment_invoke(&v->environment, &v->invocation,
		e);
}

static int
on_ready(void *arg, struct lam_error *e)
{
	struct lam_trigger_worker *w = arg;
	struct lam_error why = LAM_ERROR_INIT;

	if (w->running)
		return invoke(w, &why) ? lam_worker_break(w, &why, e) : LAM_OK;
	w->made = true;
	return w->ready(w, e);
}

int
lam_worker_lambda_start(struct lam_trigger_worker *w, const struct lam_function *f,
	struct lam_error *e)
{
	struct lam_worker_pipe *log = &w->pipe[LAM_PIPE_LOG];
	int rc = LAM_OK;

	w->lambda->function = f;
	w->attempt = (struct lam_attempt){ .when = lam_clock_wall() };
	lam_buf_clear(&w->tail);
	w->logged = 0;
	if (log->watch.fd < 0)
		rc = lam_loop_add(w->loop, &log->watch, log->fd, EPOLLIN, e);
	w->running = !rc;
	return rc ? rc : invoke(w, e);
}

void
lam_worker_lambda_kill(struct lam_trigger_worker *w)
{
	if (w->lambda->open)
		lam_sandbox_kill(&w->lambda->environment.sandbox);
}

void
lam_worker_lambda_end(struct lam_trigger_worker *w)
{
	if (w->lambda->open)
		lam_sandbox_end(&w->lambda->environment.sandbox,
			LAM_SANDBOX_GRACE, NULL, 0);
}

void
lam_worker_lambda_close(struct lam_trigger_worker *w)
{
	struct lam_worker_lambda *v = w->lambda;

	lam_loop_cancel(w->loop, &v->ready);
	close_environment(w);
	if (v->config.log >= 0)
		close(v->config.log);
	free(v);
	w->lambda = NULL;
}
