/*
 * num_text.c - decimal numbers to text and back
 *
 * Parsing takes 8 digits at a time where there are 8 (one comparison and three
 * multiplications on a 64-bit word: "SWAR").  Printing makes up to 8 in the same way;
 * those of longer numbers come from a table, two at a time.  Numbers of at most 19
 * digits never touch 128-bit division, which costs some 30 ns.
 */
#include "base/num.h"

#include <string.h>

#include "base/bytes.h"

#define LIMIT ((lam_u128)lam_pow10[LAM_NUM_DIGITS])
#define E19 UINT64_C(10000000000000000000)

static const char pair[] =
	"00010203040506070809101112131415161718192021222324"
	"25262728293031323334353637383940414243444546474849"
	"50515253545556575859606162636465666768697071727374"
	"75767778798081828384858687888990919293949596979899";

static const uint64_t pow10_64[20] = {
	1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
	1000000000, UINT64_C(10000000000), UINT64_C(100000000000),
	UINT64_C(1000000000000), UINT64_C(10000000000000),
	UINT64_C(100000000000000), UINT64_C(1000000000000000),
	UINT64_C(10000000000000000), UINT64_C(100000000000000000),
	UINT64_C(1000000000000000000), E19
};

/* Whether all 8 bytes of V are digits. */
static bool
eight_digits(uint64_t v)
{
	return ((v & UINT64_C(0xf0f0f0f0f0f0f0f0)) |
		((v + UINT64_C(0x0606060606060606)) &
		UINT64_C(0xf0f0f0f0f0f0f0f0)) >> 4) ==
		UINT64_C(0x3333333333333333);
}

/* The number 8 digits stand for, the first in the lowest byte. */
static uint32_t
eight_value(uint64_t v)
{
	v -= UINT64_C(0x3030303030303030);
	v = v * 10 + (v >> 8);
	return (uint32_t)(((v & UINT64_C(0x000000ff000000ff)) *
		UINT64_C(0x000f424000000064) +
		(v >> 16 & UINT64_C(0x000000ff000000ff)) *
		UINT64_C(0x0000271000000001)) >> 32);
}

/* Add the digits at P (before END) to *M; where they end.  *M wraps when there
 * are more than 19: the caller looks at how many there were. */
static inline const char *
digits64(const char *p, const char *end, uint64_t *m)
{
	uint64_t v = *m;

	while (end - p >= 8) {
		uint64_t w = lam_get64(p);

		if (!eight_digits(w))
			break;
		v = v * 100000000 + eight_value(w);
		p += 8;
	}
	for (; p < end && lam_is_digit(*p); p++)
		v = v * 10 + (uint64_t)(*p - '0');
	*m = v;
	return p;
}

bool
lam_num_parse64(const char *p, size_t n, int64_t *m, unsigned *scale)
{
	const char *end = p + n, *start, *dot;
	bool negative = n > 0 && *p == '-';
	uint64_t v = 0;

	p += negative;
	if (end - p < 1 || end - p > 19)
		return false;
	start = p;
	dot = p = digits64(p, end, &v);
	if (p == start)
		return false;
	if (p < end) {
		if (*p != '.')
			return false;
		p = digits64(p + 1, end, &v);
		if (p != end || p == dot + 1)
			return false;
		*scale = (unsigned)(p - dot - 1);
	} else {
		*scale = 0;
		if (end - start > 18)
			return false;
	}
	*m = negative ? -(int64_t)v : (int64_t)v;
	return true;
}

/* ------------------------------------------------------- the general case */

/* A number as written: where its digits are, less leading zeros. */
struct literal {
	const char *whole, *fraction; /* digits before and after the point */
	size_t nwhole, nfraction;
	bool negative;
	long exponent; /* clipped to +-EXPONENT_MAX */
};

#define EXPONENT_MAX 1000000

static const char *
skip_digits(const char *p, const char *end)
{
	while (p < end && lam_is_digit(*p))
		p++;
	return p;
}

