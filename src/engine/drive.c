/*
 * drive.c - run queries: their trees of stages, the leaves first
 *
 *	lam_drive_rows(q): input of q -> engine -> [partials -> finish] -> sink
 *
 * The kind of a stage says how it is opened: a SCAN by the callback, a SELECT by
 * running its query to the end and keeping the rows (rows/row_source.h), an UNNEST
 * (rows/unnest.h) and a WINDOW (window/window.h) likewise, an APPEND by running its
 * queries, a SERIES by counting, a JOIN by opening both its sides (join/join.h).
 * Another kind of stage is one more way to open.
 */
#include "engine/drive.h"

#include <inttypes.h>
#include <stdlib.h>

#include "engine/fill.h"
#include "engine/ref_files.h"
#include "engine/values.h"
#include "join/join.h"
#include "rows/row_source.h"
#include "rows/series.h"
#include "rows/unnest.h"
#include "window/window.h"

/* The rows of a query that several stages read. */
struct shared {
	const struct lam_query *query;
	struct lam_row_source rows;
	struct shared *next;
};

/* Shared by the queries of one tree. */
struct drive {
	const struct lam_leaves *leaves;
	const struct lam_resources *o;
	struct lam_drive_faults *faults;
	struct shared **shared;
};

/* A stage, open: its rows. */
struct input {
	const struct lam_stage *stage;
	bool open;
	struct lam_source *source;
	struct lam_row_source rows;  /* SELECT, APPEND, UNNEST */
	struct lam_row_reader again; /* SELECT of a query that is shared */
	struct lam_window window;    /* WINDOW */
	struct lam_series_source series; /* SERIES */
	struct lam_join_source join; /* JOIN: */
	struct input *left, *right;
	const struct lam_row_source *kept; /* SELECT, APPEND: where they are */
	struct lam_resources rest;   /* the query that reads it may use */
};

static int run_query(const struct drive *d, const struct lam_query *q,
	const struct lam_row_sink *to, struct lam_error *e);
static int run_jobs(const struct drive *d, struct lam_job *job, size_t njobs,
	const struct lam_row_sink *to, struct lam_error *e);

/*
 * Of the memory, a quarter is for the rows that are kept, and the rest is for
 * the queries that make them, then for the one that reads them.
 */
static int
keep_rows(const struct drive *d, struct lam_resources *rest,
	struct lam_query *const *q, uint32_t n, struct lam_row_source *rows,
	struct lam_error *e)
{
	struct lam_row_sink keep = { NULL, lam_row_source_keep, rows, NULL };
	struct drive within = { d->leaves, rest, d->faults, d->shared };
	uint64_t kept = (d->o->memory + 3) / 4;
	int rc = LAM_OK;

	lam_row_source_init(rows, q[0]->noutputs, kept, d->o->tmpdir);
	rest->memory -= kept;
	for (uint32_t i = 0; !rc && i < n; i++)
		rc = run_query(&within, q[i], &keep, e);
	if (rc)
		lam_row_source_release(rows);
	return rc;
}

/* The rows of Q, made by the first who asks. */
static int
shared_rows(const struct drive *d, struct lam_resources *rest,
	struct lam_query *q, const struct lam_row_source **out,
	struct lam_error *e)
{
	struct shared *x = *d->shared;
	int rc;

	while (x && x->query != q)
		x = x->next;
	if (!x) {
		x = calloc(1, sizeof *x);
		if (!x)
			return lam_fail_mem(e);
		rc = keep_rows(d, rest, &q, 1, &x->rows, e);
		if (rc) {
			free(x);
			return rc;
		}
		x->query = q;
		x->next = *d->shared;
		*d->shared = x;
	}
	*out = &x->rows;
	return LAM_OK;
}

/* The value that Q is. */
static int
run_value(const void *arg, struct lam_query *q, struct lam_scalar *out,
	struct lam_error *e)
{
	const struct drive *d = arg;
	struct lam_resources rest = *d->o;
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_batch b = { .arena = &arena };
	const struct lam_row_source *rows;
	struct lam_vec v;
	uint64_t bad;
	int rc = shared_rows(d, &rest, q, &rows, e);

