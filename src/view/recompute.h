/*
 * recompute.h - the batch layer: partials of views over the whole log
 */
#ifndef LAM_VIEW_RECOMPUTE_H
#define LAM_VIEW_RECOMPUTE_H

#include "partial/text.h"
#include "source/adhoc.h"
#include "view/cover.h"

/* How to cut the work: into COUNT ranges, into some of about so many BYTES of the
 * log, or one for each segment. */
struct lam_splits {
	uint64_t count, bytes; /* or 0 */
	bool segments;
	/* Each range; VIEWS and SEGMENTS, which are paths, have blanks between. */
	int (*tell)(void *arg, uint64_t from, uint64_t to, const char *views,
		const char *segments, struct lam_error *e);
	void *arg;
};

struct lam_recompute {
	const char *data;
	const char *const *view; /* names; none: all the dataset has */
	size_t nviews;
	uint64_t from;	  /* only the records from here on: a worker's range */
	bool bounded;	  /* only those before AS_OF, and end no segment */
	uint64_t as_of;
	bool incremental; /* go on from what is served, where that is sound */
	const struct lam_splits *splits; /* only plan, or NULL */
	bool verbose;	  /* warn also of what the run that made the served
			   * generation has warned of */
	struct lam_resources engine;
	void (*hold)(bool hold); /* around a change of the log; may be NULL */
	struct lam_messages warn, failed; /* failed: a view beside others */
};

/*
 * One pass over each log for all of its views, sections to W in order of view
 * name.  The active segment is ended first, unless it is small, so that they end at
 * a segment boundary.  With splits nothing is computed.
 * LAM_SOME: some views failed, the others are in W.
 */
int lam_recompute(const struct lam_recompute *r, struct lam_partial_writer *w,
	struct lam_error *e) LAM_MUST;

struct lam_recompute_adhoc {
	const char *sql;
	const char *name; /* of the section */
	const char *const *file; /* instead of standard input */
	size_t nfiles;
	struct lam_adhoc_options adhoc;
	struct lam_resources engine;
	struct lam_messages warn;
	uint64_t records, rejected; /* out */
};

/* The same for a query on files or standard input. */
int lam_recompute_files(struct lam_recompute_adhoc *r,
	struct lam_partial_writer *w, struct lam_error *e) LAM_MUST;

struct lam_recompute_segments {
	const char *sql;	 /* FROM the stream */
	const char *name;	 /* of the section */
	const char *const *file; /* copies of segments, at least one */
	size_t nfiles;
	const char *schema;	 /* path of the stream's */
	bool ranged, bounded;	 /* only from FROM on; only before AS_OF */
	uint64_t from, as_of;
	struct lam_resources engine;
	struct lam_messages warn;
};

/* The same for a query on copies of segments.  LAM_DATA: they do not hold the range,
 * say because they were merged with others since that was planned. */
int lam_recompute_segments(const struct lam_recompute_segments *r,
	struct lam_partial_writer *w, struct lam_error *e) LAM_MUST;

/* The section of a finished job; nulls are copied to A. */
int lam_section_of_job(struct lam_section *s, const struct lam_job *job,
	struct lam_arena *a, struct lam_error *e) LAM_MUST;

/*
 * Merge the rows of SRC, partials of Q, at Q's own grain.  Free *OUT with
 * lam_partials_free; A must outlive it.
 */
int lam_merge_run(const struct lam_query *q, struct lam_source *src,
	const struct lam_resources *o, struct lam_arena *a,
	struct lam_partials **out, struct lam_error *e) LAM_MUST;

#endif
