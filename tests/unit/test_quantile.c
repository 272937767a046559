/*
 * Quantile sketches: their error, their text, and that merging adds.
 */
#include <math.h>
#include <stdlib.h>

#include "group/quantile.h"
#include "test.h"

static uint64_t seed = 7;

static uint64_t
rnd(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

static struct lam_mem mem;
static struct lam_heap heap;
static struct lam_quantile_scratch scratch;

static int
by_number(const void *a, const void *b)
{
	return lam_num_cmp(*(const struct lam_num *)a,
		*(const struct lam_num *)b);
}

static void
add(struct lam_quantile *s, struct lam_num v)
{
	uint64_t entry = (uint64_t)lam_bucket(lam_num_double(v)) <<
		LAM_BUCKET_SHIFT | 1;
	struct lam_error e = LAM_ERROR_INIT;

	FAIL_IF(lam_quantile_add(s, &entry, 1, &scratch, &heap, &e), "%s",
		e.msg);
}

static struct lam_num
random_number(int kind)
{
	struct lam_num v = { 0, 0 };

	switch (kind) {
	case 0:
		v.m = (int64_t)rnd(1000);
		break;
	case 1:
		v = (struct lam_num){ (int64_t)rnd(1000000) - 500000, 3 };
		break;
	case 2:
		v = (struct lam_num){ (lam_i128)rnd(UINT64_MAX) *
			(int64_t)rnd(1000000000), (unsigned)rnd(38) };
		break;
	default:
		v.m = (int64_t)1 << rnd(60);
	}
	return v;
}

static void
errors(void)
{
	static const char *const q[] = { "0", "0.01", "0.25", "0.5", "0.9",
		"0.99", "0.999", "1" };
	struct lam_num v[500];

	for (int round = 0; round < 80; round++) {
		struct lam_quantile s = { .p = NULL };
		uint32_t n = 1 + (uint32_t)rnd(500);

		for (uint32_t i = 0; i < n; i++) {
			v[i] = random_number(round % 4);
			add(&s, v[i]);
		}
		qsort(v, n, sizeof *v, by_number);
		for (size_t i = 0; i < sizeof q / sizeof *q; i++) {
			struct lam_num x;
			double want, got;

			FAIL_IF(!lam_num_parse(q[i], strlen(q[i]), &x), "q");
			got = lam_num_double(lam_quantile_value(&s, x));
			want = lam_num_double(v[(uint32_t)floor(
				strtod(q[i], NULL) * (n - 1))]);
			FAIL_IF(fabs(got - want) > 0.01 * fabs(want), "q %s "
				"of %u: got %.9g, want %.9g", q[i], n, got,
				want);
		}
		lam_heap_release(&heap);
	}
	PASS("a quantile is within 1 % of the value of its rank");
}

/* Values so large or small that the middle of their bucket is no number of 4
 * digits: still within 1 %, and never 0. */
static void
extremes(void)
{
	static const char *const v[] = { "99999999999999999999999999999999999999",
		"-99999999999999999999999999999999999999", "1e-38", "5e-37",
		"-1.2e-36", "9.7e37", "1.23456e-33" };

	for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
		struct lam_quantile s = { .p = NULL };
		struct lam_num x;
		double got, want;

		FAIL_IF(!lam_num_parse(v[i], strlen(v[i]), &x), "%s", v[i]);
		add(&s, x);
		want = lam_num_double(x);
		got = lam_num_double(lam_quantile_value(&s, x));
		/* 1e-38 is the smallest step there is. */
		FAIL_IF(fabs(got - want) > 0.01 * fabs(want) + 5e-39 ||
			got == 0, "of %s: %g", v[i], got);
		lam_heap_release(&heap);
	}
	PASS("the quantile of the greatest and the smallest number");
}

