/*
 * lam-fsck - what of a dataset is intact
 *
 * In:   a dataset: every file of it is read, none is written
 * Out:  a summary on standard output, findings on standard error
 *
 *	lam-fsck -d /var/lib/lam
 *	lam-fsck -d /var/lib/lam --salvage /var/lib/lam.new
 *
 * The exit status tells what was found: 5 is derived state, which can be made
 * again, or a torn tail; 3 is the log.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "cli/signal.h"
#include "fsck/log_check.h"
#include "fsck/salvage.h"
#include "fsck/view_check.h"
#include "trigger/function.h"
#include "trigger/ledger_check.h"

#define FINDINGS_SHOWN 20 /* without --verbose: a screen */

static struct {
	const char *data, *salvage;
	uint64_t seed, memory;
	unsigned sample, threads;
	bool recompute;
} opt = { .seed = UINT64_MAX };

static const struct lam_option options[] = {
	LAM_OPTION_DATA(opt.data),
	{ 'r', "recompute", NULL, "recompute views and compare with what is "
		"served", LAM_OPT_FLAG, &opt.recompute },
	{ 0, "sample", "N", "with --recompute: from N random segments only",
		LAM_OPT_COUNT, &opt.sample },
	{ 0, "seed", "SEED", "with --sample: draw the segments of an earlier "
		"run", LAM_OPT_POSITION, &opt.seed },
	{ 0, "salvage", "OUT", "copy every intact block of the logs to a new "
		"dataset", LAM_OPT_TEXT, &opt.salvage },
	LAM_OPTION_AGENTS,
	LAM_OPTION_GEO,
	LAM_OPTION_THREADS(opt.threads),
	LAM_OPTION_MEMORY(opt.memory),
	LAM_OPTION_PROGRESS,
	LAM_OPTION_QUIET,
	LAM_OPTION_VERBOSE("report all findings, not only the first 20"),
	LAM_OPTION_END
};

static const struct lam_program program = { "lam-fsck",
	"verify a dataset, from checksums to identity",
	"[-d DIR] [--recompute [--sample N [--seed SEED]]] [option ...] "
	"[STREAM ...]\n"
	"[-d DIR] --salvage OUT [STREAM ...]",
	options,
	"lam-fsck\n"
	"lam-fsck --recompute --sample 3 access\n"
	"lam-fsck --salvage rescued" };

static void
say(void *arg, enum lam_gravity g, const char *line)
{
	const struct lam_findings *f = arg;

	(void)g;
	if (lam_cli_verbose || opt.salvage || f->n <= FINDINGS_SHOWN)
		lam_cli_warn("%s", line);
}

static void
check_options(void)
{
	static const char *const recompute[] = { "recompute", NULL };
	static const char *const sample[] = { "sample", "memory", NULL };
	static const char *const seed[] = { "seed", NULL };

	lam_cli_refuse(opt.salvage, "does not go with --salvage", recompute);
	lam_cli_refuse(!opt.recompute, "goes with --recompute only", sample);
	lam_cli_refuse(!opt.sample, "goes with --sample only", seed);
}

static const char *
plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void
print_line(const char *line)
{
	puts(line);
}

