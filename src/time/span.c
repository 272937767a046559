/*
 * span.c - intervals: their one number, their arithmetic, their text
 *
 * The number at scale 25 is nanoseconds * 10^16 + days * 10^7 + months.  Each part may
 * be below 0 and borrows from the one above, so that it is taken off from below: the
 * remainder nearest to 0 is the part.
 */
#include "time/span.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "time/civil.h"

#define SCALE 25
#define MONTHS INT64_C(10000000)  /* 10^7: below it there is no other part */
#define DAYS INT64_C(1000000000)  /* 10^9 */
#define MONTH_DAYS 30

/* The remainder of *V by MOST that is nearest to 0, which leaves the quotient. */
static int64_t
take(lam_i128 *v, int64_t most)
{
	lam_i128 r = *v % most;

	r -= r >= most / 2 ? most : r < -most / 2 ? -most : 0;
	*v = (*v - r) / most;
	return (int64_t)r;
}

static bool
fits(int64_t v, int64_t most)
{
	return v < most / 2 && v > -most / 2;
}

bool
lam_span_num(const struct lam_span *s, struct lam_num *out)
{
	const lam_i128 most = lam_pow10[22]; /* ns */
	lam_i128 ns;

	if (!fits(s->months, MONTHS) || !fits(s->days, DAYS) ||
		s->ns >= most || s->ns <= -most)
		return false;
	ns = s->ns + (lam_i128)LAM_DAY_NS * (s->days + MONTH_DAYS * s->months);
	if (ns >= most || ns <= -most)
		return false;
	*out = lam_num_normal((struct lam_num){ (ns * DAYS + s->days) * MONTHS +
		s->months, SCALE });
	return out->m < lam_pow10[LAM_NUM_DIGITS] &&
		out->m > -lam_pow10[LAM_NUM_DIGITS];
}

bool
lam_span_of(struct lam_num v, struct lam_span *out)
{
	v = lam_num_normal(v);
	if (v.scale <= 9) { /* the usual case: a time alone */
		if (v.m >= lam_pow10[13 + v.scale] ||
			v.m <= -lam_pow10[13 + v.scale])
			return false;
		*out = (struct lam_span){ 0, 0, v.m * lam_pow10[9 - v.scale] };
		return true;
	}
	if (v.scale > SCALE || !lam_num_rescale(v, SCALE, &v))
		return false;
	out->months = take(&v.m, MONTHS);
	out->days = take(&v.m, DAYS);
	out->ns = v.m - (lam_i128)LAM_DAY_NS * (out->days + MONTH_DAYS *
		out->months);
	return true;
}

struct lam_num
lam_span_seconds(struct lam_num v)
{
	struct lam_span s;

	if (v.scale <= 9 || !lam_span_of(v, &s))
		return v;
	return lam_num_normal((struct lam_num){ s.ns + (lam_i128)LAM_DAY_NS *
		(s.days + MONTH_DAYS * s.months), 9 });
}

struct lam_num
lam_span_epoch(const struct lam_span *s)
{
	const lam_i128 year = (lam_i128)LAM_DAY_NS * 1461 / 4;
	lam_i128 ns = s->ns + (lam_i128)LAM_DAY_NS * s->days +
		year * (s->months / 12) +
		(lam_i128)LAM_DAY_NS * MONTH_DAYS * (s->months % 12);

	return lam_num_normal((struct lam_num){ ns, 9 });
}

/* V * P + MORE over Q: the whole part, and *REST, which has the sign of it. */
static bool
part(lam_i128 v, lam_i128 p, lam_i128 more, lam_i128 q, lam_i128 *whole,
	lam_i128 *rest)
{
	lam_i128 n;

	if (__builtin_mul_overflow(v, p, &n) ||
		__builtin_add_overflow(n, more, &n))
		return false;
	*whole = n / q;
	*rest = n % q;
	return true;
}

/* NS and REST / Q of a nanosecond, to the microsecond. */
static bool
to_microsecond(lam_i128 ns, lam_i128 rest, lam_i128 q, lam_i128 *out)
{
	lam_i128 below = ns % 1000, us = ns / 1000, half;

	if (rest == 0 || __builtin_mul_overflow(below, q, &below) ||
		__builtin_add_overflow(below, rest, &below) ||
		__builtin_mul_overflow(q, 500, &half)) {
		*out = ns;
		return rest == 0;
	}
	us += below >= half ? 1 : below <= -half ? -1 : 0;
	*out = us * 1000;
	return true;
}

