/*
 * append.h - durable appends to a stream, by any number of processes
 *
 * The top of append.c has the steps of an append, and says where recovery
 * re-enters.
 *
 *	lam_append_open -> lam_append_fields -> { lam_append_image }* -> _close
 *
 * Threads: one at a time.
 */
#ifndef LAM_LOG_APPEND_H
#define LAM_LOG_APPEND_H

#include "log/place.h"
#include "log/stream.h"

struct lam_append;

/* When a segment is full: at the first of these. */
struct lam_limits {
	uint64_t records, bytes;
	uint32_t blocks;
};
#define LAM_LIMITS_DEFAULT { UINT64_C(8) << 20, UINT64_C(512) << 20, 4096 }

/*
 * Open stream NAME of dataset DATA for appending; makes the dataset and the
 * stream when they are missing.  No lock is held between calls.
 */
int lam_append_open(struct lam_append **out, const char *data,
	const char *name, struct lam_error *e) LAM_MUST;

/* Other limits than the default, for the segments this writer fills. */
void lam_append_set_limits(struct lam_append *a, const struct lam_limits *l);

/* Whether the stream has a schema yet, and the schema. */
bool lam_append_has_schema(const struct lam_append *a);
const struct lam_schema *lam_append_schema(const struct lam_append *a);

/* Give the stream its first schema.  LAM_USAGE: it has one already. */
int lam_append_set_schema(struct lam_append *a, const struct lam_schema *s,
	struct lam_error *e) LAM_MUST;

/*
 * The stream's file `input`, which is BEFORE (empty: it is not there), becomes TEXT.
 * LAM_DATA: another process changed it meanwhile.
 */
int lam_append_set_input(struct lam_append *a, const struct lam_buf *before,
	const struct lam_buf *text, struct lam_error *e) LAM_MUST;

/*
 * The fields of the records that follow, in their order.  Names match whatever the
 * case of their letters.  Fields new to the stream are added to its schema with
 * the given types (and an event field, if there was no schema at all).
 */
int lam_append_fields(struct lam_append *a, const struct lam_field *field,
	size_t n, struct lam_error *e) LAM_MUST;

/*
 * The columns that blocks must have from now on.  They are those of the schema,
 * so that writers with different headers fill the same segments.  Column c is
 * field MAP[c] of the last lam_append_fields, or all NULL if that is UINT32_MAX;
 * NAME[c] is its name.
 */
size_t lam_append_layout(const struct lam_append *a, const uint32_t **map,
	const char *const **name);

/*
 * Append one block IMAGE (from lam_block_encode with first = 0 and facts) of NROWS
 * records.  Its position is stamped in, and it is written with one write.  With
 * SYNC it is durable, and acknowledged, on return; else at the next call with SYNC,
 * or lam_append_sync.  Full segments are sealed.  After a failure nothing of IMAGE
 * is in the log.  LAM_DATA: a source place in it does not begin where its source
 * stands.
 */
int lam_append_image(struct lam_append *a, struct lam_buf *image,
	uint32_t nrows, bool sync, uint64_t *first, struct lam_error *e)
	LAM_MUST;
int lam_append_sync(struct lam_append *a, struct lam_error *e) LAM_MUST;

/* Where source KEY stands now, with bytes in ARENA.  *FOUND false: at 0. */
int lam_append_place(struct lam_append *a, struct lam_str key,
	struct lam_arena *arena, struct lam_place *out, bool *found,
	struct lam_error *e) LAM_MUST;

/* All sources whose keys begin with PREFIX, sorted by key, with bytes in ARENA. */
int lam_append_places(struct lam_append *a, struct lam_str prefix,
	struct lam_arena *arena, struct lam_place **out, size_t *n,
	struct lam_error *e) LAM_MUST;

void lam_append_close(struct lam_append *a);

#endif
