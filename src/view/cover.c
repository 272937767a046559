/*
 * cover.c - plan a cover, and make its pieces ready to be merged
 *
 * A plan costs one directory listing for generations, one for speed partials, and one
 * open for each piece used.  Where there are more pieces than descriptors
 * (thousands of segments, no batch for long) the first ones are used, and the
 * rest of the log is scanned.
 */
#include "view/cover.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/pool.h"
#include "log/history.h"

/* Descriptors that computing needs: a segment for each thread, and a few. */
#define SPARE (LAM_THREADS_MAX + 44)

int
lam_view_files_list(struct lam_view_files *h, const char *data,
	const char *view, struct lam_error *e)
{
	int rc;

	*h = (struct lam_view_files)LAM_VIEW_FILES_INIT;
	rc = lam_serving_list(data, view, &h->serving, e);
	if (!rc)
		rc = lam_speed_list(data, view, &h->speed, e);
	return rc;
}

void
lam_view_files_release(struct lam_view_files *h)
{
	lam_layer_file_release(&h->serving);
	lam_layer_file_release(&h->speed);
}

int
lam_cover_check(const struct lam_view *view, struct lam_stream *stream,
	const struct lam_index *x, const struct lam_layer_file *d,
	const char *path, enum lam_mismatch *why, struct lam_error *e)
{
	const struct lam_section *s = &x->section;
	bool known = false;
	uint64_t history = 0;
	int rc;

	*why = LAM_MISNAMED;
	if (strcmp(s->view, view->name) || s->from != d->from ||
		s->to != d->to || s->spec != d->spec)
		return lam_fail(e, LAM_DATA, "%s: damaged: it is not what its "
			"name says", path);
	*why = LAM_FOREIGN;
	if (strcmp(s->stream, stream->name) ||
		strcmp(s->id, stream->id))
		return lam_fail(e, LAM_DATA, "%s: made from another log than "
			"the stream %s is now: remove it, and run lam-batch | "
			"lam-serve", path, stream->name);
	*why = LAM_LOST;
	if (s->to > stream->head)
		return lam_fail(e, LAM_DATA, "%s: covers positions up to %"
			PRIu64 ", but the log of %s ends at %" PRIu64 ": it "
			"has lost records: restore it, or remove this file to "
			"go on with what is left", path, s->to,
			stream->name, stream->head);
	*why = LAM_FITS;
	rc = lam_stream_history(stream, s->to, &known, &history, e);
	if (rc || (known && s->tied && history == s->history[1]))
		return rc;
	*why = LAM_FOREIGN;
	return lam_fail(e, LAM_DATA, "%s: of another history: the records of "
		"%s before position %" PRIu64 " are not those it was made "
		"from: remove it, or run lam-batch | lam-serve", path,
		stream->name, s->to);
}

static bool
is_skipped(const struct lam_cover *c, const char *path)
{
	const struct lam_buf *b = c->skip;
	size_t n = strlen(path) + 1;

	for (size_t at = 0; b && at < b->n; at += strlen(b->p + at) + 1)
		if (!memcmp(b->p + at, path, n < b->n - at ? n : b->n - at))
			return true;
	return false;
}

static void
skip(const struct lam_cover *c, const char *path)
{
	if (c->skip && !is_skipped(c, path))
		lam_buf_put(c->skip, path, strlen(path) + 1);
}

static struct lam_cover_part *
add_piece(struct lam_cover *c, enum lam_cover_part_kind kind, uint64_t from,
	uint64_t to)
{
	struct lam_cover_part *p = calloc(1, sizeof *p);

	if (!p || !lam_array_room(&c->part, &c->cap, c->n + 1,
		sizeof *c->part)) {
		free(p);
		return NULL;
	}
	p->kind = kind;
	p->from = from;
	p->to = to;
	c->part[c->n++] = p;
	return p;
}

static void
drop_piece(struct lam_cover_part *p)
{
	lam_index_source_release(&p->rows);
	if (p->open)
		lam_index_close(&p->index);
	lam_partials_free(p->partials);
	lam_row_source_release(&p->kept);
	free(p);
}

struct attempt {
	bool used, again, full; /* full: no descriptor is left */
	enum lam_mismatch mismatch;
	struct lam_error why;
};

