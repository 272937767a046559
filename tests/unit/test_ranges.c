/*
 * test_ranges.c - sets of positions against a bitmap
 */
#include <stdlib.h>

#include "fsck/ranges.h"
#include "test.h"

#define N 64

static unsigned seed = 20261122;

static unsigned
draw(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

static uint64_t
bits_of(const struct lam_range_set *r)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < r->n; i++)
		for (uint64_t p = r->item[i].from; p < r->item[i].to; p++)
			bits |= UINT64_C(1) << p;
	return bits;
}

int
main(void)
{
	struct lam_error e = LAM_ERROR_INIT;

	printf("# seed %u\n", seed);
	for (int t = 0; t < 5000; t++) {
		struct lam_range_set r = LAM_RANGE_SET_INIT;
		struct lam_range_set gaps = LAM_RANGE_SET_INIT;
		uint64_t want = 0, end = draw(N);
		uint64_t below = (UINT64_C(1) << end) - 1;
		int rc = 0;

		for (unsigned i = draw(12); i > 0; i--) {
			unsigned from = draw(N), to = from + draw(9);

			to = to > N - 1 ? N - 1 : to;
			rc |= lam_ranges_add(&r, from, to, &e);
			for (unsigned p = from; p < to; p++)
				want |= UINT64_C(1) << p;
		}
		lam_ranges_settle(&r);
		rc |= lam_ranges_gaps(&r, end, &gaps, &e);
		FAIL_IF(rc || bits_of(&r) != want, "set %d", t);
		FAIL_IF(lam_ranges_count(&r) !=
			(uint64_t)__builtin_popcountll(want), "count %d", t);
		FAIL_IF(bits_of(&gaps) != (~want & below), "gaps %d", t);
		for (size_t i = 1; i < r.n; i++)
			FAIL_IF(r.item[i].from <= r.item[i - 1].to,
				"ranges that touch are one: %d", t);
		lam_ranges_release(&r);
		lam_ranges_release(&gaps);
	}
	PASS("any additions: the set, its size, its gaps");
	return DONE();
}
