/*
 * lam-batch - the batch layer: partials of views, from scratch
 *
 * In:   the master logs of a dataset; or log text (-e); or partials (--merge)
 * Out:  a partial stream, see lam-partial(5)
 *
 *	lam-batch -d /var/lib/lam | lam-serve -d /var/lib/lam
 */
#include <unistd.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "cli/signal.h"
#include "input/format.h"
#include "partial/lines.h"
#include "view/recompute.h"

static struct {
	const char *data, *sql, *name, *fields, *schema, *header;
	struct lam_choice format;
	uint64_t from, as_of, memory;
	unsigned threads;
	bool merge, incremental, lines, from_lines, strict;
} opt = { .name = "query", .as_of = UINT64_MAX,
	.format.name = lam_format_name };

static const char *const of_dataset[] = { "data", "incremental", "from",
	"as-of", NULL };
static const char *const of_files[] = { "name", "format", "schema", "fields",
	"strict", NULL };
static const char *const of_merge[] = { "from-lines", NULL };
static const char *const of_lines[] = { "header", NULL };
static const char *const of_range[] = { "from", NULL };
static const char *const of_engine[] = { "threads", "memory", NULL };

static const struct lam_option options[] = {
	LAM_OPTION_DATA(opt.data),
	{ 'e', "sql", "SQL", "run SQL over files or standard input, no "
		"dataset", LAM_OPT_TEXT, &opt.sql },
	{ 0, "name", "NAME", "-e: name of the section (default: query)",
		LAM_OPT_TEXT, &opt.name },
	LAM_OPTION_FORMAT("-e: ", opt.format),
	LAM_OPTION_SCHEMA("-e: ", opt.schema),
	LAM_OPTION_FIELDS("-e: ", opt.fields),
	LAM_OPTION_STRICT("-e: ", opt.strict),
	{ 'm', "merge", NULL, "merge partial streams",
		LAM_OPT_FLAG, &opt.merge },
	{ 'i', "incremental", NULL, "continue from the served generation; same bytes",
		LAM_OPT_FLAG, &opt.incremental },
	{ 0, "from", "POSITION", "only the records from POSITION on",
		LAM_OPT_POSITION, &opt.from },
	{ 0, "as-of", "POSITION", "only the records before POSITION; no "
		"segment is ended", LAM_OPT_POSITION, &opt.as_of },
	{ 0, "lines", NULL, "write the line form, for tools that sort and "
		"partition lines; --merge: read it, too",
		LAM_OPT_FLAG, &opt.lines },
	{ 0, "header", "FILE", "--merge --lines: a partial with the headers of the "
		"views", LAM_OPT_TEXT, &opt.header },
	{ 0, "from-lines", NULL, "--merge: read the line form, write a partial",
		LAM_OPT_FLAG, &opt.from_lines },
	LAM_OPTION_THREADS(opt.threads),
	LAM_OPTION_MEMORY(opt.memory),
	LAM_OPTION_QUIET,
	LAM_OPTION_VERBOSE("warn of all values that are not of their type, also "
		"old ones; -e: report each rejected line"),
	LAM_OPTION_END
};

static const struct lam_program program = { "lam-batch",
	"recompute views from the master log",
	"[-d DIR] [--incremental | --from POSITION] [--as-of POSITION] "
		"[option ...] [VIEW ...]\n"
	"-e SQL [--name NAME] [-f FORMAT] [option ...] [FILE ...]\n"
	"--merge [--from-lines | --lines --header FILE] [FILE ...]",
	options };

static void
check_options(void)
{
	if (opt.sql && opt.merge)
		lam_cli_usage("-e and --merge: give one of them");
	lam_cli_refuse(opt.merge, "does not go with --merge", of_dataset);
	lam_cli_refuse(opt.merge && !opt.from_lines, "does not go with --merge",
		of_engine);
	lam_cli_refuse(!opt.merge, "goes with --merge only", of_merge);
	lam_cli_refuse(!opt.merge || !opt.lines, "goes with --merge --lines only",
		of_lines);
	if (opt.merge && opt.lines && opt.from_lines)
		lam_cli_usage("--lines and --from-lines: give one of them");
	if (opt.merge && opt.lines && !opt.header)
		lam_cli_usage("--merge --lines: give the views, too: --header with a "
			"partial of them, without records, say");
	lam_cli_refuse(opt.sql, "does not go with -e", of_dataset);
	lam_cli_refuse(opt.incremental, "does not go with --incremental, which "
		"goes on from what is served", of_range);
	if (opt.incremental && opt.lines)
		lam_cli_usage("--incremental and --lines: what is served does not "
			"count the records of its groups: give one of them");
	lam_cli_refuse(!opt.sql, "goes with -e only", of_files);
}

static int
run(char **operand, size_t n, struct lam_partial_writer *w,
	struct lam_error *e)
{
	const char *const *names = (const char *const *)operand;
	struct lam_resources engine = lam_cli_engine(opt.threads,
		opt.memory);
	struct lam_messages messages = lam_cli_warnings();

	if (opt.merge && opt.lines)
		return lam_lines_merge(w, names, n, opt.header, e);
	if (opt.from_lines)
		return lam_lines_collect(w, names, n, &engine, e);
	if (opt.merge)
		return lam_partial_merge(w, names, n, engine.tmpdir, e);
	if (opt.sql) {
		struct lam_recompute_adhoc r = { .sql = opt.sql,
			.name = opt.name, .file = names, .nfiles = n,
			.adhoc = { .input = { .format = opt.format.value,
				.header = true }, .fields = opt.fields,
				.schema = opt.schema,
				.all_rejects = lam_cli_verbose,
				.wait_ms = -1 },
			.engine = engine, .warn = messages };
		int rc = lam_recompute_files(&r, w, e);

		return !rc && opt.strict && r.rejected ? LAM_SOME :
			!rc && !r.records ? LAM_NOTHING : rc;
	}
	struct lam_recompute r = { .data = lam_cli_data(opt.data),
		.view = names, .nviews = n,
		.from = opt.from,
		.bounded = opt.as_of != UINT64_MAX, .as_of = opt.as_of,
		.incremental = opt.incremental, .verbose = lam_cli_verbose,
		.engine = engine,
		.hold = lam_cli_hold, .warn = messages,
		.failed = lam_cli_failures() };

	return lam_recompute(&r, w, e);
}

int
main(int argc, char **argv)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_partial_writer *w = NULL;
	int first = lam_cli_parse(&program, argc, argv), rc, rc2;

	check_options();
	opt.sql = lam_cli_sql(opt.sql);
	lam_cli_stop_at_once("the partial stream has no end: lam-serve refuses "
		"it");
	rc = lam_partial_writer_open(&w, STDOUT_FILENO, "standard output",
		opt.lines, &e);
	if (!rc)
		rc = run(argv + first, (size_t)(argc - first), w, &e);
	if (rc <= LAM_NOTHING || rc == LAM_SOME) {
		rc2 = lam_partial_finish(w, &e);
		rc = rc2 ? rc2 : rc;
	}
	lam_partial_writer_free(w);
	return lam_cli_finish(rc, &e);
}
