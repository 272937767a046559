/*
 * csv.c - comma-separated values
 *
 * Two ways to read a record: by bit masks of 64 bytes (csv_kernel_body.h) as long
 * as its quotes are regular, by libcsv (csv_ref.c) when they are not; after such
 * a record the masks start again.  This file finds the ends of records in the text
 * that is being read, and makes cells of irregular records; csv_split.c makes
 * those of regular ones.
 */
#include <string.h>

#include "format/csv_internal.h"
#include "format/formats.h"
#include "input/input_chunk.h"
#include "input/input_header.h"

/* The length of the first line with its newline; 0: there is none. */
static size_t
first_line(const char *p, size_t n)
{
	const char *end = memchr(p, '\n', n);

	return end ? (size_t)(end - p) + 1 : 0;
}

/*
 * Where LAM_RECORD_MAX bytes of regular text end no record, a quote is open (or
 * the line is too long, which is the caller's affair): its first line is none.
 */
static int
csv_scan(void *own, const char *p, size_t n, bool last, uint32_t max,
	struct lam_extent *x, struct lam_error *e)
{
	const struct lam_csv_kernel *k = lam_csv_kernel();
	size_t done = 0, len;
	const char *reason;
	int r = LAM_OK;

	(void)own;
	*x = (struct lam_extent){ 0, 0, 0 };
	for (;;) {
		struct lam_extent more;
		bool stopped = k->scan(LAM_CSV_SYNTAX, p + done, n - done,
			max - x->records, &more);

		done += more.bytes;
		x->records += more.records;
		x->lines += more.lines;
		if (x->records == max || done == n)
			break;
		len = 0;
		if (stopped || last)
			r = lam_csv_record(',', p + done, n - done,
				last, &len, &reason, NULL, NULL, e);
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
fill_record(struct lam_parse *x, size_t at, struct lam_error *e)
{
	struct refill f = { x, at, 0 };
	const char *reason;
	size_t len;
	int r = lam_csv_record(',', x->text + at, x->n - at, true, &len,
		&reason, refill_field, &f, e);

	x->rows += !r;
	return r;
}

static int
parse_irregular(struct lam_parse *x, size_t *at, struct lam_error *e)
{
	char *text = x->text + *at;
	size_t len, end;
	uint64_t lines;
	uint32_t fields = 0;
	const char *reason;
	int r = lam_csv_record(',', text, x->n - *at, true, &len, &reason,
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
		r = fill_record(x, *at, e);
	x->line += lines;
	*at += len;
	return r;
}

static int
csv_parse(const void *own, struct lam_parse *x, struct lam_error *e)
{
	const struct lam_csv_kernel *k = lam_csv_kernel();
	size_t at = 0;
	int r = LAM_OK;

	(void)own;
	while (!r && at < x->n) {
		r = lam_csv_split(k, LAM_CSV_SYNTAX, x, &at, e);
		if (!r && at < x->n)
			r = parse_irregular(x, &at, e);
	}
	return r;
}

/* ------------------------------------------------------------------ fields */

static int
csv_values(const char *p, size_t n, const char **reason,
	void (*field)(void *arg, struct lam_str value), void *arg,
	struct lam_error *e)
{
	size_t bytes;

	return lam_csv_record(',', p, n, true, &bytes, reason, field, arg, e);
}

static int
csv_open(const struct lam_format *self, struct lam_input *in,
	const struct lam_input_options *o, void **own, struct lam_error *e)
{
	(void)self;
	(void)own;
	return lam_input_add_header(in, o, csv_values, e);
}

/* Anything may be CSV, of one field at least. */
static unsigned
csv_guess(const struct lam_format *self, struct lam_str head)
{
	(void)self;
	(void)head;
	return 10;
}

const struct lam_format lam_format_csv = { .name = "csv",
	.suffix = ".csv", .named = true,
	.guess = csv_guess, .open = csv_open, .scan = csv_scan,
	.parse = csv_parse };
