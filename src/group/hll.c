/*
 * hll.c - HyperLogLog: the number of distinct values, approximately
 *
 * In memory a sketch is a list, ascending, until it has more than SPARSE_MAX entries
 * or a rank that the list cannot hold (of one value in 32,768), then an array of 4096
 * bytes.  What comes to an empty one at once may be a longer list, as nothing may
 * follow: most groups by time have their rows in one block.  Adding to a list goes
 * through working memory of one byte per register, which stays in the first-level
 * cache and is scanned afterwards.
 *
 * Estimator: O. Ertl, "New cardinality estimation algorithms for HyperLogLog
 * sketches" (2017), the improved raw estimator: no bias tables, no switching
 * between formulas, from 0 to 2^64.  It is computed with +, *, / and sqrt of
 * doubles only, which IEEE 754 defines to the last bit, in a fixed order and
 * without contraction (-std=c11), so it is the same on every machine.
 */
#include "group/hll_internal.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/hot.h"

#define SPARSE_MAX 512
#define FIRST_MAX 1365 /* less than 4096 letters */
#define SMALL 16 /* so few entries are searched one by one */
#define HASHES 64 /* at a time */

/*
 * The entry of a hash.  The rank is found through the exponent of a double, which holds
 * 53 bits exactly: there is no instruction for it that every processor has and does
 * in one step.
 */
static inline uint32_t
entry_of(uint64_t hash)
{
	double rest = (double)(int64_t)(hash << 12 >> 11 | 1);
	uint64_t bits;

	memcpy(&bits, &rest, sizeof bits);
	return (uint32_t)(hash >> 52 << 8) + 1023 + LAM_HLL_RANK_MAX -
		(uint32_t)(bits >> 52);
}

/*
 * The same in a form that vectorises, through floats: right where the first 31 bits of
 * the rest are not zero.  The bit below the highest is left out of each, so that
 * rounding does not make it the next power of two.  Are all right?
 */
LAM_HOT static bool
most_entries(const uint64_t *hash, size_t n, uint32_t *entry)
{
	uint32_t zero = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t rest = (uint32_t)(hash[i] >> 21) & INT32_MAX, bits;
		float f = (float)(int32_t)(rest & ~(rest >> 1));

		memcpy(&bits, &f, sizeof bits);
		zero |= rest - 1;
		entry[i] = ((uint32_t)(hash[i] >> 32) >> 20 << 8) + 127 + 31 -
			(bits >> 23);
	}
	return zero <= INT32_MAX;
}

void
lam_hll_entries_of(const uint64_t *hash, size_t n, uint32_t *entry)
{
	if (LAM_LIKELY(most_entries(hash, n, entry)))
		return;
	for (size_t i = 0; i < n; i++)
		entry[i] = entry_of(hash[i]);
}

uint32_t
lam_hll_entry(const void *p, size_t n)
{
	return entry_of(lam_hash(p, n, 0));
}

void
lam_hll_entries(const struct lam_str *text, size_t n, uint32_t *entry)
{
	uint64_t hash[HASHES];
	size_t m;

	for (size_t at = 0; at < n; at += m) {
		m = n - at < HASHES ? n - at : HASHES;
		lam_hash_texts(text + at, m, 0, hash);
		lam_hll_entries_of(hash, m, entry + at);
	}
}

static void
add_dense(uint8_t *reg, const uint32_t *entry, size_t n)
{
#pragma GCC unroll 8
	for (size_t i = 0; i < n; i++) {
		uint8_t *r = &reg[entry[i] >> 8];
		uint8_t rank = (uint8_t)entry[i];

		*r = rank > *r ? rank : *r;
	}
}

static void
add_list(uint8_t *reg, const uint16_t *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t *r = &reg[list[i] >> 4];
		uint8_t rank = list[i] & LAM_HLL_LISTED_MAX;

		*r = rank > *r ? rank : *r;
	}
}

/* Room for BYTES at s->p, what is there being lost. */
static bool
make_room(struct lam_hll *s, size_t bytes, struct lam_heap *h)
{
	size_t cap;
	void *p;

	if (s->cap >= bytes)
		return true;
	p = lam_heap_alloc(h, bytes, &cap);
	if (!p)
		return false;
	lam_heap_give(h, s->p, s->cap);
	s->p = p;
	s->cap = (uint32_t)cap;
	return true;
}

/* Few entries to a short list; false: not possible here, and some may be added. */
static bool
add_few(struct lam_hll *s, const uint32_t *entry, size_t n)
{
	uint16_t *list = s->p;

	if (s->n + n > SMALL || (s->n + n) * sizeof *list > s->cap)
		return false;
	for (size_t i = 0; i < n; i++) {
		uint32_t at = entry[i] >> 8, rank = entry[i] & 0xff, j = s->n;
		uint16_t x = (uint16_t)(at << 4 | rank);

		if (rank > LAM_HLL_LISTED_MAX)
			return false;
		while (j && list[j - 1] >> 4 > at)
			j--;
		if (j && list[j - 1] >> 4 == (int)at) {
			if (x > list[j - 1])
				list[j - 1] = x;
			continue;
		}
		memmove(list + j + 1, list + j, (s->n - j) * sizeof *list);
		list[j] = x;
		s->n++;
	}
	return true;
}

