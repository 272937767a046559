/*
 * test_time.c - instants: text, calendar, truncation, units
 *
 * The C library's timegm and gmtime_r are the oracle for the calendar.
 */
#include "time/time.h"

#include <time.h>

#include "time/unit.h"

#include "test.h"

static uint64_t state = 20260131;

static uint64_t
draw(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* Any instant; every other one near 2026. */
static int64_t
draw_time(void)
{
	int64_t near = 1770000000 * LAM_NS;

	return draw() & 1 ? (int64_t)draw() :
		near + (int64_t)draw() / 16;
}

static int64_t
at(const char *s)
{
	int64_t ns = INT64_MIN + 1;

	return lam_time_parse(s, strlen(s), &ns, NULL) ? ns : INT64_MIN + 1;
}

static const char *
text(int64_t ns)
{
	static char place[4][LAM_TIME_TEXT + 1];
	static int next;
	char *p = place[next++ % 4];

	p[lam_time_print(ns, p)] = '\0';
	return p;
}

static void
test_parse(void)
{
	static const struct { const char *in, *out; int form, zone, digits; }
	good[] = {
		{ "2026-01-31T23:59:59Z", "2026-01-31T23:59:59Z",
		  LAM_TIME_T, LAM_ZONE_Z, 0 },
		{ "2026-01-31T23:59:59", "2026-01-31T23:59:59Z",
		  LAM_TIME_T, LAM_ZONE_NONE, 0 },
		{ "2026-01-31 23:59:59.5", "2026-01-31T23:59:59.5Z",
		  LAM_TIME_BLANK, LAM_ZONE_NONE, 1 },
		{ "2026-01-31 23:59:59.500", "2026-01-31T23:59:59.5Z",
		  LAM_TIME_BLANK, LAM_ZONE_NONE, 3 },
		{ "2026-01-31T23:59:59.123456789+05:30",
		  "2026-01-31T18:29:59.123456789Z", LAM_TIME_T, LAM_ZONE_COLON,
		  9 },
		{ "2026-01-31T23:59:59-0800", "2026-02-01T07:59:59Z",
		  LAM_TIME_T, LAM_ZONE_PLAIN, 0 },
		{ "2026-01-31 23:59:59+00", "2026-01-31T23:59:59Z",
		  LAM_TIME_BLANK, LAM_ZONE_HOUR, 0 },
		{ "2024-02-29", "2024-02-29T00:00:00Z", LAM_TIME_DATE,
		  LAM_ZONE_NONE, 0 },
		{ "31/Jan/2026:23:59:59 +0100", "2026-01-31T22:59:59Z",
		  LAM_TIME_CLF, LAM_ZONE_PLAIN, 0 },
		{ "31/Dec/1999:23:59:59 -0030", "2000-01-01T00:29:59Z",
		  LAM_TIME_CLF, LAM_ZONE_PLAIN, 0 },
		{ "2026-01-31 23:59", "2026-01-31T23:59:00Z", LAM_TIME_FORMS,
		  LAM_ZONE_NONE, 0 },
		{ "2026-01-31T23:59+01:00", "2026-01-31T22:59:00Z",
		  LAM_TIME_FORMS, LAM_ZONE_COLON, 0 },
		{ "2026-01-31 23:59:59,250", "2026-01-31T23:59:59.25Z",
		  LAM_TIME_FORMS, LAM_ZONE_NONE, 3 },
		{ "2026-01-31T23:59:59.9999999999Z",
		  "2026-01-31T23:59:59.999999999Z", LAM_TIME_FORMS,
		  LAM_ZONE_Z, 9 },
		{ "1969-12-31T23:59:59.000000000999+01:00",
		  "1969-12-31T22:59:59Z", LAM_TIME_FORMS, LAM_ZONE_COLON, 9 },
		{ "2026-01-31T23:59:59-00:00", "2026-01-31T23:59:59Z",
		  LAM_TIME_FORMS, LAM_ZONE_COLON, 0 },
		{ "2026-01-31 23:59:59.5-00", "2026-01-31T23:59:59.5Z",
		  LAM_TIME_FORMS, LAM_ZONE_HOUR, 1 },
		{ "31/Dec/1999:23:59:59 -0000", "1999-12-31T23:59:59Z",
		  LAM_TIME_FORMS, LAM_ZONE_PLAIN, 0 },
		{ "1677-09-21T00:12:43.145224192Z",
		  "1677-09-21T00:12:43.145224192Z", LAM_TIME_T, LAM_ZONE_Z, 9 },
		{ "2262-04-11T23:47:16.854775807Z",
		  "2262-04-11T23:47:16.854775807Z", LAM_TIME_T, LAM_ZONE_Z, 9 },
		{ "1900-02-28", "1900-02-28T00:00:00Z", LAM_TIME_DATE,
		  LAM_ZONE_NONE, 0 },
	};
	static const char *const bad[] = { "", "2026", "2026-01", "2026-1-31",
		"2026-01-3", "2026-02-29", "1900-02-29", "2026-13-01",
		"2026-00-01", "2026-01-00", "2026-04-31", "2026/01/31",
		"2026-01-31T", "2026-01-31T24:00:00", "2026-01-31T23:60:00",
		"2026-01-31T23:58:60", "2026-01-31T23:59:5",
		"2026-01-31T23:59:", "2026-01-31T23:59:59.",
		"2026-01-31T23:59:59.123456789x", "2026-01-31T23:59:59y",
		"2026-01-31x23:59:59", "2026-01-31  23:59:59",
		"2026-01-31T23:59:59  Z", "2026-01-31T23:59:61Z",
		"2026-01-31T23:59:60+01:00", "2026-01-31T00:59:60Z",
		"2026-01-31 23:59:59 CET", "2026-01-31 23:59:59 +",
		"2026-01-31 23:59:59 +1", "2026-01-31T23:59:59 UTCx",
		"20260131", "20260131235959", "20260131T2359590",
		"20260131T23595", "20261331T235959", "2026/01/31 23:59:5",
		"2026/02/30 23:59:59", "Xyz, 31 Jan 2026 23:59:59 GMT",
		"Sat, 31 Jan 26 23:59:59 GMT", "Sat 31 Jan 2026 23:59:59",
		"Sat Jan 31 23:59:59", "Jan 31 23:59:59 2026",
		"31 Jan 2026", "2026-01-31T23:59:59-0",
		"2026-01-31T23:59:59+24:00", "2026-01-31T23:59:59+01:60",
		"2026-01-31T23:59:59+1:00", "2026-01-31T23:59:59+010",
		"2026-01-31T23:59:59ZZ", "2026-01-31T23:59:59Z ",
		" 2026-01-31T23:59:59", "2026-01-31T23:59:59.5.5",
		"1677-09-21T00:12:43.145224191Z", "0000-01-01", "9999-12-31",
		"2262-04-11T23:47:16.854775808Z", "2262-04-12",
		"31/Jan/2026:23:59:59.", "31/Jan/2026:23:59:59.5 ",
		"31/Jan/2026 23:59:59 +0000", "31/Foo/2026:23:59:59 +0000",
		"31/Jan/2026:23:59:59 +00:0", "1/Jan/2026:23:59:59 +0000 ",
		"32/Jan/2026:23:59:59 +0000",
		"2026-01-31T23:59:59+", "1770000000", "2026-01-31T23:59:59,",
		"2026-01-31Z", "-026-01-31" };

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct lam_timeform f;
		int64_t ns = 0;
		bool ok = lam_time_parse(good[i].in, strlen(good[i].in), &ns,
			&f);

		FAIL_IF(!ok || strcmp(text(ns), good[i].out) ||
			f.form != good[i].form || f.zone != good[i].zone ||
			f.digits != good[i].digits, "%s: %d %s", good[i].in,
			ok, text(ns));
	}
	PASS("every form is read, and known");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		FAIL_IF(at(bad[i]) != INT64_MIN + 1, "\"%s\" parses as %s",
			bad[i], text(at(bad[i])));
	PASS("what is no instant is refused");
}

