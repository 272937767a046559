/*
 * meanwhile.c - what others do to a log while it is looked at
 *
 *	LAM_MEANWHILE_AT	N: just after the N-th look at a file, from 1
 *	LAM_MEANWHILE_OF	only at those with this in their path
 *	LAM_MEANWHILE_DO	a command for the shell, run once
 *
 * A look is statx(2) of a path or of a descriptor.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef int statx_fn(int, const char *restrict, int, unsigned,
	struct statx *restrict);

static int
concerns(int fd, const char *path, const char *of)
{
	char link[40], target[4096] = "";

	if (*path)
		return strstr(path, of) != NULL;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	return readlink(link, target, sizeof target - 1) > 0 &&
		strstr(target, of) != NULL;
}

int
statx(int fd, const char *restrict path, int flags, unsigned mask,
	struct statx *restrict st)
{
	static int looks;
	const char *at = getenv("LAM_MEANWHILE_AT");
	statx_fn *real;
	int rc;

	*(void **)&real = dlsym(RTLD_NEXT, "statx");
	rc = real(fd, path, flags, mask, st);
	if (at && concerns(fd, path, getenv("LAM_MEANWHILE_OF")) &&
		++looks == atoi(at)) {
		char *what = strdup(getenv("LAM_MEANWHILE_DO"));

		unsetenv("LD_PRELOAD");
		unsetenv("LAM_MEANWHILE_AT");
		if (!what || system(what))
			abort();
		free(what);
	}
	return rc;
}
