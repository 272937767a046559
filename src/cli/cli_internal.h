/*
 * cli_internal.h - between the files of cli/
 */
#ifndef LAM_CLI_CLI_INTERNAL_H
#define LAM_CLI_CLI_INTERNAL_H

/*
 * A descriptor 0 to 2 that was closed is opened, or a data file would become
 * it.  The wrong way round, so that using it fails instead of losing output.
 */
void lam_cli_open_standard(void);
/* Zones are read from $TZDIR, if it is set. */
void lam_cli_find_zones(void);

#endif
