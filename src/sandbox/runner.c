/*
 * runner.c - from a fork of the keeper to the command
 *
 *	1  a session of its own, no inherited signal settings; it dies with its
 *	   keeper
 *	2  limits, its group, no new privileges, no capabilities, Landlock,
 *	   seccomp
 *	3  "ready", or why not, and the wait for the packet of the run
 *	4  descriptors 0 to 3, the environment, execve; on failure the word why
 *
 * Steps 1 and 2 need nothing of the run.  Its socket is closed by execve, so
 * that the keeper tells a command from a runner that could not become one.
 */
#include "sandbox/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "sandbox/landlock.h"
#include "sandbox/seccomp.h"

#define READY "ready"
#define ENV_MORE 2 /* PATH, TMPDIR */
#define LOOK 20000000L /* ns between two looks for a debugger */
#define NOFILE 1024 /* open files, as AWS Lambda has it */

static void
say(int go, const char *word)
{
	/* Who does not hear it sees this process end. */
	if (lam_wire_send(go, word, strlen(word) + 1, NULL, 0, NULL))
		_exit(127);
}

static void
own_session(void)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	umask(022);
}

static void
limit(int what, uint64_t n)
{
	struct rlimit l, old;

	l.rlim_cur = l.rlim_max = n;
	if (!getrlimit(what, &old) && old.rlim_max < l.rlim_max)
		l.rlim_cur = l.rlim_max = old.rlim_max;
	setrlimit(what, &l);
}

/* No set of capabilities, now or after any execve; also as root. */
static int
drop_capabilities(struct lam_error *e)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[2] = { { 0, 0, 0 }, { 0, 0, 0 } };

	/* Both fail for who has none to begin with. */
	prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED |
		SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED);
	for (int c = 0; prctl(PR_CAPBSET_READ, c) >= 0; c++)
		prctl(PR_CAPBSET_DROP, c);
	return syscall(SYS_capset, &head, none) < 0 ?
		lam_fail_sys(e, "giving up capabilities") : LAM_OK;
}

static int
restrict_runner(const struct lam_box *box, struct lam_error *e)
{
	int rc;

	if (chdir(box->dir) < 0)
		return lam_fail_sys(e, "%s: the directory of the function",
			box->dir);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_NOFILE, NOFILE);
	if (box->spec.scratch)
		limit(RLIMIT_FSIZE, box->spec.scratch);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return lam_fail_sys(e, "no_new_privs");
	rc = lam_cgroup_enter(&box->group, e);
	if (!rc && box->spec.tiers)
		rc = drop_capabilities(e);
	if (!rc && box->tiers & LAM_TIER_LANDLOCK)
		rc = lam_landlock_restrict(box, e);
	if (!rc && box->tiers & LAM_TIER_SECCOMP)
		rc = lam_seccomp_restrict(box->tiers & LAM_TIER_LANDLOCK &&
			!(box->tiers & LAM_TIER_NET) && !box->spec.net, e);
	return rc;
}

/* Put the descriptors of the packet at 0 to 3; all others go at execve. */
static bool
place_descriptors(const struct lam_wire_packet *m, const bool *given)
{
	int from[LAM_WIRE_FDS];
	size_t next = 0;

	for (int i = 0; i < LAM_WIRE_FDS; i++) {
		from[i] = given[i] && next < m->nfds ?
			fcntl(m->fd[next++], F_DUPFD_CLOEXEC, 10) :
			open("/dev/null", O_RDWR | O_CLOEXEC);
		if (from[i] < 0)
			return false;
	}
	for (int i = 0; i < LAM_WIRE_FDS; i++)
		if (dup2(from[i], i) < 0)
			return false;
	if (!given[LAM_WIRE_FDS - 1])
		close(LAM_WIRE_FDS - 1);
	return true;
}

/* A JVM reserves more than it uses, and says so in no other way. */
static bool
is_jvm(char *const *argv, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		const char *base = strrchr(argv[i], '/');

		if (!strncmp(base ? base + 1 : argv[i], "java", 4))
			return true;
	}
	return false;
}

static char *
joined(const char *name, const char *value)
{
	size_t n = strlen(name) + strlen(value) + 1;
	char *p = malloc(n);

	if (p != NULL)
		snprintf(p, n, "%s%s", name, value);
	return p;
}

