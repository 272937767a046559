/*
 * form_csv.c - comma- and tab-separated values
 *
 * CSV (RFC 4180, newline LF): quotes only where needed; NULL is an empty field
 * and the empty text is "", so that reading it again gives the same values.
 * TSV: tab, newline, carriage return and backslash as \t \n \r \\, NULL as \N
 * (as PostgreSQL's COPY writes it).
 *
 * Nearly no value needs quotes, so finding that out is what costs: 8 bytes are
 * looked at at a time.
 */
#include "output/output_internal.h"

#include "base/bytes.h"

#define LOW UINT64_C(0x0101010101010101)
#define HIGH UINT64_C(0x8080808080808080)

/* Nonzero when one of V's 8 bytes is zero (Mycroft). */
static inline uint64_t
zero_byte(uint64_t v)
{
	return (v - LOW) & ~v & HIGH;
}

static inline uint64_t
equal_byte(uint64_t v, char c)
{
	return zero_byte(v ^ (LOW * (unsigned char)c));
}

/* Whether S has a comma, quote, newline or carriage return. */
static bool
needs_quotes(struct lam_str s)
{
	size_t i = 0;

	for (; i + 8 <= s.n; i += 8) {
		uint64_t v = lam_get64(s.p + i);

		if (equal_byte(v, ',') | equal_byte(v, '"') |
			equal_byte(v, '\n') | equal_byte(v, '\r'))
			return true;
	}
	for (; i < s.n; i++)
		if (s.p[i] == ',' || s.p[i] == '"' || s.p[i] == '\n' ||
			s.p[i] == '\r')
			return true;
	return false;
}

static void
csv_put(struct lam_writer *w, struct lam_buf *b, struct lam_str s, uint32_t c)
{
	(void)w;
	(void)c;
	if (!s.p || (s.n && !needs_quotes(s))) {
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
	if (c == w->ncolumns)
		lam_buf_putc(b, '\n');
	else if (c)
		lam_buf_putc(b, ',');
}

/* The letter that stands for C after a backslash; 0: C stands for itself. */
static inline char
tsv_letter(char c)
{
	return c == '\t' ? 't' : c == '\n' ? 'n' : c == '\r' ? 'r' :
		c == '\\' ? '\\' : 0;
}

static void
tsv_put(struct lam_writer *w, struct lam_buf *b, struct lam_str s, uint32_t c)
{
	size_t from = 0;

	(void)w;
	(void)c;
	if (!s.p)
		lam_buf_puts(b, "\\N");
	for (size_t i = 0; i < s.n; i++) {
		char letter = tsv_letter(s.p[i]);

		if (!letter)
			continue;
		lam_buf_put(b, s.p + from, i - from);
		lam_buf_putc(b, '\\');
		lam_buf_putc(b, letter);
		from = i + 1;
	}
	lam_buf_put(b, s.p + from, s.n - from);
}

static void
tsv_lead(struct lam_writer *w, struct lam_buf *b, uint32_t c)
{
	if (c == w->ncolumns)
		lam_buf_putc(b, '\n');
	else if (c)
		lam_buf_putc(b, '\t');
}

static int
begin(struct lam_writer *w, struct lam_error *e)
{
	(void)e;
	if (w->header)
		lam_writer_names(w);
	return LAM_OK;
}

const struct lam_form lam_form_csv = { .name = "csv", .live = true,
	.headed = true, .begin = begin, .put = csv_put, .lead = csv_lead };
const struct lam_form lam_form_tsv = { .name = "tsv", .live = true,
	.headed = true, .begin = begin, .put = tsv_put, .lead = tsv_lead };
