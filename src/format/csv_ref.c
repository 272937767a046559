/*
 * csv_ref.c - one record with quotes by libcsv: the reference
 *
 * libcsv, in strict mode, decides what an irregular record means; the splitter
 * (csv_split.c) takes regular ones; the others come here.  Two of its habits are
 * turned off: it trims blanks around unquoted fields (no byte is a blank here)
 * and it ends a record at CR (only LF ends one; CR LF counts as LF, a CR elsewhere
 * is data).  What is wrong with a record is told of its first line, whatever the
 * lines behind make of a quote that it leaves open: a chunk may end there.
 *
 * To tell a CR LF that ends a record from one inside quotes, lines
 * are fed one at a time and quotes are counted: their number is odd inside.
 *
 * libcsv knows no escape but doubling.  So a line with escapes is fed as one without:
 * in quotes, an escape and a quote become two quotes, two escapes become one, and an
 * escape before another byte stands for itself.
 */
#include <csv.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format/csv_internal.h"
#include "input/format.h"

/*
 * libcsv's buffer for a value grows by the same small step each time, which is
 * quadratic; here it doubles.  Its capacity stands before it.
 */
union room {
	size_t cap;
	max_align_t align;
};

static void *
grow(void *p, size_t n)
{
	union room *b = p ? (union room *)p - 1 : NULL;
	size_t cap = b ? b->cap : 1024;

	if (b && n <= cap)
		return p;
	if (n > SIZE_MAX / 4)
		return NULL;
	while (cap < n)
		cap *= 2;
	b = realloc(b, sizeof *b + cap);
	if (!b)
		return NULL;
	b->cap = cap;
	return b + 1;
}

static void
release(void *p)
{
	if (p)
		free((union room *)p - 1);
}

struct reader {
	const struct lam_csv_syntax *syntax;
	void (*field)(void *arg, struct lam_str value);
	void *arg;
	bool ended;
	struct lam_buf line; /* without its escapes */
};

static int
no_blank(unsigned char c)
{
	(void)c;
	return 0;
}

static int
only_newline(unsigned char c)
{
	return c == '\n';
}

static void
on_field(void *p, size_t n, void *arg)
{
	struct reader *r = arg;

	if (r->field)
		r->field(r->arg, (struct lam_str){ p, p ? n : 0 });
}

static void
on_record(int c, void *arg)
{
	(void)c;
	((struct reader *)arg)->ended = true;
}

static bool
feed(struct csv_parser *c, struct reader *r, const char *p, size_t n)
{
	return csv_parse(c, p, n, on_field, on_record, r) == n;
}

static size_t
count_quotes(char quote, const char *p, size_t n)
{
	size_t count = 0;

	for (const char *end = p + n; (p = memchr(p, quote, (size_t)(end - p)));
		p++)
		count++;
	return count;
}

/* LINE without its escapes; QUOTES stand before it. */
static bool
unescape(struct reader *r, size_t quotes, struct lam_str *line)
{
	const struct lam_csv_syntax *s = r->syntax;

	lam_buf_clear(&r->line);
	for (size_t i = 0; i < line->n; i++) {
		char c = line->p[i], next = i + 1 < line->n ? line->p[i + 1] : 0;
		bool pair = c == s->escape && quotes % 2 == 1 &&
			(next == s->quote || next == s->escape);

		if (pair && next == s->quote)
			lam_buf_putc(&r->line, s->quote);
		lam_buf_putc(&r->line, pair ? next : c);
		quotes += c == s->quote;
		i += pair;
	}
	*line = (struct lam_str){ r->line.p, r->line.n };
	return !lam_buf_check(&r->line, NULL);
}

static size_t
line_length(const char *p, size_t n)
{
	const char *end = memchr(p, '\n', n);

	return end ? (size_t)(end - p) + 1 : n;
}

/* Feed line after line until the record ends.  Returns false on an error of
 * libcsv; *USED counts the bytes taken. */
static bool
feed_lines(struct csv_parser *c, struct reader *r, const char *p, size_t n,
	size_t *used)
{
	size_t quotes = 0;

	for (*used = 0; *used < n && !r->ended;) {
		struct lam_str line = { p + *used, line_length(p + *used,
			n - *used) };
		bool whole = line.p[line.n - 1] == '\n', first = !*used;

		*used += line.n;
		if (r->syntax->escapes && memchr(line.p, r->syntax->escape, line.n)
			&& !unescape(r, quotes, &line))
			return false;
		quotes += count_quotes(r->syntax->quote, line.p, line.n);
		line.n -= whole;
		if (first && (line.n == 0 || (line.n == 1 && *line.p == '\r')) &&
			(whole || *used == n)) {
			on_field(NULL, 0, r); /* libcsv skips blank lines */
			r->ended = true;
			return true;
		}
		if (line.n && line.p[line.n - 1] == '\r' && quotes % 2 == 0 &&
			(whole || *used == n))
			line.n--;
		if (!feed(c, r, line.p, line.n + (quotes % 2 && whole)))
			return false;
		if (quotes % 2 == 0 && whole && !feed(c, r, "\n", 1))
			return false;
	}
	return true;
}

int
lam_csv_record(const struct lam_csv_syntax *s, const char *p, size_t n, bool last,
	size_t *bytes, const char **reason,
	void (*field)(void *arg, struct lam_str value), void *arg,
	struct lam_error *e)
{
	struct reader r = { s, field, arg, false, LAM_BUF_INIT };
	struct csv_parser c;
	bool good, full = n >= LAM_RECORD_MAX;
	size_t first = line_length(p, n);
	int code = LAM_OK;

	*reason = NULL;
	*bytes = 0;
	if (csv_init(&c, CSV_STRICT | CSV_STRICT_FINI | CSV_EMPTY_IS_NULL))
		return lam_fail_mem(e);
	csv_set_delim(&c, (unsigned char)s->delimiter);
	csv_set_quote(&c, (unsigned char)s->quote);
	csv_set_realloc_func(&c, grow);
	csv_set_free_func(&c, release);
	csv_set_space_func(&c, no_blank);
	csv_set_term_func(&c, only_newline);
	good = feed_lines(&c, &r, p, full ? LAM_RECORD_MAX : n, bytes);
	if (!good && (csv_error(&c) == CSV_ENOMEM || lam_buf_check(&r.line, NULL))) {
		code = lam_fail_mem(e);
	} else if (!good && *bytes > first) {
		*reason = "a quote is never closed";
	} else if (!good) {
		*reason = c.quoted ? "text after a closing quote"
				   : "a quote inside an unquoted field";
	} else if (!r.ended && full) {
		*reason = "a quote is never closed";
	} else if (!r.ended && !last) {
		*bytes = 0;
	} else if (!r.ended && csv_fini(&c, on_field, on_record, &r)) {
		*reason = "a quote is never closed";
	}
	if (*reason)
		*bytes = first;
	if (*reason && !last && p[*bytes - 1] != '\n') {
		*reason = NULL; /* the rest of the line is needed, too */
		*bytes = 0;
	}
	csv_free(&c);
	lam_buf_release(&r.line);
	return code;
}
