/*
 * num.c - decimal arithmetic
 *
 * Intermediate results are exact (128 bits where that holds them, else 256 or
 * a struct lam_sum), and trailing zeros are dropped only when the result would
 * not fit with them; what still does not fit is rounded from its digits.
 * Common cases (products of 64-bit integers, sums of equal scale) take the
 * first branch and no division.
 */
#include "base/num.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/sum.h"

#define P(hi, lo) ((lam_i128)(hi) * INT64_C(1000000000000000000) + (lo))
#define E(n) INT64_C(1##n)

const lam_i128 lam_pow10[LAM_NUM_DIGITS + 1] = {
	1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
	1000000000, E(0000000000), E(00000000000), E(000000000000),
	E(0000000000000), E(00000000000000), E(000000000000000),
	E(0000000000000000), E(00000000000000000),
	P(1, 0), P(10, 0), P(100, 0), P(1000, 0), P(10000, 0), P(100000, 0),
	P(1000000, 0), P(10000000, 0), P(100000000, 0), P(1000000000, 0),
	P(E(0000000000), 0), P(E(00000000000), 0), P(E(000000000000), 0),
	P(E(0000000000000), 0), P(E(00000000000000), 0),
	P(E(000000000000000), 0), P(E(0000000000000000), 0),
	P(E(00000000000000000), 0), P(E(000000000000000000), 0),
	(lam_i128)E(000000000000000000) * E(000000000000000000) * 10,
	(lam_i128)E(000000000000000000) * E(000000000000000000) * 100
};

#define LIMIT ((lam_u128)lam_pow10[LAM_NUM_DIGITS])

static lam_u128
magnitude(lam_i128 m)
{
	return m < 0 ? -(lam_u128)m : (lam_u128)m;
}

/* The sign and magnitude of a result, zeros dropped where it must be. */
static bool
settle(bool negative, lam_u128 u, unsigned scale, struct lam_num *out)
{
	while ((u >= LIMIT || scale > LAM_NUM_DIGITS) && scale > 0 &&
		u % 10 == 0) {
		u /= 10;
		scale--;
	}
	if (u >= LIMIT || scale > LAM_NUM_DIGITS)
		return false;
	out->m = negative ? -(lam_i128)u : (lam_i128)u;
	out->scale = scale;
	return true;
}

/* Strip N zeros at once, if there are so many. */
#define STRIP(m, scale, n)						\
	do {								\
		if (scale >= n && m % (int64_t)1e##n == 0) {		\
			m /= (int64_t)1e##n;				\
			scale -= n;					\
		}							\
	} while (0)

struct lam_num
lam_num_strip(lam_i128 wide, unsigned scale)
{
	int64_t m;

	if (wide == 0)
		return (struct lam_num){ 0, 0 };
	while (wide != (int64_t)wide && scale > 0 && wide % 10 == 0) {
		wide /= 10;
		scale--;
	}
	m = (int64_t)wide;
	if (wide != m)
		return (struct lam_num){ wide, scale };
	STRIP(m, scale, 16);
	STRIP(m, scale, 8);
	STRIP(m, scale, 4);
	STRIP(m, scale, 2);
	STRIP(m, scale, 1);
	return (struct lam_num){ m, scale };
}

int
lam_num_cmp(struct lam_num a, struct lam_num b)
{
	lam_i128 whole_a, whole_b;

	if (a.scale == b.scale)
		return (a.m > b.m) - (a.m < b.m);
	whole_a = a.m / lam_pow10[a.scale];
	whole_b = b.m / lam_pow10[b.scale];
	if (whole_a != whole_b)
		return whole_a > whole_b ? 1 : -1;
	/* The rest is below 1, so it fits at the larger scale. */
	a.m -= whole_a * lam_pow10[a.scale];
	b.m -= whole_b * lam_pow10[b.scale];
	if (a.scale < b.scale)
		a.m *= lam_pow10[b.scale - a.scale];
	else
		b.m *= lam_pow10[a.scale - b.scale];
	return (a.m > b.m) - (a.m < b.m);
}

