/*
 * clock.h - what time it is, in ns
 */
#ifndef LAM_BASE_CLOCK_H
#define LAM_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Since 1970.  It may be set, so it may go back. */
static inline int64_t
lam_clock_wall(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Since some instant: for durations and deadlines.  A signal handler may call it
 * (POSIX, async-signal-safe). */
static inline int64_t
lam_clock_monotonic(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

#endif
