/*
 * bitpack.c - bit packing in a layout that vectorises
 *
 * Values come in groups of 1024.  A group packed from words of W bits (16, 32
 * or 64) is a matrix of W rows by 1024/W lanes: value i is in row i / lanes,
 * lane i % lanes.  Each lane is a bit stream of its own: row r occupies bits [r
 * * width, (r + 1) * width) of it, least significant first, in little-endian
 * words; word k of all lanes are adjacent, 128 bytes.  So all lanes of a row
 * shift by the same count, and a row of 32-bit words is four AVX2 registers,
 * whatever the width: no code per width is needed (after Afroozeh and Boncz,
 * "The FastLanes compression layout", 2023).  A group takes 128 * width bytes.
 *
 * The last n % 1024 values are one plain bit stream in 64-bit words, so that a
 * block of a few rows stays a few bytes.
 *
 * Measured (tests/bench/bench_store.c, one 2 GHz Zen 1 core, 65,536 values):
 * unpack32 0.22 to 0.33 ns a value, unpack16 0.10 to 0.16, unpack64 0.43 to
 * 0.64; packing half as fast; the tail 2 ns.
 */
#include "store/bitpack.h"

#include <string.h>

#include "base/bytes.h"
#include "base/hot.h"

#define ROW 128 /* bytes of one word of all lanes */

/* The tail: values of any width up to 64, one after the other. */
static void
tail_put(uint8_t *p, unsigned bit, unsigned width, uint64_t v)
{
	uint8_t *w = p + bit / 64 * 8;
	unsigned s = bit % 64;

	lam_put64(w, lam_get64(w) | v << s);
	if (s + width > 64)
		lam_put64(w + 8, v >> (64 - s));
}

static inline uint64_t
tail_get(const uint8_t *p, unsigned bit, unsigned width)
{
	const uint8_t *w = p + bit / 64 * 8;
	unsigned s = bit % 64;
	uint64_t v = lam_get64(w) >> s;

	if (s + width > 64)
		v |= lam_get64(w + 8) << (64 - s);
	return v & UINT64_MAX >> (64 - width);
}

/*
 * Vector types, as the compiler does not narrow a shift of 16-bit integers,
 * which C promotes to int, back to 16 bits.
 */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && defined(__GNUC__)
