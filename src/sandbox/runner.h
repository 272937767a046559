/*
 * runner.h - the first process of a run, before it is the command
 *
 * It is forked ahead of its run, gets all of its restrictions, and waits.  The
 * run then costs no more than the execution of its command.
 */
#ifndef LAM_SANDBOX_RUNNER_H
#define LAM_SANDBOX_RUNNER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "sandbox/box.h"
#include "sandbox/wire.h"

#define LAM_RUNNER_HELD "lam-held" /* the name of one that waits for a debugger */

struct lam_runner {
	pid_t pid; /* 0: none */
	int go;	   /* packets to it, and its word back */
};

#define LAM_RUNNER_INIT { 0, -1 }

/* Fork it, and wait until it is restricted. */
int lam_runner_park(struct lam_runner *r, const struct lam_box *box,
	struct lam_error *e) LAM_MUST;

/* Pass on the packet of a run. */
int lam_runner_go(struct lam_runner *r, const struct lam_wire_packet *m,
	struct lam_error *e) LAM_MUST;

/* After its end: LAM_OK if it became the command, else E says why not. */
int lam_runner_word(struct lam_runner *r, struct lam_error *e) LAM_MUST;

void lam_runner_release(struct lam_runner *r);

#endif