static bool
is_traced(void)
{
	char text[2048] = "";
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	const char *p;

	if (fd >= 0) {
		(void)!read(fd, text, sizeof text - 1);
		close(fd);
	}
	p = strstr(text, "\nTracerPid:\t");
	return p != NULL && p[sizeof "\nTracerPid:\t" - 1] != '0';
}

/* Until one has attached, or SIGCONT comes.  Who may attach to what this becomes may do
 * so now. */
static void
wait_debugger(void)
{
	struct timespec look = { 0, LOOK };
	sigset_t go;

	prctl(PR_SET_DUMPABLE, 1);
	prctl(PR_SET_NAME, LAM_RUNNER_HELD);
	sigemptyset(&go);
	sigaddset(&go, SIGCONT);
	sigprocmask(SIG_BLOCK, &go, NULL);
	while (!is_traced() && sigtimedwait(&go, NULL, &look) != SIGCONT)
		;
	sigprocmask(SIG_UNBLOCK, &go, NULL);
}

static const char *
become(const struct lam_box *box, int *go, const struct lam_wire_packet *m)
{
	struct lam_wire_head head;
	char **text;
	size_t n;

	memcpy(&head, m->p, sizeof head);
	n = head.ntexts;
	text = calloc(n + ENV_MORE + 2, sizeof *text);
	if (text == NULL || !lam_wire_texts(m, text, n) ||
		head.narguments == 0 || head.narguments > n)
		return "a run without a command";
	/* A NULL between arguments and environment. */
	memmove(text + head.narguments + 1, text + head.narguments,
		(n - head.narguments) * sizeof *text);
	text[head.narguments] = NULL;
	environ = text + head.narguments + 1;
	text[n + 1] = joined("PATH=", box->path);
	text[n + 2] = joined("TMPDIR=", box->scratch);
	*go = fcntl(*go, F_DUPFD_CLOEXEC, 10);
	if (*go < 0 || !place_descriptors(m, head.given))
		return "no descriptors left";
	if (box->spec.memory && !(box->tiers & LAM_TIER_MEMORY) &&
		!is_jvm(text, head.narguments))
		limit(RLIMIT_DATA, box->spec.memory);
	if (head.hold)
		wait_debugger();
	execvp(text[0], text);
	return text[0];
}

static _Noreturn void
run(const struct lam_box *box, int go)
{
	static char bytes[LAM_WIRE_MAX], word[300];
	struct lam_wire_packet m = { .p = bytes };
	struct lam_error e = LAM_ERROR_INIT;
	bool again;

	own_session();
	if (restrict_runner(box, &e)) {
		say(go, e.msg);
		_exit(127);
	}
	say(go, READY);
	if (lam_wire_receive(go, &m, false, &again, NULL) ||
		m.n < sizeof(struct lam_wire_head))
		_exit(0); /* no run any more */
	snprintf(word, sizeof word, "%s", become(box, &go, &m));
	snprintf(word + strlen(word), sizeof word - strlen(word), ": %s",
		strerror(errno));
	say(go, word);
	_exit(127);
}

int
lam_runner_park(struct lam_runner *r, const struct lam_box *box,
	struct lam_error *e)
{
	int pair[2], rc;

	rc = lam_wire_pair(pair, e);
	if (rc)
		return rc;
	r->pid = fork();
	if (r->pid == 0) {
		close(pair[0]);
		run(box, pair[1]);
	}
	close(pair[1]);
	r->go = pair[0];
	if (r->pid < 0)
		return lam_fail_sys(e, "fork");
	return lam_runner_word(r, e);
}

int
lam_runner_go(struct lam_runner *r, const struct lam_wire_packet *m,
	struct lam_error *e)
{
	return lam_wire_send(r->go, m->p, m->n, m->fd, m->nfds, e);
}

int
lam_runner_word(struct lam_runner *r, struct lam_error *e)
{
	static char bytes[LAM_WIRE_MAX];
	struct lam_wire_packet m = { .p = bytes };
	bool again;
	int rc = lam_wire_receive(r->go, &m, false, &again, e);

	if (rc == LAM_NOTHING) /* closed without a word */
		return LAM_OK;
	if (!rc && strcmp(m.p, READY) != 0)
		rc = lam_fail(e, LAM_SYSTEM, "%s", m.p);
	return rc;
}

void
lam_runner_release(struct lam_runner *r)
{
	if (r->go >= 0)
		close(r->go);
	*r = (struct lam_runner)LAM_RUNNER_INIT;
}
