/*
 * recognise.h - which format a text is of, where nobody says it
 */
#ifndef LAM_INPUT_RECOGNISE_H
#define LAM_INPUT_RECOGNISE_H

#include "input/input.h"

/*
 * IN, of which the first line is read, gets the surest format.  LAM_DATA: none is; the
 * message says what the text is like, which format is nearest, the first line that is
 * no record of it, and what to type.
 */
int lam_input_recognise(struct lam_input *in, const struct lam_input_options *o,
	struct lam_error *e) LAM_MUST;

#endif
