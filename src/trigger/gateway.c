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
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dir.h"
#include "base/escape.h"
#include "http/server.h"
#include "time/time.h"
#include "trigger/call.h"

#define CONNECTIONS 1000
#define PATIENCE (60 * LAM_NS) /* with a peer that is silent */
#define BODY_MAX ((size_t)6 << 20) /* bytes, as AWS has it */

/* What a worker belongs to is its .owner, a route, and its .job is a call. */
struct route {
	const struct lam_function *f;
	struct lam_trigger *trigger;
	char path[LAM_PATH_MAX];
	struct lam_journal journal;
	struct lam_trigger_worker **worker; /* [nworkers]; used last: the last */
	size_t nworkers;
};

struct lam_gateway {
	struct lam_triggers *all;
	struct lam_http_server server;
	struct route **route;
	size_t n, busy;
	struct lam_loop_timer sweep;
};

/* -------------------------------------------------------------------- calls */

static int
answer(struct lam_trigger_worker *w, struct lam_gateway_call *c, struct lam_error *e)
{
	struct lam_http_connection *to = c->connection;

	c->connection = NULL;
	return to ? lam_call_answer(c, to, &w->attempt, (struct lam_str){
		w->pipe[LAM_PIPE_OUTPUT].got.p, w->pipe[LAM_PIPE_OUTPUT].got.n },
		(struct lam_str){ w->tail.p, w->tail.n }, e) : LAM_OK;
}

static int
on_done(struct lam_trigger_worker *w, struct lam_error *e)
{
	struct route *r = w->owner;
	struct lam_gateway_call *c = w->job;
	struct lam_gateway *g = c->gateway;
	int rc;

	lam_journal_report(&r->journal, c->id, r->f, c->task, &w->attempt,
		w->attempt.how != LAM_RUN_EXIT || w->attempt.status);
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
	struct route *r = w->owner;
	int rc;

	memcpy(w->id, c->id, sizeof c->id);
	lam_buf_clear(&w->event);
	lam_buf_put(&w->event, c->task->text.p, c->task->text.n);
	rc = lam_buf_check(&w->event, e);
	if (!rc)
		rc = lam_task_file(c->task, e);
	if (!rc)
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
	struct route *r = w->owner;
	struct lam_gateway_call *c = w->job;

	lam_journal_line(&r->journal, c ? c->id : "-", line);
}

/* ------------------------------------------------------------------ workers */

