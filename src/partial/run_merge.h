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
void lam_run_merge_close(struct lam_partials *p);

#endif
