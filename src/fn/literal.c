/*
 * literal.c - the text that every match of a regular expression begins with
 */
#include "fn/literal.h"

#include <string.h>

/* Stands for itself, whatever stands before it. */
static bool
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9') || c == '/' || c == '_' || c == '-' ||
		c == ' ' || c == ':' || c == '=';
}

/*
 * Whether REST, of a pattern, may say how often what stands before it comes: it begins
 * with a quantifier, or with what is nothing, behind which one may stand: a comment, or
 * the ends of a quotation.
 */
static bool
may_repeat(struct lam_str rest)
{
	static const char begin[][4] = { "*", "+", "?", "{", "\\E", "\\Q", "(?#" };

	for (size_t i = 0; i < sizeof begin / sizeof *begin; i++) {
		size_t n = strlen(begin[i]);

		if (rest.n >= n && !memcmp(rest.p, begin[i], n))
			return true;
	}
	return false;
}

static size_t
plain_bytes(struct lam_str pattern)
{
	size_t n = 1;

	if (pattern.n == 0 || pattern.p[0] != '^' ||
		memchr(pattern.p, '|', pattern.n))
		return 0;
	while (n < pattern.n && is_plain(pattern.p[n]))
		n++;
	if (n > 1 && may_repeat((struct lam_str){ pattern.p + n, pattern.n - n }))
		n--;
	return n - 1;
}

struct lam_literal
lam_literal_of(struct lam_str pattern)
{
	struct lam_literal l = { { "", plain_bytes(pattern) }, 0, 0 };
	char first[8] = { 0 }, mask[8] = { 0 };
	size_t n = l.text.n < 8 ? l.text.n : 8;

	if (n == 0)
		return l;
	l.text.p = pattern.p + 1;
	memcpy(first, l.text.p, n);
	memset(mask, 0xff, n);
	l.first = lam_get64(first);
	l.mask = lam_get64(mask);
	return l;
}
