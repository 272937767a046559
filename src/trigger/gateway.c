/*
 * gateway.c - a request, a worker, an answer
 *
 * A *call* is a request that is being answered.  It is given to the worker that was
 * used last and is free, else to a new one, which takes it when its sandbox is made.
 * Workers without work for a minute are closed, by a timer: never by a callback of
 * their own.
 *
 * A peer that has gone does not stop its call, since what a function does may matter
 * to others than who asked; its answer is dropped.
 */
#include "trigger/gateway.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/escape.h"
#include "trigger/call.h"
#include "trigger/gateway_internal.h"

/* -------------------------------------------------------------------- calls */

static int
answer(struct lam_trigger_worker *w, struct lam_gateway_call *c, struct lam_error *e)
{
	struct lam_http_connection *to = c->connection;

	c->connection = NULL;
	if (to && lam_attempt_is_cut(&w->attempt))
		return lam_call_refuse(to, 503, "cut short by a stop", e);
	return to ? lam_call_answer(c, to, &w->attempt, (struct lam_str){
		w->pipe[LAM_PIPE_OUTPUT].got.p, w->pipe[LAM_PIPE_OUTPUT].got.n },
		(struct lam_str){ w->tail.p, w->tail.n }, e) : LAM_OK;
}

static int
on_done(struct lam_trigger_worker *w, struct lam_error *e)
{
	struct lam_route *r = w->owner;
	struct lam_gateway_call *c = w->job;
	struct lam_gateway *g = c->gateway;
	int rc;

	lam_journal_report(&r->journal, c->id, r->f, c->task, &w->attempt,
		w->attempt.how != LAM_RUN_EXIT || w->attempt.status);
	if (!lam_attempt_is_cut(&w->attempt))
		lam_trigger_called(r->trigger, &w->attempt);
	w->job = NULL;
	w->used = lam_clock_monotonic();
	g->busy--;
	g->all->again = true;
	for (size_t i = 0; i + 1 < r->nworkers; i++)
		if (r->worker[i] == w) { /* it becomes the last */
			memmove(r->worker + i, r->worker + i + 1,
				(r->nworkers - i - 1) * sizeof *r->worker);
			r->worker[r->nworkers - 1] = w;
		}
	rc = answer(w, c, e);
	lam_call_free(c);
	if (!rc && (w->failed || !g->sweep.slot))
		rc = lam_loop_set(&g->all->loop, &g->sweep, w->failed ? w->used :
			w->used + r->f->idle, e);
	return rc;
}

static int
try_call(struct lam_trigger_worker *w, struct lam_error *e)
{
	struct lam_gateway_call *c = w->job;
	struct lam_route *r = w->owner;
	int rc;

	memcpy(w->id, c->id, sizeof c->id);
	lam_buf_clear(&w->event);
	lam_buf_put(&w->event, c->task->text.p, c->task->text.n);
	rc = lam_buf_check(&w->event, e);
	if (!rc && !r->f->lambda)
		rc = lam_task_file(c->task, e);
	if (!rc && !r->f->lambda)
		rc = lam_call_env(c, r->f, e);
	lam_journal_start(&r->journal, c->id, c->task);
	return rc ? rc : lam_worker_start(w, r->f, c->task->input, c->env, e);
}

/* What goes wrong with a worker is the end of its call, not of others. */
static int
fail_call(struct lam_trigger_worker *w, const struct lam_error *why,
	struct lam_error *e)
{
	w->failed = true;
	w->running = false;
	w->attempt.how = LAM_RUN_NEVER;
	snprintf(w->attempt.message, sizeof w->attempt.message, "%.190s",
		why->msg);
	return on_done(w, e);
}

static int
start_call(struct lam_trigger_worker *w, struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;

	return try_call(w, &why) ? fail_call(w, &why, e) : LAM_OK;
}

static int
on_ready(struct lam_trigger_worker *w, struct lam_error *e)
{
	if (!w->failed)
		return w->job ? start_call(w, e) : LAM_OK;
	w->attempt.how = LAM_RUN_NEVER;
	return w->job ? on_done(w, e) : LAM_OK;
}

static void
on_log(struct lam_trigger_worker *w, struct lam_str line)
{
	struct lam_route *r = w->owner;
	struct lam_gateway_call *c = w->job;

	lam_journal_line(&r->journal, c ? c->id : "-", line);
}

/* ------------------------------------------------------------------ workers */

int
lam_gateway_sweep(void *arg, struct lam_error *e)
{
	struct lam_gateway *g = arg;
	int64_t now = lam_clock_monotonic(), due = INT64_MAX;

	for (size_t i = 0; i < g->n; i++) {
		struct lam_route *r = g->route[i];
		size_t left = 0;

		for (size_t k = 0; k < r->nworkers; k++) {
			struct lam_trigger_worker *w = r->worker[k];

			if (w->job || (!w->failed && now < w->used +
				r->f->idle)) {
				r->worker[left++] = w;
				if (!w->job && w->used + r->f->idle < due)
					due = w->used + r->f->idle;
				continue;
			}
			lam_worker_close(w);
			free(w);
			g->all->reserved -= r->f->memory;
		}
		r->nworkers = left;
	}
	return due == INT64_MAX ? LAM_OK :
		lam_loop_set(&g->all->loop, &g->sweep, due, e);
}

static int
add_worker(struct lam_gateway *g, struct lam_route *r, struct lam_gateway_call *c,
	struct lam_error *e)
{
	struct lam_trigger_worker **more = realloc(r->worker, (r->nworkers + 1) *
		sizeof *more), *w = calloc(1, sizeof *w);
	struct lam_error why = LAM_ERROR_INIT;