/* What is only read: the same instants as Python's datetime and email.utils. */
static void
test_loose(void)
{
	static const struct { const char *in, *out; } good[] = {
		{ "2016-01-01 00:10:00 +0000", "2016-01-01T00:10:00Z" },
		{ "2016-01-01 00:10:00 -0830", "2016-01-01T08:40:00Z" },
		{ "2016-01-01 00:10:00.25 +01:00", "2015-12-31T23:10:00.25Z" },
		{ "2016-01-01T00:10:00 +01", "2015-12-31T23:10:00Z" },
		{ "2016-01-01 00:10:00 UTC", "2016-01-01T00:10:00Z" },
		{ "2016-01-01 00:10:00 GMT", "2016-01-01T00:10:00Z" },
		{ "2016-01-01 00:10:00UTC", "2016-01-01T00:10:00Z" },
		{ "2016-01-01 00:10 +0100", "2015-12-31T23:10:00Z" },
		{ "2016-01-01 00:10:00 Z", "2016-01-01T00:10:00Z" },
		{ "2016-01-01t00:10:00z", "2016-01-01T00:10:00Z" },
		{ "2016-01-01T00:10:00z", "2016-01-01T00:10:00Z" },
		{ "2016-01-01t00:10:00.5", "2016-01-01T00:10:00.5Z" },
		{ "2016-01-01 00:10:00z", "2016-01-01T00:10:00Z" },
		{ "09/Dec/2025:10:11:12.345", "2025-12-09T10:11:12.345Z" },
		{ "09/Aug/2004:20:26:09", "2004-08-09T20:26:09Z" },
		{ "2016-01-01 00:10:00,123 +0000", "2016-01-01T00:10:00.123Z" },
		{ "20160101T001000Z", "2016-01-01T00:10:00Z" },
		{ "20160101T001000", "2016-01-01T00:10:00Z" },
		{ "20160101t001000.5+0100", "2015-12-31T23:10:00.5Z" },
		{ "20160101T0010Z", "2016-01-01T00:10:00Z" },
		{ "2016/01/01 00:10:00", "2016-01-01T00:10:00Z" },
		{ "2016/01/01 00:10:00.123456 +0100",
		  "2015-12-31T23:10:00.123456Z" },
		{ "Fri, 01 Jan 2016 00:10:00 GMT", "2016-01-01T00:10:00Z" },
		{ "Fri, 1 Jan 2016 00:10:00 +0100", "2015-12-31T23:10:00Z" },
		{ "01 Jan 2016 00:10:00 -0000", "2016-01-01T00:10:00Z" },
		{ "Fri Jan  1 00:10:00 2016", "2016-01-01T00:10:00Z" },
		{ "Fri Jan 01 00:10:00.123456 2016",
		  "2016-01-01T00:10:00.123456Z" },
		{ "Fri Jan  1 00:10:00 UTC 2016", "2016-01-01T00:10:00Z" },
		{ "01/jan/2016:00:10:00 +0100", "2015-12-31T23:10:00Z" },
		/* leap seconds: the second before; those of RFC 3339 first */
		{ "1990-12-31T23:59:60Z", "1990-12-31T23:59:59Z" },
		{ "1990-12-31T15:59:60-08:00", "1990-12-31T23:59:59Z" },
		{ "2016-12-31T23:59:60", "2016-12-31T23:59:59Z" },
		{ "2016-12-31 23:59:60.75 +0000", "2016-12-31T23:59:59.75Z" },
		{ "2017-01-01T08:59:60+09:00", "2016-12-31T23:59:59Z" },
		{ "31/Dec/2016:18:59:60 -0500", "2016-12-31T23:59:59Z" },
		{ "Sat, 31 Dec 2016 23:59:60 GMT", "2016-12-31T23:59:59Z" },
		{ "20161231T235960Z", "2016-12-31T23:59:59Z" },
		{ "1969-12-31T23:59:60.5Z", "1969-12-31T23:59:59.5Z" },
		{ "1677-09-21 00:12:43.145224192 +0000",
		  "1677-09-21T00:12:43.145224192Z" },
	};

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct lam_timeform f;
		int64_t ns = 0;
		bool ok = lam_time_parse(good[i].in, strlen(good[i].in), &ns,
			&f);

		FAIL_IF(!ok || strcmp(text(ns), good[i].out) ||
			f.form != LAM_TIME_FORMS, "%s: %d %s", good[i].in, ok,
			text(ns));
	}
	PASS("forms that are only read are read right");
}