static void
print_stream(const char *name, const struct lam_log_check *c)
{
	bool whole = c->segments == c->segments_intact && c->lost.n == 0;
	uint64_t lost = lam_ranges_count(&c->lost);

	lam_cli_progress_clear();
	if (lam_cli_quiet)
		return;
	if (c->head == 0 && c->segments == 0) {
		printf("stream %s: no records yet\n", name);
		return;
	}
	printf("stream %s: id %s, %zu field%s, positions 0 to %" PRIu64 "\n",
		name, *c->id ? c->id : "unknown", c->nfields,
		plural(c->nfields), c->head);
	printf("  log      %s: %" PRIu64 " of %" PRIu64 " segment%s (%" PRIu64
		" sealed), %" PRIu64 " of %" PRIu64 " block%s, %" PRIu64
		" bytes\n", whole ? "intact" : "DAMAGED", c->segments_intact,
		c->segments, plural(c->segments), c->sealed, c->blocks_intact,
		c->blocks, plural(c->blocks), c->bytes);
	if (lost)
		printf("  LOST     %" PRIu64 " record%s in %zu range%s\n", lost,
			plural(lost), c->lost.n, plural(c->lost.n));
	if (c->witness)
		printf("  witness  %" PRIu64 " record%s acknowledged\n",
			c->durable, plural(c->durable));
	else
		printf("  witness  none\n");
	printf("  tail     %s", c->torn ? "torn" : "whole");
	if (c->torn)
		printf(": %" PRIu64 " bytes never acknowledged", c->torn);
	if (c->moved)
		printf("; %" PRIu64 " torn tail%s moved aside, %" PRIu64
			" bytes", c->moved, plural(c->moved), c->moved_bytes);
	printf("\n  rejects  %" PRIu64 " line%s\n", c->rejects,
		plural(c->rejects));
}

static void
print_view(const char *name, const struct lam_view_check *c)
{
	lam_cli_progress_clear();
	if (lam_cli_quiet)
		return;
	printf("view %s: ", name);
	if (*c->stream)
		printf("of %s, ", c->stream);
	printf("%s\n", c->binds ? "binds" : c->defined ? "not bound" :
		"NOT DEFINED");
	printf("  serving  %" PRIu64 " of %" PRIu64 " generation%s intact",
		c->generations_intact, c->generations, plural(c->generations));
	if (c->has_served)
		printf("; positions 0 to %" PRIu64 " are served", c->served);
	if (c->stale)
		printf("; %" PRIu64 " of an older definition", c->stale);
	printf("\n  speed    %" PRIu64 " of %" PRIu64 " partial%s intact\n",
		c->partials_intact, c->partials, plural(c->partials));
	if (opt.recompute)
		printf("  compared %" PRIu64 " file%s with the log, %" PRIu64
			" group%s recomputed\n", c->compared,
			plural(c->compared), c->groups, plural(c->groups));
}

static int
check_streams(const char *data, const struct lam_names *streams,
	struct lam_findings *f, struct lam_error *e)
{
	struct lam_resources o = lam_cli_engine(opt.threads, opt.memory);
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < streams->n; i++) {
		struct lam_log_check c = LAM_LOG_CHECK_INIT;

		lam_cli_progress_begin(streams->name[i], true);
		rc = lam_log_check(data, streams->name[i], o.threads, f, &c,
			e);
		if (!rc)
			print_stream(streams->name[i], &c);
		lam_log_check_release(&c);
	}
	return rc;
}

/* Is VIEW one of the named streams'? */
static bool
wanted(const char *data, const char *view, const struct lam_names *streams)
{
	struct lam_arena arena = LAM_ARENA_INIT;
	const char *stream;
	bool found = false;

	if (!lam_view_stream(data, view, &arena, &stream, NULL))
		for (size_t i = 0; i < streams->n; i++)
			found |= !strcmp(stream, streams->name[i]);
	lam_arena_release(&arena);
	return found;
}

/* *N: how many views there are, checked or not. */
static int
check_views(const char *data, const struct lam_names *streams, bool all,
	struct lam_findings *f, size_t *n, struct lam_error *e)
{
	struct lam_view_checking o = { .data = data,
		.engine = lam_cli_engine(opt.threads, opt.memory),
		.recompute = opt.recompute, .sample = opt.sample,
		.seed = opt.seed };
	struct lam_names views = LAM_NAMES_INIT;
	int rc = lam_view_remains(data, f, &views, e);

	*n = views.n;
	if (!rc && opt.sample && opt.seed == UINT64_MAX)
		rc = lam_io_random(&o.seed, sizeof o.seed, e);
	if (opt.seed == UINT64_MAX)
		o.seed >>= 1; /* printed in fewer digits; never the default */
	for (size_t i = 0; !rc && i < views.n; i++) {
		struct lam_view_check c;

		if (!all && !wanted(data, views.name[i], streams))
			continue;
		lam_cli_progress_begin(views.name[i], true);
		rc = lam_view_check(&o, views.name[i], f, &c, e);
		if (!rc)
			print_view(views.name[i], &c);
	}
	if (!rc && opt.sample)
		printf("sample of %u segment%s, --seed %" PRIu64 "\n",
			opt.sample, plural(opt.sample), o.seed);
	lam_names_release(&views);
	return rc;
}

