/*
 * probe.c - children that try, and say how far they came
 *
 * What a setting of the kernel says is not what it does: distributions refuse
 * namespaces at the map of users, at a mount or at the loopback, each in its own way.
 */
#include "sandbox/probe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/landlock.h"
#include "sandbox/ns.h"
#include "sandbox/seccomp.h"
#include "sandbox/tier.h"

/* A step that a child tries. */
struct attempt {
	unsigned tiers; /* that it stands for */
	int (*try)(struct lam_box *box, struct lam_error *e);
};

static int
try_ns(struct lam_box *box, struct lam_error *e)
{
	int rc = lam_ns_user(box, e);

	return rc ? rc : lam_ns_enter(box, e);
}

static int
try_landlock(struct lam_box *box, struct lam_error *e)
{
	if (!lam_landlock_abi())
		return lam_fail_sys(e, "Landlock");
	return lam_landlock_restrict(box, e);
}

static int
try_seccomp(struct lam_box *box, struct lam_error *e)
{
	(void)box;
	if (!lam_seccomp_there())
		return lam_fail(e, LAM_SYSTEM, "not in this kernel, or not for "
			"this processor");
	return lam_seccomp_restrict(false, e);
}

static const struct attempt attempts[] = {
	{ LAM_TIER_NS, try_ns },
	{ LAM_TIER_NS | LAM_TIER_NET, try_ns },
	{ LAM_TIER_LANDLOCK, try_landlock },
	{ LAM_TIER_SECCOMP, try_seccomp },
};

#define ATTEMPTS (sizeof attempts / sizeof *attempts)

static void
try_child(const struct attempt *a, struct lam_box *box, int to)
{
	struct lam_error e = LAM_ERROR_INIT;

	if (!(a->tiers & LAM_TIER_NS))
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	a->try(box, &e);
	/* An empty message: it can be done. */
	_exit(write(to, e.msg, strlen(e.msg)) < 0);
}

/* WHY is empty when it can be done. */
static void
attempt(const struct attempt *a, struct lam_box *box, char *why, size_t size)
{
	bool ns = a->tiers & LAM_TIER_NS;
	ssize_t n;
	int fd[2];
	pid_t pid;

	snprintf(why, size, "no descriptors");
	if (pipe(fd) < 0)
		return;
	box->tiers = a->tiers;
	pid = ns ? lam_ns_fork(a->tiers & LAM_TIER_NET) : fork();
	if (pid == 0)
		try_child(a, box, fd[1]);
	if (pid < 0)
		snprintf(why, size, "%s", strerror(errno));
	close(fd[1]);
	if (pid > 0) {
		n = read(fd[0], why, size - 1);
		why[n > 0 ? n : 0] = '\0';
		waitpid(pid, NULL, 0);
	}
	close(fd[0]);
}

static void
line(struct lam_probe *p, unsigned tier, const char *name, const char *why)
{
	size_t n = strlen(p->table);

	snprintf(p->table + n, sizeof p->table - n, "%-9s %-4s%s%s\n", name,
		p->tiers & tier ? "yes" : "no", *why ? " " : "", why);
}

static void
group_line(struct lam_probe *p, unsigned tier, const char *name, unsigned deny)
{
	const char *why = "";

	if (deny & tier)
		why = "denied";
	else if (p->tiers & tier)
		why = p->roots.tiers_v2 & tier ? "cgroup version 2" :
			"cgroup version 1";
	else
		why = p->roots.why[0] ? p->roots.why :
			"no control group here has it";
	line(p, tier, name, why);
}

void
lam_probe(struct lam_probe *p, const char *scratch, unsigned deny)
{
	static struct lam_box box;
	char why[ATTEMPTS][200];

	lam_cgroup_find(&p->roots);
	lam_cgroup_sweep(&p->roots);
	p->roots.tiers &= ~deny;
	p->roots.tiers_v2 &= ~deny;
	p->tiers = p->roots.tiers;
	snprintf(box.scratch, sizeof box.scratch, "%s", scratch);
	box.uid = geteuid();
	box.gid = getegid();
	for (size_t i = 0; i < ATTEMPTS; i++) {
		if (attempts[i].tiers & deny)
			strcpy(why[i], "denied");
		else
			attempt(&attempts[i], &box, why[i], sizeof why[i]);
		if (!why[i][0])
			p->tiers |= attempts[i].tiers;
	}
	p->table[0] = '\0';
	group_line(p, LAM_TIER_MEMORY, "memory", deny);
	group_line(p, LAM_TIER_CPU, "cpu", deny);
	group_line(p, LAM_TIER_PIDS, "pids", deny);
	group_line(p, LAM_TIER_FREEZE, "freeze", deny);
	if (!why[2][0])
		snprintf(why[2], sizeof why[2], "ABI %d", lam_landlock_abi());
	line(p, LAM_TIER_LANDLOCK, "landlock", why[2]);
	line(p, LAM_TIER_NS, "ns", why[0]);
	line(p, LAM_TIER_NET, "net", why[1]);
	line(p, LAM_TIER_SECCOMP, "seccomp", why[3]);
}