/* Each byte of a good text replaced by each other byte: the parse that is
 * still accepted must print back as the damaged text. */
static void
test_strict(void)
{
	static const char *const base[] = { "2026-01-31T23:59:59.123+01:00",
		"2026-01-31 23:59:59", "2026-01-31",
		"31/Jan/2026:23:59:59 +0130" };

	for (size_t i = 0; i < sizeof base / sizeof *base; i++) {
		size_t n = strlen(base[i]);

		for (size_t k = 0; k < n * 256; k++) {
			struct lam_timeform f;
			char s[40], back[LAM_TIME_TEXT];
			int64_t ns;

			memcpy(s, base[i], n);
			s[k / 256] = (char)(k % 256);
			if (!lam_time_parse(s, n, &ns, &f) ||
				f.form == LAM_TIME_FORMS)
				continue;
			FAIL_IF(lam_time_print_form(ns, &f, back) != n ||
				memcmp(back, s, n), "%.*s", (int)n, s);
		}
	}
	PASS("any single byte changed: refused, or kept");
}

static void
test_forms(void)
{
	static const struct { int form, zone; } use[] = {
		{ LAM_TIME_T, LAM_ZONE_NONE }, { LAM_TIME_T, LAM_ZONE_Z },
		{ LAM_TIME_T, LAM_ZONE_COLON }, { LAM_TIME_T, LAM_ZONE_PLAIN },
		{ LAM_TIME_T, LAM_ZONE_HOUR },
		{ LAM_TIME_BLANK, LAM_ZONE_NONE },
		{ LAM_TIME_BLANK, LAM_ZONE_Z },
		{ LAM_TIME_BLANK, LAM_ZONE_COLON },
		{ LAM_TIME_BLANK, LAM_ZONE_PLAIN },
		{ LAM_TIME_BLANK, LAM_ZONE_HOUR },
		{ LAM_TIME_DATE, LAM_ZONE_NONE },
		{ LAM_TIME_CLF, LAM_ZONE_PLAIN } };
	static const int64_t pow10[10] = { 1000000000, 100000000, 10000000,
		1000000, 100000, 10000, 1000, 100, 10, 1 };

	for (int i = 0; i < 300000; i++) {
		size_t k = draw() % (sizeof use / sizeof *use);
		struct lam_timeform f = { .form = (uint8_t)use[k].form,
			.zone = (uint8_t)use[k].zone }, g;
		int64_t ns = draw_time(), back, unit;
		char s[LAM_TIME_TEXT];
		size_t n;

		if (f.form <= LAM_TIME_BLANK)
			f.digits = (uint8_t)(draw() % 10);
		if (f.zone >= LAM_ZONE_COLON)
			f.offset = (int16_t)((int)(draw() % 2879) - 1439);
		if (f.zone == LAM_ZONE_HOUR)
			f.offset = (int16_t)(f.offset / 60 * 60);
		unit = f.form == LAM_TIME_DATE ? LAM_DAY_NS : pow10[f.digits];
		ns -= ns % unit;
		n = lam_time_print_form(ns, &f, s);
		FAIL_IF(n > LAM_TIME_TEXT ||
			!lam_time_parse(s, n, &back, &g) || back != ns ||
			g.form != f.form || g.zone != f.zone ||
			g.digits != f.digits || g.offset != f.offset,
			"%.*s", (int)n, s);
	}
	PASS("parse(print_form(t, f)) = t, f for every form, zone and digits");
	for (int i = 0; i < 300000; i++) {
		int64_t ns = draw_time(), back = ~ns;
		char s[LAM_TIME_TEXT];
		size_t n = lam_time_print(ns, s);

		FAIL_IF(!lam_time_parse(s, n, &back, NULL) || back != ns,
			"%.*s", (int)n, s);
	}
	PASS("parse(print(t)) = t");
}

