/*
 * lam-plot - a picture of rows: bars, lines, heat maps, histograms, sparklines
 *
 * In:   rows with a line of names, as lam-query prints them, from standard input
 * Out:  a picture of text, or SVG, PNG, sixels
 *
 *	lam-query "select host, hits from traffic order by hits desc" | lam-plot
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "answer/answer.h"
#include "base/buf.h"
#include "base/io.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/signal.h"
#include "cli/terminal.h"
#include "input/format.h"
#include "output/visible.h"
#include "plot/plot.h"

static const char *
form_name(size_t i)
{
	static const char *const name[] = { "text", "svg", "png", "sixel" };

	return i < 4 ? name[i] : NULL;
}

static const char *
colour_name(size_t i)
{
	static const char *const name[] = { "auto", "always", "never" };

	return i < 3 ? name[i] : NULL;
}

static struct {
	const char *fields;
	struct lam_choice form, format, colour;
	struct lam_plot_options plot;
	uint64_t memory;
	unsigned width, height;
	bool line, bar, stack, heat, histogram, spark, ascii;
} opt = { .form.name = form_name,
	.colour = { .name = colour_name, .value = "auto" },
	.format.name = lam_format_name };

static const struct lam_option options[] = {
	{ 0, "line", NULL, "lines", LAM_OPT_FLAG, &opt.line },
	{ 0, "bar", NULL, "bars", LAM_OPT_FLAG, &opt.bar },
	{ 0, "stack", NULL, "stacked bars", LAM_OPT_FLAG, &opt.stack },
	{ 0, "heat", NULL, "a heat map: a row for each series", LAM_OPT_FLAG,
		&opt.heat },
	{ 0, "histogram", NULL, "how often values are in each of a few ranges",
		LAM_OPT_FLAG, &opt.histogram },
	{ 0, "spark", NULL, "a sparkline for each series", LAM_OPT_FLAG,
		&opt.spark },
	{ 'x', "x", "COLUMN", "along x (default: the first column)",
		LAM_OPT_TEXT, &opt.plot.x },
	{ 'y', "y", "COLUMNS", "the values, with commas between (default: the "
		"first numbers)", LAM_OPT_TEXT, &opt.plot.y },
	{ 0, "by", "COLUMN", "a series for each of its values", LAM_OPT_TEXT,
		&opt.plot.by },
	{ 'o', "output", "FORM", "%s", LAM_OPT_CHOICE, &opt.form },
	{ 0, "title", "TEXT", "stands above", LAM_OPT_TEXT, &opt.plot.title },
	{ 0, "width", "N", "columns of text, else pixels", LAM_OPT_COUNT,
		&opt.width },
	{ 0, "height", "N", "lines of text, else pixels", LAM_OPT_COUNT,
		&opt.height },
	{ 0, "bins", "N", "ranges of a histogram", LAM_OPT_COUNT,
		&opt.plot.bins },
	{ 0, "colour", "WHEN", "%s", LAM_OPT_CHOICE, &opt.colour },
	{ 0, "ascii", NULL, "no other characters (default: where the locale is "
		"not UTF-8)", LAM_OPT_FLAG, &opt.ascii },
	{ 0, "memory", "SIZE", "for rows; more are refused (default: 256M)",
		LAM_OPT_SIZE, &opt.memory },
	LAM_OPTION_FORMAT("", opt.format),
	LAM_OPTION_FIELDS("", opt.fields),
	LAM_OPTION_PROGRESS,
	LAM_OPTION_QUIET,
	LAM_OPTION_VERBOSE("report each rejected line, not only the first"),
	LAM_OPTION_END
};

static const struct lam_program program = { "lam-plot",
	"a picture of rows: bars, lines, heat maps, histograms, sparklines",
	"[-x COLUMN] [-y COLUMNS] [--by COLUMN] [-o FORM] [option ...]", options,
	"lam-query 'select hour, hits from traffic' | lam-plot\n"
	"lam-query 'select status, hits from traffic' | lam-plot --bar\n"
	"lam-query 'select * from traffic' | lam-plot --by status -o svg >hits.svg" };

/* What was asked for; two things at once are refused. */
static enum lam_plot_kind
kind(void)
{
	const bool asked[] = { false, opt.line, opt.bar, opt.stack, opt.heat,
		opt.histogram, opt.spark };
	enum lam_plot_kind k = LAM_PLOT_CHOOSE;

	for (size_t i = 1; i < sizeof asked / sizeof *asked; i++) {
		if (asked[i] && k != LAM_PLOT_CHOOSE)
			lam_cli_usage("two kinds of picture: give one of --line, "
				"--bar, --stack, --heat, --histogram, --spark");
		k = asked[i] ? (enum lam_plot_kind)i : k;
	}
	return k;
}

/* Where nothing was asked for lines are sixels on a terminal that has them. */
static void
choose_form(enum lam_plot_kind k)
{
	if (!opt.form.value)
		opt.form.value = k == LAM_PLOT_LINE && !opt.ascii &&
			lam_terminal_sixel() ? "sixel" : "text";
}

