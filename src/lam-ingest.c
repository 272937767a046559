/*
 * lam-ingest - log text in, durable records out
 *
 * In:   log text from files or standard input, plain or gzip
 * Out:  nothing; records are appended to DIR/master/STREAM, lines that are no
 *       records to DIR/reject/STREAM.csv; a summary on standard error
 *
 *	tail -n +1 -F app.csv | lam-ingest -d /var/lib/lam -s app
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dir.h"
#include "base/io.h"
#include "base/name.h"
#include "base/pool.h"
#include "base/progress.h"
#include "cli/cli.h"
#include "cli/ingest_told.h"
#include "cli/options.h"
#include "cli/signal.h"
#include "cli/text.h"
#include "follow/plain.h"
#include "ingest/ingest.h"
#include "ingest/memory.h"
#include "ingest/pipe.h"
#include "input/format.h"
#include "time/time.h"

#define PACE (LAM_NS / 100) /* of what is followed */
#define REJECTS_SHOWN 3
#define SOURCE_MAX 200 /* bytes of a name */

static struct {
	const char *data, *stream, *event, *schema, *fields, *source, *id;
	struct lam_choice format;
	int64_t flush; /* ns */
	unsigned threads, level, segment_records, horizon;
	struct lam_cli_text text;
	bool strict, resume, follow, ack;
	int64_t line_timeout, poll; /* ns */
} opt = { .flush = -1, .line_timeout = -1, .level = 1, .horizon = 1000000,
	.format = { .name = lam_format_name, .open = true } };

static const _Atomic int *stop;

static const struct lam_option options[] = {
	LAM_OPTION_DATA(opt.data),
	{ 's', "stream", "STREAM", "the stream to append to; made when new",
		LAM_OPT_TEXT, &opt.stream },
	LAM_OPTION_FORMAT("", opt.format),
	{ 't', "time", "FIELD", "the event time (default: detected)",
		LAM_OPT_TEXT, &opt.event },
	{ 0, "schema", "FILE", "types of a new stream's fields "
		"(default: detected)", LAM_OPT_TEXT, &opt.schema },
	LAM_OPTION_FIELDS("", opt.fields),
	LAM_OPTION_TIME_FORMAT("", opt.text.time_format),
	LAM_OPTION_DIALECT("", opt.text),
	LAM_OPTION_START("", opt.text.start),
	{ 0, "origin", NULL, "from now on each record gets fields that say where it is "
		"from: _file, _line, _ingested", LAM_OPT_FLAG, &opt.text.origin },
	LAM_OPTION_ZONE("", opt.text.zone),
	LAM_OPTION_HEADER("", "", opt.text),
	LAM_OPTION_STRICT("", opt.strict),
	{ 0, "resume", NULL, "only what was not read before, through rotations; "
		"patterns, directories", LAM_OPT_FLAG, &opt.resume },
	{ 0, "follow", NULL, "the same, and then what comes, as it comes",
		LAM_OPT_FLAG, &opt.follow },
	{ 0, "poll", "DURATION", "--follow: look at the files this often "
		"(default: when they change)", LAM_OPT_DURATION, &opt.poll },
	{ 0, "line-timeout", "DURATION", "--resume, --follow: take a line that has no "
		"newline after this long", LAM_OPT_DURATION,
		&opt.line_timeout },
	{ 0, "flush-interval", "DURATION", "acknowledge live input this often; 0: "
		"at once (default: 1s; --follow: 10ms)", LAM_OPT_DURATION, &opt.flush },
	{ 0, "ack", NULL, "standard input: print \"BYTES RECORDS\" when more of it is "
		"on disk", LAM_OPT_FLAG, &opt.ack },
	{ 0, "source", "NAME", "standard input goes on where NAME was left; with "
		"--ack, which says where", LAM_OPT_TEXT, &opt.source },
	{ 0, "id", "FIELD", "drop records whose FIELD is that of one of the last "
		"records", LAM_OPT_TEXT, &opt.id },
	{ 0, "id-horizon", "N", "of the last N records (default: 1000000; 24 bytes "
		"of memory each)", LAM_OPT_COUNT, &opt.horizon },
	LAM_OPTION_THREADS(opt.threads),
	{ 0, "level", "N", "effort of compression, 1 to 9 (default: 1)",
		LAM_OPT_LEVEL, &opt.level },
	{ 0, "segment-records", "N", "start a new segment after N records "
		"(default: 8 Mi)", LAM_OPT_COUNT, &opt.segment_records },
	LAM_OPTION_PROGRESS,
	LAM_OPTION_QUIET,
	LAM_OPTION_VERBOSE("report each rejected line, not only the first"),
	LAM_OPTION_END
};

