/*
 * input.c - chunks of whole records, and their cells
 *
 * The table of formats is here, and all that they share: reading until a chunk
 * is full, the time is up or the input ends; the header line; rejects.
 *
 * A chunk's text is what was left of the previous one (carry: the start of a record
 * whose end had not been read) followed by what is read now.  The format's scan looks
 * at text from the last record end known, so nothing but an unfinished record is
 * ever scanned twice.
 *
 * A line longer than LAM_RECORD_MAX is not kept: its first bytes become a reject, the rest
 * is read and dropped up to the next newline.
 */
#include "input/input.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/name.h"
#include "input/format.h"
#include "input/source.h"
#include "store/vec.h"

#define READ_BYTES ((size_t)1 << 20)
#define SHOWN 4096 /* bytes kept of a line that is too long */

static const struct lam_format *const formats[] = { &lam_format_csv,
	&lam_format_tsv, &lam_format_combined, &lam_format_common };

#define FORMATS (sizeof formats / sizeof *formats)

const char *const lam_format_names[] = { "csv", "tsv", "combined", "common",
	NULL };

struct lam_input {
	char *path;
	struct lam_input_source *source;
	const struct lam_format *format;
	struct lam_arena arena; /* names */
	const char **field;
	uint32_t nfields;
	struct lam_buf carry;
	uint64_t line;
	bool ended;	       /* the source is */
	bool skipping;	       /* inside a line that is too long */
	bool stopped;	       /* by a signal: what is not whole is no record */
	struct lam_error late; /* to be told once the whole records are out */
};

void
lam_chunk_release(struct lam_chunk *c)
{
	lam_buf_release(&c->raw);
	lam_buf_release(&c->cells);
	free(c->column);
	free(c->reject);
	*c = (struct lam_chunk)LAM_CHUNK_INIT;
}

int
lam_chunk_reject(struct lam_chunk *c, uint64_t line, struct lam_str text,
	struct lam_error *e, const char *reason, ...)
{
	struct lam_reject *r;
	va_list ap;

	if (c->nrejects == c->rejects_cap) {
		size_t cap = c->rejects_cap ? 2 * c->rejects_cap : 16;

		r = realloc(c->reject, cap * sizeof *r);
		if (!r)
			return lam_fail_mem(e);
		c->reject = r;
		c->rejects_cap = cap;
	}
	r = &c->reject[c->nrejects++];
	r->line = line;
	r->text = text;
	va_start(ap, reason);
	vsnprintf(r->reason, sizeof r->reason, reason, ap);
	va_end(ap);
	return LAM_OK;
}

/* ------------------------------------------------------------------- reading */

static int64_t
now_ms(void) /* for waiting only; no result depends on it */
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Read once into RAW.  *HOW as in source.h. */
static int
read_more(struct lam_input *in, struct lam_buf *raw, int wait_ms,
	const volatile int *stop, enum lam_got *how, struct lam_error *e)
{
	size_t got;
	int r;

	if (!lam_buf_room(raw, READ_BYTES))
		return lam_fail_mem(e);
	r = lam_input_source_read(in->source, raw->p + raw->n, READ_BYTES,
		wait_ms, stop, &got, how, &in->late);
	if (r) { /* first what is whole, then the error */
		*how = LAM_GOT_END;
		in->ended = true;
		return LAM_OK;
	}
	raw->n += got;
	in->ended = *how == LAM_GOT_END;
	in->stopped = in->ended && stop && *stop;
	return LAM_OK;
}

/*
 * Whether the text after the last whole record is beyond all limits: then its
 * first line is cut down and marked, and skipped up to its newline.
 */
static void
drop_long_line(struct lam_input *in, struct lam_buf *raw, size_t from)
{
	if (raw->n - from <= LAM_RECORD_MAX ||
		memchr(raw->p + from, '\n', raw->n - from))
		return;
	raw->n = from + SHOWN;
	in->skipping = true;
}

/* Drop bytes of the line that is too long; what follows it moves up. */
static void
skip_line(struct lam_input *in, struct lam_buf *raw, size_t from)
{
	char *end = memchr(raw->p + from, '\n', raw->n - from);
	size_t drop = end ? (size_t)(end - (raw->p + from)) : raw->n - from;

	memmove(raw->p + from, raw->p + from + drop, raw->n - from - drop);
	raw->n -= drop;
	if (end)
		in->skipping = false;
}

