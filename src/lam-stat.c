/*
 * lam-stat - what is in a dataset and how it fares, without reading it
 *
 * In:   a dataset: names, headers and the ends of its files
 * Out:  tables of streams and views; with names, of their columns too
 *
 *	lam-stat -d /var/lib/lam
 *	lam-stat --max-lag 15m || mail -s "batch is late" ops </dev/null
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/near.h"
#include "base/replace.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/pager.h"
#include "cli/redraw.h"
#include "cli/signal.h"
#include "cli/terminal.h"
#include "output/output.h"
#include "stat/stat_table.h"
#include "trigger/function.h"

static struct {
	const char *data, *to;
	struct lam_choice form, kind;
	int64_t watch, max_lag, max_silence; /* < 0: not given */
	uint64_t max_scan;
	bool no_header, thousands;
} opt = { .watch = -1, .max_lag = -1, .max_silence = -1, .max_scan = UINT64_MAX,
	.form.name = lam_output_name, .kind.name = lam_stat_kind_name };

static const struct lam_option options[] = {
	LAM_OPTION_DATA(opt.data),
	{ 'k', "kind", "KIND", "%s only", LAM_OPT_CHOICE, &opt.kind },
	{ 'o', "output", "FORM", "%s", LAM_OPT_CHOICE, &opt.form },
	LAM_OPTION_NO_HEADER("", opt.no_header),
	LAM_OPTION_THOUSANDS(opt.thousands),
	LAM_OPTION_TO(opt.to),
	LAM_OPTION_WATCH(opt.watch),
	{ 0, "max-lag", "DURATION", "exit 5 if the batch layer of a view is "
		"further behind", LAM_OPT_DURATION, &opt.max_lag },
	{ 0, "max-scan", "N", "exit 5 if a query on a view reads more records "
		"of the log", LAM_OPT_POSITION, &opt.max_scan },
	{ 0, "max-silence", "DURATION", "exit 5 if a stream got no record for "
		"longer", LAM_OPT_DURATION, &opt.max_silence },
	LAM_OPTION_AGENTS,
	LAM_OPTION_GEO,
	LAM_OPTION_PROGRESS,
	LAM_OPTION_QUIET,
	LAM_OPTION_VERBOSE("tables with all columns, definitions too"),
	LAM_OPTION_END
};

static const struct lam_program program = { "lam-stat",
	"tell what is in a dataset and how far its views are",
	"[-d DIR] [-k KIND] [-o FORM] [option ...] [NAME ...]", options,
	"lam-stat\n"
	"lam-stat --verbose traffic\n"
	"lam-stat --max-lag 15m >/dev/null || echo 'the batch is late'" };

struct look {
	struct lam_stat_logs logs;
	struct lam_names streams, views, functions;
	uint64_t *records; /* of each stream */
	struct lam_stat_table table[LAM_STAT_KINDS];
	int64_t now;
	bool wrong; /* something is beyond a limit, or refused */
	struct lam_arena arena;
};

/* What the look before knew of the streams: --watch tells rates since then. */
static struct {
	struct lam_names streams;
	uint64_t *records;
	int64_t when;
} before;

static void
wrong(struct look *l, const char *what, const char *name, const char *why)
{
	l->wrong = true;
	lam_cli_warn("%s %s: %s", what, name, why);
}

/* The age of an instant that may not be known: then it is beyond every limit. */
static bool
older(const struct look *l, int64_t since, int64_t limit)
{
	return limit >= 0 && (since == LAM_STAT_NEVER || l->now - since > limit);
}

/* The index of NAME, or SIZE_MAX. */
static size_t
find(const struct lam_names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (!strcmp(names->name[i], name))
			return i;
	return SIZE_MAX;
}

static void
recent_rate(struct look *l, struct lam_stat_stream *s)
{
	size_t now = find(&l->streams, s->name);
	size_t then = find(&before.streams, s->name);

	if (now != SIZE_MAX)
		l->records[now] = s->records;
	if (then == SIZE_MAX || s->records < before.records[then])
		return;
	s->recent = s->records - before.records[then];
	s->recent_ns = l->now - before.when;
}

static int
look_stream(struct look *l, const char *name, bool fields,
	struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	struct lam_stat_stream s;
	int rc = lam_stat_stream(&l->logs, name, &l->arena, &s, &why);

	if (rc == LAM_DATA) {
		wrong(l, "stream", name, why.msg);
		return LAM_OK;
	}
	if (rc)
		return lam_fail(e, rc, "%s", why.msg);
	recent_rate(l, &s);
	if (older(l, s.appended, opt.max_silence))
		wrong(l, "stream", name, "no record came for longer than "
			"--max-silence");
	rc = lam_stat_table_stream(&l->table[LAM_STAT_STREAMS], &s, e);
	if (!rc && fields)
		rc = lam_stat_table_fields(&l->table[LAM_STAT_COLUMNS], &s, e);
	return rc;
}