static const struct lam_program program = { "lam-ingest",
	"append log text to the master log",
	"[-d DIR] -s STREAM [-f FORMAT] [-t FIELD] [option ...] [FILE ...]",
	options,
	"lam-ingest -s access access.log\n"
	"zcat access.log.gz | lam-ingest -s access -f combined\n"
	"lam-ingest -s access --resume 'logs/*.log'" };

/* The job of a run, and how far it has come. */
struct run {
	struct lam_ingest_told told;
	size_t fields;	     /* that the stream had */
	unsigned shown;	     /* rejects */
	struct lam_memory memory;
	struct lam_recent recent;
	bool failed;	     /* a file could not be read, which was told */
};

static void
show_reject(void *arg, const char *source, const struct lam_reject *r)
{
	struct run *run = arg;

	if (!lam_cli_quiet && (run->shown++ < REJECTS_SHOWN ||
		lam_cli_verbose))
		lam_cli_warn("%s:%" PRIu64 ": %s", source, r->line, r->reason);
}

static int
give_schema(struct lam_append *a, struct lam_error *e)
{
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_buf b = LAM_BUF_INIT;
	struct lam_schema s;
	int rc;

	rc = lam_io_slurp_given(opt.schema, LAM_SCHEMA_MAX, &b, e);
	if (!rc)
		rc = lam_schema_parse((struct lam_str){ lam_buf_str(&b), b.n },
			opt.schema, &arena, &s, e);
	if (!rc)
		rc = lam_append_set_schema(a, &s, e);
	lam_buf_release(&b);
	lam_arena_release(&arena);
	return rc;
}

/* A file that does not fit is found before anything is appended. */
static int
check_inputs(const struct lam_ingest *g, const struct lam_input_options *o,
	const struct run *run, struct lam_error *e)
{
	struct stat st;
	int rc = LAM_OK;

	for (int i = 0; run->told.n > 1 && !rc && i < run->told.n; i++) {
		const char *file = run->told.file[i];
		struct lam_input *in;

		if (stat(file, &st) || !S_ISREG(st.st_mode))
			continue;
		rc = lam_input_open(&in, file, o, e);
		if (rc)
			break;
		rc = lam_ingest_check(g, in, file, e);
		lam_input_close(in);
	}
	return rc;
}

static void
tell(void *arg, const char *message)
{
	(void)arg;
	lam_cli_warn("%s", message);
}

static int
ingest_files(struct lam_ingest *g, struct lam_input_options *o,
	struct lam_error *e)
{
	struct lam_arena names = LAM_ARENA_INIT;
	struct lam_ingest_told *t = &((struct run *)g->arg)->told;
	struct lam_follow f = { .ingest = g, .options = o,
		.tell = lam_cli_quiet ? NULL : tell,
		.claims = LAM_CLAIMS_INIT(t->data, opt.stream) };
	int rc = lam_memory_names(g->append, &names, o, e);

