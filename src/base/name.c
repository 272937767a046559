/*
 * name.c - names of streams, views and fields
 *
 * ASCII only, and byte tests instead of <ctype.h>: what a valid name is must
 * not depend on the locale.
 */
#include "base/name.h"

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
