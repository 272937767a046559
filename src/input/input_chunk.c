/*
 * input_chunk.c - reading: chunks of whole records
 *
 * A chunk's text is what an earlier one left over (the carry), then what is
 * read now.  The format's scan looks at it from the last record end known, so
 * only an unfinished record is scanned twice; a long one is scanned again only
 * after it has grown by a quarter, or when nothing more comes, so a record of
 * n bytes costs O(n) however small the reads are.  What follows the chunk's
 * last record is at most one read, except after a quote that was not closed within
 * LAM_RECORD_MAX: so the carry is consumed by an offset, in pieces, and what a
 * chunk leaves of it is put back by moving that offset.
 *
 * Invariant: the unfinished record never holds more than LAM_RECORD_MAX bytes.
 * Which records are too long is therefore a property of the text, not of how
 * it was read.  When that many bytes hold no newline, the line is too long: the chunk
 * ends with its first LAM_LINE_SHOWN bytes, marked as cut, and the next begins by
 * dropping the rest of the line.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/array.h"
#include "base/clock.h"
#include "input/input_chunk.h"
#include "input/input_internal.h"

#ifdef LAM_READ_BYTES /* fuzzing: reads end everywhere */
#define READ_BYTES ((size_t)LAM_READ_BYTES)
#else
#define READ_BYTES ((size_t)1 << 19)
#endif
#define READ_WORTH ((size_t)64 << 10) /* less room than that is no read */
#define CARRY_KEPT ((size_t)8 << 20) /* memory kept for the next carry */

struct lam_str
lam_input_head(const struct lam_input *in)
{
	const char *p = in->carry.n ? in->carry.p + in->carry_at : "";
	size_t n = in->carry.n - in->carry_at;

	while (n && (*p == '\n' || *p == '\r')) {
		p++;
		n--;
	}
	return (struct lam_str){ p, n };
}

void
lam_chunk_release(struct lam_chunk *c)
{
	lam_buf_release(&c->raw);
	lam_buf_release(&c->cells);
	lam_buf_release(&c->row_lines);
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

	if (!lam_array_room(&c->reject, &c->rejects_cap, c->nrejects + 1,
		sizeof *c->reject))
		return lam_fail_mem(e);
	r = &c->reject[c->nrejects++];
	r->line = line;
	r->text = text;
	va_start(ap, reason);
	vsnprintf(r->reason, sizeof r->reason, reason, ap);
	va_end(ap);
	return LAM_OK;
}

/* Rejects are parts of C's text, which was at BEFORE. */
static void
move_rejects(struct lam_chunk *c, uintptr_t before)
{
	for (size_t i = 0; (uintptr_t)c->raw.p != before && i < c->nrejects; i++)
		c->reject[i].text.p = c->raw.p +
			((uintptr_t)c->reject[i].text.p - before);
}

int
lam_chunk_room(struct lam_chunk *c, size_t n, struct lam_error *e)
{
	uintptr_t before = (uintptr_t)c->raw.p;

	if (!lam_buf_room(&c->raw, n))
		return lam_fail_mem(e);
	move_rejects(c, before);
	return LAM_OK;
}

int
lam_chunk_put(struct lam_chunk *c, struct lam_cell *cell, const char *text,
	size_t n, struct lam_error *e)
{
	uintptr_t before = (uintptr_t)c->raw.p;
	size_t end = c->raw.n;

	c->raw.n = c->behind;
	*cell = (struct lam_cell){ (uint32_t)c->behind, (uint32_t)n };
	lam_buf_put(&c->raw, text, n);
	c->behind = c->raw.n;
	c->raw.n = end;
	move_rejects(c, before);
	return lam_buf_check(&c->raw, e);
}

uint64_t
lam_count_lines(const char *p, size_t n)
{
	uint64_t lines = 0;

	for (size_t i = 0; i < n; i++)
		lines += p[i] == '\n';
	return lines + (n && p[n - 1] != '\n');
}

static int64_t
now_ms(void) /* for waiting only; no result depends on it */
{
	return lam_clock_monotonic() / 1000000;
}

