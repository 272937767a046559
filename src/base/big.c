/*
 * big.c - exact decimals with room for products of numbers
 *
 * Division is Knuth's algorithm D in limbs of 64 bits.  A root is Newton's iteration
 * from above, which ends at the floor of the root.  Both leave a remainder or none,
 * which is all that rounding asks of the digits behind those computed.
 */
#include "base/big.h"

#include <string.h>

#define GUARD 20 /* digits of a quotient: LAM_NUM_SIGNIFICANT and some */

static void
trim(struct lam_big *b)
{
	while (b->n > 0 && b->limb[b->n - 1] == 0)
		b->n--;
	b->negative &= b->n > 0;
}

static void
push(struct lam_big *b, uint64_t limb)
{
	if (limb && b->n < LAM_BIG_LIMBS)
		b->limb[b->n++] = limb;
}

/* b = b * by + plus */
static void
times(struct lam_big *b, uint64_t by, uint64_t plus)
{
	lam_u128 carry = plus;

	for (unsigned i = 0; i < b->n; i++) {
		carry += (lam_u128)b->limb[i] * by;
		b->limb[i] = (uint64_t)carry;
		carry >>= 64;
	}
	push(b, (uint64_t)carry);
}

/* b = b * 10^k, the scale as it is */
static void
shift(struct lam_big *b, unsigned k)
{
	for (; k > 0; k -= k < 18 ? k : 18)
		times(b, (uint64_t)lam_pow10[k < 18 ? k : 18], 0);
}

void
lam_big_set(struct lam_big *b, struct lam_num v)
{
	lam_u128 m = v.m < 0 ? -(lam_u128)v.m : (lam_u128)v.m;

	b->negative = v.m < 0;
	b->scale = v.scale;
	b->n = 2;
	b->limb[0] = (uint64_t)m;
	b->limb[1] = (uint64_t)(m >> 64);
	trim(b);
}

void
lam_big_set_sum(struct lam_big *b, const struct lam_sum *s)
{
	lam_u128 carry;

	b->negative = s->limb[LAM_SUM_LIMBS - 1] >> 63;
	b->scale = LAM_NUM_DIGITS;
	b->n = LAM_SUM_LIMBS;
	carry = b->negative;
	for (unsigned i = 0; i < b->n; i++) {
		carry += b->negative ? ~s->limb[i] : s->limb[i];
		b->limb[i] = (uint64_t)carry;
		carry >>= 64;
	}
	trim(b);
}

void
lam_big_mul(struct lam_big *out, const struct lam_big *a,
	const struct lam_big *b)
{
	struct lam_big p = { .negative = a->negative != b->negative,
		.scale = a->scale + b->scale };

	p.n = a->n + b->n;
	if (p.n > LAM_BIG_LIMBS)
		p.n = LAM_BIG_LIMBS;
	for (unsigned i = 0; i < a->n; i++) {
		lam_u128 carry = 0;
		unsigned k = i;

		for (unsigned j = 0; j < b->n && k < p.n; j++, k++) {
			carry += (lam_u128)a->limb[i] * b->limb[j] + p.limb[k];
			p.limb[k] = (uint64_t)carry;
			carry >>= 64;
		}
		if (k < p.n)
			p.limb[k] = (uint64_t)carry;
	}
	trim(&p);
	*out = p;
}

static int
compare(const struct lam_big *a, const struct lam_big *b)
{
	if (a->n != b->n)
		return a->n > b->n ? 1 : -1;
	for (unsigned i = a->n; i-- > 0;)
		if (a->limb[i] != b->limb[i])
			return a->limb[i] > b->limb[i] ? 1 : -1;
	return 0;
}

