/*
 * run_merge.h - partials that were spilled: writing and merging sorted runs
 */
#ifndef LAM_PARTIAL_RUN_MERGE_H
#define LAM_PARTIAL_RUN_MERGE_H

#include "partial/partials_internal.h"

/* Write out what is still in memory, and open all runs of P for merging. */
int lam_run_merge_open(struct lam_partials *p, struct lam_error *e) LAM_MUST;
/* lam_partials_step for spilled partials. */
int lam_run_merge_step(struct lam_partials *p, struct lam_error *e) LAM_MUST;
/* Instead: the next rows, *N of them, as lines of partial text behind OUT.  Nothing is
 * parsed but states that several runs have. */
int lam_run_merge_lines(struct lam_partials *p, const char *view,
	struct lam_buf *out, uint32_t *n, struct lam_error *e) LAM_MUST;
void lam_run_merge_close(struct lam_partials *p);

/* Write PART's table out as one sorted run, and empty it. */
int lam_share_spill(struct lam_share *part, const struct lam_query *q,
	const char *tmpdir, struct lam_error *e) LAM_MUST;

#endif
