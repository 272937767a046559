/*
 * masks.h - which of 64 bytes are what is sought, as 64 bits
 *
 * Bit i stands for byte i.  Four ways that agree (tests/unit/test_csv_kernel.c): plain
 * C that compares eight bytes at a time, SSE2, which every x86-64 has, AVX2, and
 * AVX-512 (with VBMI2: processors from 2019 on), where a mask is one instruction.  The
 * last two are in masks_wide.h: their header takes the compiler longer than most files.
 */
#ifndef LAM_BASE_MASKS_H
#define LAM_BASE_MASKS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(LAM_PLAIN)
#include <emmintrin.h>
#define LAM_X86 1
#else
#define LAM_X86 0
#endif

enum lam_masks { LAM_MASKS_PLAIN, LAM_MASKS_SSE2, LAM_MASKS_AVX2, LAM_MASKS_AVX512 };

/* The best that this machine can run; it can run those before, too. */
enum lam_masks lam_masks_best(void);

static inline uint64_t
lam_equal_plain(const char *p, char c)
{
	uint64_t r = 0;

	for (unsigned i = 0; i < 64; i += 8)
		r |= lam_equal8(lam_get64(p + i), (unsigned char)c) << i;
	return r;
}

/* Bit i: P[i] is C or D. */
static inline uint64_t
lam_either_plain(const char *p, char c, char d)
{
	return lam_equal_plain(p, c) | lam_equal_plain(p, d);
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
lam_either_sse2(const char *p, char c, char d)
{
	__m128i k = _mm_set1_epi8(c), l = _mm_set1_epi8(d);
	uint64_t r = 0;

#pragma GCC unroll 4
	for (unsigned i = 0; i < 64; i += 16) {
		__m128i v = _mm_loadu_si128((const void *)(p + i));

		r |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_or_si128(
			_mm_cmpeq_epi8(v, k), _mm_cmpeq_epi8(v, l))) << i;
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
#endif

#endif
