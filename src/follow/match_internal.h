/*
 * match_internal.h - what match.c and match_rest.c have in common
 */
#ifndef LAM_FOLLOW_MATCH_INTERNAL_H
#define LAM_FOLLOW_MATCH_INTERNAL_H

#include "follow/match.h"

#define LAM_BLURRED 100 /* looks that are not steady; then the next run does it */

struct lam_follow_reader *lam_match_reader(const struct lam_follow *f,
	const struct lam_file_id *id);

/* A name leads to the file ID.  Has that a reader? */
bool lam_match_meet(const struct lam_follow *f, const struct lam_file_id *id);

/* Open PATH; *OUT NULL: it is not there, or cannot be read, which was told, or leads by
 * now to a file that has a reader. */
int lam_match_open(struct lam_follow *f, const char *path,
	struct lam_follow_reader **out, struct lam_error *e) LAM_MUST;

/* Step 2: R has what was read of its file, if anything was. */
int lam_match_known(struct lam_follow *f, struct lam_follow_reader *r,
	struct lam_error *e) LAM_MUST;

/* R has the text of S. */
void lam_match_copy(struct lam_follow_reader *r, struct lam_trail *t,
	struct lam_seen *s);

/* Open the files beside T's path that a rotation made: those that are not known, and
 * those of which something was read; or ALL. */
int lam_match_beside(struct lam_follow *f, struct lam_trail *t, bool all,
	struct lam_error *e) LAM_MUST;

/* Step 3 for all files of T. */
int lam_match_rests(struct lam_follow *f, struct lam_trail *t, struct lam_error *e)
	LAM_MUST;

/* Step 4: R's text is that of a file that is no more; the longest. */
void lam_match_text(struct lam_follow *f, struct lam_follow_reader *r);

/* What may be forgotten is (old.h). */
void lam_match_forget(struct lam_follow *f);

#endif
