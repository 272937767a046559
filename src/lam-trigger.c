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

#include "base/dir.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/signal.h"
#include "trigger/trigger.h"

#define DIRECTIVES_MAX 32
#define PATH_DEFAULT "/usr/local/bin:/usr/bin:/bin"

static struct {
	const char *data;
	const char *directive[DIRECTIVES_MAX]; /* as options */
	uint64_t pool;
	bool follow, check;
} opt;

static const struct lam_option own_options[] = {
	LAM_OPTION_DATA(opt.data),
	{ 'F', "follow", NULL, "stay, and run functions as records come",
		LAM_OPT_FLAG, &opt.follow },
	{ 0, "check", NULL, "which isolation this machine gives, and why not more",
		LAM_OPT_FLAG, &opt.check },
	{ 0, "pool", "SIZE", "memory for all that run at once (default: half of "
		"the machine's)", LAM_OPT_SIZE, &opt.pool },
	LAM_OPTION_QUIET,
	LAM_OPTION_VERBOSE("tell the start and the end of each attempt"),
	LAM_OPTION_END
};

/* The rows above, then the directives of function files. */
static struct lam_option options[DIRECTIVES_MAX + 20];

static const struct lam_program program = { "lam-trigger",
	"run functions when data comes",
	"[-d DIR] [--follow] [option ...] [FUNCTION ...]\n"
	"[option ...] -- COMMAND [ARGUMENT ...]\n"
	"--check", options };

static void
make_options(void)
{
	size_t n = 0;

	for (size_t i = 0; own_options[i].name; i++)
		options[n++] = own_options[i];
	for (size_t i = 0; i < lam_directives(); i++) {
		const struct lam_directive *d = lam_directive(i);

		options[n++] = (struct lam_option){ 0, d->name, d->arg, d->help,
			LAM_OPT_TEXT, &opt.directive[i] };
	}
	options[n] = (struct lam_option)LAM_OPTION_END;
}

static void
tell(void *arg, const char *line)
{
	(void)arg;
	lam_cli_tell(line);
}

static uint64_t
half_of_memory(void)
{
	return (uint64_t)sysconf(_SC_PHYS_PAGES) *
		(uint64_t)sysconf(_SC_PAGESIZE) / 2;
}

static int
start_launcher(struct lam_launcher *l, struct lam_error *e)
{
	const char *deny = getenv("LAM_DENY"), *tmp = getenv("TMPDIR");
	unsigned denied = 0;
	int rc = deny && *deny ? lam_tier_parse(deny, &denied, e) : LAM_OK;

	return rc ? rc : lam_launcher_start(l, tmp && *tmp ? tmp : "/tmp",
		denied, e);
}

static int
set_options(struct lam_function *f, struct lam_error *e)
{
	char where[80];
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < lam_directives(); i++) {
		snprintf(where, sizeof where, "--%s", lam_directive(i)->name);
		if (opt.directive[i])
			rc = lam_function_set(f, i, opt.directive[i], where, e);
	}
	return rc;
}

/* ------------------------------------------------------------------ modes */

struct run {
	struct lam_launcher launcher;
	struct lam_triggers all;
	struct lam_function *function;
	struct lam_trigger **trigger;
	size_t n, open;
	sigset_t mask;
};

#define RUN_INIT .launcher = LAM_LAUNCHER_INIT, .all = { .loop = LAM_LOOP_INIT }

static int
run_open(struct run *r, const char *data, struct lam_error *e)
{
	const char *path = getenv("PATH");
	int rc;

	r->all = (struct lam_triggers){ .data = data,
		.path = path && *path ? path : PATH_DEFAULT,
		.follow = opt.follow, .stop = lam_cli_stop_when_asked(),
		.pool = opt.pool ? opt.pool : half_of_memory(),
		.mask = &r->mask, .warn = lam_cli_failures(),
		.loop = LAM_LOOP_INIT, .launcher = &r->launcher };
	if (!data || lam_cli_verbose)
		r->all.lines.say = tell;
	if (lam_cli_verbose)
		r->all.all.say = tell;
	rc = start_launcher(&r->launcher, e);
	lam_cli_stop_block(&r->mask);
	if (!rc)
		rc = lam_loop_open(&r->all.loop, e);
	r->trigger = calloc(r->n + 1, sizeof *r->trigger);
	if (!rc && !r->trigger)
		rc = lam_fail_mem(e);
	return rc;
}

