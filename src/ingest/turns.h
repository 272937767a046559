/*
 * turns.h - finished blocks are appended in the order of their text
 *
 * A worker whose turn has not come leaves its block to whoever appends the one
 * before, and goes on with other text.
 *
 *	lam_turns_init -> { [_wait] -> _put }*, by workers; _tick, by another thread
 *	-> _release
 */
#ifndef LAM_INGEST_TURNS_H
#define LAM_INGEST_TURNS_H

#include <pthread.h>

#include "ingest/ingest.h"

/* What is appended of a chunk. */
struct lam_turns_block {
	struct lam_chunk chunk; /* what is known of it; its memory is not ours */
	uint32_t nrows;
	uint64_t blank;
	struct lam_buf image, rejects, notes;
	bool sync; /* it is acknowledged at once */
	bool full; /* it is left */
};

struct lam_turns {
	struct lam_ingest *g;
	const char *source;
	/* its own: */
	pthread_mutex_t lock;
	pthread_cond_t moved;
	uint64_t turn;		      /* the number of the next block, from 0 */
	struct lam_turns_block *left; /* [ahead]: from turn on, each at its number */
	unsigned ahead;
	bool busy;   /* somebody appends, or syncs, without the lock */
	bool due;    /* a sync is, by whoever is busy */
	bool failed; /* nothing is appended any more */
};

void lam_turns_block_release(struct lam_turns_block *b);

/*
 * Append B, of SOURCE: its rejects first, then its image.  With a place the rejects
 * are durable first: their lines are not read again.
 */
int lam_turns_append(struct lam_ingest *g, const char *source,
	struct lam_turns_block *b, struct lam_error *e) LAM_MUST;

/* T has g and source; the rest is zero. */
int lam_turns_init(struct lam_turns *t, unsigned workers, struct lam_error *e)
	LAM_MUST;
void lam_turns_release(struct lam_turns *t);

/* Wait for the turn of block N; it lasts until that is put.  False: a failure was. */
bool lam_turns_wait(struct lam_turns *t, uint64_t n);

/*
 * B is block N: it is appended now or, if it is not large, later, with *B becoming
 * another one, to be filled anew.  *END: nothing is wanted any more.  A failure ends
 * the run, and may be that of a block that was left.
 */
int lam_turns_put(struct lam_turns *t, uint64_t n, struct lam_turns_block *b,
	bool *end, struct lam_error *e) LAM_MUST;

/* What should be the next block, of whoever has the turn, is none. */
void lam_turns_fail(struct lam_turns *t);

/* With SYNC what is appended is made durable, now or by whoever appends now.  *FAILED:
 * something has. */
int lam_turns_tick(struct lam_turns *t, bool sync, bool *failed,
	struct lam_error *e) LAM_MUST;

#endif
