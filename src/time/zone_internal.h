/*
 * zone_internal.h - what a zone is made of
 */
#ifndef LAM_TIME_ZONE_INTERNAL_H
#define LAM_TIME_ZONE_INTERNAL_H

#include "base/buf.h"
#include "time/time.h"
#include "time/zone.h"

/* The seconds that instants are in. */
#define LAM_ZONE_FIRST (INT64_MIN / LAM_NS - 1)
#define LAM_ZONE_LAST (INT64_MAX / LAM_NS)
#define LAM_ZONE_OFFSET_MAX (26 * 3600) /* either way: RFC 8536, 3.2 */

struct lam_zone_step {
	int64_t from;	/* the second since 1970 that OFFSET begins at */
	int64_t local;	/* what the clock shows then */
	int64_t offset; /* seconds east of UTC */
};

struct lam_zone {
	struct lam_buf steps; /* of struct lam_zone_step, the first from FIRST on */
	size_t n;
	uint64_t hash;
};

/* OFFSET begins at FROM; steps from there on are taken back. */
void lam_zone_add(struct lam_zone *z, int64_t from, int64_t offset);

/*
 * The steps that the rule TEXT[N], as POSIX writes the variable TZ, makes behind
 * the second AFTER.  False: it is no such rule.
 */
bool lam_zone_add_rule(struct lam_zone *z, const char *text, size_t n,
	int64_t after);

#endif
