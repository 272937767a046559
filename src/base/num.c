/*
 * num.c - exact decimal arithmetic
 *
 * A result is representable exactly when its value is, whatever the scales of
 * the operands: intermediate results are kept wide (unsigned 128 bits for
 * sums, 256 for products) and trailing zeros are dropped only when the result
 * would not fit with them.  Common cases (products of 64-bit integers,
 * sums of equal scale) take the first branch and no division.
 */
#include "base/num.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

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

struct lam_num
lam_num_normal(struct lam_num v)
{
	if (v.m == 0)
		return (struct lam_num){ 0, 0 };
	while (v.scale > 0 && v.m != (int64_t)v.m && v.m % 10 == 0) {
		v.m /= 10;
		v.scale--;
	}
	if (v.m == (int64_t)v.m) {
		int64_t m = (int64_t)v.m;

		while (v.scale > 0 && m % 10 == 0) {
			m /= 10;
			v.scale--;
		}
		v.m = m;
	}
	return v;
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
	/* What is left is below 1, so it fits at the larger scale. */
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

/* a + b of signed magnitudes at their scales. */
static bool
add(struct lam_num a, struct lam_num b, bool b_negative, struct lam_num *out)
{
	bool a_negative = a.m < 0;
	lam_u128 x = magnitude(a.m), y = magnitude(b.m);
	unsigned scale = a.scale > b.scale ? a.scale : b.scale;

	/* A result below 10^38 has operands below 2 * 10^38: 128 bits do. */
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
	lam_i128 m;

	if (a.scale == b.scale && !__builtin_add_overflow(a.m, b.m, &m) &&
		magnitude(m) < LIMIT) {
		out->m = m;
		out->scale = a.scale;
		return true;
	}
	return add(a, b, b.m < 0, out) || add(lam_num_normal(a),
		lam_num_normal(b), b.m < 0, out);
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

/* w = w / 10; the remainder. */
static unsigned
divide10(uint64_t w[4])
{
	lam_u128 r = 0;

	for (int i = 3; i >= 0; i--) {
		r = r << 64 | w[i];
		w[i] = (uint64_t)(r / 10);
		r %= 10;
	}
	return (unsigned)r;
}

bool
lam_num_mul(struct lam_num a, struct lam_num b, struct lam_num *out)
{
	unsigned scale = a.scale + b.scale;
	bool negative = (a.m < 0) != (b.m < 0);
	uint64_t w[4], t[4];

	if (a.m == (int64_t)a.m && b.m == (int64_t)b.m &&
		scale <= LAM_NUM_DIGITS) {
		out->m = a.m * b.m; /* at most 2^126 < 10^38 */
		out->scale = scale;
		return true;
	}
	multiply(magnitude(a.m), magnitude(b.m), w);
	while (scale > 0 && (w[3] | w[2]) != 0) {
		for (int i = 0; i < 4; i++)
			t[i] = w[i];
		if (divide10(t) != 0)
			return false;
		for (int i = 0; i < 4; i++)
			w[i] = t[i];
		scale--;
	}
	if ((w[3] | w[2]) != 0)
		return false;
	return settle(negative, (lam_u128)w[1] << 64 | w[0], scale, out);
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

/*
 * Long division: whole quotient first, then one decimal after the other until
 * nothing remains, the decimals wanted are there, or 38 digits are full.
 */
bool
lam_num_div(struct lam_num a, struct lam_num b, struct lam_num *out)
{
	bool negative = (a.m < 0) != (b.m < 0);
	lam_u128 d = magnitude(b.m), u = magnitude(a.m), q, r;
	int scale = (int)a.scale - (int)b.scale, want = LAM_NUM_QUOTIENT;

	if (d == 0)
		return false;
	if ((int)a.scale > want)
		want = (int)a.scale;
	if ((int)b.scale > want)
		want = (int)b.scale;
	q = u / d;
	r = u % d;
	while (scale < 0 || (r != 0 && scale < want)) {
		if (q >= LIMIT / 10)
			break;
		q = q * 10 + next_digit(&r, d);
		scale++;
	}
	if (scale < 0)
		return false;
	if (r >= d - r) /* 2r >= d: away from zero */
		q++;
	return settle(negative, q, (unsigned)scale, out);
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
