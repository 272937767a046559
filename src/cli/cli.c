/*
 * cli.c - options, help, messages and exit status of the programs
 *
 * One table per program is the source of everything: getopt_long's arrays, the
 * strict parsing of values and the help text are made from it, so that they
 * cannot disagree.  --help and --version are rows that every program has.
 */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/pool.h"
#include "base/time.h"

#define OPTIONS_MAX 40
#define LONG_ONLY 1000 /* getopt's value of a row: LONG_ONLY + its index */

static const struct lam_program *program;

static const struct lam_option common[] = {
	{ 'h', "help", NULL, "print this help", LAM_OPT_FLAG, NULL },
	{ 'V', "version", NULL, "print name and version", LAM_OPT_FLAG, NULL },
};

/* Bytes that a terminal would obey are shown as \xNN. */
static void
put_escaped(const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c < 0x20 || c == 0x7f)
			fprintf(stderr, "\\x%02x", c);
		else
			fputc(c, stderr);
	}
}

void
lam_cli_warn(const char *fmt, ...)
{
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	fprintf(stderr, "%s: ", program ? program->name : "lam");
	put_escaped(text);
	fputc('\n', stderr);
}

static _Noreturn void
usage_error(const char *what, const char *why)
{
	lam_cli_warn("%s: %s: see %s --help", what, why, program->name);
	exit(LAM_USAGE);
}

static void
print_option(const struct lam_option *o)
{
	char left[64];

	snprintf(left, sizeof left, "%s%c%s --%s%s%s", o->letter ? "-" : " ",
		o->letter ? o->letter : ' ', o->letter ? "," : " ", o->name,
		o->arg ? " " : "", o->arg ? o->arg : "");
	printf("  %-28s %s\n", left, o->help);
}

static _Noreturn void
print_help(void)
{
	const char *line = program->usage, *end;
	const char *lead = "usage:";

	printf("%s - %s\n\n", program->name, program->purpose);
	for (; *line; line = *end ? end + 1 : end) {
		end = strchr(line, '\n');
		if (!end)
			end = line + strlen(line);
		printf("%s %s %.*s\n", lead, program->name, (int)(end - line),
			line);
		lead = "      ";
	}
	puts("\noptions:");
	for (const struct lam_option *o = program->option; o->name; o++)
		print_option(o);
	for (size_t i = 0; i < sizeof common / sizeof *common; i++)
		print_option(&common[i]);
	printf("\nThe manual: man %s, man 7 lam\n", program->name);
	exit(lam_cli_finish(LAM_OK, NULL));
}

static _Noreturn void
print_version(void)
{
	printf("%s %s\n", program->name, LAM_VERSION);
	exit(lam_cli_finish(LAM_OK, NULL));
}

/* Digits only: strtoull alone would take blanks, signs and overflow. */
static bool
parse_count(const char *s, uint64_t *out)
{
	char *end;

	if (*s < '0' || *s > '9')
		return false;
	errno = 0;
	*out = strtoull(s, &end, 10);
	return !errno && !*end;
}

static void
set_value(const struct lam_option *o, const char *arg)
{
	char name[80];
	uint64_t count;

	snprintf(name, sizeof name, "--%s %.50s", o->name, arg ? arg : "");
	switch (o->kind) {
	case LAM_OPT_FLAG:
		*(bool *)o->value = true;
		break;
	case LAM_OPT_TEXT:
		*(const char **)o->value = arg;
		break;
	case LAM_OPT_COUNT:
		if (!parse_count(arg, &count) || !count || count > UINT32_MAX)
			usage_error(name, "expected a number from 1 up");
		*(unsigned *)o->value = (unsigned)count;
		break;
	case LAM_OPT_POSITION:
		if (!parse_count(arg, &count))
			usage_error(name, "expected a position: 0, 1, 2, ...");
		*(uint64_t *)o->value = count;
		break;
	case LAM_OPT_SIZE:
		if (!lam_size_parse(arg, (uint64_t *)o->value))
			usage_error(name, "expected a size such as 64M or 2G");
		break;
	case LAM_OPT_DURATION:
		if (!lam_duration_parse(arg, (int64_t *)o->value))
			usage_error(name,
				"expected a duration such as 100ms or 10s");
		break;
	}
}

