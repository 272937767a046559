/*
 * lam-batch - the batch layer: partials of views, from scratch
 *
 * In:   the master logs of a dataset; or log text (-e); or partials (--merge)
 * Out:  a partial stream, see lam-partial(5)
 *
 *	lam-batch -d /var/lib/lam | lam-serve -d /var/lib/lam
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/signal.h"
#include "cli/task.h"
#include "cli/text.h"
#include "input/format.h"
#include "partial/lines.h"
#include "time/unit.h"
#include "view/recompute.h"

static struct {
	const char *data, *sql, *name, *fields, *schema, *header, *splits;
	struct lam_choice format;
	struct lam_cli_text text;
	uint64_t from, as_of, memory, rejects;
	unsigned threads;
	bool merge, incremental, lines, from_lines, segment, skip_header, strict;
} opt = { .name = "query", .from = UINT64_MAX, .as_of = UINT64_MAX,
	.rejects = UINT64_MAX, .format = { .name = lam_format_name,
		.open = true } };

/* Options that only some of the modes know. */
static const char *const of_dataset[] = { "data", "incremental", "splits", NULL };
static const char *const of_range[] = { "from", "as-of", NULL };
static const char *const of_query[] = { "name", "schema", "segment", NULL };
static const char *const of_text[] = { "format", "fields", "delimiter", "quote",
	"escape", "comment", "start", "origin", "time-format", "zone", "skip-header",
	"input-header", "no-input-header", "strict", "rejects", NULL };
static const char *const of_fields[] = { "skip-header", NULL };
static const char *const of_merge[] = { "from-lines", NULL };
static const char *const of_lines[] = { "header", NULL };
static const char *const of_start[] = { "from", NULL };
static const char *const of_engine[] = { "threads", "memory", NULL };

static const struct lam_option options[] = {
	LAM_OPTION_DATA(opt.data),
	{ 'e', "sql", "SQL", "run SQL over files or standard input, no "
		"dataset", LAM_OPT_TEXT, &opt.sql },
	{ 0, "name", "NAME", "-e: name of the section (default: query)",
		LAM_OPT_TEXT, &opt.name },
	LAM_OPTION_FORMAT("-e: ", opt.format),
	LAM_OPTION_SCHEMA("-e: ", opt.schema),
	LAM_OPTION_TIME_FORMAT("-e: ", opt.text.time_format),
	LAM_OPTION_DIALECT("-e: ", opt.text),
	LAM_OPTION_START("-e: ", opt.text.start),
	LAM_OPTION_ORIGIN("-e: ", opt.text),
	LAM_OPTION_ZONE("-e: ", opt.text.zone),
	LAM_OPTION_FIELDS("-e: ", opt.fields),
	LAM_OPTION_HEADER("-e: ", "input-", opt.text),
	{ 0, "skip-header", NULL, "--fields: a first line of just these names is no "
		"record", LAM_OPT_FLAG, &opt.skip_header },
	LAM_OPTION_STRICT("-e: ", opt.strict),
	{ 0, "rejects", "N", "-e: exit 5 if more than N lines were no records",
		LAM_OPT_POSITION, &opt.rejects },
	{ 'm', "merge", NULL, "merge partial streams",
		LAM_OPT_FLAG, &opt.merge },
	{ 'i', "incremental", NULL, "continue from the served generation; same bytes",
		LAM_OPT_FLAG, &opt.incremental },
	{ 0, "from", "POSITION", "only the records from POSITION on",
		LAM_OPT_POSITION, &opt.from },
	{ 0, "as-of", "POSITION", "only the records before POSITION; no "
		"segment is ended", LAM_OPT_POSITION, &opt.as_of },
	{ 0, "splits", "N|SIZE|segments", "print ranges for N workers, of SIZE "
		"bytes of the log, or of a segment", LAM_OPT_TEXT, &opt.splits },
	{ 0, "segment", NULL, "-e: the files are segments; no dataset",
		LAM_OPT_FLAG, &opt.segment },
	{ 0, "lines", NULL, "write the line form, for tools that sort and "
		"partition lines; --merge: read it, too",
		LAM_OPT_FLAG, &opt.lines },
	{ 0, "header", "FILE", "--merge --lines: a partial with the headers of the "
		"views", LAM_OPT_TEXT, &opt.header },
	{ 0, "from-lines", NULL, "--merge: read the line form, write a partial",
		LAM_OPT_FLAG, &opt.from_lines },
	LAM_OPTION_AGENTS,
	LAM_OPTION_GEO,
	LAM_OPTION_THREADS(opt.threads),
	LAM_OPTION_MEMORY(opt.memory),
	LAM_OPTION_PROGRESS,
	LAM_OPTION_QUIET,
	LAM_OPTION_VERBOSE("warn of all values that are not of their type, also "
		"old ones; -e: report each rejected line; --merge: warn of values "
		"that could not be computed"),
	LAM_OPTION_END
};

