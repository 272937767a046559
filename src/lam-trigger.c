/*
 * lam-trigger - functions that run when data comes
 *
 * In:   records of a dataset, instants, or lines of standard input
 * Out:  what the functions print: to a stream, a file, or standard output
 *
 *	lam-trigger --batch 100 --timeout 2s -- grep -c ERROR <app.log
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dir.h"
#include "base/escape.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/signal.h"
#include "cli/terminal.h"
#include "cli/text.h"
#include "input/format.h"
#include "stat/stat_table.h"
#include "trigger/blueprint.h"
#include "trigger/letter.h"
#include "trigger/once.h"
#include "trigger/crew.h"

#define DIRECTIVES_MAX 32
#define PATH_DEFAULT "/usr/local/bin:/usr/bin:/bin"

static struct {
	const char *data;
	const char *directive[DIRECTIVES_MAX]; /* as options */
	uint64_t pool;
	int64_t grace;
	const char *price, *invoke, *failed, *blueprint, *listen;
	struct lam_choice form, format;
	const char *fields;
	struct lam_cli_text text;
	bool follow, check, debug, retry, drop, usage, list;
} opt = { .form = { .name = lam_output_name, .value = "csv" }, .grace = -1,
	.format = { .name = lam_format_name, .open = true } };

static const struct lam_option own_options[] = {
	LAM_OPTION_DATA(opt.data),
	{ 'F', "follow", NULL, "stay, and run functions as records come",
		LAM_OPT_FLAG, &opt.follow },
	{ 'i', "invoke", "FUNCTION", "run it once, on the event in a file or on "
		"standard input", LAM_OPT_TEXT, &opt.invoke },
	{ 0, "wait-debugger", NULL, "-i: it waits for a debugger before it begins, and "
		"has no deadline", LAM_OPT_FLAG, &opt.debug },
	{ 0, "failed", "FUNCTION", "list its dead letters", LAM_OPT_TEXT, &opt.failed },
	{ 0, "retry", NULL, "--failed: try them, or those named, again",
		LAM_OPT_FLAG, &opt.retry },
	{ 0, "drop", NULL, "--failed: remove those named", LAM_OPT_FLAG, &opt.drop },
	{ 0, "usage", NULL, "what functions have used, and how they ended",
		LAM_OPT_FLAG, &opt.usage },
	{ 'o', "output", "FORM", "--usage: %s (default: csv)", LAM_OPT_CHOICE,
		&opt.form },
	{ 0, "price", "GB_S[,REQUEST]", "--usage: and what that cost, at this for a "
		"GB-second and a request", LAM_OPT_TEXT, &opt.price },
	{ 0, "new", "BLUEPRINT", "make a function from a blueprint",
		LAM_OPT_TEXT, &opt.blueprint },
	{ 0, "list", NULL, "the blueprints that there are", LAM_OPT_FLAG,
		&opt.list },
	{ 0, "check", NULL, "which isolation this machine gives, and why not more",
		LAM_OPT_FLAG, &opt.check },
	{ 0, "pool", "SIZE", "memory for all that run at once (default: half of "
		"the machine's)", LAM_OPT_SIZE, &opt.pool },
	{ 0, "grace", "DURATION", "at a stop or a change, time for what runs "
		"(default: to its deadline)", LAM_OPT_DURATION, &opt.grace },
	{ 0, "listen", "WHERE", "with -F, answer requests on this port of "
		"127.0.0.1, or this socket", LAM_OPT_TEXT, &opt.listen },
	LAM_OPTION_AGENTS,
	LAM_OPTION_GEO,
	LAM_OPTION_PROGRESS,
	LAM_OPTION_QUIET,
	LAM_OPTION_VERBOSE("tell the start and the end of each attempt"),
	/* How the output of a function is read: its file may have the same lines. */
	LAM_OPTION_FORMAT("of its output: ", opt.format),
	LAM_OPTION_FIELDS("of its output: ", opt.fields),
	LAM_OPTION_HEADER("of its output: ", "", opt.text),
	LAM_OPTION_TIME_FORMAT("of its output: ", opt.text.time_format),
	LAM_OPTION_DIALECT("of its output: ", opt.text),
	LAM_OPTION_START("of its output: ", opt.text.start),
	LAM_OPTION_ORIGIN("of its output: ", opt.text),
	LAM_OPTION_ZONE("of its output: ", opt.text.zone),
	LAM_OPTION_END
};

