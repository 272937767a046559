/*
 * scratch.h - directories that belong to one sandbox, and are wiped
 *
 * Their names tell whose they are, so that those of dead programs can be found:
 * lam.PID.START.N, START being when the process PID was started.
 */
#ifndef LAM_SANDBOX_SCRATCH_H
#define LAM_SANDBOX_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define LAM_SCRATCH_NAME 64

/* The name of the N-th sandbox of this process's child or of itself: OWNER. */
int lam_scratch_name(char out[LAM_SCRATCH_NAME], const char *owner,
	unsigned long n, struct lam_error *e) LAM_MUST;

/* "PID.START" of this process. */
int lam_scratch_owner(char out[LAM_SCRATCH_NAME], struct lam_error *e) LAM_MUST;

/* NAME is of a process that is no more. */
bool lam_scratch_stale(const char *name);

/*
 * Empty the directory FD, whatever is in it, as deep as it may be.  What cannot
 * be removed stays: mounts, and files of another user.
 */
void lam_scratch_wipe(int fd);

/* Wipe and remove DIR/NAME. */
void lam_scratch_remove(const char *dir, const char *name);

/* Remove the stale ones of DIR. */
void lam_scratch_sweep(const char *dir);

#endif
