/*
 * masks.h - which of 64 bytes are what is sought, as 64 bits
 *
 * Bit i stands for byte i.  Four ways that agree (tests/unit/test_csv_kernel.c): plain
 * C that compares eight bytes at a time, SSE2, which every x86-64 has, AVX2, and
 * AVX-512 (with VBMI2: processors from 2019 on), where a mask is one instruction.
 */
#ifndef LAM_BASE_MASKS_H
#define LAM_BASE_MASKS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(LAM_PLAIN)
#include <immintrin.h>
#define LAM_X86 1
#define LAM_AVX2 __attribute__((target("avx2,bmi,popcnt")))
#define LAM_AVX512 __attribute__((target("avx512bw,avx512vl,avx512vbmi2,bmi," \
	"popcnt")))
#else
#define LAM_X86 0
#endif

enum lam_masks { LAM_MASKS_PLAIN, LAM_MASKS_SSE2, LAM_MASKS_AVX2, LAM_MASKS_AVX512 };

/* The best that this machine can run; it can run those before, too. */
enum lam_masks lam_masks_best(void);

/*
 * The bytes of V that equal C, as 8 bits.  x has a zero byte where they are equal; the
 * usual trick for zero bytes is exact only up to the first, so each byte is
 * tested by itself: 0x7f + (x & 0x7f) sets the top bit unless the low 7 are zero.
 */
static inline uint64_t
lam_equal8(uint64_t v, unsigned char c)
{
	const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
	uint64_t x = v ^ (UINT64_C(0x0101010101010101) * c);
	uint64_t top = ~(((x & low) + low) | x | low);

	return (top >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

static inline uint64_t
lam_equal_plain(const char *p, char c)
{
	uint64_t r = 0;

	for (unsigned i = 0; i < 64; i += 8)
		r |= lam_equal8(lam_get64(p + i), (unsigned char)c) << i;
	return r;
}

/* Bit i: P[i] is Q[i]. */
static inline uint64_t
lam_same_plain(const char *p, const char *q)
{
	uint64_t r = 0;

	for (unsigned i = 0; i < 64; i += 8)
		r |= lam_equal8(lam_get64(p + i) ^ lam_get64(q + i), 0) << i;
	return r;
}

/* What a string of JSON does not hold as it is: quotes, backslashes, control
 * characters. */
static inline uint64_t
lam_special_plain(const char *p)
{
	uint64_t r = 0;

	for (unsigned i = 0; i < 64; i++)
		r |= (uint64_t)(p[i] == '"' || p[i] == '\\' ||
			(unsigned char)p[i] < 0x20) << i;
	return r;
}

/* The number of the lowest bit of E; any number when there is none. */
static inline uint32_t
lam_lowest_plain(uint64_t e)
{
	return (uint32_t)__builtin_ctzll(e | (uint64_t)1 << 63);
}

/* Stores X by itself: to bring several together in a vector first takes longer. */
static inline __attribute__((always_inline)) void
lam_put_alone(uint32_t x, uint32_t *out)
{
	__asm__("" : "+r"(x));
	*out = x;
}

/* The bits of E, which stand for the bytes from BASE on, as positions: OUT has room
 * for 64. */
static inline __attribute__((always_inline)) void
lam_list_plain(uint64_t e, uint32_t base, uint32_t *out)
{
	do { /* most blocks have less than eight: one round, no branch */
#pragma GCC unroll 8
		for (unsigned i = 0; i < 8; i++, e &= e - 1)
			lam_put_alone(base + lam_lowest_plain(e), out++);
	} while (__builtin_expect(e != 0, 0));
}

#if LAM_X86
/* The numbers of the bits of a byte, the lowest first, as bytes. */
extern const uint64_t lam_bits_of_byte[256];

static inline uint64_t
lam_equal_sse2(const char *p, char c)
{
	__m128i k = _mm_set1_epi8(c);
	uint64_t r = 0;

#pragma GCC unroll 4
	for (unsigned i = 0; i < 64; i += 16) {
		__m128i v = _mm_loadu_si128((const void *)(p + i));

		r |= (uint64_t)(uint32_t)_mm_movemask_epi8(
			_mm_cmpeq_epi8(v, k)) << i;
	}
	return r;
}

static inline uint64_t
lam_same_sse2(const char *p, const char *q)
{
	uint64_t r = 0;

#pragma GCC unroll 4
	for (unsigned i = 0; i < 64; i += 16)
		r |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(
			_mm_loadu_si128((const void *)(p + i)),
			_mm_loadu_si128((const void *)(q + i)))) << i;
	return r;
}

static inline uint64_t
lam_special_sse2(const char *p)
{
	const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'),
		control = _mm_set1_epi8(0x1f);
	uint64_t r = 0;

#pragma GCC unroll 4
	for (unsigned i = 0; i < 64; i += 16) {
		__m128i v = _mm_loadu_si128((const void *)(p + i));
		__m128i hit = _mm_or_si128(_mm_or_si128(
			_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, slash)),
			_mm_cmpeq_epi8(_mm_min_epu8(v, control), v));

		r |= (uint64_t)(uint32_t)_mm_movemask_epi8(hit) << i;
	}
	return r;
}