uint64_t
lam_count_lines(const char *p, size_t n)
{
	uint64_t lines = 0;

	for (size_t i = 0; i < n; i++)
		lines += p[i] == '\n';
	return lines + (n && p[n - 1] != '\n');
}

/*
 * Fill RAW with up to MAX whole records, X of it.  Ends when
 * there are MAX, or enough bytes, or the wait is over and there is one.
 */
static int
fill(struct lam_input *in, struct lam_buf *raw, uint32_t max, int wait_ms,
	const volatile int *stop, struct lam_extent *x, struct lam_error *e)
{
	int64_t begin = -1;
	bool read_all = in->ended; /* the carry of an earlier end */
	int r = LAM_OK;

	*x = (struct lam_extent){ 0, 0, 0 };
	for (;;) {
		enum lam_got how = LAM_GOT_BYTES;
		struct lam_extent more;
		size_t held;
		int left = -1;

		/* A truncated line of broken gzip is no record. */
		r = in->format->scan(in->format, raw->p + x->bytes,
			raw->n - x->bytes,
			read_all && !in->late.code && !in->stopped,
			max - x->records, &more, e);
		if (r)
			return r;
		x->bytes += more.bytes;
		x->records += more.records;
		x->lines += more.lines;
		if (x->records == max || x->bytes >= LAM_CHUNK_BYTES ||
			read_all)
			return LAM_OK;
		drop_long_line(in, raw, x->bytes);
		if (raw->n && begin < 0)
			begin = now_ms();
		if (wait_ms >= 0 && x->records) {
			int64_t due = begin + wait_ms - now_ms();

			left = due > 0 ? (int)due : 0;
		}
		held = raw->n;
		r = read_more(in, raw, left, stop, &how, e);
		if (r)
			return r;
		if (how == LAM_GOT_NOTHING)
			return LAM_OK;
		if (in->skipping && raw->n > held)
			skip_line(in, raw, held);
		read_all = in->ended;
	}
}

/* Take up to MAX records from the front of the input into RAW; the rest stays
 * in the carry. */
static int
take(struct lam_input *in, struct lam_buf *raw, uint32_t max, int wait_ms,
	const volatile int *stop, struct lam_extent *x, struct lam_error *e)
{
	int r;

	lam_buf_clear(raw);
	lam_buf_put(raw, in->carry.p, in->carry.n);
	lam_buf_clear(&in->carry);
	r = lam_buf_check(raw, e);
	if (!r)
		r = fill(in, raw, max, wait_ms, stop, x, e);
	if (r)
		return r;
	lam_buf_put(&in->carry, raw->p ? raw->p + x->bytes : "",
		raw->n - x->bytes);
	raw->n = x->bytes;
	in->line += x->lines;
	if (!x->bytes && in->late.code) {
		*e = in->late;
		return in->late.code;
	}
	return lam_buf_check(&in->carry, e);
}

int
lam_input_next(struct lam_input *in, struct lam_chunk *c, int wait_ms,
	const volatile int *stop, bool *got, struct lam_error *e)
{
	struct lam_extent x = { 0, 0, 0 };
	uint64_t line = in->line;
	int r = take(in, &c->raw, LAM_BLOCK_ROWS, wait_ms, stop, &x, e);

	*got = !r && x.bytes > 0;
	c->nrecords = x.records;
	c->lines = x.lines;
	c->line = line;
	c->last = in->ended && !in->carry.n;
	return r;
}

/* -------------------------------------------------------------------- opening */

static const struct lam_format *
find_format(const char *name)
{
	for (size_t i = 0; i < FORMATS; i++)
		if (!strcmp(formats[i]->name, name))
			return formats[i];
	return NULL;
}

static bool
ends_with(const char *s, size_t n, const char *suffix)
{
	size_t m = strlen(suffix);

	return n >= m && !memcmp(s + n - m, suffix, m);
}

