/*
 * time.h - instants and calendar
 *
 * An instant is int64 nanoseconds since 1970-01-01T00:00:00Z, without leap
 * seconds: 1677-09-21 to 2262-04-11.  Calendar: proleptic Gregorian, UTC
 * (days-from-civil arithmetic: Hinnant, "chrono-compatible low-level date
 * algorithms").  No locale, no clock; zones are in zone.h.
 */
#ifndef LAM_TIME_TIME_H
#define LAM_TIME_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LAM_NS INT64_C(1000000000) /* ns in a second */
#define LAM_DAY_NS (86400 * LAM_NS)
#define LAM_TIME_TEXT 48 /* bytes that hold any printed instant */

/* How an instant was written: enough to write it again byte for byte. */
struct lam_timeform {
	uint8_t form;	/* enum lam_time_form */
	uint8_t zone;	/* enum lam_time_zone */
	uint8_t digits; /* of the fraction, 0..9; 0: none */
	int16_t offset; /* minutes east of UTC, when zone is an offset */
};

enum lam_time_form {
	LAM_TIME_T,	/* 2026-01-31T23:59:59 */
	LAM_TIME_BLANK, /* 2026-01-31 23:59:59 */
	LAM_TIME_DATE,	/* 2026-01-31 */
	LAM_TIME_CLF,	/* 31/Jan/2026:23:59:59 +0000 */
	LAM_TIME_FORMS
};

enum lam_time_zone {
	LAM_ZONE_NONE,	/* nothing written: UTC */
	LAM_ZONE_Z,	/* Z */
	LAM_ZONE_COLON, /* +hh:mm */
	LAM_ZONE_PLAIN, /* +hhmm */
	LAM_ZONE_HOUR,	/* +hh */
	LAM_ZONES
};

/*
 * Parse all N bytes strictly: RFC 3339 / ISO 8601 with any fraction (cut to
 * nanoseconds) and any offset, "T" or one blank between date and time, a date
 * alone, seconds optional, the common log format, and the forms in time_forms.c.  A
 * text that would not print as the same bytes ("2026-01-31 23:59", ten digits of
 * fraction, -00:00) has no exact form: returns true with f->form = LAM_TIME_FORMS;
 * f->zone is LAM_ZONE_NONE then, too, if no zone is written.  F may be NULL.
 */
bool lam_time_parse(const char *p, size_t n, int64_t *ns,
	struct lam_timeform *f);

/* The forms that are only read, for lam_time_parse. */
bool lam_time_parse_form(const char *p, size_t n, int64_t *ns, bool *zoned);

/* Write NS in form F to OUT[LAM_TIME_TEXT]; the length, no NUL. */
size_t lam_time_print_form(int64_t ns, const struct lam_timeform *f, char *out);

/* The canonical form: 2026-01-01T00:00:00[.fraction]Z. */
size_t lam_time_print(int64_t ns, char *out);

/* An integer count of UNIT ns since 1970; false when it does not fit. */
bool lam_time_from_epoch(int64_t count, int64_t unit, int64_t *ns);

struct lam_civil {
	int year, month, day;	   /* month 1..12, day 1..31 */
	int hour, minute, second;  /* 0.. */
	int64_t nanosecond;	   /* 0..999999999 */
	int weekday;		   /* 0 Sunday .. 6 Saturday */
	int yearday;		   /* 1..366 */
};

void lam_civil_from_ns(int64_t ns, struct lam_civil *c);
bool lam_civil_to_ns(const struct lam_civil *c, int64_t *ns);

enum lam_unit {
	LAM_NANOSECOND, LAM_MICROSECOND, LAM_MILLISECOND, LAM_SECOND,
	LAM_MINUTE, LAM_HOUR, LAM_DAY, LAM_WEEK, LAM_MONTH, LAM_QUARTER,
	LAM_YEAR, LAM_DECADE, LAM_CENTURY, LAM_UNITS
};

/*
 * The start of the unit that holds NS (weeks start on Monday, as ISO 8601).
 * False when that is before the first representable instant.
 */
bool lam_time_trunc(int64_t ns, enum lam_unit u, int64_t *out);

/* floor(ns / width) * width, counted from ORIGIN; false when out of range. */
bool lam_time_bucket(int64_t ns, int64_t width, int64_t origin, int64_t *out);

/* Add calendar months, the day clipped to the month's end. */
bool lam_time_add_months(int64_t ns, int64_t months, int64_t *out);

#endif
