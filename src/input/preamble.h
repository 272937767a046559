/*
 * preamble.h - lines before the header of a table
 */
#ifndef LAM_INPUT_PREAMBLE_H
#define LAM_INPUT_PREAMBLE_H

#include "input/input.h"

/*
 * IN is read as a table, with O.  LAM_DATA: its first line is none of the table, and
 * what is behind it, or behind the first few, is one; the message says what to type.
 */
int lam_preamble_check(struct lam_input *in, const struct lam_input_options *o,
	struct lam_error *e) LAM_MUST;

/* The table of IN begins behind SKIP lines, of which FIRST is one. */
int lam_preamble_fail(const struct lam_input *in, struct lam_str first,
	unsigned skip, struct lam_error *e);

#endif
