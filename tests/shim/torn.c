/*
 * torn.c - preloaded: a directory listing that leaves a name out
 *
 * POSIX lets readdir miss a name that appears, or is renamed over, while the
 * directory is read.  LAM_HIDE is such a name, LAM_HIDE_AT says at which of the
 * times that it would be returned (1: the first) it is not.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

struct dirent *
readdir(DIR *d)
{
	static struct dirent *(*real)(DIR *);
	static long seen;
	const char *name = getenv("LAM_HIDE"), *at = getenv("LAM_HIDE_AT");
	struct dirent *e;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "readdir");
	do
		e = real(d);
	while (e && name && at && !strcmp(e->d_name, name) &&
		++seen == atol(at));
	return e;
}
