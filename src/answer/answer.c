/*
 * answer.c - answer one query
 *
 * A query on a view merges the pieces of its cover.  When a file vanished
 * between listing and opening, or one turns out damaged while it is read, the
 * whole attempt starts over.  No row was given out yet, because a view is read by
 * a grouped query, which gives its first row when its source has ended, and what
 * is read by the first pass alone has no row before the rest has been made.
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

	a->rows += n;
	return a->request->rows(a->request->arg, column, n, e);
}

/* The cover of a view, made when it is read first. */
static int
open_view(struct attempt *a, struct answer_view *v, struct lam_source **out,
	struct lam_error *e)
{
	struct lam_cover *c = &v->cover;
	uint64_t start = answer_now(a);
	int rc;

	*out = &c->rows.source;
	if (v->computed) {
		lam_cover_rewind(c);
		return LAM_OK;
	}
	c->data = a->request->data;
	c->view = &v->view;
	c->stream = &v->stream->stream;
	c->warn = a->request->warn;
	c->skip = a->skip;
	rc = lam_cover_plan(c, &v->files, v->stream->end, &a->again, e);
	if (!rc && a->again)
		return lam_fail(e, LAM_SYSTEM, "%s: a file of this view was "
			"replaced", v->view.name);
	if (!rc)
		rc = lam_cover_compute(c, v->uses > 1, &a->request->engine,
			&v->stream->bad, a->request->now, e);
	v->computed = !rc;
	v->ns = answer_now(a) - start;
	return rc;
}

static int
open_leaf(void *arg, const struct lam_stage *scan, unsigned workers,
	bool spread, struct lam_source **out, struct lam_error *e)
{
	struct attempt *a = arg;
	struct answer_leaf *l = a->leaf[scan->leaf];

	switch (l->kind) {
	case ANSWER_FILE:
		if (!a->query->grouped)
			lam_adhoc_rows_asked(l->adhoc);
		return lam_adhoc_source(l->adhoc, scan->used, workers, out, e);
	case ANSWER_STREAM:
		*out = &l->log.source;
		return lam_log_source_init(&l->log, &l->stream->stream, 0,
			l->stream->end, workers, spread, &l->stream->bad, e);
	case ANSWER_VIEW:
		return open_view(a, l->view, out, e);
	default:
		*out = &l->text.source;
		return lam_text_source_init(&l->text, l->reader, &l->section,
			workers, e);
	}
}

/* Report the values that could not be computed, of records and of results. */
static void
report_faults(struct attempt *a)
{
	for (struct answer_view *v = a->views; v; v = v->next)
		for (size_t i = 0; i < v->cover.n; i++) {
			const struct lam_counts *c =
				&v->cover.part[i]->section.counts;

			lam_counts_fault(&a->faults.records, c->faults,
				c->first_fault);
		}
	for (size_t i = 0; i < a->n; i++) {
		const struct lam_counts *c = &a->leaf[i]->text.total.counts;

		if (a->leaf[i]->kind == ANSWER_TEXT)
			lam_counts_fault(&a->faults.records, c->faults,
				c->first_fault);
	}
	if (a->query->input->kind != LAM_STAGE_SCAN) /* of what? */
		a->faults.records.first_fault = LAM_NO_POSITION;
	lam_faults_report(&a->faults.records, a->n == 1 ? a->leaf[0]->name :
		"query", &a->request->warn);
	lam_output_faults_report(a->faults.outputs, &a->request->warn);
}

/* Report values that are not of their field's type, and lines that are no records. */
static void
report_bad(struct attempt *a)
{
	struct lam_relation r;

	for (struct answer_stream *s = a->streams; s; s = s->next)
		if (!lam_schema_relation(&s->stream.schema, s->stream.name,
			&a->arena, &r, NULL))
			lam_bad_report(&s->bad, s->stream.name, r.field,
				&a->request->warn);
}

