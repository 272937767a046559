/*
 * test_cli.c - options, help, messages and exit status, each in a process of
 * its own whose output is caught
 */
#include "cli/cli.h"
#include "cli/signal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

static struct {
	bool quiet;
	const char *data;
	unsigned threads;
	uint64_t memory, position;
	int64_t late;
} opt;

static const struct lam_option options[] = {
	{ 'd', "data", "DIR", "the dataset", LAM_OPT_TEXT, &opt.data },
	{ 'q', "quiet", NULL, "say nothing", LAM_OPT_FLAG, &opt.quiet },
	{ 'j', "threads", "N", "threads", LAM_OPT_COUNT, &opt.threads },
	{ 0, "memory", "SIZE", "memory", LAM_OPT_SIZE, &opt.memory },
	{ 0, "as-of", "POSITION", "past", LAM_OPT_POSITION, &opt.position },
	{ 0, "lateness", "TIME", "wait", LAM_OPT_DURATION, &opt.late },
	{ 0, NULL, NULL, NULL, LAM_OPT_FLAG, NULL }
};

static const struct lam_program program = { .name = "lam-test",
	.purpose = "tests things", .usage = "[-d DIR] [FILE...]\n-q",
	.option = options, .examples = "lam-test -q" };

/* What a child said and how it ended. */
static char out[8192], err[8192];
static int status;

static void
drain(int fd, char *p)
{
	size_t n = 0;
	ssize_t k;

	while ((k = read(fd, p + n, 8191 - n)) > 0)
		n += (size_t)k;
	p[n] = '\0';
	close(fd);
}

/* Run BODY in a child whose standard output is OUT_FD (-1: caught). */
static void
child(int (*body)(char **argv), char **argv, int out_fd)
{
	int o[2], r[2];
	pid_t pid;

	if (pipe(o) != 0 || pipe(r) != 0)
		exit(1);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		signal(SIGINT, SIG_DFL); /* a job in the background ignores it */
		dup2(out_fd >= 0 ? out_fd : o[1], STDOUT_FILENO);
		dup2(r[1], STDERR_FILENO);
		close(o[0]);
		close(o[1]);
		close(r[0]);
		close(r[1]);
		status = body(argv);
		_exit(status);
	}
	close(o[1]);
	close(r[1]);
	drain(o[0], out);
	drain(r[0], err);
	waitpid(pid, &status, 0);
	status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int
body_parse(char **argv)
{
	int n = 0, first;

	while (argv[n])
		n++;
	first = lam_cli_parse(&program, n, argv);
	printf("%d %s %u %llu %llu %lld:", opt.quiet, opt.data ? opt.data : "-",
		opt.threads, (unsigned long long)opt.memory,
		(unsigned long long)opt.position, (long long)opt.late);
	for (int i = first; i < n; i++)
		printf(" %s", argv[i]);
	return lam_cli_finish(LAM_OK, NULL);
}

#define RUN(...) \
	child(body_parse, (char *[]){ arg0, __VA_ARGS__, NULL }, -1)
#define SAYS(want) CHECK_STR(err, strlen(err), (want))
#define SHOWS(want) CHECK_STR(out, strlen(out), (want))

static char arg0[] = "lam-test";
static char data[] = "-d", dir[] = "D", quiet[] = "-q", file[] = "f";

