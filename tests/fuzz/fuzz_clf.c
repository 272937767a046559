/*
 * fuzz_clf.c - any bytes as web-server log, common and combined
 *
 * Every line is a record, a reject or blank; cells lie inside the text; the order
 * of the fields in the line is that of the cells.  Cut into chunks as byte 0
 * says (bits 0 to 5: bytes a chunk is begun with, 6, 7: its records), the lines
 * give the same; so they do with CR LF, since lines that end so are read byte by byte.
 * The first line is what a regular expression of the format's
 * grammar says.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "fuzz.h"
#include "format/formats.h"
#include "input/format.h"
#include "input/input_chunk.h"

static uint32_t
nfields(const struct lam_format *f)
{
	return f == &lam_format_combined ? 11 : 9;
}

/* Rows and rejects of P[N], in order of their lines' numbers. */
static void
parse(const struct lam_format *f, const char *p, size_t n, uint64_t line,
	struct lam_buf *rows, struct lam_buf *rejects)
{
	struct lam_chunk c = LAM_CHUNK_INIT;
	struct lam_cell *cell[11] = { NULL };
	uint64_t lines = lam_count_lines(p, n);
	struct lam_parse x = { .n = n, .nfields = nfields(f), .cell = cell,
		.line = line, .chunk = &c };

	lam_buf_put(&c.raw, p, n);
	x.text = c.raw.p;
	for (uint32_t i = 0; i < nfields(f); i++)
		cell[i] = malloc((lines + 1) * sizeof *cell[i]);
	MUST(!f->parse(NULL, &x, NULL));
	MUST(x.rows + x.blank + c.nrejects == lines);
	MUST(x.line == line + lines);
	for (uint32_t r = 0; r < x.rows; r++) {
		uint64_t last = 0;

		for (uint32_t i = 0; i < nfields(f); i++) {
			struct lam_cell v = cell[i][r];

			lam_buf_putc(rows, v.len == LAM_CELL_NULL ? '~' : '<');
			if (v.len == LAM_CELL_NULL)
				continue;
			MUST((uint64_t)v.at + v.len <= n && v.at >= last);
			last = v.at + v.len;
			lam_buf_put(rows, x.text + v.at, v.len);
		}
		lam_buf_putc(rows, '\n');
	}
	for (size_t i = 0; i < c.nrejects; i++)
		lam_buf_printf(rejects, "%llu %s\n",
			(unsigned long long)c.reject[i].line,
			c.reject[i].reason);
	for (uint32_t i = 0; i < nfields(f); i++)
		free(cell[i]);
	lam_chunk_release(&c);
}

static void
chunks(const struct lam_format *f, const char *p, size_t n, uint8_t how,
	struct lam_buf *rows, struct lam_buf *rejects)
{
	size_t step = 8 + (how & 63), at = 0, see = step;
	uint32_t max = how >> 6 ? how >> 6 : UINT32_MAX;
	struct lam_extent x;
	uint64_t line = 1;

