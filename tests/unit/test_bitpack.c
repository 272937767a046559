/*
 * test_bitpack.c - packing and unpacking, every width, around group edges
 */
#include <stdlib.h>

#include "store/bitpack.h"
#include "test.h"

#define MOST 4100
#define GUARD 0xA5

static uint64_t seed = 88172645463325252u;

static uint64_t
draw(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	return seed ^= seed << 17;
}

static const uint32_t sizes[] = { 0, 1, 2, 31, 32, 33, 63, 64, 65, 127, 1000,
	1023, 1024, 1025, 1055, 1056, 2047, 2048, 2049, 3000, 4096, 4097 };

#define ROUND(W)                                                              \
	static void                                                           \
	round##W(uint32_t n, unsigned width, int extreme)                     \
	{                                                                     \
		static uint##W##_t in[MOST], out[MOST + 1];                   \
		static uint8_t p[MOST * 8 + 64];                              \
		size_t size = lam_pack_size(n, width);                        \
		uint64_t top = width ? UINT64_MAX >> (64 - width) : 0;        \
		int bad = 0;                                                  \
                                                                              \
		for (uint32_t i = 0; i < n; i++)                              \
			in[i] = (uint##W##_t)((extreme ? UINT64_MAX : draw()) \
				& top);                                       \
		memset(p, GUARD, sizeof p);                                   \
		memset(out, GUARD, sizeof out);                               \
		lam_pack##W(in, n, width, p);                                 \
		for (size_t i = size; i < size + 64; i++)                     \
			bad |= p[i] != GUARD;                                 \
		FAIL_IF(bad, "pack" #W " n %u width %u: past", n, width);     \
		lam_unpack##W(p, n, width, out);                              \
		FAIL_IF(memcmp(in, out, n * sizeof *in),                      \
			"unpack" #W " n %u width %u", n, width);              \
		memset(in, GUARD, sizeof in);                                 \
		FAIL_IF(out[n] != in[0], "unpack" #W " n %u width %u writes "  \
			"past", n, width);                                    \
	}                                                                     \
                                                                              \
	static void                                                           \
	all##W(void)                                                          \
	{                                                                     \
		for (unsigned w = 0; w <= W; w++)                             \
			for (size_t i = 0; i < sizeof sizes / sizeof *sizes;  \
				i++) {                                        \
				round##W(sizes[i], w, 0);                     \
				round##W(sizes[i], w, 1);                     \
			}                                                     \
		PASS("every width of " #W "-bit words comes back");           \
		for (unsigned w = 1; w <= W; w += 5)                          \
			for (int k = 0; k < 20; k++)                          \
				round##W((uint32_t)(draw() % MOST), w, 0);    \
		PASS("random sizes of " #W "-bit words come back");           \
	}

ROUND(16)
ROUND(32)
ROUND(64)

/* The layout is a file format: value i of 32-bit words, by its definition. */
static uint32_t
by_definition(const uint8_t *p, uint32_t i, unsigned width)
{
	uint32_t r = i / 32, lane = i % 32, v = 0;

	for (unsigned b = 0; b < width; b++) {
		uint32_t bit = r * width + b;
		uint32_t byte = (bit / 32 * 32 + lane) * 4 + bit % 32 / 8;

		v |= (uint32_t)(p[byte] >> bit % 8 & 1) << b;
	}
	return v;
}

static void
layout(void)
{
	static uint32_t in[1024];
	static uint8_t p[4096];

	for (unsigned w = 1; w <= 32; w++) {
		for (int i = 0; i < 1024; i++)
			in[i] = (uint32_t)(draw() & UINT64_MAX >> (64 - w));
		lam_pack32(in, 1024, w, p);
		for (uint32_t i = 0; i < 1024; i++)
			FAIL_IF(by_definition(p, i, w) != in[i],
				"width %u value %u is elsewhere", w, i);
	}
	PASS("bits are where the format says");
}

int
main(void)
{
	printf("# seed %llu\n", (unsigned long long)seed);
	CHECK_INT(lam_bits(0), 0);
	CHECK_INT(lam_bits(1), 1);
	CHECK_INT(lam_bits(255), 8);
	CHECK_INT(lam_bits(256), 9);
	CHECK_INT(lam_bits(UINT64_MAX), 64);
	CHECK_INT(lam_pack_size(0, 7), 0);
	CHECK_INT(lam_pack_size(1, 1), 8);
	CHECK_INT(lam_pack_size(1024, 3), 384);
	CHECK_INT(lam_pack_size(1025, 3), 392);
	all16();
	all32();
	all64();
	layout();
	return DONE();
}
