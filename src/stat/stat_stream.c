/*
 * stat_stream.c - a stream, from its last segment and the totals before it
 *
 * The header of the last segment has the totals of everything before it
 * and the extents of each field (lam-store(5)), and its blocks have theirs.  Where
 * extents are not whole, as in a log that version 1 began, event times are those of
 * the first and the last segment, from the directories of their blocks.
 */
#include "stat/stat.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "log/scan.h"
#include "log/segment.h"
#include "time/time.h"

static int64_t
ns_of(const struct timespec *t)
{
	return (int64_t)t->tv_sec * LAM_NS + t->tv_nsec;
}

/* When the segment at BASE was last written; LAM_STAT_NEVER: it went away. */
static int64_t
written(const char *dir, uint64_t base)
{
	char path[LAM_PATH_MAX];
	struct stat st;

	if (lam_segment_path(path, dir, base, NULL) || lstat(path, &st))
		return LAM_STAT_NEVER;
	return ns_of(&st.st_mtim);
}

static int
event_field(const struct lam_schema *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->field[i].event)
			return (int)i;
	return -1;
}

/* Widen FIRST and LAST by what the blocks of [FROM, TO) say of FIELD. */
static int
event_times(struct lam_stream *s, uint32_t field, uint64_t from, uint64_t to,
	struct lam_stat_stream *out, struct lam_error *e)
{
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_scan_block b = { 0 };
	struct lam_scan scan;
	bool got = true;
	int rc = lam_scan_open(&scan, s, from, to, e);

	if (rc)
		return rc;
	while (!rc && got) {
		struct lam_colmeta m;
		bool absent;

		lam_arena_reset(&arena);
		rc = lam_scan_next(&scan, &b, &arena, &got, e);
		if (rc || !got)
			break;
		m = lam_scan_range(&b, field, &absent);
		if (absent || m.kind != LAM_RANGE_TIME)
			continue;
		if (out->first == LAM_STAT_NEVER || m.min < out->first)
			out->first = m.min;
		if (out->last == LAM_STAT_NEVER || m.max > out->last)
			out->last = m.max;
	}
	lam_scan_drop(&b);
	lam_scan_close(&scan);
	lam_arena_release(&arena);
	return rc;
}

/* Take the extent of FIELD; false: it is not known, or not of all records. */
static bool
take_extent(const struct lam_extents *x, const char *field,
	struct lam_stat_stream *out)
{
	for (size_t i = 0; i < x->n; i++)
		if (!strcmp(x->item[i].name, field) && x->from == 0 &&
			x->item[i].left == 0 &&
			x->item[i].kind == LAM_RANGE_TIME) {
			out->first = x->item[i].min;
			out->last = x->item[i].max;
			return true;
		}
	return false;
}

/* The totals up to the end of the last segment, and the extent of FIELD, NULL:
 * there is no event time. */
static int
totals(const struct lam_stream *s, const char *field, bool *timed,
	struct lam_stat_stream *out, struct lam_error *e)
{
	const struct lam_segment *last = &s->segment[s->nsegments - 1];
	struct lam_blockfile f = LAM_BLOCKFILE_INIT;
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_segment_head h = { 0 };
	struct lam_extents x = LAM_EXTENTS_INIT;
	struct lam_totals t = { 0 };
	int rc = lam_segment_load(&f, s->dir, s->id, last->base, NULL, &a,
		&h, e);

	if (!rc && !h.old)
		rc = lam_segment_totals(&f, &h, &t, &x, NULL, e);
	if (!rc) {
		out->text = t.text;
		out->rejects = t.rejects;
		out->disk = h.before.bytes + f.size;
		*timed = !field || take_extent(&x, field, out);
	}
	lam_extents_release(&x);
	lam_blockfile_close(&f);
	lam_arena_release(&a);
	return rc;
}

static int
look(struct lam_stream *s, struct lam_stat_stream *out, struct lam_error *e)
{
	const struct lam_segment *last = &s->segment[s->nsegments - 1];
	int field = event_field(&s->schema), rc;
	bool timed = true;
	int64_t before;

	out->appended = written(s->dir, last->base);
	before = s->nsegments > 1 ? written(s->dir, last[-1].base) :
		LAM_STAT_NEVER;
	if (before != LAM_STAT_NEVER && out->appended > before) {
		out->recent = last->end - last->base;
		out->recent_ns = out->appended - before;
	}
	rc = totals(s, field < 0 ? NULL : s->schema.field[field].name, &timed,
		out, e);
	if (!rc && !timed)
		rc = event_times(s, (uint32_t)field, 0, s->segment[0].end, out,
			e);
	if (!rc && !timed && s->nsegments > 1)
		rc = event_times(s, (uint32_t)field, last->base, s->head, out,
			e);
	return rc;
}

/* The stream outlives the call in names only: they are copied. */
static int
copy_schema(const struct lam_schema *s, struct lam_arena *a,
	struct lam_schema *out, struct lam_error *e)
{
	out->n = s->n;
	out->field = LAM_ARENA_NEW(a, struct lam_field, s->n + 1);
	if (!out->field)
		return lam_fail_mem(e);
	for (size_t i = 0; i < s->n; i++) {
		out->field[i] = s->field[i];
		out->field[i].name = lam_arena_dup(a, s->field[i].name,
			strlen(s->field[i].name));
		if (!out->field[i].name)
			return lam_fail_mem(e);
	}
	return LAM_OK;
}

int
lam_stat_stream(struct lam_stat_logs *l, const char *name, struct lam_arena *a,
	struct lam_stat_stream *out, struct lam_error *e)
{
	struct lam_stream *s;
	int rc;

	*out = (struct lam_stat_stream){ .first = LAM_STAT_NEVER,
		.last = LAM_STAT_NEVER, .appended = LAM_STAT_NEVER };
	out->name = lam_arena_dup(a, name, strlen(name));
	if (!out->name)
		return lam_fail_mem(e);
	rc = lam_stat_log(l, name, 0, &s, e);
	if (rc)
		return rc;
	out->records = s->head;
	out->segments = s->nsegments;
	rc = copy_schema(&s->schema, a, &out->schema, e);
	return !rc && s->nsegments ? look(s, out, e) : rc;
}
