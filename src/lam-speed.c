/*
 * lam-speed - the speed layer: partials of what the batch has not reached
 *
 * In:   the master logs of a dataset; or live log text (-e)
 * Out:  DIR/speed/VIEW/...; or rows of windows as they close (-e)
 *
 *	tail -F app.csv | lam-speed -e "select time_bucket(interval '10
 *		seconds', ts) as w, count(*) as n from stdin group by w"
 */
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"
#include "cli/cli.h"
#include "output/output.h"
#include "view/speed.h"
#include "view/watch.h"
#include "view/window.h"

#define IDLE (10 * LAM_NS) /* looks again even when nothing was noticed */

static volatile sig_atomic_t stop;

static struct {
	const char *data, *sql, *format, *fields, *schema, *emit;
	struct lam_choice form;
	int64_t interval, lateness; /* ns */
	uint64_t memory;
	unsigned threads;
	bool follow, no_header, verbose;
} opt = { .form = { lam_output_live_name, "csv" }, .emit = "closed",
	.interval = LAM_NS / 10 };

static const struct lam_option options[] = {
	{ 'd', "data", "DIR", "the dataset (default: $LAM_DATA)",
		LAM_OPT_TEXT, &opt.data },
	{ 'F', "follow", NULL, "stay, and keep up with the log",
		LAM_OPT_FLAG, &opt.follow },
	{ 0, "interval", "DURATION", "publish, or read live input, this often "
		"(default: 100ms)", LAM_OPT_DURATION, &opt.interval },
	{ 'e', "sql", "SQL", "run SQL over live input, no dataset",
		LAM_OPT_TEXT, &opt.sql },
	{ 0, "lateness", "DURATION", "-e: wait this long for late records "
		"(default: 0s)", LAM_OPT_DURATION, &opt.lateness },
	{ 0, "emit", "WHEN", "-e: closed, or changes (default: closed)",
		LAM_OPT_TEXT, &opt.emit },
	{ 'o', "output", "FORM", "-e: %s (default: csv)",
		LAM_OPT_CHOICE, &opt.form },
	{ 0, "no-header", NULL, "-e: no line of column names in the output",
		LAM_OPT_FLAG, &opt.no_header },
	{ 'f', "format", "FORMAT", "-e: csv, tsv, combined or common "
		"(default: guessed)", LAM_OPT_TEXT, &opt.format },
	{ 0, "fields", "NAMES", "-e: A,B,...: there is no line that names the "
		"fields", LAM_OPT_TEXT, &opt.fields },
	{ 0, "schema", "FILE", "-e: types of the fields (default: detected)",
		LAM_OPT_TEXT, &opt.schema },
	{ 0, "threads", "N", "threads (default: one per processor)",
		LAM_OPT_THREADS, &opt.threads },
	{ 0, "memory", "SIZE", "for groups, before spilling to $TMPDIR "
		"(default: 1G)", LAM_OPT_SIZE, &opt.memory },
	{ 'v', "verbose", NULL, "tell what each pass did",
		LAM_OPT_FLAG, &opt.verbose },
	{ 0, NULL, NULL, NULL, LAM_OPT_FLAG, NULL },
};

static const struct lam_program program = { "lam-speed",
	"keep views up to date between batches; live windows",
	"[-d DIR] [--follow] [option ...] [VIEW ...]\n"
	"-e SQL [--lateness DURATION] [--emit WHEN] [option ...] [FILE ...]",
	options };

static void
on_signal(int signal_number)
{
	(void)signal_number;
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
}

/* SIGTERM and SIGINT end the program cleanly.  They are blocked, but while it
 * waits: *MASK is then the mask. */
static void
catch_signals(sigset_t *mask)
{
	struct sigaction a = { .sa_handler = on_signal };
	sigset_t block;

	sigemptyset(&a.sa_mask);
	sigaction(SIGTERM, &a, NULL);
	sigaction(SIGINT, &a, NULL);
	sigemptyset(&block);
	sigaddset(&block, SIGTERM);
	sigaddset(&block, SIGINT);
	pthread_sigmask(SIG_BLOCK, &block, mask);
	sigdelset(mask, SIGTERM);
	sigdelset(mask, SIGINT);
}

static void
warn(void *arg, const char *line)
{
	(void)arg;
	lam_cli_warn("%s", line);
}

static int64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * LAM_NS + t.tv_nsec;
}

/* ---------------------------------------------------------------- dataset */

static int
pass(struct lam_speed *s, struct lam_error *e)
{
	int64_t start = now();
	uint64_t records;
	int rc = lam_speed_pass(s, &records, e);

	if (!rc && opt.verbose && records)
		lam_cli_warn("%" PRIu64 " record%s, %.3f s", records,
			records == 1 ? "" : "s", (double)(now() - start) / 1e9);
	return rc;
}

