/*
 * unseen.h - what a log had that was rotated away before it was looked at
 *
 *	_look -> { _first, _may, _is, _later, _begin } -> _end, at each look
 */
#ifndef LAM_FOLLOW_UNSEEN_H
#define LAM_FOLLOW_UNSEEN_H

#include "follow/follow.h"

/* The names are going to be looked at. */
void lam_unseen_look(struct lam_follow *f);

/* R's file is new to its log at this look. */
void lam_unseen_begin(struct lam_follow *f, struct lam_follow_reader *r);

/* The first text of R's file was read: has it, under a name that no rotation gives, the
 * text of another one that is there?  That is told. */
void lam_unseen_twice(const struct lam_follow *f, struct lam_follow_reader *r);

/* T is going to be looked at for the first time. */
int lam_unseen_first(struct lam_trail *t, struct lam_error *e) LAM_MUST;

/* May something lie beside T that was not there at the last look? */
bool lam_unseen_may(const struct lam_trail *t);

/* Was R, beside the log T, rotated since the log was looked at last? */
bool lam_unseen_is(struct lam_follow *f, struct lam_follow_reader *r,
	struct lam_trail *t);

/* What R is will be seen at the next look. */
void lam_unseen_later(struct lam_follow *f, const struct lam_follow_reader *r);

/* S of T, whose file is gone, is going to be forgotten: what may be it is told. */
void lam_unseen_forget(const struct lam_follow *f, struct lam_trail *t,
	const struct lam_seen *s);

/* All of it has a reader now; what has none is told. */
int lam_unseen_end(struct lam_follow *f, struct lam_error *e) LAM_MUST;

#endif
