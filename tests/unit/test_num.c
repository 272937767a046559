/*
 * test_num.c - decimal numbers: text, arithmetic, rounding, doubles
 */
#include "base/num.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "num_cases.h"
#include "test.h"

static uint64_t state = 20260131;

static uint64_t
draw(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static struct lam_num
num(const char *s)
{
	struct lam_num v = { -1, 99 };

	if (!lam_num_parse(s, strlen(s), &v))
		v.scale = 99;
	return v;
}

/* The canonical text of V, in one of four static places. */
static const char *
text(struct lam_num v)
{
	static char place[4][LAM_NUM_TEXT + 1];
	static int next;
	char *p = place[next++ % 4];

	p[lam_num_print(v, p)] = '\0';
	return p;
}

static void
test_parse(void)
{
	static const struct { const char *in, *out; unsigned scale; } good[] = {
		{ "0", "0", 0 }, { "-0", "0", 0 }, { "+7", "7", 0 },
		{ "007", "7", 0 }, { "1.50", "1.5", 2 }, { ".5", "0.5", 1 },
		{ "5.", "5", 0 }, { "1e3", "1000", 0 }, { "1.5E1", "15", 0 },
		{ "1.50e1", "15", 1 }, { "1e-5", "0.00001", 5 },
		{ "-12345678901234567890.25", "-12345678901234567890.25", 2 },
		{ "0e999999999999", "0", 0 }, { "0e-999", "0", 0 },
		{ "123456789012345678", "123456789012345678", 0 },
		{ "1234567890123456789", "1234567890123456789", 0 },
		{ "12345678.12345678", "12345678.12345678", 8 },
		{ "99999999999999999999999999999999999999",
		  "99999999999999999999999999999999999999", 0 },
		{ "0.00000000000000000000000000000000000001",
		  "0.00000000000000000000000000000000000001", 38 },
		{ "1.000000000000000000000000000000000000000000000", "1", 37 },
		{ "0.1000000000000000000000000000000000000000000000e20",
		  "10000000000000000000", 18 },
		{ "1e37", "10000000000000000000000000000000000000", 0 },
		{ "100e-40", "0.00000000000000000000000000000000000001", 38 },
		{ "0.00000000000000000000000000000000000000000001e10",
		  "0.0000000000000000000000000000000001", 34 },
	};
	static const char *const bad[] = { "", "-", "+", ".", "-.", "e5", "1e",
		"1e+", "1e-", "--1", "1-", " 1", "1 ", "1.2.3", "0x1", "1,5",
		"inf", "nan", "1e38", "100000000000000000000000000000000000000",
		"1e2.5", "1_0", "/", ":", "1:", "12345678/", "1e99999999999",
		"123456789012345678901234567890123456789.5",
		"99999999999999999999999999999999999999.5" };
	/* Rounded half to even, as Python's decimal does at 38 digits and quantize
	 * to 38 decimals: 2.5 of the last place is 2, 3.5 is 4. */
	static const char *const rounded[][2] = {
		{ "1e-39", "0" }, { "-1e-39", "0" }, { "1e-1000000", "0" },
		{ "0.000000000000000000000000000000000000005", "0" },
		{ "5.0000000001e-39", "1e-38" },
		{ "0.000000000000000000000000000000000000015", "2e-38" },
		{ "0.000000000000000000000000000000000000025", "2e-38" },
		{ "12345678901234567890123456789012345678.5",
		  "12345678901234567890123456789012345678" },
		{ "12345678901234567890123456789012345679.5",
		  "12345678901234567890123456789012345680" },
		{ "12345678901234567890123456789012345678.50000000000000001",
		  "12345678901234567890123456789012345679" },
		{ "9.99999999999999999999999999999999999995", "10" },
		{ "99999999999999999999999999999999999999.4999999999",
		  "99999999999999999999999999999999999999" },
		{ "1.1102230246251565e-25", "0.00000000000000000000000011102230246251565" },
	};

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct lam_num v = num(good[i].in);

		FAIL_IF(v.scale != good[i].scale || strcmp(text(v), good[i].out),
			"%s: %s scale %u", good[i].in, text(v), v.scale);
	}
	PASS("what is written is what is read");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		FAIL_IF(num(bad[i]).scale != 99, "\"%s\" parses", bad[i]);
	PASS("what is no number, or is 10^38 or more, is refused");
	for (size_t i = 0; i < sizeof rounded / sizeof *rounded; i++)
		FAIL_IF(strcmp(text(num(rounded[i][0])),
			text(num(rounded[i][1]))), "%s: %s", rounded[i][0],
			text(num(rounded[i][0])));
	PASS("digits that have no room are rounded, half to even");
	CHECK(lam_num_is("1e300", 5) && lam_num_is("-.5", 3));
	CHECK(lam_num_is("1234567890123456789012345678901234567890.0", 42));
	CHECK(!lam_num_is("1234567890123456789012345678901234567890", 40));
	CHECK(!lam_num_is("1e", 2) && !lam_num_is("", 0));
}

