/*
 * zeek.c - the logs of Zeek, as they come
 *
 *	#separator \x09
 *	#unset_field	-
 *	#fields	ts	uid	id.orig_h	service
 *	#types	time	string	addr	string
 *	1300475167.096535	CXWv6p3arKYeMETxOg	141.142.220.202	-
 *	#close	2026-01-31-23-59-59
 *
 * Source: "Zeek log formats and inspection", docs.zeek.org.  Lines that begin with #
 * are no records; those before the first record name the fields and their types, the
 * byte between them, and the text that stands for NULL.  Else it is text as TSV is, but
 * without escapes.
 *
 * Records behind a line that says one of these otherwise would be misread, so the text
 * ends there, with an error.  The line #fields is kept as the header of the text, with
 * #unset_field behind it, so that who goes on knows them; and as each line must be
 * looked at, such a text is not read in parts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "format/csv_internal.h"
#include "format/formats.h"
#include "format/line.h"
#include "input/input_chunk.h"
#include "input/input_header.h"
#include "time/time.h"

#define SEPARATOR "#separator "
#define FIELDS "#fields"
#define UNSET "#unset_field"

struct head {
	char by;     /* between the words of a line */
	bool unsets; /* there is a line #unset_field: it may name the empty text */
	struct lam_buf fields, types, unset;
};

struct own {
	struct lam_csv_syntax syntax; /* first: it is what parses */
	struct lam_str fields; /* the line #fields; empty: not known */
	struct lam_str unset;  /* what a NULL is */
	const char *label;     /* of the text */
};

static struct lam_coltype
type_of(struct lam_str s)
{
	static const char *const numbers[] = { "count", "int", "double", "interval",
		"port" };

	if (lam_str_is(s, "time"))
		return (struct lam_coltype){ LAM_TIME, LAM_NS };
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (lam_str_is(s, numbers[i]))
			return (struct lam_coltype){ LAM_NUMBER, 0 };
	return (struct lam_coltype){ LAM_TEXT, 0 };
}

/* The text behind the directive NAME, if LINE is it. */
static bool
read_directive(struct lam_str line, char by, const char *name, struct lam_str *text)
{
	size_t n = strlen(name);

	if (line.n <= n || memcmp(line.p, name, n) || line.p[n] != by)
		return false;
	*text = (struct lam_str){ line.p + n + 1, line.n - n - 1 };
	return true;
}

/* The same, kept. */
static bool
keep_directive(struct lam_str line, char by, const char *name, struct lam_buf *words)
{
	struct lam_str text;

	if (!read_directive(line, by, name, &text))
		return false;
	lam_buf_clear(words);
	lam_buf_put(words, text.p, text.n);
	return true;
}

static bool
is_separator(struct lam_str line)
{
	return line.n >= sizeof SEPARATOR - 1 &&
		!memcmp(line.p, SEPARATOR, sizeof SEPARATOR - 1);
}

/* The byte that LINE says is between words: \x09 is a tab.  False: it says none. */
static bool
read_separator(struct lam_str line, char *by)
{
	unsigned value = 0;
	char end;

	line.p += sizeof SEPARATOR - 1;
	line.n -= sizeof SEPARATOR - 1;
	if (line.n == 1)
		value = (unsigned char)*line.p;
	else if (line.n == 4 && !memcmp(line.p, "\\x", 2)) {
		char hex[3] = { line.p[2], line.p[3], '\0' };

		if (sscanf(hex, "%2x%c", &value, &end) != 1 ||
			strspn(hex, "0123456789abcdefABCDEF") != 2)
			value = 0;
	}
	*by = (char)value;
	return value && value < 0x80 && value != '\n' && value != '\r';
}

/* LINE is one of the head, which begins with #separator.  False: that says no byte. */
static bool
read_line(struct head *h, struct lam_str line)
{
	if (is_separator(line)) {
		h->unsets = false;
		lam_buf_clear(&h->fields);
		lam_buf_clear(&h->types);
		return read_separator(line, &h->by);
	}
	(void)keep_directive(line, h->by, FIELDS, &h->fields);
	(void)keep_directive(line, h->by, "#types", &h->types);
	h->unsets |= keep_directive(line, h->by, UNSET, &h->unset);
	return true;
}

