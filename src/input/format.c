/*
 * format.c - the table of formats, looked up: by name, and by what an input is
 */
#include <stdio.h>
#include <string.h>

#include "base/name.h"
#include "base/near.h"
#include "input/format.h"

const struct lam_format *
lam_format_find(const char *name, struct lam_error *e)
{
	char all[400], hint[LAM_NEAR_HINT] = "";

	for (size_t i = 0; lam_formats[i]; i++) {
		const char *its = lam_formats[i]->name;
		size_t n = strlen(its);

		if (!strncmp(its, name, n) && (!name[n] || its[n - 1] == ':'))
			return lam_formats[i];
	}
	lam_format_list(all, sizeof all);
	for (size_t i = 0; lam_formats[i] &&
		!lam_near_name(hint, name, lam_formats[i]->name); i++)
		continue;
	(void)lam_fail(e, LAM_USAGE, "%.80s: no such format: there are %s%s",
		name, all, hint);
	return NULL;
}

static const char *
own_name(size_t i)
{
	return lam_formats[i] ? lam_formats[i]->name : NULL;
}

const char *
lam_format_name(size_t i)
{
	return i ? own_name(i - 1) : LAM_FORMAT_AUTO;
}

bool
lam_format_is_auto(const char *name)
{
	return !name || !strcmp(name, LAM_FORMAT_AUTO);
}

void
lam_format_list(char *out, size_t room)
{
	lam_name_list(out, room, own_name, ", ");
}

static bool
ends_with(const char *s, size_t n, const char *suffix)
{
	size_t m = strlen(suffix);

	return n >= m && !memcmp(s + n - m, suffix, m);
}

const struct lam_format *
lam_format_guess(const char *path, struct lam_str head, bool named,
	unsigned *sure)
{
	const struct lam_format *best = lam_formats[0];
	static const char *const packed[] = { ".gz", ".zst", ".xz", ".bz2",
		".lz4" };
	size_t n = strlen(path);

	*sure = 0;

	for (size_t i = 0; i < sizeof packed / sizeof *packed; i++)
		if (ends_with(path, n, packed[i])) {
			n -= strlen(packed[i]);
			break;
		}
	for (size_t i = 0; lam_formats[i]; i++) {
		const struct lam_format *f = lam_formats[i];
		unsigned s;

		if (f->suffix && ends_with(path, n, f->suffix))
			*sure = LAM_FORMAT_NAMED;
		if (*sure == LAM_FORMAT_NAMED)
			return f;
		s = head.n && f->guess && (f->named || !named) ? f->guess(f, head) : 0;
		if (s > *sure) {
			best = f;
			*sure = s;
		}
	}
	return best;
}
