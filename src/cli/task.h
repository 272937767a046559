/*
 * task.h - a program as a task of Hadoop Streaming
 *
 * The environment tells: mapreduce_task_attempt_id and the other settings of the job,
 * their dots written as underscores.  Counters and status go to standard error, as
 * lines that start with "reporter:".  Elsewhere nothing here does anything.
 *
 * Use:      begin -> counter* -> end, around the work
 * Threads:  one; begin starts another, which tells every ten seconds that the task is
 *           alive, and end ends it
 */
#ifndef LAM_CLI_TASK_H
#define LAM_CLI_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/resources.h"

/* Is this a task? */
bool lam_task(void);

/* THREADS and MEMORY of R that were not given (0) as the container has them: its
 * cores, and a quarter of its memory, which it shares with a Java machine. */
void lam_task_resources(struct lam_resources *r);

void lam_task_begin(void);
/* A counter of the job, in the group "lam". */
void lam_task_counter(const char *name, uint64_t n);
/* FAILED: standard input is read to its end, or else the engine would report a broken
 * pipe in place of the reason. */
void lam_task_end(bool failed);

#endif
