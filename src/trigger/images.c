/*
 * images.c - the last images of a view's rows, by key, on disk
 */
#include "trigger/images.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/dir.h"
#include "view/cover.h"
#include "view/recompute.h"

#define ATTEMPTS 50 /* each lost to a publisher that was faster */

static const struct lam_resources one = { .threads = 1 };

/* ------------------------------------------------------------------- files */

static int
path_of(const struct lam_images *i, const char *view, const struct lam_layer_file *d,
	char out[LAM_PATH_MAX], struct lam_error *e)
{
	return lam_layer_file_path(out, i->dir, true, view, d, e);
}

static int
remove_file(const struct lam_images *i, const char *view,
	const struct lam_layer_file *d, struct lam_error *e)
{
	char path[LAM_PATH_MAX];
	int rc = path_of(i, view, d, path, e);

	return rc ? rc : lam_io_unlink(path, e);
}

static void
close_last(struct lam_images *i)
{
	struct lam_image_file *f = i->file[--i->n];

	lam_index_close(&f->index);
	free(f);
}

void
lam_images_release(struct lam_images *i)
{
	while (i->n)
		close_last(i);
	free(i->file);
	i->file = NULL;
	i->cap = 0;
}

int
lam_images_drop(struct lam_images *i, struct lam_error *e)
{
	struct lam_layer_file d = i->file[i->n - 1]->d;
	char view[LAM_NAME_MAX + 1];

	memcpy(view, i->file[i->n - 1]->index.section.view, sizeof view);
	close_last(i);
	return remove_file(i, view, &d, e);
}

/* The file D, which is there, behind those that are open. */
static int
open_file(struct lam_images *i, const struct lam_images_of *v,
	const struct lam_layer_file *d, enum lam_mismatch *why, struct lam_error *e)
{
	struct lam_image_file *f = malloc(sizeof *f);
	char path[LAM_PATH_MAX];
	int rc = f && lam_array_room(&i->file, &i->cap, i->n + 1,
		sizeof *i->file) ? LAM_OK : lam_fail_mem(e);

	*why = LAM_MISNAMED;
	if (!rc)
		rc = path_of(i, v->view->name, d, path, e);
	if (!rc)
		rc = lam_index_open(&f->index, path, NULL, e);
	if (rc) {
		free(f);
		return rc;
	}
	f->d = *d;
	i->file[i->n++] = f;
	rc = lam_cover_check(v->view, v->stream, &f->index, d, path, why, e);
	if (rc)
		close_last(i);
	return rc;
}

/* The rows of P, which is used up, as the file of S, which is open then. */
static int
write_file(struct lam_images *i, const struct lam_images_of *v,
	struct lam_section *s, struct lam_partials *p, struct lam_error *e)
{
	struct lam_layer_file d = { s->from, s->to, v->view->spec };
	struct lam_index_writer *w = NULL;
	enum lam_mismatch why;
	char path[LAM_PATH_MAX];
	int rc;

	memcpy(s->view, v->view->name, sizeof s->view);
	memcpy(s->stream, v->stream->name, sizeof s->stream);
	memcpy(s->id, v->stream->id, sizeof s->id);
	s->spec = v->view->spec;
	s->query = v->view->query;
	rc = lam_section_tie(s, v->stream, e);
	if (!rc)
		rc = lam_layer_file_dir(path, i->dir, true, v->view->name, e);
	if (!rc)
		rc = lam_io_mkdir_cache(i->data, path, e);
	if (!rc)
		rc = path_of(i, v->view->name, &d, path, e);
	if (!rc)
		rc = lam_index_begin(&w, path, s, path, true, one.threads, e);
	if (!rc)
		rc = lam_index_put(w, s, p, e);
	if (!rc)
		rc = lam_index_finish(w, e);
	if (!rc)
		rc = lam_index_commit(w, e);
	lam_index_free(w);
	return rc ? rc : open_file(i, v, &d, &why, e);
}

/* S, of which bounds are known, counts nothing yet. */
static int
count_none(struct lam_section *s, const struct lam_images_of *v, struct lam_error *e)
{
	s->query = v->view->query;
	s->nulls = LAM_ARENA_NEW(v->arena, uint64_t, s->query->nstates + 1);
	return s->nulls ? LAM_OK : lam_fail_mem(e);
}