/* Up to N bytes of the source, to the end of B.  *HOW as in byte_source.h. */
static int
read_source(struct lam_input *in, struct lam_buf *b, size_t n, int wait_ms,
	const _Atomic int *stop, enum lam_got *how, struct lam_error *e)
{
	size_t got, room = b->cap - b->n;
	int r;

	if (n > room && room >= READ_WORTH)
		n = room; /* rather than grow and copy */
	if (!lam_buf_room(b, n))
		return lam_fail_mem(e);
	r = lam_byte_source_read(in->source, b->p + b->n, n, wait_ms, stop,
		&got, how, &in->late);
	if (r) { /* first what is whole, then the error */
		*how = LAM_GOT_END;
		in->ended = true;
		return LAM_OK;
	}
	lam_input_ends(in, b->p + b->n, got);
	b->n += got;
	in->ended = *how == LAM_GOT_END;
	in->stopped = in->ended && stop && *stop;
	return LAM_OK;
}

int
lam_input_more(struct lam_input *in, int wait_ms, enum lam_got *how,
	struct lam_error *e)
{
	return read_source(in, &in->carry, READ_BYTES, wait_ms, NULL, how, e);
}

int
lam_input_early(const struct lam_input *in, struct lam_error *e)
{
	return lam_fail(e, LAM_NOTHING, "%s: there is no whole line yet",
		in->path);
}

/* Up to N bytes, from the carry first, to the end of RAW. */
static int
load(struct lam_input *in, struct lam_buf *raw, size_t n, int wait_ms,
	const _Atomic int *stop, enum lam_got *how, struct lam_error *e)
{
	size_t left = in->carry.n - in->carry_at;

	if (left == 0) {
		in->fresh = true;
		return read_source(in, raw, n, wait_ms, stop, how, e);
	}
	if (n > left)
		n = left;
	lam_buf_put(raw, in->carry.p + in->carry_at, n);
	in->carry_at += n;
	*how = LAM_GOT_BYTES;
	return lam_buf_check(raw, e);
}

/* Give back all that RAW holds beyond its first BYTES. */
static int
put_back(struct lam_input *in, struct lam_buf *raw, size_t bytes,
	struct lam_error *e)
{
	size_t n = raw->n - bytes;

	raw->n = bytes;
	if (!in->fresh) { /* it is still there */
		in->carry_at -= n;
		return LAM_OK;
	}
	if (in->carry.cap > CARRY_KEPT)
		lam_buf_release(&in->carry);
	lam_buf_clear(&in->carry);
	in->carry_at = 0;
	lam_buf_put(&in->carry, raw->p ? raw->p + bytes : "", n);
	return lam_buf_check(&in->carry, e);
}

/* RAW is inside a line that is too long: drop it up to its newline. */
static void
skip_line(struct lam_input *in, struct lam_buf *raw)
{
	char *end = raw->n ? memchr(raw->p, '\n', raw->n) : NULL;
	size_t drop = end ? (size_t)(end - raw->p) + 1 : raw->n;

	lam_prefix_add(&in->prefix, raw->p, drop);
	if (drop)
		memmove(raw->p, raw->p + drop, raw->n - drop);
	raw->n -= drop;
	in->skipping = !end;
}

/* The line that begins behind X is too long: its start ends the chunk. */
static void
cut_line(struct lam_input *in, struct lam_buf *raw, struct lam_extent *x)
{
	lam_prefix_add(&in->prefix, raw->p + x->bytes, raw->n - x->bytes);
	raw->n = x->bytes + LAM_LINE_SHOWN;
	raw->p[raw->n++] = '\n';
	x->bytes = raw->n;
	x->records++;
	x->lines++;
	in->cut = in->skipping = true;
}

static bool
all_read(const struct lam_input *in)
{
	return in->ended && in->carry_at == in->carry.n;
}

/* The rest of a line that was taken, as one record; it has been counted as a line. */
static void
scan_rest(const char *p, size_t n, bool last, struct lam_extent *x)
{
	const char *end = memchr(p, '\n', n);

	*x = (struct lam_extent){ 0, 0, 0 };
	if (end || last)
		*x = (struct lam_extent){ .bytes = end ? (size_t)(end - p) + 1 : n,
			.records = 1 };
}

