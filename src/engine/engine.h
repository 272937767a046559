/*
 * engine.h - run bound queries over a source of batches
 *
 * One pass over the source feeds any number of queries (jobs): a column is
 * loaded and decoded once per batch, however many jobs read it.  Grouped jobs
 * end as a partial relation, sorted in the order of the partial text; others
 * hand their rows to a callback, in position order.
 *
 * The result is a function of the records alone: not of threads, batch
 * boundaries, memory or the order in which batches were finished.
 */
#ifndef LAM_ENGINE_ENGINE_H
#define LAM_ENGINE_ENGINE_H

#include "base/err.h"
#include "sql/query.h"
#include "store/batch.h"

struct lam_resources {
	unsigned threads;  /* 1.. */
	uint64_t memory;   /* bytes for group tables, all threads and jobs,
			    * and for sorting rows; 0: no limit */
	const char *tmpdir; /* for spilled runs */
};

/* Conservation counts of one job: read = counted + filtered. */
struct lam_counts {
	uint64_t read, counted, filtered;
	/* Values that did not parse as their field's type, in the columns and
	 * batches that were read: with a WHERE that depends on the batches. */
	uint64_t bad;
	/* Values that could not be computed, so that NULL stands for them: rows
	 * of each key, argument, condition and (not grouped) output; and the
	 * first position where there was one. */
	uint64_t faults, first_fault;
	uint64_t last_fault; /* of what this run read */
};

/* N more faults, the first at FIRST. */
void lam_counts_fault(struct lam_counts *c, uint64_t n, uint64_t first);

/* A finished grouped job: its partial relation. */
struct lam_partials;

struct lam_job {
	const struct lam_query *query;
	struct lam_partials *partials; /* out, grouped jobs; the caller's */
	struct lam_counts counts;      /* out */
	uint64_t *nulls;	/* out, [nstates]: counted rows whose first
				 * argument was NULL; engine-owned, freed with
				 * lam_job_release */
	/* Not grouped: called with the output columns of passing rows, in
	 * position order, one call at a time; return nonzero to stop. */
	int (*rows)(void *arg, const struct lam_vec *out, uint32_t n,
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
 * The rows of a partial relation, sorted: batch by batch, columns as
 * lam_query_columns says, which live as long as ARENA.  Several threads may
 * read, each with an arena of its own: *FIRST is the number of the batch's first
 * row.  Whether it lies in memory or in spilled runs does not show.
 */
int lam_partials_next(struct lam_partials *p, struct lam_arena *arena,
	const struct lam_vec **column, uint64_t *first, uint32_t *n,
	struct lam_error *e) LAM_MUST;
void lam_partials_free(struct lam_partials *p);

/* How many groups there are; UINT64_MAX: many, some are on disk. */
uint64_t lam_partials_groups(const struct lam_partials *p);

/* How many batches there are, at most: no more threads are of use. */
uint64_t lam_partials_batches(const struct lam_partials *p);

/*
 * The partial relation as a source (for a query that merges it further).
 * Consumes P; the source is freed with lam_partials_free too.
 */
void lam_partials_source(struct lam_partials *p, struct lam_source *out);

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

/* ------------------------------------------------------------------ text */

/*
 * Partial lines: KEY and STATE as in lam-partial(5), for one row of a partial
 * relation, appended to OUT as "KEY TAB STATE" (no newline).
 */
void lam_record_line(const struct lam_query *q, const struct lam_vec *column,
	uint32_t row, struct lam_buf *out);

/* Rows FROM .. TO - 1 as whole lines: VIEW TAB KEY TAB STATE LF. */
void lam_record_lines(const struct lam_query *q, const char *view,
	const struct lam_vec *column, uint32_t from, uint32_t to,
	struct lam_buf *out);

/*
 * The N fields of the record KEY or STATE, unescaped; .p == NULL: NULL.  They
 * point into RECORD or ARENA.  LAM_DATA: not such a record.
 */
int lam_record_split(struct lam_str record, struct lam_str *field, uint32_t n,
	struct lam_arena *arena, struct lam_error *e) LAM_MUST;

/*
 * Merge N state texts of state list Q ("STATE" of lines with equal KEY), the
 * result appended to OUT.  LAM_DATA: not such a state.
 */
int lam_record_merge(const struct lam_query *q, const struct lam_str *state,
	size_t n, struct lam_arena *scratch, struct lam_buf *out,
	struct lam_error *e) LAM_MUST;

#endif
