/*
 * bench_sandbox.c - runs of "true" a second, by what isolates them
 *
 *	bench_sandbox RUNS TIERS SANDBOXES	TIERS as for LAM_DENY's opposite:
 *						a list, or "none"
 *
 * SANDBOXES 0: a new sandbox for each run; else that many, which take the runs in
 * turn.  Prints runs a second.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/loop.h"
#include "sandbox/sandbox.h"

#define MOST 16

static struct lam_launcher launcher = LAM_LAUNCHER_INIT;
static struct lam_sandbox_spec spec = { .dir = "/", .path = "/usr/bin:/bin",
	.memory = 128 << 20 };
static struct lam_error e = LAM_ERROR_INIT;

static void
fail(void)
{
	fprintf(stderr, "bench_sandbox: %s\n", e.msg);
	exit(1);
}

static void
start(struct lam_sandbox *s)
{
	static const char *const argv[] = { "true", NULL };
	struct lam_sandbox_run run = { .argv = argv,
		.fd = { -1, -1, -1, -1 } };

	if (lam_sandbox_run(s, &run, &e))
		fail();
}

static void
finish(struct lam_sandbox *s)
{
	struct lam_sandbox_report r;

	do {
		struct pollfd p = { s->fd, POLLIN, 0 };

		poll(&p, 1, -1);
		if (lam_sandbox_reap(s, &r, &e))
			fail();
	} while (r.kind == LAM_SANDBOX_MADE || r.kind == LAM_SANDBOX_NOTHING);
	if (r.kind != LAM_SANDBOX_ENDED || r.how != LAM_RUN_EXIT || r.status) {
		lam_fail(&e, LAM_SYSTEM, "a run failed: %s", r.message);
		fail();
	}
}

int
main(int argc, char **argv)
{
	long runs = argc == 4 ? atol(argv[1]) : 0, n;
	struct lam_sandbox s[MOST];
	int64_t then;

	if (runs < 1 || (n = atol(argv[3])) < 0 || n > MOST)
		return 2;
	if (strcmp(argv[2], "none") &&
		lam_tier_parse(argv[2], &spec.tiers, &e))
		fail();
	if (lam_launcher_start(&launcher, "/tmp", 0, &e))
		fail();
	for (long i = 0; i < n; i++)
		if (lam_launcher_spawn(&launcher, &spec, &s[i], &e))
			fail();
	then = lam_clock_monotonic();
	for (long i = 0; i < runs; i++) {
		struct lam_sandbox *at = &s[n ? i % n : 0];

		if (!n && lam_launcher_spawn(&launcher, &spec, at, &e))
			fail();
		if (n && i >= n)
			finish(at);
		start(at);
		if (!n) {
			finish(at);
			lam_sandbox_close(at);
		}
	}
	for (long i = 0; i < n && i < runs; i++)
		finish(&s[i]);
	printf("%.0f\n", (double)runs * 1e9 / (double)(lam_clock_monotonic() - then));
	for (long i = 0; i < n; i++)
		lam_sandbox_close(&s[i]);
	lam_launcher_stop(&launcher);
	return 0;
}
