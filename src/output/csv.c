/*
 * csv.c - comma- and tab-separated values
 *
 * CSV (RFC 4180, newline LF): quotes only where needed; NULL is an empty field and the
 * empty text is "", so that reading it again gives the same values.  TSV: tab, newline,
 * carriage return and backslash as \t \n \r \\, NULL as \N (as PostgreSQL's
 * COPY writes it).
 */
#include "output/writer.h"

static void
csv_put(struct lam_writer *w, struct lam_buf *b, struct lam_str s, uint32_t c)
{
	bool quote = s.p && s.n == 0;

	(void)w;
	(void)c;
	for (size_t i = 0; i < s.n && !quote; i++)
		quote = s.p[i] == ',' || s.p[i] == '"' || s.p[i] == '\n' ||
			s.p[i] == '\r';
	if (!quote) {
		lam_buf_put(b, s.p, s.n);
		return;
	}
	lam_buf_putc(b, '"');
	while (s.n) {
		const char *q = memchr(s.p, '"', s.n);
		size_t n = q ? (size_t)(q - s.p) + 1 : s.n;

		lam_buf_put(b, s.p, n);
		if (q)
			lam_buf_putc(b, '"');
		s.p += n;
		s.n -= n;
	}
	lam_buf_putc(b, '"');
}

static void
csv_lead(struct lam_writer *w, struct lam_buf *b, uint32_t c)
{
	if (c == w->query->noutputs)
		lam_buf_putc(b, '\n');
	else if (c)
		lam_buf_putc(b, ',');
}

static void
tsv_put(struct lam_writer *w, struct lam_buf *b, struct lam_str s, uint32_t c)
{
	(void)w;
	(void)c;
	if (!s.p)
		lam_buf_puts(b, "\\N");
	for (size_t i = 0; i < s.n; i++) {
		switch (s.p[i]) {
		case '\t':
			lam_buf_puts(b, "\\t");
			break;
		case '\n':
			lam_buf_puts(b, "\\n");
			break;
		case '\r':
			lam_buf_puts(b, "\\r");
			break;
		case '\\':
			lam_buf_puts(b, "\\\\");
			break;
		default:
			lam_buf_putc(b, s.p[i]);
		}
	}
}

static void
tsv_lead(struct lam_writer *w, struct lam_buf *b, uint32_t c)
{
	if (c == w->query->noutputs)
		lam_buf_putc(b, '\n');
	else if (c)
		lam_buf_putc(b, '\t');
}

static void
begin(struct lam_writer *w)
{
	if (w->header)
		lam_writer_names(w);
}

const struct lam_form lam_form_csv = { "csv", begin, csv_put, csv_lead, NULL };
const struct lam_form lam_form_tsv = { "tsv", begin, tsv_put, tsv_lead, NULL };