/* |a| + |b|, or |a| - |b| where that is not negative. */
static void
combine(struct lam_big *a, const struct lam_big *b, bool minus)
{
	lam_u128 carry = minus;
	unsigned n = a->n > b->n ? a->n : b->n;

	for (unsigned i = 0; i < n; i++) {
		uint64_t y = i < b->n ? b->limb[i] : 0;

		carry += (lam_u128)(i < a->n ? a->limb[i] : 0) +
			(minus ? ~y : y);
		a->limb[i] = (uint64_t)carry;
		carry >>= 64;
	}
	a->n = n;
	if (!minus)
		push(a, (uint64_t)carry);
	trim(a);
}

void
lam_big_sub(struct lam_big *out, const struct lam_big *a,
	const struct lam_big *b)
{
	struct lam_big x = *a, y = *b;
	unsigned scale = x.scale > y.scale ? x.scale : y.scale;

	shift(&x, scale - x.scale);
	shift(&y, scale - y.scale);
	x.scale = scale;
	y.scale = scale;
	y.negative = !y.negative;
	if (x.negative == y.negative) {
		combine(&x, &y, false);
		*out = x;
	} else if (compare(&x, &y) >= 0) {
		combine(&x, &y, true);
		*out = x;
	} else {
		combine(&y, &x, true);
		*out = y;
	}
	out->negative &= out->n > 0;
}

/* x = x * 2^bits, bits < 64 */
static void
left(struct lam_big *x, unsigned bits)
{
	uint64_t carry = 0;

	for (unsigned i = 0; bits && i < x->n; i++) {
		uint64_t v = x->limb[i];

		x->limb[i] = v << bits | carry;
		carry = v >> (64 - bits);
	}
	push(x, carry);
}

/* u -= q * v at limb J; q is right or one or two too large.  The right one. */
static uint64_t
take(struct lam_big *u, const struct lam_big *v, unsigned j, uint64_t q)
{
	lam_u128 carry = 0;
	uint64_t borrow = 0;

	for (unsigned i = 0; i <= v->n; i++) {
		uint64_t sub;

		carry += i < v->n ? (lam_u128)q * v->limb[i] : 0;
		sub = (uint64_t)carry + borrow;
		borrow = sub < borrow || u->limb[i + j] < sub;
		u->limb[i + j] -= sub;
		carry >>= 64;
	}
	while (borrow) {
		lam_u128 sum = 0;

		q--;
		for (unsigned i = 0; i <= v->n; i++) {
			sum += (lam_u128)u->limb[i + j] + (i < v->n ?
				v->limb[i] : 0);
			u->limb[i + j] = (uint64_t)sum;
			sum >>= 64;
		}
		borrow -= (uint64_t)sum;
	}
	return q;
}

/* The digit that U at limb J and V's highest limbs suggest. */
static uint64_t
guess(const struct lam_big *u, const struct lam_big *v, unsigned j)
{
	lam_u128 top = (lam_u128)u->limb[j + v->n] << 64 |
		u->limb[j + v->n - 1];
	uint64_t high = v->limb[v->n - 1];
	lam_u128 q = top / high;

	return q > UINT64_MAX ? UINT64_MAX : (uint64_t)q;
}

/* q = |a| / |b|, cut; *EXACT: without remainder. */
static void
divide(struct lam_big *q, const struct lam_big *a, const struct lam_big *b,
	bool *exact)
{
	struct lam_big u = *a, v = *b;
	unsigned bits;

	*q = (struct lam_big){ .n = 0 };
	*exact = false;
	if (compare(a, b) < 0) {
		*exact = a->n == 0;
		return;
	}
	bits = (unsigned)__builtin_clzll(v.limb[v.n - 1]);
	left(&v, bits);
	left(&u, bits);
	if (u.n == a->n)
		u.limb[u.n++] = 0; /* a digit above the highest */
	q->n = u.n - v.n;
	for (unsigned j = q->n; j-- > 0;)
		q->limb[j] = take(&u, &v, j, guess(&u, &v, j));
	trim(q);
	trim(&u);
	*exact = u.n == 0;
}

