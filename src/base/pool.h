/*
 * pool.h - run one function on several threads
 */
#ifndef LAM_BASE_POOL_H
#define LAM_BASE_POOL_H

#include <stdint.h>

#include "base/err.h"

#define LAM_THREADS_MAX 256

/* Processors this process may run on, 1..LAM_THREADS_MAX. */
unsigned lam_pool_cpus(void);

/*
 * Call fn(arg, worker, e) for worker = 0 .. n-1, each on a thread of its own
 * (worker 0 on the caller's), each with an error struct of its own; returns
 * when all have returned.  The first failure (lowest worker) is the result.
 */
int lam_pool_run(unsigned n, int (*fn)(void *arg, unsigned worker,
	struct lam_error *e), void *arg, struct lam_error *e) LAM_MUST;

/*
 * The same for PIECES pieces of work, numbered from 0, of which each worker takes the
 * next one until there are none or one of its own failed.
 */
int lam_pool_pieces(unsigned n, uint32_t pieces, int (*fn)(void *arg,
	unsigned worker, uint32_t piece, struct lam_error *e), void *arg,
	struct lam_error *e) LAM_MUST;

#endif
