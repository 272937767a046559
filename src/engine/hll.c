/*
 * hll.c - HyperLogLog: the number of distinct values, approximately
 *
 * In memory a sketch is a list of entries until it has more than SPARSE_MAX,
 * then an array of 4096 bytes.  The list has no order; adding to it goes
 * through working memory of one byte per register, which stays in the
 * first-level cache, so that adding costs the same however it is stored.
 *
 * Estimator: O. Ertl, "New cardinality estimation algorithms for HyperLogLog
 * sketches" (2017), the improved raw estimator: no bias tables, no switching
 * between formulas, from 0 to 2^64.  It is computed with +, *, / and sqrt of
 * doubles only, which IEEE 754 defines to the last bit, in a fixed order and
 * without contraction (-std=c11), so it is the same on every machine.
 */
#include "engine/hll.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/hot.h"

#define SPARSE_MAX 512
#define SMALL 16 /* so few entries are searched one by one */
#define MANY 1000 /* so many are looked for in all registers */
#define RANK_MAX (LAM_HLL_RANKS - 1)

static const char digit[65] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

uint32_t
lam_hll_entry(const void *p, size_t n)
{
	uint64_t h = lam_hash(p, n, 0);
	uint64_t rest = h << 12 | UINT64_C(1) << 11; /* rank at most 53 */

	return (uint32_t)(h >> 52) << 8 |
		(uint32_t)(__builtin_clzll(rest) + 1);
}

/* Which of 64 registers are not zero. */
static inline uint64_t
set_registers(const uint8_t *reg)
{
	const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
	uint64_t mask = 0;

	for (unsigned i = 0; i < 8; i++) {
		uint64_t w = lam_get64(reg + 8 * i);

		/* 01 in each byte that is not zero, then those bits together */
		w = ((((w & low) + low) | w) & ~low) >> 7;
		mask |= (w * UINT64_C(0x0102040810204080) >> 56) << 8 * i;
	}
	return mask;
}

static void
add_dense(uint8_t *reg, const uint32_t *entry, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t *r = &reg[entry[i] >> 8];
		uint8_t rank = (uint8_t)entry[i];

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

/* Few entries to a short list; false: not possible here. */
static bool
add_few(struct lam_hll *s, const uint32_t *entry, size_t n)
{
	uint32_t *list = s->p;

	if (s->n + n > SMALL || (s->n + n) * sizeof *list > s->cap)
		return false;
	for (size_t i = 0; i < n; i++) {
		uint32_t j = 0;

		while (j < s->n && list[j] >> 8 != entry[i] >> 8)
			j++;
		if (j == s->n)
			list[s->n++] = entry[i];
		else if (entry[i] > list[j])
			list[j] = entry[i];
	}
	return true;
}

static uint32_t
touch(struct lam_hll_scratch *w, uint32_t n, const uint32_t *entry, size_t m)
{
	for (size_t i = 0; i < m; i++) {
		uint32_t at = entry[i] >> 8;
		uint8_t rank = (uint8_t)entry[i];

		w->touched[n] = (uint16_t)at;
		n += w->reg[at] == 0;
		w->reg[at] = rank > w->reg[at] ? rank : w->reg[at];
		if (n == LAM_HLL_REGISTERS) {
			/* all are; touched[] is not read then */
			add_dense(w->reg, entry + i, m - i);
			break;
		}
	}
	return n;
}

/* The working memory as a dense sketch. */
static bool
store_dense(struct lam_hll *s, struct lam_hll_scratch *w, struct lam_heap *h)
{
	bool ok = make_room(s, LAM_HLL_REGISTERS, h);

	if (ok) {
		memcpy(s->p, w->reg, LAM_HLL_REGISTERS);
		s->n = LAM_HLL_DENSE;
	}
	memset(w->reg, 0, sizeof w->reg);
	return ok;
}

/*
 * Many entries: which registers they touch is found out afterwards, by looking
 * at all.
 */
LAM_O3 static uint32_t
touch_many(struct lam_hll_scratch *w, const uint32_t *entry, size_t n)
{
	uint32_t m = 0;

	add_dense(w->reg, entry, n);
	for (unsigned at = 0; at < LAM_HLL_REGISTERS; at++)
		m += w->reg[at] != 0;
	if (m > SPARSE_MAX)
		return m;
	m = 0;
	for (unsigned at = 0; at < LAM_HLL_REGISTERS; at++) {
		w->touched[m] = (uint16_t)at;
		m += w->reg[at] != 0;
	}
	return m;
}

bool
lam_hll_add(struct lam_hll *s, const uint32_t *entry, size_t n,
	struct lam_hll_scratch *w, struct lam_heap *h)
{
	uint32_t touched = 0, *list;
	bool ok;

	if (s->n == LAM_HLL_DENSE) {
		add_dense(s->p, entry, n);
		return true;
	}
	if (n <= SMALL && !s->p && !make_room(s, n * sizeof *list, h))
		return false;
	if (add_few(s, entry, n))
		return true;
	touched = touch(w, 0, s->p, s->n);
	touched = n < MANY ? touch(w, touched, entry, n) :
		touch_many(w, entry, n);
	if (touched > SPARSE_MAX)
		return store_dense(s, w, h);
	ok = make_room(s, touched * sizeof *list, h);
	list = s->p;
	for (uint32_t i = 0; i < touched; i++) {
		if (ok)
			list[i] = (uint32_t)w->touched[i] << 8 |
				w->reg[w->touched[i]];
		w->reg[w->touched[i]] = 0;
	}
	s->n = ok ? touched : 0;
	return ok;
}

bool
lam_hll_merge(struct lam_hll *s, const struct lam_hll *from,
	struct lam_hll_scratch *w, struct lam_heap *h)
{
	const uint8_t *reg = from->p;
	uint8_t *to;

	if (from->n != LAM_HLL_DENSE)
		return lam_hll_add(s, from->p, from->n, w, h);
	if (s->n != LAM_HLL_DENSE) {
		touch(w, 0, s->p, s->n);
		s->n = 0;
		if (!store_dense(s, w, h))
			return false;
	}
	to = s->p;
	for (unsigned i = 0; i < LAM_HLL_REGISTERS; i++)
		to[i] = reg[i] > to[i] ? reg[i] : to[i];
	return true;
}

static int
value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool
parse_dense(struct lam_str t, uint32_t *entry, size_t *n)
{
	for (uint32_t i = 0; i < LAM_HLL_REGISTERS; i++) {
		int rank = value_of(t.p[i]);

		if (rank < 0 || rank > RANK_MAX)
			return false;
		if (rank)
			entry[(*n)++] = i << 8 | (uint32_t)rank;
	}
	return 3 * *n >= LAM_HLL_REGISTERS;
}

bool
lam_hll_parse(struct lam_str t, uint32_t *entry, size_t *n)
{
	int last = -1;

	*n = 0;
	if (t.n == LAM_HLL_REGISTERS)
		return parse_dense(t, entry, n);
	if (t.n == 0 || t.n % 3 || t.n > LAM_HLL_REGISTERS)
		return false;
	for (size_t i = 0; i < t.n; i += 3) {
		int hi = value_of(t.p[i]), lo = value_of(t.p[i + 1]);
		int rank = value_of(t.p[i + 2]), at = hi * 64 + lo;

		if (hi < 0 || lo < 0 || rank < 1 || rank > RANK_MAX ||
			at <= last)
			return false;
		last = at;
		entry[(*n)++] = (uint32_t)at << 8 | (uint32_t)rank;
	}
	return true;
}

static uint32_t
nonzero(const struct lam_hll *s)
{
	const uint8_t *reg = s->p;
	uint32_t n = 0;

	if (s->n != LAM_HLL_DENSE)
		return s->n;
	for (unsigned i = 0; i < LAM_HLL_REGISTERS; i++)
		n += reg[i] != 0;
	return n;
}

size_t
lam_hll_text_size(const struct lam_hll *s)
{
	size_t n = 3 * (size_t)nonzero(s);

	return n < LAM_HLL_REGISTERS ? n : LAM_HLL_REGISTERS;
}

/* digit[v] for v < 64, in a form that vectorises */
LAM_HOT static void
digits(const uint8_t *v, size_t n, char *out)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t x = v[i];
		uint8_t c = (uint8_t)(x + 'A');

		c = x > 25 ? (uint8_t)(x + 'a' - 26) : c;
		c = x > 51 ? (uint8_t)(x + '0' - 52) : c;
		c = x > 61 ? (uint8_t)(x == 62 ? '+' : '/') : c;
		out[i] = (char)c;
	}
}

