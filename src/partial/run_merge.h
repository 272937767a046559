/*
 * runs.h - partials that were spilled: writing and merging sorted runs
 */
#ifndef LAM_ENGINE_RUNS_H
#define LAM_ENGINE_RUNS_H

#include "partial/partials_internal.h"

/* Write out what is still in memory, and open all runs of P for merging. */
int lam_runs_open(struct lam_partials *p, struct lam_error *e) LAM_MUST;
/* lam_partials_step for spilled partials. */
int lam_runs_step(struct lam_partials *p, struct lam_error *e) LAM_MUST;
void lam_runs_close(struct lam_partials *p);

#endif
