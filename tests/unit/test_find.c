/*
 * test_find.c - a few bytes in many, against the plainest way
 */
#include "test.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/find.h"

static uint64_t seed = 1;

static uint64_t
rnd(uint64_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (seed >> 33) % n;
}

static const char *
plain(const char *p, size_t n, const char *what, size_t m)
{
	for (size_t i = 0; i + m <= n; i++)
		if (!memcmp(p + i, what, m))
			return p + i;
	return NULL;
}

/* Texts of few letters, so that there are places where much of it is. */
static void
at_random(void)
{
	char what[40];

	for (int round = 0; round < 200000; round++) {
		size_t n = (size_t)rnd(300), m = (size_t)rnd(12);
		unsigned letters = 1 + (unsigned)rnd(4);
		char *copy = malloc(n + 1); /* ASan sees its ends */

		for (size_t i = 0; i < n; i++)
			copy[i] = (char)('a' + rnd(letters));
		for (size_t i = 0; i < m; i++)
			what[i] = (char)('a' + rnd(letters));
		FAIL_IF(lam_find(copy, n, what, m) != plain(copy, n, what, m),
			"%zu in %zu bytes", m, n);
		free(copy);
	}
	PASS("the first place, as by trying all");
}

/* Once, anywhere, ends and edges of the lanes included. */
static void
once(void)
{
	char p[200];

	for (size_t n = 2; n <= sizeof p; n++)
		for (size_t at = 0; at + 2 <= n; at++) {
			memset(p, '.', n);
			memcpy(p + at, "ab", 2);
			FAIL_IF(lam_find(p, n, "ab", 2) != p + at,
				"at %zu of %zu", at, n);
		}
	PASS("what is there once is found wherever it is");
}

/* False alarms all the way, then a hit: memmem has to find it. */
static void
alarms(void)
{
	static char p[1 << 20];
	char what[65];

	memset(p, 'a', sizeof p);
	memset(what, 'a', sizeof what);
	what[32] = 'b';
	CHECK(lam_find(p, sizeof p, what, sizeof what) == NULL);
	memcpy(p + sizeof p - 100, what, sizeof what);
	CHECK(lam_find(p, sizeof p, what, sizeof what) == p + sizeof p - 100);
}

int
main(void)
{
	at_random();
	once();
	alarms();
	return DONE();
}
