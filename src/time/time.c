/*
 * time.c - the calendar: fields of an instant, truncation, months
 *
 * Every instant's year is 1677..2262, so the unsigned arithmetic of civil.h
 * always holds; years given by callers are checked first.  Divisions round
 * down: an instant before 1970 belongs to the unit that began before it.
 */
#include "time/time.h"

#include "time/civil.h"
#include "time/unit.h"

#define WEEK_NS (7 * LAM_DAY_NS)
#define FIRST_MONDAY (-3 * LAM_DAY_NS) /* 1969-12-29; 1970 began Thursday */

__extension__ typedef __int128 wide;

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

bool
lam_time_from_epoch(int64_t count, int64_t unit, int64_t *ns)
{
	return !__builtin_mul_overflow(count, unit, ns);
}

void
lam_civil_from_ns(int64_t ns, struct lam_civil *c)
{
	int64_t days = floor_div(ns, LAM_DAY_NS);
	int64_t rest = (int64_t)((wide)ns - (wide)days * LAM_DAY_NS);
	int32_t second = (int32_t)(rest / LAM_NS);
	uint32_t y, m, d;

	lam_civil_from_days((int32_t)days, &y, &m, &d);
	c->year = (int)y;
	c->month = (int)m;
	c->day = (int)d;
	c->hour = second / 3600;
	c->minute = second / 60 % 60;
	c->second = second % 60;
	c->nanosecond = rest % LAM_NS;
	c->weekday = (int)((days + 700004) % 7); /* days >= -106752 */
	c->yearday = (int)(days - lam_days_from_civil(y, 1, 1)) + 1;
}

bool
lam_civil_to_ns(const struct lam_civil *c, int64_t *ns)
{
	wide t;

	if (c->year < 1600 || c->year > 2300 || c->month < 1 || c->month > 12 ||
		c->day < 1 || (uint32_t)c->day > lam_month_days(
		(uint32_t)c->year, (uint32_t)c->month) || c->hour < 0 ||
		c->hour > 23 || c->minute < 0 || c->minute > 59 ||
		c->second < 0 || c->second > 59 || c->nanosecond < 0 ||
		c->nanosecond >= LAM_NS)
		return false;
	t = (wide)lam_days_from_civil((uint32_t)c->year, (uint32_t)c->month,
		(uint32_t)c->day) * LAM_DAY_NS;
	t += (c->hour * 3600 + c->minute * 60 + c->second) * LAM_NS;
	t += c->nanosecond;
	*ns = (int64_t)t;
	return *ns == t;
}

bool
lam_time_bucket(int64_t ns, int64_t width, int64_t origin, int64_t *out)
{
	int64_t from, start;
	wide t;

	if (width <= 0)
		return false;
	if (!__builtin_sub_overflow(ns, origin, &from) &&
		!__builtin_mul_overflow(floor_div(from, width), width, &start))
		return !__builtin_add_overflow(start, origin, out);
	/* The difference of two instants needs 65 bits. */
	t = ((wide)ns - origin) % width;
	t = (wide)ns - (t < 0 ? t + width : t);
	*out = (int64_t)t;
	return *out == t;
}

/* The first day of the month, quarter, ... of C. */
static void
civil_trunc(struct lam_civil *c, enum lam_unit u)
{
	c->day = 1;
	c->hour = c->minute = c->second = 0;
	c->nanosecond = 0;
	if (u == LAM_QUARTER)
		c->month -= (c->month - 1) % 3;
	if (u >= LAM_YEAR)
		c->month = 1;
	if (u == LAM_DECADE)
		c->year -= c->year % 10;
	if (u == LAM_CENTURY) /* 2000, as DuckDB; PostgreSQL says 2001 */
		c->year -= c->year % 100;
}

bool
lam_time_trunc(int64_t ns, enum lam_unit u, int64_t *out)
{
	struct lam_civil c;

	if (u >= LAM_UNITS)
		return false;
	if (u == LAM_WEEK)
		return lam_time_bucket(ns, WEEK_NS, FIRST_MONDAY, out);
	if (u < LAM_WEEK)
		return lam_time_bucket(ns, lam_unit_ns(u), 0, out);
	lam_civil_from_ns(ns, &c);
	civil_trunc(&c, u);
	return lam_civil_to_ns(&c, out);
}

bool
lam_time_add_months(int64_t ns, int64_t months, int64_t *out)
{
	struct lam_civil c;
	int64_t total;
	int last;

	/* No two instants are further apart than 586 years. */
	if (months < -12 * 600 || months > 12 * 600)
		return false;
	lam_civil_from_ns(ns, &c);
	total = (int64_t)c.year * 12 + c.month - 1 + months;
	c.year = (int)(total / 12);
	c.month = (int)(total % 12) + 1;
	last = (int)lam_month_days((uint32_t)c.year, (uint32_t)c.month);
	if (c.day > last)
		c.day = last;
	return lam_civil_to_ns(&c, out);
}
