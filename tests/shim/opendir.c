/*
 * opendir.c - a preloaded library that appends each directory which a program lists
 * to the file LAM_OPENDIR, one a line
 */
#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

DIR *
opendir(const char *path)
{
	DIR *(*real)(const char *) = (DIR *(*)(const char *))dlsym(RTLD_NEXT,
		"opendir");
	FILE *f = fopen(getenv("LAM_OPENDIR"), "a");

	if (!f)
		abort();
	fprintf(f, "%s\n", path);
	fclose(f);
	return real(path);
}
