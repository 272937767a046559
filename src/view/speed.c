/*
 * speed.c - a pass of the speed layer over all views
 *
 * For each stream a pass
 *
 *	1. lists the files of its views, then opens the log
 *	2. finds the gaps of each view's chain, as far as the log is durable by its
 *	   witness: state that outlives the process covers no other records
 *	3. cuts the gaps at segment boundaries: a later generation ends at one, and
 *	   the partials behind it stay usable
 *	4. computes each range once for all views that lack it
 *
 * One process at a time makes a pass, under DIR/speed/.lock; readers need no lock.
 *
 * lam-serve may replace a generation between its listing and its opening.  Then the
 * view is left as it is, and when all are done the pass starts over.
 */
#include "view/speed_internal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PASSES 50 /* each lost to a publisher that was faster */
#define TOLD_MAX (64u << 10) /* bytes of failures remembered */

/* For the failures of a pass: what an earlier one has told is known. */
static void
tell_once(void *arg, const char *line)
{
	struct lam_speed *job = arg;
	struct lam_buf *told = &job->told;

	for (size_t at = 0; at < told->n; at += strlen(told->p + at) + 1)
		if (!strcmp(told->p + at, line))
			return;
	if (told->n > TOLD_MAX)
		lam_buf_clear(told);
	lam_buf_put(told, line, strlen(line) + 1);
	lam_message(&job->failed, "%s", line);
}

int
lam_speed_fail(struct speed_pass *p, struct speed_view *v, int rc,
	const struct lam_error *why)
{
	v->failed |= rc != LAM_OK;
	return lam_failures_add(&p->failures, rc, why, p->e);
}

static struct lam_speed_memory *
find_memory(struct lam_speed *s, const char *view)
{
	for (size_t i = 0; i < s->nmemory; i++)
		if (!strcmp(s->memory[i].view, view))
			return &s->memory[i];
	return NULL;
}

static struct lam_speed_memory *
add_memory(struct lam_speed *s, const char *view)
{
	struct lam_speed_memory *m;

	m = realloc(s->memory, (s->nmemory + 1) * sizeof *m);
	if (!m)
		return NULL;
	s->memory = m;
	m += s->nmemory++;
	*m = (struct lam_speed_memory){ .n = 0 };
	memcpy(m->view, view, strlen(view) + 1);
	return m;
}

/*
 * Begin with a view's directory: it is no way out of the dataset, and, when
 * seen for the first time, what a killed process left in it goes.
 */
static int
enter_view(struct speed_pass *p, const char *view)
{
	char dir[LAM_PATH_MAX];
	int rc;

	rc = lam_layer_file_dir(dir, p->job->data, true, view, p->e);
	if (!rc)
		rc = lam_io_no_link(dir, p->e);
	if (rc || find_memory(p->job, view))
		return rc;
	rc = lam_io_sweep(dir, p->e);
	if (!rc && !add_memory(p->job, view))
		rc = lam_fail_mem(p->e);
	return rc;
}

static int
list_view(struct speed_pass *p, struct speed_view *v)
{
	int rc = lam_view_find_stream(p->job->data, v->name, &p->arena,
		&v->stream, p->e);

	if (rc)
		v->stream = "";
	if (!rc)
		rc = enter_view(p, v->name);
	if (!rc)
		rc = lam_view_files_list(&v->files, p->job->data, v->name, p->e);
	return rc;
}

