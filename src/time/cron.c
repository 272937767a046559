/*
 * cron.c - due times of a calendar, as crontab(5) writes them
 *
 * A field is a set of bits.  A due time is sought day by day on the clock of the zone,
 * and within a day minute by minute: a day that is none costs one look.
 */
#include "time/cron.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define MINUTE (60 * LAM_NS)
#define DAYS 3660 /* ten years: a 29 February lies within */

static const char *const months[] = { "jan", "feb", "mar", "apr", "may", "jun",
	"jul", "aug", "sep", "oct", "nov", "dec", NULL };
static const char *const weekdays[] = { "sun", "mon", "tue", "wed", "thu", "fri",
	"sat", NULL };

struct field {
	unsigned least, most;
	const char *const *name; /* of .least and on; or NULL */
};

static const struct field fields[] = { { 0, 59, NULL }, { 0, 23, NULL },
	{ 1, 31, NULL }, { 1, 12, months }, { 0, 7, weekdays } };

/* Digits, or a name: behind it; NULL: there is none. */
static const char *
number(const char *s, const struct field *f, unsigned *v)
{
	for (unsigned i = 0; f->name && f->name[i]; i++)
		if (!strncasecmp(s, f->name[i], 3)) {
			*v = f->least + i;
			return s + 3;
		}
	if (!isdigit((unsigned char)*s))
		return NULL;
	for (*v = 0; isdigit((unsigned char)*s) && *v < 1000; s++)
		*v = *v * 10 + (unsigned)(*s - '0');
	return s;
}

/* One part of a list: behind it, or NULL. */
static const char *
range(const char *s, const struct field *f, uint64_t *set)
{
	static const struct field any = { 1, 1000, NULL };
	unsigned from = f->least, to = f->most, step = 1;
	bool star = *s == '*', open = star;

	s = star ? s + 1 : number(s, f, &from);
	if (s && !star) {
		to = from;
		if (*s == '-') {
			s = number(s + 1, f, &to);
			open = true;
		}
	}
	if (s && *s == '/' && open)
		s = number(s + 1, &any, &step);
	if (!s || from < f->least || to > f->most || from > to || !step)
		return NULL;
	for (unsigned i = from; i <= to; i += step)
		*set |= UINT64_C(1) << i;
	return s;
}

static const char *
parse_field(const char *s, const struct field *f, uint64_t *set)
{
	*set = 0;
	do
		s = range(s, f, set);
	while (s && *s == ',' && s++);
	return s;
}

static const char *
nickname(const char *s, const char **fields_of)
{
	static const struct { const char *name, *fields; } row[] = {
		{ "@hourly", "0 * * * *" }, { "@daily", "0 0 * * *" },
		{ "@midnight", "0 0 * * *" }, { "@weekly", "0 0 * * 0" },
		{ "@monthly", "0 0 1 * *" }, { "@yearly", "0 0 1 1 *" },
		{ "@annually", "0 0 1 1 *" } };
	size_t n = strcspn(s, " \t'\"");

	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (strlen(row[i].name) == n && !strncmp(row[i].name, s, n)) {
			*fields_of = row[i].fields;
			return s + n;
		}
	return NULL;
}

static const char *
blanks(const char *s)
{
	return s + strspn(s, " \t");
}

static const char *
parse_fields(const char *s, uint64_t set[5], struct lam_cron *c)
{
	bool star[5] = { false };

	for (size_t i = 0; s && i < 5; i++) {
		s = blanks(s);
		star[i] = *s == '*';
		s = parse_field(s, &fields[i], &set[i]);
		if (s && i < 4 && *s != ' ' && *s != '\t')
			return NULL;
	}
	c->either = !star[2] && !star[4];
	return s;
}

bool
lam_cron_parse(const char *text, struct lam_cron *c)
{
	char quote = *text == '\'' || *text == '"' ? *text : 0;
	const char *s = text + (quote != 0), *of, *behind;
	uint64_t set[5];
	size_t n;

	*c = (struct lam_cron){ 0 };
	behind = nickname(s, &of);
	s = parse_fields(behind ? of : s, set, c);
	if (!s)
		return false;
	s = behind ? behind : s;
	if (quote && *s++ != quote)
		return false;
	if (*s && s == blanks(s))
		return false;
	s = blanks(s);
	n = strlen(s);
	if (n > LAM_ZONE_NAME_MAX || s[strcspn(s, " \t'\"")])
		return false;
	memcpy(c->zone, s, n);
	c->minute = set[0];
	c->hour = (uint32_t)set[1];
	c->day = (uint32_t)set[2];
	c->month = (uint32_t)set[3];
	c->weekday = (uint32_t)((set[4] | set[4] >> 7) & 127);
	return true;
}

static bool
day_is(const struct lam_cron *c, const struct lam_civil *t)
{
	bool day = c->day >> t->day & 1, weekday = c->weekday >> t->weekday & 1;

	return (c->month >> t->month & 1) && (c->either ? day || weekday :
		day && weekday);
}

static bool
minute_is(const struct lam_cron *c, int64_t minute)
{
	return (c->hour >> (minute / 60) & 1) && (c->minute >> (minute % 60) & 1);
}

static bool
to_utc(const struct lam_zone *z, int64_t local, int64_t *ns)
{
	*ns = local;
	return !z || lam_zone_to_utc(z, local, ns);
}

/* In the direction STEP from the local day of NS: the nearest that is on that side. */
static bool
seek(const struct lam_cron *c, const struct lam_zone *z, int64_t ns, int step,
	int64_t *due)
{
	int64_t local = ns, day;

	if (z && !lam_zone_to_local(z, ns, &local))
		return false;
	if (!lam_time_trunc(local, LAM_DAY, &day))
		return false;
	/* The clock may be turned over midnight: one day more on the other side. */
	day -= step * LAM_DAY_NS;
	for (int i = 0; i < DAYS; i++, day += step * LAM_DAY_NS) {
		struct lam_civil t;

		lam_civil_from_ns(day, &t);
		for (int64_t k = 0; day_is(c, &t) && k < 1440; k++) {
			int64_t m = step > 0 ? k : 1439 - k;

			if (minute_is(c, m) && to_utc(z, day + m * MINUTE, due) &&
				(step > 0 ? *due > ns : *due <= ns))
				return true;
		}
	}
	return false;
}

bool
lam_cron_next(const struct lam_cron *c, const struct lam_zone *z, int64_t ns,
	int64_t *due)
{
	return seek(c, z, ns, 1, due);
}

bool
lam_cron_last(const struct lam_cron *c, const struct lam_zone *z, int64_t ns,
	int64_t *due)
{
	return seek(c, z, ns, -1, due);
}
