/*
 * trial.h - the first lines of a text, read as a format on trial
 */
#ifndef LAM_INPUT_TRIAL_H
#define LAM_INPUT_TRIAL_H

#include "input/format.h"

struct lam_trial {
	size_t records, rejects; /* header and blank lines are no rejects, */
	size_t blank;		 /* and blank ones are among the records */
	uint64_t line;	  /* of the first reject, from 1 at the text's start; */
	char reason[120]; /* why it is one */
};

/*
 * Read HEAD, whole lines, as F, which is no format with a text of the user.  What
 * gives no fields is one reject.  LAM_SYSTEM: memory.
 */
int lam_input_trial(const struct lam_format *f, struct lam_str head,
	struct lam_trial *t, struct lam_error *e) LAM_MUST;

/* How much LINE looks like the example of F: 0 to 100. */
unsigned lam_trial_likeness(const struct lam_format *f, struct lam_str line);

#endif
