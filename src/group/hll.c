/*
 * hll.c - HyperLogLog: the number of distinct values, approximately
 *
 * In memory a sketch is a list of entries, ascending, until it has more than
 * SPARSE_MAX, then an array of 4096 bytes.  Adding to a list goes through working
 * memory of one byte per register, which stays in the first-level cache and is
 * scanned afterwards.
 *
 * Estimator: O. Ertl, "New cardinality estimation algorithms for HyperLogLog
 * sketches" (2017), the improved raw estimator: no bias tables, no switching
 * between formulas, from 0 to 2^64.  It is computed with +, *, / and sqrt of
 * doubles only, which IEEE 754 defines to the last bit, in a fixed order and
 * without contraction (-std=c11), so it is the same on every machine.
 */
#include "group/hll.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/hot.h"

#define SPARSE_MAX 512
#define SMALL 16 /* so few entries are searched one by one */
#define RANK_MAX (LAM_HLL_RANKS - 1)
#define HASHES 64 /* at a time */

static const char digit[65] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

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
	return (uint32_t)(hash >> 52 << 8) + 1023 + RANK_MAX -
		(uint32_t)(bits >> 52);
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
		for (size_t i = 0; i < m; i++)
			entry[at + i] = entry_of(hash[i]);
	}
}

/* How many of all are not zero, in bytes that cannot overflow. */
LAM_HOT static uint32_t
count_registers(const uint8_t *reg)
{
	uint8_t part[64] = { 0 };
	uint32_t n = 0;

	for (unsigned i = 0; i < LAM_HLL_REGISTERS; i += 64)
		for (unsigned k = 0; k < 64; k++)
			part[k] += reg[i + k] != 0;
	for (unsigned k = 0; k < 64; k++)
		n += part[k];
	return n;
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
		uint32_t j = s->n;

		while (j && list[j - 1] >> 8 > entry[i] >> 8)
			j--;
		if (j && list[j - 1] >> 8 == entry[i] >> 8) {
			if (entry[i] > list[j - 1])
				list[j - 1] = entry[i];
			continue;
		}
		memmove(list + j + 1, list + j, (s->n - j) * sizeof *list);
		list[j] = entry[i];
		s->n++;
	}
	return true;
}

#define AT_ONCE 16 /* entries, at most */

/*
 * The registers that are not zero as entries, ascending; their number.  LIST has room
 * for AT_ONCE more: some are written whether there are or not, since nobody can
 * predict how many there are.  A way for each instruction set.
 */
#define LIST(name, target, equal) \
	target static uint32_t \
	name(const uint8_t *reg, uint32_t *list) \
	{ \
		uint32_t n = 0; \
		for (uint32_t at = 0; at < LAM_HLL_REGISTERS; at += 64) { \
			uint64_t set = ~equal((const char *)reg + at, 0); \
			uint32_t *to = list + n; \
			n += (uint32_t)__builtin_popcountll(set); \
			for (uint32_t k = 0; k < 4 || set; k++) { \
				uint32_t i = at + (uint32_t)__builtin_ctzll( \
					set | UINT64_C(1) << 63); \
				*to++ = i << 8 | reg[i]; \
				set &= set - 1; \
			} \
		} \
		return n; \
	}

LIST(list_plain, , lam_equal_plain)
#if LAM_X86
LIST(list_sse2, , lam_equal_sse2)

/* 8 registers at a time: which are not zero says, by a table, where to take them. */
LAM_AVX2 static uint32_t
list_avx2(const uint8_t *reg, uint32_t *list)
{
	uint32_t *to = list;

	for (uint32_t at = 0; at < LAM_HLL_REGISTERS; at += 64) {
		uint64_t set = ~lam_equal_avx2((const char *)reg + at, 0);
		__m256i from = _mm256_set1_epi32((int)at << 8);

#pragma GCC unroll 8
		for (unsigned i = 0; i < 64; i += 8) {
			unsigned byte = (uint8_t)(set >> i);
			__m128i bits = _mm_loadl_epi64((const void *)
				&lam_bits_of_byte[byte]);
			__m128i rank = _mm_shuffle_epi8(_mm_loadl_epi64(
				(const void *)(reg + at + i)), bits);

			_mm256_storeu_si256((void *)to, _mm256_add_epi32(from,
				_mm256_cvtepu16_epi32(_mm_unpacklo_epi8(rank,
				bits))));
			to += __builtin_popcount(byte);
			from = _mm256_add_epi32(from, _mm256_set1_epi32(8 << 8));
		}
	}
	return (uint32_t)(to - list);
}