/* The lines before the first record; they are no part of the log. */
static int
read_head(struct lam_input *in, struct head *h, struct lam_error *e)
{
	struct lam_buf b = LAM_BUF_INIT;
	struct lam_extent x;
	bool more = true;
	int r = LAM_OK;

	while (!r && more) {
		struct lam_str line;

		r = lam_input_take(in, &b, 1, -1, NULL, &x, e);
		line = lam_str_first_line((struct lam_str){ b.p, b.n });
		line.n -= line.n && line.p[line.n - 1] == '\r';
		more = !r && b.n && (!line.n || *line.p == '#');
		if (!r && b.n && !more)
			r = lam_input_untake(in, &b, &x, e);
		if (!more)
			break;
		if (!r && !read_line(h, line))
			r = lam_fail(e, LAM_DATA, "%s: its line #separator says no "
				"byte that can stand between fields: expected one "
				"such as \\x09", lam_input_label(in));
	}
	if (!r && !h->fields.n && !b.n && !lam_input_at_end(in))
		r = lam_fail(e, LAM_NOTHING, "there is no #fields line yet");
	lam_buf_release(&b);
	return r ? r : lam_buf_check(&h->fields, e);
}

static int
declare(struct lam_input *in, const struct head *h, struct lam_error *e)
{
	struct lam_str names = { h->fields.p, h->fields.n }, name, type;
	struct lam_str types = { h->types.n ? h->types.p : "", h->types.n };
	int r = LAM_OK;

	if (!names.n && !lam_input_at_end(in))
		return lam_fail(e, LAM_DATA, "a log of Zeek has a line #fields "
			"before its first record: for a piece without one say -f "
			"tsv");
	if (!names.n)
		names.p = NULL; /* not one that is empty */
	while (!r && lam_str_cut(&names, h->by, &name)) {
		type = (struct lam_str){ "", 0 };
		if (types.n)
			(void)lam_str_cut(&types, h->by, &type);
		r = lam_input_add_field(in, name, type_of(type), e);
	}
	return r;
}

/* The lines #fields and #unset_field of H are those of IN. */
static int
keep(struct lam_input *in, const struct head *h, struct lam_error *e)
{
	struct lam_buf b = LAM_BUF_INIT;
	int r;

	if (!h->fields.n)
		return LAM_OK;
	if (h->unsets && h->unset.n && memchr(h->unset.p, '\0', h->unset.n))
		return lam_fail(e, LAM_DATA, "%s: its line #unset_field has a byte "
			"NUL, which no text has", lam_input_label(in));
	lam_buf_printf(&b, FIELDS "%c", h->by);
	lam_buf_put(&b, h->fields.p, h->fields.n);
	if (h->unsets) {
		lam_buf_printf(&b, "\n" UNSET "%c", h->by);
		lam_buf_put(&b, h->unset.n ? h->unset.p : "", h->unset.n);
	}
	r = lam_buf_check(&b, e);
	if (!r)
		r = lam_input_keep_header(in, (struct lam_str){ b.p, b.n }, e);
	lam_buf_release(&b);
	return r;
}

/* Z goes by what was kept of the head. */
static void
recall(struct own *z, struct lam_str kept)
{
	(void)lam_str_cut(&kept, '\n', &z->fields);
	z->unset = (struct lam_str){ "-", 1 };
	if (z->fields.n >= sizeof FIELDS)
		z->syntax.delimiter = z->fields.p[sizeof FIELDS - 1];
	if (kept.n >= sizeof UNSET)
		z->unset = (struct lam_str){ kept.p + sizeof UNSET,
			kept.n - sizeof UNSET };
}

