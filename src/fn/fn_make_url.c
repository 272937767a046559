/*
 * fn_make_url.c - url_encode, url_decode, and the parts of a URL
 *
 *	[scheme:][//[user@]host[:port]][path][?query][#fragment]	RFC 3986
 *
 * What a web log has as its request is a URL without scheme and host.  A parameter
 * is looked for in the query as forms write it: name=value&..., a plus for a blank,
 * the rest with percent signs; the first of its name counts.
 */
#include <string.h>

#include "fn/fn_make.h"

struct url {
	struct lam_str host, path, query; /* p NULL: it has none */
};

static struct lam_str
part(const char *p, const char *end)
{
	return (struct lam_str){ p, (size_t)(end - p) };
}

static const char *
find(const char *p, const char *end, const char *set)
{
	while (p < end && (!*p || !strchr(set, *p)))
		p++;
	return p;
}

/* The host of an authority: without user, port and the brackets of IPv6. */
static struct lam_str
host_of(const char *p, const char *end)
{
	for (const char *q = p; q < end; q++)
		if (*q == '@')
			p = q + 1;
	if (p < end && *p == '[')
		return part(p + 1, find(p, end, "]"));
	return part(p, find(p, end, ":"));
}

static void
split(struct lam_str s, struct url *u)
{
	const char *p = s.p, *end = find(p, p + s.n, "#");
	const char *colon = find(p, end, ":/?");

	*u = (struct url){ .path = { NULL, 0 } };
	if (colon < end && *colon == ':' && colon > p &&
		((*p | 32) >= 'a' && (*p | 32) <= 'z'))
		p = colon + 1;
	if (end - p >= 2 && p[0] == '/' && p[1] == '/') {
		const char *stop = find(p + 2, end, "/?");

		u->host = host_of(p + 2, stop);
		p = stop;
	}
	u->path = part(p, find(p, end, "?"));
	p += u->path.n;
	if (p < end)
		u->query = part(p + 1, end);
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent signs that are followed by two digits are taken; PLUS is a blank. */
static void
decode(struct lam_buf *b, struct lam_str s, bool plus)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '%' && i + 2 < s.n && hex(s.p[i + 1]) >= 0 &&
			hex(s.p[i + 2]) >= 0) {
			c = (char)(hex(s.p[i + 1]) << 4 | hex(s.p[i + 2]));
			i += 2;
		} else if (c == '+' && plus) {
			c = ' ';
		}
		lam_buf_putc(b, c);
	}
}

enum lam_made
lam_make_url_encoded(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	static const char as_is[] = "abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~";
	struct lam_str s = lam_str_at(r, i);

	for (size_t k = 0; k < s.n; k++)
		if (s.p[k] && strchr(as_is, s.p[k]))
			lam_buf_putc(b, s.p[k]);
		else
			lam_buf_printf(b, "%%%02X", (unsigned char)s.p[k]);
	return LAM_MADE_TEXT;
}

enum lam_made
lam_make_url_decoded(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	decode(b, lam_str_at(r, i), false);
	return LAM_MADE_TEXT;
}

enum lam_made
lam_make_url_host(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	struct url u;

	split(lam_str_at(r, i), &u);
	for (size_t k = 0; k < u.host.n; k++)
		lam_buf_putc(b, (char)(u.host.p[k] ^ ((unsigned char)
			(u.host.p[k] - 'A') < 26 ? 32 : 0)));
	return u.host.n ? LAM_MADE_TEXT : LAM_MADE_NULL;
}

enum lam_made
lam_make_url_path(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	struct url u;

	split(lam_str_at(r, i), &u);
	lam_buf_put(b, u.path.p, u.path.n);
	return LAM_MADE_TEXT;
}

enum lam_made
lam_make_url_query(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	struct url u;

	split(lam_str_at(r, i), &u);
	lam_buf_put(b, u.query.p, u.query.n);
	return u.query.p ? LAM_MADE_TEXT : LAM_MADE_NULL;
}

enum lam_made
lam_make_url_param(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	struct lam_str want = lam_str_at(&r[1], i);
	const char *p, *end, *stop, *is;
	struct url u;

	split(lam_str_at(&r[0], i), &u);
	end = u.query.p + u.query.n;
	for (p = u.query.p; p && p < end; p = stop + 1) {
		stop = find(p, end, "&");
		is = find(p, stop, "=");
		lam_buf_clear(b);
		decode(b, part(p, is), true);
		if (is == p || b->n != want.n || memcmp(b->p, want.p, want.n))
			continue;
		lam_buf_clear(b);
		if (is < stop)
			decode(b, part(is + 1, stop), true);
		return LAM_MADE_TEXT;
	}
	return LAM_MADE_NULL;
}
