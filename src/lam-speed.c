/*
 * lam-speed - the speed layer: partials of what the batch has not reached
 *
 * In:   the master logs of a dataset; or live log text (-e)
 * Out:  DIR/speed/VIEW/...; or rows of windows as they close (-e)
 *
 *	tail -n +1 -F app.csv | lam-speed -e "select time_bucket(interval '10
 *		seconds', ts) as w, count(*) as n from stdin group by w"
 */
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/signal.h"
#include "cli/terminal.h"
#include "cli/text.h"
#include "input/format.h"
#include "live/tumble.h"
#include "output/output.h"
#include "time/time.h"
#include "time/unit.h"
#include "view/speed.h"
#include "view/watch.h"

#define IDLE (10 * LAM_NS) /* looks again even when nothing was noticed */

static const _Atomic int *stop;

static struct {
	const char *data, *sql, *fields, *schema, *emit, *ahead;
	struct lam_choice form, format;
	struct lam_cli_text text;
	int64_t interval, lateness, idle, max_ahead; /* ns */
	uint64_t memory;
	unsigned threads;
	bool follow, fill, no_header, strict;
} opt = { .form = { .name = lam_output_live_name, .value = "csv" },
	.format = { .name = lam_format_name, .open = true },
	.emit = "closed", .ahead = "10m",
	.idle = -1, .max_ahead = -1, .interval = LAM_NS / 10 };

static const struct lam_option options[] = {
	LAM_OPTION_DATA(opt.data),
	{ 'F', "follow", NULL, "stay, and keep up with the log",
		LAM_OPT_FLAG, &opt.follow },
	{ 0, "interval", "DURATION", "publish, or read live input, this often "
		"(default: 100ms)", LAM_OPT_DURATION, &opt.interval },
	{ 'e', "sql", "SQL", "run SQL over live input, no dataset",
		LAM_OPT_TEXT, &opt.sql },
	{ 0, "lateness", "DURATION", "-e: wait this long for late records "
		"(default: 0s)", LAM_OPT_DURATION, &opt.lateness },
	{ 0, "max-ahead", "DURATION|none", "-e: records further ahead of the "
		"clock close no window (default: 10m)",
		LAM_OPT_TEXT, &opt.ahead },
	{ 0, "idle", "DURATION", "-e: when nothing came for so long, windows "
		"close by the clock", LAM_OPT_DURATION, &opt.idle },
	{ 0, "fill", NULL, "-e: rows for windows and keys without records, too",
		LAM_OPT_FLAG, &opt.fill },
	{ 0, "emit", "WHEN", "-e: closed, or changes (default: closed)",
		LAM_OPT_TEXT, &opt.emit },
	{ 'o', "output", "FORM", "-e: %s (default: csv)",
		LAM_OPT_CHOICE, &opt.form },
	LAM_OPTION_NO_HEADER("-e: ", opt.no_header),
	LAM_OPTION_FORMAT("-e: ", opt.format),
	LAM_OPTION_FIELDS("-e: ", opt.fields),
	LAM_OPTION_HEADER("-e: ", "input-", opt.text),
	LAM_OPTION_SCHEMA("-e: ", opt.schema),
	LAM_OPTION_TIME_FORMAT("-e: ", opt.text.time_format),
	LAM_OPTION_DIALECT("-e: ", opt.text),
	LAM_OPTION_START("-e: ", opt.text.start),
	LAM_OPTION_ORIGIN("-e: ", opt.text),
	LAM_OPTION_ZONE("-e: ", opt.text.zone),
	{ 0, "strict", NULL, "-e: exit 5 if any line was no record, or any "
		"record came late", LAM_OPT_FLAG, &opt.strict },
	LAM_OPTION_AGENTS,
	LAM_OPTION_GEO,
	LAM_OPTION_THREADS(opt.threads),
	LAM_OPTION_MEMORY(opt.memory),
	LAM_OPTION_PROGRESS,
	LAM_OPTION_QUIET,
	LAM_OPTION_VERBOSE("report what each pass did; -e: each rejected line"),
	LAM_OPTION_END
};

static const struct lam_program program = { "lam-speed",
	"keep views up to date between batches; live windows",
	"[-d DIR] [--follow] [option ...] [VIEW ...]\n"
	"-e SQL [--lateness DURATION] [--emit WHEN] [option ...] [FILE ...]",
	options,
	"lam-speed\n"
	"lam-speed --verbose traffic\n"
	"tail -n 100 access.log | lam-speed -e \"select date_trunc('minute', ts) as t, "
		"count(*) as n from stdin group by t\"" };

/* ---------------------------------------------------------------- dataset */

static int
pass(struct lam_speed *s, struct lam_error *e)
{
	int64_t start = lam_clock_monotonic();
	uint64_t records;
	int rc = lam_speed_pass(s, &records, e);

	if (!rc && lam_cli_verbose && records)
		lam_cli_warn("%" PRIu64 " record%s, %.3f s", records,
			records == 1 ? "" : "s",
			(double)(lam_clock_monotonic() - start) / 1e9);
	return rc;
}

/* Signals may come while the pass is at work: it looks at the flag. */
static int
open_pass(struct lam_speed *s, const sigset_t *open, struct lam_error *e)
{
	sigset_t blocked;
	int rc;

	pthread_sigmask(SIG_SETMASK, open, &blocked);
	rc = pass(s, e);
	pthread_sigmask(SIG_SETMASK, &blocked, NULL);
	return rc;
}

