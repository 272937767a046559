/*
 * test_chunk.c - records do not depend on how the text was read or cut
 */
#include "test.h"

#include <stdlib.h>
#include <unistd.h>

#include "format/csv_internal.h"
#include "format/formats.h"
#include "input/format.h"
#include "input/input_chunk.h"

#define MOST LAM_BLOCK_ROWS

static char path[] = "/tmp/lam-test-chunk-XXXXXX";
static uint64_t seed = 20260102;

static unsigned
rnd(unsigned n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(seed >> 33) % n;
}

/* ------------------------------------------------ scan and parse, any cut */

static struct lam_csv_syntax syntax = { ',', '"', 0, 0, true, false,
	false }; /* the state of the format */

struct found {
	struct lam_buf rows, rejects;
	uint64_t blank, line;
};

/* Parse the P[N] of one chunk into F: 2 fields. */
static void
parse_piece(const struct lam_format *format, const char *p,
	const struct lam_extent *e, struct found *f)
{
	struct lam_chunk c = LAM_CHUNK_INIT;
	char *copy = malloc(e->bytes);
	struct lam_cell *cell[2] = { malloc((e->records + 1) * sizeof **cell),
		malloc((e->records + 1) * sizeof **cell) };
	struct lam_parse x = { .text = copy, .n = e->bytes, .nfields = 2,
		.cell = cell, .line = f->line, .chunk = &c };
	struct lam_cells cells = { copy, 0, 2, cell, 0 };

	memcpy(copy, p, e->bytes);
	if (format->parse(&syntax, &x, NULL))
		abort();
	if (x.rows + x.blank + c.nrejects != e->records ||
		lam_count_lines(p, e->bytes) != e->lines)
		abort();
	for (uint32_t i = 0; i < x.rows; i++)
		for (uint32_t k = 0; k < 2; k++) {
			struct lam_str s = lam_cell_str(&cells, k, i);

			lam_buf_printf(&f->rows, s.p ? "%zu:" : "NULL", s.n);
			lam_buf_put(&f->rows, s.p, s.n);
			lam_buf_putc(&f->rows, k ? '\n' : '|');
		}
	for (size_t i = 0; i < c.nrejects; i++)
		lam_buf_printf(&f->rejects, "%d %.*s\n", (int)c.reject[i].line,
			(int)c.reject[i].text.n, c.reject[i].text.p);
	f->blank += x.blank;
	f->line += e->lines;
	lam_chunk_release(&c);
	free(copy);
	free(cell[0]);
	free(cell[1]);
}

/* P[N] read in two parts, of which the first has CUT bytes, in chunks of at
 * most MAX records. */
static void
read_in_parts(const char *p, size_t n, size_t cut, uint32_t max,
	struct found *f)
{
	const struct lam_format *format = &lam_format_csv;
	size_t at = 0, end = cut;
	struct lam_extent e;

	*f = (struct found){ .line = 1 };
	while (at < n) {
		char *part = malloc(end - at + 1);

		memcpy(part, p + at, end - at);
		if (end > at) {
			if (format->scan(&syntax, part, end - at, end == n, max,
				&e, NULL))
				abort();
			if (e.bytes)
				parse_piece(format, part, &e, f);
			at += e.bytes;
		}
		if (end == at || !e.bytes)
			end = n;
		free(part);
	}
}

static int
same(const struct lam_buf *a, const struct lam_buf *b)
{
	return a->n == b->n && (!a->n || !memcmp(a->p, b->p, a->n));
}

static void
test_cuts(void)
{
	static const char *const piece[] = { ",", "\"", "\n", "\r\n", "a",
		"\"\"", ",\"x\ny\"", "1,2\n", "\"a\"\"b\",c\n", "\r" };

	printf("# seed %llu\n", (unsigned long long)seed);
	for (int round = 0; round < 200; round++) {
		struct lam_buf b = LAM_BUF_INIT;
		struct found whole, cut;

		while (b.n < 100)
			lam_buf_puts(&b, piece[rnd(10)]);
		read_in_parts(b.p, b.n, b.n, MOST, &whole);
		for (size_t i = 0; i < b.n; i++) {
			read_in_parts(b.p, b.n, i, 1 + rnd(5), &cut);
			FAIL_IF(!same(&whole.rows, &cut.rows) ||
				!same(&whole.rejects, &cut.rejects) ||
				whole.blank != cut.blank ||
				whole.line != cut.line,
				"cut at %zu of <<%.*s>>", i, (int)b.n, b.p);
			lam_buf_release(&cut.rows);
			lam_buf_release(&cut.rejects);
		}
		lam_buf_release(&whole.rows);
		lam_buf_release(&whole.rejects);
		lam_buf_release(&b);
	}
	PASS("records, rejects, blank and physical lines for every cut");
}

