/*
 * masks_wide.h - the masks of masks.h with AVX2 and with AVX-512
 *
 * For the few files that have a loop for each instruction set.
 */
#ifndef LAM_BASE_MASKS_WIDE_H
#define LAM_BASE_MASKS_WIDE_H

#include "base/masks.h"

#if LAM_X86
#include <immintrin.h>
#define LAM_AVX2 __attribute__((target("avx2,bmi,popcnt")))
#define LAM_AVX512 __attribute__((target("avx512bw,avx512vl,avx512vbmi2,bmi," \
	"popcnt")))

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

LAM_AVX2 static inline __attribute__((always_inline)) uint64_t
lam_either_avx2(const char *p, char c, char d)
{
	__m256i k = _mm256_set1_epi8(c), l = _mm256_set1_epi8(d);
	uint64_t r = 0;

#pragma GCC unroll 4
	for (unsigned i = 0; i < 64; i += 32) {
		__m256i v = _mm256_loadu_si256((const void *)(p + i));

		r |= (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_or_si256(
			_mm256_cmpeq_epi8(v, k), _mm256_cmpeq_epi8(v, l))) << i;
	}
	return r;
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
lam_either_avx512(const char *p, char c, char d)
{
	return lam_equal_avx512(p, c) | lam_equal_avx512(p, d);
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
