/*
 * append.h - durable appends to a stream, by any number of processes
 *
 * The steps of an append, and where recovery re-enters, are told at the top
 * of append.c.
 *
 *	lam_append_open -> lam_append_fields -> { lam_append_image }* -> _close
 */
#ifndef LAM_LOG_APPEND_H
#define LAM_LOG_APPEND_H

#include "log/stream.h"

struct lam_append;

/*
 * Open stream NAME of dataset DATA for appending; makes the dataset and the
 * stream when they are missing.  No lock is held between calls.
 */
int lam_append_open(struct lam_append **out, const char *data,
	const char *name, struct lam_error *e) LAM_MUST;

/* Whether the stream has a schema yet; else set it before the first append. */
bool lam_append_has_schema(const struct lam_append *a);
const struct lam_schema *lam_append_schema(const struct lam_append *a);
int lam_append_set_schema(struct lam_append *a, const struct lam_schema *s,
	struct lam_error *e) LAM_MUST;

/*
 * The fields, in order, of the blocks that follow.  Fields the stream has not
 * seen are added to its schema with types as given; when they differ from those
 * of the active segment, the next append starts a new one.
 */
int lam_append_fields(struct lam_append *a, const struct lam_field *field,
	size_t n, struct lam_error *e) LAM_MUST;

/*
 * Append one block IMAGE (from lam_block_encode with first = 0) of NROWS
 * records: its position is stamped in, one write.  With SYNC it is durable, and
 * acknowledged, on return; else at the next call with SYNC, or lam_append_sync.
 * Rolls and seals full segments.
 */
int lam_append_image(struct lam_append *a, struct lam_buf *image,
	uint32_t nrows, bool sync, uint64_t *first, struct lam_error *e)
	LAM_MUST;
int lam_append_sync(struct lam_append *a, struct lam_error *e) LAM_MUST;

void lam_append_close(struct lam_append *a);

#endif
