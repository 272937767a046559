/*
 * masks.h - which of 64 bytes are delimiters, newlines, quotes, CRs
 *
 * Bit i stands for byte i.  Two ways that must agree (tests/unit/test_csv.c): SSE2,
 * and plain C that compares eight bytes at a time.
 */
#ifndef LAM_INPUT_MASKS_H
#define LAM_INPUT_MASKS_H

#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/bytes.h"

struct lam_masks {
	uint64_t delimiter, newline, quote, cr;
};

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

static inline struct lam_masks
lam_masks_plain(const char *p, char delimiter)
{
	struct lam_masks m = { 0, 0, 0, 0 };

	for (unsigned i = 0; i < 64; i += 8) {
		uint64_t v = lam_get64(p + i);

		m.delimiter |= lam_equal8(v, (unsigned char)delimiter) << i;
		m.newline |= lam_equal8(v, '\n') << i;
		m.quote |= lam_equal8(v, '"') << i;
		m.cr |= lam_equal8(v, '\r') << i;
	}
	return m;
}

#ifdef __SSE2__
static inline uint64_t
lam_equal64(const __m128i v[4], char c)
{
	__m128i k = _mm_set1_epi8(c);
	uint64_t r = 0;

	for (unsigned i = 0; i < 4; i++)
		r |= (uint64_t)(uint32_t)_mm_movemask_epi8(
			_mm_cmpeq_epi8(v[i], k)) << 16 * i;
	return r;
}

static inline struct lam_masks
lam_masks_of(const char *p, char delimiter)
{
	__m128i v[4];

	memcpy(v, p, sizeof v);
	return (struct lam_masks){ lam_equal64(v, delimiter),
		lam_equal64(v, '\n'), lam_equal64(v, '"'),
		lam_equal64(v, '\r') };
}
#else
static inline struct lam_masks
lam_masks_of(const char *p, char delimiter)
{
	return lam_masks_plain(p, delimiter);
}
#endif

/* Bit i: XOR of bits 0..i. */
static inline uint64_t
lam_prefix_xor(uint64_t v)
{
	v ^= v << 1;
	v ^= v << 2;
	v ^= v << 4;
	v ^= v << 8;
	v ^= v << 16;
	return v ^ v << 32;
}

#endif
