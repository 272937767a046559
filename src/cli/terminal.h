/*
 * terminal.h - what is known of a terminal that output goes to
 */
#ifndef LAM_CLI_TERMINAL_H
#define LAM_CLI_TERMINAL_H

#include <stdbool.h>

#include "output/output.h"

/* The size of the terminal at FD; false: it is none, or does not tell. */
bool lam_terminal_size(int fd, unsigned *columns, unsigned *lines);

/* Does standard output go to a terminal that knows more than lines of text? */
bool lam_terminal_draws(void);

/* Is text UTF-8, as the locale says? */
bool lam_terminal_utf8(void);

/*
 * Can the terminal draw sixels?  It is asked (DA1: ESC [ c) by way of /dev/tty, and has
 * a quarter of a second to answer.  False without asking where it is none that draws.
 */
bool lam_terminal_sixel(void);

/* How people look at standard output, before a pager takes it (pager.h). */
struct lam_style lam_terminal_look(bool thousands);

/* --thousands and --no-header are refused with a form that knows no such thing,
 * exit 2. */
void lam_terminal_check(bool thousands, bool no_header, const char *form);

#endif
