/*
 * real.c - logarithms, powers and roots, the same on every machine
 *
 * A real is a fixed-point number of 128 bits before the point and 320 (96 digits)
 * behind it.  Each product is cut, so the error of a result is a few units of the last
 * place times the number of products, far below 10^-85.
 *
 *	exp(x) = 2^k * exp(r), x = k * ln 2 + r.  Taylor's series of r / 2^16, whose
 *	value is squared 16 times.
 *	ln(x) = k * ln 2 + ln(z), x = 2^k * z and z next to 1, so that nothing cancels.
 *	ln(z) = 2 * (t + t^3 / 3 + t^5 / 5 + ...), t = (z - 1) / (z + 1).
 *	x^y = exp(y * ln(x)).
 *
 * Rounding is done twice: to some 40 digits more than are shown, which makes exact
 * values exact, and then to the nearest.  No other value is that near to a tie: the
 * arguments have 38 digits.  Of the worst is 5 * 10^-17, whose exp is 1.25 * 10^-33
 * beside one.
 */
#include "base/real.h"

#include <string.h>

#include "base/big.h"

#define LIMBS 7
#define POINT 5 /* limbs behind it */
#define HALVINGS 16

struct lam_real {
	bool negative;
	uint64_t limb[LIMBS]; /* lowest first */
};

/* 0.693147180559945309... */
static const struct lam_real ln_2 = { false, {
	UINT64_C(0xe7b876206debac98), UINT64_C(0x8a0d175b8baafa2b),
	UINT64_C(0x40f343267298b62d), UINT64_C(0xc9e3b39803f2f6af),
	UINT64_C(0xb17217f7d1cf79ab), 0, 0 } };

/* 0.434294481903251827... */
static const struct lam_real log10_e = { false, {
	UINT64_C(0x3aa1277d0a0179f9), UINT64_C(0x1d1f96a27bc7529e),
	UINT64_C(0x1f71a30122e4d101), UINT64_C(0x9aadd557d699ee19),
	UINT64_C(0x6f2dec549b9438ca), 0, 0 } };

/* 1.442695040888963407... */
static const struct lam_real log2_e = { false, {
	UINT64_C(0xbc3887eeaa2ed9ac), UINT64_C(0x164a2cd9a342648f),
	UINT64_C(0xd6aef551bad2b4b1), UINT64_C(0x7d0ffda0d23a7d11),
	UINT64_C(0x71547652b82fe177), 1, 0 } };

static int
compare(const struct lam_real *a, const struct lam_real *b)
{
	for (unsigned i = LIMBS; i-- > 0;)
		if (a->limb[i] != b->limb[i])
			return a->limb[i] > b->limb[i] ? 1 : -1;
	return 0;
}

static bool
is_zero(const struct lam_real *a)
{
	const struct lam_real zero = { .negative = false };

	return compare(a, &zero) == 0;
}

/* |a| += |b|, or |a| -= |b|, which is not larger. */
static void
combine(struct lam_real *a, const struct lam_real *b, bool minus)
{
	lam_u128 carry = minus;

	for (unsigned i = 0; i < LIMBS; i++) {
		carry += (lam_u128)a->limb[i] + (minus ? ~b->limb[i] :
			b->limb[i]);
		a->limb[i] = (uint64_t)carry;
		carry >>= 64;
	}
}

static void
add(struct lam_real *a, const struct lam_real *b)
{
	struct lam_real t = *b;

	if (a->negative == b->negative) {
		combine(a, b, false);
	} else if (compare(a, b) >= 0) {
		combine(a, b, true);
	} else {
		combine(&t, a, true);
		*a = t;
	}
}

static void
sub(struct lam_real *a, const struct lam_real *b)
{
	struct lam_real t = *b;

	t.negative = !t.negative;
	add(a, &t);
}

/* out = a * b, cut.  False: it does not fit. */
static bool
mul(struct lam_real *out, const struct lam_real *a, const struct lam_real *b)
{
	uint64_t p[2 * LIMBS] = { 0 };

	for (unsigned i = 0; i < LIMBS; i++) {
		lam_u128 carry = 0;

		for (unsigned j = 0; j < LIMBS; j++) {
			carry += (lam_u128)a->limb[i] * b->limb[j] + p[i + j];
			p[i + j] = (uint64_t)carry;
			carry >>= 64;
		}
		p[i + LIMBS] = (uint64_t)carry;
	}
	out->negative = a->negative != b->negative;
	memcpy(out->limb, p + POINT, sizeof out->limb);
	return p[POINT + LIMBS] == 0 && p[POINT + LIMBS + 1] == 0;
}

