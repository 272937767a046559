/*
 * lam-serve - the serving layer: publish partials as generations
 *
 * In:   partial streams from files or standard input
 * Out:  DIR/serving/VIEW/..., replaced atomically; a summary on a terminal
 *
 *	lam-batch -d /var/lib/lam | lam-serve -d /var/lib/lam
 */
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/pool.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/signal.h"
#include "view/serve.h"

static struct {
	const char *data;
	unsigned threads;
	bool force;
} opt;

static const struct lam_option options[] = {
	LAM_OPTION_DATA(opt.data),
	{ 0, "force", NULL, "publish even what ends before what is served",
		LAM_OPT_FLAG, &opt.force },
	LAM_OPTION_AGENTS,
	LAM_OPTION_GEO,
	LAM_OPTION_THREADS(opt.threads),
	LAM_OPTION_PROGRESS,
	LAM_OPTION_QUIET,
	LAM_OPTION_VERBOSE("print the summary even if stderr is no terminal; "
		"warn of values that could not be computed"),
	LAM_OPTION_END
};

static const struct lam_program program = { "lam-serve",
	"check partials and publish them for queries",
	"[-d DIR] [option ...] [FILE ...]", options,
	"lam-batch | lam-serve\n"
	"lam-batch >views.part && lam-serve views.part\n"
	"lam-batch traffic | lam-serve --verbose" };

/* From cron only what is wrong is of interest. */
static void
summary(const struct lam_serve *s)
{
	if (lam_cli_verbose || (!lam_cli_quiet && isatty(STDERR_FILENO)))
		lam_cli_warn("%" PRIu64 " view%s published, %" PRIu64
			" rows", s->views, s->views == 1 ? "" : "s", s->rows);
}

int
main(int argc, char **argv)
{
	struct lam_error e = LAM_ERROR_INIT;
	int first = lam_cli_parse(&program, argc, argv), rc;
	struct lam_serve s = { .path = (const char *const *)(argv + first),
		.npaths = (size_t)(argc - first), .force = opt.force,
		.failed = lam_cli_failures() };

	if (lam_cli_verbose)
		s.faults = lam_cli_warnings();
	s.threads = opt.threads ? opt.threads : lam_pool_cpus();
	s.data = lam_cli_data(opt.data);
	s.stop = lam_cli_stop_ends_input();
	lam_cli_progress_begin("partials", true);
	rc = lam_serve(&s, &e);
	if (lam_cli_stopped()) {
		lam_cli_warn("stopped by %s: %" PRIu64 " view%s published",
			lam_cli_stopped(), s.views, s.views == 1 ? " is" :
			"s are");
		/* The input ended because of that. */
		rc = rc == LAM_DATA ? LAM_OK : rc;
	} else if (!rc && !s.read) {
		rc = lam_fail(&e, LAM_NOTHING, "the partial stream has no "
			"section: nothing is published");
	} else if (!rc || rc == LAM_SOME) {
		summary(&s);
	}
	return lam_cli_finish(rc, &e);
}