/* ------------------------------------------------------ whole inputs */

struct total {
	uint64_t records, rejects, blank, lines;
	size_t chunk; /* the longest */
	char reason[120];
	uint64_t at; /* line of the last reject */
};

static void
save(const void *p, size_t n)
{
	FILE *f = fopen(path, "wb");

	if (!f || fwrite(p, 1, n, f) != n || fclose(f))
		abort();
}

static int
read_all(const char *from, struct total *t, struct lam_error *e)
{
	struct lam_input_options o = { .format = "csv", .header = true };
	struct lam_chunk c = LAM_CHUNK_INIT;
	struct lam_input *in = NULL;
	struct lam_cells cells;
	uint64_t blank, line = 2;
	bool got = true;
	int r = lam_input_open(&in, from, &o, e);

	*t = (struct total){ .records = 0 };
	while (!r && !(r = lam_input_next(in, &c, MOST, -1, NULL, &got, e)) &&
		got) {
		if (lam_input_parse(in, &c, NULL, &cells, &blank, e))
			abort();
		if (c.line != line)
			abort();
		line += c.lines;
		t->records += cells.nrows;
		t->rejects += c.nrejects;
		t->blank += blank;
		t->lines += c.lines;
		t->chunk = c.raw.n > t->chunk ? c.raw.n : t->chunk;
		if (c.nrejects) {
			t->at = c.reject[c.nrejects - 1].line;
			memcpy(t->reason, c.reject[c.nrejects - 1].reason,
				sizeof t->reason);
		}
	}
	lam_chunk_release(&c);
	lam_input_close(in);
	return r;
}

/* "a,b", "1,2", a line "x,yyy..." of LENGTH bytes with its newline, "3,4". */
static char *
long_line(size_t length, size_t *n)
{
	char *p = malloc(length + 100);

	memcpy(p, "a,b\n1,2\nx,", 10);
	memset(p + 10, 'y', length - 3);
	memcpy(p + 7 + length, "\n3,4\n", 5);
	*n = length + 12;
	return p;
}

static void
test_long_line(void)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct total t;
	size_t n;
	char *p = long_line(LAM_RECORD_MAX, &n);

	save(p, n); /* the longest record, with its newline */
	CHECK_INT(read_all(path, &t, &e), LAM_OK);
	CHECK_INT(t.records, 3);
	CHECK_INT(t.rejects, 0);
	free(p);
	p = long_line(LAM_RECORD_MAX + 1, &n);
	save(p, n);
	free(p);
	/* Its start has two fields: it must not pass for a record. */
	CHECK_INT(read_all(path, &t, &e), LAM_OK);
	CHECK_INT(t.records, 2);
	CHECK_INT(t.rejects, 1);
	CHECK_INT(t.at, 3);
	CHECK_STR(t.reason, strlen(t.reason),
		"longer than 64 MiB: only its start is shown");
	CHECK_INT(t.lines, 3);
}

static void
test_unclosed(void)
{
	size_t n = LAM_RECORD_MAX + ((size_t)4 << 20), at;
	char *p = malloc(n);
	struct lam_error e = LAM_ERROR_INIT;
	struct total t;
	uint64_t lines = 1;

	/* Closed at the very end, but not within the longest record. */
	memcpy(p, "a,b\n1,\"x\n", 9);
	for (at = 9; at + 1024 < n - 3; at += 1024, lines++) {
		memset(p + at, 'y', 1023);
		p[at + 500] = ',';
		p[at + 1023] = '\n';
	}
	memcpy(p + at, "2\"\n", 3);
	save(p, at + 3);
	free(p);
	CHECK_INT(read_all(path, &t, &e), LAM_OK);
	CHECK_INT(t.records, (int64_t)lines - 1);
	CHECK_INT(t.rejects, 2); /* the first line, and the last: 2" */
	CHECK_INT(t.lines, (int64_t)lines + 1);
	CHECK(t.chunk <= LAM_CHUNK_BYTES + LAM_RECORD_MAX);
}

