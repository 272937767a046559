/*
 * lam-query - merge what batch and speed have with the rest of the log: answer
 *
 * In:   a dataset, partial streams (-p), or log text (FROM 'file', FROM stdin)
 * Out:  rows: a table on a terminal, CSV in a pipe
 *
 *	lam-query "select status, hits from traffic order by hits desc"
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "answer/answer.h"
#include "base/clock.h"
#include "base/near.h"
#include "base/replace.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/pager.h"
#include "cli/redraw.h"
#include "cli/signal.h"
#include "cli/terminal.h"
#include "cli/text.h"
#include "input/format.h"
#include "output/output.h"
#include "sql/func.h"
#include "sql/lex.h"

static struct {
	const char *data, *partials, *fields, *schema, *as_of, *to, *near;
	struct lam_choice form, format;
	uint64_t memory;
	unsigned threads;
	struct lam_cli_text text;
	int64_t watch; /* ns; < 0: once */
	bool explain, fill, no_header, strict, thousands, words;
} opt = { .watch = -1, .form.name = lam_output_name,
	.format = { .name = lam_format_name, .open = true } };

static const struct lam_option options[] = {
	LAM_OPTION_DATA(opt.data),
	{ 'p', "partials", "FILE", "query a partial stream; - is standard "
		"input", LAM_OPT_TEXT, &opt.partials },
	{ 'o', "output", "FORM", "%s", LAM_OPT_CHOICE, &opt.form },
	LAM_OPTION_NO_HEADER("", opt.no_header),
	LAM_OPTION_THOUSANDS(opt.thousands),
	LAM_OPTION_TO(opt.to),
	LAM_OPTION_WATCH(opt.watch),
	{ 0, "as-of", "POSITION", "the answer over the records before "
		"POSITION; STREAM=POSITION,...: of each stream",
		LAM_OPT_TEXT, &opt.as_of },
	{ 'x', "explain", NULL, "report on standard error where the answer came "
		"from", LAM_OPT_FLAG, &opt.explain },
	{ 0, "fill", NULL, "rows for buckets of time without records, too",
		LAM_OPT_FLAG, &opt.fill },
	{ 0, "words", NULL, "list the words of SQL, keywords and functions",
		LAM_OPT_FLAG, &opt.words },
	{ 0, "near", "NAME", "of the names on standard input, a line each, the "
		"one that NAME may stand for", LAM_OPT_TEXT, &opt.near },
	LAM_OPTION_FORMAT("of a file: ", opt.format),
	LAM_OPTION_FIELDS("of a file: ", opt.fields),
	LAM_OPTION_HEADER("of a file: ", "input-", opt.text),
	LAM_OPTION_SCHEMA("of a file: ", opt.schema),
	LAM_OPTION_TIME_FORMAT("of a file: ", opt.text.time_format),
	LAM_OPTION_DIALECT("of a file: ", opt.text),
	LAM_OPTION_START("of a file: ", opt.text.start),
	LAM_OPTION_ORIGIN("of a file: ", opt.text),
	LAM_OPTION_ZONE("of a file: ", opt.text.zone),
	LAM_OPTION_STRICT("of a file: ", opt.strict),
	LAM_OPTION_AGENTS,
	LAM_OPTION_GEO,
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

/* Where the rows of an answer go. */
struct sink {
	struct lam_writer *writer; /* NULL: there were no columns, or it is over */
	int fd;
	const char *form, *file; /* FILE: what FD is, or NULL */
	struct lam_style look;
	bool paged; /* rows may go through a pager */
};

static int
open_writer(void *arg, const struct lam_query *q, struct lam_error *e)
{
	struct sink *s = arg;
	int rc = lam_writer_open(&s->writer, s->form, s->fd, q, !opt.no_header,
		e);

	if (rc)
		return rc;
	if (isatty(s->fd))
		lam_cli_progress_end(); /* rows take its place */
	if (s->paged)
		lam_pager_start();
	lam_writer_file(s->writer, s->file);
	lam_writer_look(s->writer, &s->look);
	return LAM_OK;
}

static int
write_rows(void *arg, const struct lam_vec *column, uint32_t n,
	struct lam_error *e)
{
	struct sink *s = arg;
	int rc;

	lam_cli_hold(true); /* no half row */
	rc = lam_writer_rows(s->writer, column, n, e);
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

static void
check_options(int operands)
{
	static const char *const of_dataset[] = { "data", "as-of", NULL };
	static const char *const nothing[] = { NULL };
	const char *lists = opt.words ? "words" : opt.near ? "near" : NULL;

	if (lists)
		lam_cli_only(lists, nothing);
	if (operands && lists)
		lam_cli_usage("--%s: goes with no query", lists);
	if (operands != !lists)
		lam_cli_usage(operands ? "one text of SQL is expected, in quotes" :
			"a query is expected");
	lam_cli_refuse(opt.partials, "does not go with -p", of_dataset);
	if (opt.watch == 0)
		lam_cli_usage("--watch 0s: expected a duration such as 100ms or "
			"10s");
	if (opt.watch > 0 && opt.partials && !strcmp(opt.partials, "-"))
		lam_cli_usage("--watch: standard input can be read once: name a "
			"file");
}

/* One statement, to the FD of S; the status that it gives. */
static int
answer(struct lam_answer *ask, struct sink *s, struct lam_error *e)
{
	uint64_t rows = 0;
	int rc;

	ask->rejected = 0;
	ask->wall = lam_clock_wall() / 1000 * 1000;
	rc = lam_answer(ask, e);
	if (!rc && s->writer)
		rc = lam_writer_close(s->writer, &rows, e);
	else
		lam_writer_abandon(s->writer);
	s->writer = NULL;
	if (rc)
		return rc;
	return opt.strict && ask->rejected ? LAM_SOME : rows ? LAM_OK :
		LAM_NOTHING;
}

/* The statements of SQL, one answer after the other; a failure is the end. */
static int
answer_all(struct lam_answer *ask, const char *sql, struct sink *s,
	struct lam_error *e)
{
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_statements all;
	int rc, worst = LAM_OK;
	bool got, first = true;

	lam_statements_init(&all, sql, "query", &arena, e);
	do {
		rc = lam_statements_next(&all, &ask->ask, &got);
		if (rc || !got)
			break;
		if (!first)
			rc = lam_io_write(s->fd, "\n", 1, s->file ? s->file :
				"standard output", e);
		first = false;
		if (!rc)
			rc = answer(ask, s, e);
		worst = rc > worst ? rc : worst;
	} while (rc == LAM_OK || rc == LAM_NOTHING || rc == LAM_SOME);
	lam_arena_release(&arena);
	return rc ? rc : worst;
}

/* All of them to the file of --to, which is replaced when the answer is whole. */
static int
answer_file(struct lam_answer *ask, const char *sql, struct sink *s,
	struct lam_error *e)
{
	struct lam_replace out = LAM_REPLACE_INIT;
	int rc = lam_replace_begin(&out, opt.to, e), kept;

	s->fd = out.fd;
	s->file = opt.to;
	s->look.width = 0;
	rc = rc ? rc : lam_replace_share(&out, e);
	rc = rc ? rc : answer_all(ask, sql, s, e);
	if (!rc || rc == LAM_NOTHING || rc == LAM_SOME) {
		kept = lam_replace_commit(&out, e);
		rc = kept ? kept : rc;
	}
	lam_replace_abandon(&out);
	return rc;
}

/* The same each opt.watch; the status of what ends it. */
static int
watch(struct lam_answer *ask, const char *sql, struct sink *s,
	struct lam_error *e)
{
	struct lam_redraw screen = LAM_REDRAW_INIT;
	int rc = lam_redraw_open(&screen, e);

	if (!opt.to)
		s->fd = screen.fd;
	while (!rc) {
		rc = opt.to ? answer_file(ask, sql, s, e) :
			answer_all(ask, sql, s, e);
		if (rc == LAM_NOTHING || rc == LAM_SOME)
			rc = LAM_OK;
		if (!rc)
			rc = lam_redraw_show(&screen, sql, opt.watch, e);
	}
	lam_redraw_close(&screen);
	return rc;
}

static int
list_words(struct lam_error *e)
{
	const char *word;

	for (size_t i = 0; (word = lam_sql_keyword_name(i)); i++)
		printf("%s\tkeyword\n", word);
	for (size_t i = 0; (word = lam_func_name(i)); i++)
		if (*word)
			printf("%s\tfunction\n", word);
	return lam_cli_finish(LAM_OK, e);
}

/* A name that was mistyped in a shell program: which of its own is near? */
static int
find_near(const char *given, struct lam_error *e)
{
	struct lam_str a = { given, strlen(given) };
	bool found = false;
	size_t size = 0;
	char *line = NULL;
	ssize_t n;
	int rc;

	while (!found && (n = getline(&line, &size, stdin)) >= 0) {
		n -= n && line[n - 1] == '\n';
		found = lam_near(a, (struct lam_str){ line, (size_t)n });
		if (found)
			printf("%.*s\n", (int)n, line);
	}
	rc = ferror(stdin) ? lam_fail_sys(e, "standard input") :
		found ? LAM_OK : LAM_NOTHING;
	free(line);
	return lam_cli_finish(rc, e);
}

static struct sink
standard_output(void)
{
	bool terminal = isatty(STDOUT_FILENO);
	struct sink s = { .fd = STDOUT_FILENO, .form = opt.form.value,
		.look = lam_terminal_look(opt.thousands) };

	if (!s.form)
		s.form = terminal && !opt.to ? "table" : "csv";
	s.paged = terminal && !opt.to && opt.watch < 0;
	lam_terminal_check(opt.thousands, opt.no_header, s.form);
	return s;
}

int
main(int argc, char **argv)
{
	struct lam_error e = LAM_ERROR_INIT;
	const char *sql;
	int first = lam_cli_parse(&program, argc, argv), rc;
	struct lam_as_of *as_of = NULL;
	char *names;
	size_t nas_of;

	check_options(argc - first);
	if (opt.words)
		return list_words(&e);
	if (opt.near)
		return find_near(opt.near, &e);
	lam_cli_stop_at_once(opt.watch > 0 ? "--watch ends" :
		"the answer is not whole");
	lam_cli_raise_files(); /* a cover may have thousands of pieces */
	nas_of = read_as_of(&as_of, &names);
	struct sink out = standard_output();
	struct lam_answer ask = { .data = lam_cli_dataset(opt.data),
		.partials = opt.partials,
		.as_of = as_of, .nas_of = nas_of,
		.engine = lam_cli_engine(opt.threads, opt.memory),
		.adhoc = { .input.format = opt.format.value,
			.fields = opt.fields, .schema = opt.schema,
			.data = lam_cli_dataset(opt.data),
			.all_rejects = lam_cli_verbose, .wait_ms = -1 },
		.again = opt.watch > 0, .fill = opt.fill,
		.strict = opt.strict, .warn = lam_cli_warnings(),
		.now = lam_clock_monotonic,
		.open = open_writer, .rows = write_rows, .arg = &out };

	lam_cli_text(&opt.text, &ask.adhoc.input);
	if (opt.explain)
		ask.explain = (struct lam_messages){ explain, NULL };
	sql = lam_cli_sql(argv[first]);
	lam_cli_progress_begin("query", opt.watch < 0);
	rc = opt.watch > 0 ? watch(&ask, sql, &out, &e) : opt.to ?
		answer_file(&ask, sql, &out, &e) :
		answer_all(&ask, sql, &out, &e);
	free(as_of);
	free(names);
	return lam_cli_finish(rc, &e);
}
