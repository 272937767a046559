/*
 * gen.c - a web log to measure with: gen ROWS [SEED] >log.csv
 *
 * One day of requests (86400 s / ROWS apart on average) as CSV: time, host,
 * ip, method, path, status, bytes, latency, agent; about 168 bytes a row.  20,000 paths,
 * 200,000 addresses and 120 agents, each drawn with a Zipf-like law (rank r with
 * probability about 1/r).  A row is written when the request ends and carries
 * the time it began, so rows are nearly, not wholly, in order of time, as in real
 * logs.  Agents hold commas, so they are quoted.  The same ROWS and SEED give the
 * same bytes.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATHS 20000
#define ADDRESSES 200000
#define AGENTS 120
#define HOSTS 12
#define BEGIN INT64_C(1767225600000) /* 2026-01-01T00:00:00Z, in ms */
#define DAY INT64_C(86400000)

static uint64_t state;

static uint64_t
next(void) /* splitmix64 (Steele, Lea, Flood 2014) */
{
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static double
uniform(void)
{
	return (double)(next() >> 11) * 0x1p-53;
}

/* A rank in [0, n): the density of log-uniform numbers is 1/r. */
static unsigned
zipf(unsigned n)
{
	unsigned r = (unsigned)exp(uniform() * log(n + 1.0)) - 1;

	return r < n ? r : n - 1;
}

static char *path[PATHS], *address[ADDRESSES], *agent[AGENTS];

static char *
keep(const char *s)
{
	char *p = strdup(s);

	if (!p)
		abort();
	return p;
}

static void
make_words(void)
{
	static const char *const dir[] = { "api/v1/users", "api/v1/orders",
		"static/images", "static/js", "blog/articles", "search/results",
		"products/catalogue", "account/settings", "docs/reference" };
	static const char *const ext[] = { "", ".html", ".json", ".png", ".js",
		"?page=2", "?ref=newsletter&lang=en" };
	static const char *const os[] = { "Windows NT 10.0; Win64; x64",
		"Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64",
		"iPhone; CPU iPhone OS 17_2 like Mac OS X" };
	char b[256];

	for (unsigned i = 0; i < PATHS; i++) {
		snprintf(b, sizeof b, "/%s/%03" PRIx64 "-%u%s",
			dir[next() % 9], next() & 0xfff, i, ext[next() % 7]);
		path[i] = keep(b);
	}
	for (unsigned i = 0; i < ADDRESSES; i++) {
		uint64_t r = next();
		snprintf(b, sizeof b, "%u.%u.%u.%u", 1 + (unsigned)(r % 223),
			(unsigned)(r >> 8 & 255), (unsigned)(r >> 16 & 255),
			(unsigned)(r >> 24 & 255));
		address[i] = keep(b);
	}
	for (unsigned i = 0; i < AGENTS; i++) {
		snprintf(b, sizeof b, "\"Mozilla/5.0 (%s) "
			"(KHTML, like Gecko) Chrome/%u\"", os[i % 4], 80 + i);
		agent[i] = keep(b);
	}
}

/* "YYYY-MM-DDThh:mm:ss.mmmZ"; the log spans one day, so the date is fixed
 * but for the requests that began before midnight. */
static void
print_time(int64_t ms)
{
	const char *date = ms < BEGIN ? "2025-12-31" : "2026-01-01";
	int64_t t = ((ms - BEGIN) % DAY + DAY) % DAY;

	printf("%sT%02d:%02d:%02d.%03dZ", date, (int)(t / 3600000),
		(int)(t / 60000 % 60), (int)(t / 1000 % 60), (int)(t % 1000));
}

static void
row(int64_t end)
{
	static const unsigned status[] = { 200, 200, 200, 200, 200, 200, 200,
		200, 200, 200, 304, 304, 301, 404, 404, 500 };
	static const char *const method[] = { "GET", "GET", "GET", "GET", "GET",
		"GET", "POST", "HEAD" };
	double u = uniform() + uniform() + uniform() - 1.5; /* nearly normal */
	unsigned latency = (unsigned)(40 * exp(2.2 * u)) + 1; /* ms */
	unsigned code = status[next() % 16];
	unsigned bytes = (unsigned)(6000 * exp(3 * (uniform() + uniform() - 1)));
	unsigned p = zipf(PATHS);

	if (code == 500 && next() % 4 == 0)
		code = 503;
	if (code == 404)
		bytes = 564;
	if (code == 304)
		bytes = 0;
	print_time(end - latency);
	printf(",web-%02u,%s,%s,%s,%u,%u,%u.%03u,%s\n", zipf(HOSTS) + 1,
		address[zipf(ADDRESSES)], method[next() % 8], path[p], code,
		bytes, latency / 1000, latency % 1000, agent[zipf(AGENTS)]);
}

int
main(int argc, char **argv)
{
	static char buffer[1 << 20];
	uint64_t rows = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;

	if (rows == 0 || argc > 3) {
		fputs("usage: gen ROWS [SEED] >log.csv\n", stderr);
		return 2;
	}
	state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
	make_words();
	puts("time,host,ip,method,path,status,bytes,latency,agent");
	for (uint64_t i = 0; i < rows; i++)
		row(BEGIN + (int64_t)((double)i * ((double)DAY / (double)rows)));
	return fflush(stdout) || ferror(stdout) ? 4 : 0;
}
