/*
 * first_groups.h - leave out rows that can be of none of the first groups
 *
 * Of a query whose order begins with a key, and which wants a few rows, a worker that
 * has that many groups needs no row whose key comes after those of all of them.
 * Nothing is left out where somebody could see it: not by HAVING, nor where an output,
 * a key or an argument might have a fault that is to be counted.
 *
 * Threads: one for each worker, with a table of its own.
 */
#ifndef LAM_ENGINE_FIRST_GROUPS_H
#define LAM_ENGINE_FIRST_GROUPS_H

#include "engine/job.h"
#include "rows/sortkey.h"

struct lam_first_groups {
	uint32_t most;	/* groups wanted; 0: all of them */
	uint32_t key;	/* that rows are ordered by first */
	struct lam_by by;
	uint32_t seen;	/* groups of the table that are known here */
	uint32_t n;
	struct lam_scalar *worst; /* [most]: keys of groups, a heap, the last on top;
				   * texts are the table's */
};

/* FINISHES: only the rows of Q will be asked for, not all its groups. */
int lam_first_groups_init(struct lam_first_groups *f, const struct lam_query *q,
	bool finishes, struct lam_error *e) LAM_MUST;
void lam_first_groups_release(struct lam_first_groups *f);

/* *ROWS, of the selection of J, become those that may be of a wanted group. */
int lam_first_groups_rows(struct lam_first_groups *f,
	const struct lam_job_plan *j, struct lam_pass *p,
	const struct lam_group_table *t, struct lam_selection **rows,
	struct lam_error *e) LAM_MUST;

#endif
