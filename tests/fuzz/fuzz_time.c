/*
 * fuzz_time.c - any bytes as times, one a line
 *
 * What parses prints back, in its own form byte for byte; what is parsed with
 * the help of the line before is what is parsed alone; the calendar is libc's;
 * truncation and buckets are idempotent and not later.
 */
#include <time.h>

#include "time/time.h"
#include "fuzz.h"
#include "store/value.h"

static void
check_parse(const char *p, size_t n, struct lam_timecache *cache)
{
	struct lam_timeform form = { 0 };
	char text[LAM_TIME_TEXT];
	int64_t ns, again;
	bool is = lam_time_parse(p, n, &ns, &form);
	size_t len;

	MUST(lam_timecache_parse(cache, p, n, &again) == is);
	if (!is)
		return;
	MUST(again == ns && cache->form.form == form.form);
	len = lam_time_print(ns, text);
	MUST(len <= sizeof text);
	MUST(lam_time_parse(text, len, &again, NULL) && again == ns);
	if (form.form == LAM_TIME_FORMS)
		return;
	MUST(lam_timeform_same(&form, &cache->form));
	len = lam_time_print_form(ns, &form, text);
	MUST(len == n && !memcmp(text, p, n));
}

/* A count of units: the same as by decimals. */
static void
check_count(const char *p, size_t n)
{
	static const int64_t unit[] = { LAM_NS, LAM_NS / 1000, LAM_NS / 1000000,
		1 };

	for (size_t i = 0; i < sizeof unit / sizeof *unit; i++) {
		struct lam_timecache c = LAM_TIMECACHE_INIT;
		struct lam_num v, u = { unit[i], 0 };
		int64_t ns;

		if (!lam_value_time(p, n, unit[i], &c, &ns))
			continue;
		if (lam_num_parse(p, n, &v) && lam_num_mul(v, u, &v))
			MUST(!lam_num_cmp(v, (struct lam_num){ ns, 0 }));
	}
}

static void
check_calendar(int64_t ns)
{
	time_t s = (time_t)(ns / LAM_NS - (ns % LAM_NS < 0));
	struct lam_civil c;
	struct tm tm;
	int64_t back;

	lam_civil_from_ns(ns, &c);
	MUST(gmtime_r(&s, &tm));
	MUST(c.year == tm.tm_year + 1900 && c.month == tm.tm_mon + 1 &&
		c.day == tm.tm_mday && c.hour == tm.tm_hour &&
		c.minute == tm.tm_min && c.second == tm.tm_sec &&
		c.weekday == tm.tm_wday && c.yearday == tm.tm_yday + 1);
	MUST(lam_civil_to_ns(&c, &back) && back == ns);
}

static void
check_units(int64_t ns)
{
	int64_t at, again;

	for (int u = 0; u < LAM_UNITS; u++) {
		if (!lam_time_trunc(ns, (enum lam_unit)u, &at))
			continue;
		MUST(at <= ns && lam_time_trunc(at, (enum lam_unit)u, &again) &&
			again == at);
	}
	for (int64_t width = 1; width < INT64_MAX / 1013; width *= 1013) {
		if (!lam_time_bucket(ns, width, 7, &at))
			continue;
		MUST(at <= ns && (uint64_t)ns - (uint64_t)at < (uint64_t)width);
		MUST(lam_time_bucket(at, width, 7, &again) && again == at);
	}
	for (int months = -500; months < 500; months += 83)
		if (lam_time_add_months(ns, months, &at))
			MUST((at > ns) == (months > 0) || at == ns);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lam_str rest = { (const char *)data, size };
	struct lam_timecache cache = LAM_TIMECACHE_INIT;
	int64_t ns;

	while (rest.n) {
		struct lam_str line = fuzz_line(&rest);
		char *p = fuzz_copy(line.p, line.n);

		check_parse(p, line.n, &cache);
		check_count(p, line.n);
		if (lam_time_parse(p, line.n, &ns, NULL)) {
			check_calendar(ns);
			check_units(ns);
		}
		free(p);
	}
	return 0;
}