static int
run_all(struct run *r, struct lam_error *e)
{
	int rc = LAM_OK;

	for (; !rc && r->open < r->n; r->open += !rc) {
		rc = lam_function_check(&r->function[r->open], e);
		if (!rc)
			rc = lam_trigger_open(&r->trigger[r->open], &r->all,
				&r->function[r->open], e);
	}
	return rc ? rc : lam_triggers_run(&r->all, r->trigger, r->n, e);
}

static void
run_close(struct run *r)
{
	for (size_t i = 0; i < r->open; i++)
		lam_trigger_close(r->trigger[i]);
	free(r->trigger);
	if (r->all.loop.fd >= 0)
		lam_loop_close(&r->all.loop);
	lam_launcher_stop(&r->launcher);
}

/* What all of it came to. */
static int
summary(const struct run *r)
{
	struct lam_trigger_counts sum = { 0, 0, 0 };

	for (size_t i = 0; i < r->open; i++) {
		struct lam_trigger_counts c = lam_trigger_counts(r->trigger[i]);

		sum.events += c.events;
		sum.batches += c.batches;
		sum.dead += c.dead;
	}
	if (lam_cli_stopped())
		lam_cli_warn("stopped by %s: %s", lam_cli_stopped(), r->all.data ?
			"what was done is in the ledgers; the next run goes on "
			"from there" : "batches that were running are done");
	if (sum.dead)
		return LAM_SOME;
	return r->all.data || sum.events ? LAM_OK : LAM_NOTHING;
}

static int
run_filter(char **argv, struct lam_error *e)
{
	struct lam_function f;
	struct run r = { RUN_INIT, .function = &f, .n = 1 };
	int rc;

	lam_function_init(&f);
	rc = set_options(&f, e);
	if (!rc)
		rc = lam_function_command(&f, argv, e);
	if (!rc && f.on != LAM_ON_STDIN)
		rc = lam_fail(e, LAM_USAGE, "--on: a command behind -- reads "
			"standard input");
	if (!rc && !getcwd(f.dir, sizeof f.dir))
		rc = lam_fail_sys(e, "the working directory");
	if (!rc)
		rc = run_open(&r, NULL, e);
	if (!rc)
		rc = run_all(&r, e);
	if (!rc)
		rc = summary(&r);
	run_close(&r);
	lam_function_release(&f);
	return rc;
}

static int
read_functions(struct run *r, const char *data, char *const *name,
	struct lam_error *e)
{
	int rc = LAM_OK;

	r->function = calloc(r->n + 1, sizeof *r->function);
	if (!r->function)
		return lam_fail_mem(e);
	for (size_t i = 0; !rc && i < r->n; i++) {
		lam_function_init(&r->function[i]);
		rc = set_options(&r->function[i], e);
		if (!rc)
			rc = lam_function_read(&r->function[i], data, name[i], e);
	}
	return rc;
}

static int
run_functions(char **name, size_t n, struct lam_error *e)
{
	const char *data = lam_cli_data(opt.data);
	struct lam_names all = LAM_NAMES_INIT;
	struct run r = { RUN_INIT, .n = n };
	char dir[LAM_PATH_MAX];
	int rc = lam_io_path(dir, sizeof dir, e, "%s/functions", data);

	if (!rc && !n) {
		rc = lam_io_list(dir, "", &all, e);
		name = all.name;
		r.n = all.n;
	}
	if (!rc && !r.n)
		rc = lam_fail(e, LAM_NOTHING, "%s: there is no function: "
			"lam-trigger --list tells what there is to begin with",
			dir);
	if (!rc)
		rc = read_functions(&r, data, name, e);
	if (!rc)
		rc = run_open(&r, data, e);
	if (!rc)
		rc = run_all(&r, e);
	if (!rc)
		rc = summary(&r);
	run_close(&r);
	for (size_t i = 0; r.function && i < r.n; i++)
		lam_function_release(&r.function[i]);
	free(r.function);
	lam_names_release(&all);
	return rc;
}

static int
check(struct lam_error *e)
{
	struct lam_launcher l = LAM_LAUNCHER_INIT;
	int rc = start_launcher(&l, e);

	if (!rc && fputs(l.table, stdout) == EOF)
		rc = lam_fail_sys(e, "standard output");
	lam_launcher_stop(&l);
	return rc;
}

int
main(int argc, char **argv)
{
	struct lam_error e = LAM_ERROR_INIT;
	int first, rc;

	make_options();
	first = lam_cli_parse(&program, argc, argv);
	if (opt.check)
		rc = check(&e);
	else if (first < argc && first > 1 && !strcmp(argv[first - 1], "--"))
		rc = run_filter(argv + first, &e);
	else
		rc = run_functions(argv + first, (size_t)(argc - first), &e);
	return lam_cli_finish(rc, &e);
}
