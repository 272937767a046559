/*
 * settings.h - options of an input as lines of a file
 *
 * A line is "NAME VALUE"; NAME is that of an option of lam-ingest, and "#" starts a
 * comment line.  Two kinds of files have them: DATA/formats/NAME, a format of one's
 * own, and DATA/master/STREAM/input, what a stream remembers.
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

/*
 * If o->format is no format that there is, but a file of DATA/formats, O gets what
 * that says.  DATA may be NULL.
 */
int lam_settings_own(struct lam_input_options *o, const char *data,
	struct lam_arena *a, struct lam_error *e) LAM_MUST;

#endif
