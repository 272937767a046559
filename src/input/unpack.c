/*
 * unpack.c - files that other programs unpack: zstd, xz, bzip2, lz4
 *
 * Told by their first bytes: RFC 8878, 3.1.1; the specifications of the .xz and LZ4
 * frame formats, 2.1.1.1 and "General structure"; of bzip2 the head of a block or of an
 * empty file must follow, as foreign.c has it.
 */
#include "input/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static const struct {
	const char *bytes;
	size_t n;
	const char *program;
} packed[] = {
	{ "\x28\xb5\x2f\xfd", 4, "zstd" },
	{ "\xfd" "7zXZ", 6, "xz" }, /* with its NUL */
	{ "BZh", 3, "bzip2" },
	{ "\x04\x22\x4d\x18", 4, "lz4" },
};

const char *
lam_unpack_program(const char *p, size_t n)
{
	for (size_t i = 0; i < sizeof packed / sizeof *packed; i++) {
		if (n < packed[i].n || memcmp(p, packed[i].bytes, packed[i].n))
			continue;
		if (*packed[i].bytes == 'B' && (n < LAM_UNPACK_HEAD ||
			(memcmp(p + 4, "1AY&SY", 6) &&
			memcmp(p + 4, "\x17rE8P\x90", 6))))
			continue;
		return packed[i].program;
	}
	return NULL;
}

/* With FD as its input and OUT as its output; its messages are ours to tell. */
static int
spawn(struct lam_unpack *u, int fd, int out)
{
	char name[16], option[] = "-dc";
	char *argv[] = { name, option, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	sigset_t none;
	int why;

	memcpy(name, u->program, strlen(u->program) + 1);
	sigemptyset(&none);
	if (posix_spawn_file_actions_init(&files))
		return ENOMEM;
	if (posix_spawnattr_init(&how)) {
		posix_spawn_file_actions_destroy(&files);
		return ENOMEM;
	}
	why = posix_spawn_file_actions_adddup2(&files, fd, STDIN_FILENO);
	if (!why)
		why = posix_spawn_file_actions_adddup2(&files, out,
			STDOUT_FILENO);
	if (!why)
		why = posix_spawn_file_actions_addopen(&files, STDERR_FILENO,
			"/dev/null", O_WRONLY, 0);
	/* SIGPIPE, which we ignore, ends it when we want no more. */
	sigaddset(&none, SIGPIPE);
	(void)posix_spawnattr_setsigdefault(&how, &none);
	sigemptyset(&none);
	(void)posix_spawnattr_setsigmask(&how, &none);
	(void)posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGDEF |
		POSIX_SPAWN_SETSIGMASK);
	if (!why)
		why = posix_spawnp(&u->pid, name, &files, &how, argv, environ);
	posix_spawnattr_destroy(&how);
	posix_spawn_file_actions_destroy(&files);
	return why;
}

int
lam_unpack_start(struct lam_unpack *u, int fd, int *pipe, struct lam_error *e)
{
	char head[LAM_UNPACK_HEAD];
	ssize_t n = pread(fd, head, sizeof head, 0);
	int ends[2], why;

	*pipe = -1;
	*u = (struct lam_unpack){ 0, n > 0 ?
		lam_unpack_program(head, (size_t)n) : NULL };
	if (!u->program)
		return LAM_OK;
	if (pipe2(ends, O_CLOEXEC))
		return lam_fail_sys(e, "cannot make a pipe");
	why = spawn(u, fd, ends[1]);
	close(ends[1]);
	if (!why) {
		*pipe = ends[0];
		return LAM_OK;
	}
	close(ends[0]);
	u->pid = 0;
	if (why == ENOENT) /* the message says what to do */
		return LAM_OK;
	errno = why;
	return lam_fail_sys(e, "cannot run %s", u->program);
}

static int
reap(struct lam_unpack *u)
{
	int status = 0;

	while (u->pid && waitpid(u->pid, &status, 0) < 0 && errno == EINTR)
		;
	u->pid = 0;
	return status;
}

int
lam_unpack_end(struct lam_unpack *u, const char *path, struct lam_error *e)
{
	if (!reap(u))
		return LAM_OK;
	return lam_fail(e, LAM_DATA, "%s: %s could not unpack all of it: the file "
		"is truncated or corrupt", path, u->program);
}

void
lam_unpack_stop(struct lam_unpack *u)
{
	(void)reap(u);
}
