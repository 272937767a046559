/*
 * interval.h - intervals as they are written
 */
#ifndef LAM_TIME_INTERVAL_H
#define LAM_TIME_INTERVAL_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "time/span.h"

/*
 * "10 seconds", "1 day 12 hours", "-1.5 hours", "1 year 2 months 04:05:06", "3 days
 * ago": numbers with units, and a time.  A part of a year, as of what has several, is
 * whole months; a part of a month is days, of a day a time.  False: it is none, or is
 * out of bounds.
 */
bool lam_interval_parse(struct lam_str s, struct lam_span *out);

/* "10" with unit "seconds", beside what OUT has. */
bool lam_interval_of(struct lam_str number, struct lam_str unit,
	struct lam_span *out);

/* Canonical: what lam_interval_parse reads as the same interval. */
void lam_interval_print(struct lam_span v, struct lam_buf *out);

#endif
