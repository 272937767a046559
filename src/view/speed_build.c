/*
 * speed_build.c - computing a range, joined with its small neighbours
 *
 * Publishing ten times a second would leave thousands of tiny files.  A new
 * partial therefore absorbs the files right before it, in its segment, as long
 * as they cover less than twice what it does by then.  So each file left
 * covers at least twice what the next one does, a segment of n records has
 * O(log n) files, and a record is rewritten O(log n) times.  When the segment
 * is sealed and its end is reached, all its files become one.
 *
 * The new file is in place before the old ones are removed, so at any instant
 * the listing has a way through.
 */
#include "view/speed_internal.h"

#include <stdlib.h>
#include <string.h>

#include "view/recompute.h"

struct absorb { /* files joined with the new partial */
	struct lam_index *index;
	struct lam_index_source *source;
	size_t n, open, ready;
	size_t first; /* of them, on the chain */
};

/* How many files before R's start join it; they are the last on the chain that
 * end at R->from. */
static void
choose(const struct speed_view *v, const struct speed_range *r,
	struct absorb *a)
{
	uint64_t from = r->from;
	size_t i = lam_speed_chain_find(v, from);

	while (i > 0) {
		const struct lam_layer_file *d = &v->chain[i - 1];

		if (d->to != from || d->from < r->base)
			break;
		if (!r->sealed && d->to - d->from >= 2 * (r->to - from))
			break;
		from = d->from;
		i--;
		a->n++;
	}
	a->first = i;
}

static void
absorb_release(struct absorb *a)
{
	for (size_t i = 0; i < a->ready; i++)
		lam_index_source_release(&a->source[i]);
	for (size_t i = 0; i < a->open; i++)
		lam_index_close(&a->index[i]);
	free(a->index);
	free(a->source);
}

/* Open the chosen files as links of CHAIN, add their counts to S. */
static int
open_absorbed(struct speed_pass *p, struct speed_view *v, struct absorb *a,
	struct lam_chain_source *chain, struct lam_section *s)
{
	int rc = LAM_OK;

	a->index = calloc(a->n + 1, sizeof *a->index);
	a->source = calloc(a->n + 1, sizeof *a->source);
	if (!a->index || !a->source)
		return lam_fail_mem(p->e);
	for (size_t i = 0; !rc && i < a->n; i++) {
		const struct lam_layer_file *d = &v->chain[a->first + i];
		char path[LAM_PATH_MAX];
		enum lam_mismatch mismatch;

		rc = lam_layer_file_path(path, p->job->data, true, v->name, d,
			p->e);
		if (!rc)
			rc = lam_index_open(&a->index[i], path,
				v->view.query, p->e);
		if (rc)
			break;
		a->open++;
		rc = lam_index_source_init(&a->source[i], &a->index[i],
			p->job->engine.threads, p->e);
		if (rc)
			break;
		a->ready++;
		/* The name was known; another file may have it by now. */
		rc = lam_cover_check(&v->view, v->log, &a->index[i], d, path,
			&mismatch, p->e);
		atomic_store(&a->source[i].damaged, rc == LAM_DATA);
		if (!rc)
			rc = lam_section_add(s, &a->index[i].section, p->e);
		if (!rc)
			rc = lam_chain_source_add(chain,
				&a->source[i].source, p->e);
		if (!rc && d->from < s->from)
			s->from = d->from;
	}
	return rc;
}

/* Join NEW with the chosen files; *OUT replaces it. */
static int
join(struct speed_pass *p, struct speed_view *v, struct absorb *a,
	struct lam_section *s, struct lam_partials *new,
	struct lam_partials **out)
{
	struct lam_chain_source chain;
	struct lam_source last;
	int rc;

	*out = NULL;
	lam_chain_source_init(&chain);
	rc = open_absorbed(p, v, a, &chain, s);
	lam_partials_source(new, &last);
	if (!rc)
		rc = lam_chain_source_add(&chain, &last, p->e);
	if (!rc)
		rc = lam_merge_run(v->view.query, &chain.source,
			&p->job->engine, &p->arena, out, p->e);
	lam_chain_source_release(&chain);
	return rc;
}

static int
write_file(struct speed_pass *p, struct speed_view *v,
	const struct lam_section *s, struct lam_partials *rows)
{
	struct lam_layer_file d = { s->from, s->to, s->spec };
	struct lam_index_writer *w = NULL;
	char path[LAM_PATH_MAX];
	int rc;

	rc = lam_layer_file_dir(path, p->job->data, true, v->name, p->e);
	if (!rc)
		rc = lam_io_mkdir_cache(p->job->data, path, p->e);
	if (!rc)
		rc = lam_layer_file_path(path, p->job->data, true, v->name, &d,
			p->e);
	if (!rc)
		rc = lam_index_begin(&w, path, s, path, true,
			p->job->engine.threads, p->e);
	if (!rc)
		rc = lam_index_put(w, s, rows, p->e);
	if (!rc)
		rc = lam_index_finish(w, p->e);
	if (!rc)
		rc = lam_index_commit(w, p->e);
	lam_index_free(w);
	return rc ? rc : lam_speed_chain_put(v, &d, p->e);
}

