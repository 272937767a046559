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

/*
 * Was the look that is at its end steady?  Each name led to the same file, or to none,
 * when the last of them had been looked at as when it was itself; so a file of which no
 * name was found had none at that time.  *THERE: a name leads to the file ID, or
 * NULL, which has no reader, so it cannot be opened.
 */
bool lam_match_is_steady(const struct lam_follow *f, const struct lam_file_id *id,
	bool *there);

/* Close R, which is one of F's. */
void lam_match_drop(struct lam_follow *f, struct lam_follow_reader *r);

#endif
