/*
 * name.c - names of streams, views, fields and files
 *
 * ASCII only, and byte tests instead of <ctype.h>: what a valid name is must
 * not depend on the locale.
 */
#include "base/name.h"

#include <stdio.h>
#include <string.h>

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool
lam_name_ok(const char *p, size_t n)
{
	if (n == 0 || n > LAM_NAME_MAX || !is_letter(p[0]))
		return false;
	for (size_t i = 1; i < n; i++) {
		bool digit = p[i] >= '0' && p[i] <= '9';

		if (!is_letter(p[i]) && !digit && p[i] != '-')
			return false;
	}
	return true;
}

bool
lam_field_name_ok(const char *p, size_t n)
{
	return n > 0 && n <= LAM_FIELD_NAME_MAX &&
		memchr(p, '\0', n) == NULL && memchr(p, '\n', n) == NULL;
}

bool
lam_name_position(const char *p, uint64_t *v)
{
	uint64_t r = 0;

	for (int i = 0; i < LAM_POSITION_DIGITS; i++) {
		unsigned d = (unsigned)((unsigned char)p[i] - '0');

		if (d > 9 || r > (UINT64_MAX - d) / 10)
			return false;
		r = r * 10 + d;
	}
	*v = r;
	return true;
}

void
lam_name_list(char *out, size_t size, const char *(*name)(size_t i),
	const char *last)
{
	const char *s;

	*out = '\0';
	for (size_t i = 0, n = 0; n < size && (s = name(i)); i++)
		n += (size_t)snprintf(out + n, size - n, "%s%s", i == 0 ? "" :
			name(i + 1) ? ", " : last, s);
}
