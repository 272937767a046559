/*
 * text.c - the options by which programs that read text are told how
 */
#include "cli/text.h"

#include <unistd.h>

#include "input/format.h"

void
lam_cli_text(const struct lam_cli_text *t, struct lam_input_options *o)
{
	if (t->header && t->no_header)
		lam_cli_usage("the first line cannot be a header and none");
	o->dialect = t->dialect;
	o->zone = t->zone;
	o->start = t->start;
	o->origin = t->origin ? LAM_ORIGIN_PLACE : LAM_ORIGIN_NONE;
	o->time_format = t->time_format;
	/* On a terminal what a name says is no news. */
	if (!lam_cli_quiet && (lam_cli_verbose || isatty(STDERR_FILENO)))
		o->tell = LAM_FORMAT_NAMED - !lam_cli_verbose;
	o->header = t->header ? LAM_HEADER_YES : t->no_header ? LAM_HEADER_NO :
		LAM_HEADER_GUESS;
}
