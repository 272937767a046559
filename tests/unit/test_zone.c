/*
 * test_zone.c - time zones: what glibc says of each, local times, files that are none
 */
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "test.h"
#include "time/time.h"
#include "time/zone_internal.h"

static uint64_t seed = 7;

static uint64_t
draw(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static struct lam_zone *
zone(const char *name)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_zone *z;

	if (lam_zone_open(&z, name, strlen(name), &e)) {
		printf("# %s\n", e.msg);
		exit(1);
	}
	return z;
}

/* The offset that glibc knows at second T, of the zone TZ. */
static long
libc_offset(time_t t)
{
	struct tm tm;

	return localtime_r(&t, &tm) ? tm.tm_gmtoff : -1;
}

static void
against_libc(void)
{
	static const char *const name[] = { "Europe/Berlin", "Europe/Dublin",
		"America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe",
		"Asia/Kathmandu", "Pacific/Apia", "Africa/Casablanca",
		"Antarctica/Troll", "America/Nuuk", "Asia/Gaza", "Etc/GMT+9",
		"Africa/Monrovia", "UTC", "Pacific/Chatham" };

	for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
		struct lam_zone *z = zone(name[i]);

		setenv("TZ", name[i], 1);
		tzset();
		for (int k = 0; k < 20000; k++) {
			/* 1900 to 2200; before, glibc's tables differ by build */
			time_t t = (time_t)(draw() % 9467280000u) - 2208988800;

			FAIL_IF(lam_zone_offset(z, (int64_t)t * LAM_NS) !=
				libc_offset(t), "%s at %lld", name[i],
				(long long)t);
		}
		lam_zone_close(z);
	}
	PASS("offsets are those of the C library");
}

static void
complete(const struct lam_zone *z, const char *in, const char *want)
{
	char out[LAM_TIME_TEXT];
	size_t n = lam_zone_complete(z, in, strlen(in), out);

	FAIL_IF(n != strlen(want) || memcmp(out, want, n), "%s: %.*s, not %s",
		in, (int)n, out, want);
}

/* The hour of 2026-03-29 that is left out, that of 2026-10-25 that comes twice. */
static void
local_times(void)
{
	struct lam_zone *z = zone("Europe/Berlin");

	complete(z, "2026-01-31 23:59:59", "2026-01-31 23:59:59+01:00");
	complete(z, "2026-07-31T23:59:59.250", "2026-07-31T23:59:59.250+02:00");
	complete(z, "2026/07/31 23:59:59", "2026-07-31T23:59:59+02:00");
	complete(z, "2026-07-31 23:59:59,250", "2026-07-31T23:59:59.25+02:00");
	complete(z, "Sat Jan 31 23:59:59.123456 2026",
		"2026-01-31T23:59:59.123456+01:00");
	complete(z, "2026-03-29 01:59:59", "2026-03-29 01:59:59+01:00");
	complete(z, "2026-03-29 02:30:00", "2026-03-29 03:30:00+02:00");
	complete(z, "2026-03-29 03:00:00", "2026-03-29 03:00:00+02:00");
	complete(z, "2026-10-25 01:59:59", "2026-10-25 01:59:59+02:00");
	complete(z, "2026-10-25 02:00:00", "2026-10-25 02:00:00+01:00");
	complete(z, "2026-10-25 02:59:59", "2026-10-25 02:59:59+01:00");
	complete(z, "1890-01-01 00:00:00", "1889-12-31T23:06:32Z");
	complete(z, "2026-01-31T23:59:59Z", "");
	complete(z, "2026-01-31 23:59:59+00", "");
	complete(z, "31/Jan/2026:23:59:59 +0000", "");
	complete(z, "2026-01-31", "");
	complete(z, "12", "");
	complete(z, "", "");
	PASS("what has no zone gets an offset");
	lam_zone_close(z);
}

static void
names(void)
{
	static const char *const bad[] = { "", "/etc/passwd", "../UTC",
		"Europe/../Europe/Berlin", "Europe//Berlin", "Europe/", ".",
		"Europe", "Nowhere/Land", "Europe/Berlin\n", "zone.tab" };

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct lam_error e = LAM_ERROR_INIT;
		struct lam_zone *z;

		FAIL_IF(!lam_zone_open(&z, bad[i], strlen(bad[i]), &e) ||
			!e.msg[0], "%s was taken", bad[i]);
	}
	PASS("names that are none are refused");
}

