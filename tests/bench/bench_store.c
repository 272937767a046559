/*
 * bench_store.c - what a column costs: gen ROWS | bench_store [LEVEL]
 *
 * Reads CSV with a header line (quoted fields may hold commas, nothing more),
 * encodes it in blocks of 65536 rows, decodes every column as its sniffed type,
 * and prints for each the bytes and the nanoseconds per row, of processor time,
 * best of three rounds per block.
 *
 *	make build/release/bench/bench_store build/release/bench/gen
 *	build/release/bench/gen 1000000 | build/release/bench/bench_store
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "store/bitpack.h"
#include "store/blockfile.h"

#define FIELDS 64
#define ROUNDS 3

static struct lam_cell *cell[FIELDS];
static char *names[FIELDS];
static double encode_ns[FIELDS], decode_ns[FIELDS], parse_ns[FIELDS];
static double text_ns[FIELDS];
static uint64_t stored[FIELDS];
static unsigned encodings[FIELDS][8];
static uint64_t total;

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void
check(int r, const struct lam_error *e)
{
	if (r) {
		fprintf(stderr, "bench_store: %s\n", e->msg);
		exit(1);
	}
}

/* Split one line; the number of fields. */
static uint32_t
split(char *line, size_t n, const char *text, uint32_t row)
{
	char *p = line, *end = line + n;
	uint32_t f = 0;

	while (p <= end && f < FIELDS) {
		char quote = p < end && *p == '"', *from = p += quote;

		while (p < end && *p != (quote ? '"' : ','))
			p++;
		cell[f++][row] = (struct lam_cell){ (uint32_t)(from - text),
			p > from || quote ? (uint32_t)(p - from) :
				LAM_CELL_NULL };
		p += 1 + quote;
	}
	return f;
}

static void
one_block(const struct lam_cells *c, int level, struct lam_arena *a)
{
	for (uint32_t f = 0; f < c->nfields; f++) {
		struct lam_buf out = LAM_BUF_INIT;
		struct lam_error e = LAM_ERROR_INIT;
		struct lam_colmeta m;
		struct lam_coltype t = { .type = lam_column_sniff(c, NULL, f) };
		struct lam_vec v;
		uint64_t bad = 0;
		double at, best[4] = { 1e18, 1e18, 1e18, 1e18 };

		for (int k = 0; k < 4 * ROUNDS; k++) {
			lam_arena_reset(a);
			at = now();
			if (k % 4 == 0) {
				lam_buf_clear(&out);
				check(lam_column_encode(c, f, level, NULL, a, &out,
					&m, &e), &e);
			} else if (k % 4 == 1) {
				check(lam_column_decode(&m, out.p, c->nrows, t,
					a, &v, &bad, &e), &e);
			} else if (k % 4 == 2) {
				check(lam_column_parse(c, f, t, a, &v, &bad,
					&e), &e);
			} else {
				check(lam_column_decode(&m, out.p, c->nrows,
					(struct lam_coltype){ 0 }, a, &v, &bad,
					&e), &e);
			}
			at = now() - at;
			best[k % 4] = at < best[k % 4] ? at : best[k % 4];
		}
		encode_ns[f] += best[0];
		decode_ns[f] += best[1];
		parse_ns[f] += best[2];
		text_ns[f] += best[3];
		stored[f] += m.size;
		encodings[f][m.encoding & 7]++;
		lam_buf_release(&out);
	}
	total += c->nrows;
}

static void
bench_pack(void)
{
	static uint64_t in[LAM_BLOCK_ROWS], out[LAM_BLOCK_ROWS],
		p[LAM_BLOCK_ROWS];
	double at;

	for (unsigned w = 4; w <= 28; w += 8) {
		at = now();
		for (int k = 0; k < 200; k++)
			lam_unpack32(p, LAM_BLOCK_ROWS, w, (uint32_t *)out);
		printf("unpack32 width %2u  %.3f ns a value\n", w,
			(now() - at) / 200 / LAM_BLOCK_ROWS);
		if (w > 16)
			continue;
		at = now();
		for (int k = 0; k < 200; k++)
			lam_unpack16(p, LAM_BLOCK_ROWS, w, (uint16_t *)out);
		printf("unpack16 width %2u  %.3f ns a value\n", w,
			(now() - at) / 200 / LAM_BLOCK_ROWS);
	}
	at = now();
	for (int k = 0; k < 200; k++)
		lam_pack32((uint32_t *)in, LAM_BLOCK_ROWS, 20, p);
	printf("pack32   width 20  %.3f ns a value\n",
		(now() - at) / 200 / LAM_BLOCK_ROWS);
}

static void
report(uint32_t nfields)
{
	static const char *const enc[] = { "nulls", "const", "dict", "ints",
		"text", "", "", "" };
	double sums[5] = { 0 };

	printf("%-12s %9s %9s %9s %9s %9s  %s\n", "column", "bytes/row",
		"encode", "decode", "as text", "parse", "blocks by encoding");
	for (uint32_t f = 0; f < nfields; f++) {
		double n = (double)total;

		printf("%-12s %9.2f %9.2f %9.2f %9.2f %9.2f ", names[f],
			(double)stored[f] / n, encode_ns[f] / n,
			decode_ns[f] / n, text_ns[f] / n, parse_ns[f] / n);
		for (int k = 0; k < 8; k++)
			if (encodings[f][k])
				printf(" %s %u", enc[k], encodings[f][k]);
		printf("\n");
		sums[0] += (double)stored[f] / n;
		sums[1] += encode_ns[f] / n;
		sums[2] += decode_ns[f] / n;
		sums[3] += text_ns[f] / n;
		sums[4] += parse_ns[f] / n;
	}
	printf("%-12s %9.2f %9.2f %9.2f %9.2f %9.2f\n", "all", sums[0], sums[1],
		sums[2], sums[3], sums[4]);
}

int
main(int argc, char **argv)
{
	int level = argc > 1 ? argv[1][0] - '0' : 1;
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_buf text = LAM_BUF_INIT;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	struct lam_cells c = { .field = cell };

	for (int f = 0; f < FIELDS; f++)
		cell[f] = malloc(LAM_BLOCK_ROWS * sizeof **cell);
	n = getline(&line, &cap, stdin);
	for (char *p = n > 0 ? strtok_r(line, ",\n", &line) : NULL; p;
		p = strtok_r(NULL, ",\n", &line))
		names[c.nfields++] = strdup(p);
	line = NULL;
	cap = 0;
	lam_buf_room(&text, (size_t)64 << 20);
	while ((n = getline(&line, &cap, stdin)) > 0) {
		char *at = text.p + text.n;

		if (text.cap - text.n < (size_t)n)
			break;
		lam_buf_put(&text, line, (size_t)n);
		split(at, (size_t)n - 1, text.p, c.nrows++);
		if (c.nrows == LAM_BLOCK_ROWS) {
			c.text = text.p;
			one_block(&c, level, &arena);
			c.nrows = 0;
			text.n = 0;
		}
	}
	c.text = text.p;
	if (c.nrows)
		one_block(&c, level, &arena);
	report(c.nfields);
	bench_pack();
	lam_arena_release(&arena);
	lam_buf_release(&text);
	return 0;
}
