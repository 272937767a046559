/*
 * test_pool.c - one function on several threads
 */
#include "test.h"

#include <sched.h>
#include <stdatomic.h>

#include "base/pool.h"

#define THREADS 5

struct seen {
	atomic_uint calls[THREADS];
	cpu_set_t cpus[THREADS];
};

static int
look(void *arg, unsigned worker, struct lam_error *e)
{
	struct seen *s = arg;

	atomic_fetch_add(&s->calls[worker], 1);
	if (sched_getaffinity(0, sizeof s->cpus[worker], &s->cpus[worker]))
		return lam_fail_sys(e, "sched_getaffinity");
	return LAM_OK;
}

static int
fail_from_2(void *arg, unsigned worker, struct lam_error *e)
{
	(void)arg;
	return worker < 2 ? LAM_OK : lam_fail(e, LAM_DATA, "%u", worker);
}

/* Each worker is called once, and may run wherever its maker may. */
static void
check_workers(const char *where)
{
	struct seen s = { 0 };
	struct lam_error e = LAM_ERROR_INIT;
	cpu_set_t mine;

	CHECK_INT(lam_pool_run(THREADS, look, &s, &e), LAM_OK);
	CHECK_INT(sched_getaffinity(0, sizeof mine, &mine), 0);
	for (unsigned i = 0; i < THREADS; i++) {
		FAIL_IF(atomic_load(&s.calls[i]) != 1, "worker %u", i);
		FAIL_IF(!CPU_EQUAL(&s.cpus[i], &mine), "worker %u is held",
			i);
	}
	PASS(where);
}

#define PIECES 1000

struct taken {
	atomic_uint by[THREADS], times[PIECES];
};

static int
take(void *arg, unsigned worker, uint32_t piece, struct lam_error *e)
{
	struct taken *t = arg;

	(void)e;
	atomic_fetch_add(&t->by[worker], 1);
	atomic_fetch_add(&t->times[piece], 1);
	return LAM_OK;
}

/* The others go on with what is left. */
static int
take_or_fail(void *arg, unsigned worker, uint32_t piece, struct lam_error *e)
{
	if (piece == PIECES / 2)
		return lam_fail(e, LAM_DATA, "half");
	return take(arg, worker, piece, e);
}

/* Each piece is taken once, by whomever; who fails takes no more. */
static void
check_pieces(unsigned threads)
{
	static struct taken t, none, failed;
	struct lam_error e = LAM_ERROR_INIT;
	unsigned all = 0;

	memset(&t, 0, sizeof t);
	memset(&failed, 0, sizeof failed);
	CHECK_INT(lam_pool_pieces(threads, PIECES, take, &t, &e), LAM_OK);
	for (unsigned i = 0; i < PIECES; i++)
		FAIL_IF(atomic_load(&t.times[i]) != 1, "piece %u", i);
	for (unsigned i = 0; i < THREADS; i++)
		all += atomic_load(&t.by[i]);
	CHECK_INT(all, PIECES);
	CHECK_INT(lam_pool_pieces(threads, 0, take, &none, &e), LAM_OK);
	CHECK_INT(atomic_load(&none.by[0]), 0);
	CHECK_INT(lam_pool_pieces(threads, PIECES, take_or_fail, &failed, &e),
		LAM_DATA);
	CHECK_STR(e.msg, strlen(e.msg), "half");
	CHECK_INT(atomic_load(&failed.times[PIECES - 1]), threads > 1);
}

int
main(void)
{
	struct lam_error e = LAM_ERROR_INIT;
	cpu_set_t one;
	int cpu = sched_getcpu();

	check_workers("on all processors");
	CHECK_INT(lam_pool_run(THREADS, fail_from_2, NULL, &e), LAM_DATA);
	CHECK_STR(e.msg, strlen(e.msg), "2"); /* the lowest that failed */
	check_pieces(1);
	check_pieces(THREADS);
	CPU_ZERO(&one);
	CPU_SET((unsigned)cpu, &one);
	CHECK_INT(sched_setaffinity(0, sizeof one, &one), 0);
	CHECK_INT(lam_pool_cpus(), 1);
	check_workers("on one");
	return DONE();
}
