/*
 * masks.h - which of 64 bytes are equal to a byte, as 64 bits
 *
 * Bit i stands for byte i.  Three ways that agree (tests/unit/test_csv.c): plain
 * C that compares eight bytes at a time, SSE2, which every x86-64 has, and AVX2.
 */
#ifndef LAM_BASE_MASKS_H
#define LAM_BASE_MASKS_H

#include <stdint.h>
#include <string.h>

#include "base/bytes.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(LAM_PLAIN)
#include <immintrin.h>
#define LAM_X86 1
#define LAM_AVX2 __attribute__((target("avx2,bmi,popcnt,pclmul")))
#else
#define LAM_X86 0
#endif

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

/* Bit i: XOR of bits 0..i. */
static inline uint64_t
lam_prefix_xor_plain(uint64_t v)
{
	v ^= v << 1;
	v ^= v << 2;
	v ^= v << 4;
	v ^= v << 8;
	v ^= v << 16;
	return v ^ v << 32;
}

#if LAM_X86
static inline uint64_t
lam_equal_sse2(const char *p, char c)
{
	__m128i k = _mm_set1_epi8(c);
	uint64_t r = 0;

	for (unsigned i = 0; i < 64; i += 16) {
		__m128i v = _mm_loadu_si128((const void *)(p + i));

		r |= (uint64_t)(uint32_t)_mm_movemask_epi8(
			_mm_cmpeq_epi8(v, k)) << i;
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

/* A product without carries by all ones is the XOR of all shifts. */
LAM_AVX2 static inline __attribute__((always_inline)) uint64_t
lam_prefix_xor_avx2(uint64_t v)
{
	return (uint64_t)_mm_cvtsi128_si64(_mm_clmulepi64_si128(
		_mm_cvtsi64_si128((long long)v), _mm_set1_epi8(-1), 0));
}
#endif

#endif
