/*
 * stream.c - a reader's snapshot of a stream, without locks
 *
 * Opening, and why no lock is needed:
 *
 *	1. read id (never changes)
 *	2. read durable: what it claims was on disk before step 3, so a
 *	   snapshot that holds less has lost something
 *	3. list the segments (segment_list.c); the names give every base, and the
 *	   end of each but the last: the base of the next
 *	4. open the last one and check its tail against (2)
 *	5. read schema: a writer names a field there before it starts the
 *	   segment that has it, so no segment of (3) can have an unknown one
 *
 * Blocks are never changed once whole.  A segment that is sealed between 3
 * and its opening has the same records at the same positions, in either form;
 * one that is not last was sealed before its successor appeared.
 *
 * What only looked damaged, for it was changed meanwhile, is whole when looked at
 * again: steps 2 to 5 are tried a few times before damage is believed.
 *
 * Segments but the last are opened when asked for and closed when released:
 * ten thousand cost ten thousand names, not descriptors.
 */
#include "log/stream.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/name.h"
#include "base/search.h"
#include "log/history.h"
#include "log/segment.h"
#include "store/block.h"

#define SNAPSHOT_TRIES 3

static void
close_segment(struct lam_segment *g)
{
	if (g->file) {
		lam_blockfile_close(g->file);
		free(g->file);
		g->file = NULL;
	}
	lam_arena_release(&g->arena);
	g->field = NULL;
	g->column = NULL;
	g->nfields = 0;
}

/* Is there more in the file of G than when it was listed?  Then that may have fields
 * that came later, which the records of G do not have. */
static bool
was_merged(const struct lam_segment *g)
{
	const struct lam_blockfile *f = g->file;

	return f->nblocks && (f->block[0].first < g->base ||
		lam_segment_end(f, g->base) > g->end);
}

/* Each field of the schema to its column in G; each column must have one. */
static int
map_fields(const struct lam_stream *s, struct lam_segment *g,
	struct lam_error *e)
{
	g->column = LAM_ARENA_NEW(&g->arena, uint32_t, s->schema.n + 1);
	if (!g->column)
		return lam_fail_mem(e);
	for (size_t j = 0; j < s->schema.n; j++)
		g->column[j] = UINT32_MAX;
	for (size_t c = 0; c < g->nfields; c++) {
		const char *name = g->field[c];
		size_t j = c;

		/* The same order is the rule: try that first. */
		if (j >= s->schema.n || strcmp(s->schema.field[j].name, name))
			for (j = 0; j < s->schema.n; j++)
				if (!strcmp(s->schema.field[j].name, name))
					break;
		if (j == s->schema.n && was_merged(g))
			continue;
		if (j == s->schema.n)
			return lam_fail(e, LAM_DATA, "%s/schema: field \"%s\" "
				"of %020" PRIu64 ".seg is missing: add a line "
				"with its name and type", s->dir, name,
				g->base);
		g->column[j] = (uint32_t)c;
	}
	return LAM_OK;
}

/* The file of G is gone: that into which it was merged, which is named for an
 * earlier position. */
static int
load_merged(const struct lam_stream *s, struct lam_segment *g,
	struct lam_segment_head *h, struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	uint64_t *base = NULL;
	size_t n = 0;
	int rc;

	rc = lam_segment_list(s->dir, &base, &n, &why);
	while (n && base[n - 1] > g->base)
		n--;
	if (!rc && n)
		rc = lam_segment_load(g->file, s->dir, s->id, base[n - 1],
			NULL, &g->arena, h, &why);
	if (!rc && (n == 0 || h->old ||
		lam_segment_end(g->file, h->base) < g->end))
		rc = lam_fail(&why, LAM_DATA, "%s: positions %" PRIu64 " to %"
			PRIu64 " are missing: restore %020" PRIu64 ".seg from "
			"a copy", s->dir, g->base, g->end - 1, g->base);
	free(base);
	if (rc && e && !e->code)
		*e = why;
	return rc;
}

static int
load_segment(const struct lam_stream *s, struct lam_segment *g,
	const struct lam_durable *d, struct lam_segment_head *h,
	struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	int rc;

	g->file = malloc(sizeof *g->file);
	if (!g->file)
		return lam_fail_mem(e);
	*g->file = (struct lam_blockfile)LAM_BLOCKFILE_INIT;
	rc = lam_segment_load(g->file, s->dir, s->id, g->base, d, &g->arena, h,
		&why);
	if (rc == LAM_SYSTEM && why.sys == ENOENT && g->end > g->base)
		rc = load_merged(s, g, h, e);
	else if (rc && e && !e->code)
		*e = why;
	if (rc)
		return rc;
	g->field = h->field;
	g->nfields = h->nfields;
	g->old = h->old;
	g->history = lam_segment_history(h, g->file, g->base,
		&g->history_known);
	return LAM_OK;
}