/* Each mistake: status 2, nothing on standard output, this one line. */
static void
test_mistakes(void)
{
	static const struct { char arg[3][24]; const char *says; } t[] = {
		{ { "--foo" }, "lam-test: unknown option --foo: try lam-test "
			"--help\n" },
		{ { "--foo=bar" }, "lam-test: unknown option --foo=bar: try "
			"lam-test --help\n" },
		{ { "-x" }, "lam-test: unknown option -x: try lam-test "
			"--help\n" },
		{ { "--quiet", "-qx" }, "lam-test: unknown option -x: try "
			"lam-test --help\n" },
		{ { "-d" }, "lam-test: -d: needs an argument: try lam-test "
			"--help\n" },
		{ { "--data" }, "lam-test: --data: needs an argument: try "
			"lam-test --help\n" },
		{ { "--quiet=1" }, "lam-test: --quiet: takes no argument: try "
			"lam-test --help\n" },
		{ { "-j", "0" }, "lam-test: --threads 0: expected a number "
			"from 1 up: try lam-test --help\n" },
		{ { "-j", "4x" }, "lam-test: --threads 4x: expected a number "
			"from 1 up: try lam-test --help\n" },
		{ { "-j", " 4" }, "lam-test: --threads  4: expected a number "
			"from 1 up: try lam-test --help\n" },
		{ { "-j", "-4" }, "lam-test: --threads -4: expected a number "
			"from 1 up: try lam-test --help\n" },
		{ { "-j", "4294967296" }, "lam-test: --threads 4294967296: "
			"expected a number from 1 up: try lam-test --help\n" },
		{ { "--memory", "1X" }, "lam-test: --memory 1X: expected a size "
			"such as 64M or 2G: try lam-test --help\n" },
		{ { "--as-of", "18446744073709551616" }, "lam-test: --as-of "
			"18446744073709551616: expected a position: 0, 1, 2, "
			"...: try lam-test --help\n" },
		{ { "--lateness", "10" }, "lam-test: --lateness 10: expected a "
			"duration such as 100ms or 10s: try lam-test --help\n" },
		{ { "--lateness", "\x1b[1m\n" }, "lam-test: --lateness "
			"\\x1b[1m\\x0a: expected a duration such as 100ms or "
			"10s: try lam-test --help\n" },
	};

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		char arg[3][24];
		char *argv[5] = { arg0 };

		memcpy(arg, t[i].arg, sizeof arg);
		for (int k = 0; k < 3 && arg[k][0]; k++)
			argv[k + 1] = arg[k];
		child(body_parse, argv, -1);
		FAIL_IF(status != LAM_USAGE || out[0] || strcmp(err, t[i].says),
			"%s: %d %s", t[i].arg[0], status, err);
	}
	PASS("a mistake is one line that names it, status 2");
}

static void
test_values(void)
{
	char late[] = "--lateness=100ms", mem[] = "--memory=64K";
	char asof[] = "--as-of", pos[] = "18446744073709551615";
	char dashes[] = "--", option[] = "-x", jobs[] = "-j12";

	RUN(data, dir, file, quiet, late, mem, asof, pos, jobs, dashes, option);
	CHECK_INT(status, 0);
	SHOWS("1 D 12 65536 18446744073709551615 100000000: f -x");
	SAYS("");
	RUN(file);
	SHOWS("0 - 0 0 0 0: f");
}

static void
test_help(void)
{
	char help[] = "--help", h[] = "-h", version[] = "--version";
	char v[] = "-V";
	int full = open("/dev/full", O_WRONLY);
	char *argv[] = { arg0, help, NULL };

	RUN(help);
	CHECK_INT(status, 0);
	SAYS("");
	CHECK(strstr(out, "usage: lam-test [-d DIR] [FILE...]\n"
			  "       lam-test -q\n"));
	CHECK(strstr(out, "  -d, --data DIR "));
	CHECK(strstr(out, "      --memory SIZE "));
	CHECK(strstr(out, "  -h, --help ") && strstr(out, "  -V, --version "));
	RUN(h);
	CHECK(status == 0 && strstr(out, "usage: lam-test"));
	RUN(version);
	CHECK_INT(status, 0);
	SHOWS("lam-test " LAM_VERSION "\n");
	RUN(v);
	SHOWS("lam-test " LAM_VERSION "\n");
	child(body_parse, argv, full);
	CHECK_INT(status, LAM_SYSTEM);
	SAYS("lam-test: standard output: cannot write: No space left on "
	     "device\n");
	close(full);
}

static int
body_fail(char **argv)
{
	struct lam_error e = LAM_ERROR_INIT;

	lam_cli_parse(&program, 1, argv);
	printf("partial output\n");
	return lam_cli_finish(lam_fail(&e, LAM_DATA, "log: \x1b[2J%s",
		"\xc2\x9b\n\x7f"), &e);
}

static int
body_rejects(char **argv)
{
	struct lam_error e = LAM_ERROR_INIT;

	lam_cli_parse(&program, 1, argv);
	return lam_cli_finish(LAM_SOME, &e);
}

static int
body_nothing(char **argv)
{
	struct lam_error e = LAM_ERROR_INIT;

	lam_cli_parse(&program, 1, argv);
	return lam_cli_finish(lam_fail(&e, LAM_NOTHING, "x: empty"), &e);
}

static int
body_pipe(char **argv)
{
	struct lam_error e = LAM_ERROR_INIT;

	lam_cli_parse(&program, 1, argv);
	errno = EPIPE;
	return lam_cli_finish(lam_fail_sys(&e, "standard output"), &e);
}

/* More than stdio holds, so that the failure comes before the end. */
static int
body_flood(char **argv)
{
	lam_cli_parse(&program, 1, argv);
	for (int i = 0; i < 100000; i++)
		printf("line %d\n", i);
	return lam_cli_finish(LAM_OK, NULL);
}

