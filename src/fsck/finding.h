/*
 * finding.h - the findings of a check, one line each
 *
 * A check goes on after a finding: it reports it through a callback, and the
 * gravest one is kept, whose number is the exit status of lam-fsck.
 */
#ifndef LAM_FSCK_FINDING_H
#define LAM_FSCK_FINDING_H

#include <stdint.h>

#include "base/err.h"

enum lam_gravity {
	LAM_SOUND = 0,
	LAM_MINOR = 1, /* no record and no answer is affected */
	LAM_GRAVE = 3  /* records of the log are, or answers are refused */
};

struct lam_findings {
	void (*say)(void *arg, enum lam_gravity g, const char *line);
	void *arg;
	enum lam_gravity worst;
	uint64_t n;
};

void lam_found(struct lam_findings *f, enum lam_gravity g, const char *fmt,
	...) __attribute__((format(printf, 3, 4)));

/*
 * The outcome RC of looking at something: LAM_DATA and LAM_USAGE with message
 * WHY, and a sector that cannot be read, become a finding, and the check goes
 * on with *OK false; any other failure is E's.
 */
int lam_judge(struct lam_findings *f, enum lam_gravity g, int rc,
	const struct lam_error *why, _Bool *ok, struct lam_error *e) LAM_MUST;

/* Is RC with WHY damage, rather than a failure of this process? */
_Bool lam_is_damage(int rc, const struct lam_error *why);

#endif