/* A file of version 2 with one type, UTC, and the rule TEXT. */
static int
parse_rule(const char *text, struct lam_zone **z)
{
	static const unsigned char head[44] = { 'T', 'Z', 'i', 'f', '2',
		[39] = 1, [43] = 1 };
	static const unsigned char type[7] = { 0 };
	struct lam_buf b = LAM_BUF_INIT;
	int r;

	for (int i = 0; i < 2; i++) {
		lam_buf_put(&b, head, sizeof head);
		lam_buf_put(&b, type, sizeof type);
	}
	lam_buf_putc(&b, '\n');
	lam_buf_puts(&b, text);
	lam_buf_putc(&b, '\n');
	r = lam_zone_parse(z, lam_buf_str(&b), b.n, "file", NULL);
	lam_buf_release(&b);
	return r;
}

/* Rules as POSIX and RFC 8536 write them, against the C library. */
static void
rules(void)
{
	static const char *const good[] = { "UTC0", "CET-1CEST,M3.5.0,M10.5.0/3",
		"EST5EDT,M3.2.0,M11.1.0", "<-03>3<-02>,M3.5.0/-2,M10.5.0/-1",
		"AEST-10AEDT,M10.1.0,M4.1.0/3",
		"IST-1GMT0,M10.5.0,M3.5.0/1", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
		"AAA-2:03:04BBB,J60,300/1:02:03", "ABC1DEF,59,J59/24" };
	static const char *const bad[] = { "X", "CET", "CET-25", "CET-1CEST",
		"CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
		"CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0",
		"CET-1CEST,J0,J1", "CET-1CEST,0,366", "CET-1CEST,1,2/168",
		"CET-1CEST,1,2x", "<CET-1", "CET-1:60", "CET-99999999999",
		/* an hour after a turn of twelve */
		"AAA0BBB-12,J60/0,J60/13" };

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct lam_zone *z;

		if (parse_rule(good[i], &z)) {
			FAIL_IF(1, "%s was refused", good[i]);
			continue;
		}
		setenv("TZ", good[i], 1);
		tzset();
		for (int k = 0; k < 5000; k++) {
			time_t t = (time_t)(draw() % 7258118400u);

			FAIL_IF(lam_zone_offset(z, (int64_t)t * LAM_NS) !=
				libc_offset(t), "%s at %lld: %d, not %ld", good[i],
				(long long)t, lam_zone_offset(z,
				(int64_t)t * LAM_NS), libc_offset(t));
		}
		lam_zone_close(z);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct lam_zone *z;

		FAIL_IF(parse_rule(bad[i], &z) != LAM_DATA, "%s was taken",
			bad[i]);
	}
	PASS("rules are what POSIX says");
}

/* The example of RFC 8536, 3.3.1: summer time all the year, of which glibc loses hours
 * at New Year. */
static void
always(void)
{
	struct lam_zone *z;
	bool ok = true;

	CHECK(!parse_rule("XXX3EDT4,0/0,J365/23", &z));
	for (int k = 0; k < 20000; k++)
		ok &= lam_zone_offset(z, (int64_t)(draw() % 7258118400u) * LAM_NS) ==
			-14400;
	CHECK(ok);
	lam_zone_close(z);
}

/* One hash for one set of transitions, in the old form of a file or the new one. */
static void
hashes(void)
{
	struct lam_zone *a = zone("Europe/Berlin"), *b = zone("Europe/Paris");
	struct lam_zone *c = zone("UTC"), *d, *e;

	CHECK(lam_zone_hash(a) != lam_zone_hash(b));
	CHECK(!parse_rule("UTC0", &d) && !parse_rule("ABC0", &e));
	CHECK(lam_zone_hash(c) == lam_zone_hash(d));
	CHECK(lam_zone_hash(d) == lam_zone_hash(e));
	lam_zone_close(a);
	lam_zone_close(b);
	lam_zone_close(c);
	lam_zone_close(d);
	lam_zone_close(e);
}

int
main(void)
{
	against_libc();
	local_times();
	names();
	rules();
	always();
	hashes();
	return DONE();
}
