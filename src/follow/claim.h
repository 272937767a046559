/*
 * claim.h - one reader a log
 *
 * A claim is a lock of the process, so it ends with that, however that ends.
 */
#ifndef LAM_FOLLOW_CLAIM_H
#define LAM_FOLLOW_CLAIM_H

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
void lam_claim_release(struct lam_claims *c);

#endif
