/*
 * probe.h - which tiers this machine gives, found by doing
 */
#ifndef LAM_SANDBOX_PROBE_H
#define LAM_SANDBOX_PROBE_H

#include "sandbox/cgroup.h"

#define LAM_PROBE_TABLE 1500

struct lam_probe {
	struct lam_cgroup_roots roots;
	unsigned tiers;
	char table[LAM_PROBE_TABLE]; /* a line each, what is there and why not */
};

/* Without those of DENY.  Forks; SCRATCH as for a launcher. */
void lam_probe(struct lam_probe *p, const char *scratch, unsigned deny);

#endif
