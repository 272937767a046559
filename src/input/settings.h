/*
 * settings.h - options of an input as lines of a file
 *
 * A line is "NAME VALUE"; NAME is that of an option of lam-ingest, and "#" starts a
 * comment line.  Three kinds of files have them: DATA/formats/NAME, a format of one's
 * own; DATA/master/STREAM/input, what a stream remembers; and, among its directives, a
 * function's, of what it prints.
 */
#ifndef LAM_INPUT_SETTINGS_H
#define LAM_INPUT_SETTINGS_H

#include "base/arena.h"
#include "base/bytes.h"
#include "input/input.h"

#define LAM_SETTINGS_MAX (64u << 10) /* bytes of such a file */

/*
 * What TEXT, of file PATH, says and O does not goes into O; texts live in A.
 * LAM_USAGE with PATH:line: a line is none.
 */
int lam_settings_read(struct lam_input_options *o, struct lam_str text,
	const char *path, struct lam_arena *a, struct lam_error *e) LAM_MUST;

/* The name of setting I; NULL after the last.  Whether a text may have several. */
const char *lam_setting_name(size_t i);
bool lam_setting_repeats(size_t i);

/*
 * O gets setting I, VALUE, unless it has one; VALUE is empty of one that takes none.
 * WHERE begins the message if it cannot be: LAM_USAGE.
 */
int lam_setting_set(struct lam_input_options *o, size_t i, struct lam_str value,
	const char *where, struct lam_arena *a, struct lam_error *e) LAM_MUST;

/*
 * If o->format is no format that there is, but a file of DATA/formats, O gets what
 * that says.  DATA may be NULL.
 */
int lam_settings_own(struct lam_input_options *o, const char *data,
	struct lam_arena *a, struct lam_error *e) LAM_MUST;

#endif
