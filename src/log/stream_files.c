/*
 * stream_files.c - copies of segments as a log: what a worker has
 *
 * A dataset knows that it lacks a segment.  A worker is given a few, by whoever
 * planned the work, wherever they are; what it makes says the range, and whoever
 * merges that demands that ranges meet.  So all segments are opened here, sorted, and
 * must be next to each other; the log before and behind them is not asked for.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "log/segment.h"

static int
read_schema(struct lam_stream *s, const char *path, struct lam_error *e)
{
	struct lam_buf text = LAM_BUF_INIT;
	int rc = lam_io_slurp_given(path, LAM_SCHEMA_MAX, &text, e);

	if (!rc)
		rc = lam_buf_check(&text, e);
	if (!rc)
		rc = lam_schema_parse((struct lam_str){ text.n ? text.p : "",
			text.n }, path, &s->arena, &s->schema, e);
	lam_buf_release(&text);
	return rc;
}

static int
map_fields(const struct lam_stream *s, struct lam_segment *g,
	const char *schema, struct lam_error *e)
{
	g->column = LAM_ARENA_NEW(&g->arena, uint32_t, s->schema.n + 1);
	if (!g->column)
		return lam_fail_mem(e);
	for (size_t j = 0; j < s->schema.n; j++)
		g->column[j] = UINT32_MAX;
	for (size_t c = 0; c < g->nfields; c++) {
		int j = lam_schema_find(&s->schema, g->field[c],
			strlen(g->field[c]));

		if (j < 0)
			return lam_fail(e, LAM_USAGE, "%s: field \"%s\" of %s is "
				"missing: give the schema of the stream", schema,
				g->field[c], g->file->path);
		g->column[j] = (uint32_t)c;
	}
	return LAM_OK;
}

/* A link, as engines make them in a task's folder, stands for its file. */
static int
open_file(struct lam_stream *s, struct lam_segment *g, const char *path,
	bool active, struct lam_error *e)
{
	struct lam_segment_head h;
	char id[LAM_ID_HEX + 1], *real = realpath(path, NULL);
	int rc;

	if (!real)
		return lam_fail_sys(e, "%s", path);
	g->refs = 1;
	g->file = malloc(sizeof *g->file);
	if (g->file)
		*g->file = (struct lam_blockfile)LAM_BLOCKFILE_INIT;
	rc = g->file ? lam_segment_read(g->file, real, id, &g->arena, &h, e) :
		lam_fail_mem(e);
	free(real);
	if (!rc && !g->file->sealed)
		rc = active ? lam_blockfile_verify(g->file, 0, e) :
			lam_fail(e, LAM_USAGE, "%s: not sealed, more may follow: "
				"give --as-of, too", path);
	if (rc)
		return rc;
	if (*s->id && strcmp(s->id, id))
		return lam_fail(e, LAM_DATA, "%s: of another stream than the "
			"files before it", path);
	memcpy(s->id, id, sizeof id);
	g->base = h.base;
	g->end = lam_segment_end(g->file, h.base);
	g->field = h.field;
	g->nfields = h.nfields;
	g->old = h.old;
	g->history = lam_segment_history(&h, g->file, g->base,
		&g->history_known);
	g->next = lam_segment_history(&h, g->file, g->end, &g->next_known);
	return LAM_OK;
}

static int
by_base(const void *a, const void *b)
{
	const struct lam_segment *x = a, *y = b;

	return (x->base > y->base) - (x->base < y->base);
}

/* Each goes on where the one before it ends, in position and history. */
static int
check_neighbours(const struct lam_stream *s, struct lam_error *e)
{
	for (size_t i = 1; i < s->nsegments; i++) {
		const struct lam_segment *g = &s->segment[i];

		if (g->base != g[-1].end)
			return lam_fail(e, LAM_DATA, "%s ends at position %" PRIu64
				", %s begins at %" PRIu64 ": give segments that "
				"are next to each other", g[-1].file->path,
				g[-1].end, g->file->path, g->base);
		if (g->history_known && g[-1].next_known &&
			g->history != g[-1].next)
			return lam_fail(e, LAM_DATA, "%s: its history does not "
				"fit that of %s: they are of two logs",
				g->file->path, g[-1].file->path);
	}
	return LAM_OK;
}

int
lam_stream_files(struct lam_stream *s, const char *const *path, size_t n,
	const char *schema, bool active, struct lam_error *e)
{
	int rc;

	memset(s, 0, sizeof *s);
	memcpy(s->dir, ".", 2);
	if (pthread_mutex_init(&s->mutex, NULL))
		return lam_fail_mem(e);
	s->opened = true;
	s->segment = calloc(n + 1, sizeof *s->segment);
	rc = s->segment ? read_schema(s, schema, e) : lam_fail_mem(e);
	for (size_t i = 0; !rc && i < n; i++) {
		rc = open_file(s, &s->segment[i], path[i], active, e);
		s->nsegments++;
		if (!rc)
			rc = map_fields(s, &s->segment[i], schema, e);
	}
	if (!rc && n)
		qsort(s->segment, n, sizeof *s->segment, by_base);
	if (!rc)
		rc = check_neighbours(s, e);
	if (!rc && n)
		s->head = s->durable = s->segment[n - 1].end;
	if (rc)
		lam_stream_close(s);
	return rc;
}
