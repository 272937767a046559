/*
 * tumble_internal.h - the parts of a live filter
 */
#ifndef LAM_LIVE_TUMBLE_INTERNAL_H
#define LAM_LIVE_TUMBLE_INTERNAL_H

#include "live/tumble.h"
#include "rows/row_source.h"
#include "source/source.h"
#include "view/dataset.h"

/*
 * Partials of some of the open windows: of those from LO to HI, and of the
 * window NULL when UNTIMED.  There may be none of a window in between.
 */
struct lam_bundle {
	struct lam_bundle *next;
	struct lam_arena arena;	 /* MERGE */
	struct lam_query *merge; /* what P is the result of, or NULL: the query
				  * over the input */
	struct lam_partials *p;
	uint64_t groups;
	int64_t lo, hi;
	bool untimed;
};

/* Which windows of a merge are wanted: from LO to HI, NULL, or those touched. */
struct lam_sieve {
	int64_t lo, hi;
	bool untimed, touched;
};

#define LAM_SIEVE_ALL ((struct lam_sieve){ INT64_MIN, INT64_MAX, true, false })

struct live {
	struct lam_tumble *w;
	struct lam_arena arena;	 /* the query */
	struct lam_query *query;
	uint32_t window;	 /* the key that is one */
	int64_t width, months;	 /* from one window to the next: one of these */
	int64_t shift;		 /* what the query adds to the input's time */
	struct lam_adhoc *input;

	/* Per record of a chunk: its window, the window of its time less the
	 * lateness, before which everything is closed by it, and its time. */
	struct lam_query *probe;
	int64_t *at, *reach, *time;
	uint8_t *at_null, *reach_null, *time_null;
	uint32_t n;

	bool started;		 /* OPEN, FIRST and NEWEST are known */
	int64_t open;		 /* windows before this one are closed */
	int64_t first;		 /* --fill: the first window so far */
	int64_t newest;		 /* time, of those that are not ahead */
	bool advanced;		 /* since the last emission */
	int64_t *touched;	 /* windows of the chunk, each once */
	uint32_t ntouched;
	bool untimed;		 /* the chunk has records of no window */

	struct lam_bundle *bundle; /* all open windows */
	struct lam_bundle *spare;  /* without partials */
	struct lam_arena scratch;  /* of one merge */

	/* --fill: the keys seen, ordered by the window they were first in. */
	struct lam_row_source seen;
	bool filling;		 /* FILLED is known, FIRST no more of use */
	int64_t filled;		 /* windows before this one have their rows */

	int64_t heard;		 /* when the last chunk came, ns */
	uint64_t timed;		 /* records with a time */
	int64_t ahead_first;	 /* the time of the first that was ahead */
	int64_t told_when;	 /* ns; 0: never */
	uint64_t told_late, told_ahead;
	struct lam_counts faults; /* of all records */
};

/* tumble_bind.c: the query, the probe that finds windows, the window's steps */
int lam_tumble_bind(struct live *l, struct lam_error *e) LAM_MUST;
/* The window after W, a start of one; false: there is none. */
bool lam_tumble_next(const struct live *l, int64_t w, int64_t *next);
/* The window that holds T, which is not before the window W. */
int64_t lam_tumble_of(const struct live *l, int64_t w, int64_t t);

/* A + B, or the nearest there is. */
static inline int64_t
lam_time_plus(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return a < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

/* tumble_probe.c: drop late records from the chunk, move on what is open */
int lam_tumble_probe(struct live *l, struct lam_cells *cells,
	struct lam_error *e) LAM_MUST;
void lam_tumble_probe_release(struct live *l);
/* The clock says T, and nothing comes: close what ended before. */
void lam_tumble_tick(struct live *l, int64_t t);

/*
 * tumble_sieve.c: the merge of bundles.  The queries are made in A and their
 * rows ordered by window first.
 */
int lam_sieve_query(struct live *l, const struct lam_sieve *s,
	struct lam_arena *a, struct lam_query **out, struct lam_error *e)
	LAM_MUST;
int lam_sieve_where(struct live *l, const struct lam_sieve *s,
	struct lam_arena *a, struct lam_expr **out, struct lam_error *e)
	LAM_MUST;
/* Take over P, of the windows LO to HI; it may be without groups. */
int lam_bundle_add(struct live *l, struct lam_partials *p, int64_t lo,
	int64_t hi, bool untimed, struct lam_error *e) LAM_MUST;
/* Run JOBS over the bundles that hold closed windows; these are kept no more. */
int lam_bundle_close(struct live *l, struct lam_job *job, size_t njobs,
	struct lam_error *e) LAM_MUST;
/* Run JOB over the bundles that hold windows of the chunk; what is open stays. */
int lam_bundle_touch(struct live *l, struct lam_job *job, struct lam_error *e)
	LAM_MUST;
/* Run JOBS over all bundles; none stays. */
int lam_bundle_end(struct live *l, struct lam_job *job, size_t njobs,
	struct lam_error *e) LAM_MUST;
void lam_bundle_release(struct live *l);

/*
 * tumble_fill.c: rows for windows and keys that have none.  lam_fill_query:
 * which keys the windows S of the partials have, each with the first of these.
 */
int lam_fill_query(struct live *l, const struct lam_sieve *s,
	struct lam_arena *a, struct lam_query **out, struct lam_error *e)
	LAM_MUST;
/* *SEEN is what is known of the query Q; *P, of the query OF, gets the empty rows
 * of the windows before TO.  Both may be NULL, and *P may become it. */
int lam_fill(struct live *l, const struct lam_query *q,
	struct lam_partials *seen, int64_t to, const struct lam_query *of,
	struct lam_partials **p, struct lam_error *e) LAM_MUST;
void lam_fill_release(struct live *l);

/* tumble.c: ns since 1970 */
int64_t lam_tumble_clock(const struct live *l);

/* tumble_tell.c: reports, at once and then from time to time */
void lam_tumble_tell(struct live *l, bool last);
/* ns until the next report; INT64_MAX: there is none */
int64_t lam_tumble_untold(const struct live *l, int64_t now);

#endif
