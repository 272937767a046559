/*
 * unit.h - units of time, durations and sizes as people write them
 */
#ifndef LAM_TIME_UNIT_H
#define LAM_TIME_UNIT_H

#include "time/time.h"

/* A unit by its SQL name, singular, plural or short, any case; LAM_UNITS: none. */
enum lam_unit lam_unit_parse(const char *p, size_t n);

/* Length in ns of nanosecond .. week; 0 for units of varying length. */
int64_t lam_unit_ns(enum lam_unit u);

/* A duration "10s", "5m", "2h", "100ms", "1d" to ns; false: not one. */
bool lam_duration_parse(const char *p, int64_t *ns);

/* A size "64K", "256M", "2G", "4096" (bytes, powers of 1024). */
bool lam_size_parse(const char *p, uint64_t *bytes);

#endif
