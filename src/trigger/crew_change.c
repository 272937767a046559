/*
 * crew_change.c - a stop, and definitions that have changed
 *
 * What a definition is worth is found before the function leaves: one that cannot be is
 * told, and the function goes on as it was.  From leaving to opening its ledger is
 * unlocked once, and says where it goes on: so a change is no more than a kill
 * between two batches, and nothing has to be carried over.
 */
#include "trigger/crew.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "time/time.h"
#include "trigger/crew_internal.h"
#include "trigger/gateway.h"

#define HELD_UP (2 * LAM_NS) /* at most, of a keeper whose time is over */

static size_t
running(const struct lam_crew *r, const struct lam_crew_item *x)
{
	size_t n = x->trigger ? lam_trigger_running(x->trigger) : 0;

	return n + (r->all.gateway ? lam_gateway_calls(r->all.gateway,
		&x->function) : 0);
}

/* What runs of X may do so for .grace. */
static int
limit(struct lam_crew *r, struct lam_crew_item *x, struct lam_error *e)
{
	if (r->grace < 0 || !x->trigger || x->limit)
		return LAM_OK;
	x->limit = lam_clock_monotonic() + r->grace;
	x->cut = (struct lam_loop_timer){ .due = lam_crew_on_again,
		.arg = &r->all };
	return lam_loop_set(&r->all.loop, &x->cut, x->limit, e);
}

/* What will become of N of X's that are cut short. */
static void
tell_cut(const struct lam_crew *r, const struct lam_crew_item *x, size_t n)
{
	const char *rest = !r->all.data ? "lines of others are not handed on" :
		x->function.on == LAM_ON_HTTP ? "other requests are not tried again" :
		"other batches are tried again";

	lam_message(&r->all.warn, "%s%s%zu attempt%s told to end after --grace, by "
		"SIGTERM; one that ends well counts, %s", x->name, *x->name ? ": " :
		"", n, n == 1 ? " is" : "s are", rest);
}

/* First what runs is told to end, and the keepers see to it; should they be held up,
 * all is closed. */
int
lam_crew_cut_short(struct lam_crew *r, struct lam_crew_item *x, bool *done,
	struct lam_error *e)
{
	int64_t now = lam_clock_monotonic();
	size_t n = running(r, x);

	*done &= !n;
	if (!n || now < x->limit)
		return LAM_OK;
	if (x->ending) {
		lam_crew_close_item(r, x);
		*done = true;
		return r->all.gateway ? lam_gateway_release(r->all.gateway, e) :
			LAM_OK;
	}
	tell_cut(r, x, n);
	x->ending = true;
	lam_trigger_end(x->trigger);
	if (r->all.gateway)
		lam_gateway_end(r->all.gateway, &x->function);
	x->limit = now + LAM_SANDBOX_GRACE + HELD_UP;
	return lam_loop_set(&r->all.loop, &x->cut, x->limit, e);
}

/* ------------------------------------------------------------------ changes */

static int
leave(struct lam_crew *r, struct lam_crew_item *x, struct lam_error *e)
{
	x->pause = 0;
	lam_loop_cancel(&r->all.loop, &x->again);
	if (!x->trigger)
		return LAM_OK; /* one that rests is opened, or forgotten, at once */
	x->leaves = true;
	lam_trigger_leave(x->trigger);
	if (r->all.gateway)
		lam_gateway_hold(r->all.gateway, &x->function);
	return limit(r, x, e);
}

int
lam_crew_left(struct lam_crew *r, struct lam_crew_item *x, struct lam_error *e)
{
	int rc = LAM_OK;

	if (running(r, x))
		return LAM_OK;
	lam_crew_close_item(r, x);
	x->leaves = false;
	if (!r->stopping && !x->gone)
		rc = lam_crew_open_item(r, x, e);
	r->all.again = true;
	return rc || !r->all.gateway ? rc :
		lam_gateway_release(r->all.gateway, e);
}

void
lam_crew_forget_gone(struct lam_crew *r)
{
	size_t left = 0;

	for (size_t i = 0; i < r->n; i++) {
		struct lam_crew_item *x = r->item[i];

		if (!x->gone || x->trigger) {
			r->item[left++] = x;
			continue;
		}
		lam_crew_close_item(r, x);
		free(x);
	}
	r->n = left;
}

/* There is no file that could be wrong. */
static bool
missing(const struct lam_crew *r, const char *name)
{
	char path[LAM_PATH_MAX];

	return !lam_io_path(path, sizeof path, NULL, "%s/functions/%s/function",
		r->all.data, name) && access(path, F_OK) && errno == ENOENT;
}

/* *CHANGED: X is to leave. */
static void
compare(const struct lam_crew *r, const struct lam_crew_item *x, bool *changed)
{
	struct lam_error why = LAM_ERROR_INIT;
	struct lam_function f;
	int rc;

	lam_function_init(&f);
	rc = r->read(&f, x->name, &why);
	if (!rc)
		rc = lam_function_check(&f, &why);
	if (!rc)
		rc = lam_function_check_loop(&f, r->all.data, &why);
	*changed = !x->trigger || missing(r, x->name) ||
		(!rc && f.digest != x->function.digest);
	if (rc && !*changed)
		lam_message(&r->all.warn, "%s: %s; it goes on as it was", x->name,
			why.msg);
	else if (*changed)
		lam_message(&r->all.all, "%s: has changed, and is opened anew",
			x->name);
	lam_function_release(&f);
}

static bool
among(const struct lam_names *all, const char *name)
{
	size_t i = 0;

	while (i < all->n && strcmp(all->name[i], name) != 0)
		i++;
	return i < all->n;
}

static int
join_new(struct lam_crew *r, const struct lam_names *all, struct lam_error *e)
{
	size_t known = r->n;
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < all->n; i++) {
		size_t k = 0;

		while (k < known && strcmp(r->item[k]->name, all->name[i]) != 0)
			k++;
		if (k == known)
			rc = lam_crew_join(r, all->name[i], e);
	}
	return rc;
}

static int
look_again(struct lam_crew *r, struct lam_error *e)
{
	struct lam_names all = LAM_NAMES_INIT;
	struct lam_error why = LAM_ERROR_INIT;
	int rc = r->list ? r->list(&all, &why) : LAM_OK;

	if (rc && rc != LAM_NOTHING) {
		lam_message(&r->all.warn, "%s; all functions go on as they were",
			why.msg);
		return LAM_OK;
	}
	rc = LAM_OK;
	for (size_t i = 0; !rc && i < r->n; i++) {
		struct lam_crew_item *x = r->item[i];
		bool changed = x->gone = r->list && !among(&all, x->name);

		if (changed)
			lam_message(&r->all.all, "%s: is gone, and leaves", x->name);
		else
			compare(r, x, &changed);
		if (changed && !x->leaves)
			rc = leave(r, x, e);
	}
	if (!rc)
		rc = join_new(r, &all, e);
	lam_names_release(&all);
	return rc;
}

int
lam_crew_heed(struct lam_crew *r, struct lam_error *e)
{
	int rc = LAM_OK;

	if (r->all.stop && *r->all.stop && !r->stopping) {
		r->stopping = true;
		for (size_t i = 0; !rc && i < r->n; i++)
			rc = limit(r, r->item[i], e);
		if (!rc && r->all.gateway)
			rc = lam_gateway_release(r->all.gateway, e);
	} else if (r->again && *r->again != r->looked && !r->stopping) {
		r->looked = *r->again;
		rc = look_again(r, e);
	}
	return rc;
}
