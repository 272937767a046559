/*
 * near.h - names that were mistyped: "did you mean"
 */
#ifndef LAM_BASE_NEAR_H
#define LAM_BASE_NEAR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

/* Are A and B a typing mistake apart?  Case does not matter. */
bool lam_near(struct lam_str a, struct lam_str b);

#define LAM_NEAR_HINT 300

/*
 * "; did you mean NAME?" into OUT[LAM_NEAR_HINT], if GIVEN is near to NAME; else "".
 * True: it is.
 */
bool lam_near_name(char *out, const char *given, const char *name);

/*
 * The same for the first of the N names that
 * GIVEN is near to.  Returns OUT, to be the end of a message.
 */
const char *lam_near_hint(char *out, const char *given, char *const *name,
	size_t n);

#endif
