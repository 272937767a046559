/*
 * recompute.c - batch: everything, from scratch, in one pass per log
 *
 * All views of a stream are jobs of one engine run, so a column that many
 * views read is decoded once per block.  Their partial relations are held
 * until all streams are done, because sections are written in view order.
 *
 * A view that fails is reported, and the others are computed.
 * When a run of several fails they are run again, each alone.
 *
 * Going on from a generation that covers [0, P0) is the same with the log cut
 * at P0: partials of [P0, P) merged with the generation's rows.  Merging is
 * exact, so the bytes are those of a full recompute.
 */
#include "view/recompute_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "log/seal.h"
#include "log/sync.h"
#include "sql/regroup.h"

int
lam_section_of_job(struct lam_section *s, const struct lam_job *job,
	struct lam_arena *a, struct lam_error *e)
{
	const struct lam_query *plain = job->query->plain;
	size_t n;

	s->query = plain ? plain : job->query;
	n = s->query->nstates;
	s->counts = job->counts;
	s->nulls = LAM_ARENA_NEW(a, uint64_t, n + 1);
	if (!s->nulls)
		return lam_fail_mem(e);
	if (job->nulls && n)
		memcpy(s->nulls, job->nulls, n * sizeof(uint64_t));
	return LAM_OK;
}

int
lam_merge_run(const struct lam_query *q, struct lam_source *src,
	const struct lam_resources *o, struct lam_arena *a,
	struct lam_partials **out, struct lam_error *e)
{
	struct lam_leaves leaves = lam_drive_source(src);
	struct lam_query *merge;
	struct lam_job job = { .query = NULL };
	int rc;

	*out = NULL;
	rc = lam_regroup(q, a, &merge, e);
	if (rc)
		return rc;
	job.query = merge;
	rc = lam_drive_jobs(&leaves, &job, 1, o, e);
	if (!rc)
		*out = job.partials;
	lam_job_release(&job);
	return rc;
}

static int
compare_names(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* The views, by name, each once. */
static int
list_views(struct lam_batch_run *b)
{
	struct lam_names names = LAM_NAMES_INIT;
	const struct lam_recompute *r = b->r;
	size_t n = r->nviews;
	const char **name;
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < n; i++)
		if (!lam_view_exists(r->data, r->view[i]))
			rc = lam_view_missing(r->data, r->view[i], b->e);
	if (n == 0) {
		rc = lam_view_list(r->data, &names, &b->failures, b->e);
		n = names.n;
		if (!rc && n == 0 && !b->failures.n)
			rc = lam_fail(b->e, LAM_USAGE, "%s/views: there are "
				"no views: put a definition into NAME.sql "
				"there", r->data);
	}
	name = LAM_ARENA_NEW(&b->arena, const char *, n + 1);
	b->entry = LAM_ARENA_NEW(&b->arena, struct lam_batch_view, n + 1);
	if (!rc && (!name || !b->entry))
		rc = lam_fail_mem(b->e);
	for (size_t i = 0; !rc && i < n; i++) {
		const char *s = r->nviews ? r->view[i] : names.name[i];

		name[i] = lam_arena_dup(&b->arena, s, strlen(s));
		if (!name[i])
			rc = lam_fail_mem(b->e);
	}
	lam_names_release(&names);
	if (rc)
		return rc;
	qsort(name, n, sizeof *name, compare_names);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || strcmp(name[i], name[i - 1]))
			b->entry[b->n++].name = name[i];
	return LAM_OK;
}

/* Open the stream; *TO is the end of this batch, and durable.  The log is rolled
 * unless it ends with a segment, or with little that is not yet one. */
static int
open_stream(struct lam_batch_run *b, const char *name, struct lam_stream *s,
	bool *open, uint64_t *to)
{
	const struct lam_recompute *r = b->r;
	int rc = lam_stream_open(s, r->data, name, b->e);

	*to = r->bounded ? r->as_of : s->head;
	if (!rc && !r->bounded && !lam_stream_ends_sealed(s) &&
		!lam_stream_small_tail(s)) {
		lam_stream_close(s);
		if (r->hold)
			r->hold(true);
		rc = lam_stream_roll(r->data, name, to, b->e);
		if (r->hold)
			r->hold(false);
		if (!rc)
			rc = lam_stream_open(s, r->data, name, b->e);
	}
	*open = !rc;
	if (rc)
		return rc;
	if (r->from > *to)
		return lam_fail(b->e, LAM_USAGE, "position %" PRIu64 ": the "
			"range of %s ends before it, at %" PRIu64, r->from,
			name, *to);
	if (*to > s->head)
		return lam_fail(b->e, r->bounded ? LAM_USAGE : LAM_DATA,
			"position %" PRIu64 ": the log of %s ends at %" PRIu64,
			*to, name, s->head);
	return lam_stream_sync(s, *to, b->e);
}

