/*
 * fuzz_formats.c - any bytes in any format: the same in one chunk and in many
 *
 * Byte 0: which format; 254 and 255 are CSV and TSV, which have targets of their own.
 * Byte 1: how many records a chunk has at most; one in 64 reads the text forty times, as
 * one that is longer than what is listed of it at a time.  Cells lie inside the chunk, its records
 * are conserved (of JSON documents a line may have several), and rejects are the text of
 * their lines; what is saved is one line.
 */
#include "document.h"
#include "fuzz.h"
#include "input/format.h"

/* By their place here byte 0 names them, in kept inputs, too: add to the end. */
static const char *const formats[] = { "combined", "common", "jsonl", "vhost_combined",
	"traefik", "squid", "haproxy", "alb", "elb", "s3", "logfmt", "ltsv", "cri",
	"nginx_error", "apache_error", "syslog", "lines", "docker", "journald",
	"caddy", "nginx:$a [$time_local] \"$request\" $status",
	"nginx:<${b:number}>$c", "apache:%h %l %u %t \"%r\" %>s %{X}i|",
	"syslog:2024", "regex:(?<a>\\S+) (?:\\[(?<b>[^]]*)\\] )?(?<c>.*)",
	"regex:(?<more>.+)", "traefik_json", "w3c", "iis", "cloudfront", "zeek" };
static const char *const several = "regex:(?<more>.+)"; /* lines in a record */
#define FORMATS (sizeof formats / sizeof *formats)
#define AGAIN 40

/* Each format that there is can be chosen. */
static void
check_formats(void)
{
	for (size_t i = 2; lam_formats[i]; i++) {
		size_t n = strlen(lam_formats[i]->name), k = 0;

		while (k < FORMATS && (strncmp(formats[k], lam_formats[i]->name, n) ||
			(formats[k][n] && formats[k][n - 1] != ':')))
			k++;
		MUST(k < FORMATS);
	}
}

static const char *
format_of(uint8_t which)
{
	static bool checked;

	if (!checked)
		check_formats();
	checked = true;
	return which >= 254 ? lam_formats[which - 254]->name :
		formats[which % FORMATS];
}

static void
put_chunk(const struct lam_input *in, struct lam_chunk *c, struct lam_buf *out)
{
	struct lam_cells cells;
	bool document = is_document(in, c);
	uint64_t blank, last = 0;

	MUST(!lam_input_parse(in, c, NULL, &cells, &blank, NULL));
	MUST(document ? cells.nrows + c->nrejects <= c->nrecords :
		cells.nrows + c->nrejects + blank + c->headers <= c->lines);
	for (uint32_t r = 0; r < cells.nrows; r++) {
		for (uint32_t f = 0; f < cells.nfields; f++) {
			struct lam_str v = lam_cell_str(&cells, f, r);

			lam_buf_putc(out, v.p ? '<' : '~');
			MUST(!v.p || (v.p >= c->raw.p && v.n <= c->raw.cap -
				(size_t)(v.p - c->raw.p)));
			lam_buf_put(out, v.p, v.n);
		}
		lam_buf_putc(out, '\n');
	}
	for (size_t i = 0; i < c->nrejects; i++) {
		MUST(c->reject[i].line >= last && *c->reject[i].reason);
		last = c->reject[i].line;
		MUST(last >= c->line && last < c->line + c->lines + document);
		lam_buf_printf(out, "! %llu %s ", (unsigned long long)last,
			c->reject[i].reason);
		lam_buf_put(out, c->reject[i].text.p, c->reject[i].text.n);
		lam_buf_putc(out, '\n');
	}
}

static int
by_line(const void *a, const void *b)
{
	return lam_str_cmp(*(const struct lam_str *)a, *(const struct lam_str *)b);
}

/* Rows and rejects stand in the order of their chunks: bring them into one. */
static void
sort_lines(struct lam_buf *b)
{
	struct lam_buf lines = LAM_BUF_INIT, sorted = LAM_BUF_INIT;
	struct lam_str rest = { b->p, b->n }, line;

	while (rest.n) {
		line = fuzz_line(&rest);
		lam_buf_put(&lines, &line, sizeof line);
	}
	qsort(lines.p, lines.n / sizeof line, sizeof line, by_line);
	for (size_t at = 0; at < lines.n; at += sizeof line) {
		memcpy(&line, lines.p + at, sizeof line);
		lam_buf_put(&sorted, line.p, line.n);
		lam_buf_putc(&sorted, '\n');
	}
	lam_buf_release(&lines);
	lam_buf_release(b);
	*b = sorted;
}

static void
read_all(const char *path, const char *format, uint32_t max, struct lam_buf *out)
{
	/* the last one has records of several lines */
	struct lam_input_options o = { .format = format,
		.start = !strcmp(format, several) ? "^\\d" : NULL };
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_chunk c = LAM_CHUNK_INIT;
	struct lam_buf saved = LAM_BUF_INIT;
	struct lam_input *in;
	bool got = true;
	int rc = lam_input_open(&in, path, &o, &e);

	if (!rc) {
		while (!(rc = lam_input_next(in, &c, max, -1, NULL, &got, &e)) &&
			got) {
			put_chunk(in, &c, out);
			lam_buf_clear(&saved);
			MUST(!lam_input_save(in, &c, &saved, &e));
			MUST(!saved.n || !memchr(saved.p, '\n', saved.n));
		}
		lam_input_close(in);
	}
	MUST(!rc || (rc == LAM_DATA && *e.msg));
	lam_buf_printf(out, "= %d\n", rc);
	lam_buf_release(&saved);
	lam_chunk_release(&c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lam_buf a = LAM_BUF_INIT, b = LAM_BUF_INIT, text = LAM_BUF_INIT;
	const char *path, *format;

	if (size < 2)
		return 0;
	do
		lam_buf_put(&text, data + 2, size - 2);
	while (data[1] >= 252 && text.n < AGAIN * (size - 2));
	path = fuzz_file(text.p, text.n);
	format = format_of(data[0]);
	read_all(path, format, LAM_BLOCK_ROWS, &a);
	read_all(path, format, 1 + data[1] % 4, &b);
	sort_lines(&a);
	sort_lines(&b);
	MUST(a.n == b.n && !memcmp(a.p, b.p, a.n));
	lam_buf_release(&a);
	lam_buf_release(&b);
	lam_buf_release(&text);
	return 0;
}
