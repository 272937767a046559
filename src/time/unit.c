/*
 * unit.c - units of time and size, by name
 */
#include <string.h>
#include <strings.h>

#include "time/time.h"
#include "time/unit.h"

static const struct {
	const char *name, *plural;
	int64_t ns; /* 0: varies */
} units[LAM_UNITS] = {
	[LAM_NANOSECOND] = { "nanosecond", "nanoseconds", 1 },
	[LAM_MICROSECOND] = { "microsecond", "microseconds", 1000 },
	[LAM_MILLISECOND] = { "millisecond", "milliseconds", 1000000 },
	[LAM_SECOND] = { "second", "seconds", LAM_NS },
	[LAM_MINUTE] = { "minute", "minutes", 60 * LAM_NS },
	[LAM_HOUR] = { "hour", "hours", 3600 * LAM_NS },
	[LAM_DAY] = { "day", "days", LAM_DAY_NS },
	[LAM_WEEK] = { "week", "weeks", 7 * LAM_DAY_NS },
	[LAM_MONTH] = { "month", "months", 0 },
	[LAM_QUARTER] = { "quarter", "quarters", 0 },
	[LAM_YEAR] = { "year", "years", 0 },
	[LAM_DECADE] = { "decade", "decades", 0 },
	[LAM_CENTURY] = { "century", "centuries", 0 }
};

/* What else people write, in SQL. */
static const struct {
	const char *name;
	enum lam_unit unit;
} shorter[] = {
	{ "us", LAM_MICROSECOND }, { "usec", LAM_MICROSECOND },
	{ "usecs", LAM_MICROSECOND }, { "ms", LAM_MILLISECOND },
	{ "msec", LAM_MILLISECOND }, { "msecs", LAM_MILLISECOND },
	{ "s", LAM_SECOND }, { "sec", LAM_SECOND }, { "secs", LAM_SECOND },
	{ "m", LAM_MINUTE }, { "min", LAM_MINUTE }, { "mins", LAM_MINUTE },
	{ "h", LAM_HOUR }, { "hr", LAM_HOUR }, { "hrs", LAM_HOUR },
	{ "d", LAM_DAY }, { "w", LAM_WEEK }, { "mon", LAM_MONTH },
	{ "mons", LAM_MONTH }, { "y", LAM_YEAR }, { "yr", LAM_YEAR },
	{ "yrs", LAM_YEAR }
};

/* The suffixes of a duration on a command line. */
static const struct {
	const char *name;
	int64_t ns;
} suffixes[] = {
	{ "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", LAM_NS },
	{ "m", 60 * LAM_NS }, { "h", 3600 * LAM_NS }, { "d", LAM_DAY_NS },
	{ "w", 7 * LAM_DAY_NS }
};

static bool
same(const char *name, const char *p, size_t n)
{
	return strlen(name) == n && strncasecmp(name, p, n) == 0;
}

enum lam_unit
lam_unit_parse(const char *p, size_t n)
{
	int u = 0;

	while (u < LAM_UNITS && !same(units[u].name, p, n) &&
		!same(units[u].plural, p, n))
		u++;
	for (size_t i = 0; u == LAM_UNITS && i < sizeof shorter /
		sizeof *shorter; i++)
		if (same(shorter[i].name, p, n))
			return shorter[i].unit;
	return (enum lam_unit)u;
}

int64_t
lam_unit_ns(enum lam_unit u)
{
	return u < LAM_UNITS ? units[u].ns : 0;
}

/* Digits at *P, moved past them; false: none, or above INT64_MAX. */
static bool
scan_count(const char **p, int64_t *v)
{
	const char *start = *p;

	*v = 0;
	for (; **p >= '0' && **p <= '9'; ++*p)
		if (__builtin_mul_overflow(*v, 10, v) ||
			__builtin_add_overflow(*v, **p - '0', v))
			return false;
	return *p > start;
}

bool
lam_duration_parse(const char *p, int64_t *ns)
{
	int64_t count;

	if (!scan_count(&p, &count))
		return false;
	if (*p == '\0' && count == 0) {
		*ns = 0; /* no time needs no unit */
		return true;
	}
	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
		if (strcmp(p, suffixes[i].name) == 0)
			return lam_time_from_epoch(count, suffixes[i].ns, ns);
	return false;
}

bool
lam_size_parse(const char *p, uint64_t *bytes)
{
	static const char letters[] = "KMGT";
	const char *at;
	int64_t count;
	unsigned shift = 0;

	if (!scan_count(&p, &count))
		return false;
	if (*p != '\0') {
		at = strchr(letters, *p >= 'a' ? *p - 'a' + 'A' : *p);
		if (at == NULL || p[1] != '\0')
			return false;
		shift = 10 * (unsigned)(at - letters + 1);
	}
	*bytes = (uint64_t)count << shift;
	return *bytes >> shift == (uint64_t)count;
}
