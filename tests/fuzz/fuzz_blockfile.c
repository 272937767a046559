/*
 * fuzz_blockfile.c - any bytes as a file of blocks: no crash, no length believed
 *
 * Byte 0: the type columns are read as (bits 0, 1); whether checksums are made right
 * (bit 2), and sizes (3) and the footer (4).  Blocks that are read as cells and
 * encoded again read as the same cells.
 */
#include "blocks.h"

static void
put_cells(const struct lam_blockfile *f, size_t i, struct lam_arena *a,
	struct lam_cells *c, bool *ok)
{
	struct lam_block_reader r;

	*ok = !lam_block_open(&r, f, i, a, NULL) &&
		!lam_block_cells(&r, a, c, NULL);
}

/* Cells C of a block, encoded into a file of their own and read again. */
static void
again(const struct lam_cells *c, uint64_t first, struct lam_arena *a)
{
	struct lam_arena scratch = LAM_ARENA_INIT;
	struct lam_str meta = { "kind test\n", 10 };
	struct lam_blockfile f;
	struct lam_buf out = LAM_BUF_INIT;
	struct lam_cells d;
	bool ok;

	MUST(!lam_blockfile_header(meta, &out, NULL));
	MUST(!lam_block_encode(c, first, 1, NULL, &scratch, &out, NULL));
	MUST(!lam_blockfile_open(&f, fuzz_file(out.p, out.n), NULL));
	MUST(f.nblocks == 1 && f.end == f.size && f.block[0].first == first);
	put_cells(&f, 0, a, &d, &ok);
	MUST(ok && d.nrows == c->nrows && d.nfields == c->nfields);
	for (uint32_t k = 0; k < c->nfields; k++)
		for (uint32_t i = 0; i < c->nrows; i++)
			MUST(fuzz_same(lam_cell_str(c, k, i),
				lam_cell_str(&d, k, i)));
	lam_blockfile_close(&f);
	lam_buf_release(&out);
	lam_arena_release(&scratch);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_blockfile f;
	struct lam_cells c;
	uint64_t first = 0;
	bool ok = false;
	char *p;

	if (size < 1)
		return 0;
	p = fuzz_copy(data + 1, size - 1);
	if (data[0] & 4)
		blocks_seal((uint8_t *)p, size - 1, data[0] >> 3 & 3);
	if (lam_blockfile_open(&f, fuzz_file(p, size - 1), &e)) {
		MUST(e.code == LAM_DATA && *e.msg);
	} else {
		MUST(f.end <= f.size && (!f.sealed || f.foot.n <= f.size));
		(void)blocks_read(&f, (struct lam_coltype){ data[0] & 3, 0 });
		if (f.nblocks) {
			first = f.block[0].first;
			put_cells(&f, 0, &a, &c, &ok);
		}
		lam_blockfile_close(&f);
	}
	if (ok && c.nrows <= 1024)
		again(&c, first, &a);
	lam_arena_release(&a);
	free(p);
	return 0;
}
