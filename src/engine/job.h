/*
 * job.h - one query over the batches of a pass
 */
#ifndef LAM_ENGINE_JOB_H
#define LAM_ENGINE_JOB_H

#include "engine/engine.h"
#include "engine/pass.h"
#include "group/group_table.h"
#include "rows/order_limit.h"

struct lam_state_plan {
	uint32_t selection, arg[2];
};

/* A query in terms of the plan of the pass.  Constant while it runs. */
struct lam_job_plan {
	const struct lam_query *q;
	uint32_t selection;	/* of WHERE */
	uint32_t *key;		/* grouped: expressions */
	struct lam_state_plan *state;
	uint32_t *output, *order; /* not grouped: expressions */
	/* Fields read (raw ones: + nfields): by WHERE, and by the rest. */
	bool *tested, *used;
};

int lam_job_plan_init(struct lam_job_plan *j, const struct lam_query *q,
	struct lam_pass_plan *p, struct lam_error *e) LAM_MUST;
/* When all jobs have been planned. */
int lam_job_plan_fields(struct lam_job_plan *j, const struct lam_pass_plan *p,
	struct lam_error *e) LAM_MUST;
/* When these are prepared: which fields J wants as texts. */
void lam_job_plan_texts(const struct lam_job_plan *j, struct lam_pass_plan *p);
void lam_job_plan_release(struct lam_job_plan *j);

/*
 * The rows of the batch that are counted, into *S, and C's counts.
 */
int lam_job_rows(const struct lam_job_plan *j, struct lam_pass *p,
	struct lam_counts *c, struct lam_selection **s, struct lam_error *e)
	LAM_MUST;
/* The batch is done: values that did not parse, or could not be computed. */
int lam_job_done(const struct lam_job_plan *j, struct lam_pass *p,
	const struct lam_selection *s, struct lam_counts *c,
	struct lam_error *e) LAM_MUST;

/* Group the batch into T, of which FIRST knows the groups that are wanted. */
struct lam_first_groups;
int lam_job_group(const struct lam_job_plan *j, struct lam_pass *p,
	struct lam_group_table *t, struct lam_first_groups *first,
	struct lam_counts *c, struct lam_error *e) LAM_MUST;

/*
 * Does the range of what rows are sorted by first say that R wants none of the batch
 * of P?  J is not grouped, and sorted.  Not if a condition might have faults or values
 * that do not parse, as those are counted.
 */
bool lam_job_ruled_out(const struct lam_job_plan *j, struct lam_pass *p,
	const struct lam_order_limit *r);

#endif