static int
look_view(struct look *l, const char *name, bool columns,
	struct lam_error *e)
{
	struct lam_stat_view v;
	int rc = lam_stat_view(&l->logs, name, &l->arena, &v, e);

	if (rc)
		return rc;
	if (v.state == LAM_STAT_REFUSED)
		wrong(l, "view", name, v.why);
	else if (v.batch.to != v.head && older(l, v.batch.made, opt.max_lag))
		wrong(l, "view", name, "the batch layer is behind by more than "
			"--max-lag: run lam-batch | lam-serve");
	if (v.scan > opt.max_scan)
		wrong(l, "view", name, "a query reads more records of the log "
			"than --max-scan: run lam-batch | lam-serve, or "
			"lam-speed");
	rc = lam_stat_table_view(&l->table[LAM_STAT_VIEWS], &v, e);
	if (!rc && columns)
		rc = lam_stat_table_keys(&l->table[LAM_STAT_COLUMNS], &v, e);
	return rc;
}

static int
look_function(struct look *l, const char *name, struct lam_error *e)
{
	struct lam_stat_function f;
	int rc = lam_stat_function(l->logs.data, name, &l->arena, &f, e);

	if (rc)
		return rc;
	if (f.why)
		wrong(l, "function", name, f.why);
	return lam_stat_table_function(&l->table[LAM_STAT_FUNCTIONS], &f, e);
}

static bool
shown(enum lam_stat_kind k)
{
	return !opt.kind.value ||
		!strcmp(opt.kind.value, lam_stat_kind_name(k));
}

static int
look_all(struct look *l, struct lam_error *e)
{
	bool columns = opt.kind.value && shown(LAM_STAT_COLUMNS);
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < l->streams.n; i++)
		rc = look_stream(l, l->streams.name[i], columns, e);
	for (size_t i = 0; !rc && i < l->views.n; i++)
		rc = look_view(l, l->views.name[i], columns, e);
	for (size_t i = 0; !rc && i < l->functions.n; i++)
		rc = look_function(l, l->functions.name[i], e);
	return rc;
}

static int
look_named(struct look *l, char **name, struct lam_error *e)
{
	char hint[LAM_NEAR_HINT];
	int rc = LAM_OK;

	for (; !rc && *name; name++) {
		if (!*lam_near_hint(hint, *name, l->views.name, l->views.n))
			lam_near_hint(hint, *name, l->streams.name, l->streams.n);
		if (find(&l->views, *name) != SIZE_MAX)
			rc = look_view(l, *name, true, e);
		else if (find(&l->streams, *name) != SIZE_MAX)
			rc = look_stream(l, *name, true, e);
		else if (find(&l->functions, *name) != SIZE_MAX)
			rc = look_function(l, *name, e);
		else
			rc = lam_fail(e, LAM_USAGE, "%s: there is no stream, view or "
				"function \"%s\": lam-stat without a name lists "
				"them%s", l->logs.data, *name, hint);
	}
	return rc;
}

/* --------------------------------------------------------------- telling */

/* As standard output was when the program began. */
static struct lam_style style;
static bool terminal;

static const char *
form(void)
{
	return opt.form.value ? opt.form.value :
		terminal || opt.kind.value == NULL ? "table" : "csv";
}

static enum lam_stat_audience
audience(void)
{
	return lam_stat_audience(form());
}

static int
tell(struct look *l, int fd, const char *where, struct lam_error *e)
{
	bool first = true;
	int rc = LAM_OK;

	for (size_t k = 0; !rc && k < LAM_STAT_KINDS; k++) {
		const struct lam_stat_table *t = &l->table[k];

		if (!shown(k) || (t->nrows == 0 && !opt.kind.value))
			continue;
		if (!first && audience() == LAM_STAT_PEOPLE)
			rc = lam_io_write(fd, "\n", 1, where, e);
		if (!rc)
			rc = lam_stat_table_write(t, form(), !opt.no_header,
				&style, fd, where, e);
		first = false;
	}
	return rc;
}

static int
tell_file(struct look *l, struct lam_error *e)
{
	struct lam_replace out = LAM_REPLACE_INIT;
	int rc = lam_replace_begin(&out, opt.to, e);

	if (!rc)
		rc = lam_replace_share(&out, e);
	if (!rc)
		rc = tell(l, out.fd, opt.to, e);
	if (!rc)
		rc = lam_replace_commit(&out, e);
	lam_replace_abandon(&out);
	return rc;
}

