/*
 * trigger_internal.h - one function at work
 */
#ifndef LAM_TRIGGER_TRIGGER_INTERNAL_H
#define LAM_TRIGGER_TRIGGER_INTERNAL_H

#include "trigger/trigger.h"

struct lam_trigger {
	struct lam_triggers *all;
	const struct lam_function *f;
	bool durable; /* it has a ledger */
	bool leaving; /* no batch begins any more */
	int lock;
	char dir[LAM_PATH_MAX], failed[LAM_PATH_MAX]; /* its state */
	char into[LAM_PATH_MAX];
	struct lam_ledger ledger;
	struct lam_feed feed;
	struct lam_queue queue;
	int64_t oldest; /* when the first event of the queue came; loop time */
	struct lam_task *first; /* not done, by position */
	size_t nbatches;
	struct lam_trigger_worker **worker; /* [concurrency]; NULL: none yet */
	size_t nworkers, busy;
	int64_t looked; /* when batches were last looked at, ns since 1970 */
	int64_t idle; /* since when no worker was at work; loop time */
	struct lam_target *target;
	struct lam_journal journal;
	uint64_t given;	 /* outputs before it were given to the target */
	int64_t synced;	 /* when that was last made durable; loop time */
	bool outcomes;	 /* in the ledger, and not synced */
	struct lam_loop_watch watch; /* of the feed */
	struct lam_loop_timer timer;
	struct lam_trigger_counts counts;
	struct lam_error fault; /* met by a callback */
};

/* trigger_dispatch.c: step 3 of trigger_step.c. */
int lam_trigger_dispatch(struct lam_trigger *t, struct lam_error *e) LAM_MUST;
/* Workers that have failed go, or, if ALL, those without work. */
void lam_trigger_retire(struct lam_trigger *t, bool all);

/* trigger_done.c: callbacks of workers. */
int lam_trigger_ready(struct lam_trigger_worker *w, struct lam_error *e) LAM_MUST;
int lam_trigger_done(struct lam_trigger_worker *w, struct lam_error *e) LAM_MUST;
void lam_trigger_log(struct lam_trigger_worker *w, struct lam_str line);

/* Also of trigger_done.c: its source, as keys have it, and the request id of B. */
const char *lam_trigger_source(const struct lam_trigger *t);
void lam_trigger_id(const struct lam_trigger *t, const struct lam_task *b,
	char id[LAM_REQUEST_ID_SIZE]);

/* trigger_step.c: outputs in the ledger that are not given on yet; FINISH: all of
 * them are then durable. */
int lam_trigger_deliver(struct lam_trigger *t, bool finish,
	struct lam_error *e) LAM_MUST;

#endif