	while (at < n) {
		bool last = see >= n - at;

		MUST(!f->scan(NULL, p + at, last ? n - at : see, last, max, &x,
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
same(struct lam_buf *a, struct lam_buf *b)
{
	MUST(a->n == b->n && (!a->n || !memcmp(a->p, b->p, a->n)));
	lam_buf_clear(b);
}

static void
check(const struct lam_format *f, const char *p, size_t n, uint8_t how)
{
	struct lam_buf a = LAM_BUF_INIT, b = LAM_BUF_INIT;
	struct lam_buf ar = LAM_BUF_INIT, br = LAM_BUF_INIT;
	struct lam_buf cr = LAM_BUF_INIT;

	parse(f, p, n, 1, &a, &ar);
	chunks(f, p, n, how, &b, &br);
	same(&a, &b);
	same(&ar, &br);
	if (n && !memchr(p, '\r', n)) {
		fuzz_crlf(p, n, &cr);
		parse(f, cr.p, cr.n, 1, &b, &br);
		same(&a, &b);
		same(&ar, &br);
	}
	lam_buf_release(&a);
	lam_buf_release(&b);
	lam_buf_release(&ar);
	lam_buf_release(&br);
	lam_buf_release(&cr);
}

#define QUOTED "\"((?>(?:[^\"\\\\]|\\\\.)*))\""

/* The fields of a line, the request as one. */
static pcre2_code *
grammar(void)
{
	static const char text[] = "^((?>(?:[^ ]*, )*[^ ]+)(?>(?: \\([^)]*\\))?)) "
		"(?!(?:\\d*\\.){3}\\d* |[^ ]*:[^ ]*:)([^ ]+) "
		"(?!- (?:(?!\\] \").)* \\[(?:(?!\\] \")[^[])*\\] \")"
		"(?>((?:(?!\\] \").)+) \\[((?:(?!\\] \")[^[])*)\\]) "
		QUOTED " ([^ ]+) ([^ ]+)"
		"(?: " QUOTED " " QUOTED ")?$";
	static pcre2_code *code;
	size_t at;
	int why;

	if (!code) {
		code = pcre2_compile((PCRE2_SPTR)text, sizeof text - 1,
			PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY, &why, &at, NULL);
		MUST(code);
		(void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	}
	return code;
}

static void
put(struct lam_str s, struct lam_buf *out)
{
	if (s.n == 1 && *s.p == '-') {
		lam_buf_putc(out, '~');
		return;
	}
	lam_buf_putc(out, '<');
	lam_buf_put(out, s.p, s.n);
}

/* "METHOD PATH HTTP/..." in three, or as the path alone. */
static void
put_request(struct lam_str s, struct lam_buf *out)
{
	const char *first = s.n ? memchr(s.p, ' ', s.n) : NULL;
	const char *last = s.n ? memrchr(s.p, ' ', s.n) : NULL, *end = s.p + s.n;

	if (!first || first == last || first == s.p || end - last < 6 ||
		memcmp(last, " HTTP/", 6)) {
		lam_buf_putc(out, '~');
		put(s, out);
		lam_buf_putc(out, '~');
		return;
	}
	put((struct lam_str){ s.p, (size_t)(first - s.p) }, out);
	put((struct lam_str){ first + 1, (size_t)(last - first) - 1 }, out);
	put((struct lam_str){ last + 1, (size_t)(end - last) - 1 }, out);
}

/* The first line of the text by the grammar of the format. */
static void
by_grammar(const char *p, size_t n)
{
	struct lam_buf got = LAM_BUF_INIT, want = LAM_BUF_INIT;
	struct lam_buf rejects = LAM_BUF_INIT;
	struct lam_str rest = { p, n }, line = fuzz_line(&rest);
	static pcre2_match_data *m;
	size_t whole = line.n; /* the parser takes the CR off itself */
	int groups;

	line.n -= line.n && line.p[line.n - 1] == '\r';
	if (!m)
		m = pcre2_match_data_create(10, NULL);
	groups = pcre2_match(grammar(), (PCRE2_SPTR)line.p, line.n, 0, 0, m,
		NULL);
	for (int i = 1; i < groups; i++) {
		const size_t *at = pcre2_get_ovector_pointer(m) + 2 * i;
		struct lam_str s = { line.p + at[0], at[1] - at[0] };

		if (i == 5)
			put_request(s, &want);
		else
			put(s, &want);
	}
	if (groups > 0)
		lam_buf_putc(&want, '\n');
	parse(groups == 8 ? &lam_format_common : &lam_format_combined,
		line.p, whole, 1, &got, &rejects);
	MUST(want.n == got.n && (!got.n || !memcmp(want.p, got.p, got.n)));
	if (groups <= 0) {
		parse(&lam_format_common, line.p, whole, 1, &got, &rejects);
		MUST(!got.n);
	}
	lam_buf_release(&got);
	lam_buf_release(&want);
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
	by_grammar(text, size - 1);
	free(text);
	return 0;
}