static int
last_segment(struct lam_stream *s, const struct lam_durable *d,
	struct lam_error *e)
{
	struct lam_segment *g = &s->segment[s->nsegments - 1];
	struct lam_segment_head h;
	uint64_t durable;
	int rc;

	rc = load_segment(s, g, d, &h, e);
	if (!rc)
		rc = lam_segment_check_tail(g->file, g->base, d, e);
	if (rc)
		return rc;
	durable = lam_segment_durable(g->file, g->base, d);
	g->refs = 1;
	g->end = s->head = lam_segment_end(g->file, g->base);
	g->next = lam_segment_history(&h, g->file, g->end, &g->next_known);
	/* A sealed one counts when it is known to stay sealed. */
	s->durable = g->base;
	if (g->file->sealed ? durable == g->file->size : durable > 0)
		s->durable = d->head < g->end ? d->head : g->end;
	return LAM_OK;
}

static void
drop_segments(struct lam_stream *s)
{
	for (size_t i = 0; i < s->nsegments; i++)
		close_segment(&s->segment[i]);
	free(s->segment);
	free(s->cut);
	s->cut = NULL;
	s->segment = NULL;
	s->nsegments = 0;
	s->head = s->durable = 0;
	s->schema = (struct lam_schema){ NULL, 0 };
	lam_arena_release(&s->arena);
}

/* Step 5. */
static int
read_schema(struct lam_stream *s, struct lam_error *e)
{
	bool found;
	int rc;

	rc = lam_schema_read(s->dir, &s->arena, &s->schema, &found, e);
	if (rc || s->nsegments == 0)
		return rc;
	if (!found)
		return lam_fail(e, LAM_DATA, "%s/schema: missing: write a "
			"line \"name type\" for each field, as after \"field\" "
			"in the header of %020" PRIu64 ".seg", s->dir,
			s->segment[s->nsegments - 1].base);
	return map_fields(s, &s->segment[s->nsegments - 1], e);
}

/* Steps 2 to 5. */
static int
snapshot(struct lam_stream *s, struct lam_error *e)
{
	struct lam_durable d;
	uint64_t *base = NULL;
	size_t n = 0;
	int rc;

	rc = lam_durable_read(s->dir, s->id, &d, e);
	if (!rc)
		rc = lam_segment_snapshot(s->dir, &base, &n, e);
	if (rc)
		goto out;
	s->segment = calloc(n + 1, sizeof *s->segment);
	if (!s->segment) {
		rc = lam_fail_mem(e);
		goto out;
	}
	s->nsegments = n;
	for (size_t i = 0; i < n; i++) {
		s->segment[i].base = base[i];
		if (i + 1 < n)
			s->segment[i].end = base[i + 1];
	}
	if (n)
		rc = last_segment(s, &d, e);
	else if (d.valid && d.head)
		rc = lam_fail(e, LAM_DATA, "%s: %" PRIu64 " records were "
			"acknowledged, but there is no segment: the log lost "
			"data, restore them from a copy", s->dir, d.head);
	if (!rc)
		rc = read_schema(s, e);
out:
	free(base);
	return rc;
}

/* Step 1.  No segment is there before the id: one that is seen says that there
 * must be an id by now. */
static int
read_id(struct lam_stream *s, const char *data, struct lam_error *e)
{
	uint64_t *base;
	size_t n = 0;
	bool found;
	int rc;

	rc = lam_stream_id_read(s->dir, s->id, &found, e);
	if (rc || found)
		return rc;
	rc = lam_segment_list(s->dir, &base, &n, e);
	free(base);
	if (rc)
		return rc;
	if (n == 0)
		return lam_stream_missing(data, s->name, e);
	rc = lam_stream_id_read(s->dir, s->id, &found, e);
	if (rc || found)
		return rc;
	return lam_fail(e, LAM_DATA, "%s/id: missing: write back the 32 digits "
		"that the header of a segment says after \"stream\"", s->dir);
}

int
lam_stream_open(struct lam_stream *s, const char *data, const char *name,
	struct lam_error *e)
{
	struct lam_error first;
	int rc;

	memset(s, 0, sizeof *s);
	if (!lam_name_ok(name, strlen(name)))
		return lam_fail(e, LAM_USAGE, "\"%.80s\" cannot be the name "
			"of a stream: letters, digits, _ and -, first a "
			"letter, at most %d", name, LAM_NAME_MAX);
	memcpy(s->name, name, strlen(name) + 1);
	rc = lam_io_path(s->dir, sizeof s->dir, e, "%s/master/%s", data, name);
	if (!rc)
		rc = read_id(s, data, e);
	if (rc)
		return rc;
	if (pthread_mutex_init(&s->mutex, NULL))
		return lam_fail_mem(e);
	s->opened = true;
	for (int i = 0; i < SNAPSHOT_TRIES; i++) {
		first = (struct lam_error)LAM_ERROR_INIT;
		rc = snapshot(s, &first);
		/* The last one may have been merged since it was listed. */
		if (rc != LAM_DATA && (rc != LAM_SYSTEM ||
			first.sys != ENOENT))
			break;
		if (i + 1 < SNAPSHOT_TRIES)
			drop_segments(s);
	}
	if (rc) {
		lam_stream_close(s);
		if (e && !e->code)
			*e = first;
	}
	return rc;
}

