/*
 * keeper.h - the process that keeps one sandbox
 *
 * It is the parent of its runs and the reaper of their orphans, so it knows when
 * a tree has ended and what it used, and it is what kills it.
 */
#ifndef LAM_SANDBOX_KEEPER_H
#define LAM_SANDBOX_KEEPER_H

#include "sandbox/box.h"

/* Serve the sandbox at the other end of CONTROL until that is closed. */
_Noreturn void lam_keeper(struct lam_box *box, int control);

#endif