/* The rows above, then the directives of function files. */
static struct lam_option options[DIRECTIVES_MAX + 42];

static const struct lam_program program = { "lam-trigger",
	"run functions when data comes",
	"[-d DIR] [--follow] [option ...] [FUNCTION ...]\n"
	"[option ...] -- COMMAND [ARGUMENT ...]\n"
	"[-d DIR] -i FUNCTION [option ...] [FILE]\n"
	"[-d DIR] --failed FUNCTION [--retry | --drop] [ID ...]\n"
	"[-d DIR] --usage [-o FORM] [FUNCTION ...]\n"
	"[-d DIR] --new BLUEPRINT NAME\n"
	"--list | --check", options,
	"lam-trigger --new log-alert errors\n"
	"lam-trigger errors\n"
	"lam-trigger --batch 100 -- grep -c GET <access.log" };

static void
make_options(void)
{
	size_t n = 0;

	for (; own_options[n].name; n++)
		options[n] = own_options[n];
	for (size_t i = 0; i < lam_directives(); i++) {
		const struct lam_directive *d = lam_directive(i);

		options[n++] = (struct lam_option){ 0, d->name, d->arg, d->help,
			lam_directive_repeats(i) ? LAM_OPT_LINES : LAM_OPT_TEXT,
			&opt.directive[i] };
	}
	options[n] = (struct lam_option)LAM_OPTION_END;
}

static void
tell(void *arg, const char *line)
{
	(void)arg;
	lam_cli_tell(line);
}

/* What is said here counts before what its file says. */
static int
set_options(struct lam_function *f, struct lam_error *e)
{
	int rc = lam_function_options(f, opt.directive, e);

	lam_cli_text(&opt.text, &f->text);
	f->text.format = opt.format.value;
	return rc || !opt.fields ? rc : lam_input_list_fields(&f->text, opt.fields,
		&f->arena, e);
}

/* ---------------------------------------------------------------- functions */

static int
denied(unsigned *tiers, struct lam_error *e)
{
	const char *deny = getenv("LAM_DENY");

	*tiers = 0;
	return deny && *deny ? lam_tier_parse(deny, tiers, e) : LAM_OK;
}

static int
list_functions(struct lam_names *out, struct lam_error *e)
{
	return lam_function_list(lam_cli_data(opt.data), out, e);
}

static int
read_function(struct lam_function *f, const char *name, struct lam_error *e)
{
	int rc = set_options(f, e);

	return rc ? rc : lam_function_read(f, lam_cli_data(opt.data), name, e);
}

/* The words behind "--". */
static char *const *command;

static int
read_command(struct lam_function *f, const char *name, struct lam_error *e)
{
	int rc = set_options(f, e);

	(void)name;
	if (!rc)
		rc = lam_function_command(f, command, e);
	if (!rc && f->on != LAM_ON_STDIN)
		rc = lam_fail(e, LAM_USAGE, "--on: a command behind -- reads "
			"standard input");
	return rc;
}

