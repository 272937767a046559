/*
 * recent.h - the last ids of a stream, so that none comes in again
 *
 * An id is the text of one field.  Records without one are all different.  An id is
 * known by 128 bits of hash; with the look-up that is 24 to 28 bytes of memory each,
 * and no more of them than the horizon, however long the stream is.
 */
#ifndef LAM_INGEST_RECENT_H
#define LAM_INGEST_RECENT_H

#include <stdbool.h>

#include "base/err.h"
#include "store/cells.h"

#define LAM_RECENT_MAX (1u << 30) /* ids */

struct lam_recent {
	const char *field;
	uint32_t horizon; /* ids, 1 to LAM_RECENT_MAX */
	/* its own: */
	struct lam_recent_id { uint64_t hash[2]; } *id; /* a ring */
	uint32_t *next;	  /* of an id, with the same bucket; 0: none, else from 1 */
	uint32_t *bucket;
	uint32_t mask;	  /* buckets less one */
	uint32_t n, at;	  /* ids there are; where the next one goes */
};

/* Memory that R takes, in bytes. */
uint64_t lam_recent_bytes(const struct lam_recent *r);

/* The ids of the last records of STREAM in DATA; NULL: it is new.  R is zero but for
 * field and horizon. */
int lam_recent_open(struct lam_recent *r, const char *data, const char *stream,
	struct lam_error *e) LAM_MUST;
void lam_recent_release(struct lam_recent *r);

/* Take the rows of C out whose ids, in FIELD, are known; the others' are from now on.
 * The number of rows taken out. */
uint32_t lam_recent_filter(struct lam_recent *r, struct lam_cells *c, uint32_t field);

#endif
