/*
 * env.c - what an attempt is told by its environment
 */
#include "trigger/env.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "trigger/worker.h"

#define VARIABLES 16

__attribute__((format(printf, 4, 5))) static void
add(const char **env, size_t *n, struct lam_arena *a, const char *fmt, ...)
{
	char text[200];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	env[*n] = lam_arena_dup(a, text, (size_t)len < sizeof text ?
		(size_t)len : sizeof text - 1);
	*n += env[*n] != NULL;
}

const char *const *
lam_env(const struct lam_function *f, const char *source,
	const struct lam_task *b, struct lam_arena *a)
{
	const char **env = LAM_ARENA_NEW(a, const char *, f->nenv + VARIABLES);
	char key[LAM_KEY_SIZE], id[LAM_REQUEST_ID_SIZE];
	size_t n = 0;

	if (!env)
		return NULL;
	lam_task_key(b, f->name, source, key);
	lam_request_id(key, id);
	while (n < f->nenv) {
		env[n] = f->env[n];
		n++;
	}
	add(env, &n, a, "LAM_FUNCTION=%s", f->name);
	add(env, &n, a, "LAM_KEY=%s", key);
	add(env, &n, a, "LAM_REQUEST_ID=%s", id);
	add(env, &n, a, "LAM_FIRST=%" PRIu64, b->from);
	add(env, &n, a, "LAM_LAST=%" PRIu64, b->to - 1);
	add(env, &n, a, "LAM_RECORDS=%zu", b->n);
	add(env, &n, a, "LAM_ATTEMPT=%" PRIu32, b->failed + 1);
	add(env, &n, a, "LAM_MEMORY=%" PRIu64, f->memory);
	if (f->timeout)
		add(env, &n, a, "LAM_DEADLINE_MS=%" PRId64,
			(lam_clock_wall() + f->timeout) / 1000000);
	add(env, &n, a, "LANG=C.UTF-8");
	add(env, &n, a, "TZ=UTC");
	return env;
}