static void
test_parse64(void)
{
	int64_t m = 5;
	unsigned scale = 5;

	CHECK(lam_num_parse64("-12.50", 6, &m, &scale) && m == -1250 &&
		scale == 2);
	CHECK(lam_num_parse64("999999999999999999", 18, &m, &scale) &&
		m == 999999999999999999 && scale == 0);
	CHECK(lam_num_parse64("0.99999999999999999", 19, &m, &scale) &&
		m == 99999999999999999 && scale == 17);
	CHECK(!lam_num_parse64("1234567890123456789", 19, &m, &scale));
	CHECK(!lam_num_parse64("1.", 2, &m, &scale));
	CHECK(!lam_num_parse64(".1", 2, &m, &scale));
	CHECK(!lam_num_parse64("", 0, &m, &scale));
	CHECK(!lam_num_parse64("-", 1, &m, &scale));
	CHECK(!lam_num_parse64("+1", 2, &m, &scale));
	CHECK(!lam_num_parse64("1e1", 3, &m, &scale));
	for (int i = 0; i < 200000; i++) {
		int64_t want = (int64_t)(draw() % 1000000000000000000) >>
			draw() % 60;
		char s[32], *end = s;
		int n;

		want = i & 1 ? -want : want;
		n = snprintf(s, sizeof s, "%lld", (long long)want);
		FAIL_IF(!lam_num_parse64(s, (size_t)n, &m, &scale) ||
			m != want || scale != 0, "%s", s);
		/* One byte that is no digit, anywhere. */
		s[draw() % (unsigned)n] = (char)(draw() % 46); /* below '.' */
		strtoll(s, &end, 10);
		FAIL_IF(lam_num_parse64(s, (size_t)n, &m, &scale) !=
			(end == s + n && s[0] != '+' && s[0] != ' ' &&
			(s[0] < 9 || s[0] > 13)), "%s", s);
	}
	PASS("200,000 integers, and as many damaged ones");
}

static void
test_print(void)
{
	char out[64], want[64];
	static const int64_t edge[] = { 0, 9, 10, 99, 100, 999, 1000, 9999,
		99999999, 100000000, INT64_MAX, INT64_MIN, -1, -10 };

	for (size_t i = 0; i < sizeof edge / sizeof *edge; i++) {
		int n = snprintf(want, sizeof want, "%lld", (long long)edge[i]);

		CHECK_STR(out, lam_i64_print(edge[i], out), want);
		FAIL_IF(n < 1, "snprintf");
	}
	CHECK_STR(out, lam_u64_print(UINT64_MAX, out), "18446744073709551615");
	for (int i = 0; i < 200000; i++) {
		uint64_t v = draw() >> draw() % 64;
		size_t n = lam_u64_print(v, out);

		snprintf(want, sizeof want, "%llu", (unsigned long long)v);
		FAIL_IF(strlen(want) != n || memcmp(out, want, n), "%s", want);
	}
	for (uint64_t v = 1, i = 0; i < 19; i++, v *= 10) {
		for (uint64_t w = v - 1; w <= v + 1; w++) {
			size_t n = lam_u64_print(w, out);

			snprintf(want, sizeof want, "%llu",
				(unsigned long long)w);
			FAIL_IF(strlen(want) != n || memcmp(out, want, n), "%s",
				want);
		}
	}
	PASS("integers print as printf prints them");
	CHECK_STR(out, lam_num_print_fixed(num("1.50"), out), "1.50");
	CHECK_STR(out, lam_num_print_fixed(num("-0.050"), out), "-0.050");
	CHECK_STR(out, lam_num_print_fixed((struct lam_num){ 0, 3 }, out),
		"0.000");
	CHECK_STR(out, lam_num_print((struct lam_num){ 100, 2 }, out), "1");
	CHECK_STR(out, lam_num_print((struct lam_num){ -100, 3 }, out), "-0.1");
}

