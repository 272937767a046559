/*
 * tree.c - /proc/PID/task/TID/children, from here down
 *
 * The list is the work list too: the children of its members are added behind
 * them, and a process that goes meanwhile has none.
 */
#include "sandbox/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"

#define PIDS(list) ((list)->n / sizeof(pid_t))

static pid_t
pid_at(const struct lam_buf *list, size_t i)
{
	pid_t pid;

	memcpy(&pid, list->p + i * sizeof pid, sizeof pid);
	return pid;
}

static void
read_whole(const char *path, struct lam_buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = 1;

	lam_buf_clear(out);
	while (fd >= 0 && n > 0 && lam_buf_room(out, 4096)) {
		n = read(fd, out->p + out->n, 4096);
		out->n += n > 0 ? (size_t)n : 0;
	}
	if (fd >= 0)
		close(fd);
}

static void
add_children(pid_t pid, struct lam_buf *list, struct lam_buf *text)
{
	char path[300];
	struct dirent *task;
	DIR *d;

	snprintf(path, sizeof path, "/proc/%ld/task", (long)pid);
	d = opendir(path);
	while (d != NULL && (task = readdir(d)) != NULL) {
		if (task->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "/proc/%ld/task/%s/children",
			(long)pid, task->d_name);
		read_whole(path, text);
		for (char *p = text->n ? text->p : NULL, *end; p != NULL;
			p = end) {
			pid_t child;

			lam_buf_str(text); /* a NUL ends the last number */
			child = (pid_t)strtol(p, &end, 10);
			if (end == p)
				break;
			lam_buf_put(list, &child, sizeof child);
		}
	}
	if (d != NULL)
		closedir(d);
}

/* Those below FROM; what memory is out for is not listed. */
static void
descend(pid_t from, struct lam_buf *list)
{
	struct lam_buf text = LAM_BUF_INIT;

	add_children(from, list, &text);
	for (size_t i = 0; i < PIDS(list); i++)
		add_children(pid_at(list, i), list, &text);
	lam_buf_release(&text);
}

void
lam_tree_signal(int number)
{
	struct lam_buf list = LAM_BUF_INIT;

	descend(getpid(), &list);
	for (size_t i = 0; i < PIDS(&list); i++)
		kill(pid_at(&list, i), number);
	lam_buf_release(&list);
}

pid_t
lam_tree_find(pid_t from, const char *name)
{
	struct lam_buf list = LAM_BUF_INIT, status = LAM_BUF_INIT;
	char path[64], line[64];
	pid_t found = 0;

	snprintf(line, sizeof line, "Name:\t%s\n", name);
	descend(from, &list);
	for (size_t i = 0; !found && i < PIDS(&list); i++) {
		snprintf(path, sizeof path, "/proc/%ld/status",
			(long)pid_at(&list, i));
		read_whole(path, &status);
		if (!strncmp(lam_buf_str(&status), line, strlen(line)))
			found = pid_at(&list, i);
	}
	lam_buf_release(&status);
	lam_buf_release(&list);
	return found;
}

/* The figure of "NAME:   12 kB" in bytes; 0: there is none. */
static uint64_t
kilobytes(struct lam_buf *status, const char *name)
{
	const char *p = strstr(lam_buf_str(status), name);

	return p == NULL ? 0 : strtoull(p + strlen(name), NULL, 10) * 1024;
}

void
lam_tree_usage(struct lam_tree_usage *u)
{
	struct lam_buf list = LAM_BUF_INIT, status = LAM_BUF_INIT;
	struct timespec t;
	clockid_t clock;
	char path[64];

	memset(u, 0, sizeof *u);
	descend(getpid(), &list);
	for (size_t i = 0; i < PIDS(&list); i++) {
		pid_t pid = pid_at(&list, i);
		uint64_t peak;

		snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
		read_whole(path, &status);
		u->held += kilobytes(&status, "\nRssAnon:") +
			kilobytes(&status, "\nRssShmem:");
		peak = kilobytes(&status, "\nVmHWM:");
		u->peak = peak > u->peak ? peak : u->peak;
		if (clock_getcpuclockid(pid, &clock) == 0 &&
			clock_gettime(clock, &t) == 0)
			u->cpu += t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
	}
	lam_buf_release(&status);
	lam_buf_release(&list);
}
