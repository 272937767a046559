/*
 * delimiter.h - the byte between the fields of a table, where nobody says it
 */
#ifndef LAM_INPUT_DELIMITER_H
#define LAM_INPUT_DELIMITER_H

#include "input/input.h"

/*
 * IN, of which the first line is read and the format is known, is a table that may be
 * divided by another byte than its format has.  If it is, O gets that as its delimiter,
 * and IN is told.  LAM_DATA: its first lines are in doubt; the message says what to
 * type.  LAM_NOTHING: a line that is needed is not there yet.
 */
int lam_delimiter_find(struct lam_input *in, struct lam_input_options *o,
	struct lam_error *e) LAM_MUST;

/* Read on until the records are there that tell the delimiter of IN, if that is CSV. */
int lam_delimiter_await(struct lam_input *in, struct lam_error *e) LAM_MUST;

/* Whether all LINES, two or more, have as many semicolons, or bars, and are divided by
 * nothing else, so that they are a table for whoever must be sure. */
bool lam_delimiter_agrees(struct lam_str lines);

/* What BYTE is called: "a semicolon". */
const char *lam_delimiter_name(char byte);

/* A line "sep=;", which Excel reads and others need not show, is passed over; IN knows
 * its byte then. */
void lam_delimiter_sep(struct lam_input *in);

/* The delimiter that was found goes behind what is kept of IN; lam_delimiter_find takes
 * it back from options.saved. */
void lam_delimiter_save(const struct lam_input *in, struct lam_buf *out);

#endif
