/*
 * ingest_block.h - a block that is finished, and what is to be done with it
 */
#ifndef LAM_INGEST_INGEST_BLOCK_H
#define LAM_INGEST_INGEST_BLOCK_H

#include "ingest/ingest.h"

/* What is appended of a chunk. */
struct lam_ingest_block {
	struct lam_chunk chunk; /* what is known of it; its memory is not ours */
	uint32_t nrows;
	uint64_t blank;
	struct lam_buf image, rejects, notes;
	bool sync; /* it is acknowledged at once */
};

/* A new block, of nothing; NULL: no memory. */
struct lam_ingest_block *lam_ingest_block_new(void);

/* B, a struct lam_ingest_block, is freed; it may be NULL. */
void lam_ingest_block_free(void *b);

/*
 * Append B, of SOURCE: its rejects first, then its image.  With a place the rejects
 * are durable first: their lines are not read again.
 */
int lam_ingest_block_append(struct lam_ingest *g, const char *source,
	struct lam_ingest_block *b, struct lam_error *e) LAM_MUST;

#endif
