/*
 * serve.c - from partial text to served generations
 *
 *	(1) read a section, check it against the dataset
 *	(2) write its index to a temporary file, fsync it, close it
 *	(3) ... all sections, all streams, to their end lines
 *	(4) under DIR/serving/.lock: check again that nothing newer is served
 *	(5) per view: rename, fsync the directory
 *	(6) remove generations older than the one before
 *
 * A refused section is reported and left out, and the others go on; a stream
 * that is damaged is refused as a whole.  Between (2) and (5) a view costs its
 * name: neither descriptors nor memory grow with the number of views.  What
 * keeps the closed temporaries from being swept is DIR/serving/.sweep, locked
 * shared by each run: strays are removed by a run that is alone.
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

#include "base/array.h"
#include "base/progress.h"
#include "log/history.h"
#include "log/sync.h"
#include "partial/index.h"

struct next { /* a generation about to be published */
	char view[LAM_NAME_MAX + 1], stream[LAM_NAME_MAX + 1];
	struct lam_layer_file d;
	struct lam_replace file; /* parked */
	uint64_t rows;
};

struct serve {
	struct lam_serve *job;
	struct lam_failures failures;
	struct lam_arena arena; /* of one section */
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
	return lam_fail(v->e, LAM_DATA, "%s: section %s %s: it is not "
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

/* Let STREAM be durable up to TO, and be what it is then: records that were in
 * doubt may have been lost and replaced. */
static int
make_durable(struct serve *v, uint64_t to, struct lam_stream *stream,
	bool *open)
{
	char name[LAM_NAME_MAX + 1];
	int rc;

	if (to <= stream->durable)
		return LAM_OK;
	memcpy(name, stream->name, sizeof name);
	rc = lam_stream_sync(stream, to, v->e);
	if (rc)
		return rc;
	lam_stream_close(stream);
	rc = lam_stream_open(stream, v->job->data, name, v->e);
	*open = !rc;
	return rc;
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
		rc = refuse(v, r, s, "is of another definition: the view, "
			"its stream's schema or a look-up file was edited "
			"since: run lam-batch again");
	if (!rc && s->to > stream->head)
		rc = refuse(v, r, s, "covers positions the log does not "
			"have");
	if (!rc)
		rc = make_durable(v, s->to, stream, &open);
	if (!rc)
		rc = check_history(v, r, s, stream);
	if (open)
		lam_stream_close(stream);
	free(stream);
	lam_arena_release(&a);
	return rc;
}

/* Is something of the same definition served that ends higher? */
static int
check_newer(struct serve *v, const char *view, const struct lam_layer_file *d)
{
	struct lam_layer_file_list l = LAM_LAYER_FILE_INIT;
	int rc;

	if (v->job->force)
		return LAM_OK;
	rc = lam_serving_list(v->job->data, view, &l, v->e);
	for (size_t i = 0; !rc && i < l.n; i++)
		if (l.item[i].spec == d->spec && l.item[i].to > d->to)
			rc = lam_fail(v->e, LAM_DATA, "%s: what is served "
				"ends at position %" PRIu64 ", this at %"
				PRIu64 ": it is not published (--force "
				"replaces it)", view, l.item[i].to, d->to);
	lam_layer_file_release(&l);
	return rc;
}

static int
add_next(struct serve *v, const struct lam_section *s, struct next **out)
{
	struct next *x;

	for (size_t i = 0; i < v->n; i++)
		if (!strcmp(v->next[i].view, s->view))
			return lam_fail(v->e, LAM_DATA, "%s: two sections of "
				"this view: merge them first (lam-batch "
				"--merge): nothing is published", s->view);
	if (!lam_array_room(&v->next, &v->cap, v->n + 1, sizeof *v->next))
		return lam_fail_mem(v->e);
	x = &v->next[v->n++];
	*x = (struct next){ .d = { 0, s->to, s->spec },
		.file = LAM_REPLACE_INIT };
	memcpy(x->view, s->view, sizeof x->view);
	memcpy(x->stream, s->stream, sizeof x->stream);
	*out = x;
	return LAM_OK;
}

/* Check the section and begin its index. */
static int
begin(struct serve *v, struct lam_partial_reader *r,
	const struct lam_section *s, const char *name,
	struct lam_index_writer **w)
{
	char dir[LAM_PATH_MAX], path[LAM_PATH_MAX];
	struct lam_layer_file d = { 0, s->to, s->spec };
	int rc;

	rc = check_section(v, r, s);
	if (!rc)
		rc = check_newer(v, s->view, &d);
	if (!rc)
		rc = lam_layer_file_dir(dir, v->job->data, false, s->view,
			v->e);
	if (!rc)
		rc = lam_io_mkdir_below(v->job->data, dir, v->e);
	if (!rc)
		rc = lam_layer_file_path(path, v->job->data, false, s->view, &d,
			v->e);
	return rc ? rc : lam_index_begin(w, path, s, name, false,
		v->job->threads, v->e);
}

static int
index_lines(struct serve *v, struct lam_partial_reader *r,
	struct lam_index_writer *w, struct next *x)
{
	struct lam_str line;
	bool got = true;
	int rc = LAM_OK;

	while (!rc && got && !stopped(v)) {
		rc = lam_partial_read(r, &line, &got, v->e);
		if (!rc && got)
			rc = lam_index_line(w, line, lam_partial_lineno(r),
				v->e);
	}
	if (rc || stopped(v))
		return rc;
	rc = lam_index_finish(w, v->e);
	if (!rc && lam_index_sum(w) != lam_partial_lines_sum(r))
		rc = lam_fail(v->e, LAM_SYSTEM, "%s: the rows written are "
			"not those that were read", x->view);
	x->rows = lam_index_rows(w);
	return rc ? rc : lam_index_park(w, &x->file, v->e);
}

/* A section that is refused is passed over: its lines are only verified. */
static int
read_section(struct serve *v, struct lam_partial_reader *r,
	const struct lam_section *s, const char *name)
{
	struct lam_index_writer *w = NULL;
	struct lam_error why = LAM_ERROR_INIT, *e = v->e;
	struct next *x = NULL;
	int rc, refused;

	v->job->read++;
	v->e = &why;
	refused = begin(v, r, s, name, &w);
	v->e = e;
	rc = lam_failures_add(&v->failures, refused, &why, e);
	if (rc || refused)
		return rc;
	lam_faults_report(&s->counts, s->view, &v->job->faults);
	rc = add_next(v, s, &x);
	if (!rc)
		rc = index_lines(v, r, w, x);
	lam_index_free(w);
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
		rc = read_section(v, r, &s, name);
		lam_arena_reset(&v->arena);
	}
	lam_partial_reader_free(r);
	return rc;
}

static int
remove_one(struct serve *v, const char *view, const struct lam_layer_file *d)
{
	char path[LAM_PATH_MAX];
	int rc;

	rc = lam_layer_file_path(path, v->job->data, false, view, d, v->e);
	return rc ? rc : lam_io_unlink(path, v->e);
}

/* Is generation D damaged, or known to be of another history than stream S?  Not if
 * the system cannot read it. */
static int
is_foreign(struct serve *v, const char *view, const struct lam_layer_file *d,
	struct lam_stream *s, bool *yes)
{
	char path[LAM_PATH_MAX];
	struct lam_error why = LAM_ERROR_INIT;
	uint64_t history = 0;
	struct lam_index x;
	bool known = false;
	int rc;

