/*
 * layouts.h - logs of programs that have no format of their own, and how to read them
 */
#ifndef LAM_INPUT_LAYOUTS_H
#define LAM_INPUT_LAYOUTS_H

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

/*
 * What LINES, the first ones of a text, are a log of, and what to type for it, as an
 * end of a message, to HOW; *WHAT is NULL if none is known of which enough lines are.
 * VAGUE: all that is known of them is where the time is.
 */
int lam_layout_find(struct lam_str lines, bool vague, const char **what,
	struct lam_buf *how, struct lam_error *e) LAM_MUST;

#endif