static const struct lam_program program = { "lam-batch",
	"recompute views from the master log",
	"[-d DIR] [--incremental | --from POSITION] [--as-of POSITION] "
		"[option ...] [VIEW ...]\n"
	"[-d DIR] --splits N|SIZE|segments [option ...] [VIEW ...]\n"
	"-e SQL [--name NAME] [-f FORMAT] [option ...] [FILE ...]\n"
	"-e SQL --segment --schema FILE [option ...] SEGMENT ...\n"
	"--merge [--from-lines | --lines --header FILE] [FILE ...]",
	options,
	"lam-batch | lam-serve\n"
	"lam-batch --incremental | lam-serve\n"
	"lam-batch -e 'select status, count(*) as n from stdin group by status' "
		"access.log" };

static void
check_merge(void)
{
	if (opt.sql && opt.merge)
		lam_cli_usage("-e and --merge: give one of them");
	lam_cli_refuse(opt.merge, "does not go with --merge", of_dataset);
	lam_cli_refuse(opt.merge, "does not go with --merge", of_range);
	lam_cli_refuse(opt.merge && !opt.from_lines, "does not go with --merge",
		of_engine);
	lam_cli_refuse(!opt.merge, "goes with --merge only", of_merge);
	lam_cli_refuse(!opt.merge || !opt.lines, "goes with --merge --lines only",
		of_lines);
	if (opt.lines && opt.splits)
		lam_cli_usage("--lines: does not go with --splits");
	if (opt.lines && opt.from_lines)
		lam_cli_usage("--lines and --from-lines: give one of them");
	if (opt.merge && opt.lines && !opt.header)
		lam_cli_usage("--merge --lines: give the views, too: --header with a "
			"partial of them, without records, say");
}

static void
check_options(size_t operands)
{
	bool text = opt.sql && !opt.segment;

	check_merge();
	lam_cli_refuse(!opt.sql, "goes with -e only", of_query);
	lam_cli_refuse(!opt.sql, "goes with -e only", of_text);
	lam_cli_refuse(opt.sql, "does not go with -e", of_dataset);
	lam_cli_refuse(text, "does not go with -e, but for --segment", of_range);
	lam_cli_refuse(opt.segment, "does not go with --segment", of_text);
	lam_cli_refuse(!opt.fields, "goes with --fields only", of_fields);
	lam_cli_refuse(opt.incremental, "does not go with --incremental, which "
		"goes on from what is served", of_start);
	if (opt.segment && (!opt.schema || !operands))
		lam_cli_usage("--segment: give the files, and --schema with that of "
			"their stream");
	if (opt.incremental && opt.lines)
		lam_cli_usage("--incremental and --lines: what is served does not "
			"count the records of its groups: give one of them");
	if (opt.strict && opt.rejects != UINT64_MAX)
		lam_cli_usage("--strict and --rejects: give one of them");
	if (opt.strict)
		opt.rejects = 0;
}

static void
tell_faults(void *arg, const struct lam_section *s)
{
	lam_faults_report(&s->counts, s->view, arg);
}

static int
run_merge(const char *const *file, size_t n, const struct lam_resources *engine,
	struct lam_partial_writer *w, struct lam_error *e)
{
	struct lam_messages messages = lam_cli_warnings();

	if (lam_cli_verbose)
		lam_partial_writer_watch(w, tell_faults, &messages);
	if (opt.lines)
		return lam_lines_merge(w, file, n, opt.header, e);
	if (opt.from_lines)
		return lam_lines_collect(w, file, n, engine, e);
	return lam_partial_merge(w, file, n, engine->tmpdir, e);
}

static int
run_segments(const char *const *file, size_t n,
	const struct lam_resources *engine, struct lam_partial_writer *w,
	struct lam_error *e)
{
	struct lam_recompute_segments r = { .sql = opt.sql, .name = opt.name,
		.file = file, .nfiles = n, .schema = opt.schema,
		.ranged = opt.from != UINT64_MAX, .from = opt.from,
		.bounded = opt.as_of != UINT64_MAX, .as_of = opt.as_of,
		.engine = *engine, .warn = lam_cli_warnings() };

	return lam_recompute_segments(&r, w, e);
}