static bool
scan_exponent(const char *p, const char *end, long *exponent)
{
	bool negative = p < end && *p == '-';
	long v = 0;

	if (p < end && (*p == '-' || *p == '+'))
		p++;
	if (p == end)
		return false;
	for (; p < end && lam_is_digit(*p); p++)
		if (v < EXPONENT_MAX)
			v = v * 10 + (*p - '0');
	*exponent = negative ? -v : v;
	return p == end;
}

static bool
scan_literal(const char *p, const char *end, struct literal *l)
{
	l->negative = p < end && *p == '-';
	if (p < end && (*p == '-' || *p == '+'))
		p++;
	l->whole = p;
	p = skip_digits(p, end);
	l->nwhole = (size_t)(p - l->whole);
	l->fraction = p;
	l->nfraction = 0;
	l->exponent = 0;
	if (p < end && *p == '.') {
		l->fraction = ++p;
		p = skip_digits(p, end);
		l->nfraction = (size_t)(p - l->fraction);
	}
	if (l->nwhole + l->nfraction == 0)
		return false;
	while (l->nwhole > 0 && *l->whole == '0') {
		l->whole++;
		l->nwhole--;
	}
	if (p == end)
		return true;
	return (*p == 'e' || *p == 'E') &&
		scan_exponent(p + 1, end, &l->exponent);
}

/* *OUT times 10^-scale for a negative SCALE. */
static bool
shift(lam_u128 m, long scale, lam_u128 *out)
{
	for (; scale < 0 && m < LIMIT / 10 && m != 0; scale++)
		m *= 10;
	*out = m;
	return scale >= 0 || m == 0;
}

/*
 * M is what remains of the digits, CUT the first that does not and REST whether
 * others behind it are not zeros: to the nearest, half to even.
 */
static bool
settle(bool negative, lam_u128 m, long scale, char cut, bool rest,
	struct lam_num *out)
{
	m += cut > '5' || (cut == '5' && (rest || m % 2 == 1));
	if (m == LIMIT) {
		m /= 10;
		scale--;
	}
	if (!shift(m, scale, &m))
		return false;
	out->m = negative ? -(lam_i128)m : (lam_i128)m;
	out->scale = scale < 0 ? 0 : (unsigned)scale;
	return true;
}

bool
lam_num_from_digits(bool negative, const char *p, size_t n, long scale,
	long decimals, bool more, struct lam_num *out)
{
	long cut, keep;
	lam_u128 m = 0;
	char next = '0';

	for (; n > 0 && *p == '0'; p++)
		n--;
	cut = (long)n - LAM_NUM_DIGITS;
	if (scale - decimals > cut)
		cut = scale - decimals;
	cut = cut > 0 ? cut : 0;
	keep = (long)n - cut;
	for (long i = 0; i < keep; i++)
		m = m * 10 + (lam_u128)(p[i] - '0');
	if (cut > 0 && keep >= 0)
		next = p[keep];
	for (long i = keep < 0 ? 0 : keep + 1; i < (long)n && !more; i++)
		more = p[i] != '0';
	if (!settle(negative, m, scale - cut, next, more, out))
		return false;
	if (out->m == 0 && cut > 0)
		out->scale = 0;
	return true;
}

bool
lam_num_is(const char *p, size_t n)
{
	struct lam_num num;
	struct literal l;

	return lam_num_parse(p, n, &num) || (scan_literal(p, p + n, &l) &&
		l.nwhole + l.nfraction < n - l.negative);
}

