/*
 * fn_make_hash.c - md5 (RFC 1321), sha1 and sha256 (RFC 6234), in hexadecimal
 *
 * For joining with what others hashed; nothing here is kept secret.  All take blocks
 * of 64 bytes; the last are the rest of the text, a bit, zeros and the length in bits.
 */
#include "fn/fn_make.h"

#include <string.h>

#define BLOCK 64

static uint32_t
left(uint32_t v, unsigned n)
{
	return v << n | v >> (32 - n);
}

static void
md5_block(uint32_t *h, const unsigned char *p)
{
	/* floor(2^32 * |sin(i + 1)|) */
	static const uint32_t add[64] = {
		0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a,
		0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be,
		0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340,
		0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
		0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8,
		0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c,
		0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa,
		0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
		0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92,
		0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1,
		0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391
	};
	static const uint8_t turn[4][4] = { { 7, 12, 17, 22 },
		{ 5, 9, 14, 20 }, { 4, 11, 16, 23 }, { 6, 10, 15, 21 } };
	static const uint8_t step[4][2] = { { 1, 0 }, { 5, 1 }, { 3, 5 },
		{ 7, 0 } };
	uint32_t a = h[0], b = h[1], c = h[2], d = h[3];

	for (unsigned i = 0; i < 64; i++) {
		unsigned round = i / 16;
		const unsigned char *w = p + 4 * ((i * step[round][0] +
			step[round][1]) % 16);
		uint32_t word = w[0] | (uint32_t)w[1] << 8 |
			(uint32_t)w[2] << 16 | (uint32_t)w[3] << 24;
		uint32_t f = round == 0 ? (b & c) | (~b & d) : round == 1 ?
			(d & b) | (~d & c) : round == 2 ? b ^ c ^ d :
			c ^ (b | ~d);
		uint32_t next = b + left(a + f + add[i] + word,
			turn[round][i % 4]);

		a = d;
		d = c;
		c = b;
		b = next;
	}
	h[0] += a;
	h[1] += b;
	h[2] += c;
	h[3] += d;
}

static void
sha1_block(uint32_t *h, const unsigned char *p)
{
	static const uint32_t add[4] = { 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc,
		0xca62c1d6 };
	uint32_t w[80], v[5];

	for (unsigned i = 0; i < 16; i++)
		w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16 |
			(uint32_t)p[4 * i + 2] << 8 | p[4 * i + 3];
	for (unsigned i = 16; i < 80; i++)
		w[i] = left(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
	memcpy(v, h, sizeof v);
	for (unsigned i = 0; i < 80; i++) {
		uint32_t b = v[1], c = v[2], d = v[3];
		uint32_t f = i < 20 ? (b & c) | (~b & d) : i < 40 || i >= 60 ?
			b ^ c ^ d : (b & c) | (b & d) | (c & d);
		uint32_t t = left(v[0], 5) + f + v[4] + add[i / 20] + w[i];

		v[4] = d;
		v[3] = c;
		v[2] = left(b, 30);
		v[1] = v[0];
		v[0] = t;
	}
	for (unsigned i = 0; i < 5; i++)
		h[i] += v[i];
}

static void
sha256_block(uint32_t *h, const unsigned char *p)
{
	/* The fractions of the cube roots of the first 64 primes. */
	static const uint32_t add[64] = {
		0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
		0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
		0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
		0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
		0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
		0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
		0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
		0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
		0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
		0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
		0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
	};
	uint32_t w[64], v[8];

	for (unsigned i = 0; i < 16; i++)
		w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16 |
			(uint32_t)p[4 * i + 2] << 8 | p[4 * i + 3];
	for (unsigned i = 16; i < 64; i++) {
		uint32_t x = w[i - 15], y = w[i - 2];

		w[i] = w[i - 16] + w[i - 7] +
			(left(x, 25) ^ left(x, 14) ^ x >> 3) +
			(left(y, 15) ^ left(y, 13) ^ y >> 10);
	}
	memcpy(v, h, sizeof v);
	for (unsigned i = 0; i < 64; i++) {
		uint32_t e = v[4], a = v[0];
		uint32_t t = v[7] + (left(e, 26) ^ left(e, 21) ^ left(e, 7)) +
			((e & v[5]) ^ (~e & v[6])) + add[i] + w[i];
		uint32_t u = (left(a, 30) ^ left(a, 19) ^ left(a, 10)) +
			((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));

		memmove(v + 1, v, 7 * sizeof *v);
		v[4] += t;
		v[0] = t + u;
	}
	for (unsigned i = 0; i < 8; i++)
		h[i] += v[i];
}

struct digest {
	void (*block)(uint32_t *h, const unsigned char *p);
	uint32_t h[8];
	unsigned words;
	bool high_first; /* bytes of a word, and of the length */
};

static enum lam_made
put_digest(struct lam_buf *b, struct lam_str t, struct digest *d)
{
	unsigned char last[2 * BLOCK] = { 0 };
	size_t whole = t.n / BLOCK * BLOCK, rest = t.n - whole;
	size_t end = rest < BLOCK - 8 ? BLOCK : 2 * BLOCK;
	uint64_t bits = (uint64_t)t.n * 8;

	for (size_t i = 0; i < whole; i += BLOCK)
		d->block(d->h, (const unsigned char *)t.p + i);
	if (rest)
		memcpy(last, t.p + whole, rest);
	last[rest] = 0x80;
	for (unsigned i = 0; i < 8; i++)
		last[end - 8 + i] = (unsigned char)(bits >> 8 *
			(d->high_first ? 7 - i : i));
	for (size_t i = 0; i < end; i += BLOCK)
		d->block(d->h, last + i);
	for (unsigned i = 0; i < 4 * d->words; i++)
		lam_buf_printf(b, "%02x", (unsigned)(d->h[i / 4] >> 8 *
			(d->high_first ? 3 - i % 4 : i % 4) & 255));
	return LAM_MADE_TEXT;
}

enum lam_made
lam_make_md5(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	struct digest d = { md5_block, { 0x67452301, 0xefcdab89, 0x98badcfe,
		0x10325476 }, 4, false };

	return put_digest(b, lam_str_at(r, i), &d);
}

enum lam_made
lam_make_sha1(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	struct digest d = { sha1_block, { 0x67452301, 0xefcdab89, 0x98badcfe,
		0x10325476, 0xc3d2e1f0 }, 5, true };

	return put_digest(b, lam_str_at(r, i), &d);
}

/* The fractions of the square roots of the first 8 primes. */
enum lam_made
lam_make_sha256(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	struct digest d = { sha256_block, { 0x6a09e667, 0xbb67ae85, 0x3c6ef372,
		0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 },
		8, true };

	return put_digest(b, lam_str_at(r, i), &d);
}
