/*
 * engine.h - run bound queries over a source of batches
 *
 * One pass over the source feeds any number of queries (jobs): a column is
 * loaded and decoded once per batch, however many jobs read it.  Grouped jobs
 * end as a partial relation, sorted in the order of the partial text; others
 * hand their rows to a callback, in position order.  The other rooms run queries
 * by drive.h, which opens the source.
 *
 * The result is a function of the records alone: not of threads, batch
 * boundaries, memory or the order in which batches were finished.
 */
#ifndef LAM_ENGINE_ENGINE_H
#define LAM_ENGINE_ENGINE_H

#include "base/err.h"
#include "base/resources.h"
#include "partial/partials.h"
#include "sql/query.h"
#include "store/batch.h"

struct lam_full_sort;

struct lam_job {
	const struct lam_query *query;
	bool finishes;	/* grouped: only the rows of QUERY will be asked for, by
			 * lam_engine_finish; else all groups */
	struct lam_partials *partials; /* out, grouped jobs; the caller's */
	struct lam_counts counts;      /* out */
	uint64_t batches, skipped;     /* out: of the source; not read, as their
				* ranges say that no row is wanted */
	uint64_t *nulls;	/* out, [nstates]: counted rows whose first
				 * argument was NULL; engine-owned, freed with
				 * lam_job_release */
	/* Not grouped: called with the output columns of passing rows, in
	 * position order, one call at a time; return nonzero to stop. */
	int (*rows)(void *arg, const struct lam_vec *out, uint32_t n,
		struct lam_error *e);
	/* Or NULL: may be called in place of it, once, with all rows, to be sorted,
	 * where they have an order and all are in memory. */
	int (*sorted)(void *arg, struct lam_full_sort *all,
		struct lam_error *e);
	void *arg;
};

/*
 * Run JOBS over SRC.  LAM_DATA and LAM_SYSTEM come from the source: a value that
 * cannot be computed stops nothing (counts.faults).
 * On failure nothing is left behind, no temporary files either.
 */
int lam_engine_run(struct lam_source *src, struct lam_job *job, size_t njobs,
	const struct lam_resources *o, struct lam_error *e) LAM_MUST;
void lam_job_release(struct lam_job *j);

/*
 * Finish a grouped query: finals, outputs, HAVING, ORDER BY, DISTINCT, LIMIT.
 * Without ORDER BY rows come in key order: by the typed values of the keys in
 * the order of GROUP BY, NULLs last; ties of ORDER BY are broken the same way.
 * A query without GROUP BY has exactly one row.  ROWS as in struct lam_job.
 * *FAULTS: values of the rows that could not be computed, sums of 10^38 among them.
 */
int lam_engine_finish(const struct lam_query *q, struct lam_partials *p,
	const struct lam_resources *o,
	int (*rows)(void *arg, const struct lam_vec *out, uint32_t n,
		struct lam_error *e), void *arg, uint64_t *faults,
	struct lam_error *e) LAM_MUST;

/* ORDER BY, DISTINCT and LIMIT of a query that is not grouped are applied by
 * lam_engine_run itself before rows() is called. */

#endif
