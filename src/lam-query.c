/*
 * lam-query - merge what batch and speed have with the rest of the log: answer
 *
 * In:   a dataset, partial streams (-p), or log text (FROM 'file', FROM stdin)
 * Out:  rows: a table on a terminal, CSV in a pipe
 *
 *	lam-query "select status, hits from traffic order by hits desc"
 */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"
#include "cli/cli.h"
#include "output/output.h"
#include "view/ask.h"

static struct {
	const char *data, *partials, *format, *fields, *schema;
	struct lam_choice form;
	uint64_t as_of, memory;
	unsigned threads;
	bool explain, no_header;
} opt = { .as_of = UINT64_MAX, .form.name = lam_output_name };

static const struct lam_option options[] = {
	{ 'd', "data", "DIR", "the dataset (default: $LAM_DATA)",
		LAM_OPT_TEXT, &opt.data },
	{ 'p', "partials", "FILE", "query a partial stream; - is standard "
		"input", LAM_OPT_TEXT, &opt.partials },
	{ 'o', "output", "FORM", "%s", LAM_OPT_CHOICE, &opt.form },
	{ 0, "no-header", NULL, "no line of column names",
		LAM_OPT_FLAG, &opt.no_header },
	{ 0, "as-of", "POSITION", "the answer over the records before "
		"POSITION", LAM_OPT_POSITION, &opt.as_of },
	{ 'x', "explain", NULL, "tell on standard error where the answer came "
		"from", LAM_OPT_FLAG, &opt.explain },
	{ 'f', "format", "FORMAT", "of a file: csv, tsv, combined or common "
		"(default: guessed)", LAM_OPT_TEXT, &opt.format },
	{ 0, "fields", "NAMES", "of a file: A,B,...: there is no line that names "
		"the fields", LAM_OPT_TEXT, &opt.fields },
	{ 0, "schema", "FILE", "of a file: types of the fields (default: detected)",
		LAM_OPT_TEXT, &opt.schema },
	{ 0, "threads", "N", "threads (default: one per processor)",
		LAM_OPT_THREADS, &opt.threads },
	{ 0, "memory", "SIZE", "for groups, before spilling to $TMPDIR "
		"(default: 1G)", LAM_OPT_SIZE, &opt.memory },
	{ 0, NULL, NULL, NULL, LAM_OPT_FLAG, NULL },
};

static const struct lam_program program = { "lam-query",
	"answer SQL from views, streams, partials and files",
	"[-d DIR] [--as-of POSITION] [--explain] [-o FORM] [option ...] SQL\n"
	"-p FILE [-o FORM] [option ...] SQL", options };

static void
warn(void *arg, const char *line)
{
	(void)arg;
	lam_cli_warn("%s", line);
}

static void
explain(void *arg, const char *line)
{
	(void)arg;
	lam_cli_tell(line);
}

static uint64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)(t.tv_sec * LAM_NS + t.tv_nsec);
}

static int
open_writer(void *arg, const struct lam_query *q, struct lam_error *e)
{
	struct lam_writer **w = arg;
	const char *form = opt.form.value;

	if (!form)
		form = isatty(STDOUT_FILENO) ? "table" : "csv";
	return lam_writer_open(w, form, STDOUT_FILENO, q, !opt.no_header, e);
}

static int
write_rows(void *arg, const struct lam_vec *column, uint32_t n,
	struct lam_error *e)
{
	struct lam_writer **w = arg;

	return lam_writer_rows(*w, column, n, e);
}

/* A cover may have thousands of pieces, each an open file. */
static void
raise_limit(void)
{
	struct rlimit r;

	if (!getrlimit(RLIMIT_NOFILE, &r) && r.rlim_cur < r.rlim_max) {
		r.rlim_cur = r.rlim_max;
		setrlimit(RLIMIT_NOFILE, &r);
	}
}

static void
check_options(int operands)
{
	static const char *const of_dataset[] = { "data", "as-of", NULL };

	if (operands != 1)
		lam_cli_usage(operands ? "one query is expected, in quotes" :
			"a query is expected");
	lam_cli_refuse(opt.partials, "does not go with -p", of_dataset);
}

int
main(int argc, char **argv)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_writer *writer = NULL;
	const char *data = getenv("LAM_DATA");
	int first = lam_cli_parse(&program, argc, argv), rc;
	uint64_t rows = 0;

	check_options(argc - first);
	raise_limit();
	data = opt.data ? opt.data : data;
	struct lam_ask ask = { .sql = argv[first],
		.data = data && *data ? data : NULL,
		.partials = opt.partials,
		.bounded = opt.as_of != UINT64_MAX, .as_of = opt.as_of,
		.engine = lam_cli_engine(opt.threads, opt.memory),
		.adhoc = { .input = { .format = opt.format, .header = true },
			.fields = opt.fields, .schema = opt.schema,
			.wait_ms = -1 },
		.warn = { warn, NULL }, .now = now, .open = open_writer,
		.rows = write_rows, .arg = &writer };

	if (opt.explain)
		ask.explain = (struct lam_notes){ explain, NULL };
	rc = lam_ask(&ask, &e);
	if (!rc && writer) {
		rc = lam_writer_close(writer, &rows, &e);
		writer = NULL;
	}
	if (writer)
		lam_writer_abandon(writer);
	if (!rc && (rows == 0 || ask.rejected))
		rc = LAM_PARTIAL;
	return lam_cli_finish(rc, &e);
}
