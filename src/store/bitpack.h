/*
 * bitpack.h - arrays of small unsigned integers, WIDTH bits each
 *
 * Widths are 0 .. the bits of the word; a width of 0 stores nothing and reads
 * as zeros.  Layout: bitpack.c.  The word is part of the format: values packed
 * from 16-bit words are unpacked into 16-bit words.
 */
#ifndef LAM_STORE_BITPACK_H
#define LAM_STORE_BITPACK_H

#include <stddef.h>
#include <stdint.h>

#define LAM_PACK_GROUP 1024 /* values of one group, in each layout */

/* Bits that V needs: 0 for 0, 64 at most. */
static inline unsigned
lam_bits(uint64_t v)
{
	return v ? 64 - (unsigned)__builtin_clzll(v) : 0;
}

/* Bytes of N values, a multiple of 8. */
static inline size_t
lam_pack_size(uint32_t n, unsigned width)
{
	size_t full = n / LAM_PACK_GROUP, tail = n % LAM_PACK_GROUP;

	return full * (LAM_PACK_GROUP / 8) * width +
		(tail * width + 63) / 64 * 8;
}

/* Pack V[N], each below 2^WIDTH, into OUT[lam_pack_size(N, WIDTH)]. */
void lam_pack16(const uint16_t *v, uint32_t n, unsigned width, void *out);
void lam_pack32(const uint32_t *v, uint32_t n, unsigned width, void *out);
void lam_pack64(const uint64_t *v, uint32_t n, unsigned width, void *out);

/* Unpack N values from P[lam_pack_size(N, WIDTH)] into OUT[N]. */
void lam_unpack16(const void *p, uint32_t n, unsigned width, uint16_t *out);
void lam_unpack32(const void *p, uint32_t n, unsigned width, uint32_t *out);
void lam_unpack64(const void *p, uint32_t n, unsigned width, uint64_t *out);

#endif
