/*
 * fuzz_quantile.c - any bytes as the texts of quantile sketches, one a line
 *
 * What parses prints back; merged, in either order, the counts are the sums of the
 * texts', or the sum is refused; a greater quantile is not smaller, and each is
 * the middle of one of the buckets.
 */
#include "group/quantile.h"
#include "fuzz.h"

static struct lam_mem mem;
static struct lam_quantile_scratch parsed, scratch;

static uint64_t
total(const struct lam_quantile *s)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < s->n; i++)
		n += lam_quantile_entry(s, i) & LAM_BUCKET_COUNT;
	return n;
}

static void
check_values(const struct lam_quantile *s)
{
	struct lam_num last = { 0, 0 }, v;

	for (int i = 0; i <= 3; i++) {
		v = lam_quantile_value(s, (struct lam_num){ 333 * i, 3 });
		MUST(i == 0 || lam_num_cmp(last, v) <= 0);
		last = v;
	}
}

static void
check_print(const struct lam_quantile *s, struct lam_str want)
{
	char *out = malloc(lam_quantile_room(s));
	size_t n = lam_quantile_print(s, out);

	MUST(n <= lam_quantile_room(s) && n == want.n &&
		!memcmp(out, want.p, n));
	free(out);
}

/* Add FROM to S. */
static int
add(struct lam_quantile *s, const struct lam_quantile *from,
	struct lam_heap *h)
{
	struct lam_error e = LAM_ERROR_INIT;
	int rc = lam_quantile_merge(s, from, &scratch, h, &e);

	MUST(!rc || (rc == LAM_DATA && *e.msg));
	return rc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lam_str rest = { (const char *)data, size };
	struct lam_quantile all = { .p = NULL }, back = { .p = NULL };
	struct lam_heap heap;

	lam_heap_init(&heap, &mem);
	while (rest.n) {
		struct lam_quantile one = { .p = NULL }, copy = { .p = NULL };
		struct lam_str line = fuzz_line(&rest);
		uint64_t sum;
		size_t n;

		if (!lam_quantile_parse(line, &parsed, &mem, &n))
			continue;
		MUST(!lam_quantile_add(&one, parsed.p, n, &scratch, &heap,
			NULL));
		MUST(!lam_quantile_add(&copy, parsed.p, n, &scratch, &heap,
			NULL));
		check_print(&one, line);
		check_values(&one);
		sum = total(&all) + total(&one);
		if (add(&all, &one, &heap)) {
			MUST(add(&copy, &back, &heap));
			break;
		}
		MUST(!add(&copy, &back, &heap) && total(&all) == sum);
		back = copy;
		MUST(all.n == back.n);
		for (uint32_t i = 0; i < all.n; i++)
			MUST(lam_quantile_entry(&all, i) ==
				lam_quantile_entry(&back, i));
	}
	if (all.n)
		check_values(&all);
	lam_heap_release(&heap);
	return 0;
}