static int
run_files(const char *const *file, size_t n, const struct lam_resources *engine,
	struct lam_partial_writer *w, struct lam_error *e)
{
	struct lam_recompute_adhoc r = { .sql = opt.sql, .name = opt.name,
		.file = file, .nfiles = n,
		.adhoc = { .input = { .format = opt.format.value,
			.skip_header = opt.skip_header },
			.fields = opt.fields, .schema = opt.schema,
			.data = lam_cli_dataset(opt.data),
			.all_rejects = lam_cli_verbose, .wait_ms = -1 },
		.engine = *engine, .warn = lam_cli_warnings() };
	int rc;

	lam_cli_text(&opt.text, &r.adhoc.input);
	rc = lam_recompute_files(&r, w, e);
	if (!rc && r.rejected > opt.rejects)
		return opt.strict ? LAM_SOME : lam_fail(e, LAM_SOME, "%" PRIu64
			" lines were no records: more than --rejects %" PRIu64,
			r.rejected, opt.rejects);
	/* An empty part of an input is no failure. */
	return !rc && !r.records && !opt.lines && !lam_task() ? LAM_NOTHING : rc;
}

static int
run_dataset(const char *const *view, size_t n,
	const struct lam_resources *engine, const struct lam_splits *splits,
	struct lam_partial_writer *w, struct lam_error *e)
{
	struct lam_recompute r = { .data = lam_cli_data(opt.data),
		.view = view, .nviews = n,
		.from = opt.from == UINT64_MAX ? 0 : opt.from,
		.bounded = opt.as_of != UINT64_MAX, .as_of = opt.as_of,
		.incremental = opt.incremental, .splits = splits,
		.verbose = lam_cli_verbose, .engine = *engine,
		.hold = lam_cli_hold, .warn = lam_cli_warnings(),
		.failed = lam_cli_failures() };

	return lam_recompute(&r, w, e);
}

/* ------------------------------------------------------------------ splits */

static int
tell_range(void *arg, uint64_t from, uint64_t to, const char *views,
	const char *segments, struct lam_error *e)
{
	(void)arg;
	return printf("%" PRIu64 "\t%" PRIu64 "\t%s\t%s\n", from, to, views,
		segments) < 0 ? lam_fail_sys(e, "standard output") : LAM_OK;
}

static struct lam_splits
parse_splits(void)
{
	struct lam_splits s = { .tell = tell_range };
	struct lam_str text = { opt.splits, strlen(opt.splits) };

	s.segments = lam_str_is(text, "segments");
	if (!s.segments && !(lam_str_u64(text, &s.count) && s.count) &&
		!(lam_size_parse(opt.splits, &s.bytes) && s.bytes))
		lam_cli_usage("--splits %.50s: expected a number of ranges, a size "
			"such as 128M, or segments", opt.splits);
	return s;
}

static void
tell_counters(const struct lam_written *n)
{
	if (!opt.merge) {
		lam_task_counter("records read", n->read);
		lam_task_counter("records counted", n->counted);
		lam_task_counter("lines rejected", n->rejected);
	}
	lam_task_counter(opt.merge ? "groups merged" : "groups", n->records);
}

static int
run(const char *const *operand, size_t n, struct lam_error *e)
{
	struct lam_resources engine = lam_cli_engine(opt.threads, opt.memory);
	struct lam_partial_writer *w = NULL;
	int rc, rc2;

	rc = lam_partial_writer_open(&w, STDOUT_FILENO, "standard output",
		opt.lines, e);
	if (!rc && opt.splits) {
		struct lam_splits splits = parse_splits();

		rc = run_dataset(operand, n, &engine, &splits, w, e);
		lam_partial_writer_free(w);
		return rc;
	}
	if (!rc)
		rc = opt.merge ? run_merge(operand, n, &engine, w, e) :
			opt.segment ? run_segments(operand, n, &engine, w, e) :
			opt.sql ? run_files(operand, n, &engine, w, e) :
			run_dataset(operand, n, &engine, NULL, w, e);
	if (rc <= LAM_NOTHING || rc == LAM_SOME) {
		rc2 = lam_partial_finish(w, e);
		rc = rc2 ? rc2 : rc;
	}
	if (!rc)
		tell_counters(lam_partial_written(w));
	lam_partial_writer_free(w);
	return rc;
}

int
main(int argc, char **argv)
{
	struct lam_error e = LAM_ERROR_INIT;
	int first = lam_cli_parse(&program, argc, argv), rc;
	size_t n = (size_t)(argc - first);

	check_options(n);
	opt.sql = lam_cli_sql(opt.sql);
	lam_cli_stop_at_once("the partial stream has no end: lam-serve refuses "
		"it");
	lam_cli_progress_begin(opt.sql ? opt.name : opt.merge ? "merge" : "views",
		true);
	lam_task_begin();
	rc = run((const char *const *)argv + first, n, &e);
	lam_task_end(rc != LAM_OK);
	return lam_cli_finish(rc, &e);
}
