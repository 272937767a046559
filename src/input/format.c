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

/* Options that not all formats take, as a message names them. */
static const struct {
	unsigned bit;
	const char *option; /* with its verb */
} options[] = {
	{ LAM_TAKES_FIELDS, "--fields goes" },
	{ LAM_TAKES_DIALECT, "--delimiter, --quote, --escape and --comment go" },
	{ LAM_TAKES_HEADER, "an option about a header line goes" },
	{ LAM_TAKES_START, "--start goes" },
};

static unsigned
given(const struct lam_input_options *o)
{
	return (o->fields ? LAM_TAKES_FIELDS : 0) |
		(lam_dialect_given(&o->dialect) ? LAM_TAKES_DIALECT : 0) |
		(o->header == LAM_HEADER_YES || o->header == LAM_HEADER_NO ?
			LAM_TAKES_HEADER : 0) |
		(o->start ? LAM_TAKES_START : 0);
}

/* The formats that take BIT: "-f csv, tsv and jsonl". */
static void
list_takers(struct lam_buf *out, unsigned bit)
{
	const char *last = NULL;

	lam_buf_puts(out, "-f ");
	for (size_t i = 0, n = 0; lam_formats[i]; i++) {
		if (!(lam_formats[i]->takes & bit))
			continue;
		if (last)
			lam_buf_printf(out, "%s%s", n++ ? ", " : "", last);
		last = lam_formats[i]->name;
	}
	lam_buf_printf(out, " and %s", last);
}

int
lam_format_check(const struct lam_format *f, const struct lam_input_options *o,
	const char *label, struct lam_error *e)
{
	unsigned vain = given(o) & ~f->takes;
	struct lam_buf takers = LAM_BUF_INIT;
	size_t i = 0;

	if (!vain)
		return LAM_OK;
	while (!(vain & options[i].bit))
		i++;
	list_takers(&takers, options[i].bit);
	(void)lam_fail(e, LAM_USAGE, "%s: %s with %s only, and this is %s", label,
		options[i].option, lam_buf_str(&takers), f->name);
	lam_buf_release(&takers);
	return LAM_USAGE;
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
		s = head.n && f->guess && (!named || (f->takes & LAM_TAKES_FIELDS)) ?
			f->guess(f, head) : 0;
		if (s > *sure) {
			best = f;
			*sure = s;
		}
	}
	return best;
}