/* DATA: the dataset, or NULL. */
static int
start(struct lam_crew *r, const char *data, struct lam_error *e)
{
	static sigset_t mask;
	const char *path = getenv("PATH");
	unsigned deny;
	int rc;

	r->read = data ? read_function : read_command;
	r->listen = opt.listen;
	r->grace = opt.grace;
	r->all = (struct lam_triggers){ .data = data,
		.path = path && *path ? path : PATH_DEFAULT,
		.follow = opt.follow,
		.stop = data && opt.follow ? lam_cli_stop_or_read(&r->again) :
			lam_cli_stop_when_asked(),
		.pool = opt.pool,
		.mask = &mask, .warn = lam_cli_failures(),
		.lines.say = !data || lam_cli_verbose ? tell : NULL,
		.all.say = lam_cli_verbose ? tell : NULL,
		.loop = LAM_LOOP_INIT };
	rc = denied(&deny, e);
	if (!rc)
		rc = lam_crew_start(r, lam_cli_engine(1, 0).tmpdir, deny, e);
	lam_cli_stop_block(&mask);
	return rc;
}

/* What all of it came to. */
static int
summary(const struct lam_crew *r)
{
	struct lam_trigger_counts sum = lam_crew_counts(r);

	if (lam_cli_stopped())
		lam_cli_warn("stopped by %s: %s", lam_cli_stopped(), r->all.data ?
			"what was done is in the ledgers; the next run goes on "
			"from there" : "batches that were running are done");
	if (sum.dead)
		return LAM_SOME;
	return r->all.data || sum.events ? LAM_OK : LAM_NOTHING;
}

/* ------------------------------------------------------------------ modes */

/* The functions NAME[N] of DATA, which are ALL, or, of NULL, the command. */
static int
run(const char *data, char *const *name, size_t n, bool all, struct lam_error *e)
{
	struct lam_crew r = LAM_CREW_INIT;
	int rc = start(&r, data, e), sum;

	r.list = all ? list_functions : NULL;
	if (!rc)
		rc = lam_crew_open(&r, name, n, e);
	if (!rc) {
		lam_cli_progress_begin(data ? "functions" : "stdin",
			!opt.follow);
		rc = lam_crew_run(&r, e);
		sum = rc && rc != LAM_SOME ? rc : summary(&r);
		rc = rc ? rc : sum;
	}
	lam_crew_close(&r);
	return rc;
}

static int
run_filter(char **argv, struct lam_error *e)
{
	char none[] = "", *name[] = { none };

	command = argv;
	return run(NULL, name, 1, false, e);
}

static int
run_functions(char **name, size_t n, struct lam_error *e)
{
	const char *data = lam_cli_data(opt.data);
	struct lam_names all = LAM_NAMES_INIT;
	int rc = n ? LAM_OK : lam_function_list(data, &all, e);

	if (!rc)
		rc = run(data, n ? name : all.name, n ? n : all.n, !n, e);
	lam_names_release(&all);
	return rc;
}

/* B, which is released, to standard output unless RC; the first error of the two. */
static int
print_out(struct lam_buf *b, int rc, struct lam_error *e)
{
	if (!rc)
		rc = lam_buf_check(b, e);
	if (!rc)
		rc = lam_io_write(STDOUT_FILENO, lam_buf_str(b), b->n,
			"standard output", e);
	lam_buf_release(b);
	return rc;
}

/* The function NAME, and what runs it; to be released whatever comes. */
static int
start_one(struct lam_crew *r, struct lam_function *f, const char *name,
	const char *file, struct lam_task **event, struct lam_error *e)
{
	int rc;

	lam_function_init(f);
	rc = read_function(f, name, e);
	if (!rc)
		rc = lam_function_check(f, e);
	if (!rc && opt.debug)
		rc = lam_function_debug(f, e);
	if (!rc && file) /* before start() blocks the signals that end this */
		rc = lam_once_event(file, event, e);
	return rc ? rc : start(r, lam_cli_data(opt.data), e);
}