static unsigned
bits_of(const struct lam_big *b)
{
	return b->n == 0 ? 0 : b->n * 64 -
		(unsigned)__builtin_clzll(b->limb[b->n - 1]);
}

/* r = floor(sqrt(a)); *EXACT: it is the root. */
static void
root_of(struct lam_big *r, const struct lam_big *a, bool *exact)
{
	struct lam_big next = { .n = 0 }, square;
	unsigned bits = (bits_of(a) + 1) / 2;
	bool ignore;

	*exact = true;
	*r = next;
	if (a->n == 0)
		return;
	/* 2^bits is above the root; every step after it goes down. */
	next.n = bits / 64 + 1;
	next.limb[next.n - 1] = UINT64_C(1) << bits % 64;
	do {
		struct lam_big half;

		*r = next;
		divide(&next, a, r, &ignore);
		combine(&next, r, false);
		half = next;
		for (unsigned i = 0; i < half.n; i++)
			next.limb[i] = half.limb[i] >> 1 | (i + 1 < half.n ?
				half.limb[i + 1] << 63 : 0);
		trim(&next);
	} while (compare(&next, r) < 0);
	lam_big_mul(&square, r, r);
	*exact = compare(&square, a) == 0;
}

/* Decimal digits of B into OUT, which holds them; how many. */
static size_t
digits(struct lam_big b, char *out)
{
	char text[LAM_BIG_LIMBS * 20];
	size_t n = 0;

	while (b.n > 0) {
		lam_u128 r = 0;

		for (unsigned i = b.n; i-- > 0;) {
			r = r << 64 | b.limb[i];
			b.limb[i] = (uint64_t)(r / 10);
			r %= 10;
		}
		text[n++] = (char)('0' + r);
		trim(&b);
	}
	for (size_t i = 0; i < n; i++)
		out[i] = text[n - 1 - i];
	return n;
}

/* The number nearest to Q / 10^SCALE, of 17 digits; EXACT: nothing was cut. */
static bool
number(const struct lam_big *q, bool negative, long scale, bool exact,
	struct lam_num *out)
{
	char digit[LAM_BIG_LIMBS * 20];
	size_t n = digits(*q, digit);
	long places = scale + LAM_NUM_SIGNIFICANT - (long)n;

	if (places > LAM_NUM_DIGITS)
		places = LAM_NUM_DIGITS;
	if (!lam_num_from_digits(negative, digit, n, places < 0 ? scale - places
		: scale, places < 0 ? 0 : places, !exact, out))
		return false;
	*out = lam_num_normal(*out);
	/* More digits before the point than are significant: zeros. */
	for (; places < 0; places++) {
		if (out->m >= lam_pow10[37] || out->m <= -lam_pow10[37])
			return false;
		out->m *= 10;
	}
	return true;
}

bool
lam_big_ratio(const struct lam_big *a, const struct lam_big *b, bool root,
	struct lam_num *out)
{
	struct lam_big x = *a, y = *b, q;
	long scale = (long)a->scale - (long)b->scale, more;
	long have = ((long)bits_of(a) - (long)bits_of(b)) * 3 / 10;
	bool exact, whole = true;

	*out = (struct lam_num){ 0, 0 };
	if (x.n == 0)
		return true;
	more = (root ? 2 * GUARD : GUARD) - have;
	if (root && (scale + more) % 2 != 0)
		more++;
	shift(more > 0 ? &x : &y, (unsigned)(more > 0 ? more : -more));
	scale += more;
	divide(&q, &x, &y, &exact);
	if (root) {
		x = q;
		root_of(&q, &x, &whole);
		scale /= 2;
	}
	return number(&q, !root && a->negative != b->negative, scale,
		exact && whole, out);
}

bool
lam_big_round(const struct lam_big *b, struct lam_num *out)
{
	*out = (struct lam_num){ 0, 0 };
	return b->n == 0 || number(b, b->negative, b->scale, true, out);
}
