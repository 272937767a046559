/*
 * journal.h - the log of a function: DIR/trigger/NAME/log
 *
 * A line for the start and the end of each attempt, one for each line that the
 * function wrote to its standard error, as it comes, and a REPORT.  Lines begin with
 * the time.  The log is for people: it is not synced, and it may be removed or
 * rotated at any time.
 */
#ifndef LAM_TRIGGER_JOURNAL_H
#define LAM_TRIGGER_JOURNAL_H

#include "source/message.h"
#include "trigger/task.h"
#include "trigger/worker.h"

struct lam_journal {
	char path[LAM_PATH_MAX]; /* "": no file */
	/* Lines of the function, all lines: told as they come. */
	struct lam_messages lines, all;
	int fd; /* of the file; -1: not open */
	uint64_t device, inode;
};

void lam_journal_close(struct lam_journal *j);

void lam_journal_start(struct lam_journal *j, const char *id,
	const struct lam_task *task);
void lam_journal_line(struct lam_journal *j, const char *id,
	struct lam_str line);
void lam_journal_report(struct lam_journal *j, const char *id,
	const struct lam_function *f, const struct lam_task *task,
	const struct lam_attempt *a, bool failed);

#endif