static bool
store_dense(struct lam_hll *s, const uint8_t *reg, struct lam_heap *h)
{
	s->n = 0;
	if (!make_room(s, LAM_HLL_REGISTERS, h))
		return false;
	memcpy(s->p, reg, LAM_HLL_REGISTERS);
	s->n = LAM_HLL_DENSE;
	return true;
}

/* The registers REG, of which at most MOST are not zero, as a sketch. */
static bool
store(struct lam_hll *s, const uint8_t *reg, size_t most, struct lam_heap *h)
{
	uint16_t list[FIRST_MAX + LAM_HLL_SPILL];
	size_t limit = s->n ? SPARSE_MAX : FIRST_MAX;
	uint32_t n = 0;

	if (most > limit)
		most = lam_hll_count(reg);
	if (most > limit || !lam_hll_list_short(reg, lam_masks_best(), list, &n))
		return store_dense(s, reg, h);
	s->n = 0;
	if (!make_room(s, n * sizeof *list, h))
		return false;
	if (n)
		memcpy(s->p, list, n * sizeof *list);
	s->n = n;
	return true;
}

bool
lam_hll_add(struct lam_hll *s, const uint32_t *entry, size_t n,
	struct lam_hll_scratch *w, struct lam_heap *h)
{
	bool ok;

	if (!n)
		return true;
	if (s->n == LAM_HLL_DENSE) {
		add_dense(s->p, entry, n);
		return true;
	}
	if (n <= SMALL && !s->p && !make_room(s, n * sizeof(uint16_t), h))
		return false;
	if (add_few(s, entry, n))
		return true;
	add_list(w->reg, s->p, s->n);
	add_dense(w->reg, entry, n);
	ok = store(s, w->reg, s->n + n, h);
	memset(w->reg, 0, sizeof w->reg);
	return ok;
}

bool
lam_hll_merge(struct lam_hll *s, const struct lam_hll *from,
	struct lam_hll_scratch *w, struct lam_heap *h)
{
	const uint8_t *reg = from->p;
	uint32_t entry[FIRST_MAX];
	uint8_t *to;

	if (from->n != LAM_HLL_DENSE) {
		lam_hll_listed(from, entry);
		return lam_hll_add(s, entry, from->n, w, h);
	}
	if (s->n != LAM_HLL_DENSE) {
		bool ok;

		add_list(w->reg, s->p, s->n);
		ok = store_dense(s, w->reg, h);
		memset(w->reg, 0, sizeof w->reg);
		if (!ok)
			return false;
	}
	to = s->p;
	for (unsigned i = 0; i < LAM_HLL_REGISTERS; i++)
		to[i] = reg[i] > to[i] ? reg[i] : to[i];
	return true;
}

void
lam_hll_histogram(const struct lam_hll *s, uint32_t hist[LAM_HLL_RANKS])
{
	/* Neighbours are often equal and one counter would wait for itself. */
	uint32_t part[4][LAM_HLL_RANKS] = { { 0 } };
	const uint8_t *reg = s->p;
	const uint16_t *list = s->p;

	memset(hist, 0, LAM_HLL_RANKS * sizeof *hist);
	if (s->n == LAM_HLL_DENSE) {
		for (unsigned i = 0; i < LAM_HLL_REGISTERS; i += 4)
			for (unsigned k = 0; k < 4; k++)
				part[k][reg[i + k]]++;
		for (unsigned r = 0; r < LAM_HLL_RANKS; r++)
			hist[r] = part[0][r] + part[1][r] + part[2][r] +
				part[3][r];
		return;
	}
	for (uint32_t i = 0; i < s->n; i++)
		hist[list[i] & LAM_HLL_LISTED_MAX]++;
	hist[0] = LAM_HLL_REGISTERS - s->n;
}

/* x + sum of x^(2^k) 2^(k-1), k = 1.., for 0 <= x < 1 */
static double
sigma(double x)
{
	double y = 1, z = x, last;

	do {
		x *= x;
		last = z;
		z += x * y;
		y += y;
	} while (z != last);
	return z;
}

/* (1 - x - sum of (1 - x^(2^-k))^2 2^-k, k = 1..) / 3 */
static double
tau(double x)
{
	double y = 1, z = 1 - x, last;

	if (x <= 0 || x >= 1)
		return 0;
	do {
		x = sqrt(x);
		last = z;
		y *= 0.5;
		z -= (1 - x) * (1 - x) * y;
	} while (z != last);
	return z / 3;
}

uint64_t
lam_hll_estimate(const uint32_t hist[LAM_HLL_RANKS])
{
	const double m = LAM_HLL_REGISTERS;
	const double alpha = 0.72134752044448170368; /* 1 / (2 ln 2) */
	double z;

	if (hist[0] == LAM_HLL_REGISTERS)
		return 0;
	z = m * tau(1 - hist[LAM_HLL_RANK_MAX] / m);
	for (unsigned k = LAM_HLL_RANK_MAX - 1; k >= 1; k--)
		z = 0.5 * (z + hist[k]);
	z += m * sigma(hist[0] / m);
	z = alpha * m * m / z;
	return z >= 9e18 ? (uint64_t)9e18 : (uint64_t)(z + 0.5);
}