/* Descriptors 0 to 2 must be ours, or a data file would become one of them. */
static void
open_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static int
add_rows(const struct lam_option *row, size_t n, struct option *option,
	char *letters, size_t *count, const struct lam_option **all)
{
	for (size_t i = 0; i < n; i++, ++*count) {
		size_t at = strlen(letters);

		if (*count >= OPTIONS_MAX)
			return -1;
		all[*count] = &row[i];
		option[*count] = (struct option){ row[i].name,
			row[i].arg ? required_argument : no_argument, NULL,
			LONG_ONLY + (int)*count };
		if (!row[i].letter)
			continue;
		letters[at++] = row[i].letter;
		if (row[i].arg)
			letters[at++] = ':';
		letters[at] = '\0';
	}
	return 0;
}

static const struct lam_option *
find_row(int c, const struct lam_option **all, size_t n)
{
	if (c >= LONG_ONLY)
		return all[c - LONG_ONLY];
	for (size_t i = 0; i < n; i++)
		if (all[i]->letter == c)
			return all[i];
	return NULL;
}

/* getopt_long found CODE ('?' or ':') at ARG: one line that names it. */
static _Noreturn void
bad_option(int code, const char *arg)
{
	char name[80];

	if (arg && !strncmp(arg, "--", 2))
		snprintf(name, sizeof name, "%.60s", arg);
	else
		snprintf(name, sizeof name, "-%c", optopt);
	usage_error(name, code == ':' ? "needs an argument"
				      : "no such option, or not so used");
}

int
lam_cli_parse(const struct lam_program *p, int argc, char **argv)
{
	struct option option[OPTIONS_MAX + 1] = { { 0 } };
	const struct lam_option *all[OPTIONS_MAX], *row;
	char letters[2 * OPTIONS_MAX + 3] = ":";
	size_t n = 0, own = 0;
	int c;

	program = p;
	open_standard();
	signal(SIGPIPE, SIG_IGN);
	while (p->option[own].name)
		own++;
	if (add_rows(p->option, own, option, letters, &n, all) ||
		add_rows(common, 2, option, letters, &n, all))
		abort();
	opterr = 0;
	while ((c = getopt_long(argc, argv, letters, option, NULL)) != -1) {
		if (c == '?' || c == ':')
			bad_option(c, argv[optind - 1]);
		row = find_row(c, all, n);
		if (row == &common[0])
			print_help();
		if (row == &common[1])
			print_version();
		set_value(row, optarg);
	}
	return optind;
}

const char *
lam_cli_data(const char *option)
{
	const char *data = option ? option : getenv("LAM_DATA");

	if (!data || !*data) {
		lam_cli_warn("no dataset: give -d DIR or set LAM_DATA");
		exit(LAM_USAGE);
	}
	return data;
}

struct lam_engine_options
lam_cli_engine(unsigned threads, uint64_t memory)
{
	const char *tmpdir = getenv("TMPDIR");

	if (threads > LAM_THREADS_MAX)
		usage_error("--threads", "too many");
	return (struct lam_engine_options){
		.threads = threads ? threads : lam_pool_cpus(),
		.memory = memory ? memory : LAM_CLI_MEMORY,
		.tmpdir = tmpdir && *tmpdir ? tmpdir : "/tmp",
	};
}

static void
say_warning(void *arg, const char *line)
{
	(void)arg;
	lam_cli_warn("%s", line);
}

const struct lam_notes lam_cli_notes = { say_warning, NULL };

int
lam_cli_finish(int code, const struct lam_error *e)
{
	/* A reader that has gone away has all it wanted. */
	bool closed = e && e->sys == EPIPE;

	if (code > LAM_PARTIAL && e && !closed)
		lam_cli_warn("%s", e->msg[0] ? e->msg : "failed");
	errno = 0;
	if (fflush(stdout) || ferror(stdout) || fclose(stdout)) {
		if (errno != EPIPE && !closed) {
			lam_cli_warn("standard output: %s", strerror(errno));
			return LAM_SYSTEM;
		}
		closed = true;
	}
	return closed ? LAM_OK : code;
}