static void
buckets(void)
{
	CHECK_INT(lam_bucket(0), LAM_BUCKET_ZERO);
	CHECK_INT(lam_bucket(1) - LAM_BUCKET_ZERO, 1023 * 64);
	CHECK_INT(lam_bucket(2) - LAM_BUCKET_ZERO, 1024 * 64);
	CHECK_INT(lam_bucket(-1) - (int64_t)LAM_BUCKET_ZERO, -1023 * 64);
	CHECK(lam_bucket(1.015625) == lam_bucket(1) + 1);
	CHECK(lam_bucket(1.0156) == lam_bucket(1));
	for (int i = 0; i < 10000; i++) {
		double a = lam_num_double(random_number(i % 4));
		double b = lam_num_double(random_number(i % 4));

		FAIL_IF(a < b && lam_bucket(a) > lam_bucket(b), "%g %g", a, b);
		FAIL_IF(a != 0 && fabs(lam_bucket_middle(lam_bucket(a)) / a -
			1) > 1 / 127.9, "middle of %g", a);
	}
	PASS("buckets are in order, the middle is near");
}

static void
texts(void)
{
	static const char *const bad[] = { "", " ", "1", "1:", ":1", "1:0",
		"1:1 ", " 1:1", "2:1 1:1", "1:1 1:1", "01:1", "1:01", "-0:1",
		"131072:1", "73548:1", "-73548:1", "131008:1", "1:70368744177664", "1:1,2:1", "--1:1", "+1:1" };
	struct lam_quantile_scratch w = { NULL, 0 };
	struct lam_error e = LAM_ERROR_INIT;
	char *text;
	size_t n;

	for (int round = 0; round < 200; round++) {
		struct lam_quantile a = { .p = NULL }, b = a, c = a;
		char *again;

		for (uint64_t i = rnd(50); i-- > 0;) {
			add(&a, random_number(round % 4));
			add(&b, random_number(round % 4));
		}
		if (!a.n)
			continue;
		text = malloc(lam_quantile_room(&a));
		n = lam_quantile_print(&a, text);
		FAIL_IF(n > lam_quantile_room(&a), "longer than its room");
		FAIL_IF(!lam_quantile_parse((struct lam_str){ text, n }, &w,
			&mem, &n), "own text");
		FAIL_IF(n != a.n, "text and back");
		for (uint32_t i = 0; i < a.n; i++)
			FAIL_IF(w.p[i] != lam_quantile_entry(&a, i),
				"text and back, entry %u", i);
		/* a + b = b + a */
		FAIL_IF(lam_quantile_merge(&c, &b, &scratch, &heap, &e) ||
			lam_quantile_merge(&c, &a, &scratch, &heap, &e) ||
			lam_quantile_merge(&a, &b, &scratch, &heap, &e),
			"%s", e.msg);
		again = malloc(lam_quantile_room(&a) + 1);
		free(text);
		text = malloc(lam_quantile_room(&c) + 1);
		n = lam_quantile_print(&a, again);
		FAIL_IF(n != lam_quantile_print(&c, text) ||
			memcmp(text, again, n), "the order of merging shows");
		free(text);
		free(again);
		lam_heap_release(&heap);
	}
	PASS("text and back is the same; merging commutes");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		FAIL_IF(lam_quantile_parse((struct lam_str){ bad[i],
			strlen(bad[i]) }, &w, &mem, &n), "taken: %s", bad[i]);
	PASS("what is no sketch is refused");
	{
		uint64_t full = (uint64_t)LAM_BUCKET_ZERO <<
			LAM_BUCKET_SHIFT | LAM_BUCKET_COUNT;
		struct lam_quantile s = { .p = NULL };

		CHECK_INT(lam_quantile_add(&s, &full, 1, &scratch, &heap, &e),
			LAM_OK);
		CHECK_INT(lam_quantile_add(&s, &full, 1, &scratch, &heap, &e),
			LAM_DATA);
		lam_heap_release(&heap);
	}
	lam_mem_free(&mem, w.p, w.cap, sizeof *w.p);
}