static int
load_view(struct lam_batch_run *b, struct lam_batch_view *v,
	struct lam_stream *s, uint64_t to)
{
	struct lam_section *x = &v->section;
	int rc;

	rc = lam_view_load(b->r->data, v->name, s, &b->arena, &v->view, b->e);
	if (rc)
		return rc;
	memcpy(x->view, v->view.name, sizeof x->view);
	memcpy(x->stream, s->name, sizeof x->stream);
	memcpy(x->id, s->id, sizeof x->id);
	x->from = v->from = b->r->from;
	x->to = to;
	x->spec = v->view.spec;
	x->query = v->view.query;
	rc = lam_section_tie(x, s, b->e);
	if (!rc && b->r->incremental)
		rc = lam_batch_find_base(b, v, s, to);
	return rc ? rc : lam_batch_find_told(b, v);
}

/* RC of V, with WHY: it is out, the others go on. */
static int
fail_view(struct lam_batch_run *b, struct lam_batch_view *v, int rc,
	const struct lam_error *why)
{
	v->failed |= rc != LAM_OK;
	return lam_failures_add(&b->failures, rc, why, b->e);
}

/* The range [FROM, TO) of S for the views OF[0..n-1], in one run. */
static int
run_jobs(struct lam_batch_run *b, struct lam_stream *s, uint64_t from,
	uint64_t to, struct lam_batch_view **of, size_t n, struct lam_bad *bad)
{
	struct lam_log_leaf log = { .stream = s, .from = from, .to = to,
		.bad = bad };
	struct lam_leaves leaves = lam_log_leaf(&log);
	struct lam_job *job = LAM_ARENA_NEW(&b->arena, struct lam_job, n);
	int rc;

	if (!job)
		return lam_fail_mem(b->e);
	for (size_t i = 0; i < n; i++) {
		job[i].query = b->lines ? lam_query_counted(
			of[i]->view.query, &b->arena) : of[i]->view.query;
		if (!job[i].query)
			return lam_fail_mem(b->e);
	}
	rc = lam_drive_jobs(&leaves, job, n, &b->engine, b->e);
	for (size_t i = 0; i < n; i++) {
		/* This may be another try. */
		lam_partials_free(of[i]->partials);
		of[i]->partials = job[i].partials;
		if (!rc)
			rc = lam_section_of_job(&of[i]->section, &job[i],
				&b->arena, b->e);
		lam_job_release(&job[i]);
	}
	for (size_t i = 0; !rc && i < n; i++) {
		bool gone = false;

		if (!of[i]->has_base)
			continue;
		rc = lam_batch_merge_base(b, of[i], &gone);
		if (!rc && gone)
			rc = run_jobs(b, s, 0, to, &of[i], 1, NULL);
	}
	return rc;
}

/* The same, with failures that are of one view told of it alone. */
static int
run_views(struct lam_batch_run *b, struct lam_stream *s, uint64_t from,
	uint64_t to, struct lam_batch_view **of, size_t n, struct lam_bad *bad)
{
	struct lam_error why = LAM_ERROR_INIT, *e = b->e;
	int rc;

	b->e = &why;
	rc = run_jobs(b, s, from, to, of, n, bad);
	b->e = e;
	if (!rc || n == 1 || !lam_failures_of_one(rc, &why))
		return fail_view(b, of[0], rc, &why);
	rc = LAM_OK;
	for (size_t i = 0; !rc && i < n; i++)
		rc = run_views(b, s, of[i]->from, to, &of[i], 1, NULL);
	return rc;
}

bool
lam_batch_is_of(const struct lam_batch_view *v, const struct lam_stream *s)
{
	return v->stream && !v->failed && !strcmp(v->stream, s->name);
}

/* Scan [from, to) for all views of the stream that start at FROM. */
static int
scan(struct lam_batch_run *b, struct lam_stream *s, uint64_t from, uint64_t to,
	struct lam_bad *bad)
{
	struct lam_batch_view **of = LAM_ARENA_NEW(&b->arena,
		struct lam_batch_view *, b->n);
	size_t n = 0;

	if (!of)
		return lam_fail_mem(b->e);
	for (size_t i = 0; i < b->n; i++) {
		struct lam_batch_view *v = &b->entry[i];

		if (!lam_batch_is_of(v, s) || v->from != from)
			continue;
		v->scanned = true;
		of[n++] = v;
	}
	return run_views(b, s, from, to, of, n, bad);
}

/* Bad values in front of it were told by the run that made what is served of
 * each view. */
static uint64_t
told(const struct lam_batch_run *b, const struct lam_stream *s)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < b->n; i++)
		if (lam_batch_is_of(&b->entry[i], s) && b->entry[i].told < least)
			least = b->entry[i].told;
	return least;
}

