/*
 * cgroup_find.c - which hierarchies there are, and where this process is in them
 *
 *	/proc/self/cgroup	4:memory:/a/b		the group, from the root
 *				0::/c			version 2
 *	/proc/self/mountinfo	35 31 0:32 /a /sys/fs/cgroup/memory rw - cgroup
 *				cgroup rw,memory	where /a is mounted
 *
 * The group is then /sys/fs/cgroup/memory/b.
 */
#include "sandbox/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/escape.h"
#include "sandbox/scratch.h"
#include "sandbox/tier.h"

static const struct {
	const char *controller; /* "": version 2 */
	unsigned tiers;
} hierarchies[LAM_CGROUPS] = {
	[LAM_CGROUP_V2] = { "", LAM_TIER_FREEZE },
	[LAM_CGROUP_MEMORY] = { "memory", LAM_TIER_MEMORY },
	[LAM_CGROUP_CPU] = { "cpu", LAM_TIER_CPU },
	[LAM_CGROUP_PIDS] = { "pids", LAM_TIER_PIDS },
	[LAM_CGROUP_FREEZER] = { "freezer", LAM_TIER_FREEZE }
};

/* WORD is one of the LIST, between commas or blanks. */
static bool
lists(struct lam_str list, const char *word)
{
	struct lam_str item, part;

	while (lam_str_cut(&list, ',', &item))
		while (lam_str_cut(&item, ' ', &part))
			if (lam_str_is(part, word))
				return true;
	return false;
}

static bool
is_hierarchy(struct lam_str controllers, int i)
{
	return i == LAM_CGROUP_V2 ? controllers.n == 0 :
		lists(controllers, hierarchies[i].controller);
}

/* The group of this process from the root of hierarchy I. */
static bool
own_group(struct lam_str text, int i, struct lam_str *group)
{
	struct lam_str line, number, controllers;

	while (lam_str_cut(&text, '\n', &line))
		if (lam_str_cut(&line, ':', &number) &&
			lam_str_cut(&line, ':', &controllers) &&
			is_hierarchy(controllers, i)) {
			*group = line;
			return true;
		}
	return false;
}

/* Where hierarchy I is mounted, and which of its groups. */
static bool
mount_of(struct lam_str text, int i, struct lam_str *root, struct lam_str *where)
{
	struct lam_str line, field, options;
	bool is;

	while (lam_str_cut(&text, '\n', &line)) {
		for (int k = 0; k < 3; k++)
			lam_str_cut(&line, ' ', &field);
		lam_str_cut(&line, ' ', root);
		lam_str_cut(&line, ' ', where);
		do
			is = lam_str_cut(&line, ' ', &field);
		while (is && !lam_str_is(field, "-"));
		if (!is || !lam_str_cut(&line, ' ', &field))
			continue;
		is = lam_str_is(field, i == LAM_CGROUP_V2 ? "cgroup2" : "cgroup");
		lam_str_cut(&line, ' ', &field);
		options = line;
		if (is && (i == LAM_CGROUP_V2 ||
			lists(options, hierarchies[i].controller)))
			return true;
	}
	return false;
}

static bool
find_path(struct lam_str groups, struct lam_str mounts, int i,
	char path[LAM_PATH_MAX])
{
	struct lam_str group, root, where;

	if (!own_group(groups, i, &group) || !mount_of(mounts, i, &root, &where))
		return false;
	if (root.n > 1 && group.n >= root.n && !memcmp(group.p, root.p, root.n)) {
		group.p += root.n;
		group.n -= root.n;
	}
	if (group.n == 1) /* "/" */
		group.n = 0;
	return !lam_io_path(path, LAM_PATH_MAX, NULL, "%.*s%.*s", (int)where.n,
		where.p, (int)group.n, group.p);
}

static int
try(const char *path, const char *name)
{
	char group[LAM_PATH_MAX];

	if (lam_io_path(group, sizeof group, NULL, "%s/%s", path, name))
		return -1;
	return mkdir(group, 0755) < 0 ? -1 : rmdir(group);
}

static int
put(const char *path, const char *file, const char *text)
{
	char name[LAM_PATH_MAX];
	int fd, rc;

	if (lam_io_path(name, sizeof name, NULL, "%s/%s", path, file))
		return -1;
	fd = open(name, O_WRONLY | O_CLOEXEC);
	rc = fd < 0 ? -1 : write(fd, text, strlen(text)) < 0 ? -1 : 0;
	if (fd >= 0)
		close(fd);
	return rc;
}