	*out = (struct lam_scalar){ .null = true };
	if (rc || rows->rows == 0)
		return rc;
	if (rows->rows > 1)
		return lam_fail(e, LAM_USAGE, "a sub-query that is a value gave "
			"%" PRIu64 " rows: write max(...) or the like, or LIMIT "
			"1", rows->rows);
	lam_row_source_batch(rows, 0, &b);
	rc = b.load(&b, 0, false, &v, &bad, e);
	if (!rc)
		*out = lam_scalar_of(&v, 0);
	if (!rc && !out->null && out->type == LAM_TEXT) {
		out->str.p = lam_arena_dup(q->arena, out->str.p, out->str.n);
		if (!out->str.p)
			rc = lam_fail_mem(e);
	}
	lam_arena_release(&arena);
	return rc;
}

static void
release_shared(struct shared *x)
{
	while (x) {
		struct shared *next = x->next;

		lam_row_source_release(&x->rows);
		free(x);
		x = next;
	}
}

/* Grouped queries over one input: one pass for all, then the rows of each. */
static int
keep_groups(const struct drive *d, struct lam_resources *rest,
	const struct lam_stage *s, struct lam_row_source *rows,
	struct lam_error *e)
{
	struct lam_job *job = calloc(s->nparts, sizeof *job);
	uint64_t kept = (d->o->memory + 3) / 4;
	struct drive within = { d->leaves, rest, d->faults, d->shared };
	uint64_t faults = 0;
	int rc = LAM_OK;

	lam_row_source_init(rows, s->nfields, kept, d->o->tmpdir);
	if (!job)
		return lam_fail_mem(e);
	rest->memory -= kept;
	for (uint32_t i = 0; i < s->nparts; i++)
		job[i].query = s->part[i];
	rc = run_jobs(&within, job, s->nparts, NULL, e);
	for (uint32_t i = 0; i < s->nparts; i++) {
		if (!rc)
			rc = lam_engine_finish(s->part[i], job[i].partials,
				rest, lam_row_source_keep, rows, &faults, e);
		lam_counts_fault(&d->faults->records, job[i].counts.faults,
			job[i].counts.first_fault);
		lam_partials_free(job[i].partials);
		lam_job_release(&job[i]);
	}
	d->faults->outputs += faults;
	free(job);
	if (rc)
		lam_row_source_release(rows);
	return rc;
}

static int
open_select(const struct drive *d, struct input *in, struct lam_error *e)
{
	const struct lam_stage *s = in->stage;

	if (s->kind == LAM_STAGE_SELECT && s->query->shared) {
		int rc = shared_rows(d, &in->rest, s->query, &in->kept, e);

		if (!rc)
			lam_row_reader_init(&in->again, in->kept);
		in->source = &in->again.source;
		return rc;
	}
	in->source = &in->rows.source;
	in->kept = &in->rows;
	if (s->kind == LAM_STAGE_APPEND && s->nparts > 1 &&
		s->part[0]->input == s->part[1]->input)
		return keep_groups(d, &in->rest, s, &in->rows, e);
	return s->kind == LAM_STAGE_SELECT ?
		keep_rows(d, &in->rest, &s->query, 1, &in->rows, e) :
		keep_rows(d, &in->rest, s->part, s->nparts, &in->rows, e);
}

static int
open_window(const struct drive *d, struct input *in, struct lam_error *e)
{
	const struct lam_query *q = in->stage->rows->query;
	struct lam_row_sink keep = { NULL, lam_window_keep, &in->window,
		lam_window_take };
	struct drive within = { d->leaves, &in->rest, d->faults, d->shared };
	uint64_t kept = (d->o->memory + 3) / 4;
	int rc = lam_window_init(&in->window, in->stage->over, q->noutputs,
		kept, d->o->tmpdir, e);

	in->source = &in->window.source;
	in->rest.memory -= kept;
	if (!rc)
		rc = run_query(&within, q, &keep, e);
	if (rc)
		lam_window_release(&in->window);
	return rc;
}