static int
load_views(struct lam_batch_run *b, struct lam_stream *s, uint64_t to)
{
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < b->n; i++) {
		struct lam_error why = LAM_ERROR_INIT, *e = b->e;

		if (!lam_batch_is_of(&b->entry[i], s))
			continue;
		b->e = &why;
		rc = load_view(b, &b->entry[i], s, to);
		b->e = e;
		rc = fail_view(b, &b->entry[i], rc, &why);
	}
	return rc;
}

/* Everything of a stream but opening it. */
static int
run_open(struct lam_batch_run *b, struct lam_stream *s, uint64_t to)
{
	struct lam_bad bad = { NULL, 0, 0 };
	struct lam_relation relation;
	int rc = load_views(b, s, to);

	if (!rc && b->r->splits)
		return lam_batch_split(b, s, to);
	if (!rc)
		rc = lam_bad_init(&bad, (uint32_t)s->schema.n, b->e);
	bad.from = b->r->verbose ? 0 : told(b, s);
	for (size_t i = 0; !rc && i < b->n; i++)
		if (lam_batch_is_of(&b->entry[i], s) && !b->entry[i].scanned)
			rc = scan(b, s, b->entry[i].from, to, &bad);
	if (!rc)
		rc = lam_schema_relation(&s->schema, s->name, &b->arena,
			&relation, b->e);
	if (!rc)
		lam_bad_report(&bad, s->name, relation.field, &b->r->warn);
	lam_bad_release(&bad);
	return rc;
}

/* A stream that cannot be opened fails all its views. */
static int
fail_stream(struct lam_batch_run *b, const char *name, int failed,
	const struct lam_error *why)
{
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < b->n; i++)
		if (b->entry[i].stream && !strcmp(b->entry[i].stream, name))
			rc = fail_view(b, &b->entry[i], failed, why);
	return rc;
}

static int
run_stream(struct lam_batch_run *b, const char *name)
{
	struct lam_stream *s = calloc(1, sizeof *s);
	struct lam_error why = LAM_ERROR_INIT, *e = b->e;
	uint64_t to = 0;
	bool open = false;
	int rc;

	if (!s)
		return lam_fail_mem(b->e);
	b->e = &why;
	rc = open_stream(b, name, s, &open, &to);
	b->e = e;
	if (!rc)
		rc = run_open(b, s, to);
	else
		rc = fail_stream(b, name, rc, &why);
	if (open)
		lam_stream_close(s);
	free(s);
	return rc;
}

static bool
first_of_stream(const struct lam_batch_run *b, size_t i)
{
	if (!b->entry[i].stream)
		return false;
	for (size_t j = 0; j < i; j++)
		if (b->entry[j].stream && !strcmp(b->entry[j].stream,
			b->entry[i].stream))
			return false;
	return true;
}

static int
find_streams(struct lam_batch_run *b)
{
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < b->n; i++) {
		struct lam_error why = LAM_ERROR_INIT;
		struct lam_batch_view *v = &b->entry[i];

		rc = lam_view_find_stream(b->r->data, v->name, &b->arena,
			&v->stream, &why);
		if (rc)
			v->stream = NULL;
		rc = fail_view(b, v, rc, &why);
	}
	return rc;
}

int
lam_recompute(const struct lam_recompute *r, struct lam_partial_writer *w,
	struct lam_error *e)
{
	struct lam_batch_run b = { .r = r, .engine = r->engine,
		.lines = lam_partial_lines(w),
		.failures = LAM_FAILURES_INIT(r->failed),
		.arena = LAM_ARENA_INIT, .e = e };
	size_t streams = 0, done = 0;
	int rc;

	rc = list_views(&b);
	if (!rc)
		rc = find_streams(&b);
	for (size_t i = 0; !rc && i < b.n; i++)
		streams += first_of_stream(&b, i);
	if (streams) /* all are held at once */
		b.engine.memory /= streams;
	for (size_t i = 0; !rc && i < b.n; i++)
		if (first_of_stream(&b, i))
			rc = run_stream(&b, b.entry[i].stream);
	for (size_t i = 0; !rc && i < b.n; i++) {
		struct lam_batch_view *v = &b.entry[i];

		if (v->failed)
			continue;
		done++;
		if (r->splits)
			continue;
		if (r->verbose || v->section.counts.last_fault >= v->told)
			lam_faults_report(&v->section.counts, v->name,
				&r->warn);
		rc = lam_partial_put(w, &v->section, v->partials,
			r->engine.threads, e);
		lam_partials_free(v->partials);
		v->partials = NULL;
	}
	if (!rc)
		rc = lam_failures_end(&b.failures, done, e);
	for (size_t i = 0; i < b.n; i++)
		lam_partials_free(b.entry[i].partials);
	lam_arena_release(&b.arena);
	return rc;
}
