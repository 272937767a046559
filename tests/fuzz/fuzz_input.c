/*
 * fuzz_input.c - any bytes as a log: from a file, and the same as gzip
 *
 * Byte 0: format (bits 0 to 2: csv, tsv, combined, common, else told by the
 * first line), a header line (bit 3), or as it says (bit 4).  Each chunk conserves its lines; fields have
 * names, each once; gzip gives the very same records and rejects.
 */
#include <zlib.h>

#include "cells.h"
#include "document.h"
#include "fuzz.h"
#include "input/format.h"

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
check_names(const struct lam_input *in)
{
	const char *const *name;
	size_t n = lam_input_fields(in, &name);
	const char **sorted = malloc((n + 1) * sizeof *sorted);

	for (size_t i = 0; i < n; i++)
		sorted[i] = name[i];
	qsort(sorted, n, sizeof *sorted, by_text);
	for (size_t i = 0; i < n; i++)
		MUST(*sorted[i] && (!i || strcmp(sorted[i - 1], sorted[i])));
	free(sorted);
}

static void
put_chunk(const struct lam_input *in, struct lam_chunk *c,
	struct lam_buf *out)
{
	struct lam_cells cells;
	bool document = is_document(in, c);
	uint64_t blank, lines = 0;

	MUST(!lam_input_parse(in, c, NULL, &cells, &blank, NULL));
	MUST(cells.nrows + c->nrejects + c->headers <= c->nrecords);
	MUST(document || (cells.nrows + c->nrejects + blank + c->headers <= c->lines &&
		cells.nrows + c->nrejects + blank + c->headers <= c->nrecords));
	cells_put(&cells, out);
	for (size_t i = 0; i < c->nrejects; i++) {
		MUST((c->reject[i].line > lines || document) && *c->reject[i].reason);
		lines = c->reject[i].line;
		MUST(lines >= c->line && lines < c->line + c->lines + document);
		lam_buf_printf(out, "! %llu %s\n", (unsigned long long)lines,
			c->reject[i].reason);
	}
}

static void
read_all(const char *path, uint8_t how, struct lam_buf *out)
{
	uint8_t format = how & 7;
	struct lam_input_options o = { .format = format < 4 ?
		lam_formats[format]->name : NULL, .header = how & 16 ? LAM_HEADER_GUESS :
			how & 8 ? LAM_HEADER_YES : LAM_HEADER_NO };
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_chunk c = LAM_CHUNK_INIT;
	struct lam_input *in;
	bool got = true;
	int rc = lam_input_open(&in, path, &o, &e);

	if (!rc) {
		check_names(in);
		while (!(rc = lam_input_next(in, &c, LAM_BLOCK_ROWS, -1, NULL,
			&got, &e)) && got)
			put_chunk(in, &c, out);
		lam_input_close(in);
	}
	MUST(!rc || ((rc == LAM_DATA || (rc == LAM_USAGE && !(how & 16))) && *e.msg));
	lam_buf_printf(out, "= %d\n", rc);
	lam_chunk_release(&c);
}

/* As one gzip member of stored blocks. */
static void
pack(const uint8_t *p, size_t n, struct lam_buf *out)
{
	static const uint8_t head[10] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3 };
	size_t at = 0, len;

	lam_buf_put(out, head, sizeof head);
	do {
		len = n - at < 65535 ? n - at : 65535;
		lam_buf_putc(out, at + len == n);
		lam_buf_put_u32(out, (uint32_t)len | ~(uint32_t)len << 16);
		lam_buf_put(out, p + at, len);
		at += len;
	} while (at < n);
	lam_buf_put_u32(out, (uint32_t)crc32(0, p, (uInt)n));
	lam_buf_put_u32(out, (uint32_t)n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lam_buf a = LAM_BUF_INIT, b = LAM_BUF_INIT, z = LAM_BUF_INIT;

	if (size < 1)
		return 0;
	read_all(fuzz_file(data + 1, size - 1), data[0], &a);
	if (!fuzz_is_packed(data + 1, size - 1)) {
		pack(data + 1, size - 1, &z);
		read_all(fuzz_file(z.p, z.n), data[0], &b);
		MUST(a.n == b.n && !memcmp(a.p, b.p, a.n));
	}
	lam_buf_release(&a);
	lam_buf_release(&b);
	lam_buf_release(&z);
	return 0;
}
