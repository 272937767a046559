/*
 * trail_internal.h - what trail.c and old.c have in common: entries as bytes
 */
#ifndef LAM_FOLLOW_TRAIL_INTERNAL_H
#define LAM_FOLLOW_TRAIL_INTERNAL_H

#include "follow/trail.h"

#define LAM_SEEN_ENTRY 96 /* bytes of one, without memory, steps and text */

/* S behind OUT, which ends with BEFORE, or NULL: what both remember is there once. */
void lam_seen_put(const struct lam_seen *s, const struct lam_seen *before,
	struct lam_buf *out);

/* One entry of STATE, where it follows BEFORE, or NULL, behind T's others, and STATE
 * behind it.  *OK false: it is none. */
int lam_seen_get(struct lam_trail *t, const struct lam_seen *before,
	struct lam_str *state, bool *ok, struct lam_error *e) LAM_MUST;

/* Was a place that was appended at WHEN, in seconds, not moved for long? */
bool lam_trail_is_aged(uint64_t when);

#endif
