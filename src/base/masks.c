/*
 * masks.c - the best instruction set of this machine, and a table for one of them
 */
#include "base/masks.h"

#if LAM_X86
/* Bit J of B stands behind those below it. */
#define BELOW(b, j) ((b) & ((1u << (j)) - 1))
#define COUNT(b) \
	(((b) & 1) + ((b) >> 1 & 1) + ((b) >> 2 & 1) + ((b) >> 3 & 1) + \
		((b) >> 4 & 1) + ((b) >> 5 & 1) + ((b) >> 6 & 1))
#define BIT(b, j) ((uint64_t)((b) >> (j) & 1) * (j) << 8 * COUNT(BELOW(b, j)))
#define BITS(b) \
	(BIT(b, 1) | BIT(b, 2) | BIT(b, 3) | BIT(b, 4) | BIT(b, 5) | BIT(b, 6) | \
		BIT(b, 7))
#define BITS4(b) BITS(b), BITS((b) + 1), BITS((b) + 2), BITS((b) + 3)
#define BITS16(b) BITS4(b), BITS4((b) + 4), BITS4((b) + 8), BITS4((b) + 12)
#define BITS64(b) BITS16(b), BITS16((b) + 16), BITS16((b) + 32), BITS16((b) + 48)

const uint64_t lam_bits_of_byte[256] = { BITS64(0u), BITS64(64u), BITS64(128u),
	BITS64(192u) };
#endif

enum lam_masks
lam_masks_best(void)
{
#if LAM_X86
	bool bits = __builtin_cpu_supports("bmi") &&
		__builtin_cpu_supports("popcnt");

	if (bits && __builtin_cpu_supports("avx512bw") &&
		__builtin_cpu_supports("avx512vl") &&
		__builtin_cpu_supports("avx512vbmi2"))
		return LAM_MASKS_AVX512;
	return bits && __builtin_cpu_supports("avx2") ? LAM_MASKS_AVX2 :
		LAM_MASKS_SSE2;
#else
	return LAM_MASKS_PLAIN;
#endif
}
