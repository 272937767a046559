/*
 * environment.c - what happens to an invocation, in the order in which it can
 *
 *	made		the keeper says so; the runtime is started
 *	next		the runtime asks; if there is an invocation, it takes it:
 *			thaw, deadline, event
 *	response, error	the answer is kept and the deadline lifted; when the keeper
 *			has told what was used, done() is called
 *	ended		of the runtime, by itself or by the deadline: done() with why
 *
 * An answer that comes after the deadline is none: the keeper is killing already.
 * To ask the keeper costs a tenth of a millisecond, so that environments which are
 * invoked in a row are asked now and then; what was used in between is told
 * with the next.  Nor is it told each deadline of them: what it knows is one that is
 * late enough for the next ones, too, and it is lifted when there is nothing to do.
 */
#include "lambda/environment.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "lambda/api.h"
#include "time/time.h"

#define ASK_EVERY (50 * INT64_C(1000000))	/* ns */
#define FREEZE_AFTER (20 * INT64_C(1000000))	/* ns without work */
#define CONNECTIONS 64	/* of a runtime */
#define OVER (UINT64_C(256) << 20) /* bytes of an answer that are read to refuse it */

static int
complete(struct lam_environment *v, struct lam_error *e)
{
	const struct lam_invocation *i = v->now;
	struct lam_invocation_result *r = &v->result;

	if (i == NULL)
		return LAM_OK;
	r->body = (struct lam_str){ v->answer.p, v->answer.n };
	r->type = (struct lam_str){ v->type.p, v->type.n };
	r->cpu = v->cpu - v->cpu_told;
	v->cpu_told = v->cpu;
	if (v->state != LAM_ENVIRONMENT_ENDED)
		v->state = LAM_ENVIRONMENT_IDLE;
	v->now = NULL;
	v->invocations++;
	return i->done(i->arg, r, e);
}

/* The answer is an error object of our own. */
static void
put_error(struct lam_environment *v, enum lam_invoked how, const char *type,
	const char *message)
{
	v->result.how = how;
	lam_buf_clear(&v->answer);
	lam_api_put_error(&v->answer, type, v->now ? v->now->id : NULL, message);
}

static int
rest(struct lam_environment *v, struct lam_error *e)
{
	return lam_loop_set(v->config->loop, &v->idle,
		lam_clock_monotonic() + FREEZE_AFTER, e);
}

/* What the keeper knows is right for DEADLINE: not before it, nor too late. */
static void
keep_deadline(struct lam_environment *v, int64_t deadline)
{
	int64_t last = deadline ? deadline + LAM_ENVIRONMENT_LATE : 0;

	if (deadline ? v->kept >= deadline && v->kept <= last : !v->kept)
		return;
	v->kept = last;
	lam_sandbox_deadline(&v->sandbox, last);
}

static int
on_deadline(void *arg, struct lam_error *e)
{
	struct lam_environment *v = arg;

	(void)e;
	v->kept = v->deadline;
	lam_sandbox_deadline(&v->sandbox, v->deadline);
	return LAM_OK;
}

static int
on_idle(void *arg, struct lam_error *e)
{
	struct lam_environment *v = arg;

	(void)e;
	if (v->now == NULL)
		keep_deadline(v, 0);
	if (v->now == NULL && v->next != NULL && !v->frozen) {
		lam_sandbox_freeze(&v->sandbox, true);
		v->frozen = true;
	}
	return LAM_OK;
}

/* The runtime waits, and there is an invocation. */
static int
hand_over(struct lam_environment *v, struct lam_error *e)
{
	struct lam_http_connection *next = v->next;
	const struct lam_invocation *i = v->now;
	struct lam_buf fields = LAM_BUF_INIT;
	int rc;

	if (next == NULL || i == NULL || v->taken)
		return LAM_OK;
	if (v->frozen)
		lam_sandbox_freeze(&v->sandbox, false);
	v->frozen = false;
	v->taken = true;
	v->next = NULL;
	v->taken_at = lam_clock_monotonic();
	v->deadline = i->timeout ? v->taken_at + i->timeout : 0;
	keep_deadline(v, v->deadline);
	if (v->deadline && lam_loop_set(v->config->loop, &v->end, v->deadline, e))
		return LAM_SYSTEM;
	if (v->config->spec.quota && v->invocations == 0)
		lam_sandbox_quota(&v->sandbox, true);
	lam_api_put_event_fields(&fields, i->id, v->config->name,
		lam_clock_wall() / 1000000 +
		(i->timeout ? i->timeout : LAM_DAY_NS) / 1000000);
	rc = lam_buf_check(&fields, e);
	if (!rc)
		rc = lam_http_answer(next, 200, lam_buf_str(&fields),
			i->event.p, i->event.n, e);
	lam_buf_release(&fields);
	return rc;
}

