/*
 * gateway_route.c - which function answers what, from when to when
 *
 * While a function is changed its requests are held: each stays in its connection,
 * which waits as for an answer, and is looked at again when the function has been
 * opened.  So a change refuses nothing.
 */
#include "trigger/gateway.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/dir.h"
#include "base/escape.h"
#include "time/time.h"
#include "trigger/call.h"
#include "trigger/gateway_internal.h"

#define CONNECTIONS 1000
#define PATIENCE (60 * LAM_NS) /* with a peer that is silent */
#define BODY_MAX ((size_t)6 << 20) /* bytes, as AWS has it */

struct lam_route *
lam_gateway_route(const struct lam_gateway *g, struct lam_str target, bool *invoke)
{
	struct lam_route *best = NULL;
	struct lam_str path, name;
	size_t longest = 0;

	lam_str_cut(&target, '?', &path);
	*invoke = lam_call_invokes(path, &name);
	for (size_t i = 0; i < g->n; i++) {
		struct lam_route *r = g->route[i];
		size_t n = strlen(r->path);

		if (*invoke ? lam_str_is(name, r->name) : n > longest &&
			path.n >= n && !memcmp(path.p, r->path, n) &&
			(path.n == n || path.p[n] == '/' || n == 1)) {
			best = r;
			longest = n;
		}
	}
	return best;
}

/* --------------------------------------------------------------------- open */

static void
on_trouble(void *arg, const struct lam_error *why)
{
	struct lam_gateway *g = arg;

	lam_message(&g->all->warn, "requests: %s: it is tried again each second; what "
		"is accepted is answered", why->msg);
}

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
		g->sweep = (struct lam_loop_timer){ .due = lam_gateway_sweep,
			.arg = g };
		g->server = (struct lam_http_server){ .loop = &all->loop,
			.body_max = BODY_MAX, .connections_max = CONNECTIONS,
			.patience = PATIENCE, .serve = lam_gateway_request,
			.gone = lam_gateway_gone, .trouble = on_trouble,
			.arg = g };
		rc = lam_http_open(&g->server, fd, e);
	}
	if (rc)
		free(g);
	else
		*out = g;
	return rc;
}

/* The route of F in the place of one that it had, with nothing but its names. */
static int
new_route(struct lam_gateway *g, const struct lam_function *f, struct lam_route **out,
	struct lam_error *e)
{
	bool named = f->subject && *f->subject;
	struct lam_route *r;

	lam_gateway_remove(g, f);
	if (!lam_array_room(&g->route, &g->cap, g->n + 1, sizeof *g->route))
		return lam_fail_mem(e);
	*out = r = calloc(1, sizeof *r);
	if (!r)
		return lam_fail_mem(e);
	g->route[g->n++] = r;
	r->f = f;
	r->journal.fd = -1;
	memcpy(r->name, f->name, sizeof r->name);
	return lam_io_path(r->path, sizeof r->path, e, "%s%s", named ? "" : "/",
		named ? f->subject : f->name);
}

int
lam_gateway_add(struct lam_gateway *g, const struct lam_function *f,
	struct lam_trigger *t, struct lam_error *e)
{
	struct lam_route *r;
	char dir[LAM_PATH_MAX];
	int rc = new_route(g, f, &r, e);

	if (rc)
		return rc;
	r->trigger = t;
	r->journal.lines = g->all->lines;
	r->journal.all = g->all->all;
	rc = lam_io_path(dir, sizeof dir, e, "%s/trigger/%s", g->all->data,
		f->name);
	if (!rc)
		rc = lam_io_mkdir_below(g->all->data, dir, e);
	if (!rc)
		rc = lam_io_path(r->journal.path, sizeof r->journal.path, e,
			"%s/log", dir);
	return rc;
}

int
lam_gateway_rest(struct lam_gateway *g, const struct lam_function *f, int64_t until,
	struct lam_error *e)
{
	struct lam_route *r;
	int rc = new_route(g, f, &r, e);

	if (!rc)
		r->rests = until;
	return rc;
}

bool
lam_gateway_busy(const struct lam_gateway *g)
{
	return g->busy > 0;
}

static void
close_route(struct lam_gateway *g, struct lam_route *r)
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
	lam_journal_close(&r->journal);
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

/* ---------------------------------------------------------------- a change */

static struct lam_route *
route_to(const struct lam_gateway *g, const struct lam_function *f)
{
	size_t i = 0;

	while (i < g->n && g->route[i]->f != f)
		i++;
	return i < g->n ? g->route[i] : NULL;
}

void
lam_gateway_hold(struct lam_gateway *g, const struct lam_function *f)
{
	struct lam_route *r = route_to(g, f);

	if (r)
		r->held = true;
}

size_t
lam_gateway_calls(const struct lam_gateway *g, const struct lam_function *f)
{
	const struct lam_route *r = route_to(g, f);
	size_t n = 0;

	for (size_t i = 0; r && i < r->nworkers; i++)
		n += r->worker[i]->job != NULL;
	return n;
}

void
lam_gateway_end(struct lam_gateway *g, const struct lam_function *f)
{
	struct lam_route *r = route_to(g, f);

	for (size_t i = 0; r && i < r->nworkers; i++)
		lam_worker_end(r->worker[i]);
}

int
lam_gateway_release(struct lam_gateway *g, struct lam_error *e)
{
	struct lam_held *held = g->held;
	size_t n = g->nheld;
	int rc = LAM_OK;

	g->held = NULL;
	g->nheld = g->held_cap = 0;
	/* One that is answered may be followed by another on its connection. */
	for (size_t i = 0; !rc && i < n; i++)
		rc = lam_gateway_request(g, held[i].connection,
			held[i].message, e);
	free(held);
	return rc;
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
	free(g->held);
	free(g);
}
