/*
 * text.h - the options by which programs that read text are told how
 */
#ifndef LAM_CLI_TEXT_H
#define LAM_CLI_TEXT_H

#include "cli/cli.h"
#include "input/input.h"

struct lam_cli_text {
	const char *zone, *start, *time_format;
	struct lam_dialect dialect;
	bool header, no_header, origin;
};

#define LAM_OPTION_DIALECT(before, t) \
	{ 0, "delimiter", "BYTE", before "what stands between the fields of csv and " \
		"tsv: ; tab space ...", LAM_OPT_TEXT, &(t).dialect.delimiter }, \
	{ 0, "quote", "BYTE", before "what stands around them; none: nothing does", \
		LAM_OPT_TEXT, &(t).dialect.quote }, \
	{ 0, "escape", "BYTE", before "what makes the next byte a part of the value", \
		LAM_OPT_TEXT, &(t).dialect.escape }, \
	{ 0, "comment", "BYTE", before "lines that begin with it are no records", \
		LAM_OPT_TEXT, &(t).dialect.comment }

/* Where --no-header means the output, these are --input-header and its opposite. */
#define LAM_OPTION_HEADER(before, prefix, t) \
	{ 0, prefix "header", NULL, before "the first line names the fields " \
		"(default: as its values say)", LAM_OPT_FLAG, &(t).header }, \
	{ 0, "no-" prefix "header", NULL, before "the first line is a record", \
		LAM_OPT_FLAG, &(t).no_header }

#define LAM_OPTION_ORIGIN(before, t) \
	{ 0, "origin", NULL, before "each record gets fields that say where it is " \
		"from: _file, _line", LAM_OPT_FLAG, &(t).origin }

/* What T says, in O; what contradicts itself is a mistake: exit 2. */
void lam_cli_text(const struct lam_cli_text *t, struct lam_input_options *o);

#endif
