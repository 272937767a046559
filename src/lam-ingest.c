/*
 * lam-ingest - log text in, durable records out
 *
 * In:   log text from files or standard input, plain or gzip
 * Out:  nothing; records are appended to DIR/master/STREAM, lines that are no
 *       records to DIR/reject/STREAM.csv; a summary on standard error
 *
 *	tail -F app.csv | lam-ingest -d /var/lib/lam -s app
 */
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "base/time.h"
#include "cli/cli.h"
#include "log/ingest.h"

#define REJECTS_SHOWN 3
#define FIELDS_SHOWN 400 /* bytes */
#define SCHEMA_MAX (8u << 20)

static volatile sig_atomic_t stop;

static struct {
	const char *data, *stream, *format, *event, *schema, *fields;
	int64_t flush; /* ns */
	unsigned threads, level, segment_records;
	bool no_header, quiet;
} opt = { .flush = LAM_NS, .level = 1 };

static const struct lam_option options[] = {
	{ 'd', "data", "DIR", "the dataset (default: $LAM_DATA)",
		LAM_OPT_TEXT, &opt.data },
	{ 's', "stream", "STREAM", "the stream to append to; made when new",
		LAM_OPT_TEXT, &opt.stream },
	{ 'f', "format", "FORMAT", "csv, tsv, combined or common "
		"(default: guessed)", LAM_OPT_TEXT, &opt.format },
	{ 't', "time", "FIELD", "the event time (default: detected)",
		LAM_OPT_TEXT, &opt.event },
	{ 0, "schema", "FILE", "types of a new stream's fields "
		"(default: detected)", LAM_OPT_TEXT, &opt.schema },
	{ 0, "fields", "NAMES", "A,B,...: there is no line that names the "
		"fields", LAM_OPT_TEXT, &opt.fields },
	{ 0, "no-header", NULL, "the first line is a record, not names",
		LAM_OPT_FLAG, &opt.no_header },
	{ 0, "flush-interval", "DURATION", "acknowledge live input this often; 0: "
		"at once (default: 1s)", LAM_OPT_DURATION, &opt.flush },
	{ 0, "threads", "N", "threads (default: one per processor)",
		LAM_OPT_THREADS, &opt.threads },
	{ 0, "level", "N", "effort of compression, 1 to 9 (default: 1)",
		LAM_OPT_LEVEL, &opt.level },
	{ 0, "segment-records", "N", "start a new segment after N records "
		"(default: 8 Mi)", LAM_OPT_COUNT, &opt.segment_records },
	{ 'q', "quiet", NULL, "no summary, and no sample of the rejects",
		LAM_OPT_FLAG, &opt.quiet },
	{ 0, NULL, NULL, NULL, LAM_OPT_FLAG, NULL },
};

static const struct lam_program program = { "lam-ingest",
	"append log text to the master log",
	"[-d DIR] -s STREAM [-f FORMAT] [-t FIELD] [option ...] [FILE ...]",
	options };

static void
on_signal(int signal_number)
{
	(void)signal_number;
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
}

/* Without SA_RESTART: a wait for input is to be interrupted. */
static void
catch_signals(void)
{
	struct sigaction a = { .sa_handler = on_signal };

	sigemptyset(&a.sa_mask);
	sigaction(SIGTERM, &a, NULL);
	sigaction(SIGINT, &a, NULL);
	/* A file size limit is an error like a full disk. */
	a.sa_handler = SIG_IGN;
	sigaction(SIGXFSZ, &a, NULL);
}

/*
 * Wait for standard input's first byte: opening an input reads its header line
 * and cannot be interrupted.  The signals are let in only while waiting, so
 * that none is missed.
 */
