/*
 * sandbox_launcher.c - the small process that forks keepers
 *
 * It is forked before the program has grown, and holds nothing of it: no standard
 * descriptors, or the reader of a pipe would wait for their end, and no terminal,
 * or its signals would come here too.  It ends when the program closes its end,
 * and that only after the last keeper, so that who waits for it knows that nothing
 * is left.
 */
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/keeper.h"
#include "sandbox/ns.h"
#include "sandbox/runner.h"
#include "sandbox/tree.h"

struct launcher {
	int fd;
	const char *scratch;
	int scratch_fd;
	struct lam_probe probe;
	char owner[LAM_SCRATCH_NAME];
	unsigned long count;
};

static void
own_process(struct launcher *l)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int fd = fcntl(l->fd, F_DUPFD_CLOEXEC, 10);

	setsid();
	prctl(PR_SET_NAME, "lam-launcher");
	for (int i = 0; i < 3; i++)
		dup2(null, i);
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	if (chdir("/") < 0 || fd < 0)
		_exit(LAM_SYSTEM);
	close_range(3, (unsigned)fd - 1, 0);
	close_range((unsigned)fd + 1, ~0u, 0);
	l->fd = fd;
}

/* The keeper of the message's sandbox is forked into what it asks for. */
static void
spawn(struct launcher *l, struct lam_wire_packet *m)
{
	static struct lam_box box;
	static char *text[LAM_BOX_PLACES];
	pid_t pid;

	memcpy(&box.spec, m->p, sizeof box.spec);
	if (box.spec.ntexts < 2 || box.spec.ntexts > LAM_BOX_PLACES ||
		box.spec.nlayers > box.spec.ntexts - 2 ||
		!lam_wire_texts(m, text, box.spec.ntexts) ||
		lam_scratch_name(box.name, l->owner, ++l->count, NULL))
		return;
	box.scratch_dir = l->scratch;
	box.scratch_parent = l->scratch_fd;
	box.roots = &l->probe.roots;
	box.uid = geteuid();
	box.gid = getegid();
	box.tiers = box.spec.tiers & l->probe.tiers;
	if (box.spec.net || !(box.tiers & LAM_TIER_NS))
		box.tiers &= ~(unsigned)LAM_TIER_NET;
	pid = box.tiers & LAM_TIER_NS ? lam_ns_fork(box.tiers & LAM_TIER_NET) :
		fork();
	/* If there can be none, the program sees its socket closed. */
	if (pid != 0)
		return;
	close(l->fd);
	lam_box_places(&box, text, box.spec.ntexts);
	lam_keeper(&box, m->fd[0]);
}

static _Noreturn void
launch(struct launcher *l)
{
	static char bytes[LAM_WIRE_MAX];
	struct lam_wire_packet m = { .p = bytes };
	bool again;

	while (!lam_wire_receive(l->fd, &m, false, &again, NULL)) {
		if (m.n >= sizeof(struct lam_wire_head) && m.nfds == 1)
			spawn(l, &m);
		lam_wire_close_fds(&m);
	}
	while (wait(NULL) > 0 || errno == EINTR)
		;
	_exit(0);
}

static _Noreturn void
be_launcher(struct launcher *l, unsigned deny)
{
	own_process(l);
	lam_scratch_sweep(l->scratch);
	l->scratch_fd = open(l->scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	lam_probe(&l->probe, l->scratch, deny);
	signal(SIGCHLD, SIG_IGN); /* keepers are not waited for */
	if (lam_wire_send(l->fd, &l->probe, sizeof l->probe, NULL, 0, NULL))
		_exit(LAM_SYSTEM);
	launch(l);
}

/* What the new launcher has found. */
static int
greeting(struct lam_launcher *l, struct lam_error *e)
{
	static char bytes[LAM_WIRE_MAX];
	struct lam_wire_packet m = { .p = bytes };
	struct lam_probe *probe = (struct lam_probe *)(void *)bytes;
	bool again;
	int rc = lam_wire_receive(l->fd, &m, false, &again, e);

	if (rc == LAM_NOTHING)
		return lam_fail(e, LAM_SYSTEM, "the launcher was killed");
	if (!rc) {
		l->tiers = probe->tiers;
		memcpy(l->table, probe->table, sizeof l->table);
	}
	return rc;
}

int
lam_launcher_start(struct lam_launcher *l, const char *scratch, unsigned deny,
	struct lam_error *e)
{
	static struct launcher own;
	int pair[2], rc;

	own.scratch = scratch;
	rc = lam_scratch_owner(own.owner, e);
	if (!rc)
		rc = lam_wire_pair(pair, e);
	if (rc)
		return rc;
	own.fd = pair[1];
	l->pid = fork();
	if (l->pid == 0)
		be_launcher(&own, deny);
	close(pair[1]);
	l->fd = pair[0];
	if (l->pid < 0)
		return lam_fail_sys(e, "fork");
	return greeting(l, e);
}

void
lam_launcher_stop(struct lam_launcher *l)
{
	if (l->fd < 0)
		return;
	close(l->fd);
	while (waitpid(l->pid, NULL, 0) < 0 && errno == EINTR)
		;
	*l = (struct lam_launcher)LAM_LAUNCHER_INIT;
}

pid_t
lam_launcher_held(const struct lam_launcher *l)
{
	return lam_tree_find(l->pid, LAM_RUNNER_HELD);
}

int
lam_launcher_spawn(struct lam_launcher *l, const struct lam_sandbox_spec *spec,
	struct lam_sandbox *s, struct lam_error *e)
{
	struct lam_wire_head head = { .kind = LAM_WIRE_SPAWN,
		.memory = spec->memory, .scratch = spec->scratch,
		.tiers = spec->tiers, .quota = spec->quota, .net = spec->net,
		.api = spec->api, .port = spec->port };
	const char *const texts[] = { spec->dir, spec->path, NULL };
	struct lam_buf b = LAM_BUF_INIT;
	int pair[2], rc;

	rc = lam_wire_pair(pair, e);
	if (rc)
		return rc;
	lam_buf_put(&b, &head, sizeof head);
	lam_wire_put_texts(&b, texts, &head.ntexts);
	lam_wire_put_texts(&b, spec->readable, &head.ntexts);
	head.nlayers = head.ntexts;
	lam_wire_put_texts(&b, spec->layers, &head.ntexts);
	head.nlayers = head.ntexts - head.nlayers;
	rc = lam_buf_check(&b, e);
	if (!rc) {
		memcpy(b.p, &head, sizeof head);
		rc = lam_wire_send(l->fd, b.p, b.n, &pair[1], 1, e);
	}
	if (rc == LAM_NOTHING)
		rc = lam_fail(e, LAM_SYSTEM, "the launcher was killed");
	lam_buf_release(&b);
	close(pair[1]);
	s->fd = pair[0];
	if (rc)
		lam_sandbox_close(s);
	return rc;
}