/* a /= by, cut */
static void
divide(struct lam_real *a, uint64_t by)
{
	lam_u128 rest = 0;

	for (unsigned i = LIMBS; i-- > 0;) {
		rest = rest << 64 | a->limb[i];
		a->limb[i] = (uint64_t)(rest / by);
		rest %= by;
	}
}

/* a * 2^k, cut; k from -447 to 447 */
static void
scale(struct lam_real *a, int k)
{
	unsigned by = (unsigned)(k < 0 ? -k : k), limbs = by / 64;
	struct lam_real b = { .negative = a->negative };

	by %= 64;
	for (unsigned i = 0; i < LIMBS - limbs; i++) {
		unsigned from = k < 0 ? i + limbs : LIMBS - 1 - i - limbs;
		unsigned to = k < 0 ? i : LIMBS - 1 - i;
		uint64_t v = a->limb[from], next = 0;

		if (k < 0 && from + 1 < LIMBS)
			next = a->limb[from + 1];
		if (k >= 0 && from > 0)
			next = a->limb[from - 1];
		b.limb[to] = by == 0 ? v : k < 0 ? v >> by | next << (64 - by) :
			v << by | next >> (64 - by);
	}
	*a = b;
}

static struct lam_real
whole(int64_t v)
{
	struct lam_real a = { .negative = v < 0 };

	a.limb[POINT] = (uint64_t)(v < 0 ? -v : v);
	return a;
}

static struct lam_real
of_num(struct lam_num v)
{
	lam_u128 m = v.m < 0 ? -(lam_u128)v.m : (lam_u128)v.m;
	struct lam_real a = { .negative = v.m < 0 };

	a.limb[POINT] = (uint64_t)m;
	a.limb[POINT + 1] = (uint64_t)(m >> 64);
	for (unsigned k = v.scale; k > 0; k -= k < 18 ? k : 18)
		divide(&a, (uint64_t)lam_pow10[k < 18 ? k : 18]);
	return a;
}

/* Digits before the point. */
static unsigned
magnitude(const struct lam_real *a)
{
	lam_u128 v = (lam_u128)a->limb[POINT + 1] << 64 | a->limb[POINT];
	unsigned n = 0;

	for (; v > 0; v /= 10)
		n++;
	return n;
}

/* |a| in units of its last place */
static struct lam_big
big_of(const struct lam_real *a)
{
	struct lam_big b = { .n = LIMBS };

	memcpy(b.limb, a->limb, sizeof a->limb);
	while (b.n > 0 && b.limb[b.n - 1] == 0)
		b.n--;
	return b;
}

static bool
to_num(const struct lam_real *a, struct lam_num *out)
{
	unsigned before = magnitude(a), places = before ? 58 - before : 80;
	struct lam_big b = big_of(a), power;

	if (b.n == 0) {
		*out = (struct lam_num){ 0, 0 };
		return true;
	}
	for (unsigned k = places; k > 0; k -= k < 38 ? k : 38) {
		lam_big_set(&power, (struct lam_num){ lam_pow10[k < 38 ? k :
			38], 0 });
		lam_big_mul(&b, &b, &power);
	}
	/* Half of the last place, then whole ones. */
	power = (struct lam_big){ .negative = true, .n = POINT };
	power.limb[POINT - 1] = UINT64_C(1) << 63;
	lam_big_sub(&b, &b, &power);
	b.n = b.n > POINT ? b.n - POINT : 0;
	memmove(b.limb, b.limb + POINT, b.n * sizeof *b.limb);
	b.negative = a->negative && b.n > 0;
	b.scale = places;
	return lam_big_round(&b, out);
}

/* 1 / a, of a from 1/2 to 4: Newton's iteration, which doubles the digits. */
static void
reciprocal(const struct lam_real *a, struct lam_real *out)
{
	double high = (double)a->limb[POINT] + (double)(a->limb[POINT - 1] >>
		11) / 9007199254740992.0;
	double guess = 1 / high;
	const struct lam_real two = whole(2);
	struct lam_real t;

	*out = whole((int64_t)guess);
	out->limb[POINT - 1] = (uint64_t)((guess - (double)(int64_t)guess) *
		9007199254740992.0) << 11;
	for (int i = 0; i < 4; i++) {
		mul(&t, a, out);
		t.negative = true;
		add(&t, &two);
		mul(out, out, &t);
	}
}

/* The multiple of ln 2 that is next to a. */
static int
twos(const struct lam_real *a)
{
	struct lam_real k;

	mul(&k, a, &log2_e);
	return (int)(k.limb[POINT] + (k.limb[POINT - 1] >> 63)) *
		(a->negative ? -1 : 1);
}

