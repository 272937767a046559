/*
 * options.h - the options that several programs have, each declared once
 *
 * A row of a program's table: LAM_OPTION_DATA(opt.data).  BEFORE names the mode of
 * the program that alone takes the option: "-e: ".
 */
#ifndef LAM_CLI_OPTIONS_H
#define LAM_CLI_OPTIONS_H

#include "cli/cli.h"
#include "cli/progress.h"

#define LAM_OPTION_DATA(v) \
	{ 'd', "data", "DIR", "the dataset (default: $LAM_DATA)", \
		LAM_OPT_TEXT, &(v) }

/* Log text: its format, and what to do with lines that are no records. */
#define LAM_OPTION_FORMAT(before, v) \
	{ 'f', "format", "FORMAT", before "its format, " \
		"see lam-formats(5) (default: guessed)", \
		LAM_OPT_CHOICE, &(v) }
#define LAM_OPTION_FIELDS(before, v) \
	{ 0, "fields", "NAMES", before "A,B,...: names of the fields; no line " \
		"gives them", LAM_OPT_TEXT, &(v) }
#define LAM_OPTION_SCHEMA(before, v) \
	{ 0, "schema", "FILE", before "types of the fields (default: " \
		"detected)", LAM_OPT_TEXT, &(v) }
#define LAM_OPTION_ZONE(before, v) \
	{ 0, "zone", "ZONE", before "where times without a zone are from, such as " \
		"Europe/Berlin (default: UTC)", LAM_OPT_TEXT, &(v) }
#define LAM_OPTION_TIME_FORMAT(before, v) \
	{ 0, "time-format", "FIELD=FORMAT", before "how the times of FIELD are " \
		"written: %Y-%m-%d ...; may be repeated", LAM_OPT_LINES, &(v) }
#define LAM_OPTION_START(before, v) \
	{ 0, "start", "REGEX", before "lines that begin a record; others belong to " \
		"the one before", LAM_OPT_TEXT, &(v) }
#define LAM_OPTION_STRICT(before, v) \
	{ 0, "strict", NULL, before "exit 5 if any line was no record", \
		LAM_OPT_FLAG, &(v) }

/* What functions look things up in. */
#define LAM_OPTION_AGENTS \
	{ 0, "agents", "FILE", "rules of user_agent() (default: $LAM_AGENTS, else " \
		"uap-core's)", LAM_OPT_TEXT, &lam_cli_agents }
#define LAM_OPTION_GEO \
	{ 0, "geo", "FILE", "what geo() looks addresses up in, of MaxMind's form " \
		"(default: $LAM_GEO)", LAM_OPT_TEXT, &lam_cli_geo }

/* How to work. */
#define LAM_OPTION_THREADS(v) \
	{ 0, "threads", "N", "threads (default: one per processor)", \
		LAM_OPT_THREADS, &(v) }
#define LAM_OPTION_MEMORY(v) \
	{ 0, "memory", "SIZE", "for groups, before spilling to $TMPDIR " \
		"(default: a quarter of the machine's)", LAM_OPT_SIZE, &(v) }
#define LAM_OPTION_TO(v) \
	{ 0, "to", "FILE", "replace FILE by the result, in one step", \
		LAM_OPT_TEXT, &(v) }
#define LAM_OPTION_WATCH(v) \
	{ 'w', "watch", "DURATION", "again every DURATION, until stopped; what " \
		"changed stands out", LAM_OPT_DURATION, &(v) }
#define LAM_OPTION_THOUSANDS(v) \
	{ 0, "thousands", NULL, "1,234,567 in forms for people", LAM_OPT_FLAG, \
		&(v) }
#define LAM_OPTION_NO_HEADER(before, v) \
	{ 0, "no-header", NULL, before "print no line of column names", \
		LAM_OPT_FLAG, &(v) }

/* How much to report. */
#define LAM_OPTION_PROGRESS \
	{ 0, "progress", NULL, "report progress each second, on a terminal or " \
		"not", LAM_OPT_FLAG, &lam_cli_progress }
#define LAM_OPTION_QUIET \
	{ 'q', "quiet", NULL, "report errors only: no warnings, no summary", \
		LAM_OPT_FLAG, &lam_cli_quiet }
#define LAM_OPTION_VERBOSE(help) \
	{ 'v', "verbose", NULL, help, LAM_OPT_FLAG, &lam_cli_verbose }

#define LAM_OPTION_END { 0, NULL, NULL, NULL, LAM_OPT_FLAG, NULL }

#endif
