/*
 * fuzz_partial.c - any bytes as partial text: read to the end or refused, and what is
 * accepted is whole
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "view/partial.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lam_partial_reader *r = NULL;
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_section s;
	struct lam_str line;
	char path[64];
	bool got = true;
	FILE *out;

	snprintf(path, sizeof path, "/tmp/lam-fuzz-partial-%d", (int)getpid());
	out = fopen(path, "wb");
	if (!out || fwrite(data, 1, size, out) != size || fclose(out))
		abort();
	if (!lam_partial_reader_open(&r, path, NULL)) {
		while (!lam_partial_next(r, &a, &s, &got, NULL) && got)
			while (!lam_partial_read(r, &line, &got, NULL) && got)
				if (!line.n || !memchr(line.p, '\t', line.n))
					abort();
		lam_partial_reader_free(r);
	}
	lam_arena_release(&a);
	unlink(path);
	return 0;
}
