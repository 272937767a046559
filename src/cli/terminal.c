/*
 * terminal.c - what is known of a terminal that output goes to
 */
#include "cli/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/name.h"
#include "cli/cli.h"
#include "cli/signal.h"
#include "time/time.h"

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

/* The answer to DA1 that comes on FD: does it have feature 4?  ESC [ ? 6 2 ; 4 c */
static bool
answer(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };
	int64_t end = lam_clock_monotonic() + LAM_NS / 4;
	char text[200];
	size_t n = 0;

	while (n < sizeof text && lam_clock_monotonic() < end) {
		ssize_t got;

		if (poll(&p, 1, (int)((end - lam_clock_monotonic()) / 1000000)) < 1)
			break;
		got = read(fd, text + n, sizeof text - n);
		if (got <= 0)
			break;
		n += (size_t)got;
		if (memchr(text, 'c', n))
			break;
	}
	for (size_t i = 0; i + 2 < n; i++)
		if (text[i] == ';' && text[i + 1] == '4' &&
			(text[i + 2] == ';' || text[i + 2] == 'c'))
			return true;
	return false;
}

bool
lam_terminal_sixel(void)
{
	int fd = lam_terminal_draws() ? open("/dev/tty", O_RDWR | O_CLOEXEC |
		O_NOCTTY) : -1;
	struct termios was, raw;
	sigset_t stops, old;
	bool can = false;

	if (fd < 0)
		return false;
	/* Who is in the background may not change it, and stops would leave it raw. */
	if (tcgetpgrp(fd) == getpgrp() && !tcgetattr(fd, &was)) {
		lam_cli_stop_signals(&stops);
		pthread_sigmask(SIG_BLOCK, &stops, &old);
		raw = was;
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		if (!tcsetattr(fd, TCSANOW, &raw) && write(fd, "\033[c", 3) == 3)
			can = answer(fd);
		tcsetattr(fd, TCSANOW, &was);
		pthread_sigmask(SIG_SETMASK, &old, NULL);
	}
	close(fd);
	return can;
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

/* FORM is one of NAMES, or OPTION does not go with it. */
static void
check_form(const char *option, const char *form, const char *(*names)(size_t))
{
	const char *name;
	char all[200];

	for (size_t i = 0; (name = names(i)); i++)
		if (!strcmp(name, form))
			return;
	lam_name_list(all, sizeof all, names, " and ");
	lam_cli_usage("%s: goes with -o %s only", option, all);
}

void
lam_terminal_check(bool thousands, bool no_header, const char *form)
{
	if (thousands)
		check_form("--thousands", form, lam_output_people_name);
	if (no_header)
		check_form("--no-header", form, lam_output_headed_name);
}
