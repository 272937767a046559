/*
 * fuzz_partial.c - any bytes as partial text: read to the end or refused
 *
 * Byte 0, bit 0: line 1 is a view's SQL, the others are its records; they get a
 * header and a right trailer.  Else the rest is a stream, whose first trailer
 * is made right (bit 1).  What is accepted is the same when it is written again,
 * and when it is merged with nothing.
 */
#include <sys/mman.h>

#include "base/hash.h"
#include "sections.h"
#include "partial/record_rows.h"
#include "partial/text.h"

static int files[2] = { -1, -1 };

static int
file(int i, const struct lam_buf *b)
{
	if (files[i] < 0)
		files[i] = memfd_create("partial", MFD_CLOEXEC);
	MUST(files[i] >= 0 && lseek(files[i], 0, SEEK_SET) == 0);
	if (b && b->n)
		MUST(pwrite(files[i], b->p, b->n, 0) == (ssize_t)b->n);
	MUST(!ftruncate(files[i], b ? (off_t)b->n : 0));
	return files[i];
}

static void
check_written(const struct lam_buf *want)
{
	struct lam_buf got = LAM_BUF_INIT;
	off_t n = lseek(files[1], 0, SEEK_END);

	MUST((size_t)n == want->n && lam_buf_room(&got, want->n + 1));
	MUST(pread(files[1], got.p, want->n, 0) == n);
	MUST(!memcmp(got.p, want->p, want->n));
	lam_buf_release(&got);
}

/* Read B, writing it again; sections, or -1: it was refused. */
static int
copy(const struct lam_buf *b)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_arena a = LAM_ARENA_INIT, scratch = LAM_ARENA_INIT;
	static struct lam_record_rows
		rows; /* kept: it has room for 4096 lines */
	struct lam_partial_reader *r;
	struct lam_partial_writer *w;
	bool got = true, more;
	struct lam_section s;
	struct lam_str line;
	uint64_t spec;
	int n = 0, rc;

	MUST(!lam_partial_reader_fd(&r, file(0, b), "fuzz", NULL));
	MUST(!lam_partial_writer_open(&w, file(1, NULL), "copy", false, NULL));
	while (!(rc = lam_partial_next(r, &a, &s, &got, &e)) && got) {
		n++;
		MUST(lam_spec_outside(s.query) ||
			(!lam_spec_hash(s.query, NULL, &spec, NULL) &&
			spec == s.spec));
		MUST(!lam_partial_begin(w, &s, NULL));
		while (!(rc = lam_partial_read(r, &line, &more, &e)) && more) {
			/* The reader's line has its LF behind it. */
			struct lam_str text = { line.p, line.n + 1 };

			MUST(memchr(line.p, '\t', line.n));
			MUST(!lam_partial_line(w, line, NULL));
			lam_arena_reset(&scratch);
			if (!lam_record_rows_parse(&rows, s.query, text, 1, "x",
				    1, NULL))
				(void)!lam_record_rows_check(&rows, s.query,
					text, "x", 1, &scratch, NULL);
		}
		if (rc)
			break;
		MUST(!lam_partial_end(w, NULL));
	}
	MUST(!rc || (rc == LAM_DATA && *e.msg));
	if (!rc)
		MUST(!lam_partial_finish(w, NULL));
	lam_partial_writer_free(w);
	lam_partial_reader_free(r);
	lam_arena_release(&a);
	lam_arena_release(&scratch);
	return rc ? -1 : n;
}

static void
merge(const struct lam_buf *b)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_partial_writer *w;
	const char *path[1] = { fuzz_file(b->p, b->n) };

	MUST(!lam_partial_writer_open(&w, file(1, NULL), "merge", false,
		NULL));
	MUST(!lam_partial_merge(w, path, 1, "/tmp", &e));
	MUST(!lam_partial_finish(w, NULL));
	lam_partial_writer_free(w);
	check_written(b);
}

/* Make the first "#end" line of B right: all before it, RECORDS of them. */
static void
seal(struct lam_buf *b)
{
	char *end = b->n ? memmem(b->p, b->n, "\n#end rows=", 11) : NULL, *lf;
	struct lam_buf out = LAM_BUF_INIT;
	struct lam_str rest, line;
	uint64_t rows = 0;

	if (!end)
		return;
	end++;
	rest = (struct lam_str){ b->p, (size_t)(end - b->p) };
	while (rest.n) {
		line = fuzz_line(&rest);
		rows += line.n == 0 || *line.p != '#';
	}
	lf = memchr(end, '\n', b->n - (size_t)(end - b->p));
	lam_buf_put(&out, b->p, (size_t)(end - b->p));
	lam_buf_printf(&out, "#end rows=%llu checksum=%016llx",
		(unsigned long long)rows, (unsigned long long)lam_checksum(
		b->p, (size_t)(end - b->p)));
	if (lf)
		lam_buf_put(&out, lf, b->n - (size_t)(lf - b->p));
	lam_buf_release(b);
	*b = out;
}

/* The stream of one section: TEXT is SQL and records. */
static void
make(struct lam_str text, struct lam_buf *out)
{
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_section s;

	if (sections_make(fuzz_line(&text), &a, &s)) {
		lam_section_print(&s, LAM_SECTION_TEXT, out);
		while (text.n) {
			struct lam_str line = fuzz_line(&text);

			lam_buf_puts(out, "v\t");
			lam_buf_put(out, line.p, line.n);
			lam_buf_putc(out, '\n');
		}
		lam_buf_puts(out, "#end rows=\n#eof sections=1\n");
		seal(out);
	}
	lam_arena_release(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lam_buf b = LAM_BUF_INIT;
	const char *p = (const char *)data + 1;
	int sections;

	if (size < 1)
		return 0;
	if (data[0] & 1) {
		make((struct lam_str){ p, size - 1 }, &b);
	} else {
		lam_buf_put(&b, p, size - 1);
		if (data[0] & 2)
			seal(&b);
	}
	sections = copy(&b);
	/* Several streams, one behind the other, are written as one. */
	if (sections == 1 && memmem(b.p, b.n, "\n#eof", 5) ==
		memrchr(b.p, '\n', b.n - 1)) {
		check_written(&b);
		merge(&b);
	}
	lam_buf_release(&b);
	return 0;
}
