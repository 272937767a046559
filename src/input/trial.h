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

/* The whole lines that IN begins with, 64 at most: of a pipe those that are there.
 * They stay until IN reads on. */
int lam_input_trial_lines(struct lam_input *in, struct lam_str *lines,
	struct lam_error *e) LAM_MUST;

/*
 * Read HEAD, whole lines, as F, with options O or NULL.  What gives no fields is one
 * reject.  LAM_SYSTEM: memory.
 */
int lam_input_trial(const struct lam_format *f, struct lam_str head,
	const struct lam_input_options *o, struct lam_trial *t, struct lam_error *e)
	LAM_MUST;

/* Are there enough records among the lines?  Of a TABLE two for each reject, and blank
 * lines, which any text has, are none. */
bool lam_input_trial_passes(const struct lam_trial *t, bool table);

/* How much LINE looks like the example of F: 0 to 100. */
unsigned lam_trial_likeness(const struct lam_format *f, struct lam_str line);

#endif
