/*
 * match.h - which file goes on with which text
 */
#ifndef LAM_FOLLOW_MATCH_H
#define LAM_FOLLOW_MATCH_H

#include "follow/follow.h"

/*
 * Look at what the names of F lead to now.  Afterwards F has a reader for each file
 * that has, or may get, text that was not read: at its place.
 */
int lam_match(struct lam_follow *f, struct lam_error *e) LAM_MUST;

/* Close R, which is one of F's. */
void lam_match_drop(struct lam_follow *f, struct lam_follow_reader *r);

#endif
