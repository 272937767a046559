/*
 * Items of any keys are sorted and stable, and strings come in the order of memcmp:
 * whichever bits of keys differ, be they few items or many.
 */
#include <stdlib.h>

#include "base/sort.h"
#include "test.h"

#define MOST 70000

static struct lam_ranked item[MOST], tmp[MOST], was[MOST];
static uint64_t state = UINT64_C(88172645463325252);

static uint64_t
next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* Key I of N in one of the ways in which keys are spread. */
static uint64_t
key_of(unsigned way, size_t i, size_t n)
{
	uint64_t x = next();

	switch (way) {
	case 0: return x;
	case 1: return x >> 34;			/* few bits */
	case 2: return i == n / 2 ? UINT64_MAX : x >> 40; /* one far off */
	case 3: return UINT64_C(1) << (x & 63);
	case 4: return x >> (x & 63);		/* the smaller, the more */
	case 5: return (x & UINT64_C(3) << 62) | i % 3; /* the ends differ */
	case 6: return (x & 1) << 63 | (x >> 1 & 0xffff) << 20;
	case 7: return ~(uint64_t)i << 40;	/* in the wrong order */
	default: return 7;
	}
}
#define WAYS 9

static void
sort_some(unsigned way, size_t n)
{
	for (size_t i = 0; i < n; i++)
		was[i] = item[i] = (struct lam_ranked){ key_of(way, i, n), i };
	lam_sort_items(item, tmp, n);
	for (size_t i = 0; i < n; i++) {
		struct lam_ranked x = item[i];

		FAIL_IF(x.value >= n || was[x.value].key != x.key,
			"way %u, %zu items: at %zu is none of them", way, n, i);
		FAIL_IF(i && (item[i - 1].key > x.key || (item[i - 1].key ==
			x.key && item[i - 1].value >= x.value)),
			"way %u, %zu items: out of order at %zu", way, n, i);
	}
}

/* Before, and where equal before: each once, as the order is strict. */
static bool
before(const struct lam_str *s, uint32_t a, uint32_t b)
{
	size_t n = s[a].n < s[b].n ? s[a].n : s[b].n;
	int c = n ? memcmp(s[a].p, s[b].p, n) : 0;

	if (c == 0 && s[a].n != s[b].n)
		return s[a].n < s[b].n;
	return c < 0 || (c == 0 && a < b);
}

/* Beginnings and ends of which many are alike, with zero bytes too. */
static void
sort_texts(uint32_t n)
{
	static char text[MOST][32];
	static struct lam_str s[MOST];
	static uint32_t order[MOST];

	for (uint32_t i = 0; i < n; i++) {
		size_t len = next() % 30;

		memset(text[i], next() % 3 ? 'p' : 0, sizeof text[i]);
		for (size_t j = next() % 24; j < len; j++)
			text[i][j] = (char)("\0ab\377"[next() % 4]);
		s[i] = (struct lam_str){ text[i], len };
	}
	FAIL_IF(!lam_sort_strings(s, n, order), "no memory");
	for (uint32_t i = 1; i < n; i++)
		FAIL_IF(!before(s, order[i - 1], order[i]),
			"%u texts: out of order at %u", n, i);
}

int
main(void)
{
	static const size_t size[] = { 0, 1, 2, 12, 13, 511, 512, 513, 1023,
		1024, 2047, 2048, 5000, MOST };

	for (size_t i = 0; i < sizeof size / sizeof *size; i++) {
		for (unsigned way = 0; way < WAYS; way++)
			sort_some(way, size[i]);
		sort_texts((uint32_t)size[i]);
	}
	PASS("sorted, stable, and each item once");
	return DONE();
}