/* This process and its parent into the group OWN below PATH. */
static void
move_down(const char *path, const char *own)
{
	char group[LAM_PATH_MAX], pid[32];

	if (lam_io_path(group, sizeof group, NULL, "%s/%s", path, own) ||
		(mkdir(group, 0755) < 0 && errno != EEXIST))
		return;
	snprintf(pid, sizeof pid, "%ld", (long)getppid());
	if (put(group, "cgroup.procs", pid) < 0 ||
		put(group, "cgroup.procs", "0") < 0)
		rmdir(group); /* it stays, if one of them is in it */
}

/* The controllers that groups below PATH can have. */
static unsigned
enable_v2(const char *path, const char *own)
{
	char file[LAM_PATH_MAX], word[32];
	struct lam_buf text = LAM_BUF_INIT;
	unsigned tiers = 0;

	if (lam_io_path(file, sizeof file, NULL, "%s/cgroup.controllers", path) ||
		lam_io_slurp(file, 4096, &text, NULL)) {
		lam_buf_release(&text);
		return 0;
	}
	if (text.n > 0 && text.p[text.n - 1] == '\n')
		text.n--;
	for (int i = LAM_CGROUP_MEMORY; i < LAM_CGROUP_FREEZER; i++) {
		const char *name = hierarchies[i].controller;

		if (!lists((struct lam_str){ text.p, text.n }, name))
			continue;
		snprintf(word, sizeof word, "+%s", name);
		if (put(path, "cgroup.subtree_control", word) < 0 &&
			errno == EBUSY)
			move_down(path, own);
		if (put(path, "cgroup.subtree_control", word) == 0)
			tiers |= hierarchies[i].tiers;
	}
	lam_buf_release(&text);
	return tiers;
}

static bool
can_kill_v2(const char *path, const char *name)
{
	char file[LAM_PATH_MAX], group[LAM_PATH_MAX];
	bool is;

	if (lam_io_path(group, sizeof group, NULL, "%s/%s", path, name) ||
		lam_io_path(file, sizeof file, NULL, "%s/cgroup.freeze", group) ||
		mkdir(group, 0755) < 0)
		return false;
	is = lam_io_exists(file);
	rmdir(group);
	return is;
}

void
lam_cgroup_find(struct lam_cgroup_roots *r)
{
	struct lam_buf groups = LAM_BUF_INIT, mounts = LAM_BUF_INIT;
	char owner[LAM_SCRATCH_NAME], name[LAM_SCRATCH_NAME];

	memset(r, 0, sizeof *r);
	if (lam_scratch_owner(owner, NULL) ||
		lam_scratch_name(name, owner, 0, NULL) ||
		lam_io_slurp("/proc/self/cgroup", 1 << 16, &groups, NULL) ||
		lam_io_slurp("/proc/self/mountinfo", 1 << 20, &mounts, NULL))
		snprintf(r->why, sizeof r->why, "/proc does not tell");
	for (int i = 0; i < LAM_CGROUPS && !r->why[0]; i++) {
		if (!find_path((struct lam_str){ groups.p, groups.n },
			(struct lam_str){ mounts.p, mounts.n }, i, r->path[i])) {
			r->path[i][0] = '\0';
		} else if (try(r->path[i], name) < 0) {
			snprintf(r->why, sizeof r->why, "%.120s: %s", r->path[i],
				strerror(errno));
			r->path[i][0] = '\0';
		} else if (i == LAM_CGROUP_V2) {
			r->tiers_v2 = enable_v2(r->path[i], name) |
				(can_kill_v2(r->path[i], name) ?
					LAM_TIER_FREEZE : 0);
			r->tiers = r->tiers_v2;
		} else {
			r->tiers |= hierarchies[i].tiers;
		}
	}
	for (int i = 0; i < LAM_CGROUPS; i++)
		if (r->path[i][0])
			r->fd[i] = open(r->path[i], O_RDONLY | O_DIRECTORY |
				O_CLOEXEC);
	if (!r->tiers && !r->why[0])
		snprintf(r->why, sizeof r->why, "no control groups are mounted");
	lam_buf_release(&groups);
	lam_buf_release(&mounts);
}

void
lam_cgroup_sweep(const struct lam_cgroup_roots *r)
{
	struct lam_names names = LAM_NAMES_INIT;
	char group[LAM_PATH_MAX];

	for (int i = 0; i < LAM_CGROUPS; i++) {
		if (!r->path[i][0] ||
			lam_io_list(r->path[i], "", &names, NULL))
			continue;
		for (size_t k = 0; k < names.n; k++)
			if (lam_scratch_stale(names.name[k]) &&
				!lam_io_path(group, sizeof group, NULL, "%s/%s",
					r->path[i], names.name[k]))
				rmdir(group); /* one with processes stays */
		lam_names_release(&names);
	}
}
