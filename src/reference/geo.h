/*
 * geo.h - what a file of MaxMind's form says of an address: libmaxminddb
 *
 * The file is mapped, so it must be replaced by rename(2), as its updaters do, and not
 * be written into.  What of it the library lists in memory is bounded: geo_check.h.
 * The only includer of <maxminddb.h> is geo.c.
 */
#ifndef LAM_REFERENCE_GEO_H
#define LAM_REFERENCE_GEO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define LAM_GEO_DEPTH 16 /* names in a path, at most */

struct lam_geo;

/* *GEO: the struct lam_geo of PATH.  LAM_DATA: it is none. */
int lam_geo_load(void **geo, const char *path, struct lam_error *e) LAM_MUST;
void lam_geo_free(void *geo);

/*
 * The value of the address BYTE, of 4 bytes or (V6) 16, at a path of names and (in
 * arrays) numbers, NULL behind the last; appended to OUT as a text.  *FOUND false: the
 * file does not have the address, or has no such value, or there is a map or an array.
 * LAM_DATA: the file is damaged.  Any thread.
 */
int lam_geo_find(const struct lam_geo *g, const uint8_t *byte, bool v6,
	const char *const *path, struct lam_buf *out, bool *found,
	struct lam_error *e) LAM_MUST;

#endif
