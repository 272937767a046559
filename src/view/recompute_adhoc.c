/*
 * recompute_adhoc.c - partials of a query over files or standard input
 *
 * The edge of a pipeline: machines that have logs and no dataset send partials
 * instead of logs.
 */
#include "view/recompute.h"

#include <string.h>

#include "partial/spec.h"
#include "source/lookup_file.h"

struct from {
	struct lam_recompute_adhoc *r;
	struct lam_arena *arena;
	struct lam_adhoc *input;
};

static int
open_input(void *arg, const struct lam_stage *scan, unsigned workers,
	bool spread, struct lam_source **out, struct lam_error *e)
{
	struct from *f = arg;

	(void)spread;
	return lam_adhoc_source(f->input, scan->used, workers, out, e);
}

static int
find(void *state, const struct lam_stage *scan, struct lam_relation *out,
	struct lam_error *e)
{
	struct from *f = state;
	const char *path = scan->is_stdin ? "-" : scan->name;
	const char *const *file = f->r->nfiles ? f->r->file : &path;
	size_t n = f->r->nfiles ? f->r->nfiles : 1;
	int rc;

	if (!scan->is_stdin && !scan->is_file)
		return lam_fail(e, LAM_USAGE, "%s: a query given with -e "
			"reads FROM stdin or FROM 'path'", scan->name);
	if (scan->is_file && f->r->nfiles)
		return lam_fail(e, LAM_USAGE, "files are given, and FROM "
			"'%s' too: write FROM stdin to read the files given",
			scan->name);
	rc = lam_adhoc_open(&f->input, file, n, &f->r->adhoc, e);
	return rc ? rc : lam_schema_relation(lam_adhoc_schema(f->input),
		scan->name, f->arena, out, e);
}

static int
find_file(void *state, const char *name, struct lam_ref_file **out,
	struct lam_error *e)
{
	const struct from *f = state;

	return lam_lookup_file(NULL, name, f->arena, out, e);
}

int
lam_recompute_files(struct lam_recompute_adhoc *r,
	struct lam_partial_writer *w, struct lam_error *e)
{
	struct lam_arena arena = LAM_ARENA_INIT;
	struct from from = { r, &arena, NULL };
	bool absent = false;
	struct lam_catalog catalog = { .state = &from, .find = find,
		.file = find_file, .absent = &absent };
	struct lam_section s = { .stream = "-" };
	struct lam_job job = { .query = NULL };
	struct lam_leaves leaves = { open_input, NULL, &from, NULL };
	struct lam_query *q;
	int rc;

	rc = lam_section_name(&s, r->name, e);
	if (rc)
		return rc;
	rc = lam_query_bind(r->sql, "query", true, &catalog, &arena, &q, e);
	rc = lam_adhoc_bound(from.input, rc, absent, e);
	if (!rc)
		rc = lam_spec_hash(q, NULL, &s.spec, e);
	if (!rc) {
		job.query = lam_partial_lines(w) ? lam_query_counted(q, &arena) :
			q;
		rc = job.query ? LAM_OK : lam_fail_mem(e);
	}
	if (!rc) {
		rc = lam_drive_jobs(&leaves, &job, 1, &r->engine, e);
		lam_adhoc_report(from.input, &r->warn);
		r->records = lam_adhoc_records(from.input);
		r->rejected = lam_adhoc_rejected(from.input);
	}
	if (!rc)
		rc = lam_section_of_job(&s, &job, &arena, e);
	if (!rc)
		lam_faults_report(&s.counts, s.view, &r->warn);
	s.to = s.counts.read;
	s.counts.rejected = r->rejected;
	if (!rc)
		rc = lam_partial_put(w, &s, job.partials, r->engine.threads,
			e);
	lam_partials_free(job.partials);
	lam_job_release(&job);
	lam_adhoc_free(from.input);
	lam_arena_release(&arena);
	return rc;
}