static void
test_finish(void)
{
	char *argv[] = { arg0, NULL };
	int p[2], full = open("/dev/full", O_WRONLY);

	child(body_fail, argv, -1);
	CHECK_INT(status, LAM_DATA);
	SHOWS("partial output\n");
	SAYS("lam-test: log: \\x1b[2J\\xc2\\x9b\\x0a\\x7f\n");
	child(body_rejects, argv, -1);
	CHECK_INT(status, 5);
	SAYS("");
	child(body_nothing, argv, -1);
	CHECK_INT(status, 1);
	SAYS("lam-test: x: empty\n");
	child(body_pipe, argv, -1);
	CHECK_INT(status, 0);
	SAYS("");
	CHECK(pipe(p) == 0);
	close(p[0]);
	child(body_flood, argv, p[1]);
	CHECK_INT(status, 0);
	SAYS("");
	child(body_fail, argv, p[1]); /* a failure is told even so */
	CHECK_INT(status, LAM_DATA);
	close(p[1]);
	child(body_flood, argv, full);
	CHECK_INT(status, LAM_SYSTEM);
	CHECK(strstr(err, "lam-test: standard output: cannot write: ") == err);
	child(body_fail, argv, full);
	CHECK_INT(status, LAM_DATA);
	close(full);
}

/* Stopped in the middle of a piece of output: the piece is made whole. */
static int
body_held(char **argv)
{
	lam_cli_parse(&program, 1, argv);
	lam_cli_stop_at_once("half is missing");
	lam_cli_hold(true);
	printf("one ");
	kill(getpid(), SIGTERM);
	printf("row\n");
	fflush(stdout);
	lam_cli_hold(false);
	printf("never\n");
	return lam_cli_finish(LAM_OK, NULL);
}

static int
body_asked(char **argv)
{
	const _Atomic int *stop;

	lam_cli_parse(&program, 1, argv);
	stop = lam_cli_stop_when_asked();
	raise(SIGHUP); /* a thread wakes another one: not told to stop */
	printf("%d ", *stop);
	kill(getpid(), SIGHUP);
	printf("%d %s", *stop == SIGHUP, lam_cli_stopped());
	return lam_cli_finish(LAM_OK, NULL);
}

static int
body_twice(char **argv)
{
	lam_cli_parse(&program, 1, argv);
	lam_cli_stop_when_asked();
	kill(getpid(), SIGTERM);
	kill(getpid(), SIGINT);
	printf("never\n");
	return lam_cli_finish(LAM_OK, NULL);
}

static int
body_ignored(char **argv)
{
	signal(SIGHUP, SIG_IGN); /* nohup */
	lam_cli_parse(&program, 1, argv);
	lam_cli_stop_at_once("half is missing");
	kill(getpid(), SIGHUP);
	printf("whole\n");
	return lam_cli_finish(LAM_OK, NULL);
}

static void
test_signals(void)
{
	char *argv[] = { arg0, NULL };

	child(body_held, argv, -1);
	CHECK_INT(status, -SIGTERM);
	SHOWS("one row\n");
	SAYS("lam-test: stopped by SIGTERM: half is missing\n");
	child(body_asked, argv, -1);
	CHECK_INT(status, -SIGHUP);
	SHOWS("0 1 SIGHUP");
	child(body_twice, argv, -1);
	CHECK_INT(status, -SIGINT);
	SHOWS("");
	child(body_ignored, argv, -1);
	CHECK_INT(status, 0);
	SHOWS("whole\n");
}

static int
body_closed(char **argv)
{
	char c;
	int fd;

	close(0);
	close(1);
	lam_cli_parse(&program, 1, argv);
	fd = open("/dev/null", O_RDONLY);
	fprintf(stderr, "%d %d ", fd > 2, read(0, &c, 1) < 0);
	printf("lost\n");
	return lam_cli_finish(LAM_OK, NULL);
}

static int
body_data(char **argv)
{
	lam_cli_parse(&program, 1, argv);
	setenv("LAM_DATA", "E", 1);
	printf("%s %s", lam_cli_data("D"), lam_cli_data(NULL));
	fflush(stdout);
	setenv("LAM_DATA", "", 1);
	lam_cli_data(NULL);
	return 0;
}

static void
test_environment(void)
{
	char *argv[] = { arg0, NULL };

	child(body_closed, argv, -1);
	CHECK_INT(status, LAM_SYSTEM);
	SAYS("1 1 lam-test: standard output: cannot write: Bad file "
	     "descriptor\n");
	child(body_data, argv, -1);
	CHECK_INT(status, LAM_USAGE);
	SHOWS("D E");
	SAYS("lam-test: no dataset: give -d DIR or set LAM_DATA\n");
}

int
main(void)
{
	test_mistakes();
	test_values();
	test_help();
	test_finish();
	test_signals();
	test_environment();
	return DONE();
}
