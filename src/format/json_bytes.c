/*
 * json_bytes.c - arrays of bytes, as journald writes what is no text
 */
#include "format/json_bytes.h"

#include <stdbool.h>

/* Whether the array TEXT[N], which is JSON, holds bytes, and nothing else. */
static bool
is_bytes(const char *text, size_t n)
{
	unsigned v = 0;
	bool any = false;

	for (size_t i = 1; i + 1 < n; i++) {
		unsigned digit = (unsigned char)(text[i] - '0');

		if (digit > 9 && text[i] != ',' && text[i] != ' ')
			return false;
		any |= digit <= 9;
		v = digit <= 9 ? v * 10 + digit : text[i] == ',' ? 0 : v;
		if (v > 255)
			return false;
	}
	return any;
}

size_t
lam_json_bytes(char *text, size_t n)
{
	size_t out = 0;
	unsigned v = 0;

	if (!is_bytes(text, n))
		return n;
	for (size_t i = 1; i < n; i++) {
		unsigned digit = (unsigned char)(text[i] - '0');

		if (digit <= 9) {
			v = v * 10 + digit;
		} else if (text[i] != ' ') {
			text[out++] = (char)v;
			v = 0;
		}
	}
	return out;
}
