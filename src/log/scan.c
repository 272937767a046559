/*
 * scan.c - read positions [from, to) of a stream, block by block
 *
 * Claiming is under a mutex: it is done once per block (milliseconds of work)
 * and costs a few compares, except that the claim which enters a segment opens
 * it.  The scan itself holds the segment of its cursor, each claimed block
 * holds its own, so a file is closed when the cursor has left it and its last
 * block has been dropped.
 *
 * The range may cut the first and the last block anywhere: vectors are sliced,
 * which copies nothing, because every array of a vector is indexed by row.  So
 * may the range of a segment cut those of a file into which it was merged.
 */
#include "log/scan.h"

#include <inttypes.h>
#include <string.h>

/* Where a range ends between two segments, the second one is a witness of what is
 * in the first: the history that it goes on from must be that of the first.  It
 * is not in the range itself, so that it cannot be read is no matter. */
static void
look_behind(struct lam_stream *s, uint64_t to)
{
	size_t i = lam_stream_find(s, to);
	struct lam_segment *g;

	if (to > 0 && i < s->nsegments && s->segment[i].base == to &&
		!lam_stream_segment(s, i, &g, NULL))
		lam_stream_release(s, i);
}

int
lam_scan_open(struct lam_scan *scan, struct lam_stream *s, uint64_t from,
	uint64_t to, struct lam_error *e)
{
	memset(scan, 0, sizeof *scan);
	if (from > to || to > s->head)
		return lam_fail(e, LAM_DATA, "%s: positions %" PRIu64 " to %"
			PRIu64 " are wanted, the log ends at %" PRIu64,
			s->dir, from, to, s->head);
	if (pthread_mutex_init(&scan->mutex, NULL))
		return lam_fail_mem(e);
	scan->opened = true;
	scan->stream = s;
	scan->from = from;
	scan->to = to;
	scan->segment = lam_stream_find(s, from);
	scan->done = from == to;
	look_behind(s, to);
	return LAM_OK;
}

void
lam_scan_close(struct lam_scan *scan)
{
	if (!scan->opened)
		return;
	if (scan->open)
		lam_stream_release(scan->stream, scan->segment);
	pthread_mutex_destroy(&scan->mutex);
	memset(scan, 0, sizeof *scan);
}

void
lam_scan_drop(struct lam_scan_block *b)
{
	if (b->segment)
		lam_stream_release(b->scan->stream, b->index);
	b->segment = NULL;
}

int
lam_scan_align(struct lam_stream *s, uint64_t pos, uint64_t *first,
	struct lam_error *e)
{
	size_t i = lam_stream_find(s, pos), k;
	struct lam_segment *g;
	int rc;

	*first = pos;
	if (i == s->nsegments)
		return LAM_OK;
	rc = lam_stream_segment(s, i, &g, e);
	if (rc)
		return rc;
	k = lam_blockfile_find(g->file, pos);
	if (k < g->file->nblocks)
		*first = g->file->block[k].first > g->base ?
			g->file->block[k].first : g->base;
	lam_stream_release(s, i);
	return LAM_OK;
}

/* Under the mutex: put the cursor on a block of the range, or done. */
static int
settle_cursor(struct lam_scan *scan, struct lam_error *e)
{
	struct lam_stream *s = scan->stream;
	int rc;

	while (!scan->done) {
		const struct lam_blockfile *f = scan->open ?
			scan->open->file : NULL;

		/* Blocks without rows carry a source place. */
		while (f && scan->block < f->nblocks &&
			f->block[scan->block].nrows == 0)
			scan->block++;
		if (f && scan->block < f->nblocks &&
			f->block[scan->block].first < scan->open->end) {
			scan->done = f->block[scan->block].first >= scan->to;
			return LAM_OK;
		}
		if (scan->open) {
			scan->open = NULL;
			lam_stream_release(s, scan->segment++);
		}
		if (scan->segment == s->nsegments ||
			s->segment[scan->segment].base >= scan->to) {
			scan->done = true;
			return LAM_OK;
		}
		rc = lam_stream_segment(s, scan->segment, &scan->open, e);
		if (rc) {
			scan->done = true;
			return rc;
		}
		scan->block = lam_blockfile_find(scan->open->file,
			scan->from > scan->open->base ? scan->from :
			scan->open->base);
	}
	return LAM_OK;
}