bool
lam_num_rescale(struct lam_num v, unsigned scale, struct lam_num *out)
{
	lam_i128 m, p;

	if (scale > LAM_NUM_DIGITS)
		return false;
	if (scale >= v.scale) {
		p = lam_pow10[scale - v.scale];
		if (__builtin_mul_overflow(v.m, p, &m) || magnitude(m) >= LIMIT)
			return false;
	} else {
		p = lam_pow10[v.scale - scale];
		m = v.m / p;
		if (m * p != v.m)
			return false;
	}
	out->m = m;
	out->scale = scale;
	return true;
}

/* a + b where 128 bits hold them at one scale, and the result fits as it is. */
static bool
add(struct lam_num a, struct lam_num b, struct lam_num *out)
{
	bool a_negative = a.m < 0, b_negative = b.m < 0;
	lam_u128 x = magnitude(a.m), y = magnitude(b.m);
	unsigned scale = a.scale > b.scale ? a.scale : b.scale;

	if (__builtin_mul_overflow(x, (lam_u128)lam_pow10[scale - a.scale], &x)
		|| __builtin_mul_overflow(y,
		(lam_u128)lam_pow10[scale - b.scale], &y))
		return false;
	if (a_negative == b_negative) {
		if (__builtin_add_overflow(x, y, &x))
			return false;
		return settle(a_negative, x, scale, out);
	}
	if (x >= y)
		return settle(a_negative, x - y, scale, out);
	return settle(b_negative, y - x, scale, out);
}

bool
lam_num_add(struct lam_num a, struct lam_num b, struct lam_num *out)
{
	struct lam_sum s = { { 0 } };
	lam_i128 m;

	if (a.scale == b.scale && !__builtin_add_overflow(a.m, b.m, &m) &&
		magnitude(m) < LIMIT) {
		out->m = m;
		out->scale = a.scale;
		return true;
	}
	if (add(a, b, out))
		return true;
	lam_sum_add(&s, a);
	lam_sum_add(&s, b);
	return lam_sum_num(&s, out);
}

bool
lam_num_sub(struct lam_num a, struct lam_num b, struct lam_num *out)
{
	b.m = -b.m;
	return lam_num_add(a, b, out);
}

/* ---------------------------------------------------------- multiplication */

/* w = x * y, in four 64-bit limbs, lowest first. */
static void
multiply(lam_u128 x, lam_u128 y, uint64_t w[4])
{
	const uint64_t a[2] = { (uint64_t)x, (uint64_t)(x >> 64) };
	const uint64_t b[2] = { (uint64_t)y, (uint64_t)(y >> 64) };

	w[0] = w[1] = w[2] = w[3] = 0;
	for (int i = 0; i < 2; i++) {
		lam_u128 carry = 0;

		for (int j = 0; j < 2; j++) {
			carry += (lam_u128)a[i] * b[j] + w[i + j];
			w[i + j] = (uint64_t)carry;
			carry >>= 64;
		}
		w[i + 2] = (uint64_t)carry;
	}
}

/* Four limbs in decimal at OUT: 77 digits, leading zeros and all. */
static void
limb_digits(uint64_t w[4], char out[77])
{
	for (int at = 76; at >= 0; at--) {
		lam_u128 r = 0;

		for (int i = 3; i >= 0; i--) {
			r = r << 64 | w[i];
			w[i] = (uint64_t)(r / 10);
			r %= 10;
		}
		out[at] = (char)('0' + r);
	}
}

bool
lam_num_mul(struct lam_num a, struct lam_num b, struct lam_num *out)
{
	unsigned scale = a.scale + b.scale;
	bool negative = (a.m < 0) != (b.m < 0);
	char digit[77];
	uint64_t w[4];

	if (a.m == (int64_t)a.m && b.m == (int64_t)b.m &&
		scale <= LAM_NUM_DIGITS) {
		out->m = a.m * b.m; /* at most 2^126 < 10^38 */
		out->scale = scale;
		return true;
	}
	multiply(magnitude(a.m), magnitude(b.m), w);
	if ((w[3] | w[2]) == 0 && settle(negative, (lam_u128)w[1] << 64 |
		w[0], scale, out))
		return true;
	limb_digits(w, digit);
	return lam_num_from_digits(negative, digit, sizeof digit, (long)scale,
		LAM_NUM_DIGITS, false, out);
}

