/*
 * csv_quoted.c - delimited text with quotes
 *
 * Two ways to read a record: by bit masks of 64 bytes (csv_kernel_body.h) as long
 * as its quotes are regular, by libcsv (csv_ref.c) when they are not; after such
 * a record the masks start again.  This file finds the ends of records in the text
 * that is being read, and makes cells of irregular records; csv_split.c makes
 * those of regular ones.
 */
#include <string.h>

#include "format/csv_internal.h"
#include "input/input_chunk.h"

/* The length of the first line with its newline; 0: there is none. */
static size_t
first_line(const char *p, size_t n)
{
	const char *end = memchr(p, '\n', n);

	return end ? (size_t)(end - p) + 1 : 0;
}

/* *LEN: of the record at P[N], which is irregular; 0: P ends before it does. */
static int
irregular(const struct lam_csv_syntax *s, const char *p, size_t n, bool last,
	size_t *len, struct lam_error *e)
{
	const char *reason;

	if (!lam_csv_is_comment(s, p, n))
		return lam_csv_record(s, p, n, last, len, &reason, NULL, NULL, e);
	*len = first_line(p, n);
	if (!*len && last)
		*len = n;
	return LAM_OK;
}

/*
 * Where LAM_RECORD_MAX bytes of regular text end no record, a quote is open (or
 * the line is too long, which is the caller's affair): its first line is none.
 */
int
lam_csv_quoted_scan(void *own, const char *p, size_t n, bool last, uint32_t max,
	struct lam_extent *x, struct lam_error *e)
{
	const struct lam_csv_kernel *k = lam_csv_kernel();
	const struct lam_csv_syntax *s = own;
	size_t done = 0, len;
	int r = LAM_OK;

	*x = (struct lam_extent){ 0, 0, 0 };
	for (;;) {
		struct lam_extent more;
		bool stopped = k->scan(*s, p + done, n - done,
			max - x->records, &more);

		done += more.bytes;
		x->records += more.records;
		x->lines += more.lines;
		if (x->records == max || done == n)
			break;
		len = 0;
		if (stopped || last)
			r = irregular(s, p + done, n - done, last, &len, e);
		else if (n - done >= LAM_RECORD_MAX)
			len = first_line(p + done, n - done);
		if (r)
			return r;
		if (!len)
			break;
		x->lines += lam_count_lines(p + done, len);
		done += len;
		x->records++;
	}
	x->bytes = done;
	return LAM_OK;
}

/* ------------------------------------------------------------------- parse */

int
lam_csv_misfit(struct lam_parse *x, size_t from, size_t end, uint32_t fields,
	uint64_t line, struct lam_error *e)
{
	end -= end > from && x->text[end - 1] == '\r';
	if (fields == 1 && from == end) {
		x->blank++;
		return LAM_OK;
	}
	return lam_chunk_reject(x->chunk, line,
		(struct lam_str){ x->text + from, end - from }, e,
		"%u field%s, expected %u", fields, fields == 1 ? "" : "s",
		x->nfields);
}

struct refill { /* values from libcsv go back into the text they came from */
	struct lam_parse *x;
	size_t at;
	uint32_t fields;
};

static void
refill_field(void *arg, struct lam_str value)
{
	struct refill *f = arg;
	uint32_t i = f->fields++;

	if (i >= f->x->nfields || !f->x->cell[i])
		return;
	f->x->cell[i][f->x->rows] = (struct lam_cell){ (uint32_t)f->at,
		value.p ? (uint32_t)value.n : LAM_CELL_NULL };
	memmove(f->x->text + f->at, value.p ? value.p : "", value.n);
	f->at += value.n;
}

static void
count_field(void *arg, struct lam_str value)
{
	(void)value;
	++*(uint32_t *)arg;
}

/* The record at AT has the fields expected. */
static int
fill_record(const struct lam_csv_syntax *s, struct lam_parse *x, size_t at,
	struct lam_error *e)
{
	struct refill f = { x, at, 0 };
	const char *reason;
	size_t len;
	int r = lam_csv_record(s, x->text + at, x->n - at, true, &len, &reason,
		refill_field, &f, e);

	if (!r)
		lam_parse_row(x);
	return r;
}

static int
parse_irregular(const struct lam_csv_syntax *s, struct lam_parse *x, size_t *at,
	struct lam_error *e)
{
	char *text = x->text + *at;
	size_t len, end;
	uint64_t lines;
	uint32_t fields = 0;
	const char *reason;
	int r = lam_csv_record(s, text, x->n - *at, true, &len, &reason,
		count_field, &fields, e);

	if (r)
		return r;
	lines = lam_count_lines(text, len);
	end = len - (text[len - 1] == '\n');
	end -= end && text[end - 1] == '\r';
	/* A mark of byte order before its first quote makes it irregular. */
	if (lam_csv_is_header(x, *at, *at + end))
		x->headers++;
	else if (reason)
		r = lam_chunk_reject(x->chunk, x->line,
			(struct lam_str){ text, end }, e, "%s", reason);
	else if (fields != x->nfields)
		r = lam_csv_misfit(x, *at, *at + len - (text[len - 1] == '\n'),
			fields, x->line, e);
	else
		r = fill_record(s, x, *at, e);
	x->line += lines;
	*at += len;
	return r;
}

/* The comment at *AT. */
static void
pass_comment(struct lam_parse *x, size_t *at)
{
	size_t len = first_line(x->text + *at, x->n - *at);

	x->blank++;
	x->line++;
	*at = len ? *at + len : x->n;
}

int
lam_csv_quoted_parse(const void *own, struct lam_parse *x, struct lam_error *e)
{
	const struct lam_csv_kernel *k = lam_csv_kernel();
	const struct lam_csv_syntax *s = own;
	size_t at = 0, len = 1;
	int r = LAM_OK;

	while (!r && at < x->n && !x->rest) {
		r = lam_csv_split(k, *s, x, &at, e);
		if (r || at == x->n || x->rest || lam_csv_is_full(x, at, 1))
			continue;
		if (x->partly)
			r = irregular(s, x->text + at, x->n - at, false, &len, e);
		if (!r && !len) { /* a quote is open, where newlines end nothing */
			x->rest = x->n - at;
			break;
		}
		if (lam_csv_is_comment(s, x->text + at, x->n - at))
			pass_comment(x, &at);
		else if (!r)
			r = parse_irregular(s, x, &at, e);
	}
	return r;
}
