/*
 * tumble_tell.c - the messages of a live filter
 *
 * A filter may run for months, so what goes wrong is told at once when it begins,
 * then every ten seconds while there is more of it, and at the end.  The counts are
 * totals.
 */
#include "live/tumble_internal.h"

#include <inttypes.h>

#include "base/clock.h"
#include "time/time.h"

#define AGAIN (10 * LAM_NS)

static void
tell_late(const struct live *l)
{
	const struct lam_tumble *w = l->w;

	lam_message(&w->warn, "%" PRIu64 " record%s came after %s window was "
		"printed: not counted (--lateness waits longer)", w->late,
		w->late == 1 ? "" : "s", w->late == 1 ? "its" : "their");
}

static void
tell_ahead(const struct live *l)
{
	const struct lam_tumble *w = l->w;
	char t[LAM_TIME_TEXT + 1];

	t[lam_time_print(l->ahead_first, t)] = '\0';
	lam_message(&w->warn, "%" PRIu64 " record%s further ahead of the clock "
		"than --max-ahead (the first: %s): counted in %s window, "
		"%s no other", w->ahead, w->ahead == 1 ? " is" : "s are", t,
		w->ahead == 1 ? "its" : "their",
		w->ahead == 1 ? "closes" : "close");
	if (w->ahead == l->timed)
		lam_message(&w->warn,
			"all records so far are ahead, so that no "
			"window closes: is the clock right? are these local "
			"times, read as UTC? --max-ahead none goes by the "
			"records alone");
}

static bool
is_more(const struct live *l)
{
	return l->w->late != l->told_late || l->w->ahead != l->told_ahead ||
		(l->input && lam_adhoc_untold(l->input));
}

int64_t
lam_tumble_untold(const struct live *l, int64_t now)
{
	int64_t due;

	if (!is_more(l))
		return INT64_MAX;
	due = l->told_when ? l->told_when + AGAIN - now : 0;
	return due > 0 ? due : 0;
}

void
lam_tumble_tell(struct live *l, bool last)
{
	int64_t now = lam_clock_monotonic();

	if (!last && lam_tumble_untold(l, now) > 0)
		return;
	if (l->w->late != l->told_late)
		tell_late(l);
	if (l->w->ahead != l->told_ahead)
		tell_ahead(l);
	l->told_late = l->w->late;
	l->told_ahead = l->w->ahead;
	l->told_when = now;
	if (l->input)
		lam_adhoc_report(l->input, &l->w->warn);
}