/* The streams of L become those of the look before. */
static void
remember(struct look *l)
{
	lam_names_release(&before.streams);
	free(before.records);
	before.streams = l->streams;
	before.records = l->records;
	before.when = l->now;
	l->streams = (struct lam_names)LAM_NAMES_INIT;
	l->records = NULL;
}

static int
list_functions(struct look *l, struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	int rc = lam_function_list(l->logs.data, &l->functions, &why);

	return !rc || rc == LAM_NOTHING ? LAM_OK : lam_fail(e, rc, "%s", why.msg);
}

static int
look_once(const char *data, char **name, int fd, bool *bad, struct lam_error *e)
{
	struct look l = { .logs.data = data, .now = lam_clock_wall() };
	int rc = LAM_OK;

	for (size_t k = 0; k < LAM_STAT_KINDS; k++)
		lam_stat_table_init(&l.table[k], k, audience(), l.now,
			lam_cli_verbose);
	if (!lam_io_exists(data))
		rc = lam_fail(e, LAM_USAGE, "%s: there is no such dataset",
			data);
	if (!rc)
		rc = lam_stream_list(data, &l.streams, e);
	if (!rc)
		rc = lam_view_list(data, &l.views, NULL, e);
	if (!rc)
		rc = list_functions(&l, e);
	if (!rc && !*name && opt.watch <= 0 &&
		!l.streams.n && !l.views.n && !l.functions.n)
		rc = lam_fail(e, LAM_USAGE, "%s: there is no stream, view or "
			"function: is this the dataset?", data);
	if (!rc && !(l.records = calloc(l.streams.n + 1, sizeof *l.records)))
		rc = lam_fail_mem(e);
	if (!rc)
		rc = *name ? look_named(&l, name, e) : look_all(&l, e);
	lam_cli_progress_end(); /* the tables take its place */
	if (!rc && opt.watch < 0 && !opt.to)
		lam_pager_start();
	if (!rc)
		rc = opt.to ? tell_file(&l, e) : tell(&l, fd,
			"standard output", e);
	if (!rc && opt.watch > 0)
		remember(&l);
	*bad = l.wrong;
	for (size_t k = 0; k < LAM_STAT_KINDS; k++)
		lam_stat_table_release(&l.table[k]);
	lam_stat_logs_release(&l.logs);
	lam_names_release(&l.streams);
	lam_names_release(&l.views);
	lam_names_release(&l.functions);
	free(l.records);
	lam_arena_release(&l.arena);
	return rc;
}

static void
check_options(void)
{
	static const char *const limits[] = { "max-lag", "max-scan",
		"max-silence", NULL };

	if (opt.watch == 0)
		lam_cli_usage("--watch 0s: expected a duration such as 100ms or "
			"10s");
	lam_cli_refuse(opt.watch > 0, "does not go with --watch", limits);
	lam_terminal_check(opt.thousands, opt.no_header, form());
	if (opt.kind.value && !strcmp(opt.kind.value, "columns") &&
		audience() == LAM_STAT_METRICS)
		lam_cli_usage("-k columns: has no numbers, so -o prom has "
			"nothing to print");
}

static int
watch(const char *data, char **name, struct lam_error *e)
{
	struct lam_redraw screen = LAM_REDRAW_INIT;
	bool bad;
	int rc = lam_redraw_open(&screen, e);

	while (!rc) {
		rc = look_once(data, name, screen.fd, &bad, e);
		if (!rc)
			rc = lam_redraw_show(&screen, data, opt.watch, e);
	}
	lam_redraw_close(&screen);
	return rc;
}

int
main(int argc, char **argv)
{
	struct lam_error e = LAM_ERROR_INIT;
	int first = lam_cli_parse(&program, argc, argv), rc;
	const char *data = lam_cli_data(opt.data);
	bool bad = false;

	terminal = isatty(STDOUT_FILENO);
	style = lam_terminal_look(opt.thousands);
	if (opt.to)
		style.width = 0;
	check_options();
	lam_cli_stop_at_once("the last report may not be whole");
	lam_cli_progress_begin("dataset", opt.watch < 0);
	if (opt.watch > 0)
		rc = watch(data, argv + first, &e);
	else
		rc = look_once(data, argv + first, STDOUT_FILENO, &bad, &e);
	lam_names_release(&before.streams);
	free(before.records);
	if (!rc && bad)
		rc = LAM_SOME;
	return lam_cli_finish(rc, &e);
}
