/*
 * plain.h - a file read from its start to its end, whatever was read of it before
 */
#ifndef LAM_FOLLOW_PLAIN_H
#define LAM_FOLLOW_PLAIN_H

#include "follow/follow.h"

/*
 * Read all of FILE, which rejects call LABEL, and note its place with its records, so
 * that it can be gone on with.  If the stream has its text already, that is told first.
 * What is no regular file, or is followed by somebody, has no place.
 */
int lam_plain_read(struct lam_follow *f, const char *file, const char *label,
	struct lam_error *e) LAM_MUST;

#endif