/* Block I of the segment that B holds, as far as it is in the range. */
static int
open_block(struct lam_scan_block *b, size_t i, struct lam_arena *arena,
	struct lam_error *e)
{
	const struct lam_scan *scan = b->scan;
	const struct lam_block *k = &b->segment->file->block[i];
	uint64_t end = k->first + k->nrows;

	if (end > b->segment->end)
		end = b->segment->end;
	if (end > scan->to)
		end = scan->to;
	b->pos = k->first > scan->from ? k->first : scan->from;
	if (b->pos < b->segment->base)
		b->pos = b->segment->base;
	b->skip = (uint32_t)(b->pos - k->first);
	b->n = (uint32_t)(end - b->pos);
	return lam_block_open(&b->reader, b->segment->file, i, arena, e);
}

int
lam_scan_at(struct lam_scan *scan, uint64_t pos, struct lam_scan_block *b,
	struct lam_arena *arena, struct lam_error *e)
{
	int rc;

	lam_scan_drop(b);
	b->scan = scan;
	b->index = lam_stream_find(scan->stream, pos);
	rc = lam_stream_segment(scan->stream, b->index, &b->segment, e);
	return rc ? rc : open_block(b, lam_blockfile_find(b->segment->file,
		pos), arena, e);
}

int
lam_scan_next(struct lam_scan *scan, struct lam_scan_block *b,
	struct lam_arena *arena, bool *got, struct lam_error *e)
{
	size_t i = 0;
	int rc;

	lam_scan_drop(b);
	*got = false;
	pthread_mutex_lock(&scan->mutex);
	rc = settle_cursor(scan, e);
	if (!rc && !scan->done) {
		b->scan = scan;
		b->index = scan->segment;
		rc = lam_stream_segment(scan->stream, b->index, &b->segment,
			e);
		i = scan->block++;
		*got = !rc;
	}
	pthread_mutex_unlock(&scan->mutex);
	return rc || !*got ? rc : open_block(b, i, arena, e);
}

/* Rows SKIP .. SKIP+N-1 of V, in place. */
static void
slice(struct lam_vec *v, uint32_t skip, uint32_t n)
{
	v->n = n;
	if (skip == 0 || v->rep == LAM_CONST)
		return;
	if (v->null)
		v->null += skip;
	if (v->rep == LAM_DICT)
		v->code += skip;
	else if (v->rep == LAM_FOR)
		v->u32 += skip;
	else if (v->type == LAM_TEXT)
		v->str += skip;
	else if (v->type == LAM_BOOL)
		v->bit += skip;
	else if (v->wide)
		v->num += skip;
	else
		v->i64 += skip;
}

int
lam_scan_column(const struct lam_scan_block *b, uint32_t field,
	struct lam_coltype type, bool raw, struct lam_arena *arena,
	struct lam_vec *out, uint64_t *bad, struct lam_error *e)
{
	struct lam_coltype t = raw ? (struct lam_coltype){ LAM_TEXT, 0 } :
		type;
	int rc;

	rc = lam_block_column(&b->reader, b->segment->column[field], t, arena,
		out, bad, e);
	if (!rc && (b->skip || b->n < out->n))
		slice(out, b->skip, b->n);
	return rc;
}

int
lam_scan_match(const struct lam_scan_block *b, uint32_t field,
	struct lam_str s, struct lam_arena *arena, struct lam_vec *out,
	bool *matched, struct lam_error *e)
{
	int rc = lam_block_match(&b->reader, b->segment->column[field], s,
		arena, out, matched, e);

	if (!rc && (b->skip || b->n < out->n))
		slice(out, b->skip, b->n);
	return rc;
}

int
lam_scan_pick(const struct lam_scan_block *b, uint32_t field,
	const uint16_t *row, uint32_t n, struct lam_arena *arena,
	struct lam_vec *out, bool *picked, struct lam_error *e)
{
	struct lam_coltype text = { LAM_TEXT, 0 };
	uint64_t bad = 0;

	*picked = false;
	if (b->skip) /* rows are counted from there */
		return lam_scan_column(b, field, text, true, arena, out, &bad,
			e);
	return lam_block_pick(&b->reader, b->segment->column[field], row, n,
		arena, out, picked, e);
}

struct lam_colmeta
lam_scan_range(const struct lam_scan_block *b, uint32_t field, bool *absent)
{
	uint32_t c = b->segment->column[field];
	struct lam_colmeta none = { 0 };

	*absent = c >= b->reader.block->ncols;
	return *absent ? none : b->reader.col[c];
}
