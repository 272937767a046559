/*
 * csv_plain.c - delimited text without quotes
 *
 * As PostgreSQL's COPY and lam-query -o tsv write it: a record is a line, a quote is
 * a byte like any other, and what would be taken for a separator is escaped, here with
 * a backslash:
 *
 *	\t \n \r \b \f \v \\	the control character, or one backslash
 *	\N alone		NULL
 *
 * Other backslashes stand for themselves.  An empty field is the empty text.  The
 * loops are those of CSV without its quotes (csv_internal.h).
 */
#include <string.h>

#include "format/csv_internal.h"

/* Length of the first value of P[N]; whether MORE follow. */
static size_t
value_length(const struct lam_csv_syntax *s, const char *p, size_t n, bool *more)
{
	const char *end = n ? memchr(p, s->delimiter, n) : NULL;

	*more = end != NULL;
	return end ? (size_t)(end - p) : n;
}

/*
 * The line at *AT, which the loops leave: the last one, one of too many fields, or a
 * comment.
 */
static int
parse_line(const struct lam_csv_syntax *s, struct lam_parse *x, size_t *at,
	struct lam_error *e)
{
	const char *newline = memchr(x->text + *at, '\n', x->n - *at);
	size_t end = newline ? (size_t)(newline - x->text) : x->n, from = *at;
	size_t text = end - (end > from && x->text[end - 1] == '\r');
	uint32_t fields = 1;
	bool comment = lam_csv_is_comment(s, x->text + from, end - from);
	bool more, header = !comment && lam_csv_is_header(x, from, end), fits;
	int r = LAM_OK;

	for (size_t i = from; i < text; i++)
		fields += x->text[i] == s->delimiter;
	fits = fields == x->nfields && !header && !comment;
	x->headers += header;
	x->blank += comment;
	if (!comment && fields != x->nfields)
		r = lam_csv_misfit(x, *at, end, fields, x->line, e);
	for (uint32_t f = 0; fits && f < fields; f++) {
		size_t n = value_length(s, x->text + from, text - from, &more);

		if (x->cell[f]) {
			struct lam_cell *c = &x->cell[f][x->rows];

			*c = (struct lam_cell){ (uint32_t)from, (uint32_t)n };
			if (s->escapes)
				lam_csv_unescape(s->escape, x->text, c);
		}
		from += n + 1;
	}
	if (fits)
		lam_parse_row(x);
	x->line++;
	*at = end + (newline != NULL);
	return r;
}

int
lam_csv_plain_parse(const void *own, struct lam_parse *x, struct lam_error *e)
{
	const struct lam_csv_kernel *k = lam_csv_kernel();
	const struct lam_csv_syntax *s = own;
	size_t at = 0;
	int r = LAM_OK;

	while (!r && at < x->n && !x->rest) {
		r = lam_csv_split(k, *s, x, &at, e);
		if (!r && at < x->n && !x->rest && !lam_csv_is_full(x, at, 1))
			r = parse_line(s, x, &at, e);
	}
	return r;
}

int
lam_csv_plain_values(const struct lam_csv_syntax *s, const char *p, size_t n,
	void (*field)(void *arg, struct lam_str value), void *arg,
	struct lam_error *e)
{
	struct lam_buf copy = LAM_BUF_INIT;
	size_t at = 0;
	bool more = true;
	int r;

	n -= n && p[n - 1] == '\n';
	n -= n && p[n - 1] == '\r';
	lam_buf_put(&copy, p, n);
	r = lam_buf_check(&copy, e);
	while (!r && more) {
		struct lam_cell c = { (uint32_t)at, (uint32_t)value_length(s,
			p + at, n - at, &more) };

		at += c.len + 1;
		if (copy.p && s->escapes)
			lam_csv_unescape(s->escape, copy.p, &c);
		field(arg, (struct lam_str){ copy.p ? copy.p + c.at : "",
			c.len == LAM_CELL_NULL ? 0 : c.len });
	}
	lam_buf_release(&copy);
	return r;
}
