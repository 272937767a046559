/*
 * batch.h - where the engine gets its rows: a source of batches
 *
 * A batch is up to LAM_BLOCK_ROWS rows of a relation.  Columns are loaded only
 * when an expression asks for them, and once.
 */
#ifndef LAM_STORE_BATCH_H
#define LAM_STORE_BATCH_H

#include "base/arena.h"
#include "base/err.h"
#include "store/column.h"
#include "store/vec.h"

/* Known of a column without loading it. */
struct lam_range {
	uint8_t kind; /* enum lam_range_kind */
	uint8_t scale;
	int64_t min, max;
	bool nulls; /* there may be NULLs */
};

struct lam_batch {
	uint32_t n;		/* rows */
	uint64_t pos;		/* position of row 0 in its stream */
	struct lam_arena *arena; /* lives until the worker's next batch */
	void *state;		/* the source's, for this batch */
	bool numbers;		/* load may leave addresses numbers, see vec.h */
	bool apart;		/* load leaves nothing in the arena but the column: each
				 * may have an arena of its own */

	/* Load field F as its type in the relation.  *BAD counts values that do
	 * not parse as that type. RAW: as TEXT, the bytes as they came. */
	int (*load)(struct lam_batch *b, uint32_t f, bool raw,
		struct lam_vec *out, uint64_t *bad, struct lam_error *e);
	/* Which rows have the text S in field F, a BOOL vector; or, *MATCHED false,
	 * F itself as TEXT.  May be NULL: load and compare. */
	int (*match)(struct lam_batch *b, uint32_t f, struct lam_str s,
		struct lam_vec *out, bool *matched, struct lam_error *e);
	/* Rows ROW[N], ascending, of field F raw; or, *PICKED false, all of it.  May
	 * be NULL: load and take them. */
	int (*pick)(struct lam_batch *b, uint32_t f, const uint16_t *row,
		uint32_t n, struct lam_vec *out, bool *picked,
		struct lam_error *e);
	/* May be NULL: nothing is known. */
	void (*range)(struct lam_batch *b, uint32_t f, struct lam_range *out);
};

struct lam_source {
	void *state;
	/*
	 * The next batch for WORKER; *GOT false at the end.  Called by several
	 * workers at once, so it locks or counts atomically; batches are handed
	 * out in position order, unless all jobs are grouped.  The caller has
	 * reset B->arena.
	 */
	int (*next)(struct lam_source *s, unsigned worker, struct lam_batch *b,
		bool *got, struct lam_error *e);
	uint64_t rows; /* of all batches; 0: not known */
	/* Once there are no more batches: the one that row POS was in, again, for
	 * WORKER.  NULL: they cannot be had twice. */
	int (*at)(struct lam_source *s, unsigned worker, uint64_t pos,
		struct lam_batch *b, struct lam_error *e);
};

#endif
