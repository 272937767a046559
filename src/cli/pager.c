/*
 * pager.c - what is longer than a screen goes through a pager
 *
 * The pager is a child that reads a pipe; descriptors 1 and 2 become its other end.  It
 * ends when both are gone, so they are replaced before the wait: the first by
 * /dev/null, the second by what it was.
 */
#include "cli/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/terminal.h"

extern char **environ;

static struct {
	_Atomic pid_t pid;  /* 0: there is none */
	int null;	    /* /dev/null, open for writing */
	int stderr_was;	    /* -1: it was no terminal, and is what it was */
} pager = { 0, -1, -1 };

static const char *
command(void)
{
	static const char *const name[] = { "LAM_PAGER", "PAGER" };
	const char *v = NULL;

	for (size_t i = 0; i < 2 && !v; i++)
		v = getenv(name[i]);
	v = v ? v : "less";
	return *v && strcmp(v, "cat") != 0 ? v : NULL;
}

/* COMMAND, by a shell if it is more than a word, reads from FD; 0, or an errno. */
static int
start(const char *command, int fd, pid_t *pid)
{
	static char shell[] = "sh", c[] = "-c";
	bool word = !command[strcspn(command, " \t\"'\\$|&;<>()*?~`")];
	char *text = strdup(command);
	char *const one[] = { text, NULL }, *const all[] = { shell, c, text, NULL };
	posix_spawn_file_actions_t act;
	posix_spawnattr_t attr;
	sigset_t normal;
	int sys;

	sigemptyset(&normal);
	sigaddset(&normal, SIGPIPE);
	sigaddset(&normal, SIGXFSZ);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigdefault(&attr, &normal);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_init(&act);
	posix_spawn_file_actions_adddup2(&act, fd, STDIN_FILENO);
	sys = !text ? ENOMEM : posix_spawnp(pid, word ? text : shell, &act, &attr,
		word ? one : all, environ);
	posix_spawn_file_actions_destroy(&act);
	posix_spawnattr_destroy(&attr);
	free(text);
	return sys;
}

void
lam_pager_start(void)
{
	const char *run = lam_terminal_draws() && !pager.pid ? command() : NULL;
	int end[2], sys;
	pid_t pid;

	if (!run || pipe2(end, O_CLOEXEC))
		return;
	setenv("LESS", "FRX", 0);
	setenv("LV", "-c", 0);
	sys = start(run, end[0], &pid);
	close(end[0]);
	pager.null = sys ? -1 : open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (sys && sys != ENOENT)
		lam_cli_warn("%s: cannot start the pager: %s", run,
			strerror(sys));
	if (!sys) {
		if (isatty(STDERR_FILENO)) {
			pager.stderr_was = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
			dup2(end[1], STDERR_FILENO);
		}
		dup2(end[1], STDOUT_FILENO);
		pager.pid = pid;
	}
	close(end[1]);
}

void
lam_pager_finish(void)
{
	pid_t pid = atomic_exchange(&pager.pid, 0);

	if (!pid)
		return;
	dup2(pager.null, STDOUT_FILENO);
	if (pager.stderr_was >= 0)
		dup2(pager.stderr_was, STDERR_FILENO);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}