/*
 * What is whole of P[N].  LAST: all of it; but with marks a record that ends only
 * because the input does is ALONE in its chunk, so that there is a mark before it.
 */
static int
scan_records(struct lam_input *in, const char *p, size_t n, bool last, uint32_t max,
	bool alone, struct lam_extent *x, struct lam_error *e)
{
	bool first = last && in->marks && in->cuts;
	int r;

	if (in->within && in->cuts) {
		scan_rest(p, n, last, x);
		return LAM_OK;
	}
	r = in->format->scan(in->own, p, n, last && !first, max, x, e);
	if (!r && first && alone && !x->bytes) {
		in->tail = true;
		r = in->format->scan(in->own, p, n, true, max, x, e);
	} else {
		in->tailed = !r && first && x->bytes < n && x->records < max;
	}
	return r;
}

/* Scan what RAW holds beyond X.  *FULL: the chunk is to end with X. */
static int
scan_more(struct lam_input *in, struct lam_buf *raw, uint32_t max,
	struct lam_extent *x, bool *full, struct lam_error *e)
{
	bool all = all_read(in), last = all && !in->late.code && !in->stopped;
	struct lam_extent more;
	int r;

	*full = all;
	if (!raw->n)
		return LAM_OK;
	/* At a broken end of the input what is not whole is no record. */
	r = scan_records(in, raw->p + x->bytes, raw->n - x->bytes, last,
		max - x->records, !x->bytes, &more, e);
	if (r && x->bytes) { /* what is whole first: then it fails again */
		*e = (struct lam_error)LAM_ERROR_INIT;
		*full = true;
		return LAM_OK;
	}
	if (r)
		return r;
	lam_prefix_add(&in->prefix, raw->p + x->bytes, more.bytes);
	x->bytes += more.bytes;
	x->records += more.records;
	x->lines += more.lines;
	*full = x->records == max || x->bytes >= LAM_CHUNK_BYTES || all ||
		(in->within && in->cuts && x->bytes);
	if (!*full && raw->n - x->bytes == in->longest) {
		if (in->cuts)
			cut_line(in, raw, x);
		*full = true;
	}
	return LAM_OK;
}

/* The wait that is left, in ms, with X: of WAIT_MS since BEGIN when that is a
 * chunk, else of the patience since START; -1: any. */
static int
wait_left(const struct lam_input *in, const struct lam_extent *x, int wait_ms,
	int64_t begin, int64_t start)
{
	int wait = x->records ? wait_ms : in->patience;
	int64_t due;

	if (wait < 0)
		return -1;
	due = wait ? (x->records ? begin : start) + wait - now_ms() : 0;
	return due > 0 ? (int)due : 0;
}

/* Fill RAW until the chunk is full, the wait is over or the input ends. */
static int
fill(struct lam_input *in, struct lam_buf *raw, uint32_t max, int wait_ms,
	const _Atomic int *stop, struct lam_extent *x, struct lam_error *e)
{
	int64_t begin = -1, start = in->patience > 0 ? now_ms() : 0;
	size_t scan_at = 0, n;
	bool full = false;
	int r;

	for (;;) {
		enum lam_got how;
		bool scanned = in->skipping;

		if (!in->skipping && (raw->n >= scan_at || all_read(in) ||
			raw->n - x->bytes == in->longest)) {
			r = scan_more(in, raw, max, x, &full, e);
			if (r || full)
				return r;
			n = raw->n - x->bytes;
			scan_at = raw->n + (n > READ_BYTES ? n / 4 : 0);
			scanned = true;
		}
		if (all_read(in))
			return LAM_OK;
		if (wait_ms > 0 && raw->n && begin < 0)
			begin = now_ms();
		n = in->longest - (raw->n - x->bytes);
		r = load(in, raw, n < READ_BYTES ? n : READ_BYTES,
			scanned ? wait_left(in, x, wait_ms, begin, start) : 0,
			stop, &how, e);
		if (r)
			return r;
		if (how == LAM_GOT_NOTHING && scanned)
			return LAM_OK;
		if (how == LAM_GOT_NOTHING)
			scan_at = 0;
		if (in->skipping)
			skip_line(in, raw);
	}
}