LAM_AVX2 static inline __attribute__((always_inline)) uint64_t
lam_same_avx2(const char *p, const char *q)
{
	uint64_t r = 0;

#pragma GCC unroll 4
	for (unsigned i = 0; i < 64; i += 32)
		r |= (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(
			_mm256_loadu_si256((const void *)(p + i)),
			_mm256_loadu_si256((const void *)(q + i)))) << i;
	return r;
}

LAM_AVX2 static inline __attribute__((always_inline)) uint64_t
lam_special_avx2(const char *p)
{
	const __m256i quote = _mm256_set1_epi8('"'),
		slash = _mm256_set1_epi8('\\'), control = _mm256_set1_epi8(0x1f);
	uint64_t r = 0;

#pragma GCC unroll 4
	for (unsigned i = 0; i < 64; i += 32) {
		__m256i v = _mm256_loadu_si256((const void *)(p + i));
		__m256i hit = _mm256_or_si256(_mm256_or_si256(
			_mm256_cmpeq_epi8(v, quote), _mm256_cmpeq_epi8(v, slash)),
			_mm256_cmpeq_epi8(_mm256_min_epu8(v, control), v));

		r |= (uint64_t)(uint32_t)_mm256_movemask_epi8(hit) << i;
	}
	return r;
}

LAM_AVX2 static inline __attribute__((always_inline)) uint64_t
lam_equal_avx2(const char *p, char c)
{
	__m256i k = _mm256_set1_epi8(c);
	__m256i a = _mm256_loadu_si256((const void *)p);
	__m256i b = _mm256_loadu_si256((const void *)(p + 32));

	return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, k)) |
		(uint64_t)(uint32_t)_mm256_movemask_epi8(
			_mm256_cmpeq_epi8(b, k)) << 32;
}

LAM_AVX2 static inline __attribute__((always_inline)) void
lam_list_avx2(uint64_t e, uint32_t base, uint32_t *out)
{
	do {
#pragma GCC unroll 8
		for (unsigned i = 0; i < 8; i++, e = _blsr_u64(e))
			lam_put_alone(base + (uint32_t)_tzcnt_u64(e), out++);
	} while (__builtin_expect(e != 0, 0));
}

/* The same for blocks of which many have more than eight: eight bytes at a time, by a
 * table, without a branch. */
LAM_AVX2 static inline __attribute__((always_inline)) void
lam_list_dense_avx2(uint64_t e, uint32_t base, uint32_t *out)
{
	__m256i from = _mm256_set1_epi32((int)base);

#pragma GCC unroll 8
	for (unsigned i = 0; i < 64; i += 8) {
		unsigned byte = (uint8_t)(e >> i);
		__m128i bits = _mm_cvtsi64_si128((int64_t)lam_bits_of_byte[byte]);

		_mm256_storeu_si256((void *)out, _mm256_add_epi32(from,
			_mm256_cvtepu8_epi32(bits)));
		out += __builtin_popcount(byte);
		from = _mm256_add_epi32(from, _mm256_set1_epi32(8));
	}
}

LAM_AVX512 static inline __attribute__((always_inline)) uint64_t
lam_equal_avx512(const char *p, char c)
{
	return _mm512_cmpeq_epi8_mask(_mm512_loadu_si512((const void *)p),
		_mm512_set1_epi8(c));
}

LAM_AVX512 static inline __attribute__((always_inline)) uint64_t
lam_same_avx512(const char *p, const char *q)
{
	return _mm512_cmpeq_epi8_mask(_mm512_loadu_si512((const void *)p),
		_mm512_loadu_si512((const void *)q));
}

LAM_AVX512 static inline __attribute__((always_inline)) uint64_t
lam_special_avx512(const char *p)
{
	__m512i v = _mm512_loadu_si512((const void *)p);

	return _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('"')) |
		_mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\\')) |
		_mm512_cmplt_epu8_mask(v, _mm512_set1_epi8(0x20));
}

/* The numbers of the bits of E, as bytes. */
LAM_AVX512 static inline __attribute__((always_inline)) __m512i
lam_bits_avx512(uint64_t e)
{
	return _mm512_maskz_compress_epi8(e, _mm512_set_epi8(63, 62, 61, 60, 59,
		58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43,
		42, 41, 40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27,
		26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11,
		10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
}

/* 16 bits at a time: their numbers. */
LAM_AVX512 static inline __attribute__((always_inline)) void
lam_list_avx512(uint64_t e, uint32_t base, uint32_t *out)
{
	__m512i bits = lam_bits_avx512(e);
	__m512i from = _mm512_set1_epi32((int)base);
	unsigned n = (unsigned)__builtin_popcountll(e);

	for (;;) {
		_mm512_storeu_si512((void *)out, _mm512_add_epi32(from,
			_mm512_cvtepu8_epi32(_mm512_castsi512_si128(bits))));
		if (__builtin_expect(n <= 16, 1))
			break;
		bits = _mm512_alignr_epi64(bits, bits, 2);
		out += 16;
		n -= 16;
	}
}
#endif

#endif