/* The views, their streams, and the files there are: before any log. */
static int
list_views(struct speed_pass *p)
{
	struct lam_speed *job = p->job;
	struct lam_names names = LAM_NAMES_INIT;
	size_t n = job->nviews;
	int rc = LAM_OK;

	for (size_t i = 0; !rc && !job->tolerant && i < n; i++)
		if (!lam_view_exists(job->data, job->view[i]))
			rc = lam_view_missing(job->data, job->view[i], p->e);
	if (!n) {
		rc = lam_view_list(job->data, &names, &p->failures, p->e);
		n = names.n;
	}
	p->view = LAM_ARENA_NEW(&p->arena, struct speed_view, n + 1);
	if (!rc && !p->view)
		rc = lam_fail_mem(p->e);
	for (size_t i = 0; !rc && i < n; i++) {
		const char *name = job->nviews ? job->view[i] : names.name[i];
		struct speed_view *v = &p->view[p->n];
		struct lam_error why = LAM_ERROR_INIT, *e = p->e;

		v->name = lam_arena_dup(&p->arena, name, strlen(name));
		if (!v->name) {
			rc = lam_fail_mem(p->e);
			break;
		}
		p->n++;
		p->e = &why;
		rc = list_view(p, v);
		p->e = e;
		rc = lam_speed_fail(p, v, rc, &why);
	}
	/* Only now: adding one may have moved the others. */
	for (size_t i = 0; !rc && i < p->n; i++)
		p->view[i].memory = find_memory(job, p->view[i].name);
	lam_names_release(&names);
	return rc;
}

/* The first range V lacks from POS on, within one segment; false: none. */
static bool
gap(struct speed_view *v, const struct lam_stream *s, struct speed_range *r)
{
	uint64_t pos = v->upto, end = lam_stream_tied_end(s);
	size_t at;
	size_t i = lam_speed_chain_find(v, pos);

	for (; i < v->n && v->chain[i].from == pos; i++)
		pos = v->chain[i].to;
	v->upto = pos;
	if (i < v->n)
		end = v->chain[i].from;
	if (pos >= end)
		return false;
	at = lam_stream_find(s, pos);
	r->base = s->segment[at].base;
	r->from = pos;
	r->to = end < s->segment[at].end ? end : s->segment[at].end;
	r->sealed = at + 1 < s->nsegments && r->to == s->segment[at].end;
	return r->from < r->to;
}

/* Views of the stream, from I on, that lack the range R too. */
static size_t
gather(struct speed_pass *p, const struct lam_stream *s, size_t i,
	const struct speed_range *r, struct speed_view **out)
{
	size_t n = 0;

	for (; i < p->n; i++) {
		struct speed_range other;

		if (!p->view[i].failed &&
			!strcmp(p->view[i].stream, s->name) &&
			gap(&p->view[i], s, &other) &&
			other.from == r->from && other.to == r->to)
			out[n++] = &p->view[i];
	}
	return n;
}

static bool
stopped(const struct speed_pass *p)
{
	return p->job->stop && *p->job->stop;
}

static int
fill_gaps(struct speed_pass *p, struct lam_stream *s)
{
	struct speed_view **some = LAM_ARENA_NEW(&p->arena,
		struct speed_view *, p->n + 1);
	int rc = some ? LAM_OK : lam_fail_mem(p->e);

	for (size_t i = 0; !rc && i < p->n; i++) {
		struct speed_range r;

		if (strcmp(p->view[i].stream, s->name) || p->view[i].failed)
			continue;
		while (!rc && !stopped(p) && !p->view[i].failed &&
			gap(&p->view[i], s, &r))
			rc = lam_speed_build(p, s, some, gather(p, s, i, &r,
				some), &r);
	}
	return rc;
}

static int
load_view(struct speed_pass *p, struct speed_view *v, struct lam_stream *s)
{
	int rc = lam_view_load(p->job->data, v->name, s, &p->arena, &v->view,
		p->e);

	return rc ? rc : lam_speed_plan(p, v, s);
}

/* STEP for each view of the stream that has not failed. */
static int
each_view(struct speed_pass *p, struct lam_stream *s,
	int (*step)(struct speed_pass *p, struct speed_view *v,
		struct lam_stream *s))
{
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < p->n; i++) {
		struct speed_view *v = &p->view[i];
		struct lam_error why = LAM_ERROR_INIT, *e = p->e;

		if (v->failed || strcmp(v->stream, s->name))
			continue;
		p->e = &why;
		rc = step(p, v, s);
		p->e = e;
		rc = lam_speed_fail(p, v, rc, &why);
		v->failed |= v->vanished;
	}
	return rc;
}

