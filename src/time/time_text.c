/*
 * time_text.c - instants to text and back
 *
 * Parsing the ISO forms loads 16 bytes as two words and checks digits and
 * separators of each with three operations: with the digits' '0' and the
 * separators themselves XORed away, a digit is 0..9 and a separator 0, and
 * adding 0x76 to the one and 0x7f to the other sets bit 7 of whatever is not.
 * Adjacent digits are then paired by one multiplication.
 *
 * Seconds, not nanoseconds, are used until the end: the local time of the
 * first and last instants is outside the range of int64 nanoseconds.
 */
#include "time/time.h"

#include <string.h>

#include "base/bytes.h"
#include "time/civil.h"

__extension__ typedef __int128 lam_time_wide;

#define YEAR_MONTH UINT64_C(0x2d30302d30303030) /* "0000-00-" */
#define DAY_TIME UINT64_C(0x30303a3030003030)	/* "00?00:00" */
#define YEAR_MONTH_TOP UINT64_C(0x7f76767f76767676)
#define DAY_TIME_TOP UINT64_C(0x76767f7676007676)
#define HIGH_BITS UINT64_C(0x8080808080808080)

static const char pair[] =
	"00010203040506070809101112131415161718192021222324"
	"25262728293031323334353637383940414243444546474849"
	"50515253545556575859606162636465666768697071727374"
	"75767778798081828384858687888990919293949596979899";

static const char month_name[12][4] = {
	"Jan", "Feb", "Mar", "Apr", "May", "Jun",
	"Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
};

static const uint32_t pow10_32[10] = {
	1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
	1000000000
};

/* Fields as written. */
struct written {
	uint32_t year, month, day, hour, minute, second, nanosecond;
};

/* Two digits at P, or 255. */
static inline uint32_t
two(const char *p)
{
	return lam_is_digit(p[0]) && lam_is_digit(p[1]) ?
		(uint32_t)(p[0] - '0') * 10 + (uint32_t)(p[1] - '0') : 255;
}

/* Digit pairs: byte i becomes 10 * byte i + byte i + 1. */
static inline uint64_t
pairs(uint64_t x)
{
	return x * 10 + (x >> 8);
}

static inline uint32_t
byte(uint64_t x, int i)
{
	return (uint32_t)(x >> 8 * i & 0xff);
}

/* W less OFFSET minutes as an instant; false when it is out of range. */
static bool
assemble(const struct written *w, int offset, int64_t *ns)
{
	int64_t sec;
	lam_time_wide wide;

	if (w->month - 1 > 11 || w->day - 1 >= lam_month_days(w->year,
		w->month) || w->hour > 23 || w->minute > 59 || w->second > 59)
		return false;
	sec = (int64_t)lam_days_from_civil(w->year, w->month, w->day) * 86400 +
		w->hour * 3600 + w->minute * 60 + w->second - offset * 60;
	wide = (lam_time_wide)sec * LAM_NS + w->nanosecond;
	*ns = (int64_t)wide;
	return *ns == wide;
}

/*
 * The fraction's digits at P, after its point; where they end, or NULL.  What is
 * below a nanosecond is cut off, and *EXACT is false then.
 */
static const char *
scan_fraction(const char *p, const char *end, struct written *w,
	struct lam_timeform *f, bool *exact)
{
	const char *start = p;
	uint32_t v = 0;

	for (; p < end && lam_is_digit(*p) && p - start < 9; p++)
		v = v * 10 + (uint32_t)(*p - '0');
	if (p == start)
		return NULL;
	f->digits = (uint8_t)(p - start);
	w->nanosecond = v * pow10_32[9 - f->digits];
	for (; p < end && lam_is_digit(*p); p++)
		*exact = false;
	return p;
}

/* The zone, which must reach to END.  -00:00, UTC from an unknown place, would be
 * printed as +00:00: *EXACT is false then. */
static bool
scan_zone(const char *p, const char *end, struct lam_timeform *f, bool *exact)
{
	uint32_t hour, minute = 0;
	size_t n = (size_t)(end - p);

	f->zone = LAM_ZONE_NONE;
	f->offset = 0;
	if (n == 0)
		return true;
	if (n == 1 && *p == 'Z') {
		f->zone = LAM_ZONE_Z;
		return true;
	}
	if ((*p != '+' && *p != '-') || n < 3)
		return false;
	hour = two(p + 1);
	if (n == 3) {
		f->zone = LAM_ZONE_HOUR;
	} else if (n == 5) {
		f->zone = LAM_ZONE_PLAIN;
		minute = two(p + 3);
	} else if (n == 6 && p[3] == ':') {
		f->zone = LAM_ZONE_COLON;
		minute = two(p + 4);
	} else {
		return false;
	}
	if (hour > 23 || minute > 59)
		return false;
	f->offset = (int16_t)(hour * 60 + minute);
	if (*p == '-') {
		*exact &= f->offset != 0;
		f->offset = (int16_t)-f->offset;
	}
	return true;
}

