/*
 * box.h - what a keeper and the runners it forks know of their sandbox
 */
#ifndef LAM_SANDBOX_BOX_H
#define LAM_SANDBOX_BOX_H

#include <stdbool.h>

#include "base/io.h"
#include "sandbox/cgroup.h"
#include "sandbox/scratch.h"
#include "sandbox/tier.h"
#include "sandbox/wire.h"

#define LAM_BOX_PLACES 64

struct lam_box {
	struct lam_wire_head spec;
	const char *dir, *path;
	/* What runs may read beside the system: dir, the readable ones and the
	 * layers, and what the path leads to.  To a NULL. */
	const char *place[LAM_BOX_PLACES + 1];
	char *const *layer; /* [spec.nlayers] */
	char name[LAM_SCRATCH_NAME];
	const char *scratch_dir; /* of all sandboxes */
	int scratch_parent;	 /* the same; of the launcher's mounts */
	char scratch[LAM_PATH_MAX];
	int scratch_fd;
	const struct lam_cgroup_roots *roots;
	struct lam_cgroup group;
	unsigned uid, gid;
	unsigned tiers; /* in force */
};

/* The places: TEXT[N] are dir, path, readable ones and layers; they stay the
 * caller's. */
void lam_box_places(struct lam_box *box, char **text, size_t n);

#endif
