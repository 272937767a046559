/*
 * options.h - the options that several programs have, each declared once
 *
 * A row of a program's table: LAM_OPTION_DATA(opt.data).  What only a mode of
 * the program takes is told by the words before its help: "-e: ".
 */
#ifndef LAM_CLI_OPTIONS_H
#define LAM_CLI_OPTIONS_H

#include "cli/cli.h"

#define LAM_OPTION_DATA(v) \
	{ 'd', "data", "DIR", "the dataset (default: $LAM_DATA)", \
		LAM_OPT_TEXT, &(v) }

/* Log text: what it is, what of it is refused. */
#define LAM_OPTION_FORMAT(before, v) \
	{ 'f', "format", "FORMAT", before "%s (default: guessed)", \
		LAM_OPT_CHOICE, &(v) }
#define LAM_OPTION_FIELDS(before, v) \
	{ 0, "fields", "NAMES", before "A,B,...: there is no line that names " \
		"the fields", LAM_OPT_TEXT, &(v) }
#define LAM_OPTION_SCHEMA(before, v) \
	{ 0, "schema", "FILE", before "types of the fields (default: " \
		"detected)", LAM_OPT_TEXT, &(v) }
#define LAM_OPTION_STRICT(before, v) \
	{ 0, "strict", NULL, before "exit 5 when lines were no records", \
		LAM_OPT_FLAG, &(v) }

/* How to work. */
#define LAM_OPTION_THREADS(v) \
	{ 0, "threads", "N", "threads (default: one per processor)", \
		LAM_OPT_THREADS, &(v) }
#define LAM_OPTION_MEMORY(v) \
	{ 0, "memory", "SIZE", "for groups, before spilling to $TMPDIR " \
		"(default: 1G)", LAM_OPT_SIZE, &(v) }
#define LAM_OPTION_NO_HEADER(before, v) \
	{ 0, "no-header", NULL, before "no line of column names in the " \
		"output", LAM_OPT_FLAG, &(v) }

/* What to tell. */
#define LAM_OPTION_QUIET \
	{ 'q', "quiet", NULL, "tell errors only: no warnings, no summary", \
		LAM_OPT_FLAG, &lam_cli_quiet }
#define LAM_OPTION_VERBOSE(help) \
	{ 'v', "verbose", NULL, help, LAM_OPT_FLAG, &lam_cli_verbose }

#define LAM_OPTION_END { 0, NULL, NULL, NULL, LAM_OPT_FLAG, NULL }

#endif
