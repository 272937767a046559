/*
 * progress.h - how far the work of this process has come
 *
 * A process does one job, so there is one set of counters.  Workers add to it once
 * for each block, chunk or read, and need not know whether anybody looks.
 * cli/progress.h shows it.
 */
#ifndef LAM_BASE_PROGRESS_H
#define LAM_BASE_PROGRESS_H

#include <stdatomic.h>
#include <stdint.h>

struct lam_progress {
	_Atomic uint64_t records, bytes;	 /* done */
	_Atomic uint64_t all_records, all_bytes; /* known to be there; 0: no */
};

extern struct lam_progress lam_progress;

/* From any thread. */
static inline void
lam_progress_add(uint64_t records, uint64_t bytes)
{
	atomic_fetch_add_explicit(&lam_progress.records, records,
		memory_order_relaxed);
	atomic_fetch_add_explicit(&lam_progress.bytes, bytes,
		memory_order_relaxed);
}

/* So many more are to be done. */
static inline void
lam_progress_expect(uint64_t records, uint64_t bytes)
{
	atomic_fetch_add_explicit(&lam_progress.all_records, records,
		memory_order_relaxed);
	atomic_fetch_add_explicit(&lam_progress.all_bytes, bytes,
		memory_order_relaxed);
}

#endif
