/*
 * policy.h - what follows from how an attempt ended: AWS's rules for streams
 *
 *	it succeeded			done
 *	it succeeded, and record K of N is the first that failed (`partial`)
 *		K > 1			those before are done, the rest is retried
 *		K = 1			as a failure
 *	it exited with 65		dead
 *	it failed, `bisect`, N > 1	two halves; no retry is used up
 *	it failed			again, after a pause; dead after `retries`, or
 *					when it would be later than `age`
 */
#ifndef LAM_TRIGGER_POLICY_H
#define LAM_TRIGGER_POLICY_H

#include "trigger/task.h"
#include "trigger/worker.h"

#define LAM_BACKOFF_MAX (300 * LAM_NS)

struct lam_decision {
	enum lam_verdict verdict;
	size_t split; /* events before the cut */
	int64_t due;  /* ns since 1970 */
	bool failed;  /* the attempt counts as an error */
	const char *why; /* it says so itself; NULL: how it ended tells */
};

/*
 * FAILED: the text on descriptor 3: the numbers of records that failed, from 1, one
 * a line.  A text that is none is a failure.  RANDOM: of 64 bits, for the pause.
 */
void lam_policy(const struct lam_function *f, const struct lam_task *b,
	const struct lam_attempt *a, struct lam_str failed, int64_t now,
	uint64_t random, struct lam_decision *out);

/* Must B wait at NOW, ns since 1970?  What is due later than any pause is long was put
 * there by another clock, and waits no longer. */
bool lam_policy_waits(const struct lam_task *b, int64_t now);

#endif