void
lam_stream_close(struct lam_stream *s)
{
	if (!s->opened)
		return;
	drop_segments(s);
	pthread_mutex_destroy(&s->mutex);
	s->opened = false;
}

/* The histories at the ends of G, where its file reaches further and has no end
 * of a block there: it must be as good a neighbour as that which it stands for. */
static int
find_ends(struct lam_stream *s, struct lam_segment *g, struct lam_error *e)
{
	int rc = LAM_OK;

	if (g->old || !was_merged(g))
		return LAM_OK;
	if (!g->history_known)
		rc = lam_history_inside(s, g, g->base, &g->history, e);
	if (!rc && !g->next_known)
		rc = lam_history_inside(s, g, g->end, &g->next, e);
	if (!rc)
		g->history_known = g->next_known = true;
	return rc;
}

/* Segment I as it is on disk now, against what the snapshot says of it. */
static int
check_segment(struct lam_stream *s, size_t i, struct lam_error *e)
{
	struct lam_segment *g = &s->segment[i];
	uint64_t end = lam_segment_end(g->file, g->base);
	int rc;

	if (i + 1 < s->nsegments && end < g->end)
		return lam_fail(e, LAM_DATA, "%s: positions %" PRIu64 " to "
			"%" PRIu64 " are missing: the file ends before the "
			"next segment begins, restore it from a copy",
			g->file->path, end, g->end - 1);
	if (i + 1 < s->nsegments && ((end > g->end && g->old) ||
		!g->file->sealed))
		return lam_fail(e, LAM_DATA, "%s: %s, but another segment "
			"follows: files were mixed up or damaged, restore it "
			"from a copy", g->file->path, g->file->sealed ?
			"reaches into the next" : "has no valid footer");
	rc = find_ends(s, g, e);
	if (rc)
		return rc;
	if ((i > 0 && g[-1].next_known && g->history_known &&
		g[-1].next != g->history) || (i + 1 < s->nsegments &&
		g[1].history_known && g->next_known && g[1].history != g->next))
		return lam_fail(e, LAM_DATA, "%s: its history does not fit "
			"its neighbour's: one of them was replaced by another "
			"version, restore both from one copy", g->file->path);
	return LAM_OK;
}

int
lam_stream_segment(struct lam_stream *s, size_t i, struct lam_segment **out,
	struct lam_error *e)
{
	struct lam_segment *g = &s->segment[i];
	struct lam_segment_head h;
	int rc = LAM_OK;

	pthread_mutex_lock(&s->mutex);
	if (g->refs == 0) {
		rc = load_segment(s, g, NULL, &h, e);
		if (!rc)
			g->next = lam_segment_history(&h, g->file, g->end,
				&g->next_known);
		if (!rc)
			rc = check_segment(s, i, e);
		if (!rc)
			rc = map_fields(s, g, e);
		if (rc)
			close_segment(g);
	}
	if (!rc)
		g->refs++;
	pthread_mutex_unlock(&s->mutex);
	*out = rc ? NULL : g;
	return rc;
}

void
lam_stream_release(struct lam_stream *s, size_t i)
{
	pthread_mutex_lock(&s->mutex);
	if (--s->segment[i].refs == 0)
		close_segment(&s->segment[i]);
	pthread_mutex_unlock(&s->mutex);
}

static bool
ends_by(const void *v, size_t i, const void *pos)
{
	const struct lam_segment *g = (const struct lam_segment *)v + i;

	return g->end <= *(const uint64_t *)pos;
}

size_t
lam_stream_find(const struct lam_stream *s, uint64_t pos)
{
	return lam_lower_bound(s->segment, s->nsegments, &pos, ends_by);
}

bool
lam_stream_ends_sealed(const struct lam_stream *s)
{
	return s->nsegments && s->segment[s->nsegments - 1].file->sealed;
}

bool
lam_stream_small_tail(const struct lam_stream *s)
{
	const struct lam_segment *g = s->segment + s->nsegments;

	return s->nsegments && !g[-1].old &&
		g[-1].file->nblocks < LAM_SMALL_BLOCKS &&
		g[-1].end - g[-1].base < LAM_SMALL_RECORDS;
}

uint64_t
lam_stream_tied_end(const struct lam_stream *s)
{
	const struct lam_segment *g = s->segment + s->nsegments;
	bool open = s->nsegments && g[-1].old && !g[-1].file->sealed;

	return open && g[-1].base < s->durable ? g[-1].base : s->durable;
}
