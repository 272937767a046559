/*
 * test_sandbox.c - runs in sandboxes: how they end, what they used, what is left
 *
 * Each check is made with all tiers that the machine gives and with none of them.
 */
#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/loop.h"
#include "sandbox/sandbox.h"

#define MS INT64_C(1000000)

static char scratch[] = "/tmp/lam-test-sandbox.XXXXXX";

struct outcome {
	struct lam_sandbox_report r;
	char out[4096]; /* standard output and standard error */
	size_t n;
};

static void
next(struct lam_sandbox *s, enum lam_sandbox_kind kind,
	struct lam_sandbox_report *r)
{
	struct pollfd p = { s->fd, POLLIN, 0 };
	struct lam_error e = LAM_ERROR_INIT;

	do {
		poll(&p, 1, -1);
		if (lam_sandbox_reap(s, r, &e))
			printf("# %s\n", e.msg);
		if (r->listener >= 0)
			close(r->listener);
	} while (r->kind != kind && r->kind != LAM_SANDBOX_FAILED);
	if (r->kind != kind)
		printf("# failed: %s\n", r->message);
}

static void
start(struct lam_sandbox *s, const char *script, int64_t timeout, int out)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	const char *const env[] = { "GREETING=hello", NULL };
	struct lam_sandbox_run run = { .argv = argv, .env = env,
		.fd = { -1, out, out, -1 },
		.deadline = timeout ? lam_clock_monotonic() + timeout : 0 };
	struct lam_error e = LAM_ERROR_INIT;

	if (lam_sandbox_run(s, &run, &e))
		printf("# %s\n", e.msg);
}

static void
run_script(struct lam_sandbox *s, const char *script, int64_t timeout,
	struct outcome *o)
{
	int pipes[2];
	ssize_t n;

	if (pipe2(pipes, O_CLOEXEC) < 0)
		return;
	start(s, script, timeout, pipes[1]);
	close(pipes[1]);
	o->n = 0;
	while ((n = read(pipes[0], o->out + o->n, sizeof o->out - o->n)) > 0)
		o->n += (size_t)n;
	close(pipes[0]);
	next(s, LAM_SANDBOX_ENDED, &o->r);
}

static size_t
entries(const char *dir)
{
	DIR *d = opendir(dir);
	size_t n = 0;

	while (d != NULL && readdir(d) != NULL)
		n++;
	if (d != NULL)
		closedir(d);
	return n - 2;
}

static void
check_ends(struct lam_sandbox *s)
{
	struct outcome o;

	run_script(s, "echo $GREETING $HOME; exit 7", 0, &o);
	CHECK_STR(o.out, o.n, "hello\n");
	CHECK_INT(o.r.how, LAM_RUN_EXIT);
	CHECK_INT(o.r.status, 7);
	run_script(s, "kill -USR1 $$", 0, &o);
	CHECK_INT(o.r.how, LAM_RUN_SIGNAL);
	CHECK_INT(o.r.status, SIGUSR1);
	run_script(s, "sleep 1000", 30 * MS, &o);
	CHECK_INT(o.r.how, LAM_RUN_TIMEOUT);
	run_script(s, "ulimit -c; ulimit -n", 0, &o);
	CHECK_STR(o.out, o.n, "0\n1024\n");
}

/* What is frozen can be killed, too, and the next run is not. */
static void
check_orders(struct lam_sandbox *s)
{
	struct lam_sandbox_report r;
	struct outcome o;

	for (int frozen = 0; frozen < 2; frozen++) {
		start(s, "sleep 1000", 0, -1);
		if (frozen)
			lam_sandbox_freeze(s, true);
		lam_sandbox_kill(s);
		next(s, LAM_SANDBOX_ENDED, &r);
		CHECK_INT(r.how, LAM_RUN_KILLED);
		run_script(s, "exit 3", 0, &o);
		CHECK_INT(o.r.status, 3);
	}
}

/* What is frozen uses no processor. */
static void
check_freeze(struct lam_sandbox *s)
{
	struct lam_sandbox_report r;
	int64_t then;

	start(s, "while :; do :; done", 0, -1);
	do {
		lam_sandbox_ask(s);
		next(s, LAM_SANDBOX_USED, &r);
	} while (r.cpu < 20 * MS);
	lam_sandbox_freeze(s, true);
	lam_sandbox_ask(s);
	next(s, LAM_SANDBOX_USED, &r);
	then = r.cpu;
	poll(NULL, 0, 100);
	lam_sandbox_ask(s);
	next(s, LAM_SANDBOX_USED, &r);
	CHECK(r.cpu - then < 20 * MS);
	lam_sandbox_freeze(s, false);
	do {
		lam_sandbox_ask(s);
		next(s, LAM_SANDBOX_USED, &r);
	} while (r.cpu < then + 40 * MS);
	lam_sandbox_kill(s);
	next(s, LAM_SANDBOX_ENDED, &r);
	CHECK(r.cpu >= then + 40 * MS);
}

/* 20 daemons that ignore SIGTERM and hold the output: a pipe that is at its end
 * has no writer, so they are dead. */
