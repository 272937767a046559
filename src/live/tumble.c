/*
 * tumble.c - a live filter: chunk by chunk, windows as they close
 *
 * Per chunk: (1) find the late records, take them out; (2) aggregate the
 * rest: a bundle more; (3) merge the bundles that reach before the watermark,
 * give out what is closed, keep the others.  State is the open windows' groups and
 * nothing else (and with FILL the keys seen).
 *
 * Rows come window by window, in the query's own order within each.
 */
#include "live/tumble_internal.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "engine/job.h"
#include "time/time.h"

#define LOOK (10 * LAM_NS) /* at the clock, which may be set, this often */

int64_t
lam_tumble_clock(const struct live *l)
{
	return l->w->clock ? l->w->clock() : lam_clock_wall();
}

static int
emit(struct live *l, const struct lam_query *q, struct lam_partials *p,
	struct lam_error *e)
{
	struct lam_tumble *w = l->w;
	uint64_t faults = 0;
	int rc;

	rc = w->begin(w->arg, l->query, e);
	if (!rc && p)
		rc = lam_engine_finish(q, p, &w->engine, w->rows, w->arg,
			&faults, e);
	lam_output_faults_report(faults, &w->warn);
	if (!rc)
		rc = w->end(w->arg, e);
	return rc;
}

/* Partials of the chunk's records that are left: a bundle. */
static int
aggregate(struct live *l, struct lam_error *e)
{
	struct lam_job job = { .query = l->query };
	struct lam_leaves leaves =
		lam_drive_source(lam_adhoc_chunk_source(l->input));
	int rc;

	rc = lam_drive_jobs(&leaves, &job, 1, &l->w->engine, e);
	if (!rc)
		rc = lam_bundle_add(l, job.partials,
			l->ntouched ? l->touched[0] : INT64_MAX,
			l->ntouched ? l->touched[l->ntouched - 1] : INT64_MIN,
			l->untimed, e);
	lam_counts_fault(&l->faults, job.counts.faults,
		job.counts.first_fault);
	lam_job_release(&job);
	return rc;
}

/* The windows after which no empty ones are given out, at the end. */
static int64_t
last_filled(const struct live *l)
{
	int64_t w = lam_tumble_of(l, l->open, l->newest), next;

	return lam_tumble_next(l, w, &next) ? next : w;
}

/* Give out what is closed, or at the end of the input everything. */
static int
give(struct live *l, bool all, struct lam_error *e)
{
	struct lam_sieve closed = all ? LAM_SIEVE_ALL : (struct lam_sieve){
		INT64_MIN, l->open - 1, false, false };
	struct lam_sieve timed = { INT64_MIN, closed.hi, false, false };
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_query *given, *seen = NULL;
	struct lam_job job[2] = { { .query = NULL } };
	size_t n = l->w->fill ? 2 : 1;
	int rc;

	rc = lam_sieve_query(l, &closed, &a, &given, e);
	if (!rc && l->w->fill)
		rc = lam_fill_query(l, &timed, &a, &seen, e);
	job[0].query = given;
	job[1].query = seen;
	if (!rc)
		rc = all ? lam_bundle_end(l, job, n, e) :
			lam_bundle_close(l, job, n, e);
	if (!rc && l->w->fill && l->started)
		rc = lam_fill(l, seen, job[1].partials,
			all ? last_filled(l) : l->open, given,
			&job[0].partials, e);
	if (!rc && (all || job[0].partials))
		rc = emit(l, given, job[0].partials, e);
	for (size_t i = 0; i < n; i++) {
		lam_partials_free(job[i].partials);
		lam_job_release(&job[i]);
	}
	lam_arena_release(&a);
	return rc;
}

/* Give out the windows of the chunk as they are now; at the end, window NULL. */
static int
give_changes(struct live *l, bool all, struct lam_error *e)
{
	struct lam_sieve changed = { INT64_MAX, INT64_MIN, all, !all };
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_query *given;
	struct lam_job job = { .query = NULL };
	int rc;

	rc = lam_sieve_query(l, &changed, &a, &given, e);
	job.query = given;
	if (!rc)
		rc = all ? lam_bundle_end(l, &job, 1, e) :
			lam_bundle_touch(l, &job, e);
	if (!rc && (all || job.partials))
		rc = emit(l, given, job.partials, e);
	lam_partials_free(job.partials);
	lam_job_release(&job);
	lam_arena_release(&a);
	return rc;
}

