/*
 * bench_input.c - how fast text becomes cells: bench_input FILE [FIELD...]
 *
 * One thread.  Prints records, rejects and GB/s of cutting into chunks (reading
 * included) and of parsing; FIELDs are the numbers of those wanted (all).
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "input/input.h"
#include "store/blockfile.h"

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int
main(int argc, char **argv)
{
	struct lam_input_options o = { .header = LAM_HEADER_IF_ANY };
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_chunk c = LAM_CHUNK_INIT;
	bool want[LAM_FIELDS_MAX] = { false }, got = true;
	double cut = 0, parse = 0, t;
	uint64_t records = 0, rejects = 0, blank, bytes = 0;
	struct lam_input *in;
	struct lam_cells cells;
	int r;

	if (argc < 2 || lam_input_open(&in, argv[1], &o, &e))
		goto fail;
	for (int i = 2; i < argc; i++)
		want[atoi(argv[i])] = true;
	for (;;) {
		t = now();
		r = lam_input_next(in, &c, -1, NULL, &got, &e);
		cut += now() - t;
		if (r)
			goto fail;
		if (!got)
			break;
		bytes += c.raw.n;
		t = now();
		if (lam_input_parse(in, &c, argc > 2 ? want : NULL, &cells,
			&blank, &e))
			goto fail;
		parse += now() - t;
		records += cells.nrows;
		rejects += c.nrejects;
	}
	printf("%s: %llu records, %llu rejects; cut %.2f GB/s, parse %.2f GB/s\n",
		argv[1], (unsigned long long)records,
		(unsigned long long)rejects, 1e-9 * (double)bytes / cut,
		1e-9 * (double)bytes / parse);
	lam_chunk_release(&c);
	lam_input_close(in);
	return 0;
fail:
	fprintf(stderr, "bench_input: %s\n", e.msg);
	return 1;
}