/* The partials in SRC, merged, as the file of S. */
static int
write_merged(struct lam_images *i, const struct lam_images_of *v, struct lam_section *s,
	struct lam_source *src, struct lam_error *e)
{
	struct lam_partials *p = NULL;
	int rc = lam_merge_run(v->view->query, src, &one, v->arena, &p, e);

	if (!rc)
		rc = write_file(i, v, s, p, e);
	lam_partials_free(p);
	return rc;
}

int
lam_images_source_init(struct lam_images_source *s, const struct lam_images *i,
	size_t first, size_t last, struct lam_error *e)
{
	int rc = LAM_OK;

	s->n = 0;
	lam_chain_source_init(&s->chain);
	s->link = calloc(last - first + 1, sizeof *s->link);
	if (!s->link)
		return lam_fail_mem(e);
	for (; !rc && first < last; first++) {
		struct lam_index_source *x = &s->link[s->n];

		rc = lam_index_source_init(x, &i->file[first]->index, one.threads,
			e);
		if (rc)
			break;
		s->n++;
		rc = lam_chain_source_add(&s->chain, &x->source, e);
	}
	return rc;
}

void
lam_images_source_release(struct lam_images_source *s)
{
	lam_chain_source_release(&s->chain);
	for (size_t k = 0; k < s->n; k++)
		lam_index_source_release(&s->link[k]);
	free(s->link);
}

/* ------------------------------------------------------------ all, from the log */

/* [0, UPTO) as the layers of the dataset and its log have it. */
static int
compute(struct lam_images *i, const struct lam_images_of *v, struct lam_cover *c,
	struct lam_error *e)
{
	struct lam_bad bad = { NULL, 0, 0 };
	struct lam_section s = { .to = c->end };
	int rc = lam_bad_init(&bad, (uint32_t)v->stream->schema.n, e);

	if (!rc)
		rc = lam_cover_compute(c, false, &one, &bad, NULL, e);
	lam_bad_release(&bad);
	if (!rc)
		rc = count_none(&s, v, e);
	for (size_t k = 0; !rc && k < c->n; k++)
		rc = lam_section_add(&s, &c->part[k]->section, e);
	return rc ? rc : write_merged(i, v, &s, &c->rows.source, e);
}

static int
make(struct lam_images *i, const struct lam_images_of *v, uint64_t upto,
	struct lam_error *e)
{
	struct lam_buf skip = LAM_BUF_INIT;
	bool again = true;
	int rc = LAM_OK;

	for (int k = 0; !rc && again && k < ATTEMPTS; k++) {
		struct lam_view_files files = LAM_VIEW_FILES_INIT;
		struct lam_error why = LAM_ERROR_INIT;
		struct lam_cover c = LAM_COVER_INIT;

		c.data = i->data;
		c.view = v->view;
		c.stream = v->stream;
		c.warn = i->warn;
		c.skip = &skip;
		again = false;
		rc = lam_view_files_list(&files, i->data, v->view->name, &why);
		if (!rc)
			rc = lam_cover_plan(&c, &files, upto, &again, &why);
		if (!rc && !again)
			rc = compute(i, v, &c, &why);
		again |= rc == LAM_DATA && lam_cover_damaged(&c);
		if (rc && !again && e)
			*e = why;
		rc = again ? LAM_OK : rc;
		lam_cover_release(&c);
		lam_view_files_release(&files);
	}
	lam_buf_release(&skip);
	return rc || !again ? rc : lam_fail(e, LAM_SYSTEM, "%s: its files are "
		"replaced faster than they can be read", v->view->name);
}

/* ------------------------------------------------------------- what is there */

/* The longest of L that begins where the last open one ends, up to UPTO. */
static const struct lam_layer_file *
next_of(const struct lam_images *i, const struct lam_layer_file_list *l,
	uint64_t from, uint64_t upto)
{
	const struct lam_layer_file *best = NULL;

	for (size_t k = 0; k < l->n; k++) {
		const struct lam_layer_file *d = &l->item[k];

		if (d->from == from && d->to <= upto && d->spec == i->spec &&
			(!best || d->to > best->to))
			best = d;
	}
	return best;
}

/* Files that stand for what others do, or for nothing any more. */
static int
sweep(struct lam_images *i, const char *view, const struct lam_layer_file_list *l,
	struct lam_error *e)
{
	int rc = LAM_OK;