/* 16 at a time: numbers and registers as bytes, both compressed. */
LAM_AVX512 static uint32_t
list_avx512(const uint8_t *reg, uint32_t *list)
{
	uint32_t n = 0;

	for (uint32_t at = 0; at < LAM_HLL_REGISTERS; at += 64) {
		__m512i v = _mm512_loadu_si512((const void *)(reg + at));
		__m512i from = _mm512_set1_epi32((int)at << 8);
		uint64_t set = _mm512_test_epi8_mask(v, v);
		__m512i rank = _mm512_maskz_compress_epi8(set, v);
		__m512i bits = lam_bits_avx512(set);
		uint32_t end = n + (uint32_t)__builtin_popcountll(set);

		for (uint32_t i = n; i < end; i += 16) {
			_mm512_storeu_si512((void *)(list + i), _mm512_add_epi32(
				from, _mm512_add_epi32(_mm512_slli_epi32(
				_mm512_cvtepu8_epi32(_mm512_castsi512_si128(
				bits)), 8), _mm512_cvtepu8_epi32(
				_mm512_castsi512_si128(rank)))));
			bits = _mm512_alignr_epi64(bits, bits, 2);
			rank = _mm512_alignr_epi64(rank, rank, 2);
		}
		n = end;
	}
	return n;
}
#endif

static uint32_t (*const lists[])(const uint8_t *reg, uint32_t *list) = {
	[LAM_MASKS_PLAIN] = list_plain,
#if LAM_X86
	[LAM_MASKS_SSE2] = list_sse2,
	[LAM_MASKS_AVX2] = list_avx2,
	[LAM_MASKS_AVX512] = list_avx512,
#endif
};

/* The registers REG, of which N are not zero, as a sketch. */
static bool
store(struct lam_hll *s, const uint8_t *reg, uint32_t n, struct lam_heap *h)
{
	bool dense = n > SPARSE_MAX;
	uint32_t list[SPARSE_MAX + AT_ONCE];

	s->n = 0;
	if (!make_room(s, dense ? LAM_HLL_REGISTERS : n * sizeof(uint32_t), h))
		return false;
	if (dense) {
		memcpy(s->p, reg, LAM_HLL_REGISTERS);
		s->n = LAM_HLL_DENSE;
		return true;
	}
	s->n = lists[lam_masks_best()](reg, list);
	if (n)
		memcpy(s->p, list, n * sizeof *list);
	return true;
}

bool
lam_hll_add(struct lam_hll *s, const uint32_t *entry, size_t n,
	struct lam_hll_scratch *w, struct lam_heap *h)
{
	bool ok;

	if (s->n == LAM_HLL_DENSE) {
		add_dense(s->p, entry, n);
		return true;
	}
	if (n <= SMALL && !s->p && !make_room(s, n * sizeof *entry, h))
		return false;
	if (add_few(s, entry, n))
		return true;
	add_dense(w->reg, s->p, s->n);
	add_dense(w->reg, entry, n);
	ok = store(s, w->reg, count_registers(w->reg), h);
	memset(w->reg, 0, sizeof w->reg);
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
		bool ok;

		add_dense(w->reg, s->p, s->n);
		ok = store(s, w->reg, LAM_HLL_REGISTERS, h);
		memset(w->reg, 0, sizeof w->reg);
		if (!ok)
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

size_t
lam_hll_text_size(const struct lam_hll *s)
{
	size_t n = 3 * (size_t)(s->n == LAM_HLL_DENSE ?
		count_registers(s->p) : s->n);

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

/* The letters of an entry, the first in the lowest byte. */
static inline uint32_t
letters(uint32_t entry)
{
	return (uint32_t)digit[entry >> 14] |
		(uint32_t)digit[entry >> 8 & 63] << 8 |
		(uint32_t)digit[entry & 0xff] << 16;
}

/* The letters of a list. */
static void
print_plain(const uint32_t *list, uint32_t n, char *out)
{
	/* one store for three letters and a byte of the next ones, if there are any */
	for (uint32_t i = 0; i + 1 < n; i++, out += 3)
		lam_put32(out, letters(list[i]));
	if (n) {
		lam_put16(out, (uint16_t)letters(list[n - 1]));
		out[2] = (char)(letters(list[n - 1]) >> 16);
	}
}

#if LAM_X86
/* Those of 8 entries at a time: three bytes of four are letters. */
LAM_AVX2 static void
print_avx2(const uint32_t *list, uint32_t n, char *out)
{
	/* from 26..51 to letters, each of 52..63, and 0..25 */
	const __m256i add = _mm256_broadcastsi128_si256(_mm_setr_epi8('a' - 26,
		'0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
		'0' - 52, '0' - 52, '0' - 52, '0' - 52, '+' - 62, '/' - 63,
		'A', 0, 0));
	const __m256i three = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 2,
		4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1));
	uint32_t i = 0;

