/*
 * escape.c - escapes, fields and numbers of the partial text
 */
#include "base/escape.h"

void
lam_escape(struct lam_str s, struct lam_buf *out)
{
	size_t from = 0;

	for (size_t i = 0; i < s.n; i++) {
		const char *esc;

		switch (s.p[i]) {
		case '\t': esc = "\\t"; break;
		case '\n': esc = "\\n"; break;
		case '\r': esc = "\\r"; break;
		case '\\': esc = "\\\\"; break;
		default: continue;
		}
		lam_buf_put(out, s.p + from, i - from);
		lam_buf_put(out, esc, 2);
		from = i + 1;
	}
	if (s.n > from)
		lam_buf_put(out, s.p + from, s.n - from);
}

bool
lam_unescape(struct lam_str s, struct lam_buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '\t' || c == '\n' || c == '\r')
			return false;
		if (c == '\\') {
			if (++i == s.n)
				return false;
			switch (s.p[i]) {
			case 't': c = '\t'; break;
			case 'n': c = '\n'; break;
			case 'r': c = '\r'; break;
			case '\\': break;
			default: return false;
			}
		}
		lam_buf_putc(out, c);
	}
	return true;
}

bool
lam_str_cut(struct lam_str *rest, char sep, struct lam_str *out)
{
	const char *end;

	if (!rest->p)
		return false;
	end = rest->n ? memchr(rest->p, sep, rest->n) : NULL;
	if (!end) {
		*out = *rest;
		*rest = (struct lam_str){ NULL, 0 };
		return true;
	}
	*out = (struct lam_str){ rest->p, (size_t)(end - rest->p) };
	rest->n -= out->n + 1;
	rest->p = end + 1;
	return true;
}

bool
lam_str_u64(struct lam_str s, uint64_t *v)
{
	uint64_t r = 0;

	if (s.n == 0 || s.n > 20 || (s.n > 1 && s.p[0] == '0'))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned d = (unsigned)(s.p[i] - '0');

		if (d > 9 || r > (UINT64_MAX - d) / 10)
			return false;
		r = r * 10 + d;
	}
	*v = r;
	return true;
}

bool
lam_str_hex(struct lam_str s, uint64_t *v)
{
	uint64_t r = 0;

	if (s.n != 16)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= '0' && c <= '9')
			r = r << 4 | (unsigned)(c - '0');
		else if (c >= 'a' && c <= 'f')
			r = r << 4 | (unsigned)(c - 'a' + 10);
		else
			return false;
	}
	*v = r;
	return true;
}
