/*
 * test_sum.c - exact sums: every order, text and back, rounded once
 */
#include "base/sum.h"

#include "sum_cases.h"
#include "test.h"

static const char *
text(struct lam_num v)
{
	static char place[LAM_NUM_TEXT + 1];

	place[lam_num_print(v, place)] = '\0';
	return place;
}

/* The sum of the numbers of case C, from number FIRST on, in two halves. */
static struct lam_sum
sum_of(size_t c, size_t n, size_t first)
{
	struct lam_sum half[2] = { { { 0 } }, { { 0 } } };

	for (size_t i = 0; i < n; i++) {
		const char *s = sums[c].in[(first + i) % n];
		struct lam_num v = { 0, 0 };

		FAIL_IF(!lam_num_parse(s, strlen(s), &v), "%s", s);
		lam_sum_add(&half[i % 2], v);
	}
	lam_sum_merge(&half[0], &half[1]);
	return half[0];
}

static void
check(size_t c, const struct lam_sum *s, size_t n)
{
	char out[LAM_SUM_TEXT + 1];
	struct lam_sum again;
	struct lam_num v;
	bool ok;

	out[lam_sum_print(s, out)] = '\0';
	FAIL_IF(strcmp(out, sums[c].full), "%s, want %s", out, sums[c].full);
	FAIL_IF(!lam_sum_parse(out, strlen(out), &again) ||
		memcmp(&again, s, sizeof again), "%s comes back otherwise",
		out);
	ok = lam_sum_num(s, &v);
	FAIL_IF(ok != (sums[c].num != NULL) || (ok && strcmp(text(v),
		sums[c].num)), "%s as a number: %s", out, ok ? text(v) : "no");
	FAIL_IF(lam_sum_exact(s, &v) != (ok && !strcmp(sums[c].num,
		sums[c].full)), "%s: exact or not", out);
	ok = lam_sum_div(s, n, &v);
	FAIL_IF(ok != (sums[c].avg != NULL) || (ok && strcmp(text(v),
		sums[c].avg)), "%s / %zu: %s, want %s", out, n,
		ok ? text(v) : "no", sums[c].avg ? sums[c].avg : "no");
}

static void
test_cases(void)
{
	for (size_t c = 0; c < sizeof sums / sizeof *sums; c++) {
		size_t n = 0;

		while (n < 6 && sums[c].in[n])
			n++;
		for (size_t first = 0; first < n; first++) {
			struct lam_sum s = sum_of(c, n, first);

			check(c, &s, n);
		}
	}
	PASS("sums of unlike scale as Python's fractions have them");
}

static void
test_text(void)
{
	static const char *const bad[] = { "", "-", "1.", ".5", "01", "1.50",
		"-0", "+1", "1e3", "0.000000000000000000000000000000000000001",
		"10000000000000000000000000000000000000000000000000000000000" };
	struct lam_sum s;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		FAIL_IF(lam_sum_parse(bad[i], strlen(bad[i]), &s), "\"%s\"",
			bad[i]);
	PASS("what is no canonical text of a sum is refused");
}

/* 2^64 numbers of 38 nines, by doubling: nothing wraps. */
static void
test_bound(void)
{
	struct lam_num most = { lam_pow10[38] - 1, 0 };
	struct lam_sum s = { { 0 } };
	char out[LAM_SUM_TEXT + 1];

	lam_sum_add(&s, most);
	for (int i = 0; i < 64; i++) {
		struct lam_sum t = s;

		lam_sum_merge(&s, &t);
	}
	CHECK_STR(out, lam_sum_print(&s, out), "184467440737095516159999999999"
		"9999999981553255926290448384");
}

int
main(void)
{
	test_cases();
	test_text();
	test_bound();
	return test_done();
}