static int
follow(struct lam_speed *s, const sigset_t *mask, struct lam_error *e)
{
	struct lam_watch watch = LAM_WATCH_INIT;
	int rc = lam_watch_open(&watch, e);

	while (!rc && !stop) {
		int64_t start = now(), rest;

		/* Watched before it is read: nothing new is missed. */
		rc = lam_watch_update(&watch, s->data, e);
		if (!rc)
			rc = pass(s, e);
		if (!rc && !stop)
			rc = lam_watch_wait(&watch, IDLE, mask, false, e);
		rest = start + opt.interval - now();
		if (!rc && !stop && rest > 0)
			rc = lam_watch_wait(&watch, rest, mask, true, e);
	}
	lam_watch_close(&watch);
	return rc;
}

static int
run_dataset(char **view, size_t n, struct lam_error *e)
{
	struct lam_speed s = { .data = lam_cli_data(opt.data),
		.view = (const char *const *)view, .nviews = n,
		.engine = lam_cli_engine(opt.threads, opt.memory), .tolerant = opt.follow,
		.warn = { warn, NULL } };
	sigset_t mask;
	int rc;

	if (opt.follow) {
		catch_signals(&mask);
		rc = follow(&s, &mask, e);
	} else {
		rc = pass(&s, e);
	}
	lam_speed_release(&s);
	return rc;
}

/* ------------------------------------------------------------------ live */

struct out {
	struct lam_writer *writer;
	bool header; /* still to be written */
};

static int
out_begin(void *arg, const struct lam_query *q, struct lam_error *e)
{
	struct out *o = arg;
	int rc;

	rc = lam_writer_open(&o->writer, opt.form.value, STDOUT_FILENO, q,
		o->header, e);
	o->header = false;
	return rc;
}

static int
out_rows(void *arg, const struct lam_vec *column, uint32_t n,
	struct lam_error *e)
{
	struct out *o = arg;

	return lam_writer_rows(o->writer, column, n, e);
}

static int
out_end(void *arg, struct lam_error *e)
{
	struct out *o = arg;
	int rc = lam_writer_close(o->writer, NULL, e);

	o->writer = NULL;
	return rc;
}

/* Opening an input reads its header line and cannot be interrupted. */
static void
await_input(const sigset_t *mask)
{
	struct pollfd p = { STDIN_FILENO, POLLIN, 0 };

	while (!stop && ppoll(&p, 1, NULL, mask) < 0)
		;
}

static int
run_live(char **file, size_t n, struct lam_error *e)
{
	struct out out = { NULL, !opt.no_header };
	struct lam_window w = { .sql = opt.sql,
		.file = (const char *const *)file, .nfiles = n,
		.lateness = opt.lateness,
		.changes = !strcmp(opt.emit, "changes"),
		.adhoc = { .input = { .format = opt.format, .header = true },
			.fields = opt.fields, .schema = opt.schema,
			.stop = &stop,
			.wait_ms = (int)((opt.interval + 999999) / 1000000) },
		.engine = lam_cli_engine(opt.threads, opt.memory), .warn = { warn, NULL },
		.begin = out_begin, .rows = out_rows, .end = out_end,
		.arg = &out };
	sigset_t mask;
	int rc;

	catch_signals(&mask);
	if (n == 0)
		await_input(&mask);
	if (stop)
		return LAM_OK;
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	rc = lam_window_run(&w, e);
	if (out.writer)
		lam_writer_abandon(out.writer);
	return !rc && (w.late || w.rejected) ? LAM_PARTIAL : rc;
}

static void
check_options(void)
{
	static const char *const of_dataset[] = { "data", "follow", "verbose",
		NULL };
	static const char *const of_input[] = { "lateness", "emit", "output",
		"no-header", "format", "fields", "schema", NULL };
	static const char *const of_time[] = { "interval", NULL };

	lam_cli_refuse(opt.sql, "does not go with -e", of_dataset);
	lam_cli_refuse(!opt.sql, "goes with -e only", of_input);
	lam_cli_refuse(!opt.sql && !opt.follow, "goes with --follow or -e",
		of_time);
	if (strcmp(opt.emit, "closed") && strcmp(opt.emit, "changes"))
		lam_cli_usage("--emit %.50s: expected closed or changes",
			opt.emit);
	if (opt.interval < 0 || opt.interval / 1000000 > INT_MAX / 2)
		lam_cli_usage("--interval: too long");
}

int
main(int argc, char **argv)
{
	struct lam_error e = LAM_ERROR_INIT;
	int first = lam_cli_parse(&program, argc, argv), rc;

	check_options();
	if (opt.sql)
		rc = run_live(argv + first, (size_t)(argc - first), &e);
	else
		rc = run_dataset(argv + first, (size_t)(argc - first), &e);
	return lam_cli_finish(rc, &e);
}
