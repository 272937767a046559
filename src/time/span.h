/*
 * span.h - intervals: months, days and a time, as one number
 *
 * A month has 28 to 31 days and is never turned into them, nor is a day into hours, so
 * that an interval prints as it was made.  Two are compared with 30 days to the month
 * and 24 hours to the day, as DuckDB and PostgreSQL do.
 *
 * Columns, keys, sums and partials hold an interval as a decimal,
 *
 *	seconds of the whole + days / 10^18 + months / 10^25
 *
 * where a month counts as 30 days and a day as 86,400 seconds.  The seconds have at
 * most nine decimals, so the parts do not meet as long as there are less than 10^13 of
 * them, 5 * 10^8 days and 5 * 10^6 months.  Hence sums and differences of such numbers
 * are those of the intervals, and their order is that of the lengths, then that of days
 * and months.  What is a time alone is the number of its seconds.
 */
#ifndef LAM_TIME_SPAN_H
#define LAM_TIME_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/num.h"
#include "time/time.h"

#define LAM_SPAN_TEXT 96 /* bytes that hold any printed interval */

struct lam_span {
	int64_t months, days;
	lam_i128 ns; /* beside them */
};

/* As one number, in its normal form, and back; false: it is beyond these bounds. */
bool lam_span_num(const struct lam_span *s, struct lam_num *out);
bool lam_span_of(struct lam_num v, struct lam_span *out);

/* V without its days and months: the seconds of the whole, for comparisons. */
struct lam_num lam_span_seconds(struct lam_num v);

/* Seconds with 365.25 days to twelve months, as extract(epoch FROM s) has them. */
struct lam_num lam_span_epoch(const struct lam_span *s);

/*
 * S * BY, or S / BY.  What is left of a month goes to the days, of a day to the time;
 * what is left of a nanosecond is rounded, with what is below it, to a microsecond.
 * False: out of bounds, or by 0.
 */
bool lam_span_scale(const struct lam_span *s, struct lam_num by, bool divide,
	struct lam_span *out);

/* T + S, or - S if BACK: months by the calendar, then days, then the time. */
bool lam_span_add(int64_t t, const struct lam_span *s, bool back, int64_t *out);

/* From FROM to TO, by the calendar: its years, months, days and the time of day. */
struct lam_span lam_span_age(int64_t to, int64_t from);

/* "1 year 2 months 3 days 04:05:06.5", as DuckDB prints it; the length, no NUL. */
size_t lam_span_print(const struct lam_span *s, char out[LAM_SPAN_TEXT]);

#endif