static void
check_civil(int64_t ns)
{
	time_t sec = (time_t)(ns / LAM_NS - (ns % LAM_NS < 0));
	struct lam_civil c;
	struct tm tm;
	int64_t back = 0;

	gmtime_r(&sec, &tm);
	lam_civil_from_ns(ns, &c);
	FAIL_IF(c.year != tm.tm_year + 1900 || c.month != tm.tm_mon + 1 ||
		c.day != tm.tm_mday || c.hour != tm.tm_hour ||
		c.minute != tm.tm_min || c.second != tm.tm_sec ||
		c.weekday != tm.tm_wday || c.yearday != tm.tm_yday + 1 ||
		c.nanosecond != ns - (__extension__ (__int128)sec) * LAM_NS,
		"%s", text(ns));
	FAIL_IF(!lam_civil_to_ns(&c, &back) || back != ns, "back %s", text(ns));
}

static void
test_civil(void)
{
	for (int64_t day = -106751; day <= 106750; day++) {
		struct tm tm = { 0 };
		time_t t = day * 86400;
		char s[LAM_TIME_TEXT + 1], want[64];

		check_civil(day * LAM_DAY_NS);
		check_civil(day * LAM_DAY_NS + 86399 * LAM_NS + 999999999);
		gmtime_r(&t, &tm);
		strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%SZ", &tm);
		s[lam_time_print(day * LAM_DAY_NS, s)] = '\0';
		FAIL_IF(strcmp(s, want) || at(want) != timegm(&tm) * LAM_NS,
			"%s, not %s", s, want);
	}
	check_civil(INT64_MIN);
	check_civil(INT64_MAX);
	for (int i = 0; i < 100000; i++)
		check_civil(draw_time());
	PASS("the calendar is the C library's, for every day and instant");
}