static int
expire(struct speed_pass *p, struct speed_view *v, struct lam_stream *s)
{
	(void)s;
	return lam_speed_expire(p, v);
}

static int
pass_open(struct speed_pass *p, struct lam_stream *s)
{
	int rc = each_view(p, s, load_view);

	if (!rc)
		rc = fill_gaps(p, s);
	return rc ? rc : each_view(p, s, expire);
}

/* A stream that cannot be read fails all its views. */
static int
pass_stream(struct speed_pass *p, const char *name)
{
	struct lam_stream *s = calloc(1, sizeof *s);
	struct lam_error why = LAM_ERROR_INIT;
	int failed, rc = LAM_OK;

	if (!s)
		return lam_fail_mem(p->e);
	failed = lam_stream_open(s, p->job->data, name, &why);
	if (!failed) {
		rc = pass_open(p, s);
		lam_stream_close(s);
	}
	for (size_t i = 0; failed && !rc && i < p->n; i++)
		if (!strcmp(p->view[i].stream, name) && !p->view[i].failed)
			rc = lam_speed_fail(p, &p->view[i], failed, &why);
	free(s);
	return rc;
}

static bool
first_of_stream(const struct speed_pass *p, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (!strcmp(p->view[j].stream, p->view[i].stream))
			return false;
	return *p->view[i].stream;
}

static int
pass_all(struct speed_pass *p)
{
	int rc = list_views(p);

	for (size_t i = 0; !rc && i < p->n; i++)
		if (first_of_stream(p, i))
			rc = pass_stream(p, p->view[i].stream);
	if (!rc && !p->job->nviews)
		rc = lam_speed_expire_views(p);
	return rc;
}

/* *AGAIN: a view was left out, as its files were being replaced. */
static int
pass_once(struct lam_speed *s, uint64_t *records, bool *again,
	struct lam_error *e)
{
	struct speed_pass p = { .job = s, .arena = LAM_ARENA_INIT,
		.failures = LAM_FAILURES_INIT(((struct lam_messages){ tell_once,
			s })), .e = e };
	int rc = pass_all(&p);
	uint64_t done = s->tolerant;

	*again = false;
	*records += p.records;
	for (size_t i = 0; p.view && i < p.n; i++) {
		*again |= p.view[i].vanished;
		done += !p.view[i].failed;
		lam_view_files_release(&p.view[i].files);
		free(p.view[i].chain);
	}
	if (!rc)
		rc = lam_failures_end(&p.failures, done, e);
	lam_arena_release(&p.arena);
	return rc == LAM_SOME && s->tolerant ? LAM_OK : rc;
}

int
lam_speed_pass(struct lam_speed *s, uint64_t *records, struct lam_error *e)
{
	char path[LAM_PATH_MAX];
	bool again = true;
	int fd = -1, rc;

	*records = 0;
	if (!lam_io_exists(s->data))
		return lam_fail(e, LAM_USAGE, "%s: no such dataset", s->data);
	rc = lam_io_path(path, sizeof path, e, "%s/speed", s->data);
	if (!rc)
		rc = lam_io_mkdir_cache(s->data, path, e);
	if (!rc)
		rc = lam_io_path(path, sizeof path, e, "%s/speed/.lock",
			s->data);
	if (!rc)
		rc = lam_io_lock(&fd, path, e);
	for (int i = 0; (!rc || rc == LAM_SOME) && again && i < PASSES; i++)
		rc = pass_once(s, records, &again, e);
	if (!rc && again && !s->tolerant)
		rc = lam_fail(e, LAM_SYSTEM, "%s: generations are replaced "
			"faster than they can be opened: try again", s->data);
	if (fd >= 0)
		close(fd);
	return rc;
}

void
lam_speed_release(struct lam_speed *s)
{
	for (size_t i = 0; i < s->nmemory; i++)
		free(s->memory[i].sound);
	free(s->memory);
	s->memory = NULL;
	s->nmemory = 0;
	lam_buf_release(&s->told);
}
