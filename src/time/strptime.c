/*
 * strptime.c - instants read by a format of the user's
 *
 * Each letter is read where it stands, as many digits as it may have, without looking
 * back: so a text takes as long as it is, whatever the format.
 */
#include "time/strptime.h"

#include <string.h>

#include "time/civil.h"

__extension__ typedef __int128 wide;

struct strptime {
	const char *p, *end;
	uint32_t year, month, day, yearday; /* yearday 0: none */
	uint32_t hour, minute, second, ns, digits;
	bool half, pm; /* hours are of 12 */
	bool epoch, minus;
	uint64_t count; /* of seconds, when epoch */
	struct lam_timeform form;
};

static const char *const months[] = { "january", "february", "march", "april",
	"may", "june", "july", "august", "september", "october", "november",
	"december", NULL };
static const char *const days[] = { "monday", "tuesday", "wednesday", "thursday",
	"friday", "saturday", "sunday", NULL };

static bool
digits(struct strptime *r, int least, int most, uint32_t *out)
{
	int n = 0;

	for (*out = 0; n < most && r->p < r->end && *r->p >= '0' &&
		*r->p <= '9'; n++)
		*out = *out * 10 + (uint32_t)(*r->p++ - '0');
	return n >= least;
}

/* How many letters of WORD, which is in small ones, stand at r->p. */
static size_t
letters(const struct strptime *r, const char *word)
{
	size_t n = 0;

	while (word[n] && r->p + n < r->end && (r->p[n] | 32) == word[n])
		n++;
	return n;
}

/* A name of the list, its first three letters or all. */
static bool
name(struct strptime *r, const char *const *list, uint32_t *out)
{
	for (uint32_t i = 0; list[i]; i++) {
		size_t n = letters(r, list[i]);

		if (n < 3)
			continue;
		r->p += n == strlen(list[i]) ? n : 3;
		*out = i + 1;
		return true;
	}
	return false;
}

static bool
fraction(struct strptime *r, int least, int most)
{
	const char *from = r->p;

	if (!digits(r, least, most, &r->ns))
		return false;
	r->digits = (uint32_t)(r->p - from);
	for (uint32_t i = r->digits; i < 9; i++)
		r->ns *= 10;
	return true;
}

static bool
zone(struct strptime *r)
{
	uint32_t hour, minute = 0;
	bool minus;

	r->form.zone = LAM_ZONE_COLON;
	r->form.offset = 0;
	for (int i = 0; i < 2; i++)
		if (letters(r, i ? "gmt" : "utc") == 3) {
			r->p += 3;
			return true;
		}
	if (r->p == r->end)
		return false;
	minus = *r->p == '-';
	if ((*r->p | 32) == 'z') {
		r->p++;
		return true;
	}
	if (!minus && *r->p != '+')
		return false;
	r->p++;
	if (!digits(r, 2, 2, &hour) || hour > 23)
		return false;
	if (r->p < r->end && (*r->p == ':' || (*r->p >= '0' && *r->p <= '9'))) {
		r->p += *r->p == ':';
		if (!digits(r, 2, 2, &minute) || minute > 59)
			return false;
	}
	r->form.offset = (int16_t)(hour * 60 + minute);
	r->form.offset = minus ? (int16_t)-r->form.offset : r->form.offset;
	return true;
}

static bool
epoch(struct strptime *r)
{
	int n = 0;

	r->epoch = true;
	r->minus = r->p < r->end && *r->p == '-';
	r->p += r->minus;
	for (; r->p < r->end && *r->p >= '0' && *r->p <= '9' && n < 11; n++)
		r->count = r->count * 10 + (uint32_t)(*r->p++ - '0');
	return n > 0;
}

static bool
half_of_day(struct strptime *r)
{
	if (r->end - r->p < 2 || (r->p[1] | 32) != 'm' ||
		((r->p[0] | 32) != 'a' && (r->p[0] | 32) != 'p'))
		return false;
	r->pm = (r->p[0] | 32) == 'p';
	r->p += 2;
	return true;
}

/* What a letter stands for, NULL: it is no such letter. */
static const char *
longer(char c)
{
	switch (c) {
	case 'F': return "%Y-%m-%d";
	case 'T': return "%H:%M:%S";
	case 'R': return "%H:%M";
	case 'D': return "%m/%d/%y";
	default: return NULL;
	}
}

static bool
two_digit_year(struct strptime *r)
{
	if (!digits(r, 2, 2, &r->year))
		return false;
	r->year += r->year < 69 ? 2000 : 1900;
	return true;
}

