/*
 * sort.c - sorting by 64-bit keys, and of byte strings
 *
 * Items: least significant digit radix sort of the bits in which the keys
 * differ at all, in as few digits of equal width as they need: keys of 20 bits
 * cost two passes.  Of keys with more bits than would tell them apart the highest
 * are sorted by, and what is equal then by the others: each level takes two digits
 * at least, or one of few items, so there are six at most.  Below RADIX_FROM items
 * merging is cheaper than counting.
 *
 * Strings: sorted by their first 8 bytes as one integer; each run of equal
 * ones again by the next 8, and so on, with a stack of runs.  A long common
 * prefix ("/products/...") costs one pass per 8 bytes, not per byte and
 * comparison, and no choice of input makes it quadratic or recurse.
 */
#include "base/sort.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/huge.h"

#define RADIX_FROM 512
#define DIGIT 11 /* bits: 2048 streams of writes are the most that pays */
#define INSERT_TO 12

static void
insertion(struct lam_ranked *a, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct lam_ranked x = a[i];
		size_t j = i;

		for (; j > 0 && a[j - 1].key > x.key; j--)
			a[j] = a[j - 1];
		a[j] = x;
	}
}

/* Bottom-up merging of insertion-sorted runs. */
static void
merge_items(struct lam_ranked *a, struct lam_ranked *tmp, size_t n)
{
	struct lam_ranked *from = a, *to = tmp, *swap;

	for (size_t i = 0; i < n; i += INSERT_TO)
		insertion(a + i, n - i < INSERT_TO ? n - i : INSERT_TO);
	for (size_t run = INSERT_TO; run < n; run *= 2) {
		for (size_t lo = 0; lo < n; lo += 2 * run) {
			size_t mid = lo + run < n ? lo + run : n;
			size_t hi = mid + run < n ? mid + run : n;
			size_t i = lo, j = mid, k = lo;

			while (i < mid && j < hi)
				to[k++] = from[j].key < from[i].key ?
					from[j++] : from[i++];
			while (i < mid)
				to[k++] = from[i++];
			while (j < hi)
				to[k++] = from[j++];
		}
		swap = from;
		from = to;
		to = swap;
	}
	if (from != a)
		memcpy(a, from, n * sizeof *a);
}

/* The bits in which keys differ, from the lowest one: their place, number. */
static unsigned
varying(const struct lam_ranked *a, size_t n, unsigned *low)
{
	uint64_t differ = 0;

	for (size_t i = 1; i < n; i++)
		differ |= a[i].key ^ a[0].key;
	*low = differ ? (unsigned)__builtin_ctzll(differ) : 0;
	return differ ? 64 - (unsigned)__builtin_clzll(differ) - *low : 0;
}

/* Stable, by PASSES digits of WIDTH bits each from LOW on. */
static void
by_digits(struct lam_ranked *a, struct lam_ranked *tmp, size_t n, unsigned low,
	unsigned passes, unsigned width)
{
	size_t count[1 << DIGIT], mask = ((size_t)1 << width) - 1;
	struct lam_ranked *from = a, *to = tmp, *swap;

	for (; passes > 0; passes--, low += width) {
		size_t at = 0;

		memset(count, 0, (mask + 1) * sizeof *count);
		for (size_t i = 0; i < n; i++)
			count[from[i].key >> low & mask]++;
		for (size_t b = 0; b <= mask; b++) {
			size_t c = count[b];

			count[b] = at;
			at += c;
		}
		for (size_t i = 0; i < n; i++)
			to[count[from[i].key >> low & mask]++] = from[i];
		swap = from;
		from = to;
		to = swap;
	}
	if (from != a)
		memcpy(a, from, n * sizeof *a);
}

/* As many digits as would tell N keys apart, were they spread evenly. */
static unsigned
digits_for(size_t n)
{
	return (64 - (unsigned)__builtin_clzll(n)) / DIGIT + 1;
}

void
lam_sort_items(struct lam_ranked *a, struct lam_ranked *tmp, size_t n)
{
	unsigned low, bits, passes, most;

	if (n < RADIX_FROM) {
		if (n <= INSERT_TO)
			insertion(a, n);
		else
			merge_items(a, tmp, n);
		return;
	}
	bits = varying(a, n, &low);
	passes = (bits + DIGIT - 1) / DIGIT;
	most = digits_for(n);
	if (passes <= most + 1) {
		by_digits(a, tmp, n, low, passes, passes ? (bits + passes - 1) /
			passes : 0);
		return;
	}
	low += bits - most * DIGIT;
	by_digits(a, tmp, n, low, most, DIGIT);
	for (size_t i = 0, j; i < n; i = j) {
		for (j = i + 1; j < n && a[j].key >> low == a[i].key >> low; j++)
			;
		if (j - i > 1)
			lam_sort_items(a + i, tmp, j - i);
	}
}

