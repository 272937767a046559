/*
 * json_bare.h - where a number or a word of JSON ends
 */
#ifndef LAM_FORMAT_JSON_BARE_H
#define LAM_FORMAT_JSON_BARE_H

#include <stdint.h>
#include <string.h>

#include "base/masks.h"

/* The digits at P; no more than 16 are passed. */
static inline const char *
lam_json_digits(const char *p)
{
#if LAM_X86
	__m128i v = _mm_sub_epi8(_mm_loadu_si128((const void *)p),
		_mm_set1_epi8('0'));
	unsigned other = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(
		_mm_min_epu8(v, _mm_set1_epi8(9)), v)) ^ 0xffff;

	return p + __builtin_ctz(other | 1u << 16);
#else
	const char *end = p + 16;

	while (p < end && (unsigned char)(*p - '0') <= 9)
		p++;
	return p;
#endif
}

/*
 * Where the number or word at TEXT + FROM ends; FROM: it is none, or longer than
 * most.  What follows is for the next step to judge: no glue begins as a number goes
 * on.
 */
static inline uint32_t
lam_json_bare_end(const char *text, uint32_t from)
{
	const char *p = text + from, *first = p + (*p == '-');
	const char *end = lam_json_digits(first), *point = end;

	if (__builtin_expect(end == first, 0)) {
		if (!memcmp(p, "true", 4) || !memcmp(p, "null", 4))
			return from + 4;
		return from + (memcmp(p, "false", 5) ? 0 : 5);
	}
	if (*first == '0' && end > first + 1)
		return from;
	if (*end == '.')
		end = lam_json_digits(end + 1);
	return end == point + 1 ? from : from + (uint32_t)(end - p);
}

#endif
