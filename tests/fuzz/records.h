/*
 * records.h - delimited text: the splitter, whole and in chunks, against a plain
 * reading
 *
 * Byte 0: fields expected, 1 to 4 (bits 0, 1), and which dialect of the target (the
 * others).  Byte 1: how many bytes a chunk is
 * begun with (bits 0 to 5), at most how many records it takes (bits 6, 7).
 * Then the text; of some inputs it is read again and again, as one text that is longer
 * than what a kernel makes masks of at a time.
 */
#ifndef LAM_FUZZ_RECORDS_H
#define LAM_FUZZ_RECORDS_H

#include "../unit/csv_check.h"
#include "fuzz.h"
#include "format/csv_internal.h"
#include "input/input_chunk.h"

#define RECORDS_LONG 4500 /* bytes: of three groups of a kernel */

/* Records and rejects of P[N], which start at LINE, in csv_check.h's notation. */
static void
records_parse(const struct lam_format *f, struct lam_csv_syntax *s,
	const char *p, size_t n, uint32_t nfields, uint64_t line, struct lam_buf *out)
{
	struct lam_chunk c = LAM_CHUNK_INIT;
	struct lam_cell *cell[4];
	uint64_t lines = lam_count_lines(p, n);
	char *text = fuzz_copy(p, n);
	struct lam_parse x = { .text = text, .n = n, .nfields = nfields,
		.cell = cell, .line = line, .chunk = &c };

	for (uint32_t i = 0; i < nfields; i++)
		cell[i] = malloc((lines + 1) * sizeof *cell[i]);
	MUST(!f->parse(s, &x, NULL));
	MUST(x.line == line + lines);
	for (uint32_t r = 0; r < x.rows; r++) {
		for (uint32_t i = 0; i < nfields; i++) {
			struct lam_cell v = cell[i][r];
			bool null = v.len == LAM_CELL_NULL;

			MUST(null || (uint64_t)v.at + v.len <= n);
			lam_buf_putc(out, null ? '~' : '<');
			if (null)
				continue;
			lam_buf_put(out, text + v.at, v.len);
			lam_buf_putc(out, '>');
		}
		lam_buf_putc(out, '\n');
	}
	for (size_t i = 0; i < c.nrejects; i++)
		lam_buf_printf(out, "! %llu\n",
			(unsigned long long)c.reject[i].line);
	for (uint32_t i = 0; i < nfields; i++)
		free(cell[i]);
	lam_chunk_release(&c);
	free(text);
}

/* The same, cut into chunks as the scan says. */
static void
records_chunks(const struct lam_format *f, struct lam_csv_syntax *s,
	const char *p, size_t n, uint32_t nfields, uint8_t how, struct lam_buf *out)
{
	size_t step = (4 + (how & 63)) * (n < RECORDS_LONG ? 1 : 16);
	size_t at = 0, see = step;
	uint32_t max = how >> 6 ? how >> 6 : UINT32_MAX;
	struct lam_extent x;
	uint64_t line = 1;

	while (at < n) {
		bool last = see >= n - at;
		size_t len = last ? n - at : see;
		char *text = fuzz_copy(p + at, len);

		MUST(!f->scan(s, text, len, last, max, &x, NULL));
		free(text);
		MUST(x.bytes <= len && x.records <= max && (x.bytes || !last));
		MUST(x.lines == lam_count_lines(p + at, x.bytes));
		see += step;
		if (!x.bytes)
			continue;
		records_parse(f, s, p + at, x.bytes, nfields, line, out);
		line += x.lines;
		at += x.bytes;
		see = step;
	}
}

static bool
records_extents(struct lam_extent x, struct lam_extent y)
{
	return x.bytes == y.bytes && x.records == y.records && x.lines == y.lines;
}

/* Every instruction set finds the same ends, of some records, MAX, and of all. */
static void
records_kernels(struct lam_csv_syntax s, const char *p, size_t n, uint32_t max)
{
	static struct lam_csv_index a, b;
	const struct lam_csv_kernel *best = lam_csv_kernel(), *k;
	struct lam_extent x, y, some;
	bool stopped = best->scan(s, p, n, UINT32_MAX, &x);

	for (k = lam_csv_kernels; k->name; k++) {
		if (!lam_csv_kernel_runs(k))
			continue;
		MUST(k->scan(s, p, n, UINT32_MAX, &y) == stopped);
		MUST(records_extents(x, y));
		MUST(k->scan(s, p, n, max, &y) == best->scan(s, p, n, max, &some));
		MUST(records_extents(some, y));
		k->lines(p, n, max, &y);
		best->lines(p, n, max, &some);
		MUST(records_extents(some, y));
		best->index(s, p, 0, n, &a);
		k->index(s, p, 0, n, &b);
		MUST(a.nends == b.nends && a.lines == b.lines &&
			a.stopped == b.stopped);
		for (uint32_t i = 0; i <= a.nends; i++)
			MUST(a.end[i] == b.end[i]);
	}
}

static void
records_same(const struct lam_buf *want, struct lam_buf *got)
{
	csv_sort_lines(got);
	MUST(want->n == got->n);
	MUST(!want->n || !memcmp(want->p, got->p, want->n));
	lam_buf_release(got);
}

/* The records of P[N], in any way, are what ORACLE says. */
static void
records_text(const struct lam_format *f, struct lam_csv_syntax *s,
	void (*oracle)(const struct lam_csv_syntax *s, const char *p, size_t n,
		uint32_t nfields, struct lam_buf *out),
	const char *p, size_t n, uint32_t nfields, uint8_t how)
{
	struct lam_buf want = LAM_BUF_INIT, got = LAM_BUF_INIT;

	oracle(s, p, n, nfields, &want);
	csv_sort_lines(&want);
	records_parse(f, s, p, n, nfields, 1, &got);
	records_same(&want, &got);
	records_chunks(f, s, p, n, nfields, how, &got);
	records_same(&want, &got);
	records_kernels(*s, p, n, 1 + how % 8);
	lam_buf_release(&want);
}

static int
records_check(const struct lam_format *f, const struct lam_csv_syntax *dialect,
	size_t ndialects, void (*oracle)(const struct lam_csv_syntax *s,
		const char *p, size_t n, uint32_t nfields, struct lam_buf *out),
	const uint8_t *data, size_t size)
{
	struct lam_csv_syntax s;
	struct lam_buf more = LAM_BUF_INIT;
	uint32_t nfields;
	char *p;
	size_t n;

	if (size < 2)
		return 0;
	nfields = 1 + (data[0] & 3);
	s = dialect[(data[0] >> 2) % ndialects];
	n = size - 2;
	p = fuzz_copy(data + 2, n);
	records_text(f, &s, oracle, p, n, nfields, data[1]);
	if (n && fuzz_seldom(data, size)) {
		fuzz_again(p, n, RECORDS_LONG, &more);
		free(p);
		p = fuzz_copy(more.p, more.n);
		records_text(f, &s, oracle, p, more.n, nfields, data[1]);
	}
	lam_buf_release(&more);
	free(p);
	return 0;
}

#endif
