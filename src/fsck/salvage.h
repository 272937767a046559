/*
 * salvage.h - every intact block of a damaged log into a new one
 *
 * It takes blocks from all segment files of the stream, whatever their headers
 * and footers are like, and appends them in the order of their positions to a
 * stream of the same name in another dataset.  The new stream has an identity of
 * its own: where something was lost, later records have moved, and nothing
 * derived from the old log fits it.  Source places go along, as far as they were
 * noted before the end of what is intact (salvage_places.h).
 */
#ifndef LAM_FSCK_SALVAGE_H
#define LAM_FSCK_SALVAGE_H

#include "fsck/finding.h"
#include "fsck/ranges.h"

struct lam_salvage {
	uint64_t blocks, records;  /* copied */
	struct lam_range_set lost; /* positions of the old log */
};

#define LAM_SALVAGE_INIT { 0, 0, LAM_RANGE_SET_INIT }

/*
 * From stream NAME of DATA to stream NAME of OUT, which must not have it yet.
 * Lost positions, and files passed over, are findings.  LAM_USAGE: no such
 * stream, or OUT has one.
 */
int lam_salvage(const char *data, const char *name, const char *out,
	struct lam_findings *f, struct lam_salvage *s, struct lam_error *e)
	LAM_MUST;
void lam_salvage_release(struct lam_salvage *s);

#endif
