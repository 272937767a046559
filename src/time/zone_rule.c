/*
 * zone_rule.c - the rule that a zone follows from now on, as POSIX writes TZ
 *
 *	rule := name offset [name [offset] , date [/time] , date [/time]]
 *	name := letters, three or more, or <letters, digits, +, ->
 *	offset := [+|-] hour [: minute [: second]]	west of UTC is positive
 *	date := Mm.w.d		day D of week W (5: the last) of the month
 *	      | Jn		day 1 to 365, without February 29
 *	      | n		day 0 to 365
 *	time := as an offset, up to 167 hours either way (RFC 8536, 3.3.1)
 *
 * "CET-1CEST,M3.5.0,M10.5.0/3": an hour east of UTC; two from the last Sunday of
 * March, 02:00, to that of October, 03:00 of the clock before.
 */
#include "time/civil.h"
#include "time/zone_internal.h"

#define DAY 86400
#define DST_DEFAULT 3600  /* ahead of standard time */
#define TIME_DEFAULT 7200 /* of day */

struct date {
	enum { MONTH, JULIAN, ORDINAL } kind;
	uint32_t month, week, day;
	int64_t time; /* seconds, of the clock before */
};

struct rule {
	int64_t offset[2]; /* standard, summer: seconds east of UTC */
	struct date from, to; /* of summer */
};

struct text {
	const char *p, *end;
};

static bool
take(struct text *t, char c)
{
	if (t->p == t->end || *t->p != c)
		return false;
	t->p++;
	return true;
}

static bool
number(struct text *t, uint32_t most, uint32_t *out)
{
	const char *from = t->p;

	for (*out = 0; t->p < t->end && t->p - from < 4 && *t->p >= '0' &&
		*t->p <= '9'; t->p++)
		*out = *out * 10 + (uint32_t)(*t->p - '0');
	return t->p > from && *out <= most;
}

static bool
name(struct text *t)
{
	const char *from = t->p;

	if (take(t, '<')) {
		while (t->p < t->end && *t->p != '>')
			t->p++;
		return take(t, '>');
	}
	while (t->p < t->end && (*t->p | 32) >= 'a' && (*t->p | 32) <= 'z')
		t->p++;
	return t->p - from >= 3;
}

static bool
span(struct text *t, uint32_t most, int64_t *out)
{
	bool minus = take(t, '-');
	uint32_t hour, minute = 0, second = 0;

	if (!minus)
		(void)take(t, '+');
	if (!number(t, most, &hour) || (take(t, ':') &&
		(!number(t, 59, &minute) || (take(t, ':') &&
		!number(t, 59, &second)))))
		return false;
	*out = (int64_t)hour * 3600 + minute * 60 + second;
	*out = minus ? -*out : *out;
	return true;
}

static bool
date(struct text *t, struct date *d)
{
	bool ok;

	if (take(t, 'M')) {
		d->kind = MONTH;
		ok = number(t, 12, &d->month) && d->month && take(t, '.') &&
			number(t, 5, &d->week) && d->week && take(t, '.') &&
			number(t, 6, &d->day);
	} else {
		d->kind = take(t, 'J') ? JULIAN : ORDINAL;
		ok = number(t, 365, &d->day) && (d->day || d->kind == ORDINAL);
	}
	d->time = TIME_DEFAULT;
	return ok && (!take(t, '/') || span(t, 167, &d->time));
}

/* *SUMMER: it has any. */
static bool
parse(struct text t, struct rule *r, bool *summer)
{
	*summer = false;
	if (!name(&t) || !span(&t, 24, &r->offset[0]))
		return false;
	r->offset[0] = -r->offset[0];
	if (t.p == t.end)
		return true;
	*summer = true;
	if (!name(&t))
		return false;
	r->offset[1] = r->offset[0] + DST_DEFAULT;
	if (t.p < t.end && *t.p != ',') {
		if (!span(&t, 24, &r->offset[1]))
			return false;
		r->offset[1] = -r->offset[1];
	}
	return take(&t, ',') && date(&t, &r->from) && take(&t, ',') &&
		date(&t, &r->to) && t.p == t.end;
}

/* Days since 1970 of D in YEAR. */
static int64_t
day_of(const struct date *d, uint32_t year)
{
	int64_t first = lam_days_from_civil(year, 1, 1), day;
	uint32_t length;

	if (d->kind == ORDINAL)
		return first + d->day;
	if (d->kind == JULIAN)
		return first + d->day - 1 + (lam_year_is_leap(year) &&
			d->day > 59);
	length = lam_month_days(year, d->month);
	first = lam_days_from_civil(year, d->month, 1);
	/* 1970 began on a Thursday, 4; 700,000 days are whole weeks. */
	day = ((int64_t)d->day - (first + 700000 + 4) % 7 + 7) % 7 +
		7 * (int64_t)(d->week - 1);
	while (day >= length)
		day -= 7;
	return first + day;
}

bool
lam_zone_add_rule(struct lam_zone *z, const char *text, size_t n, int64_t after)
{
	struct text t = { text, text + n };
	struct rule r;
	bool summer;

	if (!n)
		return true; /* the last offset holds */
	if (!parse(t, &r, &summer))
		return false;
	if (!summer) {
		lam_zone_add(z, after < LAM_ZONE_FIRST ? LAM_ZONE_FIRST :
			after + 1, r.offset[0]);
		return true;
	}
	for (uint32_t year = 1676; year <= 2263; year++) {
		const struct date *d[2] = { &r.from, &r.to };
		int64_t at[2];
		int late;

		for (int i = 0; i < 2; i++)
			at[i] = day_of(d[i], year) * DAY + d[i]->time -
				r.offset[i];
		late = at[0] > at[1];
		for (int i = 0; i < 2; i++) {
			int k = i ^ late; /* 0: summer begins */

			if (at[k] > after)
				lam_zone_add(z, at[k], r.offset[!k]);
		}
	}
	return true;
}
