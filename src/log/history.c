/*
 * history.c - a prefix of a log as one number
 *
 * A segment has the history at its base, a block the one before its first record.  So
 * a position between two blocks costs a look at a directory.  A position inside a block
 * costs decoding the block, unless its metadata marks that row.  The digests of the
 * last block that was decoded are kept, because the next call is mostly for a
 * position near it.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "log/history.h"
#include "log/segment.h"
#include "store/block.h"
#include "store/digest.h"

/* The digests before each row of block K of G, which begins behind HISTORY. */
static int
digests(const struct lam_segment *g, size_t k, uint64_t *after,
	struct lam_arena *a, struct lam_error *e)
{
	const struct lam_block *b = &g->file->block[k];
	uint64_t *sum = LAM_ARENA_NEW(a, uint64_t, (size_t)b->nrows + 1);
	struct lam_arena column = LAM_ARENA_INIT;
	struct lam_block_reader r;
	uint64_t bad = 0;
	int rc = sum ? lam_block_open(&r, g->file, k, a, e) : lam_fail_mem(e);

	for (uint32_t c = 0; !rc && c < b->ncols; c++) {
		struct lam_vec v;

		lam_arena_reset(&column);
		rc = lam_block_column(&r, c, (struct lam_coltype){ LAM_TEXT,
			0 }, &column, &v, &bad, e);
		if (!rc && !lam_digest_vec(&v, lam_digest_name(g->field[c]),
			&column, sum))
			rc = lam_fail_mem(e);
	}
	lam_arena_release(&column);
	after[0] = b->history;
	for (uint32_t i = 0; !rc && i < b->nrows; i++)
		after[i + 1] = lam_digest_join(after[i], sum[i], 1);
	if (!rc && after[b->nrows] != lam_digest_join(b->history, b->digest,
		b->nrows))
		rc = lam_fail(e, LAM_DATA, "%s: block at %" PRIu64 ": its "
			"records do not match its digest: the "
			"file is damaged, restore it from a copy",
			g->file->path, b->at);
	return rc;
}

/* The history before row ROW of block K of G, if its metadata marks that. */
static int
marked(const struct lam_segment *g, size_t k, uint64_t row, bool *found,
	uint64_t *history, struct lam_error *e)
{
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_block_reader r;
	unsigned kind, flags;
	struct lam_str v;
	int rc = lam_block_open(&r, g->file, k, &a, e);

	*found = false;
	while (!rc && lam_block_next_note(&r.notes, &kind, &flags, &v))
		for (size_t i = 0; kind == LAM_NOTE_MARKS &&
			i + LAM_MARK_SIZE <= v.n; i += LAM_MARK_SIZE)
			if (lam_get32(v.p + i) == row) {
				*history = lam_get64(v.p + i + 4);
				*found = true;
			}
	lam_arena_release(&a);
	return rc;
}

int
lam_history_inside(struct lam_stream *s, const struct lam_segment *g,
	uint64_t pos, uint64_t *history, struct lam_error *e)
{
	size_t k = lam_blockfile_find(g->file, pos - 1);
	const struct lam_block *b = &g->file->block[k];
	struct lam_arena a = LAM_ARENA_INIT;
	uint64_t *after;
	bool have;
	int rc;

	if (s->cut && s->cut_first == b->first && s->cut_rows == b->nrows) {
		*history = s->cut[pos - b->first];
		return LAM_OK;
	}
	rc = marked(g, k, pos - b->first, &have, history, e);
	if (rc || have)
		return rc;
	after = malloc(((size_t)b->nrows + 1) * sizeof *after);
	rc = after ? digests(g, k, after, &a, e) : lam_fail_mem(e);
	lam_arena_release(&a);
	if (rc) {
		free(after);
		return rc;
	}
	*history = after[pos - b->first];
	free(s->cut);
	s->cut = after;
	s->cut_first = b->first;
	s->cut_rows = b->nrows;
	return LAM_OK;
}

static int
history_in(struct lam_stream *s, const struct lam_segment *g, uint64_t pos,
	bool *known, uint64_t *history, struct lam_error *e)
{
	const struct lam_blockfile *f = g->file;
	const struct lam_block *b;
	size_t k;
	int rc;

	*known = true;
	if (pos == g->end && g->next_known)
		*history = g->next;
	else if (pos == g->base && g->history_known)
		*history = g->history;
	else
		*known = !g->old && f->nblocks > 0;
	if (!*known || pos == g->base || (pos == g->end && g->next_known))
		return LAM_OK;
	k = lam_blockfile_find(f, pos - 1);
	b = &f->block[k];
	if (pos < b->first + b->nrows) {
		pthread_mutex_lock(&s->mutex);
		rc = lam_history_inside(s, g, pos, history, e);
		pthread_mutex_unlock(&s->mutex);
		return rc;
	}
	*history = lam_digest_join(b->history, b->digest, b->nrows);
	return LAM_OK;
}

int
lam_stream_history(struct lam_stream *s, uint64_t pos, bool *known,
	uint64_t *history, struct lam_error *e)
{
	struct lam_segment *g;
	size_t i;
	int rc;

	*known = pos == 0;
	*history = lam_segment_history0(s->id);
	if (pos == 0 || pos > s->head)
		return LAM_OK;
	/* That of the record before POS. */
	i = lam_stream_find(s, pos - 1);
	rc = lam_stream_segment(s, i, &g, e);
	if (rc)
		return rc;
	rc = history_in(s, g, pos, known, history, e);
	lam_stream_release(s, i);
	return rc;
}

int
lam_stream_history_of(const char *data, const char *name, uint64_t pos,
	bool *known, uint64_t *history, struct lam_error *e)
{
	struct lam_stream *s = calloc(1, sizeof *s);
	int rc = s ? lam_stream_open(s, data, name, e) : lam_fail_mem(e);

	if (!rc) {
		rc = lam_stream_history(s, pos, known, history, e);
		lam_stream_close(s);
	}
	free(s);
	return rc;
}
