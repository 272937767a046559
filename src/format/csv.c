/*
 * csv.c - delimited text: CSV, TSV and their dialects
 *
 * Both formats are one, with the bytes that they begin with: those of CSV are a comma
 * and double quotes, those of TSV a tab and the backslash.  The options may say others
 * (input/dialect.h).  Text with quotes is read by csv_quoted.c, text without by
 * csv_plain.c; without a word, quotes have no escape but doubling.
 */
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "format/csv_internal.h"
#include "format/formats.h"
#include "format/line.h"
#include "input/dialect.h"
#include "input/input_header.h"

/* S as D says: what it does not say stays, but for the escape of a text without quotes
 * that is to have some. */
static int
set_syntax(struct lam_csv_syntax *s, const struct lam_dialect *d,
	struct lam_error *e)
{
	bool delimits = true, plain = !s->quotes;
	int r = lam_dialect_byte(d->delimiter, "--delimiter", &s->delimiter,
		&delimits, e);

	if (!r)
		r = lam_dialect_byte(d->quote, "--quote", &s->quote, &s->quotes, e);
	if (!r)
		r = lam_dialect_byte(d->escape ? d->escape : plain && s->quotes ?
			"none" : NULL, "--escape", &s->escape, &s->escapes, e);
	if (!r)
		r = lam_dialect_byte(d->comment, "--comment", &s->comment,
			&s->comments, e);
	if (!r && !delimits)
		r = lam_fail(e, LAM_USAGE, "--delimiter none: a byte is needed; "
			"-f lines keeps whole lines");
	if (s->quotes && s->escape == s->quote)
		s->escapes = false; /* that is doubling */
	if (!r && (s->delimiter == (s->quotes ? s->quote : 0) ||
		s->delimiter == (s->escapes ? s->escape : 0) ||
		s->delimiter == (s->comments ? s->comment : 0) ||
		(s->comments && s->quotes && s->comment == s->quote) ||
		(s->comments && s->escapes && s->comment == s->escape)))
		r = lam_fail(e, LAM_USAGE, "--delimiter, --quote, --escape and "
			"--comment: two of them are the same byte");
	return r;
}

static int
values(const void *own, const char *p, size_t n, const char **reason,
	void (*field)(void *arg, struct lam_str value), void *arg,
	struct lam_error *e)
{
	const struct lam_csv_syntax *s = own;
	size_t bytes;

	*reason = NULL;
	if (lam_csv_is_comment(s, p, n))
		return LAM_OK;
	return s->quotes ? lam_csv_record(s, p, n, true, &bytes, reason, field,
		arg, e) : lam_csv_plain_values(s, p, n, field, arg, e);
}

static int
open_csv(const struct lam_format *self, struct lam_input *in,
	const struct lam_input_options *o, void **own, struct lam_error *e)
{
	struct lam_csv_syntax *s = malloc(sizeof *s);
	int r;

	if (!s)
		return lam_fail_mem(e);
	*own = s;
	*s = self == &lam_format_csv ? LAM_CSV_SYNTAX : LAM_TSV_SYNTAX;
	r = set_syntax(s, &o->dialect, e);
	if (!r && s->comments)
		lam_input_comments(in, s->comment);
	return r ? r : lam_input_add_header(in, o, values, e);
}

static int
scan(void *own, const char *p, size_t n, bool last, uint32_t max,
	struct lam_extent *x, struct lam_error *e)
{
	const struct lam_csv_syntax *s = own;

	return s->quotes ? lam_csv_quoted_scan(own, p, n, last, max, x, e) :
		lam_line_scan(own, p, n, last, max, x, e);
}

static int
parse(const void *own, struct lam_parse *x, struct lam_error *e)
{
	const struct lam_csv_syntax *s = own;

	return s->quotes ? lam_csv_quoted_parse(own, x, e) :
		lam_csv_plain_parse(own, x, e);
}

/* Anything may be CSV, of one field at least. */
static unsigned
guess_csv(const struct lam_format *self, struct lam_str head)
{
	(void)self;
	(void)head;
	return 10;
}

static unsigned
guess_tsv(const struct lam_format *self, struct lam_str head)
{
	struct lam_str line = lam_str_first_line(head);

	(void)self;
	return line.n && memchr(line.p, '\t', line.n) ? 50 : 0;
}

#define TAKES (LAM_TAKES_FIELDS | LAM_TAKES_DIALECT | LAM_TAKES_HEADER)

const struct lam_format lam_format_csv = { .name = "csv", .suffix = ".csv",
	.takes = TAKES, .counts = true, .divides = ',',
	.guess = guess_csv, .open = open_csv,
	.scan = scan, .parts = lam_line_parts,
	.parse = parse, .close = free };

const struct lam_format lam_format_tsv = { .name = "tsv", .suffix = ".tsv",
	.takes = TAKES, .counts = true, .divides = '\t',
	.guess = guess_tsv, .open = open_csv,
	.scan = scan, .parts = lam_line_parts,
	.parse = parse, .close = free };
