/*
 * recompute_files.c - a query over copies of segments, without their dataset
 *
 * The stream's name is what the query reads FROM; identity, range and history are
 * those of the files.
 */
#include "view/recompute.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "partial/spec.h"
#include "source/lookup_file.h"

struct from {
	struct lam_stream *stream;
	struct lam_arena *arena;
};

static int
find(void *state, const struct lam_stage *scan, struct lam_relation *out,
	struct lam_error *e)
{
	struct from *f = state;
	size_t n = strlen(scan->name);

	if (scan->is_stdin || scan->is_file || !lam_name_ok(scan->name, n))
		return lam_fail(e, LAM_USAGE, "%s: a query over segments reads "
			"FROM their stream", scan->name);
	memcpy(f->stream->name, scan->name, n + 1);
	return lam_schema_relation(&f->stream->schema, scan->name, f->arena, out,
		e);
}

static int
find_file(void *state, const char *name, struct lam_ref_file **out,
	struct lam_error *e)
{
	const struct from *f = state;

	return lam_lookup_file(NULL, name, f->arena, out, e);
}

/* [s->from, s->to): the whole files, or what was asked for. */
static int
choose_range(const struct lam_recompute_segments *r, const struct lam_stream *f,
	struct lam_section *s, struct lam_error *e)
{
	uint64_t base = f->segment[0].base;

	s->from = r->ranged ? r->from : base;
	s->to = r->bounded ? r->as_of : f->head;
	if (s->from >= base && s->to <= f->head && s->from <= s->to)
		return LAM_OK;
	return lam_fail(e, LAM_DATA, "positions %" PRIu64 " to %" PRIu64 " are "
		"wanted, the files have %" PRIu64 " to %" PRIu64 ": segments may "
		"have been merged since the work was planned: plan it again",
		s->from, s->to, base, f->head);
}

static int
run(const struct lam_recompute_segments *r, struct lam_stream *f,
	struct lam_section *s, struct lam_partial_writer *w, struct lam_arena *a,
	struct lam_error *e)
{
	struct from from = { f, a };
	struct lam_catalog catalog = { .state = &from, .find = find,
		.file = find_file };
	struct lam_bad bad = { NULL, 0, 0 };
	struct lam_log_leaf log = { .stream = f, .bad = &bad };
	struct lam_leaves leaves = lam_log_leaf(&log);
	struct lam_job job = { .query = NULL };
	struct lam_relation relation;
	struct lam_query *q;
	int rc = lam_query_bind(r->sql, "query", true, &catalog, a, &q, e);

	if (!rc)
		rc = lam_spec_hash(q, NULL, &s->spec, e);
	if (!rc)
		rc = choose_range(r, f, s, e);
	if (!rc)
		rc = lam_section_tie(s, f, e);
	if (!rc)
		rc = lam_bad_init(&bad, (uint32_t)f->schema.n, e);
	if (rc)
		return rc;
	log.from = s->from;
	log.to = s->to;
	memcpy(s->stream, f->name, sizeof s->stream);
	memcpy(s->id, f->id, sizeof s->id);
	job.query = lam_partial_lines(w) ? lam_query_counted(q, a) : q;
	rc = job.query ? lam_drive_jobs(&leaves, &job, 1, &r->engine, e) :
		lam_fail_mem(e);
	if (!rc)
		rc = lam_section_of_job(s, &job, a, e);
	if (!rc)
		rc = lam_schema_relation(&f->schema, f->name, a, &relation, e);
	if (!rc) {
		lam_bad_report(&bad, f->name, relation.field, &r->warn);
		lam_faults_report(&s->counts, s->view, &r->warn);
		rc = lam_partial_put(w, s, job.partials, r->engine.threads, e);
	}
	lam_partials_free(job.partials);
	lam_job_release(&job);
	lam_bad_release(&bad);
	return rc;
}

int
lam_recompute_segments(const struct lam_recompute_segments *r,
	struct lam_partial_writer *w, struct lam_error *e)
{
	struct lam_stream *f = calloc(1, sizeof *f);
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_section s = { .from = 0 };
	int rc;

	if (!f)
		return lam_fail_mem(e);
	rc = lam_section_name(&s, r->name, e);
	if (!rc)
		rc = lam_stream_files(f, r->file, r->nfiles, r->schema,
			r->bounded, e);
	if (!rc)
		rc = run(r, f, &s, w, &arena, e);
	lam_stream_close(f);
	free(f);
	lam_arena_release(&arena);
	return rc;
}
