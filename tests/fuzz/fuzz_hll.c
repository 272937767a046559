/*
 * fuzz_hll.c - any bytes as the texts of HyperLogLog sketches, one a line
 *
 * What parses prints back; merged, in either order, each register is the
 * greatest of the texts'; the estimate depends on the registers alone, and what
 * has more is no smaller.
 */
#include "group/hll.h"
#include "fuzz.h"

static struct lam_hll_scratch scratch;

static uint64_t
estimate(const struct lam_hll *s)
{
	uint32_t hist[LAM_HLL_RANKS], sum = 0;

	lam_hll_histogram(s, hist);
	for (size_t i = 0; i < LAM_HLL_RANKS; i++)
		sum += hist[i];
	MUST(sum == LAM_HLL_REGISTERS);
	return lam_hll_estimate(hist);
}

static void
print(const struct lam_hll *s, struct lam_buf *out)
{
	size_t n = lam_hll_text_size(s);

	lam_buf_clear(out);
	MUST(lam_buf_room(out, n));
	lam_hll_print(s, out->p);
	out->n = n;
}

/* The text of the registers, by the definition. */
static void
define(const uint8_t *reg, struct lam_buf *out)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"abcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t n = 0;

	lam_buf_clear(out);
	for (size_t i = 0; i < LAM_HLL_REGISTERS; i++)
		n += reg[i] != 0;
	for (size_t i = 0; i < LAM_HLL_REGISTERS; i++) {
		if (3 * n >= LAM_HLL_REGISTERS) {
			lam_buf_putc(out, digit[reg[i]]);
		} else if (reg[i]) {
			lam_buf_putc(out, digit[i >> 6]);
			lam_buf_putc(out, digit[i & 63]);
			lam_buf_putc(out, digit[reg[i]]);
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint32_t entry[LAM_HLL_REGISTERS];
	static uint8_t reg[LAM_HLL_REGISTERS];
	struct lam_str rest = { (const char *)data, size };
	struct lam_hll all = { NULL, 0, 0 }, back = { NULL, 0, 0 };
	struct lam_buf text = LAM_BUF_INIT, want = LAM_BUF_INIT;
	struct lam_mem mem = { 0 };
	struct lam_heap heap;
	uint64_t before = 0;

	lam_heap_init(&heap, &mem);
	memset(reg, 0, sizeof reg);
	while (rest.n) {
		struct lam_hll one = { NULL, 0, 0 }, copy = { NULL, 0, 0 };
		struct lam_str line = fuzz_line(&rest);
		size_t n;

		if (!lam_hll_parse(line, entry, &n))
			continue;
		for (size_t i = 0; i < n; i++)
			if ((uint8_t)entry[i] > reg[entry[i] >> 8])
				reg[entry[i] >> 8] = (uint8_t)entry[i];
		MUST(lam_hll_add(&one, entry, n, &scratch, &heap));
		print(&one, &text);
		MUST(text.n == line.n && !memcmp(text.p, line.p, line.n));
		MUST(lam_hll_add(&copy, entry, n, &scratch, &heap));
		MUST(lam_hll_merge(&all, &one, &scratch, &heap));
		MUST(lam_hll_merge(&copy, &back, &scratch, &heap));
		back = copy;
		MUST(estimate(&all) >= before && estimate(&all) >=
			estimate(&one));
		before = estimate(&all);
		MUST(before == estimate(&back));
	}
	print(&all, &text);
	define(reg, &want);
	MUST(text.n == want.n && (!want.n || !memcmp(text.p, want.p, want.n)));
	lam_buf_release(&text);
	lam_buf_release(&want);
	lam_heap_release(&heap);
	return 0;
}
