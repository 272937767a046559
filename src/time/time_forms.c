/*
 * time_forms.c - instants in the forms that are only read
 *
 * What lam_time_parse prints back byte for byte it reads itself; all else that
 * people and programs write comes here, and is kept as the text that it is.  A form
 * is a row of letters:
 *
 *	Y m d	year of four digits, month and day of two
 *	D	day of one or two digits, perhaps behind a blank more
 *	b a	Jan, Mon: month and day of the week (which is not checked)
 *	H M S	hour, minute, second
 *	f	a point or comma and digits, or nothing
 *	z	a zone, perhaps behind a blank: Z, UTC, GMT, +hh, +hhmm, +hh:mm; or
 *		nothing
 *	t	T, or a blank
 *
 * and other bytes for themselves; letters go in either case.
 *
 * A leap second, 23:59:60 UTC, is the second before it: instants do not know it.
 */
#include <string.h>

#include "base/bytes.h"
#include "time/civil.h"
#include "time/time.h"

__extension__ typedef __int128 wide;

static const char *const forms[] = {
	"Y-m-dtH:M:Sfz",	/* RFC 3339 with t, z, " +0000", :60 */
	"Y-m-dtH:Mz",
	"YmdTHMSfz", "YmdTHMz",	/* ISO 8601, basic */
	"Y/m/d H:M:Sfz",	/* nginx */
	"d/b/Y:H:M:Sfz",	/* common log format, HAProxy */
	"a, D b Y H:M:Sz",	/* RFC 5322, HTTP */
	"D b Y H:M:Sfz",
	"a b D H:M:Sf Y",	/* asctime, Apache's error log */
	"a b D H:M:Sz Y",	/* date(1) */
	NULL
};

struct reading {
	const char *p, *end;
	uint32_t year, month, day, hour, minute, second, ns;
	int offset; /* minutes east of UTC */
	bool zoned; /* one is written */
};

/* C, a letter, in either case? */
static bool
letter_is(char c, char want)
{
	return (c | 32) == (want | 32);
}

/* LEAST to MOST digits. */
static bool
digits(struct reading *r, int least, int most, uint32_t *out)
{
	int n = 0;

	for (*out = 0; n < most && r->p < r->end && lam_is_digit(*r->p); n++)
		*out = *out * 10 + (uint32_t)(*r->p++ - '0');
	return n >= least;
}

/* One of the N names of three letters; its number from 1. */
static bool
name(struct reading *r, const char *names, uint32_t n, uint32_t *out)
{
	if (r->end - r->p < 3)
		return false;
	for (uint32_t i = 0; i < n; i++, names += 3)
		if (letter_is(r->p[0], names[0]) &&
			letter_is(r->p[1], names[1]) &&
			letter_is(r->p[2], names[2])) {
			r->p += 3;
			*out = i + 1;
			return true;
		}
	return false;
}

/* Digits below a nanosecond are cut off. */
static bool
fraction(struct reading *r)
{
	uint32_t unit = 100000000;

	if (r->p == r->end || (*r->p != '.' && *r->p != ','))
		return true;
	r->p++;
	if (r->p == r->end || !lam_is_digit(*r->p))
		return false;
	for (; r->p < r->end && lam_is_digit(*r->p); r->p++, unit /= 10)
		r->ns += unit * (uint32_t)(*r->p - '0');
	return true;
}

static bool
offset(struct reading *r)
{
	int sign = *r->p++ == '-' ? -1 : 1;
	uint32_t hour, minute = 0;

	if (!digits(r, 2, 2, &hour) || hour > 23)
		return false;
	if (r->p < r->end && (*r->p == ':' || lam_is_digit(*r->p))) {
		r->p += *r->p == ':';
		if (!digits(r, 2, 2, &minute) || minute > 59)
			return false;
	}
	r->offset = sign * (int)(hour * 60 + minute);
	return true;
}

/* UTC has a name of three letters; so has nothing else that is taken. */
static bool
zone(struct reading *r)
{
	const char *from = r->p;
	uint32_t which;

	r->p += r->p < r->end && *r->p == ' ';
	if (r->p < r->end && (*r->p == '+' || *r->p == '-'))
		return offset(r);
	if (name(r, "utcgmt", 2, &which))
		return true;
	if (r->p < r->end && letter_is(*r->p, 'z'))
		r->p++;
	else
		r->p = from;
	return true;
}

static bool
read_one(struct reading *r, char c)
{
	const char *from = r->p;
	uint32_t weekday;

	switch (c) {
	case 'Y': return digits(r, 4, 4, &r->year);
	case 'm': return digits(r, 2, 2, &r->month);
	case 'd': return digits(r, 2, 2, &r->day);
	case 'D':
		r->p += r->p < r->end && *r->p == ' ';
		return digits(r, 1, 2, &r->day);
	case 'b': return name(r, "janfebmaraprmayjunjulaugsepoctnovdec", 12,
		&r->month);
	case 'a': return name(r, "montuewedthufrisatsun", 7, &weekday);
	case 'H': return digits(r, 2, 2, &r->hour);
	case 'M': return digits(r, 2, 2, &r->minute);
	case 'S': return digits(r, 2, 2, &r->second);
	case 'f': return fraction(r);
	case 'z':
		if (!zone(r))
			return false;
		r->zoned = r->p > from;
		return true;
	default: break;
	}
	if (r->p == r->end || !(*r->p == c || (c == 't' && *r->p == ' ') ||
		((c | 32) == 't' && letter_is(*r->p, 't'))))
		return false;
	r->p++;
	return true;
}

static bool
assemble(const struct reading *r, int64_t *ns)
{
	bool leap = r->second == 60;
	int64_t sec;
	wide all;

	if (r->month - 1 > 11 || r->day - 1 >= lam_month_days(r->year,
		r->month) || r->hour > 23 || r->minute > 59 || r->second > 60)
		return false;
	sec = (int64_t)lam_days_from_civil(r->year, r->month, r->day) * 86400 +
		r->hour * 3600 + r->minute * 60 + r->second - leap -
		r->offset * 60;
	if (leap && (sec % 86400 + 86400) % 86400 != 86399)
		return false;
	all = (wide)sec * LAM_NS + r->ns;
	*ns = (int64_t)all;
	return *ns == all;
}

bool
lam_time_parse_form(const char *p, size_t n, int64_t *ns, bool *zoned)
{
	for (size_t i = 0; forms[i]; i++) {
		struct reading r = { .p = p, .end = p + n };
		const char *f = forms[i];

		while (*f && read_one(&r, *f))
			f++;
		*zoned = r.zoned;
		if (!*f && r.p == r.end)
			return assemble(&r, ns);
	}
	return false;
}
