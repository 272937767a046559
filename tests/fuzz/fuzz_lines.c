/*
 * fuzz_lines.c - any bytes as the line form of partials: collected or refused
 *
 * Byte 0, bit 0: line 1 is a view's SQL, the others are its records; they get the
 * header line that they add up to.  Else the rest is lines.  What is collected is
 * a partial, and the same when neighbours were merged before.
 */
#include <sys/mman.h>

#include "partial/lines.h"
#include "sections.h"

/* What WRITE gives of the lines of B; false: refused. */
static bool
run(const struct lam_buf *b, const char *header, bool merge, struct lam_buf *out)
{
	struct lam_resources o = { 1, 1 << 16, "/tmp" };
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_partial_writer *w;
	const char *path[1] = { fuzz_file(b->n ? b->p : "", b->n) };
	int fd = memfd_create("lines", MFD_CLOEXEC), rc;
	off_t n;

	MUST(fd >= 0 && !lam_partial_writer_open(&w, fd, "out", merge, NULL));
	rc = merge ? lam_lines_merge(w, path, 1, header, &e) :
		lam_lines_collect(w, path, 1, &o, &e);
	MUST(!rc || (rc == LAM_DATA && *e.msg));
	MUST(rc || !lam_partial_finish(w, NULL));
	lam_partial_writer_free(w);
	n = lseek(fd, 0, SEEK_END);
	lam_buf_clear(out);
	MUST(lam_buf_room(out, (size_t)n + 1));
	MUST(pread(fd, out->p, (size_t)n, 0) == n);
	out->n = (size_t)n;
	close(fd);
	return !rc;
}

/* The records of TEXT behind its line of SQL, and their header line; HEADER becomes
 * a partial of no records. */
static bool
make(struct lam_str text, struct lam_buf *lines, int header)
{
	struct lam_lines_sum sum = { 0, 0 };
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_partial_writer *w;
	struct lam_section s;
	bool ok = sections_make(fuzz_line(&text), &a, &s);

	if (ok) {
		MUST(!lam_partial_writer_open(&w, header, "header", false, NULL));
		MUST(!lam_partial_begin(w, &s, NULL) && !lam_partial_end(w,
			NULL) && !lam_partial_finish(w, NULL));
		lam_partial_writer_free(w);
	}
	while (ok && text.n) {
		struct lam_str line = fuzz_line(&text);

		lam_buf_puts(lines, "v\t");
		lam_buf_put(lines, line.p, line.n);
		lam_buf_putc(lines, '\n');
	}
	ok = ok && lines->n && !lam_lines_add(&sum, (struct lam_str){
		lines->p, lines->n }, NULL);
	s.counts.counted = sum.counted;
	s.counts.read = s.to = sum.counted;
	s.counts.filtered = 0;
	if (ok)
		lam_lines_header(&s, &sum, lines);
	lam_arena_release(&a);
	return ok;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lam_buf lines = LAM_BUF_INIT, merged = LAM_BUF_INIT;
	struct lam_buf all = LAM_BUF_INIT, again = LAM_BUF_INIT;
	struct lam_str text = { (const char *)data + 1, size - 1 };
	int header = memfd_create("header", 0);
	char path[40];

	MUST(header >= 0);
	snprintf(path, sizeof path, "/proc/self/fd/%d", header);
	if (size > 1 && !(data[0] & 1)) {
		lam_buf_put(&lines, text.p, text.n);
		(void)run(&lines, NULL, false, &all);
	} else if (size > 1 && make(text, &lines, header)) {
		bool collected = run(&lines, NULL, false, &all);

		if (run(&lines, path, true, &merged) && collected) {
			MUST(run(&merged, NULL, false, &again));
			MUST(again.n == all.n && !memcmp(again.p, all.p, all.n));
		} else {
			MUST(!collected);
		}
	}
	close(header);
	lam_buf_release(&lines);
	lam_buf_release(&merged);
	lam_buf_release(&all);
	lam_buf_release(&again);
	return 0;
}
