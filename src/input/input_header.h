/*
 * input_header.h - calls by which a format declares fields and their names
 */
#ifndef LAM_INPUT_INPUT_HEADER_H
#define LAM_INPUT_INPUT_HEADER_H

#include "input/input.h"

/*
 * Declare the next field, in the order of the cells.  An empty name in place I
 * becomes "columnI".  With a type of LAM_TYPES the values decide.
 */
int lam_input_add_field(struct lam_input *in, struct lam_str name,
	struct lam_coltype type, struct lam_error *e) LAM_MUST;

/* Cut a record into values, and call FIELD for each: none of a comment.  OWN is the
 * format's state.  *REASON: it is no record. */
typedef int lam_values_fn(const void *own, const char *p, size_t n,
	const char **reason, void (*field)(void *arg, struct lam_str value),
	void *arg, struct lam_error *e);

/* A record that begins with COMMENT is none, as blank ones are. */
void lam_input_comments(struct lam_input *in, char comment);

/*
 * Declare the fields that O names, else those that the first record names, else
 * as many as that record has; for formats that say "named".
 */
int lam_input_add_header(struct lam_input *in,
	const struct lam_input_options *o, lam_values_fn *values,
	struct lam_error *e) LAM_MUST;

/* TEXT, of the format, is told with the name of the text, once. */
int lam_input_note(struct lam_input *in, struct lam_str text, struct lam_error *e)
	LAM_MUST;

/* The name of the text for messages. */
const char *lam_input_label(const struct lam_input *in);

/* LINE, without its end, is the header of the text: it is kept for who goes on. */
int lam_input_keep_header(struct lam_input *in, struct lam_str line,
	struct lam_error *e) LAM_MUST;

/* What was kept, in this run or before it; n == 0: nothing. */
struct lam_str lam_input_kept_header(const struct lam_input *in);

#endif
