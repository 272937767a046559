/*
 * recompute.c - batch: everything, from scratch, in one pass per log
 *
 * All views of a stream are jobs of one engine run, so a column that many
 * views read is decoded once per block.  Their partial relations are held
 * until all streams are done, because sections are written in view order.
 *
 * Going on from a generation that covers [0, P0) is the same with the log cut
 * at P0: partials of [P0, P) merged with the generation's rows.  Merging is
 * exact, so the bytes are those of a full recompute.
 */
#include "view/recompute.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "view/regroup.h"

#define BASE_TRIES 50 /* each lost to a publisher that was faster */

struct entry { /* a view */
	const char *name, *stream;
	struct lam_view view;
	struct lam_section section;
	struct lam_partials *partials;
	struct lam_index base; /* what is served, when going on from it */
	bool has_base;
	uint64_t from;	       /* where its scan starts */
	bool scanned;
};

struct batch {
	const struct lam_recompute *r;
	struct lam_engine_options engine;
	struct lam_arena arena;
	struct entry *entry; /* by name */
	size_t n;
	struct lam_error *e;
};

int
lam_section_of_job(struct lam_section *s, const struct lam_job *job,
	struct lam_arena *a, struct lam_error *e)
{
	size_t n = job->query->nstates;

	s->query = job->query;
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
	const struct lam_engine_options *o, struct lam_arena *a,
	struct lam_partials **out, struct lam_error *e)
{
	struct lam_query *merge;
	struct lam_job job = { .query = NULL };
	int rc;