/* The files that the new one stands for. */
static int
remove_absorbed(struct speed_pass *p, struct speed_view *v,
	const struct absorb *a)
{
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < a->open; i++) {
		const struct lam_section *s = &a->index[i].section;
		struct lam_layer_file d = { s->from, s->to, s->spec };
		char path[LAM_PATH_MAX];

		rc = lam_layer_file_path(path, p->job->data, true, v->name, &d,
			p->e);
		if (!rc)
			rc = lam_io_unlink(path, p->e);
	}
	return rc;
}

/* Joining failed because a file is damaged, or not that which was known: it goes,
 * and what it covered is a gap again. */
static bool
drop_damaged(struct speed_pass *p, struct speed_view *v,
	const struct absorb *a, const char *why)
{
	size_t n = 0; /* dropped: those behind have moved up */

	for (size_t i = 0; i < a->ready; i++) {
		struct lam_layer_file d = v->chain[a->first + i - n];

		if (!atomic_load(&a->source[i].damaged) ||
			lam_io_unlink(a->index[i].file.path, NULL))
			continue;
		lam_message(&p->job->warn, "%s: removed", why);
		lam_speed_chain_drop(v, &d);
		n++;
	}
	return n > 0;
}

static int
publish(struct speed_pass *p, struct lam_stream *stream,
	struct speed_view *v, const struct speed_range *r,
	const struct lam_job *job)
{
	struct lam_section s = { .from = r->from, .to = r->to };
	struct lam_partials *merged = NULL;
	struct absorb a = { .n = 0 };
	struct lam_error why = LAM_ERROR_INIT, *e = p->e;
	int rc;

	rc = lam_section_of_job(&s, job, &p->arena, p->e);
	memcpy(s.view, v->view.name, sizeof s.view);
	memcpy(s.stream, stream->name, sizeof s.stream);
	memcpy(s.id, stream->id, sizeof s.id);
	s.spec = v->view.spec;
	s.query = v->view.query;
	choose(v, r, &a);
	if (!rc && a.n) {
		p->e = &why;
		rc = join(p, v, &a, &s, job->partials, &merged);
		p->e = e;
		if (rc == LAM_DATA && drop_damaged(p, v, &a, why.msg)) {
			rc = LAM_OK;
			goto out;
		}
		if (rc)
			rc = lam_fail(e, rc, "%s", why.msg);
	}
	/* Its start is known when the others have joined it. */
	if (!rc)
		rc = lam_section_tie(&s, stream, p->e);
	if (!rc)
		rc = write_file(p, v, &s, a.n ? merged : job->partials);
	if (!rc)
		rc = remove_absorbed(p, v, &a);
out:
	lam_partials_free(merged);
	absorb_release(&a);
	return rc;
}

/* Compute the range for all of VIEW in one run, and publish it. */
static int
build(struct speed_pass *p, struct lam_stream *s,
	struct speed_view *const *view, size_t n, const struct speed_range *r,
	struct lam_bad *bad)
{
	struct lam_job *job = LAM_ARENA_NEW(&p->arena, struct lam_job, n);
	struct lam_log_leaf log = { .stream = s, .from = r->from,
		.to = r->to, .bad = bad };
	struct lam_leaves leaves = lam_log_leaf(&log);
	int rc;

	if (!job)
		return lam_fail_mem(p->e);
	for (size_t i = 0; i < n; i++)
		job[i].query = view[i]->view.query;
	rc = lam_drive_jobs(&leaves, job, n, &p->job->engine, p->e);
	for (size_t i = 0; !rc && i < n; i++) {
		struct lam_error why = LAM_ERROR_INIT, *e = p->e;

		p->e = &why;
		rc = publish(p, s, view[i], r, &job[i]);
		p->e = e;
		if (!rc)
			lam_faults_report(&job[i].counts, view[i]->view.name,
				&p->job->warn);
		rc = lam_speed_fail(p, view[i], rc, &why);
	}
	for (size_t i = 0; i < n; i++) {
		lam_partials_free(job[i].partials);
		lam_job_release(&job[i]);
	}
	return rc;
}

/* The same; the failure of one view is reported for it alone. */
static int
build_each(struct speed_pass *p, struct lam_stream *s,
	struct speed_view *const *view, size_t n, const struct speed_range *r,
	struct lam_bad *bad)
{
	struct lam_error why = LAM_ERROR_INIT, *e = p->e;
	int rc;

	p->e = &why;
	rc = build(p, s, view, n, r, bad);
	p->e = e;
	if (!rc || n == 1 || rc == LAM_SYSTEM)
		return lam_speed_fail(p, view[0], rc, &why);
	rc = LAM_OK;
	for (size_t i = 0; !rc && i < n; i++)
		rc = build_each(p, s, &view[i], 1, r, NULL);
	return rc;
}

int
lam_speed_build(struct speed_pass *p, struct lam_stream *s,
	struct speed_view *const *view, size_t n,
	const struct speed_range *r)
{
	struct lam_bad bad = { NULL, 0, 0 };
	struct lam_relation relation;
	int rc = lam_bad_init(&bad, (uint32_t)s->schema.n, p->e);

	if (!rc)
		rc = build_each(p, s, view, n, r, &bad);
	p->records += rc ? 0 : r->to - r->from;
	if (!rc && !p->job->tolerant && !lam_schema_relation(&s->schema,
		s->name, &p->arena, &relation, NULL))
		lam_bad_report(&bad, s->name, relation.field, &p->job->warn);
	lam_bad_release(&bad);
	return rc;
}
