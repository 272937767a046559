/*
 * cli.h - what the programs share: options, help, messages, exit status
 *
 * A program is a table of options; --help is printed from it, and getopt_long
 * reads it.  --help, --version, --threads and the like mean the same in all.
 */
#ifndef LAM_CLI_CLI_H
#define LAM_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/resources.h"
#include "source/message.h"

#ifndef LAM_VERSION
#define LAM_VERSION "unknown"
#endif

/* One of a few texts, or one that ends in ':' and more: the I-th, NULL after the
 * last; and which was given. */
struct lam_choice {
	const char *(*name)(size_t i);
	const char *value; /* NULL: none */
	bool open;	   /* other names are taken, too: who uses it looks */
};

struct lam_option {
	char letter;	   /* 0: long only */
	const char *name;  /* long name */
	const char *arg;   /* name of its argument, or NULL */
	const char *help;  /* one line; %s in it: the choices */
	/* Where the value goes, by kind. */
	enum { LAM_OPT_FLAG, LAM_OPT_TEXT, LAM_OPT_LINES,
		LAM_OPT_CHOICE, LAM_OPT_COUNT,
		LAM_OPT_THREADS, LAM_OPT_LEVEL, LAM_OPT_SIZE, LAM_OPT_DURATION,
		LAM_OPT_POSITION } kind;
	void *value; /* bool, const char *, the same of a line each time, lam_choice,
		      * unsigned (three of them: from 1, to LAM_THREADS_MAX, to 9),
		      * uint64_t > 0, int64_t (ns), uint64_t */
};

struct lam_program {
	const char *name;	/* "lam-batch" */
	const char *purpose;	/* one line */
	const char *usage;	/* synopsis lines less the name, '\n' between */
	const struct lam_option *option; /* ends with a NULL name */
	const char *examples;	/* lines that --help leads with */
};

/*
 * Parse options.  Prints help or version and exits 0; a mistake is one line on
 * standard error and exit 2.  Returns the index of the first operand.
 * Also ignores SIGPIPE (writes then fail with EPIPE, which lam_cli_finish
 * makes a quiet end) and SIGXFSZ, and opens /dev/null for missing standard
 * descriptors, the wrong way round: output that nobody can see is an error.
 */
int lam_cli_parse(const struct lam_program *p, int argc, char **argv);

/* "lam-batch: MESSAGE: try lam-batch --help", exit 2; a message that ends with a
 * question mark says itself what to try. */
_Noreturn void lam_cli_usage(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));

/*
 * Options that mean nothing in the mode asked for are refused: if one of NAMES
 * (long ones, up to a NULL) was given and REFUSED, "--NAME: WHY", exit 2.
 */
void lam_cli_refuse(bool refused, const char *why, const char *const *names);

/*
 * Option MODE is a mode of its own: other options than BESIDE (up to a NULL), and those
 * of reporting, mean nothing with it.  "--NAME: does not go with --MODE", exit 2.
 */
void lam_cli_only(const char *mode, const char *const *beside);

/* "lam-batch: MESSAGE" on standard error, control characters escaped. */
void lam_cli_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Of LAM_OPTION_AGENTS and _GEO, see options.h. */
extern const char *lam_cli_agents, *lam_cli_geo;

/* -q and -v, which mean the same in all programs. */
extern bool lam_cli_quiet, lam_cli_verbose;

/* Warnings of the library, unless --quiet; and failures beside which the rest
 * goes on, which are always told. */
struct lam_messages lam_cli_warnings(void);
struct lam_messages lam_cli_failures(void);

/* A line that is no message, such as of a report, escaped as those are. */
void lam_cli_tell(const char *line);

/* The dataset: OPTION, else $LAM_DATA, else NULL, or exit 2 with what to do. */
const char *lam_cli_dataset(const char *option);
const char *lam_cli_data(const char *option);

/*
 * SQL as it was given: TEXT itself; of @FILE what is in the file, and of - what is on
 * standard input, for programs and scripts that would quote it wrongly.  Lives as long
 * as the program.
 * A file that cannot be read is told, exit 4.  NULL stays NULL.
 */
const char *lam_cli_sql(const char *text);

/* As many files may be open as the system lets a program have. */
void lam_cli_raise_files(void);

/*
 * Where and how the engine works: THREADS (0: one per processor), MEMORY bytes
 * (0: a quarter of the machine's, or of what a container or ulimit -v leaves of it),
 * $TMPDIR.  In a task of Hadoop (task.h) the container's.
 */
struct lam_resources lam_cli_engine(unsigned threads, uint64_t memory);

/*
 * The last call of every main: reports E when CODE says failure, checks
 * standard output, returns the exit status; or dies by the signal that stopped
 * the program.
 */
int lam_cli_finish(int code, const struct lam_error *e);

#endif
