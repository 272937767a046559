/*
 * lam-query - merge what batch and speed have with the rest of the log: answer
 *
 * In:   a dataset, partial streams (-p), or log text (FROM 'file', FROM stdin)
 * Out:  rows: a table on a terminal, CSV in a pipe
 *
 *	lam-query "select status, hits from traffic order by hits desc"
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "answer/answer.h"
#include "base/clock.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/signal.h"
#include "cli/text.h"
#include "input/format.h"
#include "output/output.h"
#include "time/time.h"

static struct {
	const char *data, *partials, *fields, *schema, *as_of;
	struct lam_choice form, format;
	uint64_t memory;
	unsigned threads;
	struct lam_cli_text text;
	bool explain, no_header, strict;
} opt = { .form.name = lam_output_name,
	.format = { .name = lam_format_name, .open = true } };

static const struct lam_option options[] = {
	LAM_OPTION_DATA(opt.data),
	{ 'p', "partials", "FILE", "query a partial stream; - is standard "
		"input", LAM_OPT_TEXT, &opt.partials },
	{ 'o', "output", "FORM", "%s", LAM_OPT_CHOICE, &opt.form },
	LAM_OPTION_NO_HEADER("", opt.no_header),
	{ 0, "as-of", "POSITION", "the answer over the records before "
		"POSITION; STREAM=POSITION,...: of each stream",
		LAM_OPT_TEXT, &opt.as_of },
	{ 'x', "explain", NULL, "report on standard error where the answer came "
		"from", LAM_OPT_FLAG, &opt.explain },
	LAM_OPTION_FORMAT("of a file: ", opt.format),
	LAM_OPTION_FIELDS("of a file: ", opt.fields),
	LAM_OPTION_HEADER("of a file: ", "input-", opt.text),
	LAM_OPTION_SCHEMA("of a file: ", opt.schema),
	LAM_OPTION_TIME_FORMAT("of a file: ", opt.text.time_format),
	LAM_OPTION_DIALECT("of a file: ", opt.text),
	LAM_OPTION_START("of a file: ", opt.text.start),
	LAM_OPTION_ZONE("of a file: ", opt.text.zone),
	LAM_OPTION_STRICT("of a file: ", opt.strict),
	LAM_OPTION_THREADS(opt.threads),
	LAM_OPTION_MEMORY(opt.memory),
	LAM_OPTION_PROGRESS,
	LAM_OPTION_QUIET,
	LAM_OPTION_VERBOSE("report each rejected line, not only the first"),
	LAM_OPTION_END
};

static const struct lam_program program = { "lam-query",
	"answer SQL from views, streams, partials and files",
	"[-d DIR] [--as-of POSITION] [--explain] [-o FORM] [option ...] SQL\n"
	"-p FILE [-o FORM] [option ...] SQL", options,
	"lam-query 'select status, hits from traffic order by hits desc limit 5'\n"
	"lam-query \"select count(*) as n from 'access.log' where status >= 500\"\n"
	"lam-query -o vertical 'select * from access limit 3'" };

static void
explain(void *arg, const char *line)
{
	(void)arg;
	lam_cli_tell(line);
}

static int
open_writer(void *arg, const struct lam_query *q, struct lam_error *e)
{
	struct lam_writer **w = arg;
	const char *form = opt.form.value;

	if (isatty(STDOUT_FILENO))
		lam_cli_progress_end(); /* rows take its place */
	if (!form)
		form = isatty(STDOUT_FILENO) ? "table" : "csv";
	return lam_writer_open(w, form, STDOUT_FILENO, q, !opt.no_header, e);
}

static int
write_rows(void *arg, const struct lam_vec *column, uint32_t n,
	struct lam_error *e)
{
	struct lam_writer **w = arg;
	int rc;

	lam_cli_hold(true); /* no half row */
	rc = lam_writer_rows(*w, column, n, e);
	lam_cli_hold(false);
	return rc;
}

