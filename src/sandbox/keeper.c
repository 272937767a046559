/*
 * keeper.c - orders in, reports out, and no process left behind
 *
 * One loop waits for orders, for children that end, and for the deadline.  When
 * the first process of a run ends, or must, everything else of its tree is killed
 * and reaped before the report goes out; then the scratch is wiped and the next
 * runner parked.  A run that is told to end has a while to do so; the program need not
 * wait for that.
 *
 * What a run used: processor time of all that were reaped; the largest peak of
 * one of them, or what they held together at a sample, whichever is more.
 */
#include "sandbox/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/loop.h"
#include "sandbox/ns.h"
#include "sandbox/runner.h"
#include "sandbox/sandbox.h"
#include "sandbox/tree.h"

#define MS INT64_C(1000000)
#define SAMPLE (50 * MS) /* between two looks at the memory of a run */

struct keeper {
	struct lam_box *box;
	struct lam_runner runner;
	int control, signals;
	bool running, frozen;
	bool ended; /* the first process of the run has */
	bool decided; /* .how: before its end */
	enum lam_sandbox_how how;
	int status; /* as wait(2) has it */
	int64_t deadline, last; /* when it is killed: late; told to end.  0: not */
	int64_t look; /* when its memory is looked at next */
	bool alone; /* the program has closed the sandbox, or is gone */
	int64_t cpu; /* of those reaped, ns */
	uint64_t memory, ooms;
};

static void
report(struct keeper *k, struct lam_sandbox_report *r, int listener)
{
	r->tiers = k->box->tiers;
	r->listener = -1;
	/* If the program is gone, the next receive says so. */
	(void)!lam_wire_send(k->control, r, sizeof *r, &listener,
		listener >= 0, NULL);
}

