/*
 * signal.h - how a program stops on SIGINT, SIGTERM, SIGHUP
 *
 * It dies by that signal, so that its parent sees why it ended, but not in the
 * middle of an append or a line, and it says how far it got.  A second signal
 * kills it at once.  A signal that was ignored when the program was started
 * (nohup) stays ignored.
 *
 * Two kinds of programs:
 *
 *	lam_cli_stop_at_once	has nothing to put away: temporary files
 *				have no names, and what was written is
 *				worth nothing until it ends
 *	lam_cli_stop_when_asked	appends or publishes: it looks at a flag,
 *				comes to a clean end, tells, and
 *				lam_cli_finish raises the signal again
 */
#ifndef LAM_CLI_SIGNAL_H
#define LAM_CLI_SIGNAL_H

#include <signal.h>
#include <stdbool.h>

/*
 * "NAME: stopped by SIGTERM: 7 records were read: WHAT", then death; WHAT says what
 * is not there now.  May be called again with another WHAT.
 */
void lam_cli_stop_at_once(const char *what);

/*
 * From HOLD until its end with false a stop waits: a piece of output, or a
 * change of the dataset, is made whole.
 */
void lam_cli_hold(bool hold);

/* The flag, 0 until the program is to stop. */
const _Atomic int *lam_cli_stop_when_asked(void);

/*
 * The same, of a program that stays: SIGHUP asks it to read its settings again, and
 * counts in *AGAIN.  One that a terminal sends as it goes away still stops it.
 */
const _Atomic int *lam_cli_stop_or_read(const _Atomic int **again);

/* As lam_cli_stop_when_asked; and from then on standard input is at its end, which
 * ends a read that waits for more.  Of a program with one thread. */
const _Atomic int *lam_cli_stop_ends_input(void);

/* "SIGTERM", when that has come; else NULL. */
const char *lam_cli_stopped(void);

/* The signals that stop a program. */
void lam_cli_stop_signals(sigset_t *set);

/* Block the signals, so that they come only while the program waits with *OPEN
 * as its mask (ppoll). */
void lam_cli_stop_block(sigset_t *open);

/* Wait for the first byte or the end of standard input; false: to stop.  (An
 * input that is opened reads its header, and that cannot be interrupted.) */
bool lam_cli_await_input(void);

/* For lam_cli_parse: a broken pipe and a file size limit are errors of write(2),
 * not deaths. */
void lam_cli_signals_init(const char *program);

/* For lam_cli_finish: die by the signal that came; returns when none did. */
void lam_cli_stop_finish(void);

#endif