	for (; i + 10 <= n; i += 8, out += 24) { /* 28 bytes are written */
		__m256i e = _mm256_loadu_si256((const void *)(list + i));
		__m256i v = _mm256_or_si256(_mm256_or_si256(
			_mm256_srli_epi32(e, 14), _mm256_and_si256(e,
			_mm256_set1_epi32(0x3f00))), _mm256_slli_epi32(e, 16));
		__m256i kind = _mm256_or_si256(_mm256_subs_epu8(v,
			_mm256_set1_epi8(51)), _mm256_and_si256(
			_mm256_cmpgt_epi8(_mm256_set1_epi8(26), v),
			_mm256_set1_epi8(13)));

		v = _mm256_shuffle_epi8(_mm256_add_epi8(v,
			_mm256_shuffle_epi8(add, kind)), three);
		_mm_storeu_si128((void *)out, _mm256_castsi256_si128(v));
		_mm_storeu_si128((void *)(out + 12),
			_mm256_extracti128_si256(v, 1));
	}
	print_plain(list + i, n - i, out);
}

/* Those of 16 entries at a time. */
LAM_AVX512 static void
print_avx512(const uint32_t *list, uint32_t n, char *out)
{
	for (uint32_t i = 0; i < n; i += 16) {
		unsigned some = n - i < 16 ? n - i : 16;
		__m512i e = _mm512_maskz_loadu_epi32((__mmask16)(0xffff >>
			(16 - some)), list + i);
		__m512i v = _mm512_or_si512(_mm512_or_si512(
			_mm512_srli_epi32(e, 14), _mm512_and_si512(e,
			_mm512_set1_epi32(0x3f00))), _mm512_slli_epi32(
			_mm512_and_si512(e, _mm512_set1_epi32(0xff)), 16));
		__m512i c = _mm512_add_epi8(v, _mm512_set1_epi8('A'));

		c = _mm512_mask_add_epi8(c, _mm512_cmpgt_epu8_mask(v,
			_mm512_set1_epi8(25)), v, _mm512_set1_epi8('a' - 26));
		c = _mm512_mask_add_epi8(c, _mm512_cmpgt_epu8_mask(v,
			_mm512_set1_epi8(51)), v, _mm512_set1_epi8('0' - 52));
		c = _mm512_mask_mov_epi8(c, _mm512_cmpeq_epi8_mask(v,
			_mm512_set1_epi8(62)), _mm512_set1_epi8('+'));
		c = _mm512_mask_mov_epi8(c, _mm512_cmpeq_epi8_mask(v,
			_mm512_set1_epi8(63)), _mm512_set1_epi8('/'));
		c = _mm512_maskz_compress_epi8(UINT64_C(0x7777777777777777), c);
		_mm512_mask_storeu_epi8(out + 3 * i, (UINT64_C(1) << 3 * some) -
			1, c);
	}
}
#endif

void
lam_hll_print_by(const struct lam_hll *s, enum lam_masks masks, char *out)
{
	uint32_t listed[LAM_HLL_REGISTERS + AT_ONCE], n = s->n;
	const uint32_t *list = s->p;

	if (n == LAM_HLL_DENSE &&
		lam_hll_text_size(s) == LAM_HLL_REGISTERS) {
		digits(s->p, LAM_HLL_REGISTERS, out);
		return;
	}
	if (n == LAM_HLL_DENSE) {
		n = lists[masks](s->p, listed);
		list = listed;
	}
#if LAM_X86
	if (masks >= LAM_MASKS_AVX2) {
		(masks == LAM_MASKS_AVX2 ? print_avx2 : print_avx512)(list, n,
			out);
		return;
	}
#endif
	print_plain(list, n, out);
}

void
lam_hll_print(const struct lam_hll *s, char *out)
{
	lam_hll_print_by(s, lam_masks_best(), out);
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