static void
measure(struct lam_plot_options *o)
{
	bool text = !strcmp(opt.form.value, "text");
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
	const char *columns = getenv("COLUMNS");
	unsigned wide, high;

	o->width = text ? 80 : 900;
	o->height = text ? 24 : 500;
	if (text && lam_terminal_size(STDOUT_FILENO, &wide, &high)) {
		o->width = wide;
		o->height = high > 2 ? high - 1 : 24;
	} else if (text && columns && strtoul(columns, NULL, 10) > 0 &&
		strtoul(columns, NULL, 10) < 10000) {
		o->width = (unsigned)strtoul(columns, NULL, 10);
	}
	o->width = opt.width ? opt.width : o->width;
	o->height = opt.height ? opt.height : o->height;
	o->colour = !strcmp(opt.colour.value, "always") ||
		(!strcmp(opt.colour.value, "auto") && isatty(STDOUT_FILENO) &&
		!(no_color && *no_color) && term && strcmp(term, "dumb") != 0);
	o->ascii = opt.ascii || !lam_terminal_utf8();
}

/* --------------------------------------------------------------- gnuplot */

/* Start gnuplot, which reads from *FD. */
static int
start(pid_t *pid, int *fd, struct lam_error *e)
{
	static char name[] = "gnuplot", plain[] = "-d", input[] = "-";
	char *const argv[] = { name, plain, input, NULL };
	posix_spawn_file_actions_t act;
	int end[2], sys;

	setenv("LC_ALL", "C.UTF-8", 1); /* as the script is */
	if (pipe2(end, O_CLOEXEC))
		return lam_fail_sys(e, "gnuplot: cannot make a pipe");
	posix_spawn_file_actions_init(&act);
	posix_spawn_file_actions_adddup2(&act, end[0], STDIN_FILENO);
	sys = posix_spawnp(pid, "gnuplot", &act, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&act);
	close(end[0]);
	*fd = end[1];
	if (!sys)
		return LAM_OK;
	close(end[1]);
	if (sys == ENOENT)
		return lam_fail(e, LAM_SYSTEM, "gnuplot draws this, and is not "
			"here: apt-get install gnuplot-nox, or give --bar or "
			"--spark, which need nothing");
	errno = sys;
	return lam_fail_sys(e, "gnuplot: cannot start it");
}

static int
gnuplot(const struct lam_buf *script, struct lam_error *e)
{
	int status = 0, fd = -1, rc;
	pid_t pid;

	rc = start(&pid, &fd, e);
	if (rc)
		return rc;
	rc = lam_io_write(fd, script->p, script->n, "gnuplot", e);
	close(fd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE)
		return LAM_OK; /* the reader has all it wanted */
	if (!rc && status != 0)
		rc = lam_fail(e, LAM_SYSTEM, "gnuplot failed; what it said is "
			"above");
	return rc;
}

static int
draw(const struct lam_plot_grid *g, struct lam_error *e)
{
	const char *form = opt.form.value;
	struct lam_buf out = LAM_BUF_INIT;
	int rc;

	if (!strcmp(form, "text") && g->kind != LAM_PLOT_LINE) {
		lam_plot_text(g, &opt.plot, &out);
		rc = lam_buf_check(&out, e);
		if (!rc)
			rc = lam_io_write(STDOUT_FILENO, out.p, out.n,
				"standard output", e);
	} else {
		lam_plot_script(g, &opt.plot, !strcmp(form, "text") ? "dumb" :
			form, &out);
		rc = lam_buf_check(&out, e);
		if (!rc)
			rc = gnuplot(&out, e);
	}
	lam_buf_release(&out);
	return rc;
}

static int
open_rows(void *arg, const struct lam_query *q, struct lam_error *e)
{
	return lam_plot_rows_open(arg, q, e);
}

static int
add_rows(void *arg, const struct lam_vec *column, uint32_t n,
	struct lam_error *e)
{
	return lam_plot_rows_add(arg, column, n, e);
}

/* The title is of the user, but may come from anywhere. */
static const char *
visible(const char *text)
{
	static struct lam_buf b;

	if (!text)
		return NULL;
	lam_put_visible(&b, (struct lam_str){ text, strlen(text) });
	return lam_buf_str(&b);
}

int
main(int argc, char **argv)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_plot_rows rows = { .arena = LAM_ARENA_INIT,
		.most = 256 << 20 };
	struct lam_plot_grid grid = { 0 };
	int first = lam_cli_parse(&program, argc, argv), rc;

	if (first < argc)
		lam_cli_usage("%.80s: rows are read from standard input: "
			"lam-query ... | lam-plot", argv[first]);
	if (opt.width > 10000 || opt.height > 10000)
		lam_cli_usage("--width and --height: at most 10000");
	opt.plot.kind = kind();
	opt.plot.title = visible(opt.plot.title);
	rows.most = opt.memory ? opt.memory : rows.most;
	lam_cli_stop_at_once("there is no picture");
	struct lam_answer ask = { .ask.sql = "select * from stdin",
		.engine = lam_cli_engine(1, 0),
		.adhoc = { .input = { .format = opt.format.value,
			.header = opt.fields ? LAM_HEADER_GUESS :
				LAM_HEADER_IF_ANY },
			.fields = opt.fields, .all_rejects = lam_cli_verbose,
			.wait_ms = -1 },
		.warn = lam_cli_warnings(), .open = open_rows, .rows = add_rows,
		.arg = &rows };

	lam_cli_progress_begin("stdin", true);
	rc = lam_answer(&ask, &e);
	lam_cli_progress_end(); /* the picture takes its place */
	if (!rc && rows.n == 0)
		rc = LAM_NOTHING;
	if (!rc)
		rc = lam_plot_grid(&rows, &opt.plot, &grid, &e);
	choose_form(grid.kind);
	measure(&opt.plot);
	if (!rc)
		rc = draw(&grid, &e);
	lam_plot_rows_release(&rows);
	return lam_cli_finish(rc, &e);
}
