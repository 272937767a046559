/*
 * task.c - a program as a task of Hadoop Streaming
 */
#include "cli/task.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/pool.h"

#define TELL_SECONDS 10

static struct {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t over;
	bool running, done;
} task = { .lock = PTHREAD_MUTEX_INITIALIZER };

bool
lam_task(void)
{
	const char *id = getenv("mapreduce_task_attempt_id");

	return id && *id;
}

/* The setting mapreduce.(map|reduce).NAME; 0: it is not there. */
static uint64_t
setting(const char *name)
{
	const char *map = getenv("mapreduce_task_ismap"), *value;
	char key[80];
	uint64_t n;

	snprintf(key, sizeof key, "mapreduce_%s_%s", map &&
		!strcmp(map, "false") ? "reduce" : "map", name);
	value = getenv(key);
	return value && lam_str_u64((struct lam_str){ value, strlen(value) },
		&n) ? n : 0;
}

void
lam_task_resources(struct lam_resources *r)
{
	uint64_t mb, cores;

	if (!lam_task())
		return;
	mb = setting("memory_mb");
	cores = setting("cpu_vcores");
	if (!r->threads)
		r->threads = cores && cores < LAM_THREADS_MAX ? (unsigned)cores :
			1;
	if (!r->memory && mb && mb < (UINT64_C(1) << 30))
		r->memory = (mb << 20) / 4;
}

static void
say(const char *line)
{
	/* One write, so that lines of two threads stay whole. */
	if (write(STDERR_FILENO, line, strlen(line)) < 0)
		errno = 0;
}

static void *
tell(void *arg)
{
	struct timespec t;
	char line[80];
	unsigned seconds = 0;

	(void)arg;
	clock_gettime(CLOCK_MONOTONIC, &t);
	pthread_mutex_lock(&task.lock);
	while (!task.done) {
		t.tv_sec += TELL_SECONDS;
		while (!task.done && pthread_cond_timedwait(&task.over,
			&task.lock, &t) != ETIMEDOUT)
			;
		seconds += TELL_SECONDS;
		snprintf(line, sizeof line, "reporter:status:at work for %u s\n",
			seconds);
		if (!task.done)
			say(line);
	}
	pthread_mutex_unlock(&task.lock);
	return NULL;
}

void
lam_task_begin(void)
{
	pthread_condattr_t how;

	if (!lam_task() || pthread_condattr_init(&how))
		return;
	if (!pthread_condattr_setclock(&how, CLOCK_MONOTONIC) &&
		!pthread_cond_init(&task.over, &how))
		task.running = !pthread_create(&task.thread, NULL, tell, NULL);
	pthread_condattr_destroy(&how);
}

void
lam_task_counter(const char *name, uint64_t n)
{
	char line[120];

	if (!lam_task())
		return;
	snprintf(line, sizeof line, "reporter:counter:lam,%.40s,%" PRIu64 "\n",
		name, n);
	say(line);
}

void
lam_task_end(bool failed)
{
	static char buf[65536];

	if (task.running) {
		pthread_mutex_lock(&task.lock);
		task.done = true;
		pthread_cond_signal(&task.over);
		pthread_mutex_unlock(&task.lock);
		pthread_join(task.thread, NULL);
		task.running = false;
	}
	if (failed && lam_task())
		while (read(STDIN_FILENO, buf, sizeof buf) > 0)
			;
}
