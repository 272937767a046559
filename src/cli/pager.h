/*
 * pager.h - what is longer than a screen goes through a pager, as git has it
 *
 * The command is $LAM_PAGER, else $PAGER, else less; an empty one or "cat" is none.
 * Unless the environment says otherwise less gets FRX: it ends when all fits on the
 * screen, and leaves what was shown there.
 */
#ifndef LAM_CLI_PAGER_H
#define LAM_CLI_PAGER_H

/* If standard output is a terminal, a pager reads it from now on, and messages, too,
 * if they go to a terminal.  A pager that cannot be started is done without. */
void lam_pager_start(void);

/*
 * Nothing more comes: wait for the people who read.  A signal handler may call it.
 * Does nothing when there is no pager.
 */
void lam_pager_finish(void);

#endif
