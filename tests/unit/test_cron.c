/*
 * test_cron.c - due times of a calendar: the next, the last, texts that are none
 *
 * What is due was found minute by minute with Python's datetime and zoneinfo.
 */
#include "time/cron.h"

#include "test.h"

static const struct {
	const char *text, *now, *next, *last;
} due[] = {
	{ "* * * * *", "2026-01-01T00:00:30Z",
		"2026-01-01T00:01:00Z", "2026-01-01T00:00:00Z" },
	{ "*/15 3-5 * * *", "2026-01-01T05:45:00Z",
		"2026-01-02T03:00:00Z", "2026-01-01T05:45:00Z" },
	{ "0 0 29 2 *", "2025-03-01T00:00:00Z",
		"2028-02-29T00:00:00Z", "2024-02-29T00:00:00Z" },
	{ "30 4 1,15 * fri", "2026-05-02T00:00:00Z",
		"2026-05-08T04:30:00Z", "2026-05-01T04:30:00Z" },
	{ "30 4 */2 * FRI", "2026-05-02T00:00:00Z",
		"2026-05-15T04:30:00Z", "2026-05-01T04:30:00Z" },
	{ "5 0 * aug 7", "2026-01-01T00:00:00Z",
		"2026-08-02T00:05:00Z", "2025-08-31T00:05:00Z" },
	{ "@monthly", "2026-12-01T00:00:00Z",
		"2027-01-01T00:00:00Z", "2026-12-01T00:00:00Z" },
	{ "'@weekly' America/New_York", "2026-03-01T05:00:00Z",
		"2026-03-08T05:00:00Z", "2026-03-01T05:00:00Z" },
	{ "0 9 * * mon-fri Europe/Berlin", "2026-03-27T09:00:00Z",
		"2026-03-30T07:00:00Z", "2026-03-27T08:00:00Z" },
	{ "\"15 12 31 * *\" Asia/Kolkata", "2026-04-01T00:00:00Z",
		"2026-05-31T06:45:00Z", "2026-03-31T06:45:00Z" },
	{ "10-50/20 23 * 2,dec *", "2026-02-28T23:50:00Z",
		"2026-12-01T23:10:00Z", "2026-02-28T23:50:00Z" },
};

static int64_t
at(const char *text)
{
	int64_t ns = -1;

	CHECK(lam_time_parse(text, strlen(text), &ns, NULL));
	return ns;
}

static void
times(void)
{
	for (size_t i = 0; i < sizeof due / sizeof *due; i++) {
		struct lam_zone *z = NULL;
		struct lam_cron c;
		int64_t ns = -1;

		printf("# %s\n", due[i].text);
		CHECK(lam_cron_parse(due[i].text, &c));
		CHECK(!*c.zone || !lam_zone_open(&z, c.zone, strlen(c.zone), NULL));
		CHECK(lam_cron_next(&c, z, at(due[i].now), &ns));
		CHECK_INT(ns, at(due[i].next));
		CHECK(lam_cron_last(&c, z, at(due[i].now), &ns));
		CHECK_INT(ns, at(due[i].last));
		lam_zone_close(z);
	}
}

/* In the night when clocks go forward 02:30 is left out, and when they go back it
 * comes twice: one time is due in each. */
static void
turned_clocks(void)
{
	struct lam_zone *z = NULL;
	struct lam_cron c;
	int64_t ns, night;

	CHECK(!lam_zone_open(&z, "Europe/Berlin", 13, NULL));
	CHECK(lam_cron_parse("30 2 * * *", &c));
	for (int i = 0; i < 2; i++) {
		night = at(i ? "2026-10-24T12:00:00Z" : "2026-03-28T12:00:00Z");
		CHECK(lam_cron_next(&c, z, night, &ns));
		CHECK(ns > night && ns < night + LAM_DAY_NS);
		CHECK(lam_cron_next(&c, z, ns, &night));
		CHECK_INT(night, at(i ? "2026-10-26T01:30:00Z" :
			"2026-03-30T00:30:00Z"));
	}
	lam_zone_close(z);
}

static void
none(void)
{
	static const char *const bad[] = { "", "* * * *", "60 * * * *",
		"* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 13 *", "* * * * 8",
		"5-3 * * * *", "*/0 * * * *", "5/2 * * * *", "1, * * * *",
		"a * * * *", "* * * * * Europe/Berlin x", "'* * * * *", "@reboot",
		"-1 * * * *", "* * * foo *", "1--2 * * * *" };
	struct lam_cron c;
	int64_t ns;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		FAIL_IF(lam_cron_parse(bad[i], &c), "taken: %s", bad[i]);
	PASS("texts that are no calendar");
	CHECK(lam_cron_parse("0 0 30 2 *", &c));
	CHECK(!lam_cron_next(&c, NULL, 0, &ns));
}

int
main(void)
{
	times();
	turned_clocks();
	none();
	return DONE();
}