/* By name, else by the first line (already in the carry). */
static const struct lam_format *
guess_format(struct lam_input *in)
{
	size_t n = strlen(in->path), len;
	struct lam_chunk probe = LAM_CHUNK_INIT;
	const struct lam_format *f = NULL;
	const char *end;

	if (ends_with(in->path, n, ".gz"))
		n -= 3;
	if (ends_with(in->path, n, ".csv"))
		return &lam_format_csv;
	if (ends_with(in->path, n, ".tsv"))
		return &lam_format_tsv;
	if (!in->carry.n)
		return &lam_format_csv;
	end = memchr(in->carry.p, '\n', in->carry.n);
	len = end ? (size_t)(end - in->carry.p) : in->carry.n;
	for (size_t i = 2; i < FORMATS && !f; i++) {
		struct lam_cell *none[16] = { NULL };
		struct lam_parse x = { in->carry.p, len, formats[i]->nfields,
			none, 0, 1, 0, &probe };

		if (!formats[i]->parse(formats[i], &x, NULL) && x.rows == 1)
			f = formats[i];
	}
	lam_chunk_release(&probe);
	if (f)
		return f;
	return memchr(in->carry.p, '\t', len) ? &lam_format_tsv
					      : &lam_format_csv;
}

/* Enough text for the first line, so that the format can be guessed. */
static int
read_first_line(struct lam_input *in, struct lam_error *e)
{
	enum lam_got how;

	while (!in->ended && in->carry.n <= LAM_RECORD_MAX &&
		!(in->carry.n && memchr(in->carry.p, '\n', in->carry.n))) {
		int r = read_more(in, &in->carry, -1, NULL, &how, e);
		if (r)
			return r;
	}
	if (in->carry.n >= 3 && !memcmp(in->carry.p, "\xef\xbb\xbf", 3)) {
		in->carry.n -= 3;
		memmove(in->carry.p, in->carry.p + 3, in->carry.n);
	}
	return lam_buf_check(&in->carry, e);
}

struct names {
	struct lam_input *in;
	struct lam_str field[LAM_FIELDS_MAX];
	size_t n;
	bool oom;
};

static void
on_name(void *arg, struct lam_str value)
{
	struct names *x = arg;
	char *copy = lam_arena_dup(&x->in->arena, value.p ? value.p : "",
		value.n);

	if (!copy)
		x->oom = true;
	else if (x->n < LAM_FIELDS_MAX)
		x->field[x->n] = (struct lam_str){ copy, value.n };
	x->n++;
}

static bool
taken(const struct lam_input *in, const char *name, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(in->field[i], name))
			return true;
	return false;
}

/* An empty name is "column3"; a second "a" is "a_2". */
static int
name_field(struct lam_input *in, struct lam_str given, size_t i,
	struct lam_error *e)
{
	char name[LAM_FIELD_NAME_MAX + 32];
	size_t n = given.n;
	char *copy;

	if (!n)
		n = (size_t)snprintf(name, sizeof name, "column%zu", i + 1);
	else if (!lam_field_name_ok(given.p, n))
		return lam_fail(e, LAM_DATA, "%s:1: field %zu: not a name: at "
			"most %d bytes, no NUL, no newline", in->path, i + 1,
			LAM_FIELD_NAME_MAX);
	else
		memcpy(name, given.p, n + 1);
	for (unsigned again = 2; taken(in, name, i); again++)
		n = (size_t)snprintf(name, sizeof name, "%.*s_%u",
			LAM_FIELD_NAME_MAX - 12, given.n ? given.p : "column",
			again);
	copy = lam_arena_dup(&in->arena, name, n);
	in->field[i] = copy;
	return copy ? LAM_OK : lam_fail_mem(e);
}

static int
name_fields(struct lam_input *in, const struct lam_str *given, size_t n,
	struct lam_error *e)
{
	int r = LAM_OK;

	if (n > LAM_FIELDS_MAX)
		return lam_fail(e, LAM_DATA, "%s:1: %zu fields: at most %d",
			in->path, n, LAM_FIELDS_MAX);
	in->field = LAM_ARENA_NEW(&in->arena, const char *, n + 1);
	if (!in->field)
		return lam_fail_mem(e);
	for (size_t i = 0; !r && i < n; i++)
		r = name_field(in, given[i], i, e);
	in->nfields = (uint32_t)n;
	return r;
}

