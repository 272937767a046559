/*
 * env.h - what an attempt is told by its environment
 */
#ifndef LAM_TRIGGER_ENV_H
#define LAM_TRIGGER_ENV_H

#include "trigger/function.h"
#include "trigger/task.h"

/* Of an attempt at B, read from SOURCE; in A, ended by NULL.  NULL: no memory. */
const char *const *lam_env(const struct lam_function *f, const char *source,
	const struct lam_task *b, struct lam_arena *a);

#endif
