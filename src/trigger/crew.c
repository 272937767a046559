/*
 * crew.c - the functions of a program, side by side
 *
 * Every turn of the loop ends with a step of each function for which something has
 * happened; there are few functions, so all are asked.  Callbacks of the loop
 * keep what goes wrong for the next step (trigger_done.c), so that a failed turn
 * is one that concerns all.
 */
#include "trigger/crew.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "time/time.h"
#include "trigger/crew_internal.h"
#include "trigger/gateway.h"

#define PAUSE LAM_NS
#define PAUSE_MAX (300 * LAM_NS)

int
lam_crew_start(struct lam_crew *r, const char *scratch, unsigned deny,
	struct lam_error *e)
{
	int rc = lam_launcher_start(&r->launcher, scratch, deny, e);

	r->all.launcher = &r->launcher;
	if (!r->all.pool)
		r->all.pool = (uint64_t)sysconf(_SC_PHYS_PAGES) *
			(uint64_t)sysconf(_SC_PAGESIZE) / 2;
	return rc ? rc : lam_loop_open(&r->all.loop, e);
}

/* ------------------------------------------------------------------- faults */

int
lam_crew_on_again(void *arg, struct lam_error *e)
{
	struct lam_triggers *all = arg;

	(void)e;
	all->again = true;
	return LAM_OK;
}

/* One that rests is opened again: all that it was doing is in its ledger. */
bool
lam_crew_follows(const struct lam_crew *r)
{
	return r->all.follow && r->all.data && !*r->all.stop;
}

static void
stop_item(struct lam_crew *r, struct lam_crew_item *x)
{
	if (r->all.gateway)
		lam_gateway_remove(r->all.gateway, &x->function);
	if (x->trigger) {
		struct lam_trigger_counts c = lam_trigger_counts(x->trigger);

		x->counts.events += c.events;
		x->counts.batches += c.batches;
		x->counts.dead += c.dead;
		lam_trigger_close(x->trigger);
	}
	x->trigger = NULL;
	x->limit = 0;
	x->ending = false;
	lam_loop_cancel(&r->all.loop, &x->again);
	lam_loop_cancel(&r->all.loop, &x->cut);
}

void
lam_crew_close_item(struct lam_crew *r, struct lam_crew_item *x)
{
	stop_item(r, x);
	lam_function_release(&x->function);
}

static void
tell(const struct lam_crew *r, const struct lam_crew_item *x)
{
	const char *msg = x->fault.msg;
	size_t n = strlen(x->name);
	bool named = !strncmp(msg, x->name, n) && msg[n] == ':';

	if (r->n == 1 && !x->pause)
		return; /* it is the error of the program */
	lam_message(&r->all.warn, x->pause ? "%s%s%s; it rests for %lld s, the others "
		"go on" : "%s%s%s; the others go on", named ? "" : x->name,
		named ? "" : ": ", msg, (long long)(x->pause / LAM_NS));
}

static int
open_gateway(struct lam_crew *r, struct lam_error *e)
{
	return r->all.gateway ? LAM_OK :
		lam_gateway_open(&r->all.gateway, &r->all, r->listen, e);
}

/* Requests for X, which rests until UNTIL, are told so.  Its file may have been read in
 * part: of one that was not read as far as to "on http" nothing is known. */
static int
refuse_requests(struct lam_crew *r, const struct lam_crew_item *x, int64_t until,
	struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT; /* it is told when X is opened */

	if (x->function.on != LAM_ON_HTTP || open_gateway(r, &why))
		return LAM_OK;
	return lam_gateway_rest(r->all.gateway, &x->function, until, e);
}

/* X has failed: x->fault. */
static int
rest(struct lam_crew *r, struct lam_crew_item *x, struct lam_error *e)
{
	int64_t now = lam_clock_monotonic();
	int rc = LAM_OK;

	stop_item(r, x);
	x->leaves = false;
	if (lam_crew_follows(r)) {
		x->pause = !x->pause || now - x->opened > PAUSE_MAX ? PAUSE :
			x->pause * 2 < PAUSE_MAX ? x->pause * 2 : PAUSE_MAX;
		x->again = (struct lam_loop_timer){ .due = lam_crew_on_again,
			.arg = &r->all };
		rc = lam_loop_set(&r->all.loop, &x->again, now + x->pause, e);
		if (!rc)
			rc = refuse_requests(r, x, now + x->pause, e);
	}
	lam_function_release(&x->function);
	tell(r, x);
	return rc;
}

/* ------------------------------------------------------------------ opening */

static int
serve(struct lam_crew *r, const struct lam_function *f, struct lam_trigger *t,
	struct lam_error *e)
{
	int rc;

	if (f->on != LAM_ON_HTTP || !r->all.follow)
		return LAM_OK;
	rc = open_gateway(r, e);
	return rc ? rc : lam_gateway_add(r->all.gateway, f, t, e);
}

