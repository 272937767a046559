/*
 * near.c - names that were mistyped
 */
#include "base/near.h"

#include <stdio.h>
#include <string.h>

/* Edit distance of two short words, at most LIMIT + 1. */
static unsigned
distance(struct lam_str a, struct lam_str b, unsigned limit)
{
	enum { WORD = 40 };
	unsigned row[WORD + 1], up, diagonal;

	if (a.n > WORD || b.n > WORD)
		return limit + 1;
	for (unsigned j = 0; j <= b.n; j++)
		row[j] = j;
	for (unsigned i = 0; i < a.n; i++) {
		diagonal = row[0];
		row[0] = i + 1;
		for (unsigned j = 0; j < b.n; j++) {
			unsigned d = diagonal + ((a.p[i] | 32) !=
				(b.p[j] | 32));

			up = row[j + 1];
			diagonal = up;
			if (up + 1 < d)
				d = up + 1;
			if (row[j] + 1 < d)
				d = row[j] + 1;
			row[j + 1] = d;
		}
	}
	return row[b.n] <= limit ? row[b.n] : limit + 1;
}

/* Are two letters beside each other in the other order, and all else the same? */
static bool
swapped(struct lam_str a, struct lam_str b)
{
	size_t i = 0;

	if (a.n != b.n)
		return false;
	while (i < a.n && (a.p[i] | 32) == (b.p[i] | 32))
		i++;
	if (i + 1 >= a.n || (a.p[i] | 32) != (b.p[i + 1] | 32) ||
		(a.p[i + 1] | 32) != (b.p[i] | 32))
		return false;
	for (i += 2; i < a.n; i++)
		if ((a.p[i] | 32) != (b.p[i] | 32))
			return false;
	return true;
}

bool
lam_near(struct lam_str a, struct lam_str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	unsigned limit = n < 3 ? 0 : n < 6 ? 1 : 2;

	return distance(a, b, limit) <= limit || (n > 2 && swapped(a, b));
}

bool
lam_near_name(char *out, const char *given, const char *name)
{
	*out = '\0';
	if (!lam_near((struct lam_str){ given, strlen(given) },
		(struct lam_str){ name, strlen(name) }))
		return false;
	snprintf(out, LAM_NEAR_HINT, "; did you mean %.250s?", name);
	return true;
}

const char *
lam_near_hint(char *out, const char *given, char *const *name, size_t n)
{
	*out = '\0';
	for (size_t i = 0; i < n && !lam_near_name(out, given, name[i]); i++)
		continue;
	return out;
}