/* After records, or the clock, may have moved the watermark. */
static int
turn(struct live *l, struct lam_error *e)
{
	int rc = LAM_OK;

	if (l->w->changes)
		rc = give_changes(l, false, e);
	else if (l->advanced)
		rc = give(l, false, e);
	l->advanced = false;
	return rc;
}

static int
chunk(struct live *l, struct lam_cells *cells, struct lam_error *e)
{
	int rc = lam_tumble_probe(l, cells, e);

	if (!rc && cells->nrows)
		rc = aggregate(l, e);
	return rc ? rc : turn(l, e);
}

/* Nothing came for a while. */
static int
quiet(struct live *l, struct lam_error *e)
{
	if (l->w->idle < 0 || lam_clock_monotonic() - l->heard < l->w->idle)
		return LAM_OK;
	lam_tumble_tick(l, lam_tumble_clock(l));
	l->ntouched = 0;
	return l->advanced ? turn(l, e) : LAM_OK;
}

/* ns until the clock closes the next window; INT64_MAX: it closes none. */
static int64_t
until_closing(const struct live *l, int64_t now)
{
	int64_t idle, next, left;

	if (l->w->idle < 0 || !l->started ||
		!lam_tumble_next(l, l->open, &next))
		return INT64_MAX;
	idle = lam_time_plus(l->heard, l->w->idle) - now;
	left = lam_time_plus(lam_time_plus(next, l->w->lateness),
		-lam_time_plus(lam_tumble_clock(l), l->shift));
	left = left > LOOK ? LOOK : left;
	return idle > left ? idle : left;
}

/* ms to wait for the next record; -1: as long as it takes. */
static int
patience(const struct live *l)
{
	int64_t now = lam_clock_monotonic();
	int64_t ns = until_closing(l, now), tell = lam_tumble_untold(l, now);

	ns = tell < ns ? tell : ns;
	if (ns == INT64_MAX)
		return -1;
	return ns <= 0 ? 0 : ns / 1000000 >= INT_MAX ? INT_MAX :
		(int)(ns / 1000000) + 1;
}

static int
run(struct live *l, struct lam_error *e)
{
	struct lam_cells *cells;
	enum lam_got how = LAM_GOT_BYTES;
	int rc = LAM_OK;

	while (!rc) {
		rc = lam_adhoc_chunk(l->input, patience(l), &cells, &how, e);
		if (rc || how == LAM_GOT_END)
			break;
		if (how == LAM_GOT_BYTES) {
			rc = chunk(l, cells, e);
			l->heard = lam_clock_monotonic();
		} else {
			rc = quiet(l, e);
		}
		lam_tumble_tell(l, false);
	}
	/* The end of the input closes all windows. */
	if (!rc)
		rc = l->w->changes ? give_changes(l, true, e) :
			give(l, true, e);
	return rc;
}

int
lam_tumble_run(struct lam_tumble *w, struct lam_error *e)
{
	struct live l = { .w = w, .arena = LAM_ARENA_INIT,
		.scratch = LAM_ARENA_INIT };
	struct lam_source *unused;
	int rc;

	w->records = w->late = w->ahead = w->rejected = 0;
	w->engine.threads = 1; /* chunks of a live input are small */
	rc = lam_tumble_bind(&l, e);
	if (!rc) {
		lam_row_source_init(&l.seen, l.query->nkeys, 0, NULL);
		l.heard = lam_clock_monotonic();
		rc = lam_adhoc_source(l.input, l.query->input->used, 1, &unused, e);
	}
	if (!rc)
		rc = run(&l, e);
	lam_tumble_tell(&l, true);
	lam_faults_report(&l.faults, "stdin", &w->warn);
	if (l.input) {
		w->records = lam_adhoc_records(l.input);
		w->rejected = lam_adhoc_rejected(l.input);
	}
	lam_bundle_release(&l);
	lam_fill_release(&l);
	lam_tumble_probe_release(&l);
	lam_adhoc_free(l.input);
	lam_arena_release(&l.arena);
	return rc;
}
