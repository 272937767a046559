/*
 * ingest_note.c - a block of source places alone
 */
#include "ingest/ingest.h"
#include "store/block.h"

int
lam_ingest_note(struct lam_ingest *g, const struct lam_buf *notes,
	struct lam_error *e)
{
	struct lam_cells none = { .nrows = 0 };
	struct lam_block_facts facts = { .notes = { notes->p, notes->n } };
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_buf image = LAM_BUF_INIT;
	uint64_t first;
	int rc = g->append ? LAM_OK : g->begin(g, e);

	if (!rc)
		rc = lam_block_encode(&none, 0, g->level, &facts, &arena,
			&image, e);
	if (!rc)
		rc = lam_append_image(g->append, &image, 0, false, &first, e);
	lam_arena_release(&arena);
	lam_buf_release(&image);
	return rc;
}