static int
on_next(struct lam_environment *v, struct lam_http_connection *c,
	struct lam_error *e)
{
	if (v->next != NULL)
		return lam_http_answer(c, 400, NULL, "", 0, e);
	if (!v->asked) {
		v->asked = true;
		v->result.init = lam_clock_monotonic() - v->began;
		lam_sandbox_deadline(&v->sandbox, 0);
	}
	v->next = c;
	if (v->now == NULL)
		return rest(v, e);
	return hand_over(v, e);
}

/* Answered; what it used is still to be told. */
static int
finish(struct lam_environment *v, struct lam_error *e)
{
	int64_t now = lam_clock_monotonic();

	v->answered = true;
	v->result.duration = now - v->taken_at;
	lam_loop_cancel(v->config->loop, &v->end);
	if (rest(v, e))
		return LAM_SYSTEM;
	if (now - v->told_at < ASK_EVERY)
		return complete(v, e);
	lam_sandbox_ask(&v->sandbox);
	return LAM_OK;
}

static int
accept_answer(struct lam_environment *v, struct lam_http_connection *c,
	const struct lam_http_message *m, bool error, struct lam_error *e)
{
	struct lam_str trailer = lam_http_field(m,
		"lambda-runtime-function-error-type");
	bool late = v->deadline && lam_clock_monotonic() >= v->deadline;
	struct lam_str type = lam_http_field(m, "content-type");
	int rc;

	if (m->over) {
		if (!late)
			put_error(v, LAM_INVOKED_ERROR,
				"Function.ResponseSizeTooLarge",
				"Response payload size exceeded maximum allowed "
				"payload size");
		rc = lam_api_refuse(c, 413, "RequestEntityTooLarge", e);
	} else {
		lam_buf_clear(&v->answer);
		lam_buf_put(&v->answer, m->body.p, m->body.n);
		lam_buf_clear(&v->type);
		lam_buf_put(&v->type, type.p, type.n);
		/* Of an answer in chunks that went wrong on its way. */
		v->result.how = error || (trailer.n && m->nfields > m->nhead) ?
			LAM_INVOKED_ERROR : LAM_INVOKED;
		rc = lam_buf_check(&v->answer, e);
		if (!rc)
			rc = lam_api_accept(c, e);
	}
	return rc || late ? rc : finish(v, e);
}

static int
serve(struct lam_environment *v, struct lam_http_connection *c,
	const struct lam_http_message *m, struct lam_error *e)
{
	struct lam_str id;

	switch (lam_api_route(m, v->prefix, &id)) {
	case LAM_API_NEXT:
		return on_next(v, c, e);
	case LAM_API_RESPONSE:
	case LAM_API_ERROR:
		if (!v->taken || v->answered || v->now == NULL ||
			!lam_str_is(id, v->now->id))
			return lam_api_refuse(c, 400, "InvalidRequestID", e);
		return accept_answer(v, c, m, lam_api_route(m, v->prefix, &id) ==
			LAM_API_ERROR, e);
	case LAM_API_INIT_ERROR:
		v->result.how = LAM_INVOKED_INIT;
		lam_buf_clear(&v->answer);
		lam_buf_put(&v->answer, m->body.p, m->body.n);
		return lam_api_accept(c, e);
	case LAM_API_NONE:
		break;
	}
	return lam_api_refuse(c, 404, "NotFound", e);
}

