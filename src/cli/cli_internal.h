/*
 * cli_internal.h - between the files of cli/
 */
#ifndef LAM_CLI_CLI_INTERNAL_H
#define LAM_CLI_CLI_INTERNAL_H

#include "cli/cli.h"

/*
 * A descriptor 0 to 2 that was closed is opened, or a data file would become
 * it.  The wrong way round, so that using it fails instead of losing output.
 */
void lam_cli_open_standard(void);
/* Zones are read from $TZDIR, if it is set. */
void lam_cli_find_zones(void);
/* Files that functions look things up in: those of the options, else of $LAM_AGENTS
 * and $LAM_GEO. */
void lam_cli_find_references(void);

/* "; did you mean NAME?" into HINT[LAM_NEAR_HINT], if ARG is near to a name of C. */
const char *lam_cli_choice_hint(char *hint, const char *arg,
	const struct lam_choice *c);

#endif