/* ---------------------------------------------------------------- division */

/* 10 * *r = digit * d + new *r, for *r < d < 2^127: by doubling, so that
 * nothing overflows. */
static unsigned
next_digit(lam_u128 *r, lam_u128 d)
{
	lam_u128 t = *r;
	unsigned digit = 0;

	for (int step = 0; step < 4; step++) {
		/* t: r, 2r, 4r, 5r, 10r */
		bool plus = step == 2;

		t = plus ? t + *r : t * 2;
		digit = plus ? digit : digit * 2;
		if (t >= d) {
			t -= d;
			digit++;
		}
	}
	*r = t;
	return digit;
}

/* Decimal digits of V, at least 1: 1233 / 4096 is log10(2), rounded up. */
static int
count_digits(uint64_t v)
{
	int t = (64 - __builtin_clzll(v | 1)) * 1233 >> 12;

	return t + (v >= (uint64_t)lam_pow10[t]) + (v == 0);
}

/*
 * U / D with WANT decimals or LAM_NUM_SIGNIFICANT digits, in one division of 128
 * by 64 bits; false: not that simple.  SCALE: of U less that of D.
 */
static bool
divide64(bool negative, uint64_t u, uint64_t d, int scale, int want,
	struct lam_num *out)
{
	const uint64_t enough = (uint64_t)lam_pow10[LAM_NUM_SIGNIFICANT - 1];
	int places = count_digits(u), more = want - scale, show;
	lam_u128 n, q, rest;
	unsigned last;

	/* With that many decimals there are 17 digits, or 18. */
	show = LAM_NUM_SIGNIFICANT + count_digits(d) - places;
	more = show > more ? show : more;
	if (more + places > LAM_NUM_DIGITS - 1 || scale + more >
		LAM_NUM_DIGITS)
		return false;
	n = (lam_u128)u * (lam_u128)lam_pow10[more];
	q = n / d;
	rest = n - q * d;
	scale += more;
	/* More decimals than wanted: q has 17 digits, or 18. */
	if (scale > want && (uint64_t)q >= enough * 10) {
		last = (unsigned)((uint64_t)q % 10);
		q = (uint64_t)q / 10;
		scale--;
		q += last > 5 || (last == 5 && (rest != 0 || q % 2 == 1));
	} else {
		rest *= 2;
		q += rest > d || (rest == d && q % 2 == 1);
	}
	return settle(negative, q, (unsigned)scale, out);
}

/*
 * Long division: whole quotient first, then one decimal after the other until
 * nothing remains, or the decimals and the significant digits wanted are there
 * (or no more have room).  Operands are stripped of trailing zeros, as their
 * decimals count.
 */
bool
lam_num_div(struct lam_num x, struct lam_num y, struct lam_num *out)
{
	const lam_u128 enough = (lam_u128)lam_pow10[LAM_NUM_SIGNIFICANT - 1];
	struct lam_num a = lam_num_normal(x), b = lam_num_normal(y);
	bool negative = (a.m < 0) != (b.m < 0);
	lam_u128 d = magnitude(b.m), u = magnitude(a.m), q, r;
	int scale = (int)a.scale - (int)b.scale, want = LAM_NUM_QUOTIENT;

	if (d == 0)
		return false;
	if ((int)a.scale > want)
		want = (int)a.scale;
	if ((int)b.scale > want)
		want = (int)b.scale;
	if (u >> 63 == 0 && d >> 63 == 0 && divide64(negative, (uint64_t)u,
		(uint64_t)d, scale, want, out))
		return true;
	q = u / d;
	r = u % d;
	while (q < LIMIT / 10 && scale < LAM_NUM_DIGITS && (scale < 0 ||
		(r != 0 && (scale < want || q < enough)))) {
		q = q * 10 + next_digit(&r, d);
		scale++;
	}
	if (scale < 0)
		return false;
	if (r > d - r || (r == d - r && q % 2 == 1))
		q++;
	return settle(negative, q, (unsigned)scale, out);
}