	lam_follow_init(&f);
	if (!rc)
		rc = check_inputs(g, o, g->arg, e);
	for (t->at = 0; !rc && !*stop && t->at < t->n; t->at++) {
		const char *file = t->file[t->at];

		t->before = g->records;
		g->next_line = 0;
		if (!strcmp(file, "-")) {
			/* Earlier records may not wait with us. */
			rc = lam_ingest_sync(g, e);
			if (!rc && !lam_cli_await_input())
				break;
		}
		if (!rc)
			rc = lam_memory_names(g->append, &names, o, e);
		if (!rc)
			rc = lam_plain_read(&f, file, lam_input_name(file), e);
		if (rc || *stop) /* t->at stays where it ended */
			break;
	}
	lam_follow_release(&f);
	lam_arena_release(&names);
	return rc;
}

static void
check_options(bool given)
{
	static const char *const of_follow[] = { "poll", NULL };
	static const char *const of_resume[] = { "line-timeout", NULL };
	static const char *const of_id[] = { "id-horizon", NULL };

	lam_cli_refuse(!opt.follow, "goes with --follow only", of_follow);
	lam_cli_refuse(!opt.follow && !opt.resume, "goes with --resume and --follow "
		"only", of_resume);
	lam_cli_refuse(!opt.id, "goes with --id only", of_id);
	if (!opt.stream)
		lam_cli_usage("-s STREAM is needed");
	if (!lam_name_ok(opt.stream, strlen(opt.stream)))
		lam_cli_usage("--stream \"%.80s\": a name is letters, "
			"digits, _ and -, first a letter, at most %d",
			opt.stream, LAM_NAME_MAX);
	if ((opt.resume || opt.follow) && !given)
		lam_cli_usage("--%s: name the files, or the directories",
			opt.follow ? "follow" : "resume");
	if (opt.ack && (given || opt.resume || opt.follow))
		lam_cli_usage("--ack is of standard input: files have places of "
			"their own: --resume");
	if (opt.source && (!opt.ack || !*opt.source ||
		strlen(opt.source) > SOURCE_MAX))
		lam_cli_usage("--source: a name of at most %d bytes, and --ack, "
			"which says where its text goes on", SOURCE_MAX);
	if (opt.horizon > LAM_RECENT_MAX)
		lam_cli_usage("--id-horizon: at most %u", LAM_RECENT_MAX);
	if (opt.flush == -1)
		opt.flush = opt.follow ? PACE : LAM_NS;
	if (opt.flush < 0 || opt.flush / 1000000 > INT_MAX)
		lam_cli_usage("--flush-interval: too long");
}

/* The files of T that patterns stand for.  A wrong name among many is found before
 * anything is appended; and how much there is to read. */
static int
find_files(struct lam_ingest_told *t, struct lam_names *names, struct lam_error *e)
{
	int rc = lam_io_glob((const char *const *)t->file, (size_t)t->n, names, e);
	uint64_t bytes = 0;
	bool known = true;
	struct stat st;

	if (rc)
		return rc;
	t->file = names->name;
	t->n = (int)names->n;
	for (int i = 0; i < t->n; i++) {
		const char *file = t->file[i];

		if (strcmp(file, "-") == 0) {
			known = false;
			continue;
		}
		if (access(file, R_OK) || stat(file, &st))
			return lam_fail_sys(e, "%s: cannot open", file);
		if (S_ISDIR(st.st_mode))
			return lam_fail(e, LAM_SYSTEM, "%s: is a directory, "
				"not a log: --resume takes its files", file);
		known &= S_ISREG(st.st_mode);
		bytes += (uint64_t)st.st_size;
	}
	if (known)
		lam_progress_expect(0, bytes);
	return LAM_OK;
}

/* A stream that there is is opened at once: its names tell headers from records. */
static bool
is_stream(const char *data)
{
	struct lam_buf path = LAM_BUF_INIT;
	bool is;

	lam_buf_printf(&path, "%s/master/%s/schema", data, opt.stream);
	is = !lam_buf_check(&path, NULL) && !access(lam_buf_str(&path), F_OK);
	lam_buf_release(&path);
	return is;
}

