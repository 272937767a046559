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
#include "view/serve.h"

static struct {
	const char *data;
	unsigned threads;
	bool force, quiet;
} opt;

static const struct lam_option options[] = {
	{ 'd', "data", "DIR", "the dataset (default: $LAM_DATA)",
		LAM_OPT_TEXT, &opt.data },
	{ 0, "force", NULL, "publish even what ends before what is served",
		LAM_OPT_FLAG, &opt.force },
	{ 0, "threads", "N", "threads (default: one per processor)",
		LAM_OPT_THREADS, &opt.threads },
	{ 'q', "quiet", NULL, "no summary on a terminal", LAM_OPT_FLAG,
		&opt.quiet },
	{ 0, NULL, NULL, NULL, LAM_OPT_FLAG, NULL },
};

static const struct lam_program program = { "lam-serve",
	"check partials and publish them for queries",
	"[-d DIR] [option ...] [FILE ...]", options };

static void
warn(void *arg, const char *line)
{
	(void)arg;
	lam_cli_warn("%s", line);
}

int
main(int argc, char **argv)
{
	struct lam_error e = LAM_ERROR_INIT;
	int first = lam_cli_parse(&program, argc, argv), rc;
	struct lam_serve s = { .path = (const char *const *)(argv + first),
		.npaths = (size_t)(argc - first), .force = opt.force,
		.warn = { warn, NULL } };

	s.threads = opt.threads ? opt.threads : lam_pool_cpus();
	s.data = lam_cli_data(opt.data);
	rc = lam_serve(&s, &e);
	/* From cron only what is wrong is of interest. */
	if (!rc && !opt.quiet && isatty(STDERR_FILENO))
		lam_cli_warn("%" PRIu64 " view%s published, %" PRIu64
			" rows", s.views, s.views == 1 ? "" : "s", s.rows);
	return lam_cli_finish(rc, &e);
}