	*out = NULL;
	rc = lam_regroup(q, a, &merge, e);
	if (rc)
		return rc;
	job.query = merge;
	rc = lam_engine_run(src, &job, 1, o, e);
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
list_views(struct batch *b)
{
	struct lam_names names = LAM_NAMES_INIT;
	const struct lam_recompute *r = b->r;
	size_t n = r->nviews;
	const char **name;
	int rc = LAM_OK;

	if (n == 0) {
		rc = lam_view_list(r->data, &names, b->e);
		n = names.n;
		if (!rc && n == 0)
			rc = lam_fail(b->e, LAM_USAGE, "%s/views: there are "
				"no views: put a definition into NAME.sql "
				"there", r->data);
	}
	name = LAM_ARENA_NEW(&b->arena, const char *, n + 1);
	b->entry = LAM_ARENA_NEW(&b->arena, struct entry, n + 1);
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
open_stream(struct batch *b, const char *name, struct lam_stream *s,
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
	if (*to > s->head)
		return lam_fail(b->e, r->bounded ? LAM_USAGE : LAM_DATA,
			"position %" PRIu64 ": the log of %s ends at %" PRIu64,
			*to, name, s->head);
	return lam_stream_settle(s, *to, b->e);
}

/* Generation D as the base of V, if it is sound.  *AGAIN: it was replaced since
 * it was listed. */
static int
try_base(struct batch *b, struct entry *v, struct lam_stream *s,
	const struct lam_derived *d, bool *again)
{
	struct lam_cover c = { .data = b->r->data, .view = &v->view,
		.stream = s };
	struct lam_error why = LAM_ERROR_INIT;
	char path[LAM_DERIVED_PATH];
	enum lam_misfit misfit;
	int rc;

	rc = lam_derived_path(path, b->r->data, false, v->name, d, b->e);
	if (rc)
		return rc;
	rc = lam_index_open(&v->base, path, v->view.query, &why);
	if (!rc) {
		rc = lam_cover_check(&c, &v->base, d, path, &misfit, &why);
		if (rc)
			lam_index_close(&v->base);
	}
	v->has_base = !rc;
	*again = rc == LAM_SYSTEM && why.sys == ENOENT;
	if (rc && !*again)
		lam_note(&b->r->warn, "%s: passed over", why.msg);
	return LAM_OK;
}

/* The highest sound generation at or before TO as the base of V. */
static int
find_base(struct batch *b, struct entry *v, struct lam_stream *s, uint64_t to)
{
	bool again = true;
	int rc = LAM_OK;

	for (int tries = 0; !rc && again && tries < BASE_TRIES; tries++) {
		struct lam_derived_list l = LAM_DERIVED_INIT;

		again = false;
		rc = lam_serving_list(b->r->data, v->name, &l, b->e);
		for (size_t i = l.n; !rc && !v->has_base && !again && i-- > 0; )
			if (l.item[i].spec == v->view.spec &&
				l.item[i].to <= to && l.item[i].to)
				rc = try_base(b, v, s, &l.item[i], &again);
		lam_derived_release(&l);
	}
	if (v->has_base)
		v->from = v->base.section.to;
	return rc;
}

static int
load_view(struct batch *b, struct entry *v, struct lam_stream *s, uint64_t to)
{
	struct lam_section *x = &v->section;
	int rc;

	rc = lam_view_load(b->r->data, v->name, s, &b->arena, &v->view, b->e);
	if (rc)
		return rc;
	memcpy(x->view, v->view.name, sizeof x->view);
	memcpy(x->stream, s->name, sizeof x->stream);
	memcpy(x->id, s->id, sizeof x->id);
	x->to = to;
	x->spec = v->view.spec;
	x->query = v->view.query;
	rc = lam_section_tie(x, s, b->e);
	if (!rc && b->r->incremental)
		rc = find_base(b, v, s, to);
	return rc;
}

/* Base and new partials into one. */
static int
merge_base(struct batch *b, struct entry *v)
{
	struct lam_chain_source chain;
	struct lam_index_source old;
	struct lam_source new;
	struct lam_partials *merged = NULL;
	int rc;

	lam_chain_source_init(&chain);
	rc = lam_index_source_init(&old, &v->base, b->engine.threads, b->e);
	if (!rc)
		rc = lam_chain_source_add(&chain, &old.source, b->e);
	lam_partials_source(v->partials, &new);
	if (!rc)
		rc = lam_chain_source_add(&chain, &new, b->e);
	if (!rc)
		rc = lam_merge_run(v->view.query, &chain.source, &b->engine,
			&b->arena, &merged, b->e);
	if (!rc)
		rc = lam_section_add(&v->section, &v->base.section, b->e);
	lam_chain_source_release(&chain);
	lam_index_source_release(&old);
	lam_partials_free(v->partials);
	v->partials = merged;
	lam_index_close(&v->base);
	v->has_base = false;
	return rc;
}

/* Scan [from, to) for all views of the stream that start at FROM. */
static int
scan(struct batch *b, struct lam_stream *s, uint64_t from, uint64_t to,
	struct lam_bad *bad)
{
	struct lam_log_source log;
	struct lam_job *job = LAM_ARENA_NEW(&b->arena, struct lam_job, b->n);
	struct entry **of = LAM_ARENA_NEW(&b->arena, struct entry *, b->n);
	size_t n = 0;
	int rc;

	if (!job || !of)
		return lam_fail_mem(b->e);
	for (size_t i = 0; i < b->n; i++) {
		struct entry *v = &b->entry[i];

		if (strcmp(v->stream, s->name) || v->from != from)
			continue;
		v->scanned = true;
		of[n] = v;
		job[n++].query = v->view.query;
	}
	rc = lam_log_source_init(&log, s, from, to, b->engine.threads, true,
		bad, b->e);
	if (rc)
		return rc;
	rc = lam_engine_run(&log.source, job, n, &b->engine, b->e);
	lam_log_source_release(&log);
	for (size_t i = 0; i < n; i++) {
		if (!rc) {
			of[i]->partials = job[i].partials;
			rc = lam_section_of_job(&of[i]->section, &job[i],
				&b->arena, b->e);
		}
		lam_job_release(&job[i]);
	}
	for (size_t i = 0; !rc && i < n; i++)
		if (of[i]->has_base)
			rc = merge_base(b, of[i]);
	return rc;
}

static int
run_stream(struct batch *b, const char *name)
{
	struct lam_stream *s = calloc(1, sizeof *s);
	struct lam_bad bad = { NULL, 0 };
	struct lam_relation relation;
	uint64_t to = 0;
	bool open = false;
	int rc;

	if (!s)
		return lam_fail_mem(b->e);
	rc = open_stream(b, name, s, &open, &to);
	for (size_t i = 0; !rc && i < b->n; i++)
		if (!strcmp(b->entry[i].stream, name))
			rc = load_view(b, &b->entry[i], s, to);
	if (!rc)
		rc = lam_bad_init(&bad, (uint32_t)s->schema.n, b->e);
	for (size_t i = 0; !rc && i < b->n; i++)
		if (!strcmp(b->entry[i].stream, name) && !b->entry[i].scanned)
			rc = scan(b, s, b->entry[i].from, to, &bad);
	if (!rc)
		rc = lam_schema_relation(&s->schema, name, &b->arena,
			&relation, b->e);
	if (!rc)
		lam_bad_report(&bad, name, relation.field, &b->r->warn);
	lam_bad_release(&bad);
	if (open)
		lam_stream_close(s);
	free(s);
	return rc;
}

static bool
first_of_stream(const struct batch *b, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (!strcmp(b->entry[j].stream, b->entry[i].stream))
			return false;
	return true;
}

int
lam_recompute(const struct lam_recompute *r, struct lam_partial_writer *w,
	struct lam_error *e)
{
	struct batch b = { .r = r, .engine = r->engine,
		.arena = LAM_ARENA_INIT, .e = e };
	size_t streams = 0;
	int rc;

	rc = list_views(&b);
	for (size_t i = 0; !rc && i < b.n; i++)
		rc = lam_view_find_stream(r->data, b.entry[i].name, &b.arena,
			&b.entry[i].stream, e);
	for (size_t i = 0; !rc && i < b.n; i++)
		streams += first_of_stream(&b, i);
	if (streams) /* all are held at once */
		b.engine.memory /= streams;
	for (size_t i = 0; !rc && i < b.n; i++)
		if (first_of_stream(&b, i))
			rc = run_stream(&b, b.entry[i].stream);
	for (size_t i = 0; !rc && i < b.n; i++)
		rc = lam_partial_put(w, &b.entry[i].section,
			b.entry[i].partials, r->engine.threads, e);
	for (size_t i = 0; i < b.n; i++) {
		lam_partials_free(b.entry[i].partials);
		if (b.entry[i].has_base)
			lam_index_close(&b.entry[i].base);
	}
	lam_arena_release(&b.arena);
	return rc;
}
