/*
 * test_crc32.c - gzip's checksum, against zlib's
 */
#include "test.h"

#include <stdlib.h>
#include <zlib.h>

#include "input/crc32.h"

#define MOST 5000

int
main(void)
{
	static unsigned char text[MOST + 16];
	uint32_t wide = 0, want = 0;
	uint64_t seed = 20260101;

	for (size_t i = 0; i < sizeof text; i++) {
		seed = seed * UINT64_C(6364136223846793005) + 1;
		text[i] = (unsigned char)(seed >> 56);
	}
	CHECK(lam_crc32(0, "123456789", 9) == 0xcbf43926); /* the usual check */
	for (size_t n = 0; n <= MOST; n++) {
		const unsigned char *p = text + n % 16;

		FAIL_IF(lam_crc32(0, p, n) != crc32(0, p, (uInt)n),
			"%zu bytes", n);
		wide = lam_crc32(wide, p, n);
		want = (uint32_t)crc32(want, p, (uInt)n);
		FAIL_IF(wide != want, "and %zu more", n);
	}
	PASS("any length, at any address, and one after the other");
	for (size_t bit = 0; bit < 8 * 1024; bit++) {
		static unsigned char one[1024];

		one[bit / 8] = (unsigned char)(1 << bit % 8);
		FAIL_IF(lam_crc32(0, one, sizeof one) !=
			crc32(0, one, sizeof one), "bit %zu", bit);
		one[bit / 8] = 0;
	}
	PASS("each bit counts as it should");
	return DONE();
}
