/*
 * sortkey.h - typed values as bytes in the same order
 *
 * The key of a row is the keys of its values, one after the other; comparing
 * keys as bytes compares the rows.  Each is prefix-free, so no value runs into
 * the next.
 */
#ifndef LAM_ROWS_SORTKEY_H
#define LAM_ROWS_SORTKEY_H

#include "base/buf.h"
#include "store/scalar.h"

struct lam_by {
	bool descending, nulls_first;
};

void lam_sortkey_put(struct lam_buf *out, const struct lam_scalar *v,
	struct lam_by by);
/* A tie breaker: ascending. */
void lam_sortkey_put_u64(struct lam_buf *out, uint64_t v);

#endif
