/*
 * text.c - the options by which programs that read text are told how
 */
#include "cli/text.h"

void
lam_cli_text(const struct lam_cli_text *t, struct lam_input_options *o)
{
	if (t->header && t->no_header)
		lam_cli_usage("the first line cannot be a header and none");
	o->dialect = t->dialect;
	o->zone = t->zone;
	o->start = t->start;
	o->time_format = t->time_format;
	o->header = t->header ? LAM_HEADER_YES : t->no_header ? LAM_HEADER_NO :
		LAM_HEADER_GUESS;
}
