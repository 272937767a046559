/*
 * speed.c - a pass of the speed layer over all views
 *
 * Per stream: list the files of its views, open the log, find the gaps of each
 * view's chain in what the log's witness says is durable (state that outlives
 * the process covers no other records; those behind are read from the log until
 * a writer has synced them), cut them at segment boundaries, so that a later generation,
 * which ends at one, leaves the partials behind it usable, and compute each
 * range once for all views that lack it.  One process at a time, under
 * DIR/speed/.lock; readers need no lock.
 *
 * lam-serve may replace a generation between its listing and its opening.  The
 * view is left as it is then, and once all are done the pass starts over.
 */
#include "view/speed_internal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PASSES 50 /* each lost to a publisher that was faster */

/* A failure of one view or stream: told once, when tolerated. */
static int
tolerate(struct speed_pass *p, int rc, struct lam_error *e)
{
	struct lam_buf *told = &p->job->told;
	size_t n = strlen(e->msg) + 1;
	bool known = false;

	if (!rc || !p->job->tolerant || rc == LAM_SYSTEM) {
		if (rc && p->e && e != p->e) {
			*p->e = *e;
			p->e->code = rc;
		}
		return rc;
	}
	for (size_t at = 0; at < told->n && !known;
		at += strlen(told->p + at) + 1)
		known = !strcmp(told->p + at, e->msg);
	if (!known) {
		if (told->n > 64 * sizeof e->msg)
			lam_buf_clear(told);
		lam_buf_put(told, e->msg, n);
		lam_note(&p->job->warn, "%s", e->msg);
	}
	return LAM_OK;
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
	char dir[LAM_DERIVED_PATH];
	int rc;

	rc = lam_derived_dir(dir, p->job->data, true, view, p->e);
	if (!rc)
		rc = lam_io_no_link(dir, p->e);
	if (rc || find_memory(p->job, view))
		return rc;
	rc = lam_io_sweep(dir, p->e);
	if (!rc && !add_memory(p->job, view))
		rc = lam_fail_mem(p->e);
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

	if (!n) {
		rc = lam_view_list(job->data, &names, p->e);
		n = names.n;
	}
	p->view = LAM_ARENA_NEW(&p->arena, struct speed_view, n + 1);
	if (!rc && !p->view)
		rc = lam_fail_mem(p->e);
	for (size_t i = 0; !rc && i < n; i++) {
		const char *name = job->nviews ? job->view[i] : names.name[i];
		struct speed_view *v = &p->view[p->n];
		struct lam_error why = LAM_ERROR_INIT;

		rc = lam_view_find_stream(job->data, name, &p->arena, &v->stream,
			&why);
		v->failed = rc != LAM_OK;
		rc = tolerate(p, rc, &why);
		if (rc || v->failed) {
			v->failed = false;
			continue;
		}
		v->name = lam_arena_dup(&p->arena, name, strlen(name));
		if (!v->name) {
			rc = lam_fail_mem(p->e);
			break;
		}
		p->n++;
		rc = enter_view(p, name);
		if (!rc)
			rc = lam_held_list(&v->held, job->data, name, p->e);
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
	size_t lo = 0, hi = s->nsegments;
	size_t i = lam_speed_chain_find(v, pos);

	for (; i < v->n && v->chain[i].from == pos; i++)
		pos = v->chain[i].to;
	v->upto = pos;
	if (i < v->n)
		end = v->chain[i].from;
	if (pos >= end)
		return false;
	while (lo + 1 < hi) { /* the segment that holds pos */
		size_t mid = lo + (hi - lo) / 2;

		if (s->segment[mid].base <= pos)
			lo = mid;
		else
			hi = mid;
	}
	r->base = s->segment[lo].base;
	r->from = pos;
	r->to = end < s->segment[lo].end ? end : s->segment[lo].end;
	r->sealed = lo + 1 < s->nsegments && r->to == s->segment[lo].end;
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
		while (!rc && !stopped(p) && gap(&p->view[i], s, &r)) {
			rc = lam_speed_build(p, s, some, gather(p, s, i, &r,
				some), &r);
		}
	}
	return rc;
}

static int
pass_stream(struct speed_pass *p, const char *name)
{
	struct lam_stream *s = calloc(1, sizeof *s);
	int rc;

	if (!s)
		return lam_fail_mem(p->e);
	rc = lam_stream_open(s, p->job->data, name, p->e);
	if (rc) {
		free(s);
		return rc;
	}
	for (size_t i = 0; !rc && i < p->n; i++) {
		struct speed_view *v = &p->view[i];
		struct lam_error why = LAM_ERROR_INIT;
		struct lam_error *e = p->e;

		if (strcmp(v->stream, name))
			continue;
		p->e = &why;
		rc = lam_view_load(p->job->data, v->name, s, &p->arena,
			&v->view, &why);
		if (!rc)
			rc = lam_speed_plan(p, v, s);
		p->e = e;
		v->failed = rc || v->vanished;
		rc = tolerate(p, rc, &why);
	}
	if (!rc)
		rc = fill_gaps(p, s);
	for (size_t i = 0; !rc && i < p->n; i++)
		if (!strcmp(p->view[i].stream, name) && !p->view[i].failed)
			rc = lam_speed_expire(p, &p->view[i]);
	lam_stream_close(s);
	free(s);
	return rc;
}

static bool
first_of_stream(const struct speed_pass *p, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (!strcmp(p->view[j].stream, p->view[i].stream))
			return false;
	return true;
}

static int
pass_all(struct speed_pass *p)
{
	int rc = list_views(p);

	for (size_t i = 0; !rc && i < p->n; i++) {
		struct lam_error why = LAM_ERROR_INIT;
		struct lam_error *e = p->e;

		if (!first_of_stream(p, i))
			continue;
		p->e = &why;
		rc = pass_stream(p, p->view[i].stream);
		p->e = e;
		rc = tolerate(p, rc, &why);
	}
	if (!rc && !p->job->nviews)
		rc = lam_speed_expire_views(p);
	return rc;
}

/* *AGAIN: a view was left out, as its files were being replaced. */
static int
pass_once(struct lam_speed *s, uint64_t *records, bool *again,
	struct lam_error *e)
{
	struct speed_pass p = { .job = s, .arena = LAM_ARENA_INIT, .e = e };
	int rc = pass_all(&p);

	*again = false;
	*records += p.records;
	for (size_t i = 0; p.view && i < p.n; i++) {
		*again |= p.view[i].vanished;
		lam_held_release(&p.view[i].held);
		free(p.view[i].chain);
	}
	lam_arena_release(&p.arena);
	return rc;
}

int
lam_speed_pass(struct lam_speed *s, uint64_t *records, struct lam_error *e)
{
	char path[LAM_DERIVED_PATH];
	bool again = true;
	int fd = -1, rc;

	*records = 0;
	if (!lam_io_exists(s->data))
		return lam_fail(e, LAM_USAGE, "%s: no such dataset", s->data);
	rc = lam_io_path(path, sizeof path, e, "%s/speed", s->data);
	if (!rc)
		rc = lam_io_mkdir_below(s->data, path, e);
	if (!rc)
		rc = lam_io_path(path, sizeof path, e, "%s/speed/.lock",
			s->data);
	if (!rc)
		rc = lam_io_lock(&fd, path, e);
	for (int i = 0; !rc && again && i < PASSES; i++)
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
