/*
 * event.h - a batch as the event of a lambda function, and its answer
 */
#ifndef LAM_TRIGGER_EVENT_H
#define LAM_TRIGGER_EVENT_H

#include "trigger/task.h"

/*
 * The event of B in AWS's shape: records of a stream as Kinesis has them, a due time
 * as EventBridge has it.  A line of standard input is an event itself; of several, an
 * array is.
 */
int lam_task_event(const struct lam_task *b, const struct lam_function *f,
	const char *id, struct lam_buf *out, struct lam_error *e) LAM_MUST;

/*
 * What the ANSWER says of partial failures, "batchItemFailures", as descriptor 3 would
 * have said it: the numbers of records, a line each.  An item that names no record
 * of B makes a text that is none.
 */
void lam_task_failures(const struct lam_task *b, struct lam_str answer,
	struct lam_buf *out);

#endif
