/*
 * environment.h - a process that takes one invocation after the other
 *
 * An environment is a sandbox in which a runtime runs: a program that asks the
 * Runtime API of AWS Lambda (version 2018-06-01) for events and posts its answers
 * there.  The clients that AWS publishes for Python, Node.js, Java, Go and Rust do
 * so, unmodified.  The API is on 127.0.0.1:9001 of the sandbox's own network; where
 * it has none, on a free port of the machine, behind a secret first part of the path.
 *
 *	lam_environment_open	the sandbox is being made
 *	lam_environment_invoke	at once; done() is called when it is answered
 *	...			again, while .state is IDLE
 *	lam_environment_close
 *
 * The deadline of an invocation begins when the runtime takes it, so that making
 * and initialising are not charged to it.  At the deadline we tell the keeper to kill;
 * should this process be held up, the keeper does it LAM_ENVIRONMENT_LATE later.
 * While there is nothing to do, it is frozen.
 * Whatever is not an answer or an error of the handler is the environment's end.
 */
#ifndef LAM_LAMBDA_ENVIRONMENT_H
#define LAM_LAMBDA_ENVIRONMENT_H

#include "http/server.h"
#include "sandbox/sandbox.h"

#define LAM_ENVIRONMENT_LATE INT64_C(1000000000) /* ns */

struct lam_environment_config {
	struct lam_launcher *launcher;
	struct lam_loop *loop;
	struct lam_sandbox_spec spec;
	const char *const *argv; /* the runtime's command */
	const char *const *env;	 /* NAME=VALUE of the function, to a NULL; or NULL */
	const char *name, *version; /* of the function */
	int log;		 /* its standard output and error; or -1 */
	int64_t init;		 /* ns until it asks for its first event; 0: any */
	bool hold;		 /* as lam_sandbox_run has it */
	size_t payload;		 /* bytes of an answer, at most */
	bool no_token;		 /* without a network of its own: no secret path */
};

enum lam_invoked {
	LAM_INVOKED,	     /* .body is the answer */
	LAM_INVOKED_ERROR,   /* of the handler: .body is its error object */
	LAM_INVOKED_TIMEOUT, /* the rest are ends; .body is an error object too */
	LAM_INVOKED_OOM,
	LAM_INVOKED_CRASH,
	LAM_INVOKED_INIT,
	LAM_INVOKED_LOST /* a warm one ended before it took it: to be made again */
};

struct lam_invocation_result {
	enum lam_invoked how;
	struct lam_str body; /* until done() returns */
	struct lam_str type; /* of the answer: its Content-Type; or empty */
	int64_t duration, init; /* ns; init: 0 for a warm one */
	int64_t cpu;	/* ns; told in steps: the sum is true */
	uint64_t memory; /* bytes: the most the environment had in use */
	unsigned tiers;
};

struct lam_invocation {
	const char *id;	     /* of the request; unique */
	struct lam_str event; /* JSON */
	int64_t timeout;     /* ns; 0: none */
	int (*done)(void *arg, const struct lam_invocation_result *r,
		struct lam_error *e);
	void *arg;
};

enum lam_environment_state {
	LAM_ENVIRONMENT_IDLE,
	LAM_ENVIRONMENT_BUSY, /* from invoke to done */
	LAM_ENVIRONMENT_ENDED
};

struct lam_environment {
	enum lam_environment_state state;
	const struct lam_environment_config *config;
	struct lam_sandbox sandbox;
	struct lam_loop_watch watch;
	struct lam_loop_timer idle; /* until it is frozen */
	struct lam_loop_timer end;  /* the deadline */
	struct lam_http_server api;
	struct lam_http_connection *next; /* the runtime waits for an event */
	char prefix[40];	 /* of the paths of the API: "" or "/SECRET" */
	const struct lam_invocation *now;
	bool asked, taken, answered, frozen;
	int64_t began, taken_at, deadline; /* as lam_clock_monotonic */
	int64_t kept; /* the deadline that the keeper knows of; 0: none */
	int64_t told_at; /* when the keeper said what was used: .cpu */
	int64_t cpu, cpu_told; /* ns; of it, what was in a result */
	struct lam_buf answer, type;
	struct lam_invocation_result result;
	uint64_t invocations;
};

/* CONFIG and what it points to must stay. */
int lam_environment_open(struct lam_environment *v,
	const struct lam_environment_config *config, struct lam_error *e) LAM_MUST;

/* I must stay until done() has been called. */
int lam_environment_invoke(struct lam_environment *v,
	const struct lam_invocation *i, struct lam_error *e) LAM_MUST;

/*
 * Not from within done().  A runtime that waits for an event is told to end, by
 * SIGTERM, and has LAM_SANDBOX_GRACE for it, which nobody waits for: its request stays
 * open until then, and so does LOG, where its log is read, or -1.
 */
void lam_environment_close(struct lam_environment *v, int log);

#endif