/* What goes wrong with an environment is its end, and nobody else's. */
static int
break_off(struct lam_environment *v, const struct lam_error *why,
	struct lam_error *e)
{
	lam_loop_remove(v->config->loop, &v->watch);
	v->state = LAM_ENVIRONMENT_ENDED;
	put_error(v, v->taken ? LAM_INVOKED_CRASH : LAM_INVOKED_INIT,
		"Runtime.Internal", why->msg);
	return complete(v, e);
}

static int
on_request(void *arg, struct lam_http_connection *c,
	const struct lam_http_message *m, struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;

	return serve(arg, c, m, &why) ? break_off(arg, &why, e) : LAM_OK;
}

static void
on_gone(void *arg, struct lam_http_connection *c)
{
	struct lam_environment *v = arg;

	if (v->next == c)
		v->next = NULL;
}

static int
serve_api(struct lam_environment *v, int listener, uint16_t *port,
	struct lam_error *e)
{
	unsigned char secret[16];
	int rc;

	v->api = (struct lam_http_server){ .loop = v->config->loop,
		.body_max = v->config->payload, .over_max = OVER,
		.connections_max = CONNECTIONS, .serve = on_request,
		.gone = on_gone, .arg = v, .watch = LAM_LOOP_WATCH_INIT };
	if (listener >= 0)
		return lam_http_open(&v->api, listener, e);
	rc = lam_http_listen(port, &listener, e);
	if (!rc)
		rc = lam_io_random(secret, sizeof secret, e);
	v->prefix[0] = v->config->no_token ? '\0' : '/';
	for (size_t i = 0; !v->config->no_token && i < sizeof secret; i++)
		snprintf(v->prefix + 1 + 2 * i, 3, "%02x", secret[i]);
	if (!rc)
		rc = lam_http_open(&v->api, listener, e);
	return rc;
}

static int
start_runtime(struct lam_environment *v, struct lam_error *e)
{
	const struct lam_environment_config *c = v->config;
	struct lam_sandbox_run run = { c->argv, NULL,
		{ -1, c->log, c->log, -1 },
		c->init ? lam_clock_monotonic() + c->init : 0, c->hold };
	struct lam_api_env env;
	int rc = lam_api_env(&env, c, v->prefix, v->api.watch.fd, e);

	run.env = env.line;
	if (!rc)
		rc = lam_sandbox_run(&v->sandbox, &run, e);
	lam_api_env_release(&env);
	return rc;
}

/* The runtime has ended, and with it the environment. */
static int
on_end(struct lam_environment *v, const struct lam_sandbox_report *s,
	struct lam_error *e)
{
	char text[300];

	v->state = LAM_ENVIRONMENT_ENDED;
	v->cpu = s->cpu;
	v->result.memory = s->memory > v->result.memory ? s->memory :
		v->result.memory;
	if (v->now == NULL || v->answered ||
		(!v->taken && v->result.how == LAM_INVOKED_INIT))
		return complete(v, e);
	v->result.duration = v->taken ? lam_clock_monotonic() - v->taken_at : 0;
	if (!v->taken && v->invocations > 0) {
		v->result.how = LAM_INVOKED_LOST;
		return complete(v, e);
	}
	if (s->kind == LAM_SANDBOX_FAILED || s->how == LAM_RUN_NEVER) {
		put_error(v, v->taken ? LAM_INVOKED_CRASH : LAM_INVOKED_INIT,
			"Runtime.InvalidEntrypoint", s->message);
	} else if (s->how == LAM_RUN_TIMEOUT) {
		snprintf(text, sizeof text, v->taken ?
			"Task timed out after %.2f seconds" :
			"Init timed out after %.2f seconds",
			(double)(v->taken ? v->now->timeout : v->config->init) /
			(double)LAM_NS);
		put_error(v, v->taken ? LAM_INVOKED_TIMEOUT : LAM_INVOKED_INIT,
			"Sandbox.Timedout", text);
	} else if (s->how == LAM_RUN_OOM) {
		put_error(v, LAM_INVOKED_OOM, "Runtime.OutOfMemory",
			"Runtime needed more memory than it has");
	} else {
		snprintf(text, sizeof text, s->how == LAM_RUN_EXIT ?
			"Runtime exited with error: exit status %d" :
			"Runtime exited with error: signal: %d", s->status);
		put_error(v, v->taken ? LAM_INVOKED_CRASH : LAM_INVOKED_INIT,
			"Runtime.ExitError", text);
	}
	return complete(v, e);
}

