/*
 * base64.c - three bytes are four letters
 */
#include "base/base64.h"

#include <string.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	"0123456789+/";

void
lam_base64_put(struct lam_buf *b, struct lam_str s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	for (size_t i = 0; i < s.n; i += 3) {
		size_t left = s.n - i;
		uint32_t v = (uint32_t)p[i] << 16 |
			(left > 1 ? (uint32_t)p[i + 1] << 8 : 0) |
			(left > 2 ? p[i + 2] : 0);
		char four[4] = { letters[v >> 18], letters[v >> 12 & 63],
			left > 1 ? letters[v >> 6 & 63] : '=',
			left > 2 ? letters[v & 63] : '=' };

		lam_buf_put(b, four, sizeof four);
	}
}

bool
lam_base64_read(struct lam_buf *b, struct lam_str s)
{
	if (s.n % 4 != 0)
		return false;
	for (size_t i = 0; i < s.n; i += 4) {
		size_t pad = i + 4 < s.n || s.p[i + 3] != '=' ? 0 :
			s.p[i + 2] != '=' ? 1 : 2;
		uint32_t v = 0;

		for (size_t k = 0; k < 4; k++) {
			char c = k < 4 - pad ? s.p[i + k] : 'A';
			const char *at = c ? strchr(letters, c) : NULL;

			if (at == NULL)
				return false;
			v = v << 6 | (uint32_t)(at - letters);
		}
		if (v & ((1u << 8 * pad) - 1)) /* bits that mean nothing */
			return false;
		for (size_t k = 0; k < 3 - pad; k++)
			lam_buf_putc(b, (char)(v >> (16 - 8 * k)));
	}
	return true;
}