static int
salvage_streams(const char *data, const struct lam_names *streams,
	struct lam_findings *f, struct lam_error *e)
{
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < streams->n; i++) {
		struct lam_salvage s = LAM_SALVAGE_INIT;
		uint64_t lost;

		lam_cli_progress_begin(streams->name[i], true);
		rc = lam_salvage(data, streams->name[i], opt.salvage, f, &s,
			e);
		lost = lam_ranges_count(&s.lost);
		lam_cli_progress_clear();
		if (!rc && !lam_cli_quiet)
			printf("stream %s: %" PRIu64 " record%s in %" PRIu64
				" block%s copied, %" PRIu64 " lost\n",
				streams->name[i], s.records, plural(s.records),
				s.blocks, plural(s.blocks), lost);
		lam_salvage_release(&s);
	}
	return rc;
}

/* A directory that is not the dataset is not intact: nothing was looked at. */
static int
check_any(const char *data, struct lam_error *e)
{
	struct lam_names functions = LAM_NAMES_INIT;
	struct lam_error why = LAM_ERROR_INIT;
	int rc = lam_function_list(data, &functions, &why);

	lam_names_release(&functions);
	return rc != LAM_NOTHING ? LAM_OK : lam_fail(e, LAM_USAGE, "%s: there is no "
		"stream, view or function to verify: is this the dataset?", data);
}

/* The exit status for what was found, and a last line that says it. */
static int
conclude(const struct lam_findings *f, struct lam_error *e)
{
	if (f->n > FINDINGS_SHOWN && !lam_cli_verbose && !opt.salvage)
		lam_cli_warn("%" PRIu64 " more findings: --verbose shows them",
			f->n - FINDINGS_SHOWN);
	if (f->worst == LAM_GRAVE)
		return lam_fail(e, LAM_DATA, opt.salvage ? "records are lost "
			"(see above)" : "the log is damaged, or the served "
			"views are of another log (see above)");
	if (!lam_cli_quiet && !opt.salvage)
		printf("%s\n", f->worst == LAM_SOUND ? "all intact" :
			"the log is intact; derived state is damaged or stale,"
			" or a tail is torn");
	return f->worst == LAM_SOUND ? LAM_OK : LAM_SOME;
}

int
main(int argc, char **argv)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_findings f = { say, &f, LAM_SOUND, 0 };
	struct lam_names all = LAM_NAMES_INIT, streams;
	size_t views = 0;
	int first = lam_cli_parse(&program, argc, argv), rc;
	const char *data;

	check_options();
	lam_cli_stop_at_once(opt.salvage ? "the new dataset is not whole: "
		"remove it" : "nothing was changed");
	data = lam_cli_data(opt.data);
	rc = lam_stream_remains(data, &all, &e);
	streams = first < argc ? (struct lam_names){ .name = argv + first,
		.n = (size_t)(argc - first) } : all;
	if (!rc && !lam_io_exists(data))
		rc = lam_fail(&e, LAM_USAGE, "%s: there is no such dataset",
			data);
	if (!rc && opt.salvage)
		rc = salvage_streams(data, &streams, &f, &e);
	else if (!rc)
		rc = check_streams(data, &streams, &f, &e);
	if (!rc && !opt.salvage)
		rc = check_views(data, &streams, first == argc, &f, &views, &e);
	if (!rc && !opt.salvage && first == argc)
		rc = lam_ledger_check(data, &f, lam_cli_quiet ? NULL : print_line,
			&e);
	if (!rc && !streams.n && !views && !f.n)
		rc = check_any(data, &e);
	if (!rc)
		rc = conclude(&f, &e);
	lam_names_release(&all);
	return lam_cli_finish(rc, &e);
}