/* Add the file D as a piece if it is sound; else say in *T why not. */
static int
try_piece(struct lam_cover *c, enum lam_cover_part_kind kind,
	const struct lam_layer_file *d, struct attempt *t, struct lam_error *e)
{
	char path[LAM_PATH_MAX];
	struct lam_cover_part *p;
	int rc;

	*t = (struct attempt){ .why = LAM_ERROR_INIT };
	rc = lam_layer_file_path(path, c->data, kind == LAM_COVER_PART_SPEED,
		c->view->name, d, e);
	if (rc || is_skipped(c, path))
		return rc;
	p = add_piece(c, kind, d->from, d->to);
	if (!p)
		return lam_fail_mem(e);
	rc = lam_index_open(&p->index, path, c->view->query, &t->why);
	p->open = !rc;
	if (!rc)
		rc = lam_cover_check(c->view, c->stream, &p->index, d, path,
			&t->mismatch, &t->why);
	t->again = rc == LAM_SYSTEM && t->why.sys == ENOENT;
	t->full = rc == LAM_SYSTEM && kind == LAM_COVER_PART_SPEED &&
		(t->why.sys == EMFILE || t->why.sys == ENFILE);
	t->used = !rc;
	if (!rc) {
		p->section = p->index.section;
		return LAM_OK;
	}
	c->n--;
	drop_piece(p);
	if (rc != LAM_DATA && !t->again && !t->full)
		return lam_fail(e, rc, "%s", t->why.msg);
	if (rc == LAM_DATA)
		skip(c, path);
	return LAM_OK;
}

/* Out of descriptors: what the last pieces cover, and all behind them, is read
 * from the log. */
static int
cover_rest(struct lam_cover *c, uint64_t pos, uint64_t end,
	struct lam_error *e)
{
	size_t keep = c->n > SPARE ? c->n - SPARE : 0;

	if (keep == 0 && c->n && c->part[0]->kind == LAM_COVER_PART_SERVED)
		keep = 1;
	while (c->n > keep) {
		struct lam_cover_part *p = c->part[--c->n];

		pos = p->from;
		drop_piece(p);
	}
	return add_piece(c, LAM_COVER_PART_LOG, pos, end) ? LAM_OK :
		lam_fail_mem(e);
}

/* The generation that ends highest, at or before END. */
static int
plan_served(struct lam_cover *c, const struct lam_layer_file_list *l,
	uint64_t end, bool *again, struct lam_error *e)
{
	size_t fits = 0;

	for (size_t i = l->n; i-- > 0; ) {
		const struct lam_layer_file *d = &l->item[i];
		struct attempt t;
		int rc;

		fits += d->spec == c->view->spec;
		if (d->spec != c->view->spec || d->to == 0 ||
			(d->to > end && d->to <= c->stream->head))
			continue;
		rc = try_piece(c, LAM_COVER_PART_SERVED, d, &t, e);
		if (rc || t.used)
			return rc;
		*again = t.again;
		if (t.again)
			return LAM_OK;
		if (t.mismatch > LAM_MISNAMED)
			return lam_fail(e, LAM_DATA, "%s", t.why.msg);
		if (*t.why.msg)
			lam_message(&c->warn, "%s: passed over", t.why.msg);
	}
	c->stale = l->n && !fits;
	return LAM_OK;
}

/*
 * The longest speed partial that starts at POS and ends by END; when there is
 * none (T->used is false), *NEXT is where the next one starts (or END).
 */
static int
plan_speed(struct lam_cover *c, const struct lam_layer_file_list *l,
	uint64_t pos, uint64_t end, uint64_t *next, struct attempt *t,
	struct lam_error *e)
{
	size_t first = lam_layer_file_find(l->item, l->n, pos), behind = first;

	*t = (struct attempt){ .used = false };
	*next = end;
	while (behind < l->n && l->item[behind].from == pos)
		behind++;
	for (size_t i = behind; i-- > first; ) { /* the longest first */
		const struct lam_layer_file *d = &l->item[i];
		int rc;

		if (d->spec != c->view->spec || d->to > end)
			continue;
		rc = try_piece(c, LAM_COVER_PART_SPEED, d, t, e);
		if (rc || t->used || t->again || t->full)
			return rc;
		if (*t->why.msg)
			lam_message(&c->warn, "%s: passed over", t->why.msg);
	}
	for (size_t i = behind; i < l->n; i++)
		if (l->item[i].spec == c->view->spec && l->item[i].to <= end) {
			*next = l->item[i].from;
			break;
		}
	return LAM_OK;
}

/* Cached state that ends beyond the log: the log has lost records. */
static int
check_lost(struct lam_cover *c, const struct lam_layer_file_list *l,
	enum lam_cover_part_kind kind, struct lam_error *e)
{
	for (size_t i = 0; i < l->n; i++) {
		struct attempt t;
		int rc;

		if (l->item[i].spec != c->view->spec ||
			l->item[i].to <= c->stream->head)
			continue;
		rc = try_piece(c, kind, &l->item[i], &t, e);
		/* A speed partial of another log is merely of no use. */
		if (!rc && (t.mismatch == LAM_LOST || (t.mismatch == LAM_FOREIGN
			&& kind == LAM_COVER_PART_SERVED)))
			rc = lam_fail(e, LAM_DATA, "%s", t.why.msg);
		if (rc)
			return rc;
	}
	return LAM_OK;
}

