/*
 * worker_internal.h - between a worker and its runtime
 */
#ifndef LAM_TRIGGER_WORKER_INTERNAL_H
#define LAM_TRIGGER_WORKER_INTERNAL_H

#include "trigger/worker.h"

/* worker.c: P gets a pipe, and *THEIRS is the end to write to. */
int lam_worker_open_pipe(struct lam_trigger_worker *w, struct lam_worker_pipe *p,
	int *theirs, struct lam_error *e) LAM_MUST;

/* What is in the log's pipe now goes to the log. */
int lam_worker_take_log(struct lam_trigger_worker *w, struct lam_error *e) LAM_MUST;

/*
 * Something of its own went wrong, WHY: the attempt at hand has failed, and the
 * worker.  What this returns concerns its owner.
 */
int lam_worker_break(struct lam_trigger_worker *w, const struct lam_error *why,
	struct lam_error *e) LAM_MUST;

/* worker_lambda.c: what worker.h says, of a lambda function. */
int lam_worker_lambda_open(struct lam_trigger_worker *w, struct lam_launcher *l,
	const struct lam_function *f, const struct lam_sandbox_spec *spec,
	struct lam_error *e) LAM_MUST;
int lam_worker_lambda_start(struct lam_trigger_worker *w, const struct lam_function *f,
	struct lam_error *e) LAM_MUST;
/* The runtime is killed, whatever it does. */
void lam_worker_lambda_kill(struct lam_trigger_worker *w);
/* It is told to end, in the midst of an attempt. */
void lam_worker_lambda_end(struct lam_trigger_worker *w);
void lam_worker_lambda_close(struct lam_trigger_worker *w);

#endif