#define DEFINE_ROWS(W)                                                       \
	typedef uint##W##_t vec##W __attribute__((vector_size(32)));         \
                                                                             \
	LAM_HOT static void                                               \
	unpack_group##W(const uint8_t *p, unsigned width, uint##W##_t *out)  \
	{                                                                    \
		const uint##W##_t mask = (uint##W##_t)(                      \
			UINT64_MAX >> (64 - width));                         \
		vec##W a, b;                                                 \
                                                                             \
		for (unsigned r = 0; r < W; r++, out += ROW * 8 / W) {       \
			unsigned s = r * width % W, split = s + width > W;   \
			const uint8_t *q = p + r * width / W * ROW;          \
			char *o = (char *)out;                               \
                                                                             \
			for (unsigned i = 0; i < ROW; i += 32) {             \
				memcpy(&a, q + i, 32);                       \
				a >>= (uint##W##_t)s;                        \
				if (split) {                                 \
					memcpy(&b, q + ROW + i, 32);         \
					a |= b << (uint##W##_t)(W - s);      \
				}                                            \
				a &= mask;                                   \
				memcpy(o + i, &a, 32);                       \
			}                                                    \
		}                                                            \
	}                                                                    \
                                                                             \
	LAM_HOT static void                                               \
	pack_group##W(const uint##W##_t *v, unsigned width, uint8_t *p)      \
	{                                                                    \
		vec##W a, b;                                                 \
                                                                             \
		memset(p, 0, (size_t)ROW * width);                           \
		for (unsigned r = 0; r < W; r++, v += ROW * 8 / W) {         \
			unsigned s = r * width % W, split = s + width > W;   \
			uint8_t *q = p + r * width / W * ROW;                \
			const char *in = (const char *)v;                    \
                                                                             \
			for (unsigned i = 0; i < ROW; i += 32) {             \
				memcpy(&a, in + i, 32);                      \
				memcpy(&b, q + i, 32);                       \
				b |= a << (uint##W##_t)s;                    \
				memcpy(q + i, &b, 32);                       \
				if (split) {                                 \
					a >>= (uint##W##_t)(W - s);          \
					memcpy(q + ROW + i, &a, 32);         \
				}                                            \
			}                                                    \
		}                                                            \
	}
#else
#define DEFINE_ROWS(W)                                                       \
	static void                                                          \
	unpack_group##W(const uint8_t *p, unsigned width, uint##W##_t *out)  \
	{                                                                    \
		const uint64_t mask = UINT64_MAX >> (64 - width);            \
                                                                             \
		for (unsigned i = 0; i < LAM_PACK_GROUP; i++) {              \
			unsigned r = i / (ROW * 8 / W), l = i % (ROW * 8 / W); \
			unsigned s = r * width % W;                          \
			const uint8_t *q = p + r * width / W * ROW +         \
				l * W / 8;                                   \
			uint64_t v = lam_get##W(q) >> s;                     \
                                                                             \
			if (s + width > W)                                   \
				v |= (uint64_t)lam_get##W(q + ROW) << (W - s); \
			out[i] = (uint##W##_t)(v & mask);                    \
		}                                                            \
	}                                                                    \
                                                                             \
	static void                                                          \
	pack_group##W(const uint##W##_t *v, unsigned width, uint8_t *p)      \
	{                                                                    \
		memset(p, 0, (size_t)ROW * width);                           \
		for (unsigned i = 0; i < LAM_PACK_GROUP; i++) {              \
			unsigned r = i / (ROW * 8 / W), l = i % (ROW * 8 / W); \
			unsigned s = r * width % W;                          \
			uint8_t *q = p + r * width / W * ROW + l * W / 8;    \
                                                                             \
			lam_put##W(q, (uint##W##_t)(lam_get##W(q) |          \
				(uint64_t)v[i] << s));                       \
			if (s + width > W)                                   \
				lam_put##W(q + ROW, (uint##W##_t)(           \
					(uint64_t)v[i] >> (W - s)));         \
		}                                                            \
	}
#endif

#define DEFINE_PACK(W)                                                       \
	void                                                                 \
	lam_pack##W(const uint##W##_t *v, uint32_t n, unsigned width,        \
		void *out)                                                   \
	{                                                                    \
		uint8_t *p = out;                                            \
                                                                             \
		if (width == 0)                                              \
			return;                                              \
		for (; n >= LAM_PACK_GROUP; n -= LAM_PACK_GROUP) {           \
			pack_group##W(v, width, p);                          \
			v += LAM_PACK_GROUP;                                 \
			p += (size_t)ROW * width;                            \
		}                                                            \
		memset(p, 0, lam_pack_size(n, width));                       \
		for (uint32_t i = 0; i < n; i++)                             \
			tail_put(p, i * width, width, v[i]);                 \
	}                                                                    \
                                                                             \
	void                                                                 \
	lam_unpack##W(const void *in, uint32_t n, unsigned width,            \
		uint##W##_t *out)                                            \
	{                                                                    \
		const uint8_t *p = in;                                       \
                                                                             \
		if (width == 0) {                                            \
			memset(out, 0, n * sizeof *out);                     \
			return;                                              \
		}                                                            \
		for (; n >= LAM_PACK_GROUP; n -= LAM_PACK_GROUP) {           \
			unpack_group##W(p, width, out);                      \
			out += LAM_PACK_GROUP;                               \
			p += (size_t)ROW * width;                            \
		}                                                            \
		for (uint32_t i = 0; i < n; i++)                             \
			out[i] = (uint##W##_t)tail_get(p, i * width, width); \
	}

DEFINE_ROWS(16)
DEFINE_ROWS(32)
DEFINE_ROWS(64)

DEFINE_PACK(16)
DEFINE_PACK(32)
DEFINE_PACK(64)
