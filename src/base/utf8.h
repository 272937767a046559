/*
 * utf8.h - characters of a byte string that may be anything
 *
 * A character is one well-formed UTF-8 sequence, or else a single byte: so
 * every byte string has a length, and cutting never loses a byte.
 */
#ifndef LAM_BASE_UTF8_H
#define LAM_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

/* Bytes of the character at P < END: 1..4. */
static inline size_t
lam_utf8_len(const char *p, const char *end)
{
	const unsigned char *s = (const unsigned char *)p;
	size_t n = s[0] < 0xc2 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 :
		s[0] < 0xf5 ? 4 : 1;

	if (n == 1 || (size_t)(end - p) < n || (s[1] & 0xc0) != 0x80)
		return 1;
	/* Overlong forms, surrogates, beyond U+10FFFF. */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 1;
	for (size_t i = 2; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 1;
	return n;
}

/* No byte above 127: bytes are characters. */
static inline bool
lam_ascii(struct lam_str v)
{
	uint64_t all = 0;
	size_t i = 0;

	for (; i + 8 <= v.n; i += 8)
		all |= lam_get64(v.p + i);
	if (i > 0)
		all |= lam_get64(v.p + v.n - 8);
	else
		for (; i < v.n; i++)
			all |= (unsigned char)v.p[i];
	return !(all & UINT64_C(0x8080808080808080));
}

/* Every byte is part of a well-formed sequence. */
static inline bool
lam_utf8_valid(struct lam_str v)
{
	const char *p = v.p, *end = v.p + v.n;

	if (lam_ascii(v))
		return true;
	while (p < end) {
		size_t n = lam_utf8_len(p, end);

		if (n == 1 && (unsigned char)*p > 127)
			return false;
		p += n;
	}
	return true;
}

static inline size_t
lam_utf8_count(struct lam_str v)
{
	const char *p = v.p, *end = v.p + v.n;
	size_t n = 0;

	if (lam_ascii(v))
		return v.n;
	for (; p < end; p += lam_utf8_len(p, end))
		n++;
	return n;
}

/* Byte offset of character N (from 0), or the length. */
static inline size_t
lam_utf8_offset(struct lam_str v, size_t n)
{
	const char *p = v.p, *end = v.p + v.n;

	for (; p < end && n > 0; n--)
		p += lam_utf8_len(p, end);
	return (size_t)(p - v.p);
}

#endif
