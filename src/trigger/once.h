/*
 * once.h - one attempt, waited for: of an event by hand, or of a dead letter
 */
#ifndef LAM_TRIGGER_ONCE_H
#define LAM_TRIGGER_ONCE_H

#include "trigger/trigger.h"

struct lam_once {
	struct lam_triggers *all;
	const struct lam_function *f;
	const char *source; /* the second part of its key */
	struct lam_journal *journal;
	bool raw; /* the text is the event of a lambda function as it is */
	struct lam_trigger_worker w; /* .attempt; its output is in .pipe */
	struct lam_task *task;
	bool ended;
	struct lam_loop_timer held; /* it waits for a debugger, or will */
};

/* O's first four are set; TASK is loaded.  *OK: it succeeded. */
int lam_once_run(struct lam_once *o, struct lam_task *task, bool *ok,
	struct lam_error *e) LAM_MUST;

/* What it wrote to standard output. */
struct lam_str lam_once_output(const struct lam_once *o);

void lam_once_release(struct lam_once *o);

/* The lines of FILE ("-": standard input); this waits for all of them.  *EVENT is to be
 * freed whatever comes. */
int lam_once_event(const char *file, struct lam_task **event, struct lam_error *e)
	LAM_MUST;

/* All of it, on EVENT; its output to OUT. */
int lam_once_invoke(struct lam_triggers *all, const struct lam_function *f,
	struct lam_journal *j, struct lam_task *event, struct lam_buf *out, bool *ok,
	struct lam_error *e) LAM_MUST;

#endif