static void
test_civil_limits(void)
{
	struct lam_civil c = { .year = 2026, .month = 2, .day = 28 };
	int64_t ns;

	CHECK(lam_civil_to_ns(&c, &ns));
	c.day = 29;
	CHECK(!lam_civil_to_ns(&c, &ns));
	c.day = 0;
	CHECK(!lam_civil_to_ns(&c, &ns));
	c.day = 1, c.hour = 24;
	CHECK(!lam_civil_to_ns(&c, &ns));
	c.hour = 0, c.nanosecond = LAM_NS;
	CHECK(!lam_civil_to_ns(&c, &ns));
	c.nanosecond = 0, c.year = 2263;
	CHECK(!lam_civil_to_ns(&c, &ns));
	c.year = -5;
	CHECK(!lam_civil_to_ns(&c, &ns));
	c.year = 1677, c.month = 9, c.day = 21;
	CHECK(!lam_civil_to_ns(&c, &ns));
	c.day = 22;
	CHECK(lam_civil_to_ns(&c, &ns));
}

static void
test_trunc(void)
{
	static const char *const want[LAM_UNITS] = {
		"2026-08-19T13:47:21.987654321Z", "2026-08-19T13:47:21.987654Z",
		"2026-08-19T13:47:21.987Z", "2026-08-19T13:47:21Z",
		"2026-08-19T13:47:00Z", "2026-08-19T13:00:00Z",
		"2026-08-19T00:00:00Z", "2026-08-17T00:00:00Z",
		"2026-08-01T00:00:00Z", "2026-07-01T00:00:00Z",
		"2026-01-01T00:00:00Z", "2020-01-01T00:00:00Z",
		"2000-01-01T00:00:00Z" };
	int64_t ns = at("2026-08-19T13:47:21.987654321Z"), out;

	for (int u = 0; u < LAM_UNITS; u++) {
		bool ok = lam_time_trunc(ns, (enum lam_unit)u, &out);

		FAIL_IF(!ok || strcmp(text(out), want[u]), "unit %d: %s", u,
			text(out));
	}
	PASS("every unit");
	for (int i = 0; i < 200000; i++) {
		enum lam_unit u = (enum lam_unit)(draw() % LAM_UNITS);
		int64_t t = draw_time(), again;
		struct lam_civil c;

		if (!lam_time_trunc(t, u, &out)) {
			FAIL_IF(t > INT64_MIN + 100 * 366 * LAM_DAY_NS,
				"trunc %s", text(t));
			continue;
		}
		FAIL_IF(out > t || !lam_time_trunc(out, u, &again) ||
			again != out, "trunc %s = %s", text(t), text(out));
		lam_civil_from_ns(out, &c);
		FAIL_IF(u == LAM_WEEK && (c.weekday != 1 ||
			t - out >= 7 * LAM_DAY_NS), "week of %s", text(t));
		FAIL_IF(u >= LAM_MONTH && c.day != 1, "month of %s", text(t));
	}
	PASS("truncation goes back, is idempotent, and weeks start on Monday");
	CHECK(!lam_time_trunc(INT64_MIN, LAM_YEAR, &out));
	CHECK(!lam_time_trunc(INT64_MIN, LAM_DAY, &out));
	CHECK(!lam_time_trunc(INT64_MIN, LAM_WEEK, &out));
	CHECK(lam_time_trunc(INT64_MIN, LAM_NANOSECOND, &out) &&
		out == INT64_MIN);
}

