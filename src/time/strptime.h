/*
 * strptime.h - instants read by a format of the user's
 *
 * Letters are those of strptime(3), as Python and DuckDB have them:
 *
 *	%Y %y		year of four digits, of two (69 to 99 are 19xx)
 *	%m %d %e %j	month, day, day of the year
 *	%b %B %h	month by its name, English, short or full
 *	%a %A		day of the week, which is not checked
 *	%H %I %p	hour, of 12, AM or PM
 *	%M %S		minute, second
 *	%f %g %n	digits of a fraction, one to nine; three; nine
 *	%z		Z, UTC, GMT, +hh, +hhmm, +hh:mm
 *	%s		seconds since 1970
 *	%F %T %R %D	%Y-%m-%d, %H:%M:%S, %H:%M, %m/%d/%y
 *	%%		a percent sign
 *
 * A blank stands for blanks, or none; any other byte for itself.
 */
#ifndef LAM_TIME_STRPTIME_H
#define LAM_TIME_STRPTIME_H

#include "base/err.h"
#include "time/time.h"

/* FORMAT is one, and says a year, or %s.  LAM_USAGE: what is wrong, behind WHAT. */
int lam_strptime_check(const char *format, const char *what, struct lam_error *e)
	LAM_MUST;

/*
 * P[N], read by FORMAT, as RFC 3339 writes it, to OUT[LAM_TIME_TEXT]: with the offset
 * that it says, or without one, and with as many digits of a fraction.  The length; 0:
 * it is not of that format, or is no time.
 */
size_t lam_strptime(const char *format, const char *p, size_t n, char *out);

#endif
