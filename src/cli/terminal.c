/*
 * terminal.c - what is known of a terminal that output goes to
 */
#include "cli/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/cli.h"

bool
lam_terminal_size(int fd, unsigned *columns, unsigned *lines)
{
	struct winsize w = { 0 };

	if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &w) || !w.ws_col)
		return false;
	*columns = w.ws_col;
	*lines = w.ws_row;
	return true;
}

bool
lam_terminal_draws(void)
{
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb");
}

bool
lam_terminal_utf8(void)
{
	static const char *const name[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *v = NULL;

	for (size_t i = 0; i < 3 && (!v || !*v); i++)
		v = getenv(name[i]);
	return v && (strstr(v, "UTF-8") || strstr(v, "utf8") ||
		strstr(v, "UTF8") || strstr(v, "utf-8"));
}

struct lam_style
lam_terminal_look(bool thousands)
{
	struct lam_style look = { .thousands = thousands,
		.more = lam_terminal_utf8() ? "\xe2\x80\xa6" : "~" };
	unsigned lines;

	if (!lam_terminal_size(STDOUT_FILENO, &look.width, &lines))
		look.width = 0;
	return look;
}

void
lam_terminal_check(bool thousands, const char *form)
{
	static const char *const people[] = { "table", "vertical", "markdown",
		"html", NULL };
	bool found = false;

	for (size_t i = 0; people[i]; i++)
		found |= !strcmp(people[i], form);
	if (thousands && !found)
		lam_cli_usage("--thousands: goes with -o table, vertical, "
			"markdown and html only");
}