	for (size_t k = 0; !rc && k < l->n; k++) {
		bool used = false;

		for (size_t m = 0; m < i->n; m++)
			used |= !lam_layer_file_cmp(&l->item[k], &i->file[m]->d);
		if (!used)
			rc = remove_file(i, view, &l->item[k], e);
	}
	return rc;
}

static int
open_all(struct lam_images *i, const struct lam_images_of *v,
	const struct lam_layer_file_list *l, uint64_t upto, bool *whole,
	struct lam_error *e)
{
	const struct lam_layer_file *d;
	enum lam_mismatch mismatch;
	uint64_t at = 0;

	while (at < upto && (d = next_of(i, l, at, upto))) {
		struct lam_error why = LAM_ERROR_INIT;
		int rc = open_file(i, v, d, &mismatch, &why);

		if (rc == LAM_DATA && mismatch == LAM_MISNAMED) {
			lam_message(&i->warn, "%s: made anew", why.msg);
			break;
		}
		if (rc) {
			if (e)
				*e = why;
			return rc;
		}
		at = d->to;
	}
	*whole = at == upto;
	return LAM_OK;
}

int
lam_images_open(struct lam_images *i, const struct lam_images_of *v, uint64_t upto,
	struct lam_error *e)
{
	struct lam_layer_file_list l = LAM_LAYER_FILE_INIT;
	bool whole = false;
	int rc;

	if (i->spec == v->view->spec && i->n && i->file[i->n - 1]->d.to == upto)
		return LAM_OK;
	lam_images_release(i);
	i->spec = v->view->spec;
	rc = lam_speed_list(i->dir, v->view->name, &l, e);
	if (!rc)
		rc = open_all(i, v, &l, upto, &whole, e);
	if (!rc && !whole) {
		lam_images_release(i);
		rc = make(i, v, upto, e);
	}
	if (!rc)
		rc = sweep(i, v->view->name, &l, e);
	lam_layer_file_release(&l);
	return rc;
}

/* ------------------------------------------------------------------- steps */

int
lam_images_add(struct lam_images *i, const struct lam_images_of *v, uint64_t from,
	uint64_t to, struct lam_error *e)
{
	struct lam_log_leaf log = { .stream = v->stream, .from = from, .to = to };
	struct lam_leaves leaves = lam_log_leaf(&log);
	struct lam_job job = { .query = v->view->query };
	struct lam_section s = { .from = from, .to = to };
	int rc = lam_drive_jobs(&leaves, &job, 1, &one, e);

	if (!rc)
		rc = lam_section_of_job(&s, &job, v->arena, e);
	if (!rc)
		rc = write_file(i, v, &s, job.partials, e);
	lam_partials_free(job.partials);
	lam_job_release(&job);
	return rc;
}

static uint64_t
length(const struct lam_images *i, size_t k)
{
	return i->file[k]->d.to - i->file[k]->d.from;
}

/* Files FIRST and those behind it become one, in their place. */
static int
join(struct lam_images *i, const struct lam_images_of *v, size_t first,
	struct lam_error *e)
{
	size_t n = i->n - first;
	struct lam_section s = { .from = i->file[first]->d.from,
		.to = i->file[i->n - 1]->d.to };
	struct lam_images_source src;
	struct lam_image_file *all;
	int rc = lam_images_source_init(&src, i, first, i->n, e);

	if (!rc)
		rc = count_none(&s, v, e);
	for (size_t k = first; !rc && k < i->n; k++)
		rc = lam_section_add(&s, &i->file[k]->index.section, e);
	if (!rc)
		rc = write_merged(i, v, &s, &src.chain.source, e);
	lam_images_source_release(&src);
	if (rc)
		return rc;
	all = i->file[--i->n];
	for (; !rc && n > 0; n--)
		rc = lam_images_drop(i, e);
	i->file[i->n++] = all;
	return rc;
}

int
lam_images_settle(struct lam_images *i, const struct lam_images_of *v,
	struct lam_error *e)
{
	size_t first = i->n ? i->n - 1 : 0;
	uint64_t sum = i->n ? length(i, first) : 0;

	while (first > 0 && length(i, first - 1) < 2 * sum)
		sum += length(i, --first);
	return i->n && first < i->n - 1 ? join(i, v, first, e) : LAM_OK;
}