/* A bad line across the end of a read is one reject, not two. */
static void
test_bad_line_across_reads(void)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct total t;
	char text[400];
	int p[2];

	memset(text, 'x', sizeof text);
	memcpy(text, "a,b\n1,2\nb\"ad", 12);
	for (int k = 0; k < 2; k++) {
		pid_t child;
		int n;

		if (pipe(p) || (child = fork()) < 0)
			abort();
		if (child == 0) {
			close(p[0]);
			n = (int)write(p[1], text, 200);
			usleep(20000);
			n = (int)write(p[1], text + 200, 100);
			usleep(20000);
			n = (int)write(p[1], k ? ",1\n5,6\n" : ",1", k ? 7 : 2);
			_exit(n < 0);
		}
		close(p[1]);
		snprintf(text + 300, 40, "/dev/fd/%d", p[0]);
		CHECK_INT(read_all(text + 300, &t, &e), LAM_OK);
		CHECK_INT(t.records, 1 + k);
		CHECK_INT(t.rejects, 1);
		CHECK_INT(t.at, 3);
		close(p[0]);
	}
}

/* -------------------------------------------------------------- names */

static void
check_names(const char *text, bool header, const char *want, int line)
{
	struct lam_input_options o = { .format = "csv", .header = header ? LAM_HEADER_YES :
		LAM_HEADER_NO };
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_input *in = NULL;
	struct lam_buf got = LAM_BUF_INIT;
	const char *const *name;
	size_t n;

	save(text, strlen(text));
	if (lam_input_open(&in, path, &o, &e)) {
		lam_buf_printf(&got, "error %d", e.code);
	} else {
		n = lam_input_fields(in, &name);
		for (size_t i = 0; i < n; i++)
			lam_buf_printf(&got, "<%s>", name[i]);
		lam_input_close(in);
	}
	test_str(got.p, got.n, want, __FILE__, line, want);
	lam_buf_release(&got);
}

static void
test_names(void)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct total t;
	struct lam_buf b = LAM_BUF_INIT;

	check_names("a,b\n1,2\n", true, "<a><b>", __LINE__);
	check_names("\n\r\na,b\n1,2\n", true, "<a><b>", __LINE__);
	check_names("\xef\xbb\xbf" "a,b\n", true, "<a><b>", __LINE__);
	check_names("a,,a,\"x,\"\"y\",a", true,
		"<a><column2><a_2><x,\"y><a_3>", __LINE__);
	check_names("a,a_2,a,column5,", true,
		"<a><a_2><a_3><column5><column5_2>", __LINE__);
	check_names("1,2,3\n4,5,6\n", false, "<c1><c2><c3>",
		__LINE__);
	check_names("", true, "", __LINE__);
	check_names("", false, "", __LINE__);
	check_names("a,\"b\nc\"\n", true, "error 3", __LINE__);
	check_names("a,b\"c\n", true, "error 3", __LINE__);
	for (int i = 0; i < LAM_FIELDS_MAX; i++)
		lam_buf_puts(&b, i ? ",a" : "a");
	save(b.p, b.n);
	CHECK_INT(read_all(path, &t, &e), LAM_OK);
	lam_buf_puts(&b, ",a");
	save(b.p, b.n);
	CHECK_INT(read_all(path, &t, &e), LAM_DATA);
	lam_buf_release(&b);
}

/* Without header and names the first record tells how many fields there are,
 * and is a record. */
static void
test_no_header(void)
{
	struct lam_input_options o = { .format = "csv" };
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_chunk c = LAM_CHUNK_INIT;
	struct lam_input *in = NULL;
	struct lam_cells cells;
	uint64_t blank;
	bool got;

	save("\n1,2\n3,4", 8);
	CHECK_INT(lam_input_open(&in, path, &o, &e), LAM_OK);
	CHECK_INT(lam_input_next(in, &c, MOST, -1, NULL, &got, &e), LAM_OK);
	CHECK_INT(c.line, 2);
	CHECK_INT(lam_input_parse(in, &c, NULL, &cells, &blank, &e), LAM_OK);
	CHECK_INT(cells.nrows, 2);
	CHECK_STR(lam_cell_str(&cells, 1, 1).p, 1, "4");
	CHECK(c.last);
	lam_chunk_release(&c);
	lam_input_close(in);
}

int
main(void)
{
	int fd = mkstemp(path);

	if (fd < 0)
		return 1;
	close(fd);
	syntax = LAM_CSV_SYNTAX;
	test_cuts();
	test_long_line();
	test_unclosed();
	test_bad_line_across_reads();
	test_names();
	test_no_header();
	unlink(path);
	return DONE();
}