static void
check_tree(struct lam_sandbox *s)
{
	static const char daemons[] = "i=0; while [ $i -lt 20 ]; do i=$((i+1)); "
		"(setsid sh -c 'trap \"\" TERM HUP; sleep 1000 & sleep 1000' &) "
		"; done; echo made; ";
	char script[400], text[64];
	struct outcome o;
	int pipes[2];
	ssize_t n;

	if (pipe2(pipes, O_CLOEXEC) < 0)
		return;
	snprintf(script, sizeof script, "%s sleep 1000", daemons);
	start(s, script, 0, pipes[1]);
	close(pipes[1]);
	n = read(pipes[0], text, sizeof text);
	CHECK_STR(text, (size_t)n, "made\n");
	lam_sandbox_deadline(s, lam_clock_monotonic());
	CHECK_INT(read(pipes[0], text, sizeof text), 0);
	close(pipes[0]);
	next(s, LAM_SANDBOX_ENDED, &o.r);
	CHECK_INT(o.r.how, LAM_RUN_TIMEOUT);
	run_script(s, daemons, 0, &o);
	CHECK_STR(o.out, o.n, "made\n");
	CHECK_INT(o.r.how, LAM_RUN_EXIT);
}

/*
 * 50 MB are 50 MB, and those of a child count.  A run begins as a copy of its keeper,
 * so no run reports less than the keeper holds: little, but under a sanitizer, which
 * keeps what was freed, as much as these runs need and more the longer it lives, now
 * and then a few MB less.  The kernel counts pages by processor and adds them up late:
 * 2 MB may be missing.
 */
static void
check_memory(struct lam_sandbox *s)
{
	static const char *const scripts[] = {
		"head -c 52428800 /dev/zero | tail -c 52428800 >/dev/null",
		"exec dd if=/dev/zero of=/dev/null bs=50M count=1 2>/dev/null" };
	uint64_t most = 75 << 20;
	struct outcome o, nothing;

	for (size_t i = 0; i < 2; i++) {
		run_script(s, scripts[i], 0, &o);
		run_script(s, ":", 0, &nothing);
		if (nothing.r.memory + (8 << 20) > most)
			most = nothing.r.memory + (8 << 20);
		FAIL_IF(o.r.how != LAM_RUN_EXIT || o.r.status ||
			o.r.memory < 48 << 20 || o.r.memory > most,
			"%s: %d, %llu bytes, %llu at the most", scripts[i],
			(int)o.r.how, (unsigned long long)o.r.memory,
			(unsigned long long)most);
	}
	PASS("50 MB report 50 to 75 MB");
	run_script(s, "exec awk 'BEGIN { s = \"x\"; for (;;) s = s s }'", 0, &o);
	CHECK(o.r.how == LAM_RUN_OOM || o.r.status != 0);
	CHECK(o.r.memory < 200 << 20);
}

static void
check_scratch(struct lam_sandbox *s)
{
	struct outcome o;

	run_script(s, "cd \"$TMPDIR\" && mkdir -p a/b/c .d && "
		"echo x >a/b/c/f && ln -s / a/root && chmod 0 a/b && ls -A | "
		"wc -l", 0, &o);
	CHECK_STR(o.out, o.n, "2\n");
	run_script(s, "cd \"$TMPDIR\" && mkdir -p $(printf 'd/%.0s' $(seq 2000)) &&"
		" cd d/d/d && mkdir -p $(printf 'd/%.0s' $(seq 2000))", 0, &o);
	CHECK_INT(o.r.status, 0);
	run_script(s, "ls -A \"$TMPDIR\"", 0, &o);
	CHECK_STR(o.out, o.n, "");
}

static void
check_never(struct lam_sandbox *s)
{
	const char *const argv[] = { "no-such-command", NULL };
	struct lam_sandbox_run run = { .argv = argv,
		.fd = { -1, -1, -1, -1 } };
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_sandbox_report r;

	CHECK_INT(lam_sandbox_run(s, &run, &e), LAM_OK);
	next(s, LAM_SANDBOX_ENDED, &r);
	CHECK_INT(r.how, LAM_RUN_NEVER);
	CHECK_STR(r.message, strlen(r.message),
		"no-such-command: No such file or directory");
}

static void
check_all(unsigned deny)
{
	struct lam_launcher l = LAM_LAUNCHER_INIT;
	struct lam_sandbox_spec spec = { .dir = "/", .path = "/usr/bin:/bin",
		.memory = 128 << 20, .tiers = LAM_TIERS };
	struct lam_sandbox s = LAM_SANDBOX_INIT;
	struct lam_sandbox_report r;
	struct lam_error e = LAM_ERROR_INIT;
	char text[LAM_TIER_TEXT];

	CHECK_INT(lam_launcher_start(&l, scratch, deny, &e), LAM_OK);
	printf("# %s", l.table);
	CHECK_INT(lam_launcher_spawn(&l, &spec, &s, &e), LAM_OK);
	next(&s, LAM_SANDBOX_MADE, &r);
	CHECK_INT(r.kind, LAM_SANDBOX_MADE);
	printf("# %s\n", lam_tier_text(r.tiers, text));
	if (r.kind == LAM_SANDBOX_MADE) {
		check_ends(&s);
		check_orders(&s);
		check_freeze(&s);
		check_tree(&s);
		check_memory(&s);
		check_scratch(&s);
		check_never(&s);
	}
	lam_sandbox_close(&s);
	lam_launcher_stop(&l);
	CHECK_INT(entries(scratch), 0);
}

int
main(void)
{
	if (mkdtemp(scratch) == NULL)
		return 1;
	check_all(0);
	check_all(LAM_TIERS);
	rmdir(scratch);
	return DONE();
}
