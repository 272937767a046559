/*
 * claim.h - one reader a log, and one that finds logs in a directory
 *
 * A claim is a lock of the process, so it ends with that, however that ends.
 */
#ifndef LAM_FOLLOW_CLAIM_H
#define LAM_FOLLOW_CLAIM_H

#include <stdbool.h>

#include "base/err.h"

struct lam_claims {
	int fd;
	const char *data, *stream;
};

#define LAM_CLAIMS_INIT(data_, stream_) { -1, data_, stream_ }

/* Nobody else takes from PATH into the stream until release.  LAM_DATA: somebody
 * does. */
int lam_claim(struct lam_claims *c, const char *path, struct lam_error *e)
	LAM_MUST;

/*
 * The directory of PATH is looked at for the stream until release: for names that
 * were given, or, if FOUND, for whatever files are in it.  A file may have another
 * name when a second program sees it, so who looks for any is alone there: LAM_DATA.
 */
int lam_claim_directory(struct lam_claims *c, const char *path, bool found,
	struct lam_error *e) LAM_MUST;

void lam_claim_release(struct lam_claims *c);

#endif
