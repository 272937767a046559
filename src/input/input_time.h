/*
 * input_time.h - times that a format of the user's says how to read
 */
#ifndef LAM_INPUT_INPUT_TIME_H
#define LAM_INPUT_INPUT_TIME_H

#include "input/input.h"

/*
 * O's time_format, of the fields of IN, which have names.  Of several lines for a field
 * the first counts.  LAM_USAGE: a field is not there, nor among those that O knows.
 */
int lam_input_time_formats(struct lam_input *in, const struct lam_input_options *o,
	struct lam_error *e) LAM_MUST;

/* The cells of C, just parsed, of such fields. */
int lam_input_rewrite_times(const struct lam_input *in, struct lam_chunk *c,
	struct lam_cells *cells, struct lam_error *e) LAM_MUST;

#endif