	if (more)
		r->worker = more;
	if (!more || !w) {
		free(w);
		g->busy--;
		lam_call_free(c);
		return lam_fail_mem(e);
	}
	w->owner = r;
	w->job = c;
	w->ready = on_ready;
	w->done = on_done;
	w->log = on_log;
	r->worker[r->nworkers++] = w;
	g->all->reserved += r->f->memory;
	return lam_worker_open(w, &g->all->loop, g->all->launcher, r->f,
		g->all->path, &why) ? fail_call(w, &why, e) : LAM_OK;
}

/* The call is under way; or *FULL. */
static int
dispatch(struct lam_gateway *g, struct lam_route *r, struct lam_gateway_call *c,
	bool *full, struct lam_error *e)
{
	struct lam_trigger_worker *w = NULL;
	size_t taken = 0;

	for (size_t i = 0; i < r->nworkers; i++) {
		taken += r->worker[i]->job != NULL;
		if (!r->worker[i]->job && !r->worker[i]->failed)
			w = r->worker[i];
	}
	*full = !w && (taken >= r->f->concurrency || (g->all->reserved &&
		g->all->reserved + r->f->memory > g->all->pool));
	if (*full)
		return LAM_OK;
	g->busy++;
	if (!w)
		return add_worker(g, r, c, e);
	w->job = c;
	return start_call(w, e);
}

/* ----------------------------------------------------------------- requests */

/* Is there a parameter NAME in the query of TARGET? */
static bool
has_parameter(struct lam_str target, const char *name)
{
	struct lam_str part, key;

	lam_str_cut(&target, '?', &part);
	while (lam_str_cut(&target, '&', &part)) {
		lam_str_cut(&part, '=', &key);
		if (lam_str_is(key, name))
			return true;
	}
	return false;
}

/* Nobody waits for the answer. */
static int
enqueue(struct lam_route *r, struct lam_http_connection *to,
	const struct lam_http_message *m, bool invoke, struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	char id[LAM_REQUEST_ID_SIZE];
	struct lam_gateway_call *c;
	int rc;

	lam_trigger_next_id(r->trigger, id);
	rc = lam_call_new(&c, r->f, m, invoke, id, e);
	if (rc)
		return rc;
	if (lam_trigger_enqueue(r->trigger, (struct lam_str){ c->task->text.p,
		c->task->text.n }, &why))
		rc = lam_call_refuse(to, 500, "the event cannot be kept", e);
	else
		rc = lam_call_accept(c, to, e);
	lam_call_free(c);
	return rc;
}

static int
answer_later(struct lam_gateway *g, struct lam_route *r, struct lam_http_connection *to,
	const struct lam_http_message *m, bool invoke, struct lam_error *e)
{
	struct lam_gateway_call *c;
	bool full = false;
	int rc = lam_call_new(&c, r->f, m, invoke, NULL, e);

	if (rc)
		return rc;
	c->gateway = g;
	c->connection = to;
	rc = dispatch(g, r, c, &full, e);
	if (!rc && full) {
		lam_call_free(c);
		rc = lam_call_refuse(to, 429, "as many run as may", e);
	}
	return rc;
}

/* It is looked at again when its function has been. */
static int
hold(struct lam_gateway *g, struct lam_http_connection *to,
	const struct lam_http_message *m, struct lam_error *e)
{
	if (!lam_array_room(&g->held, &g->held_cap, g->nheld + 1,
		sizeof *g->held))
		return lam_fail_mem(e);
	g->held[g->nheld++] = (struct lam_held){ to, m };
	return LAM_OK;
}

int
lam_gateway_request(void *arg, struct lam_http_connection *to,
	const struct lam_http_message *m, struct lam_error *e)
{
	struct lam_gateway *g = arg;
	struct lam_str type = lam_http_field(m, "x-amz-invocation-type");
	bool invoke;
	struct lam_route *r = lam_gateway_route(g, m->target, &invoke);

	if (*g->all->stop)
		return lam_call_refuse(to, 503, "lam-trigger is stopping", e);
	if (!r)
		return lam_call_refuse(to, 404, "no function has this path", e);
	if (r->rests)
		return lam_call_rest(to, r->rests - lam_clock_monotonic(), e);
	if (r->held)
		return hold(g, to, m, e);
	if (invoke && !lam_http_is(m->method, "POST"))
		return lam_call_refuse(to, 405, "invocations are posted", e);
	if (lam_str_is(type, "DryRun"))
		return lam_http_answer(to, 204, NULL, "", 0, e);
	if (type.n && !lam_str_is(type, "Event") &&
		!lam_str_is(type, "RequestResponse"))
		return lam_call_refuse(to, 400, "X-Amz-Invocation-Type is "
			"RequestResponse, Event or DryRun", e);
	if (lam_str_is(type, "Event") || (!invoke && has_parameter(m->target,
		"async")))
		return enqueue(r, to, m, invoke, e);
	return answer_later(g, r, to, m, invoke, e);
}

void
lam_gateway_gone(void *arg, struct lam_http_connection *to)
{
	struct lam_gateway *g = arg;

	for (size_t i = 0; i < g->nheld; i++)
		if (g->held[i].connection == to)
			g->held[i] = g->held[--g->nheld];
	for (size_t i = 0; i < g->n; i++)
		for (size_t k = 0; k < g->route[i]->nworkers; k++) {
			struct lam_gateway_call *c = g->route[i]->worker[k]->job;

			if (c && c->connection == to)
				c->connection = NULL;
		}
}
