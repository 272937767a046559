/*
 * visible.c - text that a terminal can be trusted with
 *
 * Log lines are written by strangers.  In the forms for people every byte that could
 * steer a terminal is spelled out: C0 and C1 controls, bidirectional
 * overrides, and whatever is not well-formed UTF-8, as \xNN per byte.
 */
#include "output/writer.h"

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

void
lam_put_visible(struct lam_buf *b, struct lam_str s)
{
	while (s.n) {
		uint32_t code = 0;
		unsigned n = lam_utf8_next(s.p, s.n, &code);
		unsigned bytes = n ? n : 1;

		if (n && !steers(code)) {
			lam_buf_put(b, s.p, n);
		} else {
			for (unsigned i = 0; i < bytes; i++)
				lam_buf_printf(b, "\\x%02x",
					(unsigned char)s.p[i]);
		}
		s.p += bytes;
		s.n -= bytes;
	}
}

/* East Asian wide characters and emoji take two columns, marks none. */
static unsigned
width_of(uint32_t c)
{
	if ((c >= 0x300 && c < 0x370) || c == 0x200b || c == 0x200d ||
		(c >= 0xfe00 && c < 0xfe10))
		return 0;
	return 1 + ((c >= 0x1100 && c < 0x1160) || (c >= 0x2e80 && c < 0xa4d0) ||
		(c >= 0xac00 && c < 0xd7a4) || (c >= 0xf900 && c < 0xfb00) ||
		(c >= 0xfe30 && c < 0xfe70) || (c >= 0xff00 && c < 0xff61) ||
		(c >= 0x1f300 && c < 0x1f650) || (c >= 0x1f900 && c < 0x1fa00) ||
		(c >= 0x20000 && c < 0x3fffe));
}

size_t
lam_display_width(const char *p, size_t n)
{
	size_t width = 0;

	while (n) {
		uint32_t code = '?';
		unsigned len = lam_utf8_next(p, n, &code);

		width += width_of(code);
		len += !len;
		p += len;
		n -= len;
	}
	return width;
}
