/*
 * pool.c - run one function on several threads
 *
 * All threads are created before any may start, behind one gate: workers that
 * wait for each other (a pipeline) then never wait for a worker that
 * could not be created.  Threads live for one run; a run lasts
 * milliseconds at least, a thread costs some 50 us.
 *
 * A kernel may have a new thread wait behind the one that made it rather than
 * wake another processor: for 1 to 4 ms where processors are virtual and packed.
 * So a thread may begin on any processor but that one, and run on all.
 */
#include "base/pool.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

enum gate { GATE_SHUT, GATE_GO, GATE_GIVE_UP };

struct run {
	int (*fn)(void *arg, unsigned worker, struct lam_error *e);
	void *arg;
	pthread_mutex_t lock;
	pthread_cond_t opened;
	enum gate gate;
	cpu_set_t cpus; /* of this process; none: unknown */
};

struct worker {
	struct run *run;
	pthread_t thread;
	unsigned number;
	int code;
	struct lam_error error;
};

/* The processors of this process; none when there are more than a set holds. */
static void
get_cpus(cpu_set_t *set)
{
	CPU_ZERO(set);
	if (sched_getaffinity(0, sizeof *set, set))
		CPU_ZERO(set);
}

unsigned
lam_pool_cpus(void)
{
	cpu_set_t set;
	long n;

	get_cpus(&set);
	n = CPU_COUNT(&set);
	if (n == 0)
		n = sysconf(_SC_NPROCESSORS_ONLN);
	if (n < 1)
		return 1;
	return n < LAM_THREADS_MAX ? (unsigned)n : LAM_THREADS_MAX;
}

static void *
thread_main(void *arg)
{
	struct worker *w = arg;
	struct run *r = w->run;
	bool go;

	if (CPU_COUNT(&r->cpus))
		(void)sched_setaffinity(0, sizeof r->cpus, &r->cpus);
	pthread_mutex_lock(&r->lock);
	while (r->gate == GATE_SHUT)
		pthread_cond_wait(&r->opened, &r->lock);
	go = r->gate == GATE_GO;
	pthread_mutex_unlock(&r->lock);
	if (go)
		w->code = r->fn(r->arg, w->number, &w->error);
	return NULL;
}

/* Create the thread of W, beginning on another processor if that can be had; 0 or
 * an error number. */
static int
create(struct worker *w)
{
	cpu_set_t other = w->run->cpus;
	int cpu = sched_getcpu(), err = EINVAL;
	pthread_attr_t how;

	if (cpu >= 0 && cpu < CPU_SETSIZE)
		CPU_CLR(cpu, &other);
	if (CPU_COUNT(&other) && !pthread_attr_init(&how)) {
		err = pthread_attr_setaffinity_np(&how, sizeof other, &other);
		if (!err)
			err = pthread_create(&w->thread, &how, thread_main, w);
		pthread_attr_destroy(&how);
	}
	return err ? pthread_create(&w->thread, NULL, thread_main, w) : 0;
}

static void
gate_open(struct run *r, enum gate how)
{
	pthread_mutex_lock(&r->lock);
	r->gate = how;
	pthread_cond_broadcast(&r->opened);
	pthread_mutex_unlock(&r->lock);
}

/* The lowest worker's failure into E. */
static int
result(const struct worker *w, unsigned n, struct lam_error *e)
{
	for (unsigned i = 0; i < n; i++) {
		if (w[i].code == LAM_OK)
			continue;
		if (e != NULL && e->code == LAM_OK)
			*e = w[i].error;
		return w[i].code;
	}
	return LAM_OK;
}

int
lam_pool_run(unsigned n, int (*fn)(void *arg, unsigned worker,
	struct lam_error *e), void *arg, struct lam_error *e)
{
	struct run run = { fn, arg, PTHREAD_MUTEX_INITIALIZER,
		PTHREAD_COND_INITIALIZER, GATE_SHUT, { { 0 } } };
	struct worker *w = NULL;
	unsigned made = 1;
	int code, err = 0;

	if (n <= 1)
		return fn(arg, 0, e);
	w = calloc(n, sizeof *w);
	if (w == NULL)
		return lam_fail_mem(e);
	for (unsigned i = 0; i < n; i++) {
		w[i].run = &run;
		w[i].number = i;
	}
	get_cpus(&run.cpus);
	while (made < n && err == 0) {
		err = create(&w[made]);
		made += err == 0;
	}
	gate_open(&run, err == 0 ? GATE_GO : GATE_GIVE_UP);
	if (err == 0)
		w[0].code = fn(arg, 0, &w[0].error);
	for (unsigned i = 1; i < made; i++)
		pthread_join(w[i].thread, NULL);
	if (err != 0)
		code = lam_fail(e, LAM_SYSTEM, "cannot start thread %u of %u: "
			"allow more processes or use fewer threads", made, n);
	else
		code = result(w, n, e);
	free(w);
	return code;
}

struct pieces {
	int (*fn)(void *arg, unsigned worker, uint32_t piece,
		struct lam_error *e);
	void *arg;
	uint32_t n;
	atomic_uint_fast64_t next; /* each worker may go one too far */
};

static int
take_pieces(void *arg, unsigned worker, struct lam_error *e)
{
	struct pieces *p = arg;
	uint64_t i;
	int rc = LAM_OK;

	while (!rc && (i = atomic_fetch_add(&p->next, 1)) < p->n)
		rc = p->fn(p->arg, worker, (uint32_t)i, e);
	return rc;
}

int
lam_pool_pieces(unsigned n, uint32_t pieces, int (*fn)(void *arg,
	unsigned worker, uint32_t piece, struct lam_error *e), void *arg,
	struct lam_error *e)
{
	struct pieces p = { .fn = fn, .arg = arg, .n = pieces };

	atomic_init(&p.next, 0);
	return lam_pool_run(n, take_pieces, &p, e);
}