	rc = lam_layer_file_path(path, v->job->data, false, view, d, v->e);
	if (rc)
		return rc;
	*yes = false;
	rc = lam_index_open(&x, path, NULL, &why);
	if (rc) {
		*yes = rc == LAM_DATA;
		return LAM_OK;
	}
	rc = lam_stream_history(s, d->to, &known, &history, v->e);
	*yes = !rc && (strcmp(x.section.id, s->id) || (known &&
		x.section.tied && x.section.history[1] != history));
	lam_index_close(&x);
	return rc;
}

/* Keep the new generation and the one before, if that is of this log and definition;
 * forced: none above it. */
static int
remove_old(struct serve *v, const struct next *x, struct lam_stream *s)
{
	struct lam_layer_file_list l = LAM_LAYER_FILE_INIT;
	bool kept = false, foreign = false;
	int rc;

	rc = lam_serving_list(v->job->data, x->view, &l, v->e);
	for (size_t i = l.n; !rc && i-- > 0; ) {
		const struct lam_layer_file *d = &l.item[i];

		if (d->to == x->d.to && d->spec == x->d.spec)
			continue;
		if (d->spec == x->d.spec && d->to > x->d.to) {
			if (v->job->force)
				rc = remove_one(v, x->view, d);
			continue;
		}
		foreign = d->spec != x->d.spec;
		if (!kept && !foreign)
			rc = is_foreign(v, x->view, d, s, &foreign);
		if (!rc && (kept || foreign))
			rc = remove_one(v, x->view, d);
		kept |= !foreign;
	}
	lam_layer_file_release(&l);
	return rc;
}

/* Under the lock: publish X, and remove what it stands for. */
static int
publish_one(struct serve *v, struct next *x)
{
	struct lam_stream *s = calloc(1, sizeof *s);
	int rc = s ? check_newer(v, x->view, &x->d) : lam_fail_mem(v->e);

	if (!rc)
		rc = lam_replace_commit(&x->file, v->e);
	if (!rc) {
		v->job->views++;
		v->job->rows += x->rows;
		lam_progress_add(x->rows, 0);
		rc = lam_stream_open(s, v->job->data, x->stream, v->e);
	}
	if (!rc) {
		rc = remove_old(v, x, s);
		lam_stream_close(s);
	}
	free(s);
	return rc;
}

static int
publish(struct serve *v)
{
	char lock[LAM_PATH_MAX];
	int fd = -1, rc;

	if (v->n == 0)
		return LAM_OK;
	rc = lam_io_path(lock, sizeof lock, v->e, "%s/serving/.lock",
		v->job->data);
	if (!rc)
		rc = lam_io_lock(&fd, lock, v->e);
	for (size_t i = 0; !rc && i < v->n && !stopped(v); i++) {
		struct lam_error why = LAM_ERROR_INIT, *e = v->e;

		v->e = &why;
		rc = publish_one(v, &v->next[i]);
		v->e = e;
		rc = lam_failures_add(&v->failures, rc, &why, e);
	}
	if (fd >= 0)
		close(fd);
	return rc;
}

/* Strays that cannot be removed do no harm. */
static void
sweep(const char *serving, const char *name)
{
	char path[LAM_PATH_MAX];

	if (!lam_name_ok(name, strlen(name)) ||
		lam_io_path(path, sizeof path, NULL, "%s/%s", serving, name) ||
		lam_io_no_link(path, NULL) || lam_io_sweep(path, NULL))
		return;
}

/* Remove the files of killed runs, if no other run is at work; then hold the lock
 * that says that we are. */
static int
enter(struct serve *v, int *fd)
{
	char dir[LAM_PATH_MAX], path[LAM_PATH_MAX];
	struct lam_names names = LAM_NAMES_INIT;
	bool alone = false;
	int rc;

	rc = lam_io_path(dir, sizeof dir, v->e, "%s/serving", v->job->data);
	if (!rc)
		rc = lam_io_mkdir_below(v->job->data, dir, v->e);
	if (!rc)
		rc = lam_io_path(path, sizeof path, v->e, "%s/.sweep", dir);
	if (!rc)
		rc = lam_io_lock_try(fd, path, &alone, v->e);
	if (!rc && alone)
		rc = lam_io_list(dir, "", &names, v->e);
	for (size_t i = 0; !rc && i < names.n; i++)
		sweep(dir, names.name[i]);
	lam_names_release(&names);
	return rc ? rc : lam_io_lock_share(*fd, path, v->e);
}

int
lam_serve(struct lam_serve *job, struct lam_error *e)
{
	struct serve v = { .job = job, .arena = LAM_ARENA_INIT, .e = e,
		.failures = LAM_FAILURES_INIT(job->failed) };
	int fd = -1, rc;

	if (!lam_io_exists(job->data))
		return lam_fail(e, LAM_USAGE, "%s: no such dataset",
			job->data);
	rc = enter(&v, &fd);
	if (!rc && job->npaths == 0)
		rc = read_stream(&v, "-");
	for (size_t i = 0; !rc && i < job->npaths; i++)
		rc = read_stream(&v, job->path[i]);
	if (!rc)
		rc = publish(&v);
	if (!rc && !stopped(&v))
		rc = lam_failures_end(&v.failures, job->views, e);
	for (size_t i = 0; i < v.n; i++)
		lam_replace_abandon(&v.next[i].file);
	if (fd >= 0)
		close(fd);
	free(v.next);
	lam_arena_release(&v.arena);
	return rc;
}