static int
open_unnest(const struct drive *d, struct input *in, struct lam_error *e)
{
	const struct lam_query *q = in->stage->query;
	struct lam_unnest_rows u = { in->stage, &in->rows };
	struct lam_row_sink keep = { NULL, lam_unnest_keep, &u, NULL };
	struct drive within = { d->leaves, &in->rest, d->faults, d->shared };
	uint64_t kept = (d->o->memory + 3) / 4;
	int rc;

	lam_row_source_init(&in->rows, q->noutputs, kept, d->o->tmpdir);
	in->source = &in->rows.source;
	in->kept = &in->rows;
	in->rest.memory -= kept;
	rc = run_query(&within, q, &keep, e);
	if (rc)
		lam_row_source_release(&in->rows);
	return rc;
}

static int open_input(const struct drive *d, struct input *in,
	const struct lam_stage *stage, bool spread, struct lam_error *e);
static void close_input(const struct drive *d, struct input *in);

static void
close_sides(const struct drive *d, struct input *in)
{
	for (int i = 0; i < 2; i++) {
		struct input *side = i ? in->left : in->right;

		if (side && side->open)
			close_input(d, side);
		free(side);
	}
	in->left = in->right = NULL;
}

/*
 * The rows of the right are kept; then the left is open while the join is.  It is read
 * in its order, unless that of the pairs is of no matter (SPREAD).  A quarter of the
 * memory is for the keys of the right.
 */
static int
open_join(const struct drive *d, struct input *in, bool spread,
	struct lam_error *e)
{
	const struct lam_join *j = in->stage->join;
	struct drive within = { d->leaves, &in->rest, d->faults, d->shared };
	struct lam_resources keys = *d->o;
	int rc = LAM_OK;

	keys.memory = (d->o->memory + 3) / 4;
	in->source = &in->join.source;
	in->right = calloc(1, sizeof *in->right);
	in->left = calloc(1, sizeof *in->left);
	if (!in->right || !in->left)
		rc = lam_fail_mem(e);
	in->rest.memory -= keys.memory;
	if (!rc)
		rc = open_input(&within, in->right, j->right, false, e);
	if (!rc) {
		in->rest.memory = in->right->rest.memory;
		rc = open_input(&within, in->left, j->left, spread, e);
	}
	if (!rc) {
		in->rest.memory = in->left->rest.memory;
		rc = lam_join_init(&in->join, in->stage, in->left->source,
			in->right->kept, &keys, spread, e);
	}
	if (rc)
		close_input(d, in);
	else if (in->join.sorted)
		close_sides(d, in);
	return rc;
}

static void
close_join(const struct drive *d, struct input *in)
{
	d->faults->outputs += in->join.faults;
	lam_join_release(&in->join);
	close_sides(d, in);
}

static int
open_stage(const struct drive *d, struct input *in,
	const struct lam_stage *stage, bool spread, struct lam_error *e)
{
	switch (stage->kind) {
	case LAM_STAGE_SELECT:
	case LAM_STAGE_APPEND:
		return open_select(d, in, e);
	case LAM_STAGE_UNNEST:
		return open_unnest(d, in, e);
	case LAM_STAGE_WINDOW:
		return open_window(d, in, e);
	case LAM_STAGE_SERIES:
		in->source = &in->series.source;
		return lam_series_source_init(&in->series, stage->series, e);
	case LAM_STAGE_JOIN:
		return open_join(d, in, spread, e);
	default:
		return d->leaves->open(d->leaves->arg, stage, d->o->threads,
			spread, &in->source, e);
	}
}

static int
open_input(const struct drive *d, struct input *in,
	const struct lam_stage *stage, bool spread, struct lam_error *e)
{
	struct lam_sub_values values = { run_value, d };
	int rc = lam_values_stage(&values, stage, e);

	in->stage = stage;
	in->rest = *d->o;
	if (!rc)
		rc = open_stage(d, in, stage, spread, e);
	in->open = !rc;
	return rc;
}

static void
close_input(const struct drive *d, struct input *in)
{
	switch (in->stage->kind) {
	case LAM_STAGE_SELECT:
	case LAM_STAGE_APPEND:
	case LAM_STAGE_UNNEST:
		lam_row_source_release(&in->rows);
		break;
	case LAM_STAGE_WINDOW:
		d->faults->outputs += lam_window_faults(&in->window);
		lam_window_release(&in->window);
		break;
	case LAM_STAGE_SERIES:
		lam_series_source_release(&in->series);
		break;
	case LAM_STAGE_JOIN:
		close_join(d, in);
		break;
	default:
		if (d->leaves->close)
			d->leaves->close(d->leaves->arg);
	}
}

