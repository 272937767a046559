/*
 * sandbox.h - programs run where they can do no harm, and are measured
 *
 * A *launcher* is a small process that the program starts while it is small
 * itself: what it forks is cheap, and a peak of memory that is inherited from it
 * says nothing false.  It makes *sandboxes*.  In a sandbox one *run* after the
 * other takes place: a command with its descriptors.  A run begins with no process
 * of the run before, and with empty scratch; it ends when its first process ends,
 * when its deadline has come, or when it is killed, and then its whole tree is
 * dead, daemons included.
 *
 *	lam_launcher_start		first thing in main, before any thread
 *	lam_launcher_spawn		a sandbox, which is being made
 *	lam_sandbox_run			a command, at once or when it is made
 *	... s.fd is readable ...
 *	lam_sandbox_reap		what happened; a run again, or:
 *	lam_sandbox_close		the tree is killed, unless it is ending; the
 *					scratch is wiped
 *
 * All calls only send or take a message: none waits for a process.  The sandboxes
 * of a program that dies, however it dies, are ended by their keepers.
 *
 * Isolation comes in tiers.  Which of them a machine gives is found by doing, once,
 * and told; a sandbox has the ones that it asks for and that are there.
 */
#ifndef LAM_SANDBOX_SANDBOX_H
#define LAM_SANDBOX_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "sandbox/probe.h"
#include "sandbox/tier.h"

struct lam_launcher {
	int fd; /* -1: not started */
	pid_t pid;
	unsigned tiers; /* LAM_TIER_*: what this machine gives */
	char table[LAM_PROBE_TABLE]; /* a line each: is it there, why not */
};

#define LAM_LAUNCHER_INIT { -1, 0, 0, "" }

/*
 * SCRATCH: the directory in which sandboxes have their scratch directories, such
 * as $TMPDIR.  What sandboxes of programs that were killed left there is removed.
 * DENY: tiers that are taken as not there, for tests.
 */
int lam_launcher_start(struct lam_launcher *l, const char *scratch,
	unsigned deny, struct lam_error *e) LAM_MUST;

/* A process of its sandboxes that waits for a debugger; 0: none does. */
pid_t lam_launcher_held(const struct lam_launcher *l);

/* What is open is closed first by its owner. */
void lam_launcher_stop(struct lam_launcher *l);

/* What a sandbox is; texts are the caller's, until the call returns. */
struct lam_sandbox_spec {
	const char *dir;  /* working directory, readable; absolute */
	const char *path; /* PATH of its runs; what is there is readable */
	const char *const *readable; /* other absolute paths, to a NULL; or NULL */
	/* Other absolute paths, of directories that are seen together at /opt where
	 * LAM_TIER_NS is in force, a later one over those before it; or NULL. */
	const char *const *layers;
	uint64_t memory;  /* bytes; 0: as much as there is */
	uint64_t scratch; /* bytes of a file, and of its TMPDIR where LAM_TIER_NS is in
			   * force; 0: any */
	unsigned tiers;	  /* wanted, if there */
	bool quota;	  /* CPU: no more than its share, even when idle */
	bool net;	  /* it sees the network of the machine */
	bool api;	  /* with LAM_TIER_NET: listens on 127.0.0.1:9001 within */
	uint16_t port;	  /* without: the port that it may connect to; 0: none */
};

/* What a run that is told to end has for it: what AWS Lambda gives a runtime. */
#define LAM_SANDBOX_GRACE INT64_C(500000000) /* ns */

struct lam_sandbox {
	int fd; /* for epoll: readable when there is something to reap */
};

#define LAM_SANDBOX_INIT { -1 }

/* LAM_SYSTEM: the launcher is gone; the texts are too long; no descriptors. */
int lam_launcher_spawn(struct lam_launcher *l,
	const struct lam_sandbox_spec *spec, struct lam_sandbox *s,
	struct lam_error *e) LAM_MUST;

struct lam_sandbox_run {
	const char *const *argv; /* to a NULL; found in the spec's path */
	const char *const *env;	 /* NAME=VALUE to a NULL: all but PATH, TMPDIR */
	int fd[4];		 /* -1: /dev/null; the last one: closed */
	int64_t deadline;	 /* ns of CLOCK_MONOTONIC; 0: none */
	bool hold; /* before it is its command it waits for a debugger, or SIGCONT */
};

/* The descriptors stay the caller's; it may close them at once. */
int lam_sandbox_run(struct lam_sandbox *s, const struct lam_sandbox_run *run,
	struct lam_error *e) LAM_MUST;

enum lam_sandbox_kind {
	LAM_SANDBOX_NOTHING, /* not yet */
	LAM_SANDBOX_MADE,    /* .tiers, .listener */
	LAM_SANDBOX_ENDED,   /* a run: .how, .status, .cpu, .memory */
	LAM_SANDBOX_USED,    /* lam_sandbox_ask: .cpu, .memory */
	LAM_SANDBOX_FAILED   /* it is no more; .message says why */
};

enum lam_sandbox_how {
	LAM_RUN_EXIT,	 /* .status: its exit status */
	LAM_RUN_SIGNAL,	 /* .status: the signal that it died by */
	LAM_RUN_TIMEOUT, /* the deadline came first */
	LAM_RUN_OOM,	 /* it needed more memory than it has */
	LAM_RUN_KILLED,	 /* lam_sandbox_kill */
	LAM_RUN_NEVER	 /* it could not be executed: .message */
};

struct lam_sandbox_report {
	enum lam_sandbox_kind kind;
	enum lam_sandbox_how how;
	int status;
	int64_t cpu;	 /* ns, all processes of the run */
	uint64_t memory; /* bytes: the most it had in use */
	unsigned tiers;	 /* in force */
	int listener;	 /* of the Runtime API; the caller's now; or -1 */
	char message[200];
};

/* The next thing that happened; NOTHING when nothing did. */
int lam_sandbox_reap(struct lam_sandbox *s, struct lam_sandbox_report *r,
	struct lam_error *e) LAM_MUST;

/* Orders, of which only their effects are heard; one to a sandbox that has
 * just ended does nothing. */
void lam_sandbox_deadline(struct lam_sandbox *s, int64_t deadline);
void lam_sandbox_kill(struct lam_sandbox *s);
/*
 * SIGTERM to all processes of the run; what is left of it after GRACE ns is killed, as
 * by lam_sandbox_kill.  KEEP[N] stay open until then, N at most 4.  The sandbox may be
 * closed at once: its run then ends on its own.
 */
void lam_sandbox_end(struct lam_sandbox *s, int64_t grace, const int *keep, size_t n);
void lam_sandbox_freeze(struct lam_sandbox *s, bool freeze);
void lam_sandbox_quota(struct lam_sandbox *s, bool on); /* of spec.quota */
/* What the run has used by now: LAM_SANDBOX_USED comes. */
void lam_sandbox_ask(struct lam_sandbox *s);

void lam_sandbox_close(struct lam_sandbox *s);

#endif