/*
 * Counts on both sides of what 32-bit entries hold, and of what any do, added and
 * merged: the sums, one bucket by another.
 */
static void
counts(void)
{
	enum { SPAN = 40 };
	static const uint64_t some[] = { 1, 2, 8191, 8192, 16382, 16383, 16384,
		UINT64_C(1) << 32, LAM_BUCKET_COUNT / 200 };
	struct lam_error e = LAM_ERROR_INIT;

	for (unsigned round = 0; round < 600; round++) {
		struct lam_quantile s = { .p = NULL };
		uint64_t sum[SPAN] = { 0 }, most = 1 + round % 9;

		for (uint64_t times = 1 + rnd(6); times-- > 0;) {
			struct lam_quantile x = { .p = NULL };
			uint64_t entry[SPAN];
			size_t n = 0;

			for (uint64_t b = rnd(SPAN); b < SPAN; b += 1 + rnd(9)) {
				uint64_t count = some[rnd(most)];

				entry[n++] = (LAM_BUCKET_ZERO + b - SPAN / 2) <<
					LAM_BUCKET_SHIFT | count;
				sum[b] += count;
			}
			FAIL_IF(lam_quantile_add(&x, entry, n, &scratch, &heap,
				&e) || (rnd(2) ? lam_quantile_add(&s, entry, n,
				&scratch, &heap, &e) : lam_quantile_merge(&s, &x,
				&scratch, &heap, &e)), "%s", e.msg);
		}
		for (uint32_t b = 0, i = 0; b < SPAN; b++) {
			if (!sum[b])
				continue;
			FAIL_IF(i == s.n || lam_quantile_entry(&s, i) !=
				((uint64_t)(LAM_BUCKET_ZERO + b - SPAN / 2) <<
				LAM_BUCKET_SHIFT | sum[b]), "round %u, bucket %u",
				round, b);
			i++;
		}
		lam_heap_release(&heap);
	}
	PASS("counts of any size add up");
}

/* Buckets that are counted, in each way of this machine; all are set back. */
static void
lists(void)
{
	enum { MOST = 700 };
	uint32_t count[MOST + LAM_BUCKET_SPILL], had[MOST], entry[MOST + 9];

	for (uint32_t span = 1; span <= MOST; span += span < 40 ? 1 : 17)
		for (unsigned k = 0; k < 4 * (lam_masks_best() + 1); k++) {
			uint32_t n = 0, least = (uint32_t)rnd(LAM_BUCKETS - MOST), got;

			memset(count, 0, sizeof count);
			for (uint32_t i = 0; i < span; i++) {
				had[i] = (uint32_t)(rnd(k % 4 + 1) ? 0 : rnd(9) ?
					rnd(3) : LAM_BUCKET_NARROW_COUNT - rnd(2));
				count[i] = had[i];
				n += had[i] > 0;
			}
			entry[n + LAM_BUCKET_SPILL] = 77;
			got = lam_bucket_list_by(count, span, least,
				(enum lam_masks)(k / 4), entry);
			FAIL_IF(got != n || entry[n + LAM_BUCKET_SPILL] != 77,
				"%u of %u buckets, way %u", got, span, k / 4);
			for (uint32_t i = 0, at = 0; i < span; i++) {
				FAIL_IF(count[i], "bucket %u of %u", i, span);
				FAIL_IF(had[i] && entry[at++] != ((least + i) <<
					LAM_BUCKET_NARROW | had[i]), "bucket %u of "
					"%u, way %u", i, span, k / 4);
			}
		}
	PASS("every way lists the buckets that are counted");
}

int
main(void)
{
	printf("# seed %llu\n", (unsigned long long)seed);
	lam_heap_init(&heap, &mem);
	buckets();
	errors();
	extremes();
	texts();
	counts();
	lists();
	lam_mem_free(&mem, scratch.p, scratch.cap, sizeof *scratch.p);
	CHECK_INT(mem.used, 0);
	return DONE();
}
