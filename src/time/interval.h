/*
 * interval.h - spans of time: months and nanoseconds
 *
 * A month has no fixed length, so an interval is a pair; days and weeks are
 * 24 hours and 7 days, all times being UTC.
 */
#ifndef LAM_TIME_INTERVAL_H
#define LAM_TIME_INTERVAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"

struct lam_interval {
	int64_t months, ns;
};

/* "10 seconds", "1 day 12 hours", "-1.5 hours": numbers with units.  False:
 * it is not one, or not a whole number of months or nanoseconds. */
bool lam_interval_parse(struct lam_str s, struct lam_interval *out);

/* "10" with unit "seconds". */
bool lam_interval_of(struct lam_str number, struct lam_str unit,
	struct lam_interval *out);

/* Canonical: what lam_interval_parse reads as the same interval. */
void lam_interval_print(struct lam_interval v, struct lam_buf *out);

#endif
