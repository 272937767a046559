/*
 * signal.c - how a program stops on a signal
 *
 * The handler, which any thread may run, does what a handler may: it sets the flag, an
 * atomic that needs no lock, writes a line, raises the signal again.  It has no
 * SA_RESTART, because a wait for input is to be interrupted.
 *
 * A thread of the program may send another one the same signal to wake it from
 * a read (ingest/ingest.c): a signal of the process to itself is not a second
 * one.
 */
#include "cli/signal.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/progress.h"
#include "cli/pager.h"
#include "cli/progress.h"

static const struct {
	int number;
	const char *name;
} stops[] = { { SIGINT, "SIGINT" }, { SIGTERM, "SIGTERM" },
	{ SIGHUP, "SIGHUP" } };

#define STOPS (sizeof stops / sizeof *stops)

static const char *program = "lam";
static atomic_int stop;  /* the signal that came first */
static atomic_int again; /* how often settings are to be read again */
static atomic_bool at_once, held, reads;
static int null_fd = -1;  /* takes the place of standard input */
static char last_word[400]; /* WHAT */

/* Put the text S at LINE[N]; the length then. */
static size_t
put(char *line, size_t n, const char *s)
{
	memcpy(line + n, s, strlen(s));
	return n + strlen(s);
}

static size_t
put_progress(char *line, size_t n)
{
	char digits[21] = "";
	size_t at = sizeof digits - 1;
	uint64_t v = lam_progress.records;

	if (v == 0)
		return n;
	for (uint64_t rest = v; rest; rest /= 10)
		digits[--at] = (char)('0' + rest % 10);
	n = put(line, n, digits + at);
	return put(line, n, v == 1 ? " record was read: " :
		" records were read: ");
}

static void
say_last_word(int number)
{
	char line[sizeof last_word + 200];
	size_t n = put(line, 0, program);

	n = put(line, n, ": stopped by ");
	lam_cli_progress_clear();
	for (size_t i = 0; i < STOPS; i++)
		if (stops[i].number == number)
			n = put(line, n, stops[i].name);
	n = put(line, n, ": ");
	n = put_progress(line, n);
	n = put(line, n, last_word);
	n = put(line, n, "\n");
	if (write(STDERR_FILENO, line, n) < 0) {
		/* Nobody is left to tell. */
	}
}

static void
die(int number)
{
	signal(number, SIG_DFL);
	raise(number);
}

static void
on_stop(int number, siginfo_t *info, void *context)
{
	int none = 0;

	(void)context;
	if (info->si_code == SI_TKILL && info->si_pid == getpid())
		return;
	/* The kernel sends it for a terminal, people and their tools do not. */
	if (number == SIGHUP && reads && info->si_code != SI_KERNEL) {
		again++;
		return;
	}
	if (!atomic_compare_exchange_strong(&stop, &none, number)) {
		die(number);
		return;
	}
	if (at_once && !held) {
		say_last_word(number);
		lam_pager_finish();
		die(number);
	}
	if (null_fd >= 0)
		dup2(null_fd, STDIN_FILENO);
}

static void
install(void)
{
	struct sigaction a = { .sa_flags = SA_SIGINFO }, old;

	a.sa_sigaction = on_stop;
	sigemptyset(&a.sa_mask);
	for (size_t i = 0; i < STOPS; i++)
		sigaddset(&a.sa_mask, stops[i].number);
	for (size_t i = 0; i < STOPS; i++)
		if (!sigaction(stops[i].number, NULL, &old) &&
			((old.sa_flags & SA_SIGINFO) ||
				old.sa_handler != SIG_IGN))
			sigaction(stops[i].number, &a, NULL);
}

void
lam_cli_signals_init(const char *name)
{
	program = name;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

void
lam_cli_stop_at_once(const char *what)
{
	at_once = false;
	snprintf(last_word, sizeof last_word, "%s", what);
	at_once = true;
	install();
}

void
lam_cli_hold(bool hold)
{
	held = hold;
	if (!hold && at_once && stop) {
		say_last_word(stop);
		lam_pager_finish();
		lam_cli_stop_finish();
	}
}

const _Atomic int *
lam_cli_stop_when_asked(void)
{
	at_once = false;
	install();
	return &stop;
}

const _Atomic int *
lam_cli_stop_or_read(const _Atomic int **out)
{
	reads = true;
	*out = &again;
	return lam_cli_stop_when_asked();
}

const _Atomic int *
lam_cli_stop_ends_input(void)
{
	null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return lam_cli_stop_when_asked();
}

const char *
lam_cli_stopped(void)
{
	for (size_t i = 0; i < STOPS; i++)
		if (stops[i].number == stop)
			return stops[i].name;
	return NULL;
}

void
lam_cli_stop_signals(sigset_t *set)
{
	sigemptyset(set);
	for (size_t i = 0; i < STOPS; i++)
		sigaddset(set, stops[i].number);
}

void
lam_cli_stop_block(sigset_t *open)
{
	sigset_t block;

	lam_cli_stop_signals(&block);
	pthread_sigmask(SIG_BLOCK, &block, open);
	for (size_t i = 0; i < STOPS; i++)
		sigdelset(open, stops[i].number);
}

bool
lam_cli_await_input(void)
{
	struct pollfd p = { STDIN_FILENO, POLLIN, 0 };
	sigset_t open;

	lam_cli_stop_block(&open);
	while (!stop && ppoll(&p, 1, NULL, &open) < 0)
		;
	pthread_sigmask(SIG_SETMASK, &open, NULL);
	return !stop;
}

void
lam_cli_stop_finish(void)
{
	sigset_t only;

	if (!stop)
		return;
	sigemptyset(&only);
	sigaddset(&only, stop);
	signal(stop, SIG_DFL);
	pthread_sigmask(SIG_UNBLOCK, &only, NULL);
	raise(stop);
}
