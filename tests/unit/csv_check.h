/*
 * csv_check.h - the two ways to read CSV, side by side
 *
 * "Oracle": record after record by libcsv alone.  "Ours": lam_input on a pipe or
 * file, with chunks of any size.  Both are written down in one notation, so that
 * they can be compared: a line per record, fields in <>, NULL as ~, rejects as "! line".
 */
#ifndef LAM_CSV_CHECK_H
#define LAM_CSV_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "format/csv_internal.h"
#include "input/format.h"
#include "input/input_chunk.h"

struct csv_oracle {
	struct lam_buf *out, row;
	uint32_t fields;
};

static void
oracle_field(void *arg, struct lam_str v)
{
	struct csv_oracle *o = arg;

	o->fields++;
	if (v.p) {
		lam_buf_putc(&o->row, '<');
		lam_buf_put(&o->row, v.p, v.n);
		lam_buf_putc(&o->row, '>');
	} else {
		lam_buf_putc(&o->row, '~');
	}
}

/* All records of P[N] as libcsv sees them, with NFIELDS fields expected. */
static inline void
csv_oracle(const struct lam_csv_syntax *s, const char *p, size_t n,
	uint32_t nfields, struct lam_buf *out)
{
	size_t at = 0, len, text;
	uint64_t line = 1;
	const char *reason;

	while (at < n) {
		struct csv_oracle o = { out, LAM_BUF_INIT, 0 };

		if (s->comments && p[at] == s->comment) {
			const char *end = memchr(p + at, '\n', n - at);

			at = end ? (size_t)(end - p) + 1 : n;
			line++;
			continue;
		}
		if (lam_csv_record(s, p + at, n - at, true, &len,
			&reason, oracle_field, &o, NULL))
			abort();
		text = len - (p[at + len - 1] == '\n');
		text -= text && p[at + text - 1] == '\r';
		if (reason)
			lam_buf_printf(out, "! %llu\n", (unsigned long long)line);
		else if (text == 0 && nfields != 1)
			;
		else if (text == 0)
			lam_buf_puts(out, "~\n");
		else if (o.fields != nfields)
			lam_buf_printf(out, "! %llu\n", (unsigned long long)line);
		else { /* not by printf: a value may hold NUL */
			lam_buf_put(out, o.row.p, o.row.n);
			lam_buf_putc(out, '\n');
		}
		lam_buf_release(&o.row);
		line += lam_count_lines(p + at, len);
		at += len;
	}
}

/* The same by lam_input, with NFIELDS unnamed fields, from PATH. */
static inline void
csv_ours(const char *format, const char *path, uint32_t nfields,
	struct lam_buf *out)
{
	static const char *const names[] = { "a", "b", "c", "d" };
	struct lam_input_options o = { .format = format, .fields = names,
		.nfields = nfields };
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_chunk c = LAM_CHUNK_INIT;
	struct lam_input *in;
	struct lam_cells cells;
	uint64_t blank;
	bool got;

	if (lam_input_open(&in, path, &o, &e)) {
		fprintf(stderr, "%s\n", e.msg);
		abort();
	}
	while (!lam_input_next(in, &c, LAM_BLOCK_ROWS, -1, NULL, &got, &e) &&
		got) {
		struct lam_reject *r;
		uint32_t row = 0;

		if (lam_input_parse(in, &c, NULL, &cells, &blank, &e))
			abort();
		for (row = 0; row < cells.nrows; row++) {
			for (uint32_t f = 0; f < nfields; f++) {
				struct lam_str v = lam_cell_str(&cells, f, row);
				lam_buf_putc(out, v.p ? '<' : '~');
				lam_buf_put(out, v.p, v.n);
				if (v.p)
					lam_buf_putc(out, '>');
			}
			lam_buf_putc(out, '\n');
		}
		for (r = c.reject; r < c.reject + c.nrejects; r++)
			lam_buf_printf(out, "! %llu\n",
				(unsigned long long)r->line);
	}
	lam_chunk_release(&c);
	lam_input_close(in);
}

/* Sort the lines, so that rejects and records may come in any order. */
static int
csv_line_cmp(const void *a, const void *b)
{
	return lam_str_cmp(*(const struct lam_str *)a,
		*(const struct lam_str *)b);
}

static inline void
csv_sort_lines(struct lam_buf *b)
{
	struct lam_str *line = malloc((b->n + 1) * sizeof *line);
	struct lam_buf out = LAM_BUF_INIT;
	size_t n = 0;

	for (char *p = b->p, *end = b->n ? p + b->n : p, *q; p < end; p = q) {
		q = memchr(p, '\n', (size_t)(end - p));
		q = q ? q + 1 : end;
		line[n++] = (struct lam_str){ p, (size_t)(q - p) };
	}
	qsort(line, n, sizeof *line, csv_line_cmp);
	for (size_t i = 0; i < n; i++)
		lam_buf_put(&out, line[i].p, line[i].n);
	free(line);
	lam_buf_release(b);
	*b = out;
}

/* Whether both agree on P[N]; the text goes through the file PATH. */
static inline int
csv_agree(const char *p, size_t n, uint32_t nfields, const char *path)
{
	struct lam_buf want = LAM_BUF_INIT, got = LAM_BUF_INIT;
	FILE *f = fopen(path, "wb");
	char *text = malloc(n + 1);
	int same;

	if (!f || !text || fwrite(p, 1, n, f) != n || fclose(f))
		abort();
	for (size_t i = 0; i < n; i++) /* CR ends lines where no LF does */
		text[i] = p[i] == '\r' && !memchr(p, '\n', n) ? '\n' : p[i];
	csv_oracle(&LAM_CSV_SYNTAX, text, n, nfields, &want);
	free(text);
	csv_ours("csv", path, nfields, &got);
	csv_sort_lines(&want);
	csv_sort_lines(&got);
	same = want.n == got.n && (!want.n || !memcmp(want.p, got.p, want.n));
	if (!same)
		fprintf(stderr, "text <<%.*s>>\nlibcsv <<%.*s>>\nours "
			"<<%.*s>>\n", (int)n, p, (int)want.n, want.p,
			(int)got.n, got.p);
	lam_buf_release(&want);
	lam_buf_release(&got);
	return same;
}

#endif
