/*
 * window.c - a live filter: chunk by chunk, windows as they close
 *
 * Per chunk: (1) find the late records, take them out; (2) aggregate the
 * rest; (3) merge with the partials kept and split in one pass into closed and
 * open windows; (4) give out the closed ones, keep the others.  State is the
 * open windows' groups and nothing else.
 *
 * Rows come window by window, in the query's own order within each.
 */
#include "view/window_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "view/regroup.h"

#define LATE_STEP 1000 /* late records between two reports */

enum part { ALL, CLOSED, OPEN, NOT_TIMED, TOUCHED };

/* WHERE of the merge that keeps PART of the windows; *OUT NULL: all. */
static int
where_part(struct live *l, enum part part, struct lam_arena *a,
	struct lam_expr **out, struct lam_error *e)
{
	struct lam_expr *w = lam_expr_field(l->window, LAM_TIME, a);
	struct lam_expr *t = lam_expr_time(l->open, a), **arg;

	*out = NULL;
	if (!w || !t)
		return lam_fail_mem(e);
	switch (part) {
	case ALL:
		return LAM_OK;
	case CLOSED:
		*out = lam_expr_call(LAM_FN_LT, LAM_BOOL, 2,
			(struct lam_expr *[]){ w, t }, a);
		break;
	case OPEN:
		*out = lam_expr_call(LAM_FN_OR, LAM_BOOL, 2,
			(struct lam_expr *[]){
				lam_expr_call(LAM_FN_GE, LAM_BOOL, 2,
					(struct lam_expr *[]){ w, t }, a),
				lam_expr_call(LAM_FN_IS_NULL, LAM_BOOL, 1,
					(struct lam_expr *[]){
					lam_expr_field(l->window, LAM_TIME,
						a) }, a) }, a);
		break;
	case NOT_TIMED:
		*out = lam_expr_call(LAM_FN_IS_NULL, LAM_BOOL, 1, &w, a);
		break;
	case TOUCHED:
		arg = LAM_ARENA_NEW(a, struct lam_expr *, l->ntouched + 1);
		if (!arg)
			return lam_fail_mem(e);
		arg[0] = w;
		for (uint32_t i = 0; i < l->ntouched; i++)
			arg[i + 1] = lam_expr_time(l->touched[i], a);
		*out = lam_expr_call(LAM_FN_IN, LAM_BOOL, l->ntouched + 1,
			arg, a);
		break;
	}
	return *out ? LAM_OK : lam_fail_mem(e);
}

/* The merge that keeps PART, its rows ordered by window first. */
static int
make_merge(struct live *l, enum part part, struct lam_arena *a,
	struct lam_query **out, struct lam_error *e)
{
	const struct lam_query *q = l->query;
	struct lam_order *order;
	struct lam_query *m;
	int rc;

	rc = lam_regroup(q, a, &m, e);
	if (!rc)
		rc = where_part(l, part, a, &m->where, e);
	if (rc)
		return rc;
	order = LAM_ARENA_NEW(a, struct lam_order, q->norder + 1);
	if (order)
		order[0].expr = lam_expr_field(l->window, LAM_TIME, a);
	if (!order || !order[0].expr)
		return lam_fail_mem(e);
	order[0].expr->kind = LAM_X_KEY;
	if (q->norder)
		memcpy(order + 1, q->order, q->norder * sizeof *order);
	m->order = order;
	m->norder = q->norder + 1;
	*out = m;
	return LAM_OK;
}

static int
emit(struct live *l, const struct lam_query *q, struct lam_partials *p,
	struct lam_error *e)
{
	struct lam_window *w = l->w;
	int rc;

	rc = w->begin(w->arg, l->query, e);
	if (!rc && p)
		rc = lam_engine_finish(q, p, &w->engine, w->rows, w->arg, e);
	if (!rc)
		rc = w->end(w->arg, e);
	return rc;
}

/* Partials of the chunk's records that are left. */
static int
aggregate(struct live *l, struct lam_partials **out, struct lam_error *e)
{
	struct lam_job job = { .query = l->query };
	int rc;

	rc = lam_engine_run(lam_adhoc_chunk_source(l->input), &job, 1,
		&l->w->engine, e);
	*out = rc ? NULL : job.partials;
	lam_job_release(&job);
	return rc;
}

