/*
 * ledger_check.h - are the ledgers of a dataset whole?
 */
#ifndef LAM_TRIGGER_LEDGER_CHECK_H
#define LAM_TRIGGER_LEDGER_CHECK_H

#include "fsck/finding.h"

/*
 * Every frame of every file of each ledger: its checksum, its position, whether it can
 * follow those before it; and whether each file goes on where the one before it ends.
 * The images of rows are read, too.
 * SUMMARY, if not NULL, is given a line for each function.
 */
int lam_ledger_check(const char *data, struct lam_findings *f,
	void (*summary)(const char *line), struct lam_error *e) LAM_MUST;

#endif
