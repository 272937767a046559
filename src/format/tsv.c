/*
 * tsv.c - tab-separated values
 *
 * As PostgreSQL's COPY and lam-query -o tsv write it: a record is a line, a quote is
 * a byte like any other, and what would be taken for a separator is escaped:
 *
 *	\t \n \r \b \f \v \\	the control character, or one backslash
 *	\N alone		NULL
 *
 * Other backslashes stand for themselves.  An empty field is the empty text.  The
 * loops are those of CSV without its quotes (csv_internal.h).
 */
#include <string.h>

#include "format/csv_internal.h"
#include "format/formats.h"
#include "format/line.h"
#include "input/input_header.h"

/* Length of the first value of P[N]; whether MORE follow. */
static size_t
value_length(const char *p, size_t n, bool *more)
{
	const char *tab = n ? memchr(p, '\t', n) : NULL;

	*more = tab != NULL;
	return tab ? (size_t)(tab - p) : n;
}

/* The line at *AT, which the loops leave: the last one, or one of too many fields. */
static int
parse_line(struct lam_parse *x, size_t *at, struct lam_error *e)
{
	const char *newline = memchr(x->text + *at, '\n', x->n - *at);
	size_t end = newline ? (size_t)(newline - x->text) : x->n, from = *at;
	size_t text = end - (end > from && x->text[end - 1] == '\r');
	uint32_t fields = 1;
	bool more, header = lam_csv_is_header(x, from, end), fits;
	int r = LAM_OK;

	for (size_t i = from; i < text; i++)
		fields += x->text[i] == '\t';
	fits = fields == x->nfields && !header;
	x->headers += header;
	if (fields != x->nfields)
		r = lam_csv_misfit(x, *at, end, fields, x->line, e);
	for (uint32_t f = 0; fits && f < fields; f++) {
		size_t n = value_length(x->text + from, text - from, &more);

		if (x->cell[f]) {
			struct lam_cell *c = &x->cell[f][x->rows];

			*c = (struct lam_cell){ (uint32_t)from, (uint32_t)n };
			lam_tsv_unescape(x->text, c);
		}
		from += n + 1;
	}
	x->rows += fits;
	x->line++;
	*at = end + (newline != NULL);
	return r;
}

static int
tsv_parse(const void *own, struct lam_parse *x, struct lam_error *e)
{
	const struct lam_csv_kernel *k = lam_csv_kernel();
	size_t at = 0;
	int r = LAM_OK;

	(void)own;
	while (!r && at < x->n) {
		r = lam_csv_split(k, LAM_TSV_SYNTAX, x, &at, e);
		if (!r && at < x->n)
			r = parse_line(x, &at, e);
	}
	return r;
}

static int
tsv_values(const char *p, size_t n, const char **reason,
	void (*field)(void *arg, struct lam_str value), void *arg,
	struct lam_error *e)
{
	struct lam_buf copy = LAM_BUF_INIT;
	size_t at = 0;
	bool more = true;
	int r;

	*reason = NULL;
	n -= n && p[n - 1] == '\n';
	n -= n && p[n - 1] == '\r';
	lam_buf_put(&copy, p, n);
	r = lam_buf_check(&copy, e);
	while (!r && more) {
		struct lam_cell c = { (uint32_t)at, (uint32_t)value_length(
			p + at, n - at, &more) };

		at += c.len + 1;
		if (copy.p)
			lam_tsv_unescape(copy.p, &c);
		field(arg, (struct lam_str){ copy.p ? copy.p + c.at : "",
			c.len == LAM_CELL_NULL ? 0 : c.len });
	}
	lam_buf_release(&copy);
	return r;
}

static int
tsv_open(const struct lam_format *self, struct lam_input *in,
	const struct lam_input_options *o, void **own, struct lam_error *e)
{
	(void)self;
	(void)own;
	return lam_input_add_header(in, o, tsv_values, e);
}

static unsigned
tsv_guess(const struct lam_format *self, struct lam_str head)
{
	const char *end = memchr(head.p, '\n', head.n);
	size_t n = end ? (size_t)(end - head.p) : head.n;

	(void)self;

	return memchr(head.p, '\t', n) ? 50 : 0;
}

const struct lam_format lam_format_tsv = { .name = "tsv",
	.suffix = ".tsv", .named = true,
	.guess = tsv_guess, .open = tsv_open, .scan = lam_line_scan,
	.parse = tsv_parse };
