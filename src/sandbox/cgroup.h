/*
 * cgroup.h - control groups: version 1, version 2, or both at once
 *
 * A sandbox has a group of its own in each hierarchy that helps, made below the
 * group that the program itself is in.  Its runs enter it; its keeper does not, so
 * that it outlives them.
 */
#ifndef LAM_SANDBOX_CGROUP_H
#define LAM_SANDBOX_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/io.h"

enum {
	LAM_CGROUP_V2,	    /* its controllers, freezing and killing */
	LAM_CGROUP_MEMORY,  /* of version 1, each in its hierarchy */
	LAM_CGROUP_CPU,
	LAM_CGROUP_PIDS,
	LAM_CGROUP_FREEZER,
	LAM_CGROUPS
};

/*
 * Where groups can be made; an empty path: not there.  A keeper whose own mounts
 * are read-only still writes through the descriptors, which its launcher opened.
 */
struct lam_cgroup_roots {
	char path[LAM_CGROUPS][LAM_PATH_MAX];
	int fd[LAM_CGROUPS];
	unsigned tiers;	   /* LAM_TIER_* that they give together */
	unsigned tiers_v2; /* of these, those that version 2 gives */
	char why[200];	   /* not more */
};

/*
 * Find them, by making a group in each.  In version 2 a group with processes
 * has no groups with controllers below it, so this process and its parent are
 * moved into one of their own, if they are the only ones.
 */
void lam_cgroup_find(struct lam_cgroup_roots *r);

/* Remove the groups of sandboxes whose programs are dead. */
void lam_cgroup_sweep(const struct lam_cgroup_roots *r);

struct lam_cgroup_limits {
	uint64_t memory; /* bytes; 0: none */
	bool quota;
};

struct lam_cgroup {
	const struct lam_cgroup_roots *roots;
	const char *name;
	int fd[LAM_CGROUPS]; /* directories; -1: none */
	unsigned tiers, tiers_v2;
};

#define LAM_CGROUP_INIT { NULL, NULL, { -1, -1, -1, -1, -1 }, 0, 0 }

/* Those of TIERS; NAME stays the caller's. */
int lam_cgroup_make(struct lam_cgroup *g, const struct lam_cgroup_roots *r,
	const char *name, unsigned tiers, const struct lam_cgroup_limits *l,
	struct lam_error *e) LAM_MUST;
void lam_cgroup_remove(struct lam_cgroup *g);

/* This process enters. */
int lam_cgroup_enter(const struct lam_cgroup *g, struct lam_error *e) LAM_MUST;

/* Share and quota: MEMORY in proportion to what makes one processor. */
void lam_cgroup_quota(const struct lam_cgroup *g, uint64_t memory, bool on);

/* False: no group can. */
bool lam_cgroup_freeze(const struct lam_cgroup *g, bool on);

/* Kill all that are in it. */
void lam_cgroup_kill(const struct lam_cgroup *g);

/* Bytes of memory that are its processes' alone; 0: it does not count. */
uint64_t lam_cgroup_held(const struct lam_cgroup *g);

/* Processes that were killed for memory since it was made. */
uint64_t lam_cgroup_ooms(const struct lam_cgroup *g);

#endif
