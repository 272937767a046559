/*
 * cgroup.c - making groups, entering them, reading them
 *
 * What versions 1 and 2 call the same thing is one table below.  All files are
 * reached through descriptors of the group's directory, which stay good when a
 * keeper has got mounts of its own.
 */
#include "sandbox/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandbox/tier.h"

#define PROCESSES 1024 /* in a sandbox, as AWS Lambda has it */
#define CPU_MEMORY (UINT64_C(1769) << 20) /* bytes that go with a processor */
#define PERIOD 100000 /* us */
/*
 * What weighs as much as a processor's memory: eight processes of the machine.  With
 * one, as AWS has it, a small function would starve on a busy machine, past its
 * deadline: processes beside it weigh 1024 each.
 */
#define SHARES (8 * 1024)

static int
write_file(int dir, const char *name, const char *text)
{
	int fd = openat(dir, name, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));
	int sys = errno;

	if (fd >= 0)
		close(fd);
	errno = sys;
	return n < 0 ? -1 : 0;
}

static int
write_number(int dir, const char *name, uint64_t n)
{
	char text[32];

	snprintf(text, sizeof text, "%llu", (unsigned long long)n);
	return write_file(dir, name, text);
}

/* The text of a file, cut to SIZE - 1 bytes. */
static const char *
read_file(int dir, const char *name, char *text, size_t size)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

/* The number behind KEY at the start of a line; 0: none. */
static uint64_t
figure(int dir, const char *name, const char *key)
{
	char text[8192];
	const char *p = read_file(dir, name, text, sizeof text);
	size_t n = strlen(key);

	while (p != NULL && strncmp(p, key, n) != 0) {
		p = strchr(p, '\n');
		p = p == NULL ? NULL : p + 1;
	}
	return p == NULL ? 0 : strtoull(p + n, NULL, 10);
}

static const unsigned v1_tiers[LAM_CGROUPS] = {
	[LAM_CGROUP_MEMORY] = LAM_TIER_MEMORY,
	[LAM_CGROUP_CPU] = LAM_TIER_CPU,
	[LAM_CGROUP_PIDS] = LAM_TIER_PIDS,
	[LAM_CGROUP_FREEZER] = LAM_TIER_FREEZE
};

/* The directory that has what TIER means; -1: none. */
static int
place_of(const struct lam_cgroup *g, unsigned tier)
{
	if (g->tiers_v2 & g->tiers & tier)
		return g->fd[LAM_CGROUP_V2];
	for (int i = LAM_CGROUP_MEMORY; i < LAM_CGROUPS; i++)
		if (v1_tiers[i] & g->tiers & tier)
			return g->fd[i];
	return -1;
}

static int
set_memory(const struct lam_cgroup *g, uint64_t memory, struct lam_error *e)
{
	int dir = place_of(g, LAM_TIER_MEMORY);
	bool v2 = g->tiers_v2 & LAM_TIER_MEMORY;

	if (dir < 0 || memory == 0)
		return LAM_OK;
	if (write_number(dir, v2 ? "memory.max" : "memory.limit_in_bytes",
		memory) < 0)
		return lam_fail_sys(e, "a control group: memory limit");
	if (v2) {
		/* One process out of memory is the end of the run. */
		write_file(dir, "memory.oom.group", "1");
		write_file(dir, "memory.swap.max", "0");
	} else { /* where swap is counted */
		write_number(dir, "memory.memsw.limit_in_bytes", memory);
	}
	return LAM_OK;
}

void
lam_cgroup_quota(const struct lam_cgroup *g, uint64_t memory, bool on)
{
	int dir = place_of(g, LAM_TIER_CPU);
	uint64_t shares = memory * SHARES / CPU_MEMORY;
	uint64_t quota = memory * PERIOD / CPU_MEMORY;
	bool v2 = g->tiers_v2 & LAM_TIER_CPU;

	if (dir < 0 || memory == 0)
		return;
	quota = quota < 1000 ? 1000 : quota; /* the system's least */
	shares = shares < 2 ? 2 : shares;
	if (v2) {
		shares = shares * 100 / 1024;
		write_number(dir, "cpu.weight", shares < 1 ? 1 :
			shares > 10000 ? 10000 : shares);
		if (on)
			write_number(dir, "cpu.max", quota);
		else
			write_file(dir, "cpu.max", "max");
		return;
	}
	write_number(dir, "cpu.shares", shares);
	write_number(dir, "cpu.cfs_period_us", PERIOD);
	if (on)
		write_number(dir, "cpu.cfs_quota_us", quota);
	else
		write_file(dir, "cpu.cfs_quota_us", "-1");
}

