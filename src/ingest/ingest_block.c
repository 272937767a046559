/*
 * ingest_block.c - a block that is finished goes to the log
 */
#include "ingest/ingest_block.h"

#include <stdlib.h>

#include "base/progress.h"

struct lam_ingest_block *
lam_ingest_block_new(void)
{
	struct lam_ingest_block *b = malloc(sizeof *b);

	if (b)
		*b = (struct lam_ingest_block){ .image = LAM_BUF_INIT,
			.rejects = LAM_BUF_INIT, .notes = LAM_BUF_INIT };
	return b;
}

void
lam_ingest_block_free(void *block)
{
	struct lam_ingest_block *b = block;

	if (!b)
		return;
	lam_buf_release(&b->image);
	lam_buf_release(&b->rejects);
	lam_buf_release(&b->notes);
	free(b);
}

int
lam_ingest_block_append(struct lam_ingest *g, const char *source,
	struct lam_ingest_block *b, struct lam_error *e)
{
	uint64_t first;
	int rc;

	rc = lam_reject_file_append(g->rejects, &b->rejects, e);
	if (!rc && (b->sync || b->notes.n))
		rc = lam_reject_file_sync(g->rejects, e);
	if (rc)
		return rc;
	for (size_t i = 0; g->on_reject && i < b->chunk.nrejects; i++)
		g->on_reject(g->arg, source, &b->chunk.reject[i]);
	g->rejected += b->chunk.nrejects;
	g->blank += b->blank;
	g->headers += b->chunk.headers;
	g->lines += b->chunk.lines;
	if (!b->image.n)
		goto out;
	rc = lam_append_image(g->append, &b->image, b->nrows, b->sync,
		&first, e);
	if (rc)
		return rc;
	if (g->records == 0)
		g->first = first;
	g->records += b->nrows;
	lam_progress_add(b->nrows, 0);
	if (b->nrows)
		g->end = first + b->nrows;
	if (g->place && b->notes.n)
		g->place->taken(g->place->arg, &b->chunk);
out:
	g->next_line = b->chunk.line + b->chunk.lines;
	g->bytes = b->chunk.end.at;
	return b->sync ? lam_ingest_sync(g, e) : LAM_OK;
}