static void
await_input(void)
{
	struct pollfd p = { STDIN_FILENO, POLLIN, 0 };
	sigset_t block, old;

	sigemptyset(&block);
	sigaddset(&block, SIGTERM);
	sigaddset(&block, SIGINT);
	pthread_sigmask(SIG_BLOCK, &block, &old);
	while (!stop && ppoll(&p, 1, NULL, &old) < 0)
		;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static void
show_reject(void *arg, const char *source, const struct lam_reject *r)
{
	unsigned *shown = arg;

	if (!opt.quiet && (*shown)++ < REJECTS_SHOWN)
		lam_cli_warn("%s:%" PRIu64 ": %s", source, r->line, r->reason);
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* --fields: NAMES, cut at the commas in place. */
static size_t
split_fields(char *text, const char **names)
{
	size_t n = 0;

	for (char *p = text; p && n < LAM_FIELDS_MAX; n++) {
		names[n] = p;
		p = strchr(p, ',');
		if (p)
			*p++ = '\0';
	}
	return n;
}

static int
give_schema(struct lam_append *a, struct lam_error *e)
{
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_buf b = LAM_BUF_INIT;
	struct lam_schema s;
	int rc;

	rc = lam_io_slurp_given(opt.schema, SCHEMA_MAX, &b, e);
	if (!rc)
		rc = lam_schema_parse((struct lam_str){ lam_buf_str(&b), b.n },
			opt.schema, &arena, &s, e);
	if (!rc)
		rc = lam_append_set_schema(a, &s, e);
	lam_buf_release(&b);
	lam_arena_release(&arena);
	return rc;
}

static int
ingest_files(struct lam_ingest *g, const struct lam_input_options *o,
	char **file, int n, struct lam_error *e)
{
	static char standard_input[] = "-";
	char *none[] = { standard_input };
	int rc = LAM_OK;

	if (n == 0) {
		file = none;
		n = 1;
	}
	for (int i = 0; !rc && i < n && !stop; i++) {
		bool standard = strcmp(file[i], "-") == 0;
		struct lam_input *in = NULL;

		if (standard) {
			/* What came before may not wait with us. */
			rc = lam_ingest_sync(g, e);
			await_input();
		}
		if (rc || stop)
			break;
		rc = lam_input_open(&in, file[i], o, e);
		if (!rc)
			rc = lam_ingest_run(g, in, standard ? "stdin" :
				file[i], e);
		if (in)
			lam_input_close(in);
	}
	return rc;
}

static void
summary(const char *data, const struct lam_ingest *g, double took)
{
	char rejects[1000] = "", positions[80] = "";

	if (g->rejected)
		snprintf(rejects, sizeof rejects, " (%s/reject/%s.csv)",
			data, opt.stream);
	if (g->records)
		snprintf(positions, sizeof positions, ", positions %" PRIu64
			" to %" PRIu64, g->first, g->end);
	lam_cli_warn("%s: %" PRIu64 " record%s, %" PRIu64 " rejected%s%s, "
		"%.2f s", opt.stream, g->records, g->records == 1 ? "" : "s",
		g->rejected, rejects, positions, took);
}

static void
check_options(void)
{
	if (!opt.stream)
		lam_cli_usage("-s STREAM is needed");
	if (opt.flush < 0 || opt.flush / 1000000 > INT_MAX)
		lam_cli_usage("--flush-interval: too long");
}

/* A wrong name among many files is found before anything is appended. */
static int
check_files(char **file, int n, struct lam_error *e)
{
	struct stat st;

	for (int i = 0; i < n; i++) {
		if (strcmp(file[i], "-") == 0)
			continue;
		if (access(file[i], R_OK) || stat(file[i], &st))
			return lam_fail_sys(e, "%s: cannot open", file[i]);
		if (S_ISDIR(st.st_mode))
			return lam_fail(e, LAM_SYSTEM, "%s: is a directory, "
				"not a log", file[i]);
	}
	return LAM_OK;
}

/*
 * What was made of the fields that are new, those behind the first BEFORE: a
 * type guessed wrong is corrected in the file named.
 */
static void
tell_fields(const char *data, const struct lam_schema *s, size_t before)
{
	struct lam_buf b = LAM_BUF_INIT;
	size_t i;

	for (i = before; i < s->n && b.n < FIELDS_SHOWN; i++)
		lam_buf_printf(&b, "%s%.80s %s%s", i > before ? ", " : "",
			s->field[i].name, lam_coltype_name(s->field[i].type),
			s->field[i].event ? " event" : "");
	lam_cli_warn("%s: %s in %s/master/%s/schema: %s%s", opt.stream,
		before ? "new fields" : "new stream, its types are", data,
		opt.stream, b.n ? lam_buf_str(&b) : "",
		i < s->n ? ", ..." : "");
	lam_buf_release(&b);
}

/* Everything between opening and closing the stream. */
static int
ingest(const char *data, char **file, int n, struct lam_ingest *g,
	struct lam_error *e)
{
	struct lam_limits limits = LAM_LIMITS_DEFAULT;
	struct lam_input_options o = { .format = opt.format,
		.header = !opt.no_header && !opt.fields };
	char *text = opt.fields ? strdup(opt.fields) : NULL;
	const char **names = calloc(LAM_FIELDS_MAX, sizeof *names);
	struct lam_rejects rejects;
	size_t before = 0;
	int rc, rc2;

	rc = lam_rejects_open(&rejects, data, opt.stream, e);
	if (!rc && (!names || (opt.fields && !text)))
		rc = lam_fail_mem(e);
	if (!rc && text) {
		o.nfields = split_fields(text, names);
		o.fields = names;
	}
	if (!rc)
		rc = lam_append_open(&g->append, data, opt.stream, e);
	if (!rc && lam_append_has_schema(g->append))
		before = lam_append_schema(g->append)->n;
	if (!rc && opt.segment_records) {
		limits.records = opt.segment_records;
		lam_append_set_limits(g->append, &limits);
	}
	if (!rc && opt.schema)
		rc = give_schema(g->append, e);
	if (!rc) {
		g->rejects = &rejects;
		rc = ingest_files(g, &o, file, n, e);
		/* What was read before a failure is kept. */
		rc2 = lam_ingest_sync(g, e);
		if (rc2) {
			lam_cli_warn("%s: the last of %" PRIu64 " records may "
				"not be durable", opt.stream, g->records);
			g->records = 0;
		}
		rc = rc ? rc : rc2;
		if (!opt.quiet && g->records &&
			lam_append_schema(g->append)->n > before)
			tell_fields(data, lam_append_schema(g->append), before);
	}
	lam_append_close(g->append);
	lam_rejects_close(&rejects);
	free(names);
	free(text);
	return rc;
}

int
main(int argc, char **argv)
{
	struct lam_error e = LAM_ERROR_INIT;
	unsigned shown = 0;
	struct lam_ingest g = { .on_reject = show_reject, .arg = &shown,
		.stop = &stop };
	double start = seconds();
	int first = lam_cli_parse(&program, argc, argv), rc;
	const char *data;

	check_options();
	data = lam_cli_data(opt.data);
	g.threads = opt.threads ? opt.threads : lam_pool_cpus();
	g.level = (int)opt.level;
	g.wait_ms = (int)((opt.flush + 999999) / 1000000);
	g.event = opt.event;
	catch_signals();
	rc = check_files(argv + first, argc - first, &e);
	if (!rc)
		rc = ingest(data, argv + first, argc - first, &g, &e);
	if (!opt.quiet && (!rc || g.records))
		summary(data, &g, seconds() - start);
	if (!rc && g.rejected)
		rc = LAM_PARTIAL;
	return lam_cli_finish(rc, &e);
}
