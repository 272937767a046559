/*
 * cli.c - options, help, messages and exit status of the programs
 *
 * One table per program is the source of everything: getopt_long's arrays, the
 * strict parsing of values and the help text are made from it, so that they
 * cannot disagree.  --help and --version are rows that every program has.
 */
#include "cli/cli.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/huge.h"
#include "base/io.h"
#include "base/name.h"
#include "base/near.h"
#include "base/pool.h"
#include "cli/cli_internal.h"
#include "cli/pager.h"
#include "cli/progress.h"
#include "cli/signal.h"
#include "output/visible.h"
#include "time/time.h"
#include "time/unit.h"

#define OPTIONS_MAX 72
#define LONG_ONLY 1000 /* getopt's value of a row: LONG_ONLY + its index */

bool lam_cli_quiet, lam_cli_verbose;

static const struct lam_program *program;
static bool given[OPTIONS_MAX]; /* by the row of the option */

static const struct lam_option common[] = {
	{ 'h', "help", NULL, "print this help", LAM_OPT_FLAG, NULL },
	{ 'V', "version", NULL, "print name and version", LAM_OPT_FLAG, NULL },
};

/*
 * One write(2) for the whole line: messages of programs that share a terminal
 * do not mix, and a full buffer never holds one back.
 */
static void
tell(const char *before, const char *text)
{
	struct lam_buf line = LAM_BUF_INIT;

	lam_buf_puts(&line, before);
	lam_put_visible(&line, (struct lam_str){ text, strlen(text) });
	lam_buf_putc(&line, '\n');
	lam_cli_progress_clear();
	if (!line.oom && lam_io_write(STDERR_FILENO, line.p, line.n,
		"standard error", NULL)) {
		/* Nobody is left to tell. */
	}
	lam_buf_release(&line);
}