static int
open_zeek(const struct lam_format *self, struct lam_input *in,
	const struct lam_input_options *o, void **own, struct lam_error *e)
{
	struct own *z = calloc(1, sizeof *z);
	struct head h = { .by = '\t', .fields = LAM_BUF_INIT,
		.types = LAM_BUF_INIT, .unset = LAM_BUF_INIT };
	int r;

	(void)self;
	if (!z)
		return lam_fail_mem(e);
	*own = z;
	z->label = lam_input_label(in);
	z->syntax = LAM_TSV_SYNTAX;
	z->syntax.escapes = false;
	z->syntax.comments = true;
	z->syntax.comment = '#';
	if (o->fields) {
		r = lam_input_add_header(in, o, NULL, e);
	} else {
		r = read_head(in, &h, e);
		r = r ? r : declare(in, &h, e);
		r = r ? r : keep(in, &h, e);
	}
	recall(z, lam_input_kept_header(in));
	lam_buf_release(&h.fields);
	lam_buf_release(&h.types);
	lam_buf_release(&h.unset);
	return r;
}

/* The directive that LINE is, if it says otherwise than O's; else NULL. */
static const char *
other_directive(const struct own *o, struct lam_str line)
{
	char by = o->syntax.delimiter;
	struct lam_str text;

	if (is_separator(line))
		return read_separator(line, &by) && by == o->syntax.delimiter ? NULL :
			"#separator";
	if (read_directive(line, by, FIELDS, &text) && lam_str_cmp(line, o->fields))
		return FIELDS;
	return read_directive(line, by, UNSET, &text) &&
		lam_str_cmp(text, o->unset) ? UNSET : NULL;
}

/* Where the first line in P[N] begins that is such a directive, *WHICH; N: there is
 * none. */
static size_t
find_other(const struct own *o, const char *p, size_t n, const char **which)
{
	const char *at = p;

	*which = NULL;
	while (o->fields.n && (at = memchr(at, '#', n - (size_t)(at - p)))) {
		struct lam_str rest = { at, n - (size_t)(at - p) };

		if (at == p || at[-1] == '\n')
			*which = other_directive(o, lam_str_first_line(rest));
		if (*which)
			return (size_t)(at - p);
		at++;
	}
	return n;
}

static int
scan(void *own, const char *p, size_t n, bool last, uint32_t max,
	struct lam_extent *x, struct lam_error *e)
{
	int r = lam_line_scan(own, p, n, last, max, x, e);
	const struct own *z = own;
	const char *which;
	size_t other = r ? 0 : find_other(z, p, x->bytes, &which);

	if (r || other == x->bytes)
		return r;
	if (!other)
		return lam_fail(e, LAM_DATA, "%s: another line %s says something else "
			"than the first: what follows it belongs into a file of its "
			"own, as csplit -z FILE '/^#separator/' '{*}' makes them",
			z->label, which);
	return lam_line_scan(own, p, other, false, max, x, e);
}

static int
parse(const void *own, struct lam_parse *x, struct lam_error *e)
{
	const struct own *z = own;
	uint32_t from = x->rows;
	int r = lam_csv_plain_parse(own, x, e);

	for (uint32_t f = 0; f < x->nfields; f++)
		for (uint32_t i = from; x->cell[f] && i < x->rows; i++)
			if (x->cell[f][i].len == z->unset.n && !memcmp(x->text +
				x->cell[f][i].at, z->unset.p, z->unset.n))
				x->cell[f][i].len = LAM_CELL_NULL;
	return r;
}

static unsigned
guess(const struct lam_format *self, struct lam_str head)
{
	(void)self;
	return head.n >= sizeof SEPARATOR - 1 &&
		!memcmp(head.p, SEPARATOR, sizeof SEPARATOR - 1) ? 95 : 0;
}

const struct lam_format lam_format_zeek = { .name = "zeek",
	.takes = LAM_TAKES_FIELDS, .example = "#separator \\x09",
	.guess = guess, .open = open_zeek, .scan = scan, .parse = parse,
	.close = free };
