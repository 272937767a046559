/*
 * json_text.c - most bytes of a string stand for themselves, and are put in runs
 */
#include "base/json_text.h"

#include <string.h>

#include "base/utf8.h"

static void
put_escaped(struct lam_buf *b, unsigned char c)
{
	static const char named[] = "\b\t\n\f\r\"\\", letter[] = "btnfr\"\\";
	const char *at = c ? strchr(named, c) : NULL;

	if (at) {
		lam_buf_putc(b, '\\');
		lam_buf_putc(b, letter[at - named]);
	} else {
		lam_buf_printf(b, "\\u%04x", c);
	}
}

/* ASCII that stands for itself in a string. */
static inline bool
is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

void
lam_json_put_string(struct lam_buf *b, struct lam_str s)
{
	size_t i = 0;

	lam_buf_putc(b, '"');
	while (i < s.n) {
		size_t from = i, n;

		while (i < s.n && is_plain((unsigned char)s.p[i]))
			i++;
		lam_buf_put(b, s.p + from, i - from);
		if (i == s.n)
			break;
		n = lam_utf8_len(s.p + i, s.p + s.n);
		if (n > 1)
			lam_buf_put(b, s.p + i, n);
		else if ((unsigned char)s.p[i] < 0x80)
			put_escaped(b, (unsigned char)s.p[i]);
		else
			lam_buf_puts(b, "\xef\xbf\xbd");
		i += n;
	}
	lam_buf_putc(b, '"');
}