static int
make_in(struct lam_cgroup *g, int i, struct lam_error *e)
{
	int parent = g->roots->fd[i];

	if (mkdirat(parent, g->name, 0755) < 0)
		return lam_fail_sys(e, "%s/%s: a control group",
			g->roots->path[i], g->name);
	g->fd[i] = openat(parent, g->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return g->fd[i] < 0 ? lam_fail_sys(e, "%s/%s", g->roots->path[i],
		g->name) : LAM_OK;
}

int
lam_cgroup_make(struct lam_cgroup *g, const struct lam_cgroup_roots *r,
	const char *name, unsigned tiers, const struct lam_cgroup_limits *l,
	struct lam_error *e)
{
	int rc = LAM_OK, dir;

	*g = (struct lam_cgroup)LAM_CGROUP_INIT;
	g->roots = r;
	g->name = name;
	g->tiers = tiers & r->tiers;
	g->tiers_v2 = r->tiers_v2;
	for (int i = 0; !rc && i < LAM_CGROUPS; i++)
		if (r->path[i][0] && g->tiers & (i == LAM_CGROUP_V2 ?
			r->tiers_v2 : v1_tiers[i] & ~r->tiers_v2))
			rc = make_in(g, i, e);
	if (!rc)
		rc = set_memory(g, l->memory, e);
	dir = place_of(g, LAM_TIER_PIDS);
	if (!rc && dir >= 0 &&
		write_number(dir, "pids.max", PROCESSES) < 0)
		rc = lam_fail_sys(e, "a control group: limit of processes");
	if (!rc)
		lam_cgroup_quota(g, l->memory, l->quota);
	return rc;
}

void
lam_cgroup_remove(struct lam_cgroup *g)
{
	for (int i = 0; i < LAM_CGROUPS; i++) {
		if (g->fd[i] < 0)
			continue;
		close(g->fd[i]);
		unlinkat(g->roots->fd[i], g->name, AT_REMOVEDIR);
		g->fd[i] = -1;
	}
}

int
lam_cgroup_enter(const struct lam_cgroup *g, struct lam_error *e)
{
	for (int i = 0; i < LAM_CGROUPS; i++)
		if (g->fd[i] >= 0 &&
			write_file(g->fd[i], "cgroup.procs", "0") < 0)
			return lam_fail_sys(e, "entering a control group");
	return LAM_OK;
}

bool
lam_cgroup_freeze(const struct lam_cgroup *g, bool on)
{
	int dir = place_of(g, LAM_TIER_FREEZE);

	if (dir < 0)
		return false;
	return (g->tiers_v2 & LAM_TIER_FREEZE ?
		write_file(dir, "cgroup.freeze", on ? "1" : "0") :
		write_file(dir, "freezer.state", on ? "FROZEN" : "THAWED")) == 0;
}

void
lam_cgroup_kill(const struct lam_cgroup *g)
{
	int dir = place_of(g, LAM_TIER_FREEZE);
	char text[16 * PROCESSES];
	const char *p;
	char *end;
	long pid;

	if (dir < 0 || (g->tiers_v2 & LAM_TIER_FREEZE &&
		write_file(dir, "cgroup.kill", "1") == 0))
		return;
	/* What is frozen has no children meanwhile. */
	lam_cgroup_freeze(g, true);
	p = read_file(dir, "cgroup.procs", text, sizeof text);
	for (; (pid = strtol(p, &end, 10)) > 0 && end != p; p = end)
		kill((pid_t)pid, SIGKILL);
	lam_cgroup_freeze(g, false);
}

uint64_t
lam_cgroup_held(const struct lam_cgroup *g)
{
	int dir = place_of(g, LAM_TIER_MEMORY);

	if (dir < 0)
		return 0;
	return g->tiers_v2 & LAM_TIER_MEMORY ?
		figure(dir, "memory.stat", "anon ") :
		figure(dir, "memory.stat", "total_rss ");
}

uint64_t
lam_cgroup_ooms(const struct lam_cgroup *g)
{
	int dir = place_of(g, LAM_TIER_MEMORY);

	if (dir < 0)
		return 0;
	return figure(dir, g->tiers_v2 & LAM_TIER_MEMORY ? "memory.events" :
		"memory.oom_control", "oom_kill ");
}
