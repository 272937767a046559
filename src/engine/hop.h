/*
 * hop.h - windows that overlap, made of panes
 *
 * A run of a query with a struct lam_hop (sql/query.h) counts each record once, in its
 * pane: the last window that it is in.  Then the states of a pane are merged into
 * those of all windows that it is part of.  So a window is exactly what one pass over
 * its records gives, and costs a merge for each pane.
 *
 * Source:   Li et al., "No pane, no gain: efficient evaluation of sliding-window
 *           aggregates over data streams", SIGMOD Record 34 (2005)
 */
#ifndef LAM_ENGINE_HOP_H
#define LAM_ENGINE_HOP_H

#include "engine/engine.h"

/* The partials of JOB, whose query has a hop, become those of the windows. */
int lam_hop_partials(struct lam_job *job, const struct lam_resources *o,
	struct lam_error *e) LAM_MUST;

#endif