static int
on_sweep(void *arg, struct lam_error *e)
{
	struct lam_gateway *g = arg;
	int64_t now = lam_clock_monotonic(), due = INT64_MAX;

	for (size_t i = 0; i < g->n; i++) {
		struct route *r = g->route[i];
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
add_worker(struct lam_gateway *g, struct route *r, struct lam_gateway_call *c,
	struct lam_error *e)
{
	struct lam_trigger_worker **more = realloc(r->worker, (r->nworkers + 1) *
		sizeof *more), *w = calloc(1, sizeof *w);
	struct lam_error why = LAM_ERROR_INIT;

	if (more)
		r->worker = more;
	if (!more || !w) {
		free(w);
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
dispatch(struct lam_gateway *g, struct route *r, struct lam_gateway_call *c, bool *full,
	struct lam_error *e)
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

static struct route *
route_of(const struct lam_gateway *g, struct lam_str target, bool *invoke)
{
	struct route *best = NULL;
	struct lam_str path, name;
	size_t longest = 0;

	lam_str_cut(&target, '?', &path);
	*invoke = lam_call_invokes(path, &name);
	for (size_t i = 0; i < g->n; i++) {
		struct route *r = g->route[i];
		size_t n = strlen(r->path);

		if (*invoke ? lam_str_is(name, r->f->name) : n > longest &&
			path.n >= n && !memcmp(path.p, r->path, n) &&
			(path.n == n || path.p[n] == '/' || n == 1)) {
			best = r;
			longest = n;
		}
	}
	return best;
}

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
enqueue(struct route *r, struct lam_http_connection *to,
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
answer_later(struct lam_gateway *g, struct route *r, struct lam_http_connection *to,
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

static int
on_request(void *arg, struct lam_http_connection *to,
	const struct lam_http_message *m, struct lam_error *e)
{
	struct lam_gateway *g = arg;
	struct lam_str type = lam_http_field(m, "x-amz-invocation-type");
	bool invoke;
	struct route *r = route_of(g, m->target, &invoke);

	if (*g->all->stop)
		return lam_call_refuse(to, 503, "lam-trigger is stopping", e);
	if (!r)
		return lam_call_refuse(to, 404, "no function has this path", e);
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

static void
on_gone(void *arg, struct lam_http_connection *to)
{
	struct lam_gateway *g = arg;

	for (size_t i = 0; i < g->n; i++)
		for (size_t k = 0; k < g->route[i]->nworkers; k++) {
			struct lam_gateway_call *c = g->route[i]->worker[k]->job;

			if (c && c->connection == to)
				c->connection = NULL;
		}
}

/* --------------------------------------------------------------------- open */

static int
listen_on(const char *where, int *fd, struct lam_error *e)
{
	struct lam_str s = { where, strlen(where) };
	uint64_t port;
	uint16_t bound;

	if (!where)
		return lam_fail(e, LAM_USAGE, "there are functions that answer "
			"requests: say where with --listen PORT or PATH");
	if (strchr(where, '/'))
		return lam_http_listen_unix(where, fd, e);
	if (!lam_str_u64(s, &port) || port == 0 || port > UINT16_MAX)
		return lam_fail(e, LAM_USAGE, "--listen %.100s: expected a port, or "
			"the path of a socket with a /", where);
	bound = (uint16_t)port;
	return lam_http_listen(&bound, fd, e);
}

int
lam_gateway_open(struct lam_gateway **out, struct lam_triggers *all,
	const char *where, struct lam_error *e)
{
	struct lam_gateway *g = calloc(1, sizeof *g);
	int fd, rc = g ? listen_on(where, &fd, e) : lam_fail_mem(e);

	if (!rc) {
		g->all = all;
		g->sweep = (struct lam_loop_timer){ .due = on_sweep, .arg = g };
		g->server = (struct lam_http_server){ .loop = &all->loop,
			.body_max = BODY_MAX, .connections_max = CONNECTIONS,
			.patience = PATIENCE, .serve = on_request,
			.gone = on_gone, .arg = g };
		rc = lam_http_open(&g->server, fd, e);
	}
	if (rc)
		free(g);
	else
		*out = g;
	return rc;
}

int
lam_gateway_add(struct lam_gateway *g, const struct lam_function *f,
	struct lam_trigger *t, struct lam_error *e)
{
	struct route **more = realloc(g->route, (g->n + 1) * sizeof *more);
	struct route *r = calloc(1, sizeof *r);
	char dir[LAM_PATH_MAX];
	int rc;

	if (more)
		g->route = more;
	if (!more || !r) {
		free(r);
		return lam_fail_mem(e);
	}
	g->route[g->n++] = r;
	r->f = f;
	r->trigger = t;
	r->journal.lines = g->all->lines;
	r->journal.all = g->all->all;
	rc = lam_io_path(dir, sizeof dir, e, "%s/trigger/%s", g->all->data,
		f->name);
	if (!rc)
		rc = *f->subject ? lam_io_path(r->path, sizeof r->path, e, "%s",
			f->subject) : lam_io_path(r->path, sizeof r->path, e,
			"/%s", f->name);
	if (!rc)
		rc = lam_io_mkdir_below(g->all->data, dir, e);
	if (!rc)
		rc = lam_io_path(r->journal.path, sizeof r->journal.path, e,
			"%s/log", dir);
	return rc;
}

bool
lam_gateway_busy(const struct lam_gateway *g)
{
	return g->busy > 0;
}

static void
close_route(struct lam_gateway *g, struct route *r)
{
	for (size_t k = 0; k < r->nworkers; k++) {
		struct lam_gateway_call *c = r->worker[k]->job;

		if (c && c->connection && lam_call_refuse(c->connection, 503,
			"the function rests", NULL))
			c->connection = NULL; /* it is closed by its patience */
		g->busy -= c != NULL;
		lam_worker_close(r->worker[k]);
		lam_call_free(c);
		free(r->worker[k]);
		g->all->reserved -= r->f->memory;
	}
	free(r->worker);
	free(r);
}

void
lam_gateway_remove(struct lam_gateway *g, const struct lam_function *f)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->route[i]->f == f) {
			close_route(g, g->route[i]);
			g->route[i] = g->route[--g->n];
			return;
		}
}

void
lam_gateway_close(struct lam_gateway *g)
{
	if (!g)
		return;
	lam_loop_cancel(&g->all->loop, &g->sweep);
	while (g->n)
		close_route(g, g->route[--g->n]);
	lam_http_close(&g->server);
	free(g->route);
	free(g);
}
