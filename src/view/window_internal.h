/*
 * window_internal.h - the parts of a live filter
 */
#ifndef LAM_VIEW_WINDOW_INTERNAL_H
#define LAM_VIEW_WINDOW_INTERNAL_H

#include "view/dataset.h"
#include "view/sources.h"
#include "view/window.h"

struct live {
	struct lam_window *w;
	struct lam_arena arena;	 /* the query */
	struct lam_query *query;
	uint32_t window;	 /* the key that is one */
	struct lam_adhoc *input;

	/* Per record of a chunk: its window, and the window of its time less
	 * the lateness, before which everything is closed by it. */
	struct lam_query *probe;
	int64_t *at, *reach;
	uint8_t *at_null, *reach_null;
	uint32_t n;

	bool started;		 /* OPEN is known */
	int64_t open;		 /* windows before this one are closed */
	bool advanced;		 /* since the last emission */
	int64_t *touched;	 /* windows of the chunk, each once */
	uint32_t ntouched;

	/* The partials of windows not given out; two arenas by turns hold the
	 * query that made them. */
	struct lam_partials *kept;
	struct lam_arena turn[2];
	unsigned which;
	uint64_t told;		 /* late records reported so far */
};

/* window_bind.c: the query, and the probe that finds windows */
int lam_window_bind(struct live *l, struct lam_error *e) LAM_MUST;
/* window_probe.c: drop late records from the chunk, move on what is open */
int lam_window_probe(struct live *l, struct lam_cells *cells,
	struct lam_error *e) LAM_MUST;
void lam_window_probe_release(struct live *l);

#endif
