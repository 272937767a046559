/*
 * fn_make_age.c - age(a, b): from b to a in years, months, days and a time of day
 *
 * The fields of the earlier time are taken from those of the later one.  Days that are
 * short are borrowed from the month of B, or of A where A is earlier; then all is
 * negative.  It is a text, as no number of seconds is so many months.
 */
#include "fn/fn_make.h"

#include <inttypes.h>

#include "time/civil.h"
#include "time/time.h"

struct span {
	int64_t year, month, day, ns; /* ns: of the day */
};

static int64_t
time_of_day(const struct lam_civil *c)
{
	return ((c->hour * INT64_C(60) + c->minute) * 60 + c->second) * LAM_NS +
		c->nanosecond;
}

/* What LATE is behind EARLY; days are borrowed from the month of FROM. */
static struct span
between(const struct lam_civil *early, const struct lam_civil *late,
	const struct lam_civil *from)
{
	struct span s = { late->year - early->year, late->month - early->month,
		late->day - early->day, time_of_day(late) -
		time_of_day(early) };

	if (s.ns < 0) {
		s.ns += LAM_DAY_NS;
		s.day--;
	}
	while (s.day < 0) {
		s.day += lam_month_days((uint32_t)from->year,
			(uint32_t)from->month);
		s.month--;
	}
	if (s.month < 0) {
		s.month += 12;
		s.year--;
	}
	return s;
}

static void
put_unit(struct lam_buf *b, const char *sign, int64_t n, const char *unit)
{
	if (n)
		lam_buf_printf(b, "%s%s%" PRId64 " %s%s", b->n ? " " : "", sign,
			n, unit, n == 1 ? "" : "s");
}

static void
put_time(struct lam_buf *b, const char *sign, int64_t ns)
{
	int64_t s = ns / LAM_NS, rest = ns % LAM_NS;
	int digits = 9;

	lam_buf_printf(b, "%s%s%02" PRId64 ":%02" PRId64 ":%02" PRId64,
		b->n ? " " : "", sign, s / 3600, s / 60 % 60, s % 60);
	if (!rest)
		return;
	for (; rest % 10 == 0; digits--)
		rest /= 10;
	lam_buf_printf(b, ".%0*" PRId64, digits, rest);
}

enum lam_made
lam_make_age(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	int64_t to = r[0].v->i64[i * r[0].step];
	int64_t from = r[1].v->i64[i * r[1].step];
	const char *sign = to < from ? "-" : "";
	struct lam_civil x, y;
	struct span s;

	lam_civil_from_ns(to, &x);
	lam_civil_from_ns(from, &y);
	s = to < from ? between(&x, &y, &x) : between(&y, &x, &y);
	put_unit(b, sign, s.year, "year");
	put_unit(b, sign, s.month, "month");
	put_unit(b, sign, s.day, "day");
	if (s.ns || !b->n)
		put_time(b, sign, s.ns);
	return LAM_MADE_TEXT;
}
