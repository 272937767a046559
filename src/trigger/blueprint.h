/*
 * blueprint.h - functions to begin with: directories that are copied
 *
 * A blueprint is a directory with a function file, its code, an event and the output
 * that this event has (`event`, `expected`).
 */
#ifndef LAM_TRIGGER_BLUEPRINT_H
#define LAM_TRIGGER_BLUEPRINT_H

#include "base/buf.h"
#include "base/dir.h"

/*
 * The blueprints of the program at EXE, an absolute path: in ../share/lam/blueprints,
 * or, where it was built, ../src/blueprints.
 */
int lam_blueprint_dir(const char *exe, char *out, size_t size,
	struct lam_error *e) LAM_MUST;

/* Their names, and what the first comment line of the function file says of each, as
 * lines for people. */
int lam_blueprint_list(const char *dir, struct lam_buf *out, struct lam_error *e)
	LAM_MUST;

/* Copy DIR/BLUEPRINT to DATA/functions/NAME, which is not there yet, and say to OUT
 * where it is and what it begins with. */
int lam_blueprint_copy(const char *dir, const char *blueprint, const char *data,
	const char *name, struct lam_buf *out, struct lam_error *e) LAM_MUST;

#endif