static int
open_sink(const struct lam_row_sink *to, const struct lam_query *q,
	struct lam_error *e)
{
	return to->open ? to->open(to->arg, q, e) : LAM_OK;
}

/* May the rows that Q reads come in any order?  Those of a join have no position. */
static bool
unordered(const struct lam_query *q)
{
	bool joined = q->input->kind == LAM_STAGE_JOIN;

	for (uint32_t i = 0; i < q->nstates; i++)
		if (joined && lam_state_placed(&q->state[i]))
			return false;
	return q->grouped;
}

/* One pass over the input of all JOBS.  TO: of a query that is not grouped, whose
 * rows the pass gives out; or NULL. */
static int
run_jobs(const struct drive *d, struct lam_job *job, size_t njobs,
	const struct lam_row_sink *to, struct lam_error *e)
{
	struct lam_sub_values values = { run_value, d };
	struct input in = { .stage = NULL };
	bool spread = true;
	int rc = LAM_OK;

	for (size_t i = 0; i < njobs; i++) {
		job[i].partials = NULL;
		job[i].nulls = NULL;
		spread &= unordered(job[i].query);
	}
	for (size_t i = 0; !rc && i < njobs; i++)
		rc = lam_values_query(&values, job[i].query, e);
	if (!rc)
		rc = open_input(d, &in, job->query->input, spread, e);
	if (rc)
		return rc;
	if (to)
		rc = open_sink(to, job->query, e);
	if (!rc)
		rc = lam_engine_run(in.source, job, njobs, &in.rest, e);
	close_input(d, &in);
	return rc;
}

/* Rows that are not grouped are given out by the run, others after it. */
static int
run_query(const struct drive *d, const struct lam_query *q,
	const struct lam_row_sink *to, struct lam_error *e)
{
	struct lam_job job[2] = {
		{ .query = q, .finishes = true, .rows = to->rows,
			.sorted = to->sorted, .arg = to->arg },
		{ .query = q->fill ? q->fill->others : NULL }
	};
	uint64_t output_faults = 0;
	int rc = run_jobs(d, job, q->fill ? 2 : 1, q->grouped ? NULL : to, e);

	if (!rc && d->leaves->ran)
		d->leaves->ran(d->leaves->arg, job);
	lam_counts_fault(&d->faults->records, job->counts.faults,
		job->counts.first_fault);
	if (!rc && q->fill)
		rc = lam_fill_partials(job, d->o, e);
	if (!rc && q->grouped)
		rc = open_sink(to, q, e);
	if (!rc && q->grouped)
		rc = lam_engine_finish(q, job->partials, d->o, to->rows,
			to->arg, &output_faults, e);
	d->faults->outputs += output_faults;
	lam_partials_free(job->partials);
	lam_job_release(job);
	if (q->fill) {
		lam_partials_free(job[1].partials);
		lam_job_release(&job[1]);
	}
	return rc;
}

int
lam_drive_jobs(const struct lam_leaves *l, struct lam_job *job,
	size_t njobs, const struct lam_resources *o, struct lam_error *e)
{
	struct lam_drive_faults f = { .outputs = 0 };
	struct shared *shared = NULL;
	struct lam_resources rest = *o;
	struct drive d = { l, &rest, &f, &shared };
	int rc = lam_ref_files_open(job, njobs, &rest, e);

	if (!rc)
		rc = run_jobs(&d, job, njobs, NULL, e);
	lam_ref_files_close(job, njobs);
	release_shared(shared);
	return rc;
}

int
lam_drive_rows(const struct lam_leaves *l, const struct lam_query *q,
	const struct lam_row_sink *to, const struct lam_resources *o,
	struct lam_drive_faults *f, struct lam_error *e)
{
	struct shared *shared = NULL;
	struct drive d = { l, o, f, &shared };
	int rc = run_query(&d, q, to, e);

	release_shared(shared);
	return rc;
}
