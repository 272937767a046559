/*
 * ranges.c - a set of positions, as ranges
 *
 * Additions in order, the common case, extend the last range; so a log
 * without damage is one range, however many blocks it has.
 */
#include "fsck/ranges.h"

#include <stdlib.h>

#include "base/array.h"

int
lam_ranges_add(struct lam_range_set *r, uint64_t from, uint64_t to,
	struct lam_error *e)
{
	if (from >= to)
		return LAM_OK;
	if (r->n && r->item[r->n - 1].to == from) {
		r->item[r->n - 1].to = to;
		return LAM_OK;
	}
	if (!lam_array_room(&r->item, &r->cap, r->n + 1, sizeof *r->item))
		return lam_fail_mem(e);
	r->item[r->n++] = (struct lam_positions){ from, to };
	return LAM_OK;
}

void
lam_ranges_release(struct lam_range_set *r)
{
	free(r->item);
	*r = (struct lam_range_set)LAM_RANGE_SET_INIT;
}

static int
by_from(const void *a, const void *b)
{
	const struct lam_positions *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

void
lam_ranges_settle(struct lam_range_set *r)
{
	size_t n = 0;

	if (r->n > 1)
		qsort(r->item, r->n, sizeof *r->item, by_from);
	for (size_t i = 0; i < r->n; i++) {
		if (n == 0 || r->item[i].from > r->item[n - 1].to)
			r->item[n++] = r->item[i];
		else if (r->item[i].to > r->item[n - 1].to)
			r->item[n - 1].to = r->item[i].to;
	}
	r->n = n;
}

int
lam_ranges_gaps(const struct lam_range_set *r, uint64_t end,
	struct lam_range_set *out, struct lam_error *e)
{
	uint64_t at = 0;
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < r->n && r->item[i].from < end; i++) {
		rc = lam_ranges_add(out, at, r->item[i].from, e);
		at = r->item[i].to;
	}
	return rc ? rc : lam_ranges_add(out, at, end, e);
}

uint64_t
lam_ranges_count(const struct lam_range_set *r)
{
	uint64_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += r->item[i].to - r->item[i].from;
	return n;
}
