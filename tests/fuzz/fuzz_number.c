/*
 * fuzz_number.c - any bytes as two numbers, a blank between
 *
 * What parses prints back; the fast parsers agree with the general one, the
 * nearest double with strtod; arithmetic keeps its laws where it has a result.
 */
#include <math.h>

#include "base/num.h"
#include "fuzz.h"
#include "store/value.h"

/* The parsers that know one form, against the one that knows all. */
static void
check_forms(const char *p, size_t n)
{
	char text[LAM_NUM_TEXT], wide[16] = { 0 };
	unsigned scale;
	struct lam_num v;
	int64_t m;
	size_t len;

	if (lam_int_exact(p, (uint32_t)n, &m)) {
		len = lam_i64_print(m, text);
		MUST(len == n && !memcmp(text, p, n));
	}
	if (lam_decimal_exact(p, (uint32_t)n, &m, &scale)) {
		len = lam_num_print_fixed((struct lam_num){ m, scale }, text);
		MUST(len == n && !memcmp(text, p, n));
	}
	if (lam_ipv4_exact(p, (uint32_t)n, &m)) {
		len = lam_ipv4_print((uint32_t)m, text);
		MUST(len == n && !memcmp(text, p, n));
	}
	if (n < 1 || n > 8)
		return;
	memcpy(wide, p, n);
	for (scale = 0; scale < 7; scale++)
		if (lam_short_decimal(wide, (uint32_t)n, scale, &m)) {
			MUST(lam_num_parse(p, n, &v));
			MUST(!lam_num_cmp(v, (struct lam_num){ m, scale }));
		}
}

static bool
check_number(const char *p, size_t n, struct lam_num *out)
{
	struct lam_num v, again;
	char text[LAM_NUM_TEXT + 1];
	unsigned scale;
	int64_t m;
	size_t len;

	if (lam_num_parse64(p, n, &m, &scale)) {
		struct lam_num fast = { m, scale };

		MUST(lam_num_parse(p, n, &v) && !lam_num_cmp(v, fast));
	}
	if (!lam_num_parse(p, n, &v))
		return false;
	len = lam_num_print(v, text);
	MUST(len <= LAM_NUM_TEXT);
	MUST(lam_num_parse(text, len, &again) && !lam_num_cmp(v, again));
	text[len] = '\0';
	MUST(lam_num_double(v) == strtod(text, NULL));
	len = lam_num_print_fixed(v, text);
	MUST(lam_num_parse(text, len, &again) && !lam_num_cmp(v, again));
	again = lam_num_normal(v);
	MUST(!lam_num_cmp(v, again) && again.scale <= v.scale);
	*out = v;
	return true;
}

static void
check_rounding(struct lam_num v)
{
	struct lam_num floor = lam_num_floor(v), ceil = lam_num_ceil(v), r, d;
	static const struct lam_num one = { 1, 0 };

	MUST(lam_num_cmp(floor, v) <= 0 && lam_num_cmp(ceil, v) >= 0);
	MUST(!lam_num_sub(ceil, floor, &d) || lam_num_cmp(d, one) <= 0);
	for (int decimals = -3; decimals < 20; decimals += 4) {
		struct lam_num again;

		if (!lam_num_round(v, decimals, &r))
			continue;
		MUST(lam_num_round(r, decimals, &again));
		MUST(!lam_num_cmp(r, again));
		if (decimals == 1 && lam_num_sub(r, v, &d)) {
			d.m = d.m < 0 ? -d.m : d.m;
			MUST(lam_num_cmp(d, (struct lam_num){ 5, 2 }) <= 0);
		}
	}
	if (lam_num_from_double(lam_num_double(v), 17, &r))
		MUST(lam_num_double(r) == lam_num_double(v) || r.m == 0 ||
			r.scale == LAM_NUM_DIGITS);
}

/* S is A + B.  Without B it is A again where the digits had room for all of the
 * decimals of both, so that nothing was rounded; else but for a unit in the last
 * decimal that S has room for: S and the difference are off by half of one each. */
static void
check_sum(struct lam_num a, struct lam_num b, struct lam_num s)
{
	unsigned scale = a.scale > b.scale ? a.scale : b.scale;
	unsigned last = LAM_NUM_DIGITS;
	struct lam_num t, d;

	if (!lam_num_sub(s, b, &t))
		return;
	if (lam_num_rescale(s, scale, &d)) {
		MUST(!lam_num_cmp(t, a));
		return;
	}
	while (!lam_num_rescale(s, last, &d))
		last--;
	MUST(lam_num_sub(t, a, &d));
	d.m = d.m < 0 ? -d.m : d.m;
	MUST(lam_num_cmp(d, (struct lam_num){ 1, last }) <= 0);
}

static void
check_pair(struct lam_num a, struct lam_num b)
{
	int order = lam_num_cmp(a, b);
	struct lam_num s, t, u;

	MUST(lam_num_cmp(b, a) == -order);
	if (order < 0)
		MUST(lam_num_double(a) <= lam_num_double(b));
	if (lam_num_add(a, b, &s)) {
		MUST(lam_num_add(b, a, &t) && !lam_num_cmp(s, t));
		check_sum(a, b, s);
	}
	if (lam_num_sub(a, b, &s)) {
		/* A difference is never rounded to 0. */
		MUST((s.m > 0) - (s.m < 0) == order);
		MUST(lam_num_sub(b, a, &t) && lam_num_add(s, t, &u) && !u.m);
	}
	if (lam_num_mul(a, b, &s)) {
		MUST(lam_num_mul(b, a, &t) && !lam_num_cmp(s, t));
		/* What has more than 38 decimals may be rounded to 0. */
		MUST((s.m == 0) == (a.m == 0 || b.m == 0) ||
			(!s.m && a.scale + b.scale > LAM_NUM_DIGITS));
		/* The quotient of an exact product is exact, when it has the
		 * digits. */
		t = lam_num_normal(a);
		if (b.m && t.scale <= LAM_NUM_QUOTIENT && lam_num_rescale(s,
			t.scale + lam_num_normal(b).scale, &u) &&
			lam_num_div(s, b, &u) && u.scale >= t.scale)
			MUST(!lam_num_cmp(u, a));
	}
	if (lam_num_mod(a, b, &s)) {
		MUST(b.m && (!s.m || (s.m < 0) == (a.m < 0)));
		t = s;
		t.m = t.m < 0 ? -t.m : t.m;
		u = b;
		u.m = u.m < 0 ? -u.m : u.m;
		MUST(lam_num_cmp(t, u) < 0);
	}
	MUST(b.m || (!lam_num_div(a, b, &s) && !lam_num_mod(a, b, &s)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *blank = size ? memchr(data, ' ', size) : NULL;
	size_t n = blank ? (size_t)(blank - data) : size;
	size_t rest = blank ? size - n - 1 : 0;
	char *p = fuzz_copy(data, n), *q = fuzz_copy(data + size - rest, rest);
	struct lam_num a, b;

	check_forms(p, n);
	if (check_number(p, n, &a)) {
		check_rounding(a);
		if (check_number(q, rest, &b))
			check_pair(a, b);
	}
	free(p);
	free(q);
	return 0;
}
