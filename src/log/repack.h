/*
 * repack.h - the blocks of sealed or ending segments in a new, sealed file
 *
 * Small blocks become full ones.  Positions, values and the history stay as they
 * are.  Private to this folder.
 */
#ifndef LAM_LOG_REPACK_H
#define LAM_LOG_REPACK_H

#include "base/replace.h"
#include "log/segment.h"

struct lam_repack {
	const struct lam_blockfile *const *from; /* one behind the other */
	size_t nfrom;
	const struct lam_segment_head *head; /* of the first */
	const char **field;	/* of the last; each other's begin them */
	size_t nfields;
	const char *id;
	/* Behind the last one: */
	uint64_t end, history;
	struct lam_totals total; /* but blocks and bytes: before the first */
	const struct lam_places *places;
	const struct lam_extents *extents;
};

/* Would packing at least halve the number of blocks? */
bool lam_repack_pays(const struct lam_blockfile *f);

/* Write it to OUT, which is begun, and is left to be committed. */
int lam_repack_write(const struct lam_repack *p, struct lam_replace *out,
	struct lam_error *e) LAM_MUST;

#endif