static void
report_files(struct attempt *a)
{
	for (size_t i = 0; i < a->n; i++) {
		struct answer_leaf *l = a->leaf[i];

		if (l->kind != ANSWER_FILE)
			continue;
		lam_adhoc_report(l->adhoc, &a->request->warn);
		a->request->rejected += lam_adhoc_rejected(l->adhoc);
	}
}

/* Of an input without records nothing comes, but with others beside it something may:
 * what lacks columns or types then is no empty answer. */
static int
lacking(const struct attempt *a, int rc, struct lam_error *e)
{
	struct lam_error why = *e;

	if (rc != LAM_NOTHING || a->n < 2)
		return rc;
	*e = (struct lam_error)LAM_ERROR_INIT;
	return lam_fail(e, LAM_DATA, "%s: the query reads others beside it, so "
		"its answer is not known", why.msg);
}

/* What went wrong may be that there are no records, which give no types. */
static int
bound(struct attempt *a, int rc, bool absent, struct lam_error *e)
{
	for (size_t i = 0; i < a->n && rc == LAM_USAGE; i++)
		rc = lam_adhoc_bound(a->leaf[i]->adhoc, rc, absent, e);
	for (size_t i = 0; i < a->n && rc == LAM_USAGE; i++) {
		const struct answer_leaf *l = a->leaf[i];

		if (l->kind != ANSWER_STREAM || !l->stream ||
			l->stream->stream.schema.n)
			continue;
		*e = (struct lam_error)LAM_ERROR_INIT;
		rc = lam_fail(e, LAM_NOTHING, "%s: the stream has no records "
			"yet", l->name);
	}
	return lacking(a, rc, e);
}

/* Options that fit nothing that the query reads. */
static int
check_options(const struct attempt *a, struct lam_error *e)
{
	const struct lam_answer *r = a->request;
	const char *name = a->n ? a->leaf[0]->name : "query";
	const struct lam_input_options *o = &r->adhoc.input;
	bool file = false;

	for (size_t i = 0; i < a->n; i++)
		file |= a->leaf[i]->kind == ANSWER_FILE;
	if (!file && (o->format || r->adhoc.fields || r->adhoc.schema ||
		o->zone || o->start || o->time_format || o->origin ||
		o->header != LAM_HEADER_GUESS ||
		lam_dialect_given(&o->dialect) || r->strict))
		return lam_fail(e, LAM_USAGE, "%s: a format, fields, a header, "
			"a schema, a zone, --origin or --strict can be given "
			"for FROM 'path' and FROM stdin only", name);
	if (r->partials && !a->n)
		return lam_fail(e, LAM_USAGE, "%s: partials are given, and it "
			"reads none of their views: FROM names one", name);
	for (size_t i = 0; i < r->nas_of; i++) {
		const char *stream = r->as_of[i].stream;
		const struct answer_stream *s = a->streams;

		while (s && stream && strcmp(s->stream.name, stream))
			s = s->next;
		if (!s && stream)
			return lam_fail(e, LAM_USAGE, "%s: the query does not "
				"read this stream, which is to be read as of a "
				"position", stream);
		if (!s)
			return lam_fail(e, LAM_USAGE, "%s: only a view or a "
				"stream can be read as of a position", name);
	}
	return LAM_OK;
}

/* A join without equality costs the product of its sides: say so. */
static void
warn_of_joins(const struct attempt *a, const struct lam_stage *s)
{
	const struct lam_join *j = s->join;

	for (uint32_t i = 0; i < s->nparts; i++)
		warn_of_joins(a, s->part[i]->input);
	if (s->query)
		warn_of_joins(a, s->query->input);
	if (s->rows)
		warn_of_joins(a, s->rows);
	if (!j)
		return;
	if (!j->nkeys && j->condition)
		lam_message(&a->request->warn, "%s:%u:%u: no equality joins "
			"these relations: each row of one is compared with "
			"each of the other", j->source, j->line, j->column);
	warn_of_joins(a, j->left);
	warn_of_joins(a, j->right);
}