/* The first record is there: open the stream, or make it. */
static int
begin(struct lam_ingest *g, struct lam_error *e)
{
	struct lam_limits limits = LAM_LIMITS_DEFAULT;
	struct run *run = g->arg;
	const char *kept;
	int rc = lam_append_open(&g->append, run->told.data, opt.stream, e);

	if (!rc)
		rc = lam_memory_keep(&run->memory, g->append, &kept, e);
	if (!rc && kept && !lam_cli_quiet)
		lam_cli_warn("%s: from now on %s, as %s/master/%s/input says",
			opt.stream, kept, run->told.data, opt.stream);
	if (!rc && lam_append_has_schema(g->append))
		run->fields = lam_append_schema(g->append)->n;
	if (!rc && opt.segment_records) {
		limits.records = opt.segment_records;
		lam_append_set_limits(g->append, &limits);
	}
	if (!rc && opt.schema)
		rc = give_schema(g->append, e);
	return rc;
}

/* The options of the inputs of a run that finds its files. */
struct options {
	const struct lam_ingest *g;
	struct lam_input_options *o;
	struct lam_arena names;
};

static int
before_open(void *arg, struct lam_error *e)
{
	struct options *x = arg;

	return lam_memory_names(x->g->append, &x->names, x->o, e);
}

/* What is new in files that rotate, and what comes. */
static int
resume(struct lam_ingest *g, struct lam_input_options *o, struct lam_error *e)
{
	struct run *run = g->arg;
	struct options x = { g, o, LAM_ARENA_INIT };
	sigset_t stops;
	struct lam_follow f = { .ingest = g, .options = o, .name = run->told.file,
		.nnames = (size_t)run->told.n, .line_timeout = opt.line_timeout,
		.pace = opt.flush, .interval = opt.poll, .stops = &stops,
		.claims = LAM_CLAIMS_INIT(run->told.data, opt.stream), .tell = tell,
		.quiet = lam_cli_quiet, .before_open = before_open, .arg = &x };
	int rc;

	lam_cli_stop_signals(&stops);
	lam_cli_raise_files(); /* all that is followed is open */
	lam_follow_init(&f);
	rc = opt.follow ? lam_follow_run(&f, e) : lam_follow_once(&f, e);
	run->failed = f.failed;
	lam_follow_release(&f);
	lam_arena_release(&x.names);
	return rc;
}

/* The ids that are in the log. */
static int
know_ids(struct lam_ingest *g, struct lam_error *e)
{
	struct run *run = g->arg;

	g->recent = &run->recent;
	g->recent->field = opt.id;
	g->recent->horizon = opt.horizon;
	if (!lam_cli_quiet)
		lam_ingest_tell_ids(&run->told, g->recent);
	return lam_recent_open(g->recent, g->append ? run->told.data : NULL,
		opt.stream, e);
}

static int
acknowledge(const struct lam_ingest *g, struct lam_error *e)
{
	struct lam_ingest_told *t = &((struct run *)g->arg)->told;

	return g->bytes == t->bytes && g->records == t->records ? LAM_OK :
		lam_ingest_put_ack(t, g->bytes, g->records, e);
}

/* Standard input, whose sender is told where to begin, and what is on disk. */
static int
ingest_pipe(struct lam_ingest *g, struct lam_input_options *o,
	struct lam_error *e)
{
	struct lam_pipe p = LAM_PIPE_INIT;
	struct lam_arena names = LAM_ARENA_INIT;
	int rc;

	p.name = o->source = opt.source;
	rc = lam_pipe_find(&p, g, e);
	g->bytes = p.at;
	if (!rc)
		rc = lam_ingest_put_ack(&((struct run *)g->arg)->told, p.at, 0, e);
	if (!rc)
		rc = lam_memory_names(g->append, &names, o, e);
	g->on_durable = acknowledge;
	if (!rc && lam_cli_await_input())
		rc = lam_pipe_run(&p, g, o, e);
	lam_pipe_release(&p);
	lam_arena_release(&names);
	return rc;
}