static int
read_header(struct lam_input *in, struct lam_error *e)
{
	struct lam_buf line = LAM_BUF_INIT;
	struct names *x = NULL;
	const char *reason = NULL;
	struct lam_extent whole;
	size_t bytes;
	int r = take(in, &line, 1, -1, NULL, &whole, e);

	if (r || !line.n)
		goto out;
	x = calloc(1, sizeof *x);
	if (!x) {
		r = lam_fail_mem(e);
		goto out;
	}
	x->in = in;
	r = lam_csv_record(in->format->delimiter, line.p, line.n, true, &bytes,
		&reason, on_name, x, e);
	if (!r && reason)
		r = lam_fail(e, LAM_DATA, "%s:1: the header line is none: %s",
			in->path, reason);
	if (!r && x->oom)
		r = lam_fail_mem(e);
	if (!r)
		r = name_fields(in, x->field, x->n, e);
out:
	free(x);
	lam_buf_release(&line);
	return r;
}

static int
set_fields(struct lam_input *in, const struct lam_input_options *o,
	struct lam_error *e)
{
	const char *const *names = in->format->fields;
	size_t n = in->format->nfields;
	struct lam_str *given;

	if (!names && o->header)
		return read_header(in, e);
	if (!names) {
		names = o->fields;
		n = o->nfields;
	}
	given = LAM_ARENA_NEW(&in->arena, struct lam_str, n + 1);
	if (!given)
		return lam_fail_mem(e);
	for (size_t i = 0; i < n; i++)
		given[i] = (struct lam_str){ names[i], strlen(names[i]) };
	return name_fields(in, given, n, e);
}

int
lam_input_open(struct lam_input **out, const char *path,
	const struct lam_input_options *o, struct lam_error *e)
{
	struct lam_input *in = calloc(1, sizeof *in);
	int r;

	if (!in)
		return lam_fail_mem(e);
	in->line = 1;
	in->path = lam_arena_dup(&in->arena, path, strlen(path));
	r = in->path ? lam_input_source_open(&in->source, in->path, e)
		     : lam_fail_mem(e);
	if (!r)
		r = read_first_line(in, e);
	if (!r) {
		in->format = o->format ? find_format(o->format)
				       : guess_format(in);
		if (!in->format)
			r = lam_fail(e, LAM_USAGE, "%s: no such format: there "
				"are csv, tsv, combined, common", o->format);
	}
	if (!r)
		r = set_fields(in, o, e);
	if (r)
		lam_input_close(in);
	else
		*out = in;
	return r;
}

void
lam_input_close(struct lam_input *in)
{
	if (!in)
		return;
	lam_input_source_close(in->source);
	lam_buf_release(&in->carry);
	lam_arena_release(&in->arena);
	free(in);
}

size_t
lam_input_fields(const struct lam_input *in, const char *const **names)
{
	*names = in->field;
	return in->nfields;
}

const char *
lam_input_format(const struct lam_input *in)
{
	return in->format->name;
}

/* -------------------------------------------------------------------- parsing */

int
lam_input_parse(const struct lam_input *in, struct lam_chunk *c,
	const bool *want, struct lam_cells *cells, uint64_t *blank,
	struct lam_error *e)
{
	size_t wanted = 0, at = 0, each = c->nrecords + 1;
	struct lam_cell **column = realloc(c->column,
		(in->nfields + 1) * sizeof *column);
	struct lam_parse x = { c->raw.p, c->raw.n, in->nfields, column, 0,
		c->line, 0, c };
	int r;

	if (!column)
		return lam_fail_mem(e);
	c->column = column;
	c->nrejects = 0;
	for (uint32_t i = 0; i < in->nfields; i++)
		wanted += !want || want[i];
	lam_buf_clear(&c->cells);
	if (!lam_buf_room(&c->cells, wanted * each * sizeof(struct lam_cell)))
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < in->nfields; i++) {
		column[i] = NULL;
		if (!want || want[i])
			column[i] = (struct lam_cell *)(void *)c->cells.p +
				at++ * each;
	}
	r = in->format->parse(in->format, &x, e);
	*cells = (struct lam_cells){ .text = c->raw.p, .nrows = x.rows,
		.nfields = in->nfields, .field = column };
	*blank = x.blank;
	return r;
}
