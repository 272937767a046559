/*
 * fuzz_index.c - a served index, written from any lines, or any bytes as one
 *
 * Byte 0, bit 0: line 1 is a view's SQL, the others are records "KEY TAB STATE"
 * of it: what the writer takes is read back as the same lines, and verifies.  Else
 * the rest is a file, its checksums made right (bit 2), and sizes (3) and the
 * footer (4): it is refused or read to its end.
 */
#include "blocks.h"
#include "sections.h"
#include "partial/index_text.h"

/* All rows of X as text. */
static int
read_all(const struct lam_index *x, struct lam_buf *out)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_index_text t;
	struct lam_str text = { "", 1 };
	int rc = LAM_OK;

	lam_index_text_init(&t, x);
	while (!rc && text.n) {
		rc = lam_index_text_look(&t, &text, &e);
		lam_buf_put(out, text.p, text.n);
		t.at += text.n;
	}
	MUST(!rc || (rc == LAM_DATA && *e.msg));
	lam_index_text_release(&t);
	return rc;
}

static void
open_index(const char *path, const struct lam_buf *want)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_buf text = LAM_BUF_INIT;
	struct lam_index x;
	int rc = lam_index_open(&x, path, NULL, &e), read, verified;

	MUST(!rc || (rc == LAM_DATA && *e.msg));
	MUST(!want || !rc);
	if (!rc) {
		read = read_all(&x, &text);
		verified = lam_index_verify(&x, &e);
		MUST(verified || !read);
		MUST(read || !verified == (x.sum == lam_checksum(text.p ?
			text.p : "", text.n)));
		MUST(!want || (!verified && text.n == want->n &&
			(!text.n || !memcmp(text.p, want->p, text.n))));
		lam_index_close(&x);
	}
	lam_buf_release(&text);
}

static void
write_index(struct lam_str text)
{
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_buf want = LAM_BUF_INIT;
	struct lam_index_writer *w;
	struct lam_section s;
	static char path[80];
	int rc = LAM_OK;

	if (!*path)
		snprintf(path, sizeof path, "%s/index", fuzz_dir());
	if (sections_make(fuzz_line(&text), &a, &s) &&
		!lam_index_begin(&w, path, &s, "fuzz", false, 1, NULL)) {
		for (uint64_t n = 1; !rc && text.n; n++) {
			struct lam_str line = fuzz_line(&text);

			rc = lam_index_line(w, line, n, &e);
			lam_buf_puts(&want, "v\t");
			lam_buf_put(&want, line.p, line.n);
			lam_buf_putc(&want, '\n');
		}
		if (!rc)
			rc = lam_index_finish(w, &e);
		MUST(!rc || (rc == LAM_DATA && *e.msg));
		if (!rc) {
			MUST(!lam_index_commit(w, &e));
			open_index(path, &want);
		}
		lam_index_free(w);
	}
	lam_buf_release(&want);
	lam_arena_release(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *p;

	if (size < 1)
		return 0;
	p = fuzz_copy(data + 1, size - 1);
	if (data[0] & 1) {
		write_index((struct lam_str){ p, size - 1 });
	} else {
		if (data[0] & 4)
			blocks_seal((uint8_t *)p, size - 1, data[0] >> 3 & 3);
		open_index(fuzz_file(p, size - 1), NULL);
	}
	free(p);
	return 0;
}
