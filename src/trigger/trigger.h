/*
 * trigger.h - functions are run on what comes
 *
 * One thread: a loop waits for events, sandboxes and instants.  A function is asked
 * for its next *step* whenever something of it has happened: crew.h.
 *
 *	lam_trigger_open -> { lam_trigger_step }* -> lam_trigger_close
 */
#ifndef LAM_TRIGGER_TRIGGER_H
#define LAM_TRIGGER_TRIGGER_H

#include "base/loop.h"
#include "sandbox/sandbox.h"
#include "trigger/feed.h"
#include "trigger/journal.h"
#include "trigger/target.h"

/* What the functions of a program share. */
struct lam_triggers {
	const char *data; /* the dataset; NULL: a filter without one */
	const char *path; /* where commands are looked for */
	bool follow;	  /* stay, and wait for more */
	uint64_t pool;	  /* bytes for all sandboxes at once; 0: half of memory */
	const _Atomic int *stop;
	struct lam_gateway *gateway; /* what answers requests; or NULL */
	const sigset_t *mask;	    /* while it waits, as ppoll(2) */
	struct lam_messages warn;   /* what went wrong beside the work */
	struct lam_messages lines;  /* what functions wrote to their logs */
	struct lam_messages all;    /* all lines of their logs */
	struct lam_launcher *launcher;
	struct lam_loop loop;
	uint64_t reserved; /* of the pool */
	bool again;	   /* something happened: functions have another step */
};

struct lam_trigger;

/*
 * F stays the caller's.  In a dataset the function's state is locked; LAM_SYSTEM:
 * another process has it.
 */
int lam_trigger_open(struct lam_trigger **out, struct lam_triggers *all,
	const struct lam_function *f, struct lam_error *e) LAM_MUST;

/*
 * Whatever can be done now.  *DONE: nothing is left to do.  LAM_OK or not: what went
 * wrong in the loop since the last step is an error of this one.  Then T is to be
 * closed.
 */
int lam_trigger_step(struct lam_trigger *t, bool *done, struct lam_error *e)
	LAM_MUST;

/* No batch begins any more: T is done when those that run have ended. */
void lam_trigger_leave(struct lam_trigger *t);
/* Attempts that run now.  If T is closed before they end they do not count, and their
 * batches are tried again, as after a kill. */
size_t lam_trigger_running(const struct lam_trigger *t);
/* They are told to end (worker.h); those that do not end well do not count either. */
void lam_trigger_end(struct lam_trigger *t);

/*
 * Try the dead letters ID[N] of F again, each as a batch of its own; those that are
 * done are gone, and *STAY of them failed again.
 */
int lam_trigger_redrive(struct lam_triggers *all, const struct lam_function *f,
	char *const *id, size_t n, size_t *stay, struct lam_error *e) LAM_MUST;

/*
 * Of a function on http: TEXT, a request that nobody waits for, is durable, and will be
 * run under the id that lam_trigger_next_id told before.  After an error T is to be
 * stepped, and fails.
 */
void lam_trigger_next_id(const struct lam_trigger *t, char id[LAM_REQUEST_ID_SIZE]);
int lam_trigger_enqueue(struct lam_trigger *t, struct lam_str text,
	struct lam_error *e) LAM_MUST;

/* A request was answered: the ledger has what that used. */
void lam_trigger_called(struct lam_trigger *t, const struct lam_attempt *a);

struct lam_trigger_counts {
	uint64_t events;  /* that were there */
	uint64_t batches; /* that were done */
	uint64_t dead;	  /* that were given up */
};
struct lam_trigger_counts lam_trigger_counts(const struct lam_trigger *t);

void lam_trigger_close(struct lam_trigger *t);

#endif
