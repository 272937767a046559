/*
 * place.h - source places: how far a source has been appended
 *
 * A source is anything that can be read again from where a reader stopped: a file,
 * the ledger of a function, a queue.  A program that appends from it puts its
 * place, from where to where, into the block with the records: both are there, or
 * neither.  An append whose FROM is not the latest TO of its source is refused.
 * So each part of a source comes in once, whichever program brings it.
 *
 *	lam_append_place: where it stands
 *	place -> lam_place_put into the notes of lam_block_encode -> append
 *
 * A block without rows may carry a place alone.  A source that is not known is
 * at 0.  A footer tells the places that changed, and where others are told
 * (place_chain.h).  Of those told in footers, a place that is LAM_PLACE_DAYS days
 * older than the latest of all is left out.  To keep a place, note it again, from
 * where it is to where it is.  A time that is ahead of the clock of who looks counts
 * as now, so that one wrong clock cannot age all other places.
 */
#ifndef LAM_LOG_PLACE_H
#define LAM_LOG_PLACE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

#define LAM_PLACE_KEY 1024	   /* bytes of a key, at least 1 */
#define LAM_PLACE_STATE (64u << 10)
#define LAM_PLACE_DAYS 400
#define LAM_PLACES_BYTES (8u << 20) /* as lines; the oldest go beyond */
#define LAM_PLACE_UNTOLD UINT64_MAX

struct lam_place {
	struct lam_str key;   /* a word for its kind and a colon, then any bytes */
	uint64_t from, to;    /* in what the source is counted in */
	uint64_t when;	      /* seconds since 1970 */
	struct lam_str state; /* what the reader of the source must remember there */
	uint64_t told;	      /* base of the segment whose footer tells it, or
			       * UNTOLD */
};

/* The latest places of some sources, sorted by key; their bytes are its own. */
struct lam_places {
	struct lam_place *item;
	size_t n, cap;
};

#define LAM_PLACES_INIT { NULL, 0, 0 }

const struct lam_place *lam_places_find(const struct lam_places *p,
	struct lam_str key);
/* X is the latest of its source. */
int lam_places_set(struct lam_places *p, const struct lam_place *x,
	struct lam_error *e) LAM_MUST;
/* Leave out what is too old, or the oldest of too much, at NOW, in seconds. */
void lam_places_expire(struct lam_places *p, uint64_t now);
void lam_places_release(struct lam_places *p);

/* As an entry of a block's metadata, and back from its value. */
int lam_place_put(const struct lam_place *x, struct lam_buf *notes,
	struct lam_error *e) LAM_MUST;
bool lam_place_get(struct lam_str value, struct lam_place *x);

/* Bytes of X as a line. */
size_t lam_place_size(const struct lam_place *x);
/* Those told from the segment FROM on, or nowhere, as lines of the meta of a segment;
 * and back, as told there. */
void lam_places_print(const struct lam_places *p, uint64_t from,
	struct lam_buf *meta);
int lam_places_parse(struct lam_places *p, struct lam_str meta, uint64_t told,
	const char *path, struct lam_error *e) LAM_MUST;

#endif