/* The registers SET of the 64 from AT on, 3 characters each; the end. */
static char *
print_64(unsigned at, uint64_t set, const uint8_t *reg, char *out)
{
	char hi = digit[at >> 6];

	for (; set; set &= set - 1) {
		unsigned i = (unsigned)__builtin_ctzll(set);

		*out++ = hi;
		*out++ = digit[i];
		*out++ = digit[reg[at + i]];
	}
	return out;
}

void
lam_hll_print(const struct lam_hll *s, struct lam_hll_scratch *w, char *out)
{
	uint64_t set[LAM_HLL_REGISTERS / 64] = { 0 };
	const uint8_t *reg = s->p;
	const uint32_t *list = s->p;

	if (s->n == LAM_HLL_DENSE) {
		if (lam_hll_text_size(s) == LAM_HLL_REGISTERS) {
			digits(reg, LAM_HLL_REGISTERS, out);
			return;
		}
		for (unsigned at = 0; at < LAM_HLL_REGISTERS; at += 64)
			out = print_64(at, set_registers(reg + at), reg, out);
		return;
	}
	for (uint32_t i = 0; i < s->n; i++) {
		uint32_t at = list[i] >> 8;

		set[at / 64] |= UINT64_C(1) << at % 64;
		w->reg[at] = (uint8_t)list[i];
	}
	for (unsigned at = 0; at < LAM_HLL_REGISTERS; at += 64)
		out = print_64(at, set[at / 64], w->reg, out);
	for (uint32_t i = 0; i < s->n; i++)
		w->reg[list[i] >> 8] = 0;
}

void
lam_hll_histogram(const struct lam_hll *s, uint32_t hist[LAM_HLL_RANKS])
{
	/* Neighbours are often equal and one counter would wait for itself. */
	uint32_t part[4][LAM_HLL_RANKS] = { { 0 } };
	const uint8_t *reg = s->p;
	const uint32_t *list = s->p;

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
		hist[list[i] & 0xff]++;
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
	z = m * tau(1 - hist[RANK_MAX] / m);
	for (unsigned k = RANK_MAX - 1; k >= 1; k--)
		z = 0.5 * (z + hist[k]);
	z += m * sigma(hist[0] / m);
	z = alpha * m * m / z;
	return z >= 9e18 ? (uint64_t)9e18 : (uint64_t)(z + 0.5);
}
