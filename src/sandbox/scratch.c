/*
 * scratch.c - wiped flat
 *
 * A function may leave a tree that is deeper than any stack, or descriptor table.
 * So no walk goes down: of each directory in the root the files are removed, and
 * the directories are moved into the root.  That is repeated until nothing more
 * was moved.
 */
#include "sandbox/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/dir.h"
#include "base/io.h"

/* When process PID was started, in ticks since the machine was; 0: never. */
static unsigned long long
start_time(long pid)
{
	char path[64], text[1024];
	unsigned long long start = 0;
	const char *p;
	ssize_t n;
	int fd;

	snprintf(path, sizeof path, "/proc/%ld/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof text - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	p = strrchr(text, ')'); /* its name may hold anything */
	/* The 22nd field; the name is the second. */
	for (int i = 2; p != NULL && i < 22; i++)
		p = strchr(p + 1, ' ');
	if (p != NULL)
		start = strtoull(p, NULL, 10);
	return start;
}

int
lam_scratch_owner(char out[LAM_SCRATCH_NAME], struct lam_error *e)
{
	unsigned long long start = start_time((long)getpid());

	if (start == 0)
		return lam_fail(e, LAM_SYSTEM, "/proc/%ld/stat: no start time: "
			"is /proc mounted?", (long)getpid());
	snprintf(out, LAM_SCRATCH_NAME, "%ld.%llu", (long)getpid(), start);
	return LAM_OK;
}

int
lam_scratch_name(char out[LAM_SCRATCH_NAME], const char *owner, unsigned long n,
	struct lam_error *e)
{
	return lam_io_path(out, LAM_SCRATCH_NAME, e, "lam.%s.%lu", owner, n);
}

bool
lam_scratch_stale(const char *name)
{
	unsigned long long start;
	unsigned long n;
	long pid;
	int end = 0;

	if (sscanf(name, "lam.%ld.%llu.%lu%n", &pid, &start, &n, &end) != 3 ||
		name[end] != '\0')
		return false;
	return start_time(pid) != start;
}

static bool
is_dots(const char *name)
{
	return name[0] == '.' && (name[1] == '\0' ||
		(name[1] == '.' && name[2] == '\0'));
}

/* The next entry of D that is not gone by now and no file: a directory, which
 * is then open to its owner. */
static const char *
next_directory(DIR *d)
{
	struct dirent *entry;

	while ((entry = readdir(d)) != NULL) {
		if (is_dots(entry->d_name) ||
			unlinkat(dirfd(d), entry->d_name, 0) == 0 ||
			errno != EISDIR)
			continue;
		/* Else it cannot be opened, and stays. */
		(void)!fchmodat(dirfd(d), entry->d_name, 0700, 0);
		return entry->d_name;
	}
	return NULL;
}

static DIR *
open_directory(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
		O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (d == NULL && fd >= 0)
		close(fd);
	return d;
}

/* Move the directories in ROOT/NAME into ROOT, and remove it.  True: some
 * were moved. */
static bool
flatten(int root, const char *name, unsigned long *count)
{
	DIR *d = open_directory(root, name);
	const char *sub;
	bool moved = false;
	char fresh[32];

	if (d == NULL)
		return false;
	while ((sub = next_directory(d)) != NULL) {
		if (unlinkat(dirfd(d), sub, AT_REMOVEDIR) == 0)
			continue;
		do
			snprintf(fresh, sizeof fresh, "wiped.%lu", ++*count);
		while (renameat(dirfd(d), sub, root, fresh) < 0 &&
			(errno == ENOTEMPTY || errno == EEXIST ||
				errno == ENOTDIR));
		moved = moved || faccessat(root, fresh, F_OK, 0) == 0;
	}
	closedir(d);
	unlinkat(root, name, AT_REMOVEDIR);
	return moved;
}

void
lam_scratch_wipe(int fd)
{
	DIR *d = open_directory(fd, ".");
	unsigned long count = 0;
	const char *name;
	bool again = d != NULL;

	while (again) {
		again = false;
		rewinddir(d);
		while ((name = next_directory(d)) != NULL)
			if (flatten(fd, name, &count))
				again = true;
	}
	if (d != NULL)
		closedir(d);
}

void
lam_scratch_remove(const char *dir, const char *name)
{
	char path[LAM_PATH_MAX];
	int fd;

	if (lam_io_path(path, sizeof path, NULL, "%s/%s", dir, name))
		return;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return;
	lam_scratch_wipe(fd);
	close(fd);
	rmdir(path);
}

void
lam_scratch_sweep(const char *dir)
{
	struct lam_names names = LAM_NAMES_INIT;

	/* What cannot be listed now is swept another time. */
	if (!lam_io_list(dir, "", &names, NULL))
		for (size_t i = 0; i < names.n; i++)
			if (lam_scratch_stale(names.name[i]))
				lam_scratch_remove(dir, names.name[i]);
	lam_names_release(&names);
}
