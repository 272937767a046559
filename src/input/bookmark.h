/*
 * bookmark.h - what must be known of an input to go on with its text later
 */
#ifndef LAM_INPUT_BOOKMARK_H
#define LAM_INPUT_BOOKMARK_H

#include "base/arena.h"
#include "input/input.h"

/* Of IN behind C, to the end of OUT: the format, what it must know of the text before,
 * and the names of the fields; each with a NUL behind. */
int lam_bookmark_put(const struct lam_input *in, const struct lam_chunk *c,
	struct lam_buf *out, struct lam_error *e) LAM_MUST;

/* O as the input was that B, of _put, is of; it points into B and A.  LAM_DATA: B is
 * no bookmark. */
int lam_bookmark_take(struct lam_str b, struct lam_arena *a,
	struct lam_input_options *o, struct lam_error *e) LAM_MUST;

#endif
