/*
 * tier.h - names of what isolates
 *
 * The base is always there: a session and limits of its own, no new privileges,
 * a clean environment, private scratch, and the death of the whole tree.
 *
 * What contains faults: base and groups.  What also holds against hostile code:
 * namespaces and seccomp together, or Landlock and seccomp together with less.
 */
#ifndef LAM_SANDBOX_TIER_H
#define LAM_SANDBOX_TIER_H

#include <stddef.h>

#include "base/err.h"

enum {
	LAM_TIER_MEMORY = 1 << 0,   /* a control group holds its memory */
	LAM_TIER_CPU = 1 << 1,	    /* and its share of the processors */
	LAM_TIER_PIDS = 1 << 2,	    /* and the number of its processes */
	LAM_TIER_FREEZE = 1 << 3,   /* and all of it can be stopped, or killed */
	LAM_TIER_LANDLOCK = 1 << 4, /* reads what it must, writes scratch */
	LAM_TIER_NS = 1 << 5,	    /* processes, mounts of its own, tmpfs */
	LAM_TIER_NET = 1 << 6,	    /* no network but a loopback of its own */
	LAM_TIER_SECCOMP = 1 << 7,  /* no system calls that only attacks need */
	LAM_TIERS = (1 << 8) - 1,
	LAM_TIER_GROUPS = LAM_TIER_MEMORY | LAM_TIER_CPU | LAM_TIER_PIDS |
		LAM_TIER_FREEZE
};

/* "memory cpu pids freeze landlock ns net seccomp"; LIST: names between commas
 * or blanks, "cgroup" for the first four.  An unknown name is LAM_USAGE. */
int lam_tier_parse(const char *list, unsigned *tiers, struct lam_error *e)
	LAM_MUST;

#define LAM_TIER_TEXT 64

/* "base+memory+ns"; returns OUT. */
const char *lam_tier_text(unsigned tiers, char out[LAM_TIER_TEXT]);

#endif
