/*
 * failures.h - one view that fails beside others that do not
 *
 * A definition that does not parse or bind, a stream that is damaged or gone,
 * a folder that may not be written to: it is reported, and the other views go on.
 * A failure that is not of one view alone (memory, a full disk) ends the run.
 */
#ifndef LAM_VIEW_FAILURES_H
#define LAM_VIEW_FAILURES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "source/message.h"

struct lam_failures {
	struct lam_messages say; /* each failure, once there are two or more, or
			       * something else was done */
	uint64_t n;
	struct lam_error first, last;
	struct lam_error empty; /* LAM_NOTHING is no failure: the first of it */
};

#define LAM_FAILURES_INIT(messages) \
	{ (messages), 0, LAM_ERROR_INIT, LAM_ERROR_INIT, LAM_ERROR_INIT }

/* Is RC with WHY a matter of one view?  Else the next one would fail too. */
bool lam_failures_of_one(int rc, const struct lam_error *why);

/* RC with WHY: LAM_OK when the others go on; else RC, and WHY is E's. */
int lam_failures_add(struct lam_failures *f, int rc,
	const struct lam_error *why, struct lam_error *e) LAM_MUST;

/*
 * At the end, with DONE views that did not fail: LAM_OK, LAM_SOME, or when
 * nothing was done the first failure, else LAM_NOTHING.
 */
int lam_failures_end(struct lam_failures *f, uint64_t done,
	struct lam_error *e) LAM_MUST;

#endif