static void
test_bucket(void)
{
	int64_t out;

	CHECK(lam_time_bucket(-1, 10, 0, &out) && out == -10);
	CHECK(lam_time_bucket(19, 10, 0, &out) && out == 10);
	CHECK(lam_time_bucket(19, 10, 3, &out) && out == 13);
	CHECK(lam_time_bucket(2, 10, 3, &out) && out == -7);
	CHECK(!lam_time_bucket(5, 0, 0, &out) && !lam_time_bucket(5, -1, 0,
		&out));
	CHECK(!lam_time_bucket(INT64_MIN, 10, 0, &out));
	CHECK(lam_time_bucket(INT64_MAX, INT64_MAX, INT64_MIN, &out) &&
		out == INT64_MAX - 1);
	CHECK(lam_time_bucket(INT64_MIN, LAM_NS, INT64_MIN, &out) &&
		out == INT64_MIN);
	for (int i = 0; i < 200000; i++) {
		int64_t t = (int64_t)draw(), o = (int64_t)draw();
		int64_t w = (int64_t)(draw() >> 1 >> draw() % 62) + 1;
		__extension__ __int128 d = (__extension__ (__int128)t) - o;

		d = d % w < 0 ? d % w + w : d % w;
		if (lam_time_bucket(t, w, o, &out))
			FAIL_IF((__extension__ (__int128)t) - d != out, "value");
		else
			FAIL_IF((__extension__ (__int128)t) - d >= INT64_MIN,
				"refused");
	}
	PASS("buckets against 128-bit arithmetic");
}

static void
test_months(void)
{
	static const struct { const char *from; int months; const char *to; }
	t[] = { { "2026-01-31", 1, "2026-02-28T00:00:00Z" },
		{ "2024-01-31", 1, "2024-02-29T00:00:00Z" },
		{ "2024-02-29", 12, "2025-02-28T00:00:00Z" },
		{ "2024-02-29", -12, "2023-02-28T00:00:00Z" },
		{ "2026-01-15T01:02:03.4Z", -1, "2025-12-15T01:02:03.4Z" },
		{ "2026-12-31", 2, "2027-02-28T00:00:00Z" },
		{ "1970-03-31", -1201, "1870-02-28T00:00:00Z" } };
	int64_t out;

	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		FAIL_IF(!lam_time_add_months(at(t[i].from), t[i].months, &out)
			|| strcmp(text(out), t[i].to), "%s %+d: %s", t[i].from,
			t[i].months, text(out));
	PASS("months, the day clipped");
	CHECK(!lam_time_add_months(at("2026-01-01"), 12 * 250, &out));
	CHECK(!lam_time_add_months(0, INT64_MAX, &out));
	CHECK(!lam_time_add_months(0, INT64_MIN, &out));
}

static void
test_units(void)
{
	int64_t ns;
	uint64_t size;

	CHECK_INT(lam_unit_parse("Minute", 6), LAM_MINUTE);
	CHECK_INT(lam_unit_parse("centuries", 9), LAM_CENTURY);
	CHECK_INT(lam_unit_parse("minut", 5), LAM_UNITS);
	CHECK_INT(lam_unit_ns(LAM_WEEK), 604800 * LAM_NS);
	CHECK_INT(lam_unit_ns(LAM_MONTH), 0);
	CHECK(lam_duration_parse("10s", &ns) && ns == 10 * LAM_NS);
	CHECK(lam_duration_parse("100ms", &ns) && ns == 100000000);
	CHECK(lam_duration_parse("5m", &ns) && ns == 300 * LAM_NS);
	CHECK(lam_duration_parse("1d", &ns) && ns == LAM_DAY_NS);
	CHECK(lam_duration_parse("0", &ns) && ns == 0);
	CHECK(!lam_duration_parse("10", &ns) && !lam_duration_parse("s", &ns));
	CHECK(!lam_duration_parse("-1s", &ns) && !lam_duration_parse("", &ns));
	CHECK(!lam_duration_parse("1 s", &ns) && !lam_duration_parse("1S", &ns));
	CHECK(!lam_duration_parse("106752d", &ns));
	CHECK(lam_size_parse("4096", &size) && size == 4096);
	CHECK(lam_size_parse("64K", &size) && size == 65536);
	CHECK(lam_size_parse("2g", &size) && size == 1ull << 31);
	CHECK(!lam_size_parse("", &size) && !lam_size_parse("K", &size));
	CHECK(!lam_size_parse("1X", &size) && !lam_size_parse("1KB", &size));
	CHECK(!lam_size_parse("16777216T", &size));
	CHECK(!lam_size_parse("99999999999999999999", &size));
	CHECK(lam_time_from_epoch(1770000000, LAM_NS, &ns) &&
		!strcmp(text(ns), "2026-02-02T02:40:00Z"));
	CHECK(!lam_time_from_epoch(INT64_MAX / 2, LAM_NS, &ns));
}

int
main(void)
{
	printf("# seed %llu\n", (unsigned long long)state);
	test_parse();
	test_loose();
	test_strict();
	test_forms();
	test_civil();
	test_civil_limits();
	test_trunc();
	test_bucket();
	test_months();
	test_units();
	return DONE();
}
