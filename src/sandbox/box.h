/*
 * box.h - what a keeper and the runners it forks know of their sandbox
 */
#ifndef LAM_SANDBOX_BOX_H
#define LAM_SANDBOX_BOX_H

#include <stdbool.h>

#include "base/io.h"
#include "sandbox/scratch.h"
#include "sandbox/tier.h"
#include "sandbox/wire.h"

#define LAM_BOX_PLACES 64

struct lam_box {
	struct lam_wire_head spec;
	const char *dir, *path;
	/* What runs may read beside the system: dir, the readable ones, and what
	 * the path leads to.  To a NULL. */
	const char *place[LAM_BOX_PLACES + 1];
	char name[LAM_SCRATCH_NAME];
	const char *scratch_dir; /* of all sandboxes */
	char scratch[LAM_PATH_MAX];
	int scratch_fd;
	unsigned tiers; /* in force */
};

#endif