/* The rest of an ISO time behind its minutes, at P + 16. */
static bool
scan_seconds(const char *p, const char *end, struct written *w,
	struct lam_timeform *f)
{
	bool exact = true;

	p += 16;
	if (p < end && *p == ':') {
		if (end - p < 3)
			return false;
		w->second = two(p + 1);
		p += 3;
		if (p < end && (*p == '.' || *p == ',')) {
			exact = *p == '.';
			p = scan_fraction(p + 1, end, w, f, &exact);
			if (p == NULL)
				return false;
		}
	} else {
		w->second = 0;
		exact = false;
	}
	if (!scan_zone(p, end, f, &exact))
		return false;
	if (!exact)
		f->form = LAM_TIME_FORMS;
	return true;
}

static bool
parse_date(const char *p, int64_t *ns, struct lam_timeform *f)
{
	struct written w = { .year = two(p) * 100 + two(p + 2),
		.month = two(p + 5), .day = two(p + 8) };

	if (p[4] != '-' || p[7] != '-' || two(p) > 99 || two(p + 2) > 99)
		return false;
	*f = (struct lam_timeform){ .form = LAM_TIME_DATE };
	return assemble(&w, 0, ns);
}

/* dd/Mon/yyyy:hh:mm:ss [+-]hhmm */
static bool
parse_clf(const char *p, int64_t *ns, struct lam_timeform *f)
{
	struct written w = { .year = two(p + 7) * 100 + two(p + 9),
		.day = two(p), .hour = two(p + 12), .minute = two(p + 15),
		.second = two(p + 18) };
	bool exact = true;

	if (p[2] != '/' || p[6] != '/' || p[11] != ':' || p[14] != ':' ||
		p[17] != ':' || p[20] != ' ' || two(p + 7) > 99 ||
		two(p + 9) > 99)
		return false;
	while (w.month < 12 && memcmp(month_name[w.month], p + 3, 3) != 0)
		w.month++;
	w.month++;
	*f = (struct lam_timeform){ .form = LAM_TIME_CLF };
	if (!scan_zone(p + 21, p + 26, f, &exact))
		return false;
	if (!exact)
		f->form = LAM_TIME_FORMS;
	return assemble(&w, f->offset, ns);
}

/* In a form that prints, nearly. */
static bool
parse_exact(const char *p, size_t n, int64_t *ns, struct lam_timeform *f)
{
	struct written w;
	uint64_t a, b;

	if (n < 16)
		return n == 10 && parse_date(p, ns, f);
	a = lam_get64(p) ^ YEAR_MONTH;
	b = lam_get64(p + 8) ^ DAY_TIME;
	*f = (struct lam_timeform){ .form =
		p[10] == 'T' ? LAM_TIME_T : LAM_TIME_BLANK };
	if (p[10] != 'T' && p[10] != ' ')
		return n == 26 && parse_clf(p, ns, f);
	b &= ~(UINT64_C(0xff) << 16);
	if (((a | (a + YEAR_MONTH_TOP) | b | (b + DAY_TIME_TOP)) & HIGH_BITS))
		return false;
	a = pairs(a);
	b = pairs(b);
	w.year = byte(a, 0) * 100 + byte(a, 2);
	w.month = byte(a, 5);
	w.day = byte(b, 0);
	w.hour = byte(b, 3);
	w.minute = byte(b, 6);
	w.nanosecond = 0;
	return scan_seconds(p, p + n, &w, f) && assemble(&w, f->offset, ns);
}

bool
lam_time_parse(const char *p, size_t n, int64_t *ns, struct lam_timeform *f)
{
	struct lam_timeform scratch;
	bool zoned;

	if (f == NULL)
		f = &scratch;
	if (parse_exact(p, n, ns, f))
		return true;
	f->form = LAM_TIME_FORMS;
	if (!lam_time_parse_form(p, n, ns, &zoned))
		return false;
	f->zone = zoned ? LAM_ZONE_Z : LAM_ZONE_NONE;
	return true;
}

