/*
 * tumble.h - a query over a live input, window by window
 *
 * One key of the query is a time_bucket or date_trunc of a time: the window.
 * The watermark is the newest event time seen, less the allowed lateness.  When it
 * has reached the end of a window, the window is closed, and its rows are given
 * out.  A record of a window that is closed already is late: counted, not used.
 * A record that is too far ahead of the clock is counted in its window, but
 * does not move the watermark.  Which records are late, and which rows come out,
 * depends on the order of the records alone, not on how they arrive.  IDLE is the
 * exception: with it the clock moves the watermark when nothing comes.
 */
#ifndef LAM_LIVE_TUMBLE_H
#define LAM_LIVE_TUMBLE_H

#include "engine/engine.h"
#include "source/adhoc.h"

struct lam_tumble {
	const char *sql;
	const char *const *file; /* instead of standard input */
	size_t nfiles;
	int64_t lateness;	 /* ns */
	int64_t max_ahead;	 /* ns; < 0: any */
	int64_t idle;		 /* ns without a record, then the clock (less
				  * the lateness) is the watermark; < 0: never */
	bool changes; /* give out a window's rows whenever they changed */
	bool fill;    /* give out rows of no records, too; not with CHANGES */
	int64_t (*clock)(void);	 /* ns since 1970; NULL: the system's */
	struct lam_adhoc_options adhoc;
	struct lam_resources engine;
	struct lam_messages warn;
	/* Called around the rows of each emission. */
	int (*begin)(void *arg, const struct lam_query *q,
		struct lam_error *e);
	int (*rows)(void *arg, const struct lam_vec *column, uint32_t n,
		struct lam_error *e);
	int (*end)(void *arg, struct lam_error *e);
	void *arg;
	uint64_t records, late, ahead, rejected; /* out */
};

/* Runs to the end of the input, and gives out all windows there are then. */
int lam_tumble_run(struct lam_tumble *w, struct lam_error *e) LAM_MUST;

#endif