/*
 * Merge kept and NEW (either may be NULL).  OUT_PART is given out (NULL
 * query: nothing is), KEEP_PART replaces what is kept.
 */
static int
turn(struct live *l, struct lam_partials *new, bool give, enum part out,
	enum part keep, struct lam_error *e)
{
	struct lam_arena *a = &l->turn[l->which ^= 1];
	struct lam_chain_source chain;
	struct lam_source old_rows, new_rows;
	struct lam_query *kept = NULL, *given = NULL;
	struct lam_job job[2] = { { .query = NULL } };
	int rc = LAM_OK;

	lam_arena_reset(a);
	lam_chain_source_init(&chain);
	if (l->kept) {
		lam_partials_source(l->kept, &old_rows);
		rc = lam_chain_source_add(&chain, &old_rows, e);
	}
	if (!rc && new) {
		lam_partials_source(new, &new_rows);
		rc = lam_chain_source_add(&chain, &new_rows, e);
	}
	if (!rc)
		rc = make_merge(l, keep, a, &kept, e);
	if (!rc && give)
		rc = make_merge(l, out, a, &given, e);
	job[0].query = kept;
	job[1].query = given;
	if (!rc)
		rc = lam_engine_run(&chain.source, job, give ? 2 : 1,
			&l->w->engine, e);
	if (!rc) {
		lam_partials_free(l->kept);
		l->kept = job[0].partials;
	}
	if (!rc && give)
		rc = emit(l, given, job[1].partials, e);
	if (give)
		lam_partials_free(job[1].partials);
	lam_job_release(&job[0]);
	lam_job_release(&job[1]);
	lam_chain_source_release(&chain);
	return rc;
}

static void
report_late(struct live *l, bool last)
{
	struct lam_window *w = l->w;

	if (w->late == l->told || (!last && w->late - l->told < LATE_STEP))
		return;
	l->told = w->late;
	lam_note(&w->warn, "%" PRIu64 " record%s came after %s window was "
		"given out: not counted (--lateness waits longer)", w->late,
		w->late == 1 ? "" : "s", w->late == 1 ? "its" : "their");
}

static int
chunk(struct live *l, struct lam_cells *cells, struct lam_error *e)
{
	struct lam_partials *new = NULL;
	int rc;

	rc = lam_window_probe(l, cells, e);
	if (!rc)
		rc = aggregate(l, &new, e);
	if (!rc && l->w->changes)
		rc = turn(l, new, l->ntouched > 0, TOUCHED,
			l->started ? OPEN : ALL, e);
	else if (!rc)
		rc = turn(l, new, l->advanced, CLOSED,
			l->started ? OPEN : ALL, e);
	l->advanced = false;
	lam_partials_free(new);
	report_late(l, false);
	return rc;
}

int
lam_window_run(struct lam_window *w, struct lam_error *e)
{
	struct live l = { .w = w, .arena = LAM_ARENA_INIT,
		.turn = { LAM_ARENA_INIT, LAM_ARENA_INIT } };
	struct lam_cells *cells;
	struct lam_source *unused;
	bool got = true;
	int rc;

	w->late = w->rejected = 0;
	w->engine.threads = 1; /* chunks of a live input are small */
	rc = lam_window_bind(&l, e);
	if (!rc)
		rc = lam_adhoc_source(l.input, l.query->used, 1, &unused, e);
	while (!rc) {
		rc = lam_adhoc_chunk(l.input, &cells, &got, e);
		if (rc || !got)
			break;
		rc = chunk(&l, cells, e);
	}
	/* The end of the input closes all windows. */
	if (!rc && w->changes)
		rc = turn(&l, NULL, true, NOT_TIMED, ALL, e);
	else if (!rc)
		rc = turn(&l, NULL, true, ALL, ALL, e);
	report_late(&l, true);
	if (l.input) {
		lam_adhoc_report(l.input, &w->warn);
		w->records = lam_adhoc_records(l.input);
		w->rejected = lam_adhoc_rejected(l.input);
	}
	lam_partials_free(l.kept);
	lam_window_probe_release(&l);
	lam_adhoc_free(l.input);
	lam_arena_release(&l.turn[0]);
	lam_arena_release(&l.turn[1]);
	lam_arena_release(&l.arena);
	return rc;
}
