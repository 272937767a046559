/*
 * seccomp.h - system calls that a run is refused
 *
 * A list of what only an attack needs: an allow list would break languages with
 * their next release.  What is refused fails with EPERM, as it does for any
 * user without rights, so that programs take the other way they have.
 */
#ifndef LAM_SANDBOX_SECCOMP_H
#define LAM_SANDBOX_SECCOMP_H

#include <stdbool.h>

#include "base/err.h"

/* The kernel has filters, and this processor is one that the list is for. */
bool lam_seccomp_there(void);

/* For this process and its children, for good.  TCP_ONLY: of the internet's
 * sockets only those that Landlock sees. */
int lam_seccomp_restrict(bool tcp_only, struct lam_error *e) LAM_MUST;

#endif
