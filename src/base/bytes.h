/*
 * bytes.h - little-endian integers at byte addresses, and slices
 *
 * The only way numbers get in and out of files.  No alignment is assumed.
 */
#ifndef LAM_BASE_BYTES_H
#define LAM_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes owned by somebody else.  p == NULL is NULL, the missing value. */
struct lam_str {
	const char *p;
	size_t n;
};

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#define LAM_LE16(v) __builtin_bswap16(v)
#define LAM_LE32(v) __builtin_bswap32(v)
#define LAM_LE64(v) __builtin_bswap64(v)
#else
#define LAM_LE16(v) (v)
#define LAM_LE32(v) (v)
#define LAM_LE64(v) (v)
#endif

static inline uint16_t
lam_get16(const void *p)
{
	uint16_t v;
	memcpy(&v, p, sizeof v);
	return LAM_LE16(v);
}

static inline uint32_t
lam_get32(const void *p)
{
	uint32_t v;
	memcpy(&v, p, sizeof v);
	return LAM_LE32(v);
}

static inline uint64_t
lam_get64(const void *p)
{
	uint64_t v;
	memcpy(&v, p, sizeof v);
	return LAM_LE64(v);
}

static inline void
lam_put16(void *p, uint16_t v)
{
	v = LAM_LE16(v);
	memcpy(p, &v, sizeof v);
}

static inline void
lam_put32(void *p, uint32_t v)
{
	v = LAM_LE32(v);
	memcpy(p, &v, sizeof v);
}

static inline void
lam_put64(void *p, uint64_t v)
{
	v = LAM_LE64(v);
	memcpy(p, &v, sizeof v);
}

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

static inline bool
lam_is_digit(char c)
{
	return (unsigned char)(c - '0') <= 9;
}

typedef uint64_t lam_16_bytes __attribute__((vector_size(16)));

/* Where 16 bytes differ. */
static inline lam_16_bytes
lam_differ_16(const char *a, const char *b)
{
	lam_16_bytes x, y;

	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return x ^ y;
}

/* Order of two byte strings: memcmp, then the shorter first. */
static inline int
lam_str_cmp(struct lam_str a, struct lam_str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	return c ? c : (a.n > b.n) - (a.n < b.n);
}

#endif