static bool
read_letter(struct strptime *r, char c)
{
	uint32_t weekday;

	switch (c) {
	case 'Y': return digits(r, 4, 4, &r->year);
	case 'y': return two_digit_year(r);
	case 'm': return digits(r, 1, 2, &r->month);
	case 'e':
		r->p += r->p < r->end && *r->p == ' ';
		return digits(r, 1, 2, &r->day);
	case 'd': return digits(r, 1, 2, &r->day);
	case 'j': return digits(r, 1, 3, &r->yearday) && r->yearday;
	case 'b': case 'B': case 'h': return name(r, months, &r->month);
	case 'a': case 'A': return name(r, days, &weekday);
	case 'I': r->half = true;
		return digits(r, 1, 2, &r->hour) && r->hour && r->hour <= 12;
	case 'p': return half_of_day(r);
	case 'H': return digits(r, 1, 2, &r->hour);
	case 'M': return digits(r, 1, 2, &r->minute);
	case 'S': return digits(r, 1, 2, &r->second);
	case 'f': return fraction(r, 1, 9);
	case 'g': return fraction(r, 3, 3);
	case 'n': return fraction(r, 9, 9);
	case 'z': return zone(r);
	case 's': return epoch(r);
	default: break;
	}
	if (r->p == r->end || *r->p != '%')
		return false;
	r->p++;
	return true;
}

static bool
read_all(struct strptime *r, const char *f)
{
	for (; *f; f++) {
		if (*f == ' ') {
			while (r->p < r->end && *r->p == ' ')
				r->p++;
		} else if (*f != '%') {
			if (r->p == r->end || *r->p++ != *f)
				return false;
		} else if (longer(*++f)) {
			if (!read_all(r, longer(*f)))
				return false;
		} else if (!read_letter(r, *f)) {
			return false;
		}
	}
	return true;
}

/* The local time of R; false: there is none. */
static bool
assemble(struct strptime *r, int64_t *ns)
{
	int64_t day, second;
	wide all;

	if (r->half)
		r->hour = r->hour % 12 + (r->pm ? 12 : 0);
	if (r->yearday) {
		if (r->yearday > 365u + lam_year_is_leap(r->year))
			return false;
		day = lam_days_from_civil(r->year, 1, 1) + (int64_t)r->yearday - 1;
	} else {
		if (r->month - 1 > 11 || r->day - 1 >= lam_month_days(r->year,
			r->month))
			return false;
		day = lam_days_from_civil(r->year, r->month, r->day);
	}
	if (r->hour > 23 || r->minute > 59 || r->second > 59)
		return false;
	second = day * 86400 + r->hour * 3600 + r->minute * 60 + r->second;
	if (r->epoch) {
		second = r->minus ? -(int64_t)r->count : (int64_t)r->count;
		r->form.zone = LAM_ZONE_COLON;
		r->form.offset = 0;
	}
	all = (wide)(second - r->form.offset * 60) * LAM_NS + r->ns;
	*ns = (int64_t)all;
	return *ns == all;
}

size_t
lam_strptime(const char *format, const char *p, size_t n, char *out)
{
	struct strptime r = { .p = p, .end = p + n, .year = 1970, .month = 1,
		.day = 1 };
	int64_t ns;

	if (!read_all(&r, format) || r.p != r.end || !assemble(&r, &ns))
		return 0;
	r.form.digits = (uint8_t)r.digits;
	return lam_time_print_form(ns, &r.form, out);
}

int
lam_strptime_check(const char *format, const char *what, struct lam_error *e)
{
	bool year = false;

	for (const char *f = format; *f; f++) {
		if (*f != '%')
			continue;
		f++;
		if (!*f || !strchr("YymdejbBhaAHIpMSfgnzsFTRD%", *f))
			return lam_fail(e, LAM_USAGE, "%s: \"%%%c\" in \"%.80s\": "
				"there are %%Y %%y %%m %%d %%e %%j %%b %%B %%a %%A %%H "
				"%%I %%p %%M %%S %%f %%g %%n %%z %%s %%F %%T %%R %%D "
				"%%%%", what, *f > 32 && *f < 127 ? *f : '?', format);
		year |= strchr("YyFDs", *f) != NULL;
	}
	return year ? LAM_OK : lam_fail(e, LAM_USAGE, "%s: \"%.80s\" says no year "
		"(%%Y, %%y, %%F, %%D or %%s)", what, format);
}
