/*
 * trigger.h - functions are run on what comes
 *
 * One thread: a loop waits for events, sandboxes and instants.  A function is asked
 * for its next *step* whenever something of it has happened.
 *
 *	lam_trigger_open (each function) -> lam_trigger_run -> lam_trigger_close
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
	uint64_t pool;	  /* bytes of memory for all sandboxes at once */
	const volatile int *stop;
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
 * Open N functions into T[N], of which *OPEN are then to be closed, whatever comes.
 * Those that are on http are served by .gateway instead, if .follow, at LISTEN.
 */
int lam_triggers_open(struct lam_triggers *all, const struct lam_function *f,
	size_t n, const char *listen, struct lam_trigger **t, size_t *open,
	struct lam_error *e) LAM_MUST;

/* Until nothing is due any more; with .follow, until *stop. */
int lam_triggers_run(struct lam_triggers *all, struct lam_trigger **t, size_t n,
	struct lam_error *e) LAM_MUST;

/*
 * Try a dead letter again, as a batch of its own; then it is gone.  *DONE false: it
 * failed again, and stays.
 */
int lam_trigger_redrive(struct lam_trigger *t, const char *id, bool *done,
	struct lam_error *e) LAM_MUST;

struct lam_trigger_counts {
	uint64_t events;  /* that were there */
	uint64_t batches; /* that were done */
	uint64_t dead;	  /* that were given up */
};
struct lam_trigger_counts lam_trigger_counts(const struct lam_trigger *t);

void lam_trigger_close(struct lam_trigger *t);

#endif
