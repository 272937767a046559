/*
 * redraw.h - --watch: the same output again and again, drawn in place
 *
 * What is to be shown is written to FD, a file without a name.  On a terminal it takes
 * the place of what was shown before, and what changed stands out; what has no room is
 * counted.  Elsewhere one follows the other, with an empty line between.
 */
#ifndef LAM_CLI_REDRAW_H
#define LAM_CLI_REDRAW_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct lam_redraw {
	int fd;
	uint64_t shown; /* how often */
	struct lam_buf before, now, out;
};

#define LAM_REDRAW_INIT { -1, 0, LAM_BUF_INIT, LAM_BUF_INIT, LAM_BUF_INIT }

int lam_redraw_open(struct lam_redraw *r, struct lam_error *e) LAM_MUST;
/* Show what FD has under the time and WHAT it is of, wait for NS, and empty FD. */
int lam_redraw_show(struct lam_redraw *r, const char *what, int64_t ns,
	struct lam_error *e) LAM_MUST;
void lam_redraw_close(struct lam_redraw *r);

#endif
