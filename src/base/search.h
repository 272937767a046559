/*
 * search.h - the one binary search
 */
#ifndef LAM_BASE_SEARCH_H
#define LAM_BASE_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The first of the N sorted items of V that BEFORE does not say of, or N: of
 * item I, whether it stands before KEY.  Inlined, BEFORE too.
 */
static inline __attribute__((always_inline)) size_t
lam_lower_bound(const void *v, size_t n, const void *key,
	bool (*before)(const void *v, size_t i, const void *key))
{
	size_t lo = 0;

	while (lo < n) {
		size_t mid = lo + (n - lo) / 2;

		if (before(v, mid, key))
			lo = mid + 1;
		else
			n = mid;
	}
	return lo;
}

#endif