static int
invoke(const char *name, const char *file, struct lam_error *e)
{
	struct lam_crew r = LAM_CREW_INIT;
	struct lam_function f;
	struct lam_journal journal = { .all.say = tell, .lines.say = tell, .fd = -1 };
	struct lam_task *event = NULL;
	struct lam_buf out = LAM_BUF_INIT;
	bool ok = false;
	int rc = start_one(&r, &f, name, file, &event, e);

	if (!rc)
		rc = lam_once_invoke(&r.all, &f, &journal, event, &out, &ok, e);
	rc = print_out(&out, rc, e);
	lam_crew_close(&r);
	lam_function_release(&f);
	lam_task_free(event);
	return rc || ok ? rc : LAM_SOME;
}

static int
retry_letters(const char *name, char **id, size_t n, struct lam_error *e)
{
	struct lam_crew r = LAM_CREW_INIT;
	struct lam_function f;
	size_t stay = 0;
	int rc = start_one(&r, &f, name, NULL, NULL, e);

	if (!rc)
		rc = lam_trigger_redrive(&r.all, &f, id, n, &stay, e);
	lam_crew_close(&r);
	lam_function_release(&f);
	return rc || !stay ? rc : LAM_SOME;
}

static int
failed(char **id, size_t n, struct lam_error *e)
{
	const char *data = lam_cli_data(opt.data);
	struct lam_names all = LAM_NAMES_INIT;
	struct lam_buf out = LAM_BUF_INIT;
	char dir[LAM_PATH_MAX];
	int rc = lam_letter_dir(dir, data, opt.failed, e);

	if (!rc && !n) {
		rc = lam_letter_list(dir, &all, e);
		id = all.name;
		for (n = 0; n < all.n && *id[n]; )
			n++;
	}
	if (!rc && opt.retry)
		rc = retry_letters(opt.failed, id, n, e);
	else if (!rc && !opt.drop)
		rc = lam_letter_csv(dir, id, n, &out, e);
	rc = print_out(&out, rc, e);
	if (!rc && !opt.retry && !opt.drop && !n)
		rc = LAM_NOTHING;
	for (size_t i = 0; !rc && opt.drop && i < n; i++)
		rc = lam_letter_drop(dir, id[i], e);
	lam_names_release(&all);
	return rc;
}

static int
usage(char **name, size_t n, struct lam_error *e)
{
	const char *data = lam_cli_data(opt.data);
	struct lam_style look = lam_terminal_look(false);
	struct lam_names all = LAM_NAMES_INIT;
	struct lam_stat_table t;
	struct lam_usage_price price;
	int rc = n ? lam_function_known(data, (const char *const *)name, n, e) :
		lam_function_list(data, &all, e);

	if (opt.price && !lam_usage_price_parse(opt.price, &price))
		lam_cli_usage("--price %.40s: expected a number, or two with a "
			"comma", opt.price);
	lam_stat_table_init(&t, LAM_STAT_USAGE, lam_stat_audience(opt.form.value),
		lam_clock_wall(), opt.price);
	for (size_t i = 0; !rc && i < (n ? n : all.n); i++)
		rc = lam_stat_table_usage(&t, data, (n ? name : all.name)[i],
			opt.price ? &price : NULL, e);
	if (!rc)
		rc = lam_stat_table_write(&t, opt.form.value, true, &look,
			STDOUT_FILENO, "standard output", e);
	lam_stat_table_release(&t);
	lam_names_release(&all);
	return rc;
}

static int
blueprints(const char *name, struct lam_error *e)
{
	char exe[LAM_PATH_MAX] = "", dir[LAM_PATH_MAX];
	struct lam_buf out = LAM_BUF_INIT;
	int rc = readlink("/proc/self/exe", exe, sizeof exe - 1) > 0 ? LAM_OK :
		lam_fail_sys(e, "/proc/self/exe");

	if (!rc)
		rc = lam_blueprint_dir(exe, dir, sizeof dir, e);
	if (!rc && !opt.blueprint)
		rc = lam_blueprint_list(dir, &out, e);
	else if (!rc)
		rc = lam_blueprint_copy(dir, opt.blueprint,
			lam_cli_data(opt.data), name, &out, e);
	if (!opt.blueprint)
		return print_out(&out, rc, e);
	if (!rc && !lam_cli_quiet)
		lam_cli_tell(lam_buf_str(&out));
	lam_buf_release(&out);
	return rc;
}

