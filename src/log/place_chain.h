/*
 * place_chain.h - the places of a log, in the footers of some segments
 *
 * A footer tells the places that changed in its segment, and names another one, SINCE,
 * whose footer goes on with those that did not.  The last segment begins the chain.
 * A footer also tells what the next ones in the chain do, as long as that is at most
 * twice what is new.  So a log of N segments has O(log N) in its chain, each told
 * place is written O(log N) times, and a segment grows with what is new in it, not
 * with the number of sources.
 */
#ifndef LAM_LOG_PLACE_CHAIN_H
#define LAM_LOG_PLACE_CHAIN_H

#include "log/segment.h"

/*
 * The places before the last of the N segments BASE in DIR, of stream ID, whose file
 * is F and whose header is H; of a sealed one, behind it.  P is empty, and the
 * caller's to release in any case.
 */
int lam_chain_load(const char *dir, const char *id, const uint64_t *base, size_t n,
	const struct lam_blockfile *f, const struct lam_segment_head *h,
	struct lam_places *p, struct lam_error *e) LAM_MUST;

/* The segment that the footer of a segment at BASE names, or LAM_SINCE_NONE: it
 * tells what is told behind it. */
uint64_t lam_chain_since(const struct lam_places *p, uint64_t base);

/* The segment that the header of the next names: the last that tells one. */
uint64_t lam_chain_last(const struct lam_places *p);

/* The footer of the segment at BASE is written. */
void lam_chain_told(struct lam_places *p, uint64_t base);

#endif
