/*
 * visible.c - text that a terminal can be trusted with
 *
 * Log lines are written by strangers.  In the forms for people every byte that
 * could steer a terminal is spelled out: C0 and C1 controls, bidirectional
 * overrides, and whatever is not well-formed UTF-8, as \xNN per byte.
 */
#include "output/visible.h"

#include <stdbool.h>

unsigned
lam_utf8_next(const char *p, size_t n, uint32_t *code)
{
	const unsigned char *s = (const unsigned char *)p;
	unsigned len = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 :
		s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;
	uint32_t c;

	if (len == 0 || len > n)
		return 0;
	if (len == 1) {
		*code = s[0];
		return 1;
	}
	c = s[0] & (0x7fu >> len);
	for (unsigned i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if ((len == 3 && (c < 0x800 || (c >= 0xd800 && c < 0xe000))) ||
		(len == 4 && (c < 0x10000 || c > 0x10ffff)))
		return 0;
	*code = c;
	return len;
}

static bool
steers(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200e ||
		c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
		(c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

static void
put_hex(struct lam_buf *b, const char *p, unsigned n)
{
	static const char hex[] = "0123456789abcdef";

	for (unsigned i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];
		const char text[4] = { '\\', 'x', hex[c >> 4], hex[c & 15] };

		lam_buf_put(b, text, sizeof text);
	}
}

static inline bool
is_printable(char c)
{
	return c >= 0x20 && c < 0x7f;
}

void
lam_put_visible(struct lam_buf *b, struct lam_str s)
{
	size_t i = 0;

	while (i < s.n) {
		size_t from = i;
		uint32_t code = 0;
		unsigned n;

		while (i < s.n && is_printable(s.p[i]))
			i++;
		lam_buf_put(b, s.p + from, i - from);
		if (i == s.n)
			break;
		n = lam_utf8_next(s.p + i, s.n - i, &code);
		if (n && !steers(code))
			lam_buf_put(b, s.p + i, n);
		else
			put_hex(b, s.p + i, n + !n);
		i += n + !n;
	}
}

void
lam_put_value(struct lam_buf *b, struct lam_str s)
{
	if (s.p && s.n == 0)
		lam_buf_puts(b, "\"\"");
	else
		lam_put_visible(b, s);
}
