/*
 * escape.c - escapes, fields and numbers of the partial text
 */
#include "base/escape.h"
#include "base/hot.h"

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
lam_str_line(struct lam_str *rest, struct lam_str *line)
{
	*line = (struct lam_str){ "", 0 };
	if (!rest->n)
		return false;
	(void)lam_str_cut(rest, '\n', line);
	line->n -= line->n && line->p[line->n - 1] == '\r';
	return true;
}

struct lam_str
lam_str_first_line(struct lam_str text)
{
	struct lam_str line;

	(void)lam_str_line(&text, &line);
	return line;
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

const uint8_t lam_escape_class[256] = {
	['\t'] = LAM_ESCAPE_LETTER,
	['\r'] = LAM_ESCAPE_LETTER,
	['\n'] = LAM_ESCAPE_LETTER,
	['\\'] = LAM_ESCAPE_LETTER,
	[','] = LAM_ESCAPE_QUOTE,
	['"'] = LAM_ESCAPE_QUOTE,
};

/* The classes that occur in a long text, in a form that vectorises. */
LAM_HOT static uint8_t
classes(const char *p, size_t n)
{
	uint8_t quote = 0, escape = 0;

	for (size_t i = 0; i < n; i++) {
		quote |= (p[i] == ',') | (p[i] == '"');
		escape |= (p[i] == '\t') | (p[i] == '\r') | (p[i] == '\n') |
			(p[i] == '\\');
	}
	return (uint8_t)((quote ? LAM_ESCAPE_QUOTE : LAM_ESCAPE_NONE) |
			 (escape ? LAM_ESCAPE_LETTER : LAM_ESCAPE_NONE));
}

#define LONG 128 /* bytes of a text for which classes() pays */
#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/*
 * May one of 8 bytes need care: below '#', ',' or '\\'?  Never wrong when it
 * says no.  (Mycroft's test for a zero byte, and for a byte below another.)
 */
static inline uint64_t
suspect(uint64_t w)
{
	uint64_t comma = w ^ EACH(','), slash = w ^ EACH('\\');

	return (((w - EACH('#')) & ~w) | ((comma - EACH(1)) & ~comma) |
		((slash - EACH(1)) & ~slash)) & EACH(0x80);
}

/* The classes that occur in S. */
static uint8_t
classes_of(struct lam_str s)
{
	uint8_t any = LAM_ESCAPE_NONE;

	if (s.n >= LONG)
		return classes(s.p, s.n);
	for (size_t i = 0; i < s.n; i++)
		any |= lam_escape_class[(unsigned char)s.p[i]];
	return s.n ? any : LAM_ESCAPE_QUOTE;
}

/* Copy S, which is neither short nor long, unless a byte of it may need care. */
static inline bool
copy_plain(struct lam_str s, char *out)
{
	uint64_t w = lam_get64(s.p + s.n - 8), doubt = suspect(w);

	lam_put64(out + s.n - 8, w);
	for (size_t i = 0; i + 8 < s.n; i += 8) {
		w = lam_get64(s.p + i);
		doubt |= suspect(w);
		lam_put64(out + i, w);
	}
	return doubt == 0;
}

size_t
lam_escape_field(struct lam_str s, char *out)
{
	char *to = out;
	uint8_t any;

	if (s.n >= 8 && s.n < LONG && copy_plain(s, out))
		return s.n;
	any = classes_of(s);
	if (any == LAM_ESCAPE_NONE) {
		memcpy(out, s.p, s.n);
		return s.n;
	}
	if (any & LAM_ESCAPE_QUOTE)
		*to++ = '"';
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (lam_escape_class[(unsigned char)c] == LAM_ESCAPE_LETTER) {
			*to++ = '\\';
			c = c == '\t' ? 't' : c == '\r' ? 'r' :
				c == '\n' ? 'n' : c;
		} else if (c == '"') {
			*to++ = '"';
		}
		*to++ = c;
	}
	if (any & LAM_ESCAPE_QUOTE)
		*to++ = '"';
	return (size_t)(to - out);
}
