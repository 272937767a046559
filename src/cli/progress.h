/*
 * progress.h - show how far the work has come
 *
 *	lam-ingest: access: 1250000 records, 301.2 MB of 1204.9 MB,
 *	410000 records/s, 98.8 MB/s (25 %), 9 s left
 *
 * This is one line.  SIGUSR1 asks for it, at any time.  It also comes each second,
 * from the first on, when standard error is a terminal, where it is drawn in
 * place, or when --progress was given.  Where nobody looks there is no thread and
 * no timer.  Rates are means since the program began.
 */
#ifndef LAM_CLI_PROGRESS_H
#define LAM_CLI_PROGRESS_H

#include <stdbool.h>

/* --progress */
extern bool lam_cli_progress;

/* For lam_cli_parse: answer SIGUSR1 from now on. */
void lam_cli_progress_init(const char *program);

/*
 * The work begins.  WHAT names it, stays, and may be another one later.  AGAIN:
 * a line each second, if that is wanted.
 */
void lam_cli_progress_begin(const char *what, bool again);

/* Take the line off the terminal before anything else is written there.  A
 * signal handler may call it. */
void lam_cli_progress_clear(void);

/* No line from now on but on SIGUSR1: the work is done, or rows go to the
 * terminal. */
void lam_cli_progress_end(void);

#endif