bool
lam_span_scale(const struct lam_span *s, struct lam_num by, bool divide,
	struct lam_span *out)
{
	struct lam_num f = lam_num_normal(by);
	lam_i128 p = divide ? lam_pow10[f.scale] : f.m;
	lam_i128 q = divide ? f.m : lam_pow10[f.scale];
	lam_i128 months, days, ns, rest;

	if (q == 0)
		return false;
	if (q < 0) {
		p = -p;
		q = -q;
	}
	if (!part(s->months, p, 0, q, &months, &rest) ||
		!part(rest, MONTH_DAYS, 0, 1, &rest, &ns) ||
		!part(s->days, p, rest, q, &days, &rest) ||
		!part(rest, LAM_DAY_NS, 0, 1, &rest, &ns) ||
		!part(s->ns, p, rest, q, &ns, &rest) ||
		!to_microsecond(ns, rest, q, &ns))
		return false;
	*out = (struct lam_span){ (int64_t)months, (int64_t)days, ns };
	return out->months == months && out->days == days;
}

bool
lam_span_add(int64_t t, const struct lam_span *s, bool back, int64_t *out)
{
	lam_i128 ns = s->ns + (lam_i128)LAM_DAY_NS * s->days;

	if (s->months && !lam_time_add_months(t, back ? -s->months : s->months,
		&t))
		return false;
	ns = back ? t - ns : t + ns;
	*out = (int64_t)ns;
	return ns == *out;
}

static int64_t
time_of_day(const struct lam_civil *c)
{
	return ((c->hour * INT64_C(60) + c->minute) * 60 + c->second) * LAM_NS +
		c->nanosecond;
}

/* What LATE is behind EARLY; days that are short are borrowed from the month of
 * FROM. */
static struct lam_span
between(const struct lam_civil *early, const struct lam_civil *late,
	const struct lam_civil *from)
{
	struct lam_span s = { 12 * (late->year - early->year) + late->month -
		early->month, late->day - early->day, time_of_day(late) -
		time_of_day(early) };

	if (s.ns < 0) {
		s.ns += LAM_DAY_NS;
		s.days--;
	}
	for (; s.days < 0; s.months--)
		s.days += lam_month_days((uint32_t)from->year,
			(uint32_t)from->month);
	return s;
}

struct lam_span
lam_span_age(int64_t to, int64_t from)
{
	struct lam_civil x, y;
	struct lam_span s;

	lam_civil_from_ns(to, &x);
	lam_civil_from_ns(from, &y);
	if (to >= from)
		return between(&y, &x, &y);
	s = between(&x, &y, &x);
	return (struct lam_span){ -s.months, -s.days, -s.ns };
}

/* "3 days" behind what is in OUT; nothing of 0. */
static size_t
put_unit(char *out, size_t n, int64_t v, const char *unit)
{
	if (!v)
		return n;
	return n + (size_t)snprintf(out + n, LAM_SPAN_TEXT - n,
		"%s%" PRId64 " %s%s", n ? " " : "", v, unit,
		v == 1 || v == -1 ? "" : "s");
}

size_t
lam_span_print(const struct lam_span *s, char out[LAM_SPAN_TEXT])
{
	size_t n = put_unit(out, 0, s->months / 12, "year");
	lam_u128 ns = (lam_u128)(s->ns < 0 ? -s->ns : s->ns);
	uint64_t second = (uint64_t)(ns / LAM_NS);

	n = put_unit(out, n, s->months % 12, "month");
	n = put_unit(out, n, s->days, "day");
	if (ns == 0 && n > 0)
		return n;
	n += (size_t)snprintf(out + n, LAM_SPAN_TEXT - n, "%s%s%02" PRIu64
		":%02" PRIu64 ":%02" PRIu64, n ? " " : "", s->ns < 0 ? "-" : "",
		second / 3600, second / 60 % 60, second % 60);
	if (ns % LAM_NS == 0)
		return n;
	n += (size_t)snprintf(out + n, LAM_SPAN_TEXT - n, ".%09" PRIu64,
		(uint64_t)(ns % LAM_NS));
	while (out[n - 1] == '0')
		n--;
	return n;
}