/* A random number of any size and scale. */
static struct lam_num
draw_num(void)
{
	struct lam_num v = { 0, (unsigned)(draw() % 39) };
	lam_u128 u = ((lam_u128)draw() << 64 | draw()) >> draw() % 128;

	v.m = (lam_i128)(u % (lam_u128)lam_pow10[38]);
	if (draw() & 1)
		v.m = -v.m;
	return v;
}

static void
test_round_trip(void)
{
	for (int i = 0; i < 100000; i++) {
		struct lam_num v = draw_num(), w;
		char s[LAM_NUM_TEXT];
		size_t n = lam_num_print_fixed(v, s);

		FAIL_IF(!lam_num_parse(s, n, &w) || w.m != v.m ||
			w.scale != v.scale, "%.*s", (int)n, s);
		n = lam_num_print(v, s);
		FAIL_IF(!lam_num_parse(s, n, &w) || lam_num_cmp(v, w) != 0 ||
			n > LAM_NUM_TEXT, "%.*s", (int)n, s);
		w = lam_num_normal(v);
		FAIL_IF(lam_num_cmp(v, w) != 0 || (w.scale > 0 &&
			w.m % 10 == 0), "normal %s", text(v));
	}
	PASS("parse(print(x)) = x, fixed and canonical");
}

static void
check_case(bool ok, struct lam_num got, const char *want, const char *op,
	size_t i)
{
	FAIL_IF(ok != (want != NULL), "%s %s %s: %s", cases[i].a, op,
		cases[i].b, ok ? text(got) : "does not fit");
	FAIL_IF(ok && want && strcmp(text(got), want), "%s %s %s: %s, not %s",
		cases[i].a, op, cases[i].b, text(got), want);
	FAIL_IF(ok && got.scale > 38, "scale %u", got.scale);
}

static void
test_arithmetic(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct lam_num a = num(cases[i].a), b = num(cases[i].b), r;
		bool ok;

		ok = lam_num_add(a, b, &r);
		check_case(ok, r, cases[i].sum, "+", i);
		ok = lam_num_add(b, a, &r);
		check_case(ok, r, cases[i].sum, "+ (swapped)", i);
		ok = lam_num_sub(a, b, &r);
		check_case(ok, r, cases[i].diff, "-", i);
		ok = lam_num_mul(a, b, &r);
		check_case(ok, r, cases[i].product, "*", i);
		ok = lam_num_mul(b, a, &r);
		check_case(ok, r, cases[i].product, "* (swapped)", i);
		ok = lam_num_div(a, b, &r);
		check_case(ok, r, cases[i].quotient, "/", i);
		ok = lam_num_mod(a, b, &r);
		check_case(ok, r, cases[i].rest, "%", i);
		FAIL_IF(lam_num_cmp(a, b) != cases[i].order ||
			lam_num_cmp(b, a) != -cases[i].order, "order of %s, %s",
			cases[i].a, cases[i].b);
	}
	PASS("sums, products, quotients as Python's decimal has them");
	for (int i = 0; i < 100000; i++) {
		int64_t x = (int64_t)draw() >> draw() % 63;
		int64_t y = (int64_t)draw() >> draw() % 63;
		struct lam_num a = { x, 3 }, b = { y, 3 }, r;

		FAIL_IF(!lam_num_add(a, b, &r) || r.m != (lam_i128)x + y,
			"sum");
		FAIL_IF(!lam_num_mul(a, b, &r) || r.m != (lam_i128)x * y,
			"product");
		FAIL_IF(y && (!lam_num_mod(a, b, &r) || r.m != x % (lam_i128)y),
			"rest");
		FAIL_IF(lam_num_cmp(a, b) != (x > y) - (x < y), "order");
	}
	PASS("64-bit operands against 128-bit integers");
}