/* "POSITION" or "STREAM=POSITION,...", cut apart in TEXT; how many there are. */
static size_t
read_as_of(struct lam_as_of **out, char **text)
{
	char *end;
	struct lam_as_of *list = calloc(opt.as_of ? strlen(opt.as_of) + 1 : 1,
		sizeof *list);
	size_t n = 0;

	*out = list;
	*text = opt.as_of ? strdup(opt.as_of) : NULL;
	if (opt.as_of && (!*text || !list))
		lam_cli_usage("--as-of %.50s: no memory", opt.as_of);
	for (char *p = *text; p; n++) {
		char *next = strchr(p, ','), *is;

		if (next)
			*next++ = '\0';
		is = strrchr(p, '=');
		if (is) {
			*is = '\0';
			list[n].stream = p;
			p = is + 1;
		}
		errno = 0;
		list[n].pos = strtoull(p, &end, 10);
		if (*p < '0' || *p > '9' || *end || errno)
			lam_cli_usage("--as-of %.50s: expected a position: 0, "
				"1, 2, ..., or STREAM=POSITION for each stream, "
				"with commas between", opt.as_of);
		p = next;
	}
	return n;
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
		lam_cli_usage(operands ? "one text of SQL is expected, in quotes" :
			"a query is expected");
	lam_cli_refuse(opt.partials, "does not go with -p", of_dataset);
}

/* Answer one statement. */
static int
answer(struct lam_answer *ask, struct lam_writer **writer,
	struct lam_error *e)
{
	uint64_t n = 0;
	int rc = lam_answer(ask, e);

	if (!rc && *writer) {
		rc = lam_writer_close(*writer, &n, e);
		*writer = NULL;
	}
	if (*writer)
		lam_writer_abandon(*writer);
	*writer = NULL;
	if (!rc && opt.strict && ask->rejected)
		return LAM_SOME;
	return !rc && n == 0 ? LAM_NOTHING : rc;
}

/* The statements of SQL, one answer after the other; a failure is the end. */
static int
answer_all(struct lam_answer *ask, const char *sql, struct lam_error *e)
{
	struct lam_writer *writer = NULL;
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_statements all;
	int rc, worst = LAM_OK;
	bool got, first = true;

	ask->arg = &writer;
	lam_statements_init(&all, sql, "query", &arena, e);
	do {
		rc = lam_statements_next(&all, &ask->ask, &got);
		if (rc || !got)
			break;
		if (!first)
			rc = lam_io_write(STDOUT_FILENO, "\n", 1,
				"standard output", e);
		first = false;
		ask->rejected = 0;
		if (!rc)
			rc = answer(ask, &writer, e);
		worst = rc > worst ? rc : worst;
	} while (rc == LAM_OK || rc == LAM_NOTHING || rc == LAM_SOME);
	lam_arena_release(&arena);
	return rc ? rc : worst;
}

int
main(int argc, char **argv)
{
	struct lam_error e = LAM_ERROR_INIT;
	const char *data;
	int first = lam_cli_parse(&program, argc, argv), rc;
	struct lam_as_of *as_of = NULL;
	char *names;
	size_t nas_of;

	check_options(argc - first);
	lam_cli_stop_at_once("the answer is not whole");
	raise_limit();
	data = lam_cli_dataset(opt.data);
	nas_of = read_as_of(&as_of, &names);
	struct lam_answer ask = { .data = data,
		.partials = opt.partials,
		.as_of = as_of, .nas_of = nas_of,
		.engine = lam_cli_engine(opt.threads, opt.memory),
		.adhoc = { .input.format = opt.format.value,
			.fields = opt.fields, .schema = opt.schema, .data = data,
			.all_rejects = lam_cli_verbose, .wait_ms = -1 },
		.strict = opt.strict, .warn = lam_cli_warnings(),
		.now = lam_clock_monotonic,
		.open = open_writer, .rows = write_rows };

	lam_cli_text(&opt.text, &ask.adhoc.input);
	if (opt.explain)
		ask.explain = (struct lam_messages){ explain, NULL };
	lam_cli_progress_begin("query", true);
	rc = answer_all(&ask, lam_cli_sql(argv[first]), &e);
	free(as_of);
	free(names);
	return lam_cli_finish(rc, &e);
}
