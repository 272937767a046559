/*
 * worker.h - a sandbox in which attempts of a function run, one after the other
 *
 * An attempt reads its batch on standard input, and writes its output, its log and
 * what failed to descriptors 1, 2 and 3.  A lambda function is a process that stays
 * (lambda/environment.h): its attempts are invocations; it is started when there is
 * one, and anew when it has ended or its code has changed.
 *
 *	lam_worker_open -> .ready -> { lam_worker_start -> .done }* -> _close
 *
 * A worker that fails calls done, too, if an attempt was running, else ready; then
 * .failed is set, and it can only be closed.  Callbacks come from the loop.  None
 * of them may close the worker.
 */
#ifndef LAM_TRIGGER_WORKER_H
#define LAM_TRIGGER_WORKER_H

#include "base/bytes.h"
#include "base/loop.h"
#include "sandbox/sandbox.h"
#include "trigger/function.h"

#define LAM_OUTPUT_MAX ((size_t)64 << 20) /* bytes of one attempt's output */
#define LAM_LOG_TAIL 4096		  /* of its log, kept for a dead letter */

struct lam_attempt {
	enum lam_sandbox_how how;
	int status;
	bool flooded;	 /* more output than LAM_OUTPUT_MAX: it was killed */
	bool cut;	 /* lam_worker_end: unless it has still ended well it is none */
	bool refused;	 /* its target cannot have its output: .message */
	int64_t when;	 /* it began, ns since 1970 */
	int64_t took, cpu; /* ns */
	int64_t init;	 /* ns that a runtime needed before; 0: it was warm */
	uint64_t memory;
	unsigned tiers;
	char message[200];
};

struct lam_worker_pipe {
	struct lam_trigger_worker *worker;
	struct lam_loop_watch watch;
	int fd; /* -1: closed */
	struct lam_buf got;
};

enum { LAM_PIPE_OUTPUT, LAM_PIPE_LOG, LAM_PIPE_FAILED, LAM_PIPES };

struct lam_trigger_worker {
	struct lam_loop *loop;
	struct lam_sandbox box;
	struct lam_loop_watch watch;
	bool made, running, failed;
	struct lam_worker_pipe pipe[LAM_PIPES];
	struct lam_buf tail; /* of the log */
	struct lam_buf path; /* PATH of what runs */
	size_t logged;	     /* bytes of the log of this attempt */
	struct lam_attempt attempt;
	int64_t start;

	/* The owner's, set before lam_worker_open: */
	int (*ready)(struct lam_trigger_worker *w, struct lam_error *e);
	int (*done)(struct lam_trigger_worker *w, struct lam_error *e);
	void (*log)(struct lam_trigger_worker *w, struct lam_str line); /* at once */
	void *owner, *job;
	int64_t used; /* last, as lam_clock_monotonic */

	/* Of a lambda function, set before lam_worker_start: the event in AWS's
	 * shape, and the id of the request. */
	struct lam_buf event;
	char id[40];
	struct lam_worker_lambda *lambda; /* its own; NULL: a filter */
};

/* W is in one place until it is closed; its owner's fields are set. */
int lam_worker_open(struct lam_trigger_worker *w, struct lam_loop *loop,
	struct lam_launcher *l, const struct lam_function *f, const char *path,
	struct lam_error *e) LAM_MUST;

/* Run F's command over INPUT, a file that is read from its start, with ENV. */
int lam_worker_start(struct lam_trigger_worker *w, const struct lam_function *f,
	int input, const char *const *env, struct lam_error *e) LAM_MUST;

/* The attempt that runs, if any, is told to end by SIGTERM, and has LAM_SANDBOX_GRACE
 * for it; .attempt.cut is set, and done is called. */
void lam_worker_end(struct lam_trigger_worker *w);

void lam_worker_close(struct lam_trigger_worker *w);

/* It exited well, but INTO cannot have its output, WHY: it has failed. */
void lam_attempt_refuse(struct lam_attempt *a, const char *into, const char *why);

/* "ok", "error", "timeout", "oom" or "rejected": how an attempt ended. */
const char *lam_attempt_word(const struct lam_attempt *a);
/* It was told to end, and did not do so well: it does not count. */
bool lam_attempt_is_cut(const struct lam_attempt *a);
/* The same for people: "exit status 3", "killed by signal 11". */
void lam_attempt_tell(const struct lam_attempt *a, char *out, size_t size);

#endif