/* Up to MAX records into RAW. */
static int
take(struct lam_input *in, struct lam_buf *raw, uint32_t max, int wait_ms,
	const _Atomic int *stop, struct lam_extent *x, struct lam_error *e)
{
	int r;

	*x = (struct lam_extent){ 0, 0, 0 };
	lam_buf_clear(raw);
	in->fresh = in->cut = in->tail = in->tailed = false;
	lam_prefix_copy(&in->before, &in->prefix);
	r = fill(in, raw, max, wait_ms, stop, x, e);
	if (!r)
		r = put_back(in, raw, x->bytes, e);
	if (r)
		return r;
	in->line += x->lines;
	if (!x->bytes && in->late.code && e)
		*e = in->late;
	return x->bytes ? LAM_OK : in->late.code;
}

int
lam_input_take(struct lam_input *in, struct lam_buf *raw, uint32_t max,
	int wait_ms, const _Atomic int *stop, struct lam_extent *x,
	struct lam_error *e)
{
	in->cuts = true;
	in->longest = LAM_RECORD_MAX;
	return take(in, raw, max, wait_ms, stop, x, e);
}

int
lam_input_look(struct lam_input *in, struct lam_buf *raw, uint32_t max,
	size_t longest, int wait_ms, struct lam_extent *x, struct lam_error *e)
{
	in->cuts = false;
	in->longest = longest;
	return take(in, raw, max, wait_ms, NULL, x, e);
}

size_t
lam_input_rest(const struct lam_input *in, const struct lam_buf *raw)
{
	struct lam_extent x = { 0, 0, 0 };

	if (in->within && raw->n)
		scan_rest(raw->p, raw->n, true, &x);
	return x.bytes;
}

int64_t
lam_input_written(const struct lam_input *in)
{
	return in->source ? lam_byte_source_written(in->source) : 0;
}

bool
lam_input_at_end(const struct lam_input *in)
{
	return all_read(in);
}

int
lam_input_untake(struct lam_input *in, const struct lam_buf *raw,
	const struct lam_extent *x, struct lam_error *e)
{
	struct lam_buf b = LAM_BUF_INIT;

	lam_buf_put(&b, raw->p, raw->n);
	lam_buf_put(&b, in->carry.p ? in->carry.p + in->carry_at : "",
		in->carry.n - in->carry_at);
	lam_buf_release(&in->carry);
	in->carry = b;
	in->carry_at = 0;
	in->line -= x->lines;
	lam_prefix_copy(&in->prefix, &in->before);
	return lam_buf_check(&b, e);
}

void
lam_input_patience(struct lam_input *in, int ms)
{
	in->patience = ms;
}

bool
lam_input_quiet(const struct lam_input *in)
{
	return !in->ended;
}

int
lam_input_next(struct lam_input *in, struct lam_chunk *c, uint32_t max,
	int wait_ms, const _Atomic int *stop, bool *got, struct lam_error *e)
{
	const struct lam_format *f = in->format;
	uint64_t line = in->line;
	struct lam_extent x;
	int r;

	c->state = f->state ? f->state(in->own) : 0;
	r = lam_input_take(in, &c->raw, lam_chunk_most(in, max), wait_ms, stop, &x,
		e);
	c->after = f->state ? f->state(in->own) : 0;
	*got = !r && x.bytes > 0;
	c->nrecords = x.records;
	c->lines = x.lines;
	c->line = line;
	c->to = 0;
	c->rest = 0;
	if (in->norigin == LAM_ORIGIN_ALL)
		c->when = lam_clock_wall() / 1000000 * 1000000;
	c->cut = in->cut;
	c->last = all_read(in) && !in->late.code && !in->stopped;
	c->skipping = in->skipping;
	c->tail = in->tail;
	c->tailed = in->tailed;
	c->open = c->last && x.bytes && c->raw.p[x.bytes - 1] != '\n';
	c->within = in->within;
	in->within &= !x.bytes;
	c->begin = in->mark;
	if (in->marks && *got) /* else what went, a header, is of the next one */
		in->mark = lam_prefix_mark(&in->prefix);
	c->end = in->mark;
	return r;
}
