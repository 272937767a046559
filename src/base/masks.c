/*
 * masks.c - the best instruction set of this machine
 */
#include "base/masks.h"

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