static void
reap(struct keeper *k, int flags)
{
	struct rusage u;
	int status;
	pid_t pid;

	while ((pid = wait4(-1, &status, flags, &u)) > 0) {
		uint64_t peak = (uint64_t)u.ru_maxrss * 1024;

		k->cpu += (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000 * MS +
			(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000;
		k->memory = peak > k->memory ? peak : k->memory;
		if (pid == k->runner.pid) {
			k->ended = true;
			k->status = status;
		}
	}
}

/* What the run holds now. */
static uint64_t
sample(struct keeper *k)
{
	struct lam_tree_usage u;
	uint64_t held = lam_cgroup_held(&k->box->group);

	if (!(k->box->tiers & LAM_TIER_MEMORY)) {
		lam_tree_usage(&u);
		held = u.held;
	}
	k->memory = held > k->memory ? held : k->memory;
	return held;
}

static void
signal_all(const struct keeper *k, int number)
{
	if (k->box->tiers & LAM_TIER_NS)
		kill(-1, number);
	else
		lam_tree_signal(number);
}

static bool
have_children(void)
{
	siginfo_t info;

	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 ||
		errno == EINTR;
}

/* What dies gives its children to this process, so that the next signal finds
 * them. */
static void
kill_all(struct keeper *k)
{
	siginfo_t info;

	lam_cgroup_kill(&k->box->group);
	while (have_children()) {
		signal_all(k, SIGKILL);
		waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
		reap(k, WNOHANG);
	}
}

/* As far as it was made. */
static void
unmake(struct keeper *k)
{
	kill_all(k);
	lam_cgroup_remove(&k->box->group);
	lam_scratch_wipe(k->box->scratch_fd);
	close(k->box->scratch_fd);
	unlinkat(k->box->scratch_parent, k->box->name, AT_REMOVEDIR);
}

/* No sandbox, or no more: the program hears why. */
static _Noreturn void
fail(struct keeper *k, const struct lam_error *e)
{
	struct lam_sandbox_report r = { .kind = LAM_SANDBOX_FAILED };

	snprintf(r.message, sizeof r.message, "%.199s", e->msg);
	report(k, &r, -1);
	unmake(k);
	_exit(LAM_SYSTEM);
}

static void
freeze(struct keeper *k, bool on)
{
	if (!k->running)
		return;
	k->frozen = on;
	if (!lam_cgroup_freeze(&k->box->group, on))
		signal_all(k, on ? SIGSTOP : SIGCONT);
}

static void
park(struct keeper *k)
{
	struct lam_error e = LAM_ERROR_INIT;

	lam_runner_release(&k->runner);
	if (lam_runner_park(&k->runner, k->box, &e))
		fail(k, &e);
}

static void
end_run(struct keeper *k)
{
	struct lam_sandbox_report r = { .kind = LAM_SANDBOX_ENDED };
	struct lam_error e = LAM_ERROR_INIT;

	kill_all(k);
	if (k->frozen) /* so would the next runner be */
		freeze(k, false);
	if (lam_runner_word(&k->runner, &e) && !k->decided) {
		k->how = LAM_RUN_NEVER;
		snprintf(r.message, sizeof r.message, "%.199s", e.msg);
	} else if (!k->decided) {
		k->how = WIFSIGNALED(k->status) ? LAM_RUN_SIGNAL : LAM_RUN_EXIT;
		if (lam_cgroup_ooms(&k->box->group) > k->ooms)
			k->how = LAM_RUN_OOM;
	}
	if (k->how == LAM_RUN_OOM && k->memory < k->box->spec.memory)
		k->memory = k->box->spec.memory;
	r.how = k->how;
	r.status = WIFSIGNALED(k->status) ? WTERMSIG(k->status) :
		WEXITSTATUS(k->status);
	r.cpu = k->cpu;
	r.memory = k->memory;
	report(k, &r, -1);
	k->running = k->ended = false;
	lam_scratch_wipe(k->box->scratch_fd);
	if (!k->alone)
		park(k);
}

/* The run is to end now, for reason HOW. */
static void
stop_run(struct keeper *k, enum lam_sandbox_how how)
{
	if (!k->running)
		return;
	k->how = how;
	k->decided = true;
	end_run(k);
}

static void
begin_run(struct keeper *k, struct lam_wire_packet *m, int64_t deadline)
{
	struct lam_error e = LAM_ERROR_INIT;

	k->ooms = lam_cgroup_ooms(&k->box->group);
	if (k->running)
		lam_fail(&e, LAM_SYSTEM, "a run within a run");
	else if (lam_runner_go(&k->runner, m, &e) == LAM_NOTHING)
		lam_fail(&e, LAM_SYSTEM, "the runner was killed");
	lam_wire_close_fds(m);
	if (e.code)
		fail(k, &e);
	k->running = true;
	k->frozen = k->decided = false;
	k->deadline = deadline;
	k->last = 0;
	k->look = lam_clock_monotonic() + SAMPLE;
	k->cpu = 0;
	k->memory = 0;
}

static void
answer(struct keeper *k)
{
	struct lam_sandbox_report r = { .kind = LAM_SANDBOX_USED };
	struct lam_tree_usage u;

	sample(k);
	lam_tree_usage(&u);
	r.cpu = k->cpu + u.cpu;
	r.memory = u.peak > k->memory ? u.peak : k->memory;
	report(k, &r, -1);
}

/* The run may end by itself within GRACE; a process that is stopped cannot. */
static void
tell_end(struct keeper *k, int64_t grace, struct lam_wire_packet *m)
{
	if (!k->running || k->last)
		return;
	k->last = lam_clock_monotonic() + grace;
	m->nfds = 0; /* they are closed when this process ends */
	signal_all(k, SIGTERM);
	freeze(k, false);
}

static void
obey(struct keeper *k, struct lam_wire_packet *m)
{
	struct lam_wire_head head;

	if (m->n < sizeof head)
		return;
	memcpy(&head, m->p, sizeof head);
	switch (head.kind) {
	case LAM_WIRE_RUN:
		begin_run(k, m, head.value);
		break;
	case LAM_WIRE_DEADLINE:
		k->deadline = head.value;
		break;
	case LAM_WIRE_KILL:
		stop_run(k, LAM_RUN_KILLED);
		break;
	case LAM_WIRE_END:
		tell_end(k, head.value, m);
		break;
	case LAM_WIRE_FREEZE:
		freeze(k, head.value);
		break;
	case LAM_WIRE_ASK:
		answer(k);
		break;
	case LAM_WIRE_QUOTA:
		lam_cgroup_quota(&k->box->group, k->box->spec.memory,
			head.value && k->box->spec.quota);
		break;
	case LAM_WIRE_SPAWN:
		break;
	}
}

/* Milliseconds until something is to be done unasked; -1: never. */
static int
patience(const struct keeper *k)
{
	int64_t left = INT64_MAX, now = lam_clock_monotonic();

	if (!k->running)
		return -1;
	if (!k->frozen)
		left = k->look - now;
	if (k->deadline && k->deadline - now < left)
		left = k->deadline - now;
	if (k->last && k->last - now < left)
		left = k->last - now;
	return left == INT64_MAX ? -1 : left < 0 ? 0 :
		(int)((left + MS - 1) / MS);
}

static void
look_at_run(struct keeper *k)
{
	int64_t now = lam_clock_monotonic();
	uint64_t held;

	if (k->deadline && now >= k->deadline)
		stop_run(k, LAM_RUN_TIMEOUT);
	else if (k->last && now >= k->last)
		stop_run(k, LAM_RUN_KILLED);
	if (!k->running || k->frozen || now < k->look)
		return;
	k->look = now + SAMPLE;
	held = sample(k);
	if (k->box->spec.memory && held > k->box->spec.memory &&
		!(k->box->tiers & LAM_TIER_MEMORY))
		stop_run(k, LAM_RUN_OOM);
}

/* False: the program has closed the sandbox, or is gone. */
static bool
take_order(struct keeper *k)
{
	static char bytes[LAM_WIRE_MAX];
	struct lam_wire_packet m = { .p = bytes };
	bool again;
	int rc = lam_wire_receive(k->control, &m, true, &again, NULL);

	if (!rc)
		obey(k, &m);
	lam_wire_close_fds(&m);
	return !rc || again;
}

static void
serve(struct keeper *k)
{
	struct signalfd_siginfo info;

	while (!k->alone || k->running) {
		struct pollfd p[2] = { { k->alone ? -1 : k->control, POLLIN, 0 },
			{ k->signals, POLLIN, 0 } };

		poll(p, 2, patience(k));
		while (read(k->signals, &info, sizeof info) > 0)
			;
		reap(k, WNOHANG);
		if (k->ended && k->running)
			end_run(k);
		if (!p[0].revents) {
			look_at_run(k); /* though children keep ending */
		} else if (!take_order(k)) {
			k->alone = true;
			if (!k->last)
				return;
		}
	}
}

static int
make_scratch(struct lam_box *box, struct lam_error *e)
{
	int rc = lam_io_path(box->scratch, sizeof box->scratch, e, "%s/%s",
		box->scratch_dir, box->name);

	if (!rc && mkdir(box->scratch, 0700) < 0)
		rc = lam_fail_sys(e, "%s: a scratch directory", box->scratch);
	return rc;
}

static int
watch_children(struct keeper *k, struct lam_error *e)
{
	sigset_t set;

	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return lam_fail_sys(e, "reaper of orphans");
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_BLOCK, &set, NULL);
	k->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return k->signals < 0 ? lam_fail_sys(e, "signalfd") : LAM_OK;
}

static int
make(struct keeper *k, int *listener, struct lam_error *e)
{
	struct lam_box *box = k->box;
	struct lam_cgroup_limits limits = { box->spec.memory, box->spec.quota };
	int rc = watch_children(k, e);

	if (!rc && box->tiers & LAM_TIER_NS)
		rc = lam_ns_user(box, e);
	if (!rc)
		rc = make_scratch(box, e);
	if (!rc)
		rc = lam_cgroup_make(&box->group, box->roots, box->name,
			box->tiers, &limits, e);
	if (!rc && box->tiers & LAM_TIER_NS)
		rc = lam_ns_enter(box, e);
	if (rc)
		return rc;
	/* The user's other processes are no part of its runs. */
	prctl(PR_SET_DUMPABLE, 0);
	if (box->spec.api && box->tiers & LAM_TIER_NET) {
		*listener = lam_ns_listen();
		if (*listener < 0)
			return lam_fail_sys(e, "127.0.0.1:9001 in a sandbox");
	}
	box->scratch_fd = open(box->scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return box->scratch_fd < 0 ? lam_fail_sys(e, "%s", box->scratch) :
		LAM_OK;
}

void
lam_keeper(struct lam_box *box, int control)
{
	struct keeper k = { .box = box, .runner = LAM_RUNNER_INIT,
		.control = control };
	struct lam_sandbox_report r = { .kind = LAM_SANDBOX_MADE };
	struct lam_error e = LAM_ERROR_INIT;
	int listener = -1;

	box->scratch_fd = -1;
	box->group = (struct lam_cgroup)LAM_CGROUP_INIT;
	if (make(&k, &listener, &e))
		fail(&k, &e);
	park(&k);
	report(&k, &r, listener);
	if (listener >= 0)
		close(listener);
	serve(&k);
	unmake(&k);
	_exit(0);
}
