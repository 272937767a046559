/*
 * serve.c - from partial text to served generations
 *
 *	(1) read a section, check it against the dataset
 *	(2) write its index to a temporary file
 *	(3) ... all sections, all streams, to their end lines
 *	(4) under DIR/serving/.lock: check again that nothing newer is served
 *	(5) per view: fsync, rename, fsync the directory
 *	(6) remove generations older than the one before
 *
 * A failure before (5) leaves what was served; temporaries of a process that
 * was killed are swept by the next run.  A crash during (5) leaves some views
 * new and some old, each whole: their answers are the same, since every one
 * is completed from the log.
 */
#include "view/serve.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "view/index.h"

struct next { /* a generation about to be published */
	struct lam_section s;
	struct lam_derived d;
	struct lam_index_writer *index;
};

struct serve {
	struct lam_serve *job;
	struct lam_arena arena;
	struct next *next;
	size_t n, cap;
	struct lam_error *e;
};

static bool
stopped(const struct serve *v)
{
	return v->job->stop && *v->job->stop;
}

static int
refuse(struct serve *v, struct lam_partial_reader *r,
	const struct lam_section *s, const char *why)
{
	return lam_fail(v->e, LAM_DATA, "%s: section %s %s: nothing is "
		"published", lam_partial_where(r), s->view, why);
}

/* The history at the section's end against the log's. */
static int
check_history(struct serve *v, struct lam_partial_reader *r,
	const struct lam_section *s, struct lam_stream *stream)
{
	bool known = false;
	uint64_t history = 0;
	int rc;

	rc = lam_stream_history(stream, s->to, &known, &history, v->e);
	if (rc)
		return rc;
	if (!known || !s->tied)
		return refuse(v, r, s, "ends inside a segment of version 1, so "
			"nothing ties it to these records: run lam-batch "
			"without --as-of");
	return history == s->history[1] ? LAM_OK : refuse(v, r, s, "is of "
		"another history: it was computed from other records than the "
		"log holds now, which was restored or is a copy that went on "
		"by itself");
}

/* Is S a partial of a view of this dataset, of this log, from its start? */
static int
check_section(struct serve *v, struct lam_partial_reader *r,
	const struct lam_section *s)
{
	struct lam_stream *stream = calloc(1, sizeof *stream);
	struct lam_arena a = LAM_ARENA_INIT;
	const char *data = v->job->data;
	const char *name;
	struct lam_view view;
	bool open = false;
	int rc;

	if (!stream)
		return lam_fail_mem(v->e);
	if (!*s->id)
		rc = refuse(v, r, s, "is of ad hoc input, which no stream "
			"stands for: query it with lam-query -p");
	else if (s->from)
		rc = refuse(v, r, s, "does not start at position 0: merge it "
			"with what comes before");
	else if (!lam_view_exists(data, s->view))
		rc = refuse(v, r, s, "is no view of the dataset");
	else
		rc = lam_view_stream(data, s->view, &a, &name, v->e);
	if (!rc && strcmp(name, s->stream))
		rc = refuse(v, r, s, "is of another stream than the view "
			"reads now: run lam-batch again");
	if (!rc) {
		rc = lam_stream_open(stream, data, name, v->e);
		open = !rc;
	}
	if (!rc && strcmp(stream->id, s->id))
		rc = refuse(v, r, s, "is of another log of that name (its id "
			"differs)");
	if (!rc)
		rc = lam_view_load(data, s->view, stream, &a, &view, v->e);
	if (!rc && view.spec != s->spec)
		rc = refuse(v, r, s, "is of another definition: the view or "
			"its stream's schema was edited since: run lam-batch "
			"again");
	if (!rc && s->to > stream->head)
		rc = refuse(v, r, s, "covers positions the log does not "
			"have");
	if (!rc)
		rc = check_history(v, r, s, stream);
	if (!rc)
		rc = lam_stream_settle(stream, s->to, v->e);
	if (open)
		lam_stream_close(stream);
	free(stream);
	lam_arena_release(&a);
	return rc;
}

/* Is something of the same definition served that ends higher? */
static int
check_newer(struct serve *v, const struct next *x)
{
	struct lam_derived_list l = LAM_DERIVED_INIT;
	int rc;

	if (v->job->force)
		return LAM_OK;
	rc = lam_serving_list(v->job->data, x->s.view, &l, v->e);
	for (size_t i = 0; !rc && i < l.n; i++)
		if (l.item[i].spec == x->d.spec && l.item[i].to > x->d.to)
			rc = lam_fail(v->e, LAM_DATA, "%s: what is served "
				"ends at position %" PRIu64 ", this at %"
				PRIu64 ": nothing is published (--force "
				"replaces it)", x->s.view, l.item[i].to,
				x->d.to);
	lam_derived_release(&l);
	return rc;
}

static int
add_next(struct serve *v, const struct lam_section *s, struct next **out)
{
	struct next *x;

	for (size_t i = 0; i < v->n; i++)
		if (!strcmp(v->next[i].s.view, s->view))
			return lam_fail(v->e, LAM_DATA, "%s: two sections of "
				"this view: merge them first (lam-batch "
				"--merge): nothing is published", s->view);
	if (v->n == v->cap) {
		size_t cap = v->cap ? 2 * v->cap : 16;

		x = realloc(v->next, cap * sizeof *x);
		if (!x)
			return lam_fail_mem(v->e);
		v->next = x;
		v->cap = cap;
	}
	x = &v->next[v->n++];
	*x = (struct next){ .s = *s, .d = { 0, s->to, s->spec } };
	*out = x;
	return LAM_OK;
}