bool
lam_num_parse(const char *p, size_t n, struct lam_num *out)
{
	char digit[LAM_NUM_DIGITS + 3];
	struct literal l;
	size_t held = 0, all;
	bool more = false;
	int64_t simple;
	long scale;

	if (lam_num_parse64(p, n, &simple, &out->scale)) {
		out->m = simple;
		return true;
	}
	if (!scan_literal(p, p + n, &l))
		return false;
	scale = (long)l.nfraction - l.exponent;
	while (l.nwhole == 0 && l.nfraction > 0 && *l.fraction == '0') {
		l.fraction++;
		l.nfraction--;
	}
	all = l.nwhole + l.nfraction;
	for (size_t i = 0; i < all && !more; i++) {
		char c = i < l.nwhole ? l.whole[i] :
			l.fraction[i - l.nwhole];

		if (held < sizeof digit)
			digit[held++] = c;
		else
			more = c != '0';
	}
	return lam_num_from_digits(l.negative, digit, held,
		scale - (long)(all - held), LAM_NUM_DIGITS, more, out);
}

/* --------------------------------------------------------------- printing */

/* The number of decimal digits, at least 1. */
static unsigned
count_digits(uint64_t v)
{
	/* log10 from log2: 1233 / 4096 is log10(2), rounded up. */
	unsigned bits = 64 - (unsigned)__builtin_clzll(v | 1);
	unsigned t = bits * 1233 >> 12;

	return t + (v >= pow10_64[t]) + (v == 0);
}

/* Exactly N digits at OUT, with leading zeros. */
static inline void
put_digits(uint64_t v, char *out, unsigned n)
{
	while (n >= 2) {
		n -= 2;
		memcpy(out + n, pair + v % 100 * 2, 2);
		v /= 100;
	}
	if (n > 0)
		*out = (char)('0' + v % 10);
}

size_t
lam_u64_print(uint64_t v, char *out)
{
	unsigned n;

	if (v < LAM_SHORT)
		return lam_short_print((uint32_t)v, out);
	n = count_digits(v);
	put_digits(v, out, n);
	return n;
}

size_t
lam_i64_print(int64_t v, char *out)
{
	*out = '-';
	return v < 0 ? 1 + lam_u64_print(-(uint64_t)v, out + 1) :
		lam_u64_print((uint64_t)v, out);
}

/* The digits of U at OUT; their number, 1..39. */
static unsigned
put_u128(lam_u128 u, char *out)
{
	uint64_t high, low;
	unsigned n;

	if (u >> 64 == 0)
		return (unsigned)lam_u64_print((uint64_t)u, out);
	high = (uint64_t)(u / E19);
	low = (uint64_t)(u - (lam_u128)high * E19);
	/* |m| < 10^38, so the high part is below 10^19. */
	n = (unsigned)lam_u64_print(high, out);
	put_digits(low, out + n, 19);
	return n + 19;
}

size_t
lam_num_print_fixed(struct lam_num v, char *out)
{
	lam_u128 u = v.m < 0 ? -(lam_u128)v.m : (lam_u128)v.m;
	char digit[40] = "", *p = out;
	unsigned n = put_u128(u, digit), whole;

	if (v.m < 0)
		*p++ = '-';
	if (v.scale == 0) {
		memcpy(p, digit, n);
		return (size_t)(p - out) + n;
	}
	if (n > v.scale) {
		whole = n - v.scale;
		if (n <= 20) {
			/* Copies of constant length; OUT has the room. */
			memcpy(p, digit, 20);
			p += whole;
			*p++ = '.';
			memcpy(p, digit + whole, 20);
			return (size_t)(p - out) + v.scale;
		}
		memcpy(p, digit, whole);
		p += whole;
		*p++ = '.';
		memcpy(p, digit + whole, v.scale);
		return (size_t)(p - out) + v.scale;
	}
	*p++ = '0';
	*p++ = '.';
	memset(p, '0', v.scale - n);
	memcpy(p + v.scale - n, digit, n);
	return (size_t)(p - out) + v.scale;
}

size_t
lam_num_print(struct lam_num v, char *out)
{
	size_t n;

	if (v.m == 0) {
		*out = '0';
		return 1;
	}
	n = lam_num_print_fixed(v, out);
	if (v.scale > 0) {
		while (out[n - 1] == '0')
			n--;
		n -= out[n - 1] == '.';
	}
	return n;
}
