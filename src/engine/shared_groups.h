/*
 * shared_groups.h - jobs that count and sum over the same rows, together
 *
 * When one job groups by host and another by host and status, the groups of
 * the first are unions of groups of the second, and its sums are sums of those.
 * So one pass over the rows serves both.  Jobs share a pass while the combinations
 * of their keys' values in a batch are few: the rows are grouped by all these
 * keys, and each job's groups are added up from that.
 */
#ifndef LAM_ENGINE_SHARED_GROUPS_H
#define LAM_ENGINE_SHARED_GROUPS_H

#include "engine/job.h"

/* May this job take part at all?  Only count(*) and sums, no FILTER. */
bool lam_shared_groups_additive(const struct lam_query *q);

/* One of the jobs of a batch. */
struct lam_shared_groups_job {
	const struct lam_job_plan *plan;
	struct lam_group_table *table;
	struct lam_counts *counts;
	bool done;		/* out: the batch is in the table */
	/* private: */
	uint64_t cells;
	struct lam_key_codes *codes; /* [nkeys] */
	uint32_t cluster;
};

/*
 * Group the current batch for those of N jobs, all additive and of one
 * selection, for which it pays.  The others are left as they are (not done).
 */
int lam_shared_groups_group(struct lam_shared_groups_job *job, size_t n,
	struct lam_pass *p, struct lam_error *e) LAM_MUST;

#endif