static int
follow(struct lam_speed *s, const sigset_t *mask, struct lam_error *e)
{
	struct lam_watch watch = LAM_WATCH_INIT;
	int rc = lam_watch_open(&watch, e);

	while (!rc && !*stop) {
		int64_t start = lam_clock_monotonic(), rest;

		/* Watched before it is read: nothing new is missed. */
		rc = lam_watch_update(&watch, s->data, e);
		if (!rc)
			rc = open_pass(s, mask, e);
		if (!rc && !*stop)
			rc = lam_watch_wait(&watch, IDLE, mask, false, e);
		rest = start + opt.interval - lam_clock_monotonic();
		if (!rc && !*stop && rest > 0)
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
		.engine = lam_cli_engine(opt.threads, opt.memory),
		.tolerant = opt.follow,
		.stop = stop, .warn = lam_cli_warnings(),
		.failed = lam_cli_failures() };
	sigset_t mask;
	int rc;

	if (opt.follow) {
		lam_cli_stop_block(&mask);
		rc = follow(&s, &mask, e);
	} else {
		rc = pass(&s, e);
	}
	lam_speed_release(&s);
	if (lam_cli_stopped())
		lam_cli_warn("stopped by %s: what was published is whole; the "
			"next run goes on from there", lam_cli_stopped());
	return rc;
}

/* ------------------------------------------------------------------ live */

struct out {
	struct lam_writer *writer;
	bool header;   /* still to be written */
	uint64_t rows; /* written */
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
	uint64_t rows = 0;
	int rc = lam_writer_close(o->writer, &rows, e);

	o->writer = NULL;
	o->rows += rows;
	return rc;
}

static int
run_live(char **file, size_t n, struct lam_error *e)
{
	struct out out = { NULL, !opt.no_header, 0 };
	struct lam_tumble w = { .sql = opt.sql,
		.file = (const char *const *)file, .nfiles = n,
		.lateness = opt.lateness, .max_ahead = opt.max_ahead,
		.idle = opt.idle, .fill = opt.fill,
		.changes = !strcmp(opt.emit, "changes"),
		.adhoc = { .input.format = opt.format.value,
			.fields = opt.fields, .schema = opt.schema,
			.data = lam_cli_dataset(opt.data),
			.all_rejects = lam_cli_verbose, .stop = stop,
			.wait_ms = (int)((opt.interval + 999999) / 1000000) },
		.engine = lam_cli_engine(opt.threads, opt.memory),
		.warn = lam_cli_warnings(),
		.begin = out_begin, .rows = out_rows, .end = out_end,
		.arg = &out };
	int rc = LAM_OK;

	lam_cli_text(&opt.text, &w.adhoc.input);
	if (n || lam_cli_await_input())
		rc = lam_tumble_run(&w, e);
	if (lam_cli_stopped())
		lam_cli_warn("stopped by %s: %" PRIu64 " records were read, "
			"and the windows that were open are printed",
			lam_cli_stopped(), w.records);
	if (out.writer)
		lam_writer_abandon(out.writer);
	if (!rc && opt.strict && (w.late || w.rejected))
		return LAM_SOME;
	return rc || out.rows ? rc : LAM_NOTHING;
}

static void
check_options(void)
{
	static const char *const of_dataset[] = { "data", "follow", NULL };
	static const char *const of_input[] = { "lateness", "max-ahead", "idle",
		"fill", "emit", "output", "no-header", "format", "fields",
		"input-header", "no-input-header", "schema", "start", "origin",
		"time-format", "zone", "delimiter", "quote", "escape", "comment",
		"strict", NULL };
	static const char *const of_time[] = { "interval", NULL };

	lam_cli_refuse(opt.sql, "does not go with -e", of_dataset);
	lam_cli_refuse(!opt.sql, "goes with -e only", of_input);
	lam_cli_refuse(!opt.sql && !opt.follow, "goes with --follow or -e",
		of_time);
	if (strcmp(opt.emit, "closed") && strcmp(opt.emit, "changes"))
		lam_cli_usage("--emit %.50s: expected closed or changes",
			opt.emit);
	lam_terminal_check(false, opt.no_header, opt.form.value);
	if (opt.fill && strcmp(opt.emit, "closed"))
		lam_cli_usage("--fill: goes with --emit closed only");
	if (strcmp(opt.ahead, "none") &&
		!lam_duration_parse(opt.ahead, &opt.max_ahead))
		lam_cli_usage("--max-ahead %.50s: expected a duration such as "
			"10m, or none", opt.ahead);
	if (opt.interval < 0 || opt.interval / 1000000 > INT_MAX / 2)
		lam_cli_usage("--interval: too long");
}

int
main(int argc, char **argv)
{
	struct lam_error e = LAM_ERROR_INIT;
	int first = lam_cli_parse(&program, argc, argv), rc;

	check_options();
	opt.sql = lam_cli_sql(opt.sql);
	stop = lam_cli_stop_when_asked();
	lam_cli_progress_begin(opt.sql ? "stdin" : "views", !opt.follow);
	if (opt.sql)
		rc = run_live(argv + first, (size_t)(argc - first), &e);
	else
		rc = run_dataset(argv + first, (size_t)(argc - first), &e);
	return lam_cli_finish(rc, &e);
}
