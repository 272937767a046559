/*
 * follow_internal.h - what once and live have in common
 */
#ifndef LAM_FOLLOW_FOLLOW_INTERNAL_H
#define LAM_FOLLOW_FOLLOW_INTERNAL_H

#include "follow/follow.h"


/* The trails of the stream, if there is one. */
int lam_follow_load(struct lam_follow *f, struct lam_error *e) LAM_MUST;
bool lam_follow_stopped(const struct lam_follow *f);

/* What R's file has now.  What is wrong with that is told. */
int lam_follow_read(struct lam_follow *f, struct lam_follow_reader *r,
	struct lam_error *e) LAM_MUST;

/* Places that have changed without a record. */
int lam_follow_note(struct lam_follow *f, struct lam_error *e) LAM_MUST;

/* In how many ns R is to be read, though nothing happens; < 0: never. */
int64_t lam_follow_wait(const struct lam_follow *f, const struct lam_follow_reader *r);

#endif
