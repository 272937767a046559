/*
 * salvage_places.h - the source places that a damaged log still tells
 *
 * The latest place of each source (log/place.h) that was noted before END, the
 * end of what a salvage has copied.  So a source whose last records are lost goes on
 * from where they began.  Of a source that was noted behind a lost piece, that piece
 * does not come again.
 */
#ifndef LAM_FSCK_SALVAGE_PLACES_H
#define LAM_FSCK_SALVAGE_PLACES_H

#include "log/append.h"
#include "store/blockfile.h"

struct lam_salvage_places {
	uint64_t end;
	struct lam_places latest; /* FROM of each: the position where it was noted */
};

#define LAM_SALVAGE_PLACES_INIT { 0, LAM_PLACES_INIT }

/* Those of the header and the footer of F, as far as they are valid. */
int lam_salvage_places_file(struct lam_salvage_places *p,
	const struct lam_blockfile *f, struct lam_error *e) LAM_MUST;
/* Those of an intact block that ends at POS and has the metadata NOTES.  Blocks that
 * end at the same position come in their order. */
int lam_salvage_places_block(struct lam_salvage_places *p, uint64_t pos,
	struct lam_str notes, struct lam_error *e) LAM_MUST;
/* Note all of them in the new stream A, in blocks without rows. */
int lam_salvage_places_put(const struct lam_salvage_places *p,
	struct lam_append *a, struct lam_error *e) LAM_MUST;

#endif
