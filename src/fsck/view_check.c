/*
 * view_check.c - check the definition, the generations and the speed partials of a
 * view
 *
 * Files are listed before the log is opened, so no listed file can cover more than
 * the log holds.  A file that is gone when it is opened was replaced by a newer one,
 * and is no finding.
 *
 * A finding is grave if lam-query refuses an answer because of it: a generation of
 * the present definition that is of another log, or covers records that the log has
 * not.  Queries pass over any other fault here, and read the log instead.
 */
#include "fsck/view_check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fsck/compare.h"
#include "partial/index_text.h"
#include "source/lookup_file.h"

struct look {
	const struct lam_view_checking *o;
	struct lam_findings *f;
	struct lam_view_check *c;
	struct lam_view view;	 /* if c->binds */
	struct lam_stream *stream;
	bool open;
	struct lam_arena arena;
};

/* Compare the header of FILE with its name. */
static int
check_name(const struct lam_index *x, const char *view,
	const struct lam_layer_file *d, struct lam_error *e)
{
	const struct lam_section *s = &x->section;

	if (strcmp(s->view, view) || s->from != d->from || s->to != d->to ||
		s->spec != d->spec)
		return lam_fail(e, LAM_DATA, "%s: it is not what its name "
			"says", x->file.path);
	return LAM_OK;
}

/* Compare X with the log, if that is wanted. */
static int
compare(struct look *l, const struct lam_index *x, bool speed, bool *ok,
	struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	uint64_t rows = 0;
	int rc;

	rc = l->o->sample && !speed ? lam_compare_sample(l->o, &l->view,
		l->stream, x, &rows, &why) : lam_compare_whole(l->o, &l->view,
		l->stream, x, &rows, &why);
	l->c->compared++;
	l->c->groups += rows;
	return lam_judge(l->f, LAM_MINOR, rc, &why, ok, e);
}

/* A derived file that cannot be read: the remedy is always the same. */
static int
judge_unread(struct look *l, int rc, const struct lam_error *why,
	struct lam_error *e)
{
	struct lam_error full = LAM_ERROR_INIT;
	bool sound;

	if (rc == LAM_DATA) {
		lam_fail(&full, rc, "%s; delete it: it is made anew from the "
			"log", why->msg);
		why = &full;
	}
	return lam_judge(l->f, LAM_MINOR, rc, why, &sound, e);
}

/* One file; *FITS: of the present definition, and sound. */
static int
check_file(struct look *l, const char *view, const struct lam_layer_file *d,
	bool speed, bool wanted, bool *ok, bool *fits, struct lam_error *e)
{
	const struct lam_query *q = l->c->binds && d->spec == l->view.spec ?
		l->view.query : NULL;
	struct lam_error why = LAM_ERROR_INIT;
	enum lam_gravity g = LAM_MINOR;
	enum lam_mismatch mismatch = LAM_FITS;
	char path[LAM_PATH_MAX];
	struct lam_index x;
	int rc;

	*ok = *fits = false;
	rc = lam_layer_file_path(path, l->o->data, speed, view, d, e);
	if (rc)
		return rc;
	rc = lam_index_open(&x, path, q, &why);
	if (rc == LAM_SYSTEM && why.sys == ENOENT) {
		*ok = true;
		return LAM_OK;
	}
	if (rc)
		return judge_unread(l, rc, &why, e);
	rc = check_name(&x, view, d, &why);
	if (!rc)
		rc = lam_index_verify(&x, &why);
	if (rc) {
		lam_index_close(&x);
		return judge_unread(l, rc, &why, e);
	}
	if (q && l->open) {
		rc = lam_cover_check(&l->view, l->stream, &x, d, path,
			&mismatch, &why);
		if (mismatch == LAM_LOST || (mismatch == LAM_FOREIGN && !speed))
			g = LAM_GRAVE;
		if (rc == LAM_DATA && mismatch == LAM_FITS) /* told already */
			rc = LAM_OK;
	}
	rc = lam_judge(l->f, g, rc, &why, ok, e);
	if (!rc && *ok) {
		l->c->rows += x.rows;
		*fits = q != NULL;
		if (wanted && q && l->open)
			rc = compare(l, &x, speed, ok, e);
	}
	lam_index_close(&x);
	return rc;
}

static int
check_serving(struct look *l, const char *view,
	const struct lam_layer_file_list *list, struct lam_error *e)
{
	struct lam_view_check *c = l->c;
	int rc = LAM_OK;

	for (size_t i = list->n; !rc && i-- > 0; ) {
		bool ok, fits;

		c->generations++;
		rc = check_file(l, view, &list->item[i], false,
			l->o->recompute && !c->has_served, &ok, &fits, e);
		c->generations_intact += ok;
		if (c->binds && list->item[i].spec != l->view.spec)
			c->stale++;
		if (!fits || c->has_served)
			continue;
		c->has_served = true;
		c->served = list->item[i].to;
	}
	if (c->stale && c->stale == c->generations)
		lam_found(l->f, LAM_MINOR, "%s: all generations are of an "
			"older definition, or of an older file that it reads: "
			"run lam-batch | lam-serve", view);
	return rc;
}

static int
check_speed(struct look *l, const char *view,
	const struct lam_layer_file_list *list, struct lam_error *e)
{
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < list->n; i++) {
		bool ok, fits;

		l->c->partials++;
		rc = check_file(l, view, &list->item[i], true,
			l->o->recompute, &ok, &fits, e);
		l->c->partials_intact += ok;
	}
	return rc;
}

