/*
 * sum.c - sums of decimal numbers, exact whatever their scales
 *
 * Adding is one product of 128 bits by a power of ten and one addition with
 * carry.  Everything else goes through the decimal digits: it is done once a
 * group, not once a row.
 */
#include "base/sum.h"

#include <string.h>

#define DIGITS 133 /* 7 words of 19 */
#define WHOLE_MAX 58 /* digits before the point: 10^38 * 2^64 */
#define E19 UINT64_C(10000000000000000000)

/* s += w, or s -= w: then w's complement and 1. */
static void
add(struct lam_sum *s, const struct lam_sum *w, bool minus)
{
	uint64_t flip = minus ? UINT64_MAX : 0;
	lam_u128 carry = minus;

	for (unsigned i = 0; i < LAM_SUM_LIMBS; i++) {
		carry += (lam_u128)s->limb[i] + (w->limb[i] ^ flip);
		s->limb[i] = (uint64_t)carry;
		carry >>= 64;
	}
}

void
lam_sum_add(struct lam_sum *s, struct lam_num v)
{
	lam_u128 m = v.m < 0 ? -(lam_u128)v.m : (lam_u128)v.m;
	lam_u128 p = (lam_u128)lam_pow10[LAM_NUM_DIGITS - v.scale], low, high;
	const uint64_t a[2] = { (uint64_t)m, (uint64_t)(m >> 64) };
	const uint64_t b[2] = { (uint64_t)p, (uint64_t)(p >> 64) };
	struct lam_sum w = { { 0 } };

	low = (lam_u128)a[0] * b[0];
	w.limb[0] = (uint64_t)low;
	low = (lam_u128)a[0] * b[1] + (low >> 64);
	high = (lam_u128)a[1] * b[0] + (uint64_t)low;
	w.limb[1] = (uint64_t)high;
	high = (lam_u128)a[1] * b[1] + (low >> 64) + (high >> 64);
	w.limb[2] = (uint64_t)high;
	w.limb[3] = (uint64_t)(high >> 64);
	add(s, &w, v.m < 0);
}

void
lam_sum_merge(struct lam_sum *s, const struct lam_sum *other)
{
	add(s, other, false);
}

static bool
negative(const struct lam_sum *s)
{
	return s->limb[LAM_SUM_LIMBS - 1] >> 63;
}

/* w = w / by; the remainder. */
static uint64_t
divide(struct lam_sum *w, uint64_t by)
{
	lam_u128 r = 0;

	for (int i = LAM_SUM_LIMBS - 1; i >= 0; i--) {
		r = r << 64 | w->limb[i];
		w->limb[i] = (uint64_t)(r / by);
		r %= by;
	}
	return (uint64_t)r;
}

static struct lam_sum
magnitude(const struct lam_sum *s)
{
	struct lam_sum m = { { 0 } };

	add(&m, s, negative(s));
	return m;
}

/* All digits of M, 38 of them decimals, leading zeros and all. */
static void
digits(struct lam_sum m, char out[DIGITS])
{
	for (int at = DIGITS; at > 0; at -= 19) {
		uint64_t part = divide(&m, E19);

		for (int i = at - 1; i >= at - 19; i--) {
			out[i] = (char)('0' + part % 10);
			part /= 10;
		}
	}
}

bool
lam_sum_num(const struct lam_sum *s, struct lam_num *out)
{
	char digit[DIGITS];

	digits(magnitude(s), digit);
	return lam_num_from_digits(negative(s), digit, DIGITS, LAM_NUM_DIGITS,
		LAM_NUM_DIGITS, false, out);
}

bool
lam_sum_exact(const struct lam_sum *s, struct lam_num *out)
{
	struct lam_sum again = { { 0 } };

	if (!lam_sum_num(s, out))
		return false;
	*out = lam_num_normal(*out);
	lam_sum_add(&again, *out);
	return memcmp(&again, s, sizeof again) == 0;
}

/* Decimals of the exact sum, trailing zeros dropped. */
static unsigned
decimals(const char digit[DIGITS])
{
	unsigned n = LAM_NUM_DIGITS;

	while (n > 0 && digit[DIGITS - LAM_NUM_DIGITS + n - 1] == '0')
		n--;
	return n;
}

/*
 * The quotient has 38 decimals, one more, so that there is one to be cut, and a
 * remainder.
 */
bool
lam_sum_div(const struct lam_sum *s, uint64_t n, struct lam_num *out)
{
	struct lam_sum q = magnitude(s);
	long want, show, first = 0;
	char digit[DIGITS + 1];
	lam_u128 r;

	digits(q, digit);
	want = (long)decimals(digit);
	want = want > LAM_NUM_QUOTIENT ? want : LAM_NUM_QUOTIENT;
	r = (lam_u128)divide(&q, n) * 10;
	digits(q, digit);
	digit[DIGITS] = (char)('0' + (unsigned)(r / n));
	while (first < DIGITS && digit[first] == '0')
		first++;
	show = first + LAM_NUM_SIGNIFICANT - (DIGITS - LAM_NUM_DIGITS);
	want = show > want ? show : want;
	return lam_num_from_digits(negative(s), digit, DIGITS + 1,
		LAM_NUM_DIGITS + 1, want < LAM_NUM_DIGITS ? want :
		LAM_NUM_DIGITS, r % n != 0, out);
}

size_t
lam_sum_print(const struct lam_sum *s, char *out)
{
	char digit[DIGITS], *p = out;
	unsigned point = DIGITS - LAM_NUM_DIGITS, first = 0, n;

	digits(magnitude(s), digit);
	n = decimals(digit);
	while (first + 1 < point && digit[first] == '0')
		first++;
	if (negative(s))
		*p++ = '-';
	memcpy(p, digit + first, point - first);
	p += point - first;
	if (n > 0) {
		*p++ = '.';
		memcpy(p, digit + point, n);
		p += n;
	}
	return (size_t)(p - out);
}

/* s = s * 10 + digit */
static void
append(struct lam_sum *s, unsigned digit)
{
	lam_u128 carry = digit;

	for (unsigned i = 0; i < LAM_SUM_LIMBS; i++) {
		carry += (lam_u128)s->limb[i] * 10;
		s->limb[i] = (uint64_t)carry;
		carry >>= 64;
	}
}

bool
lam_sum_parse(const char *p, size_t n, struct lam_sum *out)
{
	struct lam_sum m = { { 0 } };
	bool minus = n > 0 && *p == '-';
	size_t whole = 0, fraction = 0, i = minus;
	char again[LAM_SUM_TEXT];

	for (; i < n && p[i] >= '0' && p[i] <= '9'; i++) {
		if (++whole > WHOLE_MAX)
			return false;
		append(&m, (unsigned)(p[i] - '0'));
	}
	if (i < n && p[i++] != '.')
		return false;
	for (; i < n && p[i] >= '0' && p[i] <= '9'; i++) {
		if (++fraction > LAM_NUM_DIGITS)
			return false;
		append(&m, (unsigned)(p[i] - '0'));
	}
	for (; fraction < LAM_NUM_DIGITS; fraction++)
		append(&m, 0);
	*out = (struct lam_sum){ { 0 } };
	add(out, &m, minus);
	return i == n && lam_sum_print(out, again) == n &&
		memcmp(again, p, n) == 0;
}