static int
read_section(struct serve *v, struct lam_partial_reader *r,
	const struct lam_section *s, const char *name)
{
	char dir[LAM_DERIVED_PATH], path[LAM_DERIVED_PATH];
	struct lam_str line;
	struct next *x = NULL;
	bool got = true;
	int rc;

	rc = check_section(v, r, s);
	if (!rc)
		rc = add_next(v, s, &x);
	if (!rc)
		rc = check_newer(v, x);
	if (!rc)
		rc = lam_derived_dir(dir, v->job->data, false, s->view, v->e);
	if (!rc)
		rc = lam_io_mkdir_below(v->job->data, dir, v->e);
	if (!rc)
		rc = lam_io_sweep(dir, v->e);
	if (!rc)
		rc = lam_derived_path(path, v->job->data, false, s->view,
			&x->d, v->e);
	if (!rc)
		rc = lam_index_begin(&x->index, path, s, name, false,
			v->job->threads, v->e);
	while (!rc && got && !stopped(v)) {
		rc = lam_partial_read(r, &line, &got, v->e);
		if (!rc && got)
			rc = lam_index_line(x->index, line,
				lam_partial_lineno(r), v->e);
	}
	if (rc || stopped(v))
		return rc;
	rc = lam_index_finish(x->index, v->e);
	if (!rc && lam_index_sum(x->index) != lam_partial_lines_sum(r))
		rc = lam_fail(v->e, LAM_SYSTEM, "%s: what was written is not "
			"what was read", path);
	return rc;
}

static int
read_stream(struct serve *v, const char *path)
{
	const char *name = strcmp(path, "-") ? path : "standard input";
	struct lam_partial_reader *r = NULL;
	struct lam_section s;
	bool got = true;
	int rc;

	rc = lam_partial_reader_open(&r, path, v->e);
	while (!rc && !stopped(v)) {
		rc = lam_partial_next(r, &v->arena, &s, &got, v->e);
		if (rc || !got)
			break;
		v->job->read++;
		rc = read_section(v, r, &s, name);
	}
	lam_partial_reader_free(r);
	return rc;
}

static int
remove_one(struct serve *v, const char *view, const struct lam_derived *d)
{
	char path[LAM_DERIVED_PATH];
	int rc;

	rc = lam_derived_path(path, v->job->data, false, view, d, v->e);
	return rc ? rc : lam_io_unlink(path, v->e);
}

/* Keep the new generation and the one before; forced: none above it. */
static int
remove_old(struct serve *v, const struct next *x)
{
	struct lam_derived_list l = LAM_DERIVED_INIT;
	bool kept = false;
	int rc;

	rc = lam_serving_list(v->job->data, x->s.view, &l, v->e);
	for (size_t i = l.n; !rc && i-- > 0; ) {
		const struct lam_derived *d = &l.item[i];

		if (d->to == x->d.to && d->spec == x->d.spec)
			continue;
		if (d->spec == x->d.spec && d->to > x->d.to) {
			if (v->job->force)
				rc = remove_one(v, x->s.view, d);
		} else if (kept) {
			rc = remove_one(v, x->s.view, d);
		} else {
			kept = true;
		}
	}
	lam_derived_release(&l);
	return rc;
}

static int
publish(struct serve *v)
{
	char lock[LAM_DERIVED_PATH];
	int fd = -1, rc;

	if (v->n == 0)
		return LAM_OK;
	rc = lam_io_path(lock, sizeof lock, v->e, "%s/serving/.lock",
		v->job->data);
	if (!rc)
		rc = lam_io_lock(&fd, lock, v->e);
	for (size_t i = 0; !rc && i < v->n; i++)
		rc = check_newer(v, &v->next[i]);
	for (size_t i = 0; !rc && i < v->n && !stopped(v); i++) {
		rc = lam_index_commit(v->next[i].index, v->e);
		if (rc)
			break;
		v->job->views++;
		v->job->rows += lam_index_rows(v->next[i].index);
		rc = remove_old(v, &v->next[i]);
	}
	if (fd >= 0)
		close(fd);
	return rc;
}

int
lam_serve(struct lam_serve *job, struct lam_error *e)
{
	struct serve v = { .job = job, .arena = LAM_ARENA_INIT, .e = e };
	int rc = LAM_OK;

	if (!lam_io_exists(job->data))
		return lam_fail(e, LAM_USAGE, "%s: no such dataset",
			job->data);
	if (job->npaths == 0)
		rc = read_stream(&v, "-");
	for (size_t i = 0; !rc && i < job->npaths; i++)
		rc = read_stream(&v, job->path[i]);
	if (!rc)
		rc = publish(&v);
	for (size_t i = 0; i < v.n; i++)
		lam_index_free(v.next[i].index);
	free(v.next);
	lam_arena_release(&v.arena);
	return rc;
}
