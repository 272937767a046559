/*
 * unseen.h - what a log had that was rotated away before it was looked at
 *
 *	_look -> { _begin, _may, _is } -> _end, at each look at the names
 */
#ifndef LAM_FOLLOW_UNSEEN_H
#define LAM_FOLLOW_UNSEEN_H

#include "follow/follow.h"

/* The names are going to be looked at. */
void lam_unseen_look(struct lam_follow *f);

/* R's file is new to its log at this look: the FIRST ever, or not. */
void lam_unseen_begin(const struct lam_follow *f, struct lam_follow_reader *r,
	bool first);

/* May something have been rotated away unseen from T, though its path still leads to
 * the file that was read last? */
bool lam_unseen_may(const struct lam_trail *t);

/* Was R, beside the log T, rotated since the log was looked at last? */
bool lam_unseen_is(const struct lam_follow *f, struct lam_follow_reader *r,
	struct lam_trail *t);

/* S of T, whose file is gone, is going to be forgotten: what may be it is told. */
void lam_unseen_forget(const struct lam_follow *f, struct lam_trail *t,
	const struct lam_seen *s);

/* All of it has a reader now; what has none is told. */
void lam_unseen_end(struct lam_follow *f);

#endif
