/*
 * fuzz_blockfile.c - any bytes as a segment or index: no crash, no length believed
 *
 * The first byte says as which type columns are read.  So that the fuzzer gets past the
 * checksums, it mostly has to start from the kept corpus.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "store/blockfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_all(const struct lam_blockfile *f, uint8_t type)
{
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_coltype t = { type, 0 };

	for (size_t i = 0; i < f->nblocks; i++) {
		struct lam_block_reader r;
		struct lam_vec v;
		uint64_t bad = 0;

		lam_arena_reset(&a);
		if (lam_block_open(&r, f, i, &a, NULL))
			continue;
		for (uint32_t c = 0; c < f->block[i].ncols; c++)
			if (!lam_block_column(&r, c, t, &a, &v, &bad, NULL) &&
				v.n != f->block[i].nrows)
				abort();
	}
	lam_arena_release(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lam_blockfile f;
	char path[64];
	FILE *out;

	if (size < 1)
		return 0;
	snprintf(path, sizeof path, "/tmp/lam-fuzz-block-%d", (int)getpid());
	out = fopen(path, "wb");
	if (!out || fwrite(data + 1, 1, size - 1, out) != size - 1 ||
		fclose(out))
		abort();
	if (!lam_blockfile_open(&f, path, NULL)) {
		read_all(&f, data[0] % LAM_TYPES);
		lam_blockfile_close(&f);
	}
	unlink(path);
	return 0;
}