bool
lam_num_idiv(struct lam_num a, struct lam_num b, struct lam_num *out)
{
	bool negative = (a.m < 0) != (b.m < 0);
	lam_u128 d = magnitude(b.m), u = magnitude(a.m), q, r;

	if (d == 0)
		return false;
	q = u / d;
	r = u % d;
	if (a.scale >= b.scale)
		q /= (lam_u128)lam_pow10[a.scale - b.scale];
	for (unsigned i = a.scale; i < b.scale; i++) {
		if (q >= LIMIT / 10)
			return false;
		q = q * 10 + next_digit(&r, d);
	}
	return settle(negative, q, 0, out);
}

bool
lam_num_mod(struct lam_num a, struct lam_num b, struct lam_num *out)
{
	lam_u128 x = magnitude(a.m), y = magnitude(b.m), t;

	if (y == 0)
		return false;
	if (a.scale >= b.scale) {
		/* A divisor too large to be written is above any dividend. */
		if (!__builtin_mul_overflow(y,
			(lam_u128)lam_pow10[a.scale - b.scale], &t))
			x %= t;
		return settle(a.m < 0, x, a.scale, out);
	}
	x %= y;
	for (unsigned i = a.scale; i < b.scale; i++)
		next_digit(&x, y);
	return settle(a.m < 0, x, b.scale, out);
}

/* ---------------------------------------------------------------- rounding */

bool
lam_num_round(struct lam_num v, int decimals, struct lam_num *out)
{
	lam_u128 u = magnitude(v.m), p, q;
	int drop = (int)v.scale - decimals;

	*out = v;
	if (decimals >= (int)v.scale)
		return true;
	*out = (struct lam_num){ 0, decimals > 0 ? (unsigned)decimals : 0 };
	if (decimals < -LAM_NUM_DIGITS || drop > LAM_NUM_DIGITS)
		return true; /* |v| is below a tenth of the unit */
	p = (lam_u128)lam_pow10[drop];
	q = u / p;
	if (u - q * p >= p / 2)
		q++;
	for (int i = decimals; i < 0; i++) {
		if (q >= LIMIT / 10)
			return false;
		q *= 10;
	}
	return settle(v.m < 0, q, out->scale, out);
}

struct lam_num
lam_num_floor(struct lam_num v)
{
	lam_i128 p = lam_pow10[v.scale], q = v.m / p;

	return (struct lam_num){ q - (v.m < q * p), 0 };
}

struct lam_num
lam_num_ceil(struct lam_num v)
{
	lam_i128 p = lam_pow10[v.scale], q = v.m / p;

	return (struct lam_num){ q + (v.m > q * p), 0 };
}

/* ------------------------------------------------------------------ double */

double
lam_num_double(struct lam_num v)
{
	/* 10^22 is the last power of ten that a double holds exactly. */
	static const double exact[23] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6,
		1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
		1e18, 1e19, 1e20, 1e21, 1e22 };
	char text[LAM_NUM_TEXT + 1];

	/* One correctly rounded operation on two exact operands. */
	if (magnitude(v.m) <= UINT64_C(1) << 53 && v.scale <= 22)
		return (double)(int64_t)v.m / exact[v.scale];
	text[lam_num_print(v, text)] = '\0';
	return strtod(text, NULL);
}

bool
lam_num_from_double(double v, int digits, struct lam_num *out)
{
	char text[64];
	int n;

	if (!isfinite(v) || digits < 1 || digits > 17)
		return false;
	n = snprintf(text, sizeof text, "%.*e", digits - 1, v);
	if (n < 0 || !lam_num_parse(text, (size_t)n, out))
		return false;
	*out = lam_num_normal(*out);
	return true;
}