static int
check(struct lam_error *e)
{
	struct lam_launcher l = LAM_LAUNCHER_INIT;
	unsigned deny;
	int rc = denied(&deny, e);

	rc = rc ? rc : lam_launcher_start(&l, lam_cli_engine(1, 0).tmpdir, deny, e);
	if (!rc && fputs(l.table, stdout) == EOF)
		rc = lam_fail_sys(e, "standard output");
	lam_launcher_stop(&l);
	return rc;
}

static void
check_options(char *const *operand, int operands, bool filter)
{
	static const char *const nothing[] = { NULL }, *const data[] = { "data", NULL },
		*const failed[] = { "data", "retry", "drop", NULL },
		*const usage[] = { "data", "output", "price", NULL },
		*const of_failed[] = { "retry", "drop", NULL },
		*const of_invoke[] = { "wait-debugger", NULL },
		*const of_usage[] = { "output", "price", NULL },
		*const of_runs[] = { "grace", "listen", "follow", NULL },
		*const of_follow[] = { "listen", NULL },
		*const of_dataset[] = { "data", "follow", NULL };

	if (opt.list || opt.check || opt.blueprint)
		lam_cli_only(opt.list ? "list" : opt.check ? "check" : "new",
			opt.blueprint ? data : nothing);
	if (opt.usage)
		lam_cli_only("usage", usage);
	if (opt.failed && !opt.retry)
		lam_cli_only("failed", failed);
	lam_cli_refuse(!opt.failed, "goes with --failed only", of_failed);
	lam_cli_refuse(!opt.invoke, "goes with --invoke only", of_invoke);
	lam_cli_refuse(!opt.usage, "goes with --usage only", of_usage);
	lam_cli_refuse(opt.failed || opt.invoke, "goes with running functions only",
		of_runs);
	lam_cli_refuse(!opt.follow, "goes with --follow only", of_follow);
	lam_cli_refuse(filter, "does not go with a command behind --", of_dataset);
	if (opt.failed && opt.invoke)
		lam_cli_usage("--failed: does not go with --invoke");
	if (opt.blueprint && operands != 1)
		lam_cli_usage("--new: one NAME of the new function");
	if (opt.invoke && operands > 1)
		lam_cli_usage("--invoke: one FILE at most");
	if (opt.drop && (!operands || opt.retry))
		lam_cli_usage("--drop: name the letters, without --retry");
	for (int i = 0; opt.failed && i < operands; i++)
		if (strchr(operand[i], '/'))
			lam_cli_usage("--failed: %s: is no ID", operand[i]);
}

int
main(int argc, char **argv)
{
	struct lam_error e = LAM_ERROR_INIT;
	bool filter;
	int first, rc;

	make_options();
	first = lam_cli_parse(&program, argc, argv);
	filter = first < argc && first > 1 && !strcmp(argv[first - 1], "--");
	check_options(argv + first, argc - first, filter);
	if (opt.check)
		rc = check(&e);
	else if (opt.invoke)
		rc = invoke(opt.invoke, first < argc ? argv[first] : "-", &e);
	else if (opt.blueprint || opt.list)
		rc = blueprints(first < argc ? argv[first] : NULL, &e);
	else if (opt.usage)
		rc = usage(argv + first, (size_t)(argc - first), &e);
	else if (opt.failed)
		rc = failed(argv + first, (size_t)(argc - first), &e);
	else if (filter)
		rc = run_filter(argv + first, &e);
	else
		rc = run_functions(argv + first, (size_t)(argc - first), &e);
	return lam_cli_finish(rc, &e);
}