void
lam_sort_by(uint32_t *a, uint32_t *tmp, size_t n,
	int (*cmp)(void *arg, uint32_t x, uint32_t y), void *arg)
{
	uint32_t *from = a, *to = tmp, *swap;

	for (size_t run = 1; run < n; run *= 2) {
		for (size_t lo = 0; lo < n; lo += 2 * run) {
			size_t mid = lo + run < n ? lo + run : n;
			size_t hi = mid + run < n ? mid + run : n;
			size_t i = lo, j = mid, k = lo;

			while (i < mid && j < hi)
				to[k++] = cmp(arg, from[j], from[i]) < 0 ?
					from[j++] : from[i++];
			while (i < mid)
				to[k++] = from[i++];
			while (j < hi)
				to[k++] = from[j++];
		}
		swap = from;
		from = to;
		to = swap;
	}
	if (from != a)
		memcpy(a, from, n * sizeof *a);
}

/* Bytes AT .. AT+7 of S as a big-endian integer, zeros behind its end. */
static uint64_t
bytes_at(struct lam_str s, size_t at)
{
	uint64_t v = 0;

	if (s.n >= at + 8)
		return __builtin_bswap64(lam_get64(s.p + at));
	for (size_t i = at; i < at + 8; i++)
		v = v << 8 | (i < s.n ? (unsigned char)s.p[i] : 0);
	return v;
}

struct range {
	uint32_t from, to;
	size_t depth;
};

struct strings {
	const struct lam_str *s;
	struct lam_ranked *item, *tmp;
	struct range *stack;
	size_t n, cap;
};

static bool
push(struct strings *w, uint32_t from, uint32_t to, size_t depth)
{
	if (!lam_array_room(&w->stack, &w->cap, w->n + 1, sizeof *w->stack))
		return false;
	w->stack[w->n++] = (struct range){ from, to, depth };
	return true;
}

/*
 * Items [FROM, TO) are equal up to DEPTH, where padding counts as zero bytes.
 * Strings that end before DEPTH come first, by length; the others remain.
 */
static bool
equal_run(struct strings *w, uint32_t from, uint32_t to, size_t depth)
{
	uint32_t ended = 0, rest = 0;
	struct lam_ranked *a = w->item + from;

	for (uint32_t i = 0; i < to - from; i++) {
		struct lam_ranked x = a[i];

		if (w->s[x.value].n <= depth) {
			x.key = w->s[x.value].n;
			a[ended++] = x;
		} else {
			w->tmp[rest++] = x;
		}
	}
	memcpy(a + ended, w->tmp, rest * sizeof *a);
	lam_sort_items(a, w->tmp, ended);
	return rest < 2 || push(w, from + ended, to, depth);
}

bool
lam_sort_strings(const struct lam_str *s, uint32_t n, uint32_t *order)
{
	struct strings w = { s, NULL, NULL, NULL, 0, 0 };
	bool ok = false;

	w.item = lam_huge_realloc(NULL, 0, n * sizeof *w.item + 1);
	w.tmp = lam_huge_realloc(NULL, 0, n * sizeof *w.tmp + 1);
	if (!w.item || !w.tmp || !push(&w, 0, n, 0))
		goto out;
	for (uint32_t i = 0; i < n; i++)
		w.item[i] = (struct lam_ranked){ 0, i };
	while (w.n) {
		struct range r = w.stack[--w.n];

		for (uint32_t i = r.from; i < r.to; i++)
			w.item[i].key = bytes_at(s[w.item[i].value], r.depth);
		lam_sort_items(w.item + r.from, w.tmp, r.to - r.from);
		for (uint32_t i = r.from, j; i < r.to; i = j) {
			for (j = i + 1; j < r.to &&
				w.item[j].key == w.item[i].key; j++)
				;
			if (j - i > 1 && !equal_run(&w, i, j, r.depth + 8))
				goto out;
		}
	}
	for (uint32_t i = 0; i < n; i++)
		order[i] = (uint32_t)w.item[i].value;
	ok = true;
out:
	free(w.item);
	free(w.tmp);
	free(w.stack);
	return ok;
}