/* All files, to the last fsync. */
static int
ingest(struct lam_ingest *g, struct lam_error *e)
{
	struct lam_input_options o = { .format = opt.format.value };
	struct lam_arena arena = LAM_ARENA_INIT;
	struct run *run = g->arg;
	int rc = LAM_OK, rc2;

	lam_cli_text(&opt.text, &o);
	if (opt.fields)
		rc = lam_input_list_fields(&o, opt.fields, &arena, e);
	if (!rc)
		rc = lam_memory_recall(&run->memory, run->told.data, opt.stream, &o, e);
	g->zone = run->memory.zone;
	if (!rc && run->memory.unused.n)
		lam_cli_warn("%s: %s", opt.stream, lam_buf_str(&run->memory.unused));
	if (!rc && is_stream(run->told.data))
		rc = begin(g, e);
	if (!rc && opt.id)
		rc = know_ids(g, e);
	if (!rc)
		rc = opt.ack ? ingest_pipe(g, &o, e) :
			opt.resume || opt.follow ? resume(g, &o, e) :
			ingest_files(g, &o, e);
	/* Records read before a failure are kept. */
	rc2 = lam_ingest_sync(g, e);
	if (rc2) {
		lam_cli_warn("%s: the last of %" PRIu64 " records may not be "
			"durable", opt.stream, g->records);
		g->records = 0;
	} else if (!opt.resume && !opt.follow && (*stop || (rc && g->records))) {
		lam_ingest_tell_stop(&run->told, g);
	}
	rc = rc ? rc : rc2;
	if (!lam_cli_quiet && g->records &&
		lam_append_schema(g->append)->n > run->fields)
		lam_ingest_tell_fields(&run->told, lam_append_schema(g->append),
			run->fields);
	lam_memory_release(&run->memory);
	lam_recent_release(&run->recent);
	lam_arena_release(&arena);
	return rc;
}

int
main(int argc, char **argv)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_reject_file rejects;
	struct run run = { .memory = LAM_MEMORY_INIT };
	struct lam_ingest g = { .begin = begin, .on_reject = show_reject,
		.on_choice = tell,
		.arg = &run, .rejects = &rejects };
	int64_t start = lam_clock_monotonic();
	int first = lam_cli_parse(&program, argc, argv), rc = LAM_OK;
	static char standard_input[] = "-";
	char *none[] = { standard_input };
	struct lam_names names = LAM_NAMES_INIT;

	check_options(first < argc);
	run.told.data = lam_cli_data(opt.data);
	run.told.stream = opt.stream;
	run.told.file = first < argc ? argv + first : none;
	run.told.n = first < argc ? argc - first : 1;
	g.threads = opt.threads ? opt.threads : lam_pool_cpus();
	g.level = (int)opt.level;
	g.wait_ms = (int)((opt.flush + 999999) / 1000000);
	g.event = opt.event;
	g.stop = stop = lam_cli_stop_when_asked();
	lam_cli_progress_begin(opt.stream, true);
	if (!opt.resume && !opt.follow)
		rc = find_files(&run.told, &names, &e);
	if (!rc)
		rc = lam_reject_file_open(&rejects, run.told.data, opt.stream, &e);
	if (!rc) {
		rc = ingest(&g, &e);
		lam_append_close(g.append);
		lam_reject_file_close(&rejects);
	}
	if (!lam_cli_quiet && (g.records || (!rc && !*stop)))
		lam_ingest_tell_done(&run.told, &g,
			(double)(lam_clock_monotonic() - start) / 1e9);
	if (!rc && (run.failed || (opt.strict && g.rejected)))
		rc = LAM_SOME;
	else if (!rc && !g.records)
		rc = LAM_NOTHING;
	lam_names_release(&names);
	return lam_cli_finish(rc, &e);
}
