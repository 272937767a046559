/*
 * text.h - the options by which programs that read text are told how
 */
#ifndef LAM_CLI_TEXT_H
#define LAM_CLI_TEXT_H

#include "cli/cli.h"
#include "input/input.h"

struct lam_cli_text {
	const char *zone, *start, *time_format;
	bool header, no_header;
};

/* Where --no-header means the output, these are --input-header and its opposite. */
#define LAM_OPTION_HEADER(before, prefix, t) \
	{ 0, prefix "header", NULL, before "the first line names the fields " \
		"(default: as its values say)", LAM_OPT_FLAG, &(t).header }, \
	{ 0, "no-" prefix "header", NULL, before "the first line is a record", \
		LAM_OPT_FLAG, &(t).no_header }

/* What T says, in O; what contradicts itself is a mistake: exit 2. */
void lam_cli_text(const struct lam_cli_text *t, struct lam_input_options *o);

#endif