void
lam_cli_warn(const char *fmt, ...)
{
	char text[2048], before[80];
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(text, sizeof text, fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	snprintf(before, sizeof before, "%.70s: ", program ? program->name :
		program_invocation_short_name);
	tell(before, text);
}

static void
say(void *arg, const char *line)
{
	(void)arg;
	lam_cli_warn("%s", line);
}

struct lam_messages
lam_cli_warnings(void)
{
	return (struct lam_messages){ lam_cli_quiet ? NULL : say, NULL };
}

struct lam_messages
lam_cli_failures(void)
{
	return (struct lam_messages){ say, NULL };
}

void
lam_cli_tell(const char *line)
{
	tell("", line);
}

void
lam_cli_usage(const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (text[0] && text[strlen(text) - 1] == '?')
		lam_cli_warn("%s", text); /* that is what to try */
	else
		lam_cli_warn("%s: try %s --help", text, program->name);
	exit(LAM_USAGE);
}

void
lam_cli_refuse(bool refused, const char *why, const char *const *names)
{
	for (; refused && *names; names++)
		for (size_t i = 0; program->option[i].name; i++)
			if (given[i] && !strcmp(program->option[i].name, *names))
				lam_cli_usage("--%s: %s", *names, why);
}

void
lam_cli_only(const char *mode, const char *const *beside)
{
	for (size_t i = 0; program->option[i].name; i++) {
		const struct lam_option *o = &program->option[i];
		bool may = !given[i] || !strcmp(o->name, mode) ||
			o->value == &lam_cli_quiet || o->value == &lam_cli_verbose ||
			o->value == &lam_cli_progress;

		for (size_t k = 0; !may && beside[k]; k++)
			may = !strcmp(o->name, beside[k]);
		if (!may)
			lam_cli_usage("--%s: does not go with --%s", o->name, mode);
	}
}

static void
list_choices(const struct lam_choice *c, char *out, size_t size)
{
	lam_name_list(out, size, c->name, " or ");
}

static void
print_option(const struct lam_option *o)
{
	const char *help = o->help, *at = strstr(help, "%s");
	char left[64], choices[160], text[320];

	if (o->kind == LAM_OPT_CHOICE && at) {
		list_choices(o->value, choices, sizeof choices);
		snprintf(text, sizeof text, "%.*s%s%s", (int)(at - help), help,
			choices, at + 2);
		help = text;
	}
	snprintf(left, sizeof left, "%s%c%s --%s%s%s", o->letter ? "-" : " ",
		o->letter ? o->letter : ' ', o->letter ? "," : " ", o->name,
		o->arg ? " " : "", o->arg ? o->arg : "");
	/* Two blanks at least, or the help goes below. */
	if (strlen(left) > 28)
		printf("  %s\n  %-28s  %s\n", left, "", help);
	else
		printf("  %-28s  %s\n", left, help);
}

/* LINES, each behind LEAD, and NEXT instead from the second on. */
static void
print_lines(const char *lines, const char *lead, const char *next)
{
	while (*lines) {
		int n = (int)strcspn(lines, "\n");

		printf("%s%.*s\n", lead, n, lines);
		lines += n + (lines[n] == '\n');
		lead = next;
	}
}

static _Noreturn void
print_help(void)
{
	char usage[40], more[40];

	printf("%s - %s\n\n", program->name, program->purpose);
	print_lines(program->examples, "    ", "    ");
	snprintf(usage, sizeof usage, "\nusage: %s ", program->name);
	snprintf(more, sizeof more, "       %s ", program->name);
	print_lines(program->usage, usage, more);
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
set_count(const struct lam_option *o, const char *arg)
{
	uint64_t count, most = o->kind == LAM_OPT_THREADS ? LAM_THREADS_MAX :
		o->kind == LAM_OPT_LEVEL ? 9 : UINT32_MAX;

	if (!parse_count(arg, &count) || !count || count > most) {
		if (most == UINT32_MAX)
			lam_cli_usage("--%s %.50s: expected a number from 1 up",
				o->name, arg);
		lam_cli_usage("--%s %.50s: expected 1 to %u", o->name, arg,
			(unsigned)most);
	}
	*(unsigned *)o->value = (unsigned)count;
}

static void
set_choice(const struct lam_option *o, const char *arg)
{
	struct lam_choice *c = o->value;
	char choices[400], hint[LAM_NEAR_HINT];
	const char *name;

	c->value = arg;
	for (size_t i = 0; (name = c->name(i)); i++)
		if (!strncmp(arg, name, strlen(name)) && (!arg[strlen(name)] ||
			name[strlen(name) - 1] == ':'))
			return;
	if (c->open && lam_name_ok(arg, strlen(arg)))
		return;
	list_choices(c, choices, sizeof choices);
	lam_cli_usage("--%s %.50s: expected %s%s", o->name, arg, choices,
		lam_cli_choice_hint(hint, arg, c));
}

/* The lines so far, and ARG behind them; they live as long as the program. */
static void
add_line(const char **lines, const char *arg)
{
	size_t n = *lines ? strlen(*lines) + 1 : 0, more = strlen(arg) + 1;
	char *all = malloc(n + more);

	if (!all)
		abort();
	snprintf(all, n + more, "%s%s%s", n ? *lines : "", n ? "\n" : "", arg);
	*lines = all;
}

static void
set_value(const struct lam_option *o, const char *arg)
{
	const char *expected = NULL;

	switch (o->kind) {
	case LAM_OPT_FLAG:
		*(bool *)o->value = true;
		break;
	case LAM_OPT_TEXT:
		*(const char **)o->value = arg;
		break;
	case LAM_OPT_LINES:
		add_line(o->value, arg);
		break;
	case LAM_OPT_CHOICE:
		set_choice(o, arg);
		break;
	case LAM_OPT_COUNT:
	case LAM_OPT_THREADS:
	case LAM_OPT_LEVEL:
		set_count(o, arg);
		break;
	case LAM_OPT_POSITION:
		if (!parse_count(arg, (uint64_t *)o->value))
			expected = "a position: 0, 1, 2, ...";
		break;
	case LAM_OPT_SIZE:
		if (!lam_size_parse(arg, (uint64_t *)o->value) ||
			*(uint64_t *)o->value == 0)
			expected = "a size such as 64M or 2G";
		break;
	case LAM_OPT_DURATION:
		if (!lam_duration_parse(arg, (int64_t *)o->value))
			expected = "a duration such as 100ms or 10s";
		break;
	}
	if (expected)
		lam_cli_usage("--%s %.50s: expected %s", o->name, arg,
			expected);
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

/*
 * getopt_long stopped, with CODE '?' or ':'.  optopt is the letter or the long
 * option's value, 0 when it knows no such name; then ARG is what it looked at.
 */
static _Noreturn void
bad_option(int code, const char *arg, const struct lam_option **all, size_t n)
{
	const struct lam_option *row = optopt ? find_row(optopt, all, n) : NULL;
	char text[160], bare[160], hint[LAM_NEAR_HINT] = "";

	if (optopt && optopt < LONG_ONLY)
		snprintf(text, sizeof text, "-%c", optopt);
	else
		snprintf(text, sizeof text, "%.120s", row ? "" : arg);
	if (row && optopt >= LONG_ONLY)
		snprintf(text, sizeof text, "--%s", row->name);
	if (row)
		lam_cli_usage("%s: %s", text, code == ':' ?
			"needs an argument" : "takes no argument");
	snprintf(bare, sizeof bare, "%.*s", (int)strcspn(text, "="), text);
	for (size_t i = 0; !*hint && !strncmp(bare, "--", 2) && i < n; i++) {
		char option[LAM_NAME_MAX];

		snprintf(option, sizeof option, "--%s", all[i]->name);
		lam_near_name(hint, bare, option);
	}
	lam_cli_usage("unknown option %s%s", text, hint);
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
	memset(given, 0, sizeof given);
	lam_cli_open_standard();
	lam_cli_find_zones();
	lam_huge_setup();
	lam_cli_signals_init(p->name);
	lam_cli_progress_init(p->name);
	while (p->option[own].name)
		own++;
	if (add_rows(p->option, own, option, letters, &n, all) ||
		add_rows(common, 2, option, letters, &n, all))
		abort();
	opterr = 0;
	while ((c = getopt_long(argc, argv, letters, option, NULL)) != -1) {
		if (c == '?' || c == ':')
			bad_option(c, argv[optind - 1], all, n);
		row = find_row(c, all, n);
		if (row == &common[0])
			print_help();
		if (row == &common[1])
			print_version();
		if (row->arg && row->kind != LAM_OPT_LINES &&
			given[row - p->option])
			lam_cli_usage("--%s: given twice", row->name);
		given[row - p->option] = true;
		set_value(row, optarg);
	}
	lam_cli_find_references();
	return optind;
}

/* Whether the reader of standard output has gone away. */
static bool
reader_gone(int sys)
{
	struct pollfd out = { STDOUT_FILENO, 0, 0 };

	return sys == EPIPE ||
		(poll(&out, 1, 0) > 0 && (out.revents & POLLERR));
}

/*
 * Close standard output; 0, or the errno of what was lost.  Whether a write
 * failed earlier is remembered by stdio, but not why: the pipe is asked.
 */
static int
close_stdout(void)
{
	int sys = ferror(stdout) ? EIO : 0;

	errno = 0;
	if (fflush(stdout) != 0)
		sys = errno;
	if (sys && reader_gone(sys))
		sys = EPIPE;
	errno = 0;
	if (fclose(stdout) != 0 && !sys)
		sys = errno;
	return sys;
}

/* Has the program failed?  (Else it is done, all or in part.) */
static bool
failed(int code)
{
	return code == LAM_USAGE || code == LAM_DATA || code == LAM_SYSTEM;
}

int
lam_cli_finish(int code, const struct lam_error *e)
{
	int lost;

	lam_cli_progress_end();
	lost = close_stdout();

	/* A reader that has gone away has all it wanted. */
	if (failed(code) && e && e->sys == EPIPE)
		code = LAM_OK;
	else if (failed(code) && e)
		lam_cli_warn("%s", e->msg[0] ? e->msg : "failed");
	else if (code == LAM_NOTHING && e && e->msg[0] && !lam_cli_quiet)
		lam_cli_warn("%s", e->msg);
	lam_pager_finish();
	lam_cli_stop_finish();
	if (failed(code))
		return code;
	if (lost == EPIPE)
		return LAM_OK;
	if (lost) {
		lam_cli_warn("standard output: cannot write: %s",
			strerror(lost));
		return LAM_SYSTEM;
	}
	return code;
}
