/*
 * hll_text.c - HyperLogLog: registers listed, and as text
 */
#include "group/hll_internal.h"

#include <string.h>

#include "base/hot.h"
#include "base/masks_wide.h"

static const char digit[65] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* In bytes that cannot overflow. */
LAM_HOT uint32_t
lam_hll_count(const uint8_t *reg)
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

/*
 * The registers that are not zero as entries, in a way for each instruction set.  Some
 * are written whether there are or not, since nobody can predict how many there are.
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

/* The ranks of those of 8 registers that are in BYTE, each with its number of the 8. */
LAM_AVX2 static inline __attribute__((always_inline)) __m128i
pairs_avx2(const uint8_t *reg, unsigned byte)
{
	__m128i bits = _mm_loadl_epi64((const void *)&lam_bits_of_byte[byte]);

	return _mm_unpacklo_epi8(_mm_shuffle_epi8(_mm_loadl_epi64(
		(const void *)reg), bits), bits);
}

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
			__m128i pairs = pairs_avx2(reg + at + i, byte);

			_mm256_storeu_si256((void *)to, _mm256_add_epi32(from,
				_mm256_cvtepu16_epi32(pairs)));
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

uint32_t
lam_hll_list(const uint8_t *reg, enum lam_masks masks, uint32_t *list)
{
	return lists[masks](reg, list);
}

/* N entries as a list; false: a rank is too large for one. */
LAM_HOT static bool
shorten(const uint32_t *entry, uint32_t n, uint16_t *list)
{
	uint32_t ranks = 0;

	for (uint32_t i = 0; i < n; i++) {
		ranks |= entry[i];
		list[i] = (uint16_t)(entry[i] >> 4 | (entry[i] & LAM_HLL_LISTED_MAX));
	}
	return (ranks & 0xff) <= LAM_HLL_LISTED_MAX;
}

#if LAM_X86
/* As list_avx2, in half the bytes. */
LAM_AVX2 static bool
short_avx2(const uint8_t *reg, uint16_t *list, uint32_t *n)
{
	__m256i ranks = _mm256_setzero_si256();
	__m128i from = _mm_setzero_si128();
	uint16_t *to = list;

	for (uint32_t at = 0; at < LAM_HLL_REGISTERS; at += 64) {
		uint64_t set = ~lam_equal_avx2((const char *)reg + at, 0);

		ranks = _mm256_or_si256(ranks, _mm256_or_si256(
			_mm256_loadu_si256((const void *)(reg + at)),
			_mm256_loadu_si256((const void *)(reg + at + 32))));
#pragma GCC unroll 8
		for (unsigned i = 0; i < 64; i += 8) {
			unsigned byte = (uint8_t)(set >> i);
			__m128i pairs = pairs_avx2(reg + at + i, byte);

			_mm_storeu_si128((void *)to, _mm_add_epi16(from,
				_mm_maddubs_epi16(pairs, _mm_set1_epi16(16 << 8 |
				1))));
			to += __builtin_popcount(byte);
			from = _mm_add_epi16(from, _mm_set1_epi16(8 << 4));
		}
	}
	*n = (uint32_t)(to - list);
	return _mm256_testz_si256(ranks, _mm256_set1_epi8((char)
		~LAM_HLL_LISTED_MAX));
}
#endif

bool
lam_hll_list_short(const uint8_t *reg, enum lam_masks masks, uint16_t *list,
	uint32_t *n)
{
	uint32_t entry[LAM_HLL_REGISTERS + LAM_HLL_SPILL];

#if LAM_X86
	if (masks >= LAM_MASKS_AVX2)
		return short_avx2(reg, list, n);
#endif
	*n = lam_hll_list(reg, masks, entry);
	return shorten(entry, *n, list);
}

LAM_HOT void
lam_hll_listed(const struct lam_hll *s, uint32_t *entry)
{
	const uint16_t *list = s->p;

	for (uint32_t i = 0; i < s->n; i++)
		entry[i] = (uint32_t)(list[i] >> 4) << 8 |
			(list[i] & LAM_HLL_LISTED_MAX);
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

		if (rank < 0 || rank > LAM_HLL_RANK_MAX)
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

		if (hi < 0 || lo < 0 || rank < 1 || rank > LAM_HLL_RANK_MAX ||
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
		lam_hll_count(s->p) : s->n);

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
	uint32_t list[LAM_HLL_REGISTERS + LAM_HLL_SPILL], n = s->n;

	if (n == LAM_HLL_DENSE &&
		lam_hll_text_size(s) == LAM_HLL_REGISTERS) {
		digits(s->p, LAM_HLL_REGISTERS, out);
		return;
	}
	if (n == LAM_HLL_DENSE)
		n = lam_hll_list(s->p, masks, list);
	else
		lam_hll_listed(s, list);
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
