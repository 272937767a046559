/*
 * tumble_probe.c - which records of a chunk are late
 *
 * Record by record, in order: late when its window is before the greatest
 * reach of all records before it that were not ahead of the clock.  Late records
 * are taken out of the cells, so that the query never sees them.
 */
#include "live/tumble_internal.h"

#include <stdlib.h>
#include <string.h>

static int
probe_rows(void *arg, const struct lam_vec *column, uint32_t n,
	struct lam_error *e)
{
	struct live *l = arg;

	if (l->n + n > LAM_BLOCK_ROWS)
		return lam_fail(e, LAM_SYSTEM, "more rows than a chunk has");
	for (uint32_t i = 0; i < n; i++, l->n++) {
		l->at_null[l->n] = lam_vec_is_null(&column[0], i);
		l->reach_null[l->n] = lam_vec_is_null(&column[1], i);
		l->at[l->n] = l->at_null[l->n] ? 0 :
			lam_vec_time(&column[0], i);
		l->reach[l->n] = l->reach_null[l->n] ? 0 :
			lam_vec_time(&column[1], i);
		l->time_null[l->n] = lam_vec_is_null(&column[2], i);
		l->time[l->n] = l->time_null[l->n] ? 0 :
			lam_vec_time(&column[2], i);
	}
	return LAM_OK;
}

static int
room(struct live *l, struct lam_error *e)
{
	if (l->at)
		return LAM_OK;
	l->at = malloc(LAM_BLOCK_ROWS * sizeof *l->at);
	l->reach = malloc(LAM_BLOCK_ROWS * sizeof *l->reach);
	l->time = malloc(LAM_BLOCK_ROWS * sizeof *l->time);
	l->touched = malloc(LAM_BLOCK_ROWS * sizeof *l->touched);
	l->at_null = malloc(LAM_BLOCK_ROWS);
	l->reach_null = malloc(LAM_BLOCK_ROWS);
	l->time_null = malloc(LAM_BLOCK_ROWS);
	return l->at && l->reach && l->time && l->touched && l->at_null &&
		l->reach_null && l->time_null ? LAM_OK : lam_fail_mem(e);
}

void
lam_tumble_probe_release(struct live *l)
{
	free(l->at);
	free(l->reach);
	free(l->time);
	free(l->touched);
	free(l->at_null);
	free(l->reach_null);
	free(l->time_null);
}

/* Row FROM of every field becomes row TO. */
static void
move_row(struct lam_cells *c, uint32_t from, uint32_t to)
{
	for (uint32_t f = 0; f < c->nfields; f++)
		if (c->field[f])
			c->field[f][to] = c->field[f][from];
}

static int
compare_times(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
unique(struct live *l)
{
	uint32_t n = 0;

	qsort(l->touched, l->ntouched, sizeof *l->touched, compare_times);
	for (uint32_t i = 0; i < l->ntouched; i++)
		if (i == 0 || l->touched[i] != l->touched[i - 1])
			l->touched[n++] = l->touched[i];
	l->ntouched = n;
}

static void
open_at(struct live *l, int64_t w)
{
	if (l->started && w <= l->open)
		return;
	l->started = true;
	l->advanced = true;
	l->open = w;
}

/* The time of record I is above LIMIT: it moves nothing. */
static bool
is_ahead(struct live *l, uint32_t i, int64_t limit)
{
	if (l->w->max_ahead < 0 || l->time[i] <= limit)
		return false;
	if (!l->w->ahead++)
		l->ahead_first = l->time[i];
	return true;
}

/* Record I has a time: what it says of the time it is. */
static void
advance(struct live *l, uint32_t i, int64_t limit)
{
	l->timed++;
	if (is_ahead(l, i, limit))
		return;
	if (!l->started || l->time[i] > l->newest)
		l->newest = l->time[i];
	if (!l->started)
		l->first = INT64_MAX;
	open_at(l, l->reach[i]);
	if (l->w->fill && !l->filling && l->time[i] >= l->open &&
		l->time[i] < l->first)
		l->first = lam_tumble_of(l, l->open, l->time[i]);
}

void
lam_tumble_tick(struct live *l, int64_t t)
{
	t = lam_time_plus(lam_time_plus(t, l->shift), -l->w->lateness);
	if (l->started && t > l->open)
		open_at(l, lam_tumble_of(l, l->open, t));
}

static void
sort_out(struct live *l, struct lam_cells *cells)
{
	int64_t limit = lam_time_plus(lam_time_plus(lam_tumble_clock(l),
		l->shift), l->w->max_ahead);
	uint32_t kept = 0;

	l->ntouched = 0;
	l->untimed = false;
	for (uint32_t i = 0; i < l->n; i++) {
		bool late = l->started && !l->at_null[i] &&
			l->at[i] < l->open;

		if (!l->reach_null[i] && !l->time_null[i])
			advance(l, i, limit);
		if (late) {
			l->w->late++;
			continue;
		}
		l->untimed |= l->at_null[i];
		if (!l->at_null[i])
			l->touched[l->ntouched++] = l->at[i];
		if (kept != i)
			move_row(cells, i, kept);
		kept++;
	}
	cells->nrows = kept;
	unique(l);
}

int
lam_tumble_probe(struct live *l, struct lam_cells *cells, struct lam_error *e)
{
	struct lam_job job = { .query = l->probe, .rows = probe_rows,
		.arg = l };
	struct lam_leaves leaves =
		lam_drive_source(lam_adhoc_chunk_source(l->input));
	int rc;

	rc = room(l, e);
	if (rc)
		return rc;
	l->n = 0;
	rc = lam_drive_jobs(&leaves, &job, 1, &l->w->engine, e);
	lam_job_release(&job);
	if (!rc && l->n != cells->nrows)
		rc = lam_fail(e, LAM_SYSTEM, "a chunk lost rows");
	if (!rc)
		sort_out(l, cells);
	return rc;
}