static int
take_report(struct lam_environment *v, struct lam_error *e)
{
	struct lam_sandbox_report s;
	uint16_t port = v->config->spec.port;
	int rc = lam_sandbox_reap(&v->sandbox, &s, e);

	if (rc)
		return rc;
	switch (s.kind) {
	case LAM_SANDBOX_NOTHING:
		return LAM_OK;
	case LAM_SANDBOX_MADE:
		v->result.tiers = s.tiers;
		v->began = lam_clock_monotonic();
		if (s.listener >= 0)
			rc = serve_api(v, s.listener, &port, e);
		return rc ? rc : start_runtime(v, e);
	case LAM_SANDBOX_USED:
		v->told_at = lam_clock_monotonic();
		v->cpu = s.cpu;
		v->result.memory = s.memory;
		return v->answered ? complete(v, e) : LAM_OK;
	case LAM_SANDBOX_ENDED:
	case LAM_SANDBOX_FAILED:
		/* A keeper that is gone would be told for ever. */
		lam_loop_remove(v->config->loop, &v->watch);
		return on_end(v, &s, e);
	}
	return LAM_OK;
}

static int
on_report(void *arg, uint32_t events, struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;

	(void)events;
	return take_report(arg, &why) ? break_off(arg, &why, e) : LAM_OK;
}

int
lam_environment_open(struct lam_environment *v,
	const struct lam_environment_config *config, struct lam_error *e)
{
	struct lam_sandbox_spec spec = config->spec;
	int rc = LAM_OK;

	memset(v, 0, sizeof *v);
	v->config = config;
	v->sandbox.fd = v->watch.fd = v->api.watch.fd = -1;
	v->watch.ready = on_report;
	v->idle.due = on_idle;
	v->end.due = on_deadline;
	v->watch.arg = v->idle.arg = v->end.arg = v;
	v->api.loop = config->loop;
	spec.api = config->launcher->tiers & spec.tiers & LAM_TIER_NET &&
		!spec.net;
	if (!spec.api) /* the port must be known before the sandbox is made */
		rc = serve_api(v, -1, &spec.port, e);
	if (!rc)
		rc = lam_launcher_spawn(config->launcher, &spec, &v->sandbox, e);
	if (!rc)
		rc = lam_loop_add(config->loop, &v->watch, v->sandbox.fd, EPOLLIN,
			e);
	if (!rc && spec.quota) /* not while it starts */
		lam_sandbox_quota(&v->sandbox, false);
	if (rc)
		lam_environment_close(v, -1);
	return rc;
}

int
lam_environment_invoke(struct lam_environment *v, const struct lam_invocation *i,
	struct lam_error *e)
{
	v->state = LAM_ENVIRONMENT_BUSY;
	v->now = i;
	v->taken = v->answered = false;
	if (v->invocations > 0)
		v->result.init = 0;
	v->result.how = LAM_INVOKED;
	lam_buf_clear(&v->type);
	lam_loop_cancel(v->config->loop, &v->idle);
	return hand_over(v, e);
}

static void
tell_end(struct lam_environment *v, int log)
{
	int keep[2];
	size_t n = 0;

	if (log >= 0)
		keep[n++] = log;
	if (v->next)
		keep[n++] = lam_http_descriptor(v->next);
	lam_sandbox_end(&v->sandbox, LAM_SANDBOX_GRACE, keep, n);
}

void
lam_environment_close(struct lam_environment *v, int log)
{
	if (v->asked && v->state == LAM_ENVIRONMENT_IDLE)
		tell_end(v, log);
	lam_loop_cancel(v->config->loop, &v->idle);
	lam_loop_cancel(v->config->loop, &v->end);
	lam_loop_remove(v->config->loop, &v->watch);
	lam_http_close(&v->api);
	lam_sandbox_close(&v->sandbox);
	lam_buf_release(&v->answer);
	lam_buf_release(&v->type);
}
