/*
 * resources.h - the share of the machine that a run may use
 */
#ifndef LAM_BASE_RESOURCES_H
#define LAM_BASE_RESOURCES_H

#include <stdint.h>

struct lam_resources {
	unsigned threads;  /* 1.. */
	uint64_t memory;   /* bytes for group tables, all threads and jobs,
			    * and for sorting rows; 0: no limit */
	const char *tmpdir; /* for spilled runs */
};

#endif