static void
test_rounding(void)
{
	static const struct { const char *in; int decimals; const char *out; }
	t[] = { { "2.5", 0, "3" }, { "-2.5", 0, "-3" }, { "2.4999", 0, "2" },
		{ "1.005", 2, "1.01" }, { "1.005", 5, "1.005" },
		{ "1250", -2, "1300" }, { "-1249", -2, "-1200" },
		{ "49", -2, "0" }, { "50", -2, "100" }, { "5", -40, "0" },
		{ "99999999999999999999999999999999999999", -1, NULL },
		{ "0.99999999999999999999999999999999999999", 0, "1" },
		{ "0.49999999999999999999999999999999999999", 0, "0" },
		{ "99999999999999999999999999999999999999", -38, NULL },
		{ "49999999999999999999999999999999999999", -38, "0" } };

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct lam_num r;
		bool ok = lam_num_round(num(t[i].in), t[i].decimals, &r);

		FAIL_IF(ok != (t[i].out != NULL) || (ok &&
			strcmp(text(r), t[i].out)), "round(%s, %d) = %s",
			t[i].in, t[i].decimals, ok ? text(r) : "no");
	}
	PASS("half away from zero, at any decimal");
	CHECK(!strcmp(text(lam_num_floor(num("-0.1"))), "-1"));
	CHECK(!strcmp(text(lam_num_floor(num("1.9"))), "1"));
	CHECK(!strcmp(text(lam_num_floor(num("-2"))), "-2"));
	CHECK(!strcmp(text(lam_num_ceil(num("0.1"))), "1"));
	CHECK(!strcmp(text(lam_num_ceil(num("-0.9"))), "0"));
}

static void
test_rescale(void)
{
	struct lam_num r;

	CHECK(lam_num_rescale(num("1.5"), 3, &r) && r.m == 1500);
	CHECK(lam_num_rescale(num("1.500"), 1, &r) && r.m == 15);
	CHECK(!lam_num_rescale(num("1.55"), 1, &r));
	CHECK(!lam_num_rescale(num("1"), 38, &r));
	CHECK(!lam_num_rescale(num("1"), 39, &r));
	CHECK(lam_num_rescale(num("1"), 37, &r) && r.m == lam_pow10[37]);
}

static void
test_double(void)
{
	struct lam_num r;

	CHECK(lam_num_double(num("0.1")) == 0.1);
	CHECK(lam_num_double(num("0.10000000000000000000000000")) == 0.1);
	CHECK(lam_num_double(num("-123456789012345678901234567890")) ==
		-123456789012345678901234567890.0);
	for (int i = 0; i < 20000; i++) {
		struct lam_num v = draw_num();
		char s[LAM_NUM_TEXT + 1];

		s[lam_num_print_fixed(v, s)] = '\0';
		FAIL_IF(lam_num_double(v) != strtod(s, NULL) ||
			lam_num_double(lam_num_normal(v)) != lam_num_double(v),
			"%s", s);
	}
	PASS("the nearest double, whatever the scale");
	CHECK(lam_num_from_double(0.1, 17, &r) &&
		!strcmp(text(r), "0.10000000000000001"));
	CHECK(lam_num_from_double(-1234.5, 10, &r) &&
		!strcmp(text(r), "-1234.5"));
	CHECK(lam_num_from_double(2e30, 3, &r) && r.scale == 0);
	CHECK(!lam_num_from_double(1e38, 3, &r));
	CHECK(!lam_num_from_double((double)INFINITY, 3, &r));
}

int
main(void)
{
	printf("# seed %llu\n", (unsigned long long)state);
	test_parse();
	test_parse64();
	test_print();
	test_round_trip();
	test_arithmetic();
	test_rounding();
	test_rescale();
	test_double();
	return DONE();
}