/* The definition, against the schema of its stream. */
static int
check_definition(struct look *l, const char *view,
	const struct lam_view_files *files, struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	const char *stream = NULL;
	bool ok;
	int rc;

	l->c->defined = lam_view_exists(l->o->data, view);
	if (!l->c->defined && files->serving.n + files->speed.n == 0)
		return LAM_OK; /* empty directories of a view that was dropped */
	if (!l->c->defined) {
		lam_found(l->f, LAM_MINOR, "%s/views/%s.sql: missing, but "
			"there are files of the view: restore it, or remove "
			"serving/%s and speed/%s", l->o->data, view, view,
			view);
		return LAM_OK;
	}
	rc = lam_view_stream(l->o->data, view, &l->arena, &stream, &why);
	rc = lam_judge(l->f, LAM_MINOR, rc, &why, &ok, e);
	if (rc || !ok)
		return rc;
	if (strlen(stream) < sizeof l->c->stream)
		memcpy(l->c->stream, stream, strlen(stream) + 1);
	rc = lam_stream_open(l->stream, l->o->data, stream, &why);
	l->open = !rc;
	if (rc == LAM_DATA) /* told by the check of the log */
		return LAM_OK;
	/* Its log is gone, if there once was something to derive. */
	rc = lam_judge(l->f, files->serving.n + files->speed.n ? LAM_GRAVE :
		LAM_MINOR, rc, &why, &ok, e);
	if (rc || !ok)
		return rc;
	rc = lam_view_load(l->o->data, view, l->stream, &l->arena, &l->view,
		&why);
	l->c->binds = !rc;
	for (uint32_t i = 0; !rc && i < l->view.query->nfiles; i++)
		rc = lam_lookup_file_check(l->view.query->file[i], &why);
	if (rc == LAM_SYSTEM && lam_failures_of_one(rc, &why)) {
		lam_found(l->f, LAM_MINOR, "%s", why.msg); /* of its files */
		l->c->binds = false;
		return LAM_OK;
	}
	return lam_judge(l->f, LAM_MINOR, rc, &why, &ok, e);
}

int
lam_view_check(const struct lam_view_checking *o, const char *view,
	struct lam_findings *f, struct lam_view_check *c, struct lam_error *e)
{
	struct look l = { .o = o, .f = f, .c = c, .arena = LAM_ARENA_INIT };
	struct lam_view_files files;
	int rc;

	*c = (struct lam_view_check){ .stream = "" };
	l.stream = calloc(1, sizeof *l.stream);
	if (!l.stream)
		return lam_fail_mem(e);
	rc = lam_view_files_list(&files, o->data, view, e);
	if (!rc)
		rc = check_definition(&l, view, &files, e);
	if (!rc)
		rc = check_serving(&l, view, &files.serving, e);
	if (!rc)
		rc = check_speed(&l, view, &files.speed, e);
	lam_view_files_release(&files);
	if (l.open)
		lam_stream_close(l.stream);
	free(l.stream);
	lam_arena_release(&l.arena);
	return rc;
}

/* ------------------------------------------------------------------ names */

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Move the names of FROM that can be a view's to OUT.  DIR: and are directories
 * in it. */
static int
take_names(struct lam_names *from, const char *dir, struct lam_names *out,
	struct lam_error *e)
{
	char path[LAM_PATH_MAX];
	char **p = realloc(out->name, (out->n + from->n + 1) * sizeof *p);

	if (!p)
		return lam_fail_mem(e);
	out->name = p;
	for (size_t i = 0; i < from->n; i++) {
		char *s = from->name[i];

		if (lam_name_ok(s, strlen(s)) && (!*dir ||
			(!lam_io_path(path, sizeof path, NULL, "%s/%s/.", dir,
				s) && lam_io_exists(path))))
			p[out->n++] = s;
		else
			free(s);
	}
	from->n = 0;
	return LAM_OK;
}

static void
misnamed(void *findings, const char *line)
{
	lam_found(findings, LAM_MINOR, "%s", line);
}

int
lam_view_remains(const char *data, struct lam_findings *f,
	struct lam_names *out, struct lam_error *e)
{
	struct lam_failures bad = LAM_FAILURES_INIT(((struct lam_messages){
		misnamed, f }));
	static const char *const layer[] = { "serving", "speed" };
	struct lam_names names = LAM_NAMES_INIT;
	char dir[LAM_PATH_MAX] = "";
	size_t n = 0;
	int rc;

	*out = (struct lam_names)LAM_NAMES_INIT;
	rc = lam_view_list(data, &names, &bad, e);
	if (!rc)
		(void)!lam_failures_end(&bad, 1, NULL); /* tells them */
	for (int i = 0; !rc; i++) {
		rc = take_names(&names, dir, out, e);
		lam_names_release(&names);
		if (rc || i == 2)
			break;
		rc = lam_io_path(dir, sizeof dir, e, "%s/%s", data, layer[i]);
		if (!rc)
			rc = lam_io_list(dir, "", &names, e);
	}
	if (out->n > 1)
		qsort(out->name, out->n, sizeof *out->name, by_name);
	for (size_t i = 0; i < out->n; i++) {
		if (n && !strcmp(out->name[i], out->name[n - 1]))
			free(out->name[i]);
		else
			out->name[n++] = out->name[i];
	}
	out->n = n;
	if (rc)
		lam_names_release(out);
	return rc;
}