/* Is it worth another attempt? */
static bool
again(struct attempt *a, int rc)
{
	bool better = a->again;

	for (struct answer_view *v = a->views; v; v = v->next)
		better |= rc == LAM_DATA && lam_cover_damaged(&v->cover);
	for (size_t i = 0; i < a->n; i++) /* read already */
		better &= strcmp(a->leaf[i]->name, "stdin") != 0;
	return rc && better && !a->opened;
}

int
lam_answer_run(struct attempt *a, const struct lam_row_sink *to,
	struct lam_error *e)
{
	struct lam_leaves leaves = { open_leaf, NULL, a, a->request->ask.analyze ?
		lam_answer_ran : NULL };
	int rc;

	warn_of_joins(a, a->query->input);
	rc = lam_drive_rows(&leaves, a->query, to, &a->request->engine,
		&a->faults, e);
	report_files(a);
	if (rc)
		return rc;
	report_bad(a);
	report_faults(a);
	return LAM_OK;
}

/* EXPLAIN ANALYZE shows no rows. */
static int
count_rows(void *arg, const struct lam_vec *column, uint32_t n,
	struct lam_error *e)
{
	struct attempt *a = arg;

	(void)column;
	(void)e;
	a->rows += n;
	return LAM_OK;
}

/* What is asked of the query, which is bound. */
static int
answer(struct attempt *a, struct lam_error *e)
{
	struct lam_row_sink out = { open_output, give_rows, a, NULL };
	struct lam_row_sink count = { NULL, count_rows, a, NULL };
	int rc = LAM_OK;

	switch (a->request->ask.kind) {
	case LAM_STATEMENT_DESCRIBE:
		return lam_answer_describe(a, e);
	case LAM_STATEMENT_SUMMARIZE:
		return lam_answer_summarize(a, e);
	case LAM_STATEMENT_EXPLAIN:
		if (a->request->ask.analyze)
			rc = lam_answer_run(a, &count, e);
		return rc ? rc : lam_answer_plan(a, e);
	default:
		return lam_answer_run(a, &out, e);
	}
}

/* One attempt. */
static int
attempt(struct attempt *a, struct lam_error *e)
{
	bool absent = false;
	struct lam_catalog catalog = { .state = a, .find = lam_answer_find,
		.rows = lam_answer_rows, .now = &a->request->wall,
		.absent = &absent };
	const char *sql = a->request->ask.sql;
	int rc;

	a->start = answer_now(a);
	if (a->request->ask.kind == LAM_STATEMENT_SHOW)
		return lam_answer_show(a, e);
	rc = a->request->fill ? lam_query_bind_filled(sql, "query", &catalog,
		&a->arena, &a->query, e) : lam_query_bind(sql, "query", false,
		&catalog, &a->arena, &a->query, e);
	rc = bound(a, rc, absent, e);
	if (!rc)
		rc = check_options(a, e);
	if (!rc)
		rc = answer(a, e);
	if (!rc)
		lam_answer_explain(a);
	return rc;
}

int
lam_answer(struct lam_answer *request, struct lam_error *e)
{
	struct lam_buf skip = LAM_BUF_INIT;
	bool more = true;
	int rc = LAM_OK;

	for (int i = 0; more && i < ATTEMPTS; i++) {
		struct lam_error why = LAM_ERROR_INIT;
		struct attempt a = { .request = request, .skip = &skip };

		rc = attempt(&a, &why);
		more = again(&a, rc);
		if (more && !a.again)
			lam_message(&request->warn, "%s: passed over", why.msg);
		else if (rc && !more && e) {
			*e = why;
			e->code = rc;
		}
		lam_answer_release(&a);
	}
	if (more)
		rc = lam_fail(e, LAM_SYSTEM, "the view's files are replaced "
			"faster than they can be opened: try again");
	lam_buf_release(&skip);
	return rc;
}