int
lam_crew_open_item(struct lam_crew *r, struct lam_crew_item *x, struct lam_error *e)
{
	struct lam_function *f = &x->function;
	int rc;

	x->fault = (struct lam_error)LAM_ERROR_INIT;
	x->opened = lam_clock_monotonic();
	lam_function_init(f);
	rc = r->read(f, x->name, &x->fault);
	if (!rc)
		rc = lam_function_check(f, &x->fault);
	if (!rc && r->all.data)
		rc = lam_function_check_loop(f, r->all.data, &x->fault);
	if (!rc)
		rc = lam_trigger_open(&x->trigger, &r->all, f, &x->fault);
	if (!rc)
		rc = serve(r, f, x->trigger, &x->fault);
	return rc ? rest(r, x, e) : LAM_OK;
}

/* The code of the first that rests, or LAM_OK; *N: how many do. */
static int
resting(const struct lam_crew *r, size_t *n, struct lam_error *e)
{
	int rc = LAM_OK;

	*n = 0;
	for (size_t i = 0; i < r->n; i++) {
		const struct lam_error *x = &r->item[i]->fault;

		if (x->code && !(*n)++) {
			rc = x->code;
			*e = *x;
		}
	}
	return rc;
}

/* The same, of the program: LAM_SOME if others do not. */
static int
outcome(const struct lam_crew *r, struct lam_error *e)
{
	struct lam_error first = LAM_ERROR_INIT;
	size_t n;
	int rc = resting(r, &n, &first);

	if (!rc || n < r->n)
		return rc ? LAM_SOME : LAM_OK;
	if (n == 1 && !r->item[0]->pause)
		*e = first;
	else
		lam_fail(e, rc, n == 1 ? "the function cannot be run" :
			"none of %zu functions can be run", n);
	return rc;
}

static int
add_item(struct lam_crew *r, const char *name, struct lam_error *e)
{
	struct lam_crew_item *x;

	if (!lam_array_room(&r->item, &r->cap, r->n + 1, sizeof *r->item))
		return lam_fail_mem(e);
	x = calloc(1, sizeof *x);
	if (!x)
		return lam_fail_mem(e);
	r->item[r->n++] = x;
	return lam_io_path(x->name, sizeof x->name, e, "%s", name);
}

int
lam_crew_join(struct lam_crew *r, const char *name, struct lam_error *e)
{
	int rc = add_item(r, name, e);

	return rc ? rc : lam_crew_open_item(r, r->item[r->n - 1], e);
}

int
lam_crew_open(struct lam_crew *r, char *const *name, size_t n,
	struct lam_error *e)
{
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < n; i++)
		rc = add_item(r, name[i], e);
	for (size_t i = 0; !rc && i < n; i++)
		rc = lam_crew_open_item(r, r->item[i], e);
	if (!rc)
		rc = outcome(r, e);
	return rc == LAM_SOME ? LAM_OK : rc;
}

/* ------------------------------------------------------------------ running */

/* *LEFT: something is still to be waited for. */
static int
step(struct lam_crew *r, struct lam_crew_item *x, bool *left,
	struct lam_error *e)
{
	bool done = true;
	int rc = LAM_OK;

	*left = false;
	if (x->fault.code && lam_crew_follows(r) && !x->again.slot && !x->gone)
		rc = lam_crew_open_item(r, x, e);
	if (!rc && x->trigger && lam_trigger_step(x->trigger, &done, &x->fault))
		rc = rest(r, x, e);
	else if (!rc && x->limit)
		rc = lam_crew_cut_short(r, x, &done, e);
	if (!rc && x->leaves && done)
		rc = lam_crew_left(r, x, e);
	*left = !done && !x->fault.code; /* what rests waits for its timer alone */
	return rc;
}

static int
steps(struct lam_crew *r, bool *left, struct lam_error *e)
{
	bool one = false;
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < r->n; i++) {
		rc = step(r, r->item[i], &one, e);
		*left |= one;
	}
	return rc;
}

int
lam_crew_run(struct lam_crew *r, struct lam_error *e)
{
	bool left = true;
	int rc = LAM_OK;

	while (!rc && left) {
		r->all.again = false;
		rc = lam_crew_heed(r, e);
		left = lam_crew_follows(r) || (r->all.gateway &&
			lam_gateway_busy(r->all.gateway));
		if (!rc)
			rc = steps(r, &left, e);
		lam_crew_forget_gone(r);
		if (!rc && left)
			rc = lam_loop_turn(&r->all.loop, r->all.again ? 0 : -1,
				r->all.mask, e);
	}
	return rc ? rc : outcome(r, e);
}

struct lam_trigger_counts
lam_crew_counts(const struct lam_crew *r)
{
	struct lam_trigger_counts sum = { 0, 0, 0 };

	for (size_t i = 0; i < r->n; i++) {
		const struct lam_crew_item *x = r->item[i];
		struct lam_trigger_counts c = { 0, 0, 0 };

		if (x->trigger)
			c = lam_trigger_counts(x->trigger);
		sum.events += x->counts.events + c.events;
		sum.batches += x->counts.batches + c.batches;
		sum.dead += x->counts.dead + c.dead;
	}
	return sum;
}

void
lam_crew_close(struct lam_crew *r)
{
	lam_gateway_close(r->all.gateway);
	r->all.gateway = NULL;
	for (size_t i = 0; i < r->n; i++) {
		lam_crew_close_item(r, r->item[i]);
		free(r->item[i]);
	}
	free(r->item);
	if (r->all.loop.fd >= 0)
		lam_loop_close(&r->all.loop);
	lam_launcher_stop(&r->launcher);
}
