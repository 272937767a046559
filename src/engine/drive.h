/*
 * drive.h - run queries: their trees of stages, the leaves first
 *
 * Answers, batch, speed, covers, live windows and fsck run all their queries here.
 * A callback of theirs opens a leaf.  A query ends at its partial relation
 * (lam_drive_jobs) or at its rows (lam_drive_rows).
 */
#ifndef LAM_ENGINE_DRIVE_H
#define LAM_ENGINE_DRIVE_H

#include "engine/engine.h"

/* Where the rows of a SCAN come from. */
struct lam_leaves {
	/*
	 * SPREAD: batches may come in any order (see lam_log_source).  WORKERS is
	 * the most threads the run will have.  *OUT stays until it is closed.
	 */
	int (*open)(void *arg, const struct lam_stage *scan, unsigned workers,
		bool spread, struct lam_source **out, struct lam_error *e);
	void (*close)(void *arg); /* what was opened; or NULL */
	void *arg;
	void (*ran)(void *arg, const struct lam_job *job); /* a query; or NULL */
};

/* Every leaf is SRC, which is open, and the caller's. */
struct lam_leaves lam_drive_source(struct lam_source *src);

/*
 * Run JOBS, which all read the input of the first, in one pass: lam_engine_run
 * over what its tree gives.  Grouped jobs end as partial relations.
 */
int lam_drive_jobs(const struct lam_leaves *l, struct lam_job *job,
	size_t njobs, const struct lam_resources *o, struct lam_error *e)
	LAM_MUST;

/* Takes the rows of a query. */
struct lam_row_sink {
	/* Once, before the first rows; not when the query failed before it had
	 * any.  Or NULL. */
	int (*open)(void *arg, const struct lam_query *q,
		struct lam_error *e);
	int (*rows)(void *arg, const struct lam_vec *column, uint32_t n,
		struct lam_error *e);
	void *arg;
	/* Or NULL: see struct lam_job. */
	int (*sorted)(void *arg, struct lam_full_sort *all,
		struct lam_error *e);
};

/* The values that no query of a tree could compute. */
struct lam_drive_faults {
	struct lam_counts records; /* faults, first_fault */
	uint64_t outputs;	   /* see lam_engine_finish */
};

/* Run all of Q.  *F is added to, whether it fails or not. */
int lam_drive_rows(const struct lam_leaves *l, const struct lam_query *q,
	const struct lam_row_sink *to, const struct lam_resources *o,
	struct lam_drive_faults *f, struct lam_error *e) LAM_MUST;

#endif