int
lam_cover_plan(struct lam_cover *c, const struct lam_view_files *h,
	uint64_t end, bool *again, struct lam_error *e)
{
	uint64_t pos = 0, next;
	struct attempt t;
	int rc;

	*again = false;
	c->end = end;
	rc = check_lost(c, &h->serving, LAM_COVER_PART_SERVED, e);
	if (!rc)
		rc = check_lost(c, &h->speed, LAM_COVER_PART_SPEED, e);
	if (!rc)
		rc = plan_served(c, &h->serving, end, again, e);
	if (c->n)
		pos = c->part[c->n - 1]->to;
	while (!rc && !*again && pos < end) {
		rc = plan_speed(c, &h->speed, pos, end, &next, &t, e);
		*again = t.again;
		if (rc || *again)
			break;
		if (t.full)
			return cover_rest(c, pos, end, e);
		if (t.used)
			next = c->part[c->n - 1]->to;
		else if (!add_piece(c, LAM_COVER_PART_LOG, pos, next))
			rc = lam_fail_mem(e);
		pos = next;
	}
	return rc;
}

static int
compute_log(struct lam_cover *c, struct lam_cover_part *p,
	const struct lam_resources *o, struct lam_bad *bad,
	int64_t (*now)(void), struct lam_error *e)
{
	const struct lam_query *q = c->view->query;
	struct lam_job job = { .query = q };
	struct lam_log_leaf log = { .stream = c->stream, .from = p->from,
		.to = p->to, .bad = bad };
	struct lam_leaves leaves = lam_log_leaf(&log);
	uint64_t start = now ? now() : 0;
	int rc;

	rc = lam_drive_jobs(&leaves, &job, 1, o, e);
	if (!rc) {
		p->partials = job.partials;
		job.partials = NULL;
		p->section.query = q;
		p->section.counts = job.counts;
		p->section.nulls = LAM_ARENA_NEW(&c->arena, uint64_t,
			q->nstates + 1);
		if (!p->section.nulls)
			rc = lam_fail_mem(e);
		else if (job.nulls && q->nstates)
			memcpy(p->section.nulls, job.nulls,
				q->nstates * sizeof(uint64_t));
	}
	lam_job_release(&job);
	if (!rc)
		lam_partials_source(p->partials, &p->source);
	p->ns = now ? now() - start : 0;
	return rc;
}

/* The partials of P, which can be read once, as rows that can be read again. */
static int
keep(struct lam_cover_part *p, const struct lam_resources *o,
	struct lam_error *e)
{
	struct lam_arena arena = LAM_ARENA_INIT;
	const struct lam_vec *column;
	uint64_t first;
	uint32_t n = 1;
	int rc = LAM_OK;

	lam_row_source_init(&p->kept, lam_query_columns(p->section.query),
		(o->memory + 3) / 4, o->tmpdir);
	while (!rc && n) {
		lam_arena_reset(&arena);
		rc = lam_partials_next(p->partials, &arena, &column, &first,
			&n, e);
		if (!rc)
			rc = lam_row_source_keep(&p->kept, column, n, e);
	}
	lam_arena_release(&arena);
	return rc;
}

int
lam_cover_compute(struct lam_cover *c, bool often,
	const struct lam_resources *o, struct lam_bad *bad,
	int64_t (*now)(void), struct lam_error *e)
{
	int rc = LAM_OK;

	lam_chain_source_init(&c->rows);
	for (size_t i = 0; !rc && i < c->n; i++) {
		struct lam_cover_part *p = c->part[i];
		struct lam_source *rows = p->kind != LAM_COVER_PART_LOG ?
			&p->rows.source : often ? &p->kept.source : &p->source;

		if (p->kind == LAM_COVER_PART_LOG)
			rc = compute_log(c, p, o, bad, now, e);
		else
			rc = lam_index_source_init(&p->rows, &p->index,
				o->threads, e);
		if (!rc && often && p->kind == LAM_COVER_PART_LOG)
			rc = keep(p, o, e);
		if (!rc)
			rc = lam_chain_source_add(&c->rows, rows, e);
	}
	return rc;
}

void
lam_cover_rewind(struct lam_cover *c)
{
	atomic_store(&c->rows.at, 0);
	for (size_t i = 0; i < c->n; i++) {
		atomic_store(&c->part[i]->rows.next, 0);
		atomic_store(&c->part[i]->kept.next, 0);
	}
}

bool
lam_cover_damaged(struct lam_cover *c)
{
	bool any = false;

	for (size_t i = 0; i < c->n; i++) {
		struct lam_cover_part *p = c->part[i];

		if (p->kind == LAM_COVER_PART_LOG || !p->rows.slot ||
			!atomic_load(&p->rows.damaged))
			continue;
		skip(c, p->index.file.path);
		any = true;
	}
	return any;
}

void
lam_cover_release(struct lam_cover *c)
{
	for (size_t i = 0; i < c->n; i++)
		drop_piece(c->part[i]);
	free(c->part);
	c->part = NULL;
	c->n = c->cap = 0;
	lam_chain_source_release(&c->rows);
	lam_arena_release(&c->arena);
}