/* |a| < 89 */
static struct lam_real
exp_of(const struct lam_real *a)
{
	struct lam_real r = *a, term = whole(1), sum = whole(1), t;
	int k = twos(a);

	t = whole(k);
	mul(&t, &t, &ln_2);
	sub(&r, &t);
	scale(&r, -HALVINGS);
	for (unsigned i = 1; !is_zero(&term); i++) {
		mul(&term, &term, &r);
		divide(&term, i);
		add(&sum, &term);
	}
	for (int i = 0; i < HALVINGS; i++)
		mul(&sum, &sum, &sum);
	scale(&sum, k);
	return sum;
}

/* x > 0 */
static struct lam_real
ln_of(struct lam_num x)
{
	struct lam_real z = of_num(x), t, square, power, sum;
	const struct lam_real one = whole(1);
	unsigned top = LIMBS - 1;
	int k;

	while (z.limb[top] == 0)
		top--;
	/* From 2/3 to 4/3: by the two bits below the highest. */
	k = (int)(top * 64 + 63) - __builtin_clzll(z.limb[top]) - POINT * 64;
	scale(&z, -k);
	if (z.limb[POINT - 1] >= UINT64_C(0x5555555555555555)) {
		k++;
		scale(&z, -1);
	}
	t = z;
	add(&t, &one);
	reciprocal(&t, &power);
	sub(&z, &one);
	mul(&t, &z, &power);
	mul(&square, &t, &t);
	power = t;
	sum = t;
	for (unsigned i = 3; !is_zero(&power); i += 2) {
		mul(&power, &power, &square);
		z = power;
		divide(&z, i);
		add(&sum, &z);
	}
	add(&sum, &sum);
	t = whole(k);
	mul(&t, &t, &ln_2);
	add(&sum, &t);
	return sum;
}

/* exp(a); NEGATIVE: minus that. */
static bool
exp_num(const struct lam_real *a, bool negative, struct lam_num *out)
{
	struct lam_real v;

	if (a->limb[POINT + 1] || a->limb[POINT] >= 88) { /* 10^38 = e^87.5 */
		*out = (struct lam_num){ 0, 0 };
		if (!a->negative || a->limb[POINT + 1] || a->limb[POINT] > 88)
			return a->negative;
	}
	v = exp_of(a);
	v.negative = negative;
	return to_num(&v, out);
}

bool
lam_real_ln(struct lam_num x, struct lam_num *out)
{
	struct lam_real v;

	if (x.m <= 0)
		return false;
	v = ln_of(x);
	return to_num(&v, out);
}

/* ln(x) * BY */
static bool
log_of(struct lam_num x, const struct lam_real *by, struct lam_num *out)
{
	struct lam_real v;

	if (x.m <= 0)
		return false;
	v = ln_of(x);
	mul(&v, &v, by);
	return to_num(&v, out);
}

bool
lam_real_log10(struct lam_num x, struct lam_num *out)
{
	return log_of(x, &log10_e, out);
}

bool
lam_real_log2(struct lam_num x, struct lam_num *out)
{
	return log_of(x, &log2_e, out);
}

/* No logarithm of 38 digits is near to a tie, and an exact one is rounded to itself. */
bool
lam_real_log(struct lam_num base, struct lam_num x, struct lam_num *out)
{
	struct lam_real a, b;
	struct lam_big over, under;

	if (base.m <= 0 || x.m <= 0)
		return false;
	a = ln_of(x);
	b = ln_of(base);
	over = big_of(&a);
	under = big_of(&b);
	over.negative = over.n && a.negative != b.negative;
	return under.n > 0 && lam_big_ratio(&over, &under, false, out);
}

bool
lam_real_exp(struct lam_num x, struct lam_num *out)
{
	struct lam_real a = of_num(x);

	return exp_num(&a, false, out);
}

bool
lam_real_sqrt(struct lam_num x, struct lam_num *out)
{
	struct lam_big a, one;

	if (x.m < 0)
		return false;
	lam_big_set(&a, x);
	lam_big_set(&one, (struct lam_num){ 1, 0 });
	return lam_big_ratio(&a, &one, true, out);
}

bool
lam_real_power(struct lam_num x, struct lam_num y, struct lam_num *out)
{
	struct lam_real log, times;
	bool negative = x.m < 0;

	y = lam_num_normal(y);
	*out = (struct lam_num){ y.m == 0, 0 };
	if (x.m == 0 || y.m == 0)
		return y.m >= 0;
	if (negative && y.scale > 0)
		return false;
	if (negative)
		x.m = -x.m;
	log = ln_of(x);
	times = of_num(y);
	*out = (struct lam_num){ 0, 0 };
	if (!mul(&log, &log, &times))
		return log.negative; /* it is 0, or far too large */
	return exp_num(&log, negative && y.m & 1, out);
}
