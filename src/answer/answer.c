/*
 * answer.c - answer one query
 *
 * A query on a view merges the pieces of its cover.  When a file vanished
 * between listing and opening, or one turns out damaged while it is read, the
 * whole attempt starts over.  No row was given out yet, because a grouped query
 * gives its first row when its source has ended.
 */
#include "answer/answer_internal.h"

#include <stdlib.h>
#include <string.h>

#define ATTEMPTS 50 /* each lost to a publisher that was faster */

static int
open_output(void *arg, const struct lam_query *q, struct lam_error *e)
{
	struct attempt *a = arg;

	a->opened = true;
	return a->request->open(a->request->arg, q, e);
}

static int
give_rows(void *arg, const struct lam_vec *column, uint32_t n,
	struct lam_error *e)
{
	struct attempt *a = arg;

	return a->request->rows(a->request->arg, column, n, e);
}

/* The whole query, over LEAVES. */
static int
run(struct attempt *a, const struct lam_leaves *leaves, struct lam_error *e)
{
	struct lam_row_sink out = { open_output, give_rows, a };

	return lam_drive_rows(leaves, a->query, &out, &a->request->engine,
		&a->faults, e);
}

static int
answer_view(struct attempt *a, bool *again, struct lam_error *e)
{
	struct lam_cover *c = &a->cover;
	struct lam_leaves leaves = lam_drive_source(&c->rows.source);
	uint64_t start;
	int rc;

	rc = lam_cover_plan(c, &a->files, a->end, again, e);
	if (rc || *again)
		return rc;
	rc = lam_bad_init(&a->bad, (uint32_t)a->stream.schema.n, e);
	if (!rc)
		rc = lam_cover_compute(c, &a->request->engine, &a->bad,
			a->request->now, e);
	start = a->request->now ? a->request->now() : 0;
	if (!rc)
		rc = run(a, &leaves, e);
	a->merged = a->request->now ? a->request->now() - start : 0;
	return rc;
}

static int
answer_stream(struct attempt *a, struct lam_error *e)
{
	struct lam_log_leaf log = { .stream = &a->stream,
		.to = a->end, .bad = &a->bad };
	struct lam_leaves leaves = lam_log_leaf(&log);
	int rc = lam_bad_init(&a->bad, (uint32_t)a->stream.schema.n, e);

	return rc ? rc : run(a, &leaves, e);
}

static int
open_adhoc(void *arg, const struct lam_stage *scan, unsigned workers,
	bool spread, struct lam_source **out, struct lam_error *e)
{
	struct attempt *a = arg;

	(void)spread;
	return lam_adhoc_source(a->adhoc, scan->used, workers, out, e);
}

static int
answer_adhoc(struct attempt *a, struct lam_error *e)
{
	struct lam_leaves leaves = { open_adhoc, NULL, a };
	int rc = run(a, &leaves, e);

	lam_adhoc_report(a->adhoc, &a->request->warn);
	a->request->rejected = lam_adhoc_rejected(a->adhoc);
	return rc;
}

static int
answer_text(struct attempt *a, struct lam_error *e)
{
	struct lam_leaves leaves = lam_drive_source(&a->text.source);
	int rc;

	rc = lam_text_source_init(&a->text, a->reader, &a->section,
		a->request->engine.threads, e);
	return rc ? rc : run(a, &leaves, e);
}

/* Report the values that could not be computed, of records and of results. */
static void
report_faults(struct attempt *a)
{
	const char *name = a->on_view ? a->view.name :
		lam_query_scan(a->query)->name;

	for (size_t i = 0; a->on_view && i < a->cover.n; i++) {
		const struct lam_counts *c = &a->cover.part[i]->section.counts;

		lam_counts_fault(&a->faults.records, c->faults, c->first_fault);
	}
	if (a->on_text)
		lam_counts_fault(&a->faults.records, a->text.total.counts.faults,
			a->text.total.counts.first_fault);
	lam_faults_report(&a->faults.records, name, &a->request->warn);
	lam_output_faults_report(a->faults.outputs, &a->request->warn);
}

static void
report_bad(struct attempt *a)
{
	struct lam_relation r;

	if (a->bad.n && !lam_schema_relation(&a->stream.schema,
		a->stream.name, &a->arena, &r, NULL))
		lam_bad_report(&a->bad, a->stream.name, r.field,
			&a->request->warn);
}

/* One attempt.  *AGAIN: it came to nothing, another may do better. */
static int
attempt(struct attempt *a, bool *again, struct lam_error *e)
{
	struct lam_catalog catalog = { a, lam_answer_find };
	int rc;

	a->start = a->request->now ? a->request->now() : 0;
	rc = lam_query_bind(a->request->sql, "query", false, &catalog, &a->arena,
		&a->query, e);
	rc = lam_adhoc_bound(a->adhoc, rc, e);
	if (rc == LAM_USAGE && a->on_stream && !a->stream.schema.n) {
		*e = (struct lam_error)LAM_ERROR_INIT;
		rc = lam_fail(e, LAM_NOTHING, "%s: the stream has no records "
			"yet", a->stream.name);
	}
	if (rc)
		return rc;
	a->cover.data = a->request->data;
	a->cover.view = &a->view;
	a->cover.stream = &a->stream;
	a->cover.warn = a->request->warn;
	if (a->on_view)
		rc = answer_view(a, again, e);
	else if (a->on_stream)
		rc = answer_stream(a, e);
	else if (a->on_text)
		rc = answer_text(a, e);
	else
		rc = answer_adhoc(a, e);
	if (rc == LAM_DATA && a->on_view && !a->opened &&
		lam_cover_damaged(&a->cover))
		*again = true;
	if (!rc && !*again) {
		report_bad(a);
		report_faults(a);
		lam_answer_explain(a);
	}
	return rc;
}

static void
attempt_release(struct attempt *a)
{
	lam_cover_release(&a->cover);
	lam_view_files_release(&a->files);
	lam_bad_release(&a->bad);
	lam_text_source_release(&a->text);
	lam_partial_reader_free(a->reader);
	lam_adhoc_free(a->adhoc);
	if (a->streaming)
		lam_stream_close(&a->stream);
	lam_arena_release(&a->arena);
}

int
lam_answer(struct lam_answer *request, struct lam_error *e)
{
	struct lam_buf skip = LAM_BUF_INIT;
	struct attempt *a = NULL;
	bool again = true;
	int rc = LAM_OK;

	for (int i = 0; again && i < ATTEMPTS; i++) {
		struct lam_error why = LAM_ERROR_INIT;

		again = false;
		a = calloc(1, sizeof *a); /* a stream is large */
		if (!a) {
			rc = lam_fail_mem(e);
			break;
		}
		a->request = request;
		a->cover.skip = &skip;
		rc = attempt(a, &again, &why);
		if (rc && again)
			lam_message(&request->warn, "%s: passed over", why.msg);
		else if (rc && e) {
			*e = why;
			e->code = rc;
		}
		attempt_release(a);
		free(a);
	}
	if (!rc && again)
		rc = lam_fail(e, LAM_SYSTEM, "the view's files are replaced "
			"faster than they can be opened: try again");
	lam_buf_release(&skip);
	return rc;
}
