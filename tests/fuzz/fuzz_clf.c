/*
 * fuzz_clf.c - any bytes as web-server log, common and combined
 *
 * Every line is a record, a reject or blank; cells lie inside the text; the order
 * of the fields in the line is that of the cells.  Cut into chunks as byte 0
 * says (bits 0 to 5: bytes a chunk is begun with, 6, 7: its records), the lines
 * give the same.  A combined record without its last two fields is a common one.
 */
#include "fuzz.h"
#include "input/format.h"

/* Rows and rejects of P[N], in order of their lines' numbers. */
static void
parse(const struct lam_format *f, const char *p, size_t n, uint64_t line,
	struct lam_buf *rows, struct lam_buf *rejects)
{
	struct lam_chunk c = LAM_CHUNK_INIT;
	struct lam_cell *cell[LAM_CLF_FIELDS] = { NULL };
	uint64_t lines = lam_count_lines(p, n);
	char *text = fuzz_copy(p, n);
	struct lam_parse x = { text, n, f->nfields, cell, 0, line, 0, &c };

	for (uint32_t i = 0; i < f->nfields; i++)
		cell[i] = malloc((lines + 1) * sizeof *cell[i]);
	MUST(!f->parse(f, &x, NULL));
	MUST(x.rows + x.blank + c.nrejects == lines);
	MUST(x.line == line + lines);
	for (uint32_t r = 0; r < x.rows; r++) {
		uint64_t last = 0;

		for (uint32_t i = 0; i < f->nfields; i++) {
			struct lam_cell v = cell[i][r];

			lam_buf_putc(rows, v.len == LAM_CELL_NULL ? '~' : '<');
			if (v.len == LAM_CELL_NULL)
				continue;
			MUST((uint64_t)v.at + v.len <= n && v.at >= last);
			last = v.at + v.len;
			lam_buf_put(rows, text + v.at, v.len);
		}
		lam_buf_putc(rows, '\n');
	}
	for (size_t i = 0; i < c.nrejects; i++)
		lam_buf_printf(rejects, "%llu %s\n",
			(unsigned long long)c.reject[i].line,
			c.reject[i].reason);
	for (uint32_t i = 0; i < f->nfields; i++)
		free(cell[i]);
	lam_chunk_release(&c);
	free(text);
}

static void
chunks(const struct lam_format *f, const char *p, size_t n, uint8_t how,
	struct lam_buf *rows, struct lam_buf *rejects)
{
	size_t step = 1 + (how & 63), at = 0, see = step;
	uint32_t max = how >> 6 ? how >> 6 : UINT32_MAX;
	struct lam_extent x;
	uint64_t line = 1;

	while (at < n) {
		bool last = see >= n - at;

		MUST(!f->scan(f, p + at, last ? n - at : see, last, max, &x,
			NULL));
		MUST(x.lines == lam_count_lines(p + at, x.bytes));
		see += step;
		if (!x.bytes)
			continue;
		parse(f, p + at, x.bytes, line, rows, rejects);
		line += x.lines;
		at += x.bytes;
		see = step;
	}
}

static void
check(const struct lam_format *f, const char *p, size_t n, uint8_t how)
{
	struct lam_buf a = LAM_BUF_INIT, b = LAM_BUF_INIT;
	struct lam_buf ar = LAM_BUF_INIT, br = LAM_BUF_INIT;

	parse(f, p, n, 1, &a, &ar);
	chunks(f, p, n, how, &b, &br);
	MUST(a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n)));
	MUST(ar.n == br.n && (!ar.n || !memcmp(ar.p, br.p, ar.n)));
	lam_buf_release(&a);
	lam_buf_release(&b);
	lam_buf_release(&ar);
	lam_buf_release(&br);
}

/* The first line of TEXT, if it is a record of combined. */
static void
shorten(const char *p, size_t n)
{
	struct lam_str rest = { p, n }, line = fuzz_line(&rest);
	struct lam_buf rows = LAM_BUF_INIT, rejects = LAM_BUF_INIT;
	size_t at = line.n;

	parse(&lam_format_combined, line.p, line.n, 1, &rows, &rejects);
	if (rows.n) {
		/* Cut where only IP .. BYTES are left: common takes it. */
		struct lam_buf all = LAM_BUF_INIT, none = LAM_BUF_INIT;
		int taken = 0;

		for (at = line.n; at > 0 && !taken; at--) {
			if (line.p[at - 1] != ' ')
				continue;
			lam_buf_clear(&all);
			parse(&lam_format_common, line.p, at - 1, 1, &all,
				&none);
			taken = all.n && all.n <= rows.n &&
				!memcmp(all.p, rows.p, all.n - 1);
		}
		MUST(taken);
		lam_buf_release(&all);
		lam_buf_release(&none);
	}
	lam_buf_release(&rows);
	lam_buf_release(&rejects);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size < 1)
		return 0;
	text = fuzz_copy(data + 1, size - 1);
	check(&lam_format_combined, text, size - 1, data[0]);
	check(&lam_format_common, text, size - 1, data[0]);
	shorten(text, size - 1);
	free(text);
	return 0;
}
