/*
 * drive.c - run queries: their trees of stages, the leaves first
 *
 *	lam_drive_rows(q): input of q -> engine -> [partials -> finish] -> sink
 *
 * The kind of a stage says how it is opened: a SCAN by the callback, a SELECT by
 * running its query to the end and keeping the rows (rows/row_source.h), a WINDOW
 * likewise (window/window.h).  Another kind of stage is one more way to open.
 */
#include "engine/drive.h"

#include "rows/row_source.h"
#include "window/window.h"

/* Shared by the queries of one tree. */
struct drive {
	const struct lam_leaves *leaves;
	const struct lam_resources *o;
	struct lam_drive_faults *faults;
};

/* A stage, open: its rows. */
struct input {
	const struct lam_stage *stage;
	struct lam_source *source;
	struct lam_row_source rows;  /* SELECT */
	struct lam_window window;    /* WINDOW */
	struct lam_resources rest;   /* the query that reads it may use */
};

static int run_query(const struct drive *d, const struct lam_query *q,
	const struct lam_row_sink *to, struct lam_error *e);

/*
 * Of the memory, a quarter is for the rows that are kept, and the rest is for
 * the query that makes them, then for the one that reads them.
 */
static int
open_select(const struct drive *d, struct input *in, struct lam_error *e)
{
	const struct lam_query *q = in->stage->query;
	struct lam_row_sink keep = { NULL, lam_row_source_keep, &in->rows };
	struct drive within = { d->leaves, &in->rest, d->faults };
	uint64_t kept = (d->o->memory + 3) / 4;
	int rc;

	lam_row_source_init(&in->rows, q->noutputs, kept, d->o->tmpdir);
	in->source = &in->rows.source;
	in->rest.memory -= kept;
	rc = run_query(&within, q, &keep, e);
	if (rc)
		lam_row_source_release(&in->rows);
	return rc;
}

static int
open_window(const struct drive *d, struct input *in, struct lam_error *e)
{
	const struct lam_query *q = in->stage->rows->query;
	struct lam_row_sink keep = { NULL, lam_window_keep, &in->window };
	struct drive within = { d->leaves, &in->rest, d->faults };
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
open_input(const struct drive *d, struct input *in,
	const struct lam_stage *stage, bool spread, struct lam_error *e)
{
	in->stage = stage;
	in->rest = *d->o;
	if (stage->kind == LAM_STAGE_SELECT)
		return open_select(d, in, e);
	if (stage->kind == LAM_STAGE_WINDOW)
		return open_window(d, in, e);
	return d->leaves->open(d->leaves->arg, stage, d->o->threads, spread,
		&in->source, e);
}

static void
close_input(const struct drive *d, struct input *in)
{
	if (in->stage->kind == LAM_STAGE_SELECT) {
		lam_row_source_release(&in->rows);
	} else if (in->stage->kind == LAM_STAGE_WINDOW) {
		d->faults->outputs += lam_window_faults(&in->window);
		lam_window_release(&in->window);
	} else if (d->leaves->close) {
		d->leaves->close(d->leaves->arg);
	}
}

/* One pass over the input of all JOBS. */
static int
run_jobs(const struct drive *d, struct lam_job *job, size_t njobs,
	struct lam_error *e)
{
	struct input in;
	bool spread = true;
	int rc;

	for (size_t i = 0; i < njobs; i++) {
		job[i].partials = NULL;
		job[i].nulls = NULL;
		spread &= job[i].query->grouped;
	}
	rc = open_input(d, &in, job->query->input, spread, e);
	if (rc)
		return rc;
	rc = lam_engine_run(in.source, job, njobs, &in.rest, e);
	close_input(d, &in);
	return rc;
}

static int
open_sink(const struct lam_row_sink *to, const struct lam_query *q,
	struct lam_error *e)
{
	return to->open ? to->open(to->arg, q, e) : LAM_OK;
}

/* Rows that are not grouped are given out by the run, others after it. */
static int
run_query(const struct drive *d, const struct lam_query *q,
	const struct lam_row_sink *to, struct lam_error *e)
{
	struct lam_job job = { .query = q, .rows = to->rows, .arg = to->arg };
	uint64_t output_faults = 0;
	int rc = q->grouped ? LAM_OK : open_sink(to, q, e);

	if (!rc)
		rc = run_jobs(d, &job, 1, e);
	lam_counts_fault(&d->faults->records, job.counts.faults,
		job.counts.first_fault);
	if (!rc && q->grouped)
		rc = open_sink(to, q, e);
	if (!rc && q->grouped)
		rc = lam_engine_finish(q, job.partials, d->o, to->rows,
			to->arg, &output_faults, e);
	d->faults->outputs += output_faults;
	lam_partials_free(job.partials);
	lam_job_release(&job);
	return rc;
}

int
lam_drive_jobs(const struct lam_leaves *l, struct lam_job *job,
	size_t njobs, const struct lam_resources *o, struct lam_error *e)
{
	struct lam_drive_faults f = { .outputs = 0 };
	struct drive d = { l, o, &f };

	return run_jobs(&d, job, njobs, e);
}

int
lam_drive_rows(const struct lam_leaves *l, const struct lam_query *q,
	const struct lam_row_sink *to, const struct lam_resources *o,
	struct lam_drive_faults *f, struct lam_error *e)
{
	struct drive d = { l, o, f };

	return run_query(&d, q, to, e);
}

static int
open_given(void *arg, const struct lam_stage *scan, unsigned workers,
	bool spread, struct lam_source **out, struct lam_error *e)
{
	(void)scan;
	(void)workers;
	(void)spread;
	(void)e;
	*out = arg;
	return LAM_OK;
}

struct lam_leaves
lam_drive_source(struct lam_source *src)
{
	return (struct lam_leaves){ open_given, NULL, src };
}
