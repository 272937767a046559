/*
 * run.h - the state that the workers of one run share (private to engine.c and
 * run_worker.c)
 */
#ifndef LAM_ENGINE_RUN_H
#define LAM_ENGINE_RUN_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/sequencer.h"
#include "engine/first_groups.h"
#include "engine/job.h"
#include "engine/late_rows.h"
#include "engine/shared_groups.h"
#include "partial/partials_internal.h"
#include "rows/order_limit.h"

struct lam_run_job {
	struct lam_job_plan plan;
	struct lam_job *job;
	bool ordered;		/* rows are handed out in order */
	bool additive;		/* shares its selection with such others */
	bool late;		/* sorted, and its output has no faults: it is made
				 * for batches that have a row that is wanted ... */
	bool again;		/* ... or in the end, by: */
	struct lam_late_rows rest;
	struct lam_order_limit order_limit; /* ordered: of all workers */
};

struct lam_worker {
	struct lam_pass pass;
	struct lam_counts *counts;   /* [njobs] */
	struct lam_order_limit *order_limit; /* [njobs]: sorted jobs */
	struct lam_first_groups *first; /* [njobs]: grouped jobs */
	uint64_t batches, skipped;   /* see struct lam_job */
	struct lam_arena column; /* one at a time, of which a few rows are kept */
	size_t table_bytes; /* bytes of tables, as last counted */
	bool ended;		     /* nothing is left for it to do */
};

struct lam_engine {
	struct lam_source *source;
	const struct lam_resources *options;
	uint64_t memory;
	unsigned nworkers;
	struct lam_worker *worker;
	struct lam_run_job *job;
	size_t njobs;
	struct lam_pass_plan plan;
	struct lam_sequencer sequencer;
	bool ordered;		/* some job is */
	atomic_bool stop;
	atomic_size_t table_bytes; /* by all workers */
	pthread_mutex_t lock;	/* of the failure: */
	bool locked;
	struct lam_error failure;
	int code;
	uint64_t at;		/* position of the failure */
};

/*
 * Worker 0 on its own, until there is work for others to join it.  True: that was
 * all there is to do, or it failed (X->code): where batches come in order, as they
 * do to a single worker, no other failure is before that one.
 */
bool lam_worker_alone(struct lam_engine *x) LAM_MUST;

/* The body of each thread. */
int lam_worker_run(void *engine, unsigned worker, struct lam_error *e);

#endif
