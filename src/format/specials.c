/*
 * specials.c - the quotes, backslashes and control characters of a text, as a list
 */
#include "format/specials.h"

#include "base/masks_wide.h"

void
lam_specials_init(struct lam_specials *s, enum lam_masks masks)
{
	s->n = s->i = 0;
	s->masks = masks;
}

/* One loop for each instruction set, from base/masks_wide.h. */
#define LOOP(name, target, special, list) \
	target static uint32_t \
	name(uint32_t *out, const char *text, size_t at, size_t n) \
	{ \
		uint32_t have = 0; \
		/* One byte more: a NUL may stand behind the last record. */ \
		for (; at <= n && have <= LAM_SPECIALS - 64; at += 64) { \
			uint64_t m = special(text + at); \
			list(m, (uint32_t)at, out + have); \
			have += (uint32_t)__builtin_popcountll(m); \
		} \
		return have; \
	}

LOOP(list_plain, , lam_special_plain, lam_list_plain)
#if LAM_X86
LOOP(list_sse2, , lam_special_sse2, lam_list_plain)
LOOP(list_avx2, LAM_AVX2, lam_special_avx2, lam_list_dense_avx2)
LOOP(list_avx512, LAM_AVX512, lam_special_avx512, lam_list_avx512)
#endif

static uint32_t (*const loops[])(uint32_t *out, const char *text, size_t at,
	size_t n) = {
	[LAM_MASKS_PLAIN] = list_plain,
#if LAM_X86
	[LAM_MASKS_SSE2] = list_sse2,
	[LAM_MASKS_AVX2] = list_avx2,
	[LAM_MASKS_AVX512] = list_avx512,
#endif
};

void
lam_specials_list(struct lam_specials *s, const char *text, size_t at, size_t n)
{
	s->i = 0;
	s->n = loops[s->masks](s->at, text, at, n);
}