/* --------------------------------------------------------------- printing */

static inline char *
put_two(char *p, uint32_t v)
{
	memcpy(p, pair + v * 2, 2);
	return p + 2;
}

static inline char *
put_date(char *p, int32_t days)
{
	uint32_t y, m, d;

	lam_civil_from_days(days, &y, &m, &d);
	p = put_two(p, y / 100);
	p = put_two(p, y % 100);
	*p++ = '-';
	p = put_two(p, m);
	*p++ = '-';
	return put_two(p, d);
}

static inline char *
put_clock(char *p, uint32_t second)
{
	p = put_two(p, second / 3600);
	*p++ = ':';
	p = put_two(p, second / 60 % 60);
	*p++ = ':';
	return put_two(p, second % 60);
}

/* Nine digits of V. */
static inline void
put_nine(char *p, uint32_t v)
{
	p[0] = (char)('0' + v / 100000000);
	v %= 100000000;
	put_two(p + 1, v / 1000000);
	put_two(p + 3, v / 10000 % 100);
	put_two(p + 5, v / 100 % 100);
	put_two(p + 7, v % 100);
}

static char *
put_clf_date(char *p, int32_t days)
{
	uint32_t y, m, d;

	lam_civil_from_days(days, &y, &m, &d);
	p = put_two(p, d);
	*p++ = '/';
	memcpy(p, month_name[m - 1], 3);
	p[3] = '/';
	p = put_two(p + 4, y / 100);
	p = put_two(p, y % 100);
	*p++ = ':';
	return p;
}

static char *
put_zone(char *p, const struct lam_timeform *f)
{
	uint32_t offset = (uint32_t)(f->offset < 0 ? -f->offset : f->offset);

	if (f->zone == LAM_ZONE_Z)
		*p++ = 'Z';
	if (f->zone == LAM_ZONE_NONE || f->zone == LAM_ZONE_Z)
		return p;
	*p++ = f->offset < 0 ? '-' : '+';
	p = put_two(p, offset / 60 % 100);
	if (f->zone == LAM_ZONE_HOUR)
		return p;
	if (f->zone == LAM_ZONE_COLON)
		*p++ = ':';
	return put_two(p, offset % 60);
}

/* Split NS, shifted by OFFSET minutes; floor, so that the parts are >= 0. */
static inline void
split(int64_t ns, int offset, int32_t *days, uint32_t *second, uint32_t *rest)
{
	int64_t sec = ns / LAM_NS, part = ns % LAM_NS;

	if (part < 0) {
		part += LAM_NS;
		sec--;
	}
	/* 0000-03-01 is some 719468 days before 1970: all is positive. */
	sec += offset * 60 + INT64_C(86400) * LAM_CIVIL_EPOCH;
	*days = (int32_t)((uint64_t)sec / 86400) - LAM_CIVIL_EPOCH;
	*second = (uint32_t)((uint64_t)sec % 86400);
	*rest = (uint32_t)part;
}

size_t
lam_time_print_form(int64_t ns, const struct lam_timeform *f, char *out)
{
	int32_t days;
	uint32_t second, rest;
	char *p = out;

	split(ns, f->offset, &days, &second, &rest);
	if (f->form == LAM_TIME_DATE)
		return (size_t)(put_date(p, days) - out);
	if (f->form == LAM_TIME_CLF) {
		p = put_clock(put_clf_date(p, days), second);
		*p++ = ' ';
		return (size_t)(put_zone(p, f) - out);
	}
	p = put_date(p, days);
	*p++ = f->form == LAM_TIME_BLANK ? ' ' : 'T';
	p = put_clock(p, second);
	if (f->digits > 0 && f->digits <= 9) {
		*p = '.';
		put_nine(p + 1, rest);
		p += 1 + f->digits;
	}
	return (size_t)(put_zone(p, f) - out);
}

size_t
lam_time_print(int64_t ns, char *out)
{
	int32_t days;
	uint32_t second, rest;
	char *p = out;

	split(ns, 0, &days, &second, &rest);
	p = put_date(p, days);
	*p++ = 'T';
	p = put_clock(p, second);
	if (rest != 0) {
		*p = '.';
		put_nine(p + 1, rest);
		for (p += 10; p[-1] == '0'; p--)
			;
	}
	*p++ = 'Z';
	return (size_t)(p - out);
}
