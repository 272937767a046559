/*
 * landlock.h - which files a run may use, where the kernel has Landlock
 *
 * It reads and executes what the system is made of and what its box names; it
 * writes its scratch and a few devices; nothing else is there for it.  From ABI 4 on
 * it connects to no TCP port, from ABI 6 on it signals no process of outside.
 * Landlock does not see UDP, nor who connects to a socket that has a path.
 */
#ifndef LAM_SANDBOX_LANDLOCK_H
#define LAM_SANDBOX_LANDLOCK_H

#include "base/err.h"
#include "sandbox/box.h"

/* 0: there is none; errno says why. */
int lam_landlock_abi(void);

/* For this process and its children, for good. */
int lam_landlock_restrict(const struct lam_box *box, struct lam_error *e) LAM_MUST;

#endif
