/*
 * value.h - the exact kind of one value's text
 *
 * "Exact" means that printing gives the very bytes back: 7 is an exact
 * integer, 007, +7 and -0 are not.  The parsers here are inline because they
 * run once per cell of an ingest.
 */
#ifndef LAM_STORE_VALUE_H
#define LAM_STORE_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/num.h"
#include "time/time.h"

/* How a text maps to an int64. */
enum lam_kind {
	LAM_KIND_INT,	/* canonical integer */
	LAM_KIND_FIXED, /* canonical decimal with exactly `scale` decimals */
	LAM_KIND_TRIM,	/* canonical decimal, up to `scale`, no trailing zero */
	LAM_KIND_TIME,	/* a time in one form; the integer is ns */
	LAM_KIND_IPV4,	/* a canonical dotted quad; text to everybody else */
	LAM_KINDS
};

/* [-]digits of an int64 without leading zeros and without "-0". */
static inline bool
lam_int_exact(const char *p, uint32_t n, int64_t *out)
{
	bool neg = n && p[0] == '-';
	uint64_t m = 0;
	uint32_t i = neg;

	if (n - i - 1 > 18) /* no digit, or more than 19 */
		return false;
	if (p[i] == '0') {
		*out = 0;
		return n == 1;
	}
	for (; i < n; i++) {
		unsigned d = (unsigned char)p[i] - '0';

		if (d > 9)
			return false;
		m = m * 10 + d;
	}
	if (m > (uint64_t)INT64_MAX + neg)
		return false;
	*out = (int64_t)(neg ? 0 - m : m);
	return true;
}

/*
 * [-]digits[.digits], at most 18 digits, without superfluous leading zeros and
 * without "-0".  *SCALE = decimals as written.
 */
static inline bool
lam_decimal_exact(const char *p, uint32_t n, int64_t *out, unsigned *scale)
{
	bool neg = n && p[0] == '-';
	uint32_t i = neg, whole;
	uint64_t m = 0;
	unsigned d;

	if (n > 20)
		return false;
	for (; i < n && (d = (unsigned char)p[i] - '0') <= 9; i++)
		m = m * 10 + d;
	whole = i - neg;
	if (whole == 0 || whole > 18 || (whole > 1 && p[neg] == '0'))
		return false;
	*scale = 0;
	if (i < n) {
		if (p[i++] != '.' || i == n || n - i + whole > 18)
			return false;
		*scale = n - i;
		for (; i < n && (d = (unsigned char)p[i] - '0') <= 9; i++)
			m = m * 10 + d;
		if (i < n)
			return false;
	}
	if (neg && m == 0)
		return false;
	*out = (int64_t)(neg ? 0 - m : m);
	return true;
}

/* Four numbers 0..255 without leading zeros. */
static inline bool
lam_ipv4_exact(const char *p, uint32_t n, int64_t *out)
{
	const char *end = p + n;
	uint32_t v = 0;

	if (n < 7 || n > 15)
		return false;
	for (int i = 0; i < 4; i++) {
		const char *from = p;
		unsigned x = 0, d;

		if (i && (p == end || *p++ != '.'))
			return false;
		from = p;
		while (p < end && p - from < 3 &&
			(d = (unsigned char)*p - '0') <= 9) {
			x = x * 10 + d;
			p++;
		}
		if (p == from || x > 255 || (*from == '0' && p - from > 1))
			return false;
		v = v << 8 | x;
	}
	*out = v;
	return p == end;
}

/* The octet in the first N of 4 bytes W, of 1 to 3 digits; *BAD gets a bit if it is
 * none, as canonical ones are. */
static inline uint32_t
lam_ipv4_octet(uint32_t w, uint32_t n, uint32_t *bad)
{
	uint32_t up = 32 - 8 * (n & 3), t = w << (up & 31), v;

	t ^= UINT32_C(0x30303030) << (up & 31);
	v = (t >> 8 & 255) * 100 + (t >> 16 & 255) * 10 + (t >> 24);
	*bad |= (n - 1 > 2) | (((t | (t + UINT32_C(0x76767676))) &
		UINT32_C(0x80808080)) != 0) | (v > 255) |
		((n > 1) & ((w & 255) == '0'));
	return v;
}

/*
 * lam_ipv4_exact where 16 bytes may be read.  No branch on how many digits there are,
 * which nobody can predict: that was most of the time.
 */
static inline bool
lam_ipv4_wide(const char *p, uint32_t n, int64_t *out)
{
	lam_u128 x = (lam_u128)lam_get64(p + 8) << 64 | lam_get64(p);
	uint32_t dots, end[4], from = 0, v = 0, bad = 0;

	dots = (uint32_t)(lam_equal8((uint64_t)x, '.') |
		lam_equal8((uint64_t)(x >> 64), '.') << 8);
	dots &= (1u << (n & 15)) - 1;
	for (int i = 0; i < 3; i++) {
		if (!dots)
			return false;
		end[i] = (uint32_t)__builtin_ctz(dots);
		dots &= dots - 1;
	}
	if (n - 7 > 8 || dots)
		return false;
	end[3] = n;
	for (int i = 0; i < 4; i++) {
		v = v << 8 | lam_ipv4_octet((uint32_t)(x >> 8 * from),
			end[i] - from, &bad);
		from = end[i] + 1;
	}
	*out = v;
	return !bad;
}

/*
 * The fast case, 8 bytes at a time: digits, with SCALE decimals after a point
 * when SCALE > 0; N of 1 to 8 bytes, no sign, leading zeros allowed.  False
 * means only "not that simple".  Reads 8 bytes at P whatever N is.
 */
static inline bool
lam_short_decimal(const char *p, uint32_t n, unsigned scale, int64_t *out)
{
	uint64_t x = lam_get64(p) << (64 - 8 * n), t;

	if (scale) { /* close the gap: digits before the point move up */
		uint64_t fraction = UINT64_MAX << (64 - 8 * scale);

		if (n < scale + 2 || (x >> (56 - 8 * scale) & 255) != '.')
			return false;
		x = (x & fraction) | (x << 8 & ~fraction);
		n--;
	}
	/* digits to 0..9; anything else is 10 or more, or has its high bit */
	t = x ^ UINT64_C(0x3030303030303030) << (64 - 8 * n);
	if ((t | (t + UINT64_C(0x7676767676767676))) &
		UINT64_C(0x8080808080808080))
		return false;
	/* pairs, then fours and eights, side by side in one multiplication */
	t = t * 10 + (t >> 8);
	t = (t & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x000F424000000064) +
		(t >> 16 & UINT64_C(0x000000FF000000FF)) *
		UINT64_C(0x0000271000000001);
	*out = (int64_t)(t >> 32);
	return true;
}

/* By octet: its digits and a dot as 4 bytes, and above these how many count. */
extern const uint64_t lam_octet[256];

#define LAM_IPV4_TEXT 16 /* bytes that hold any dotted quad, one of them scratch */

/*
 * The dotted quad of V into OUT[LAM_IPV4_TEXT]; its length.
 * Four bytes are written of each octet and as many kept as it has: addresses
 * vary in length in a way that no branch predictor learns.
 */
static inline size_t
lam_ipv4_print(uint32_t v, char *out)
{
	uint64_t a = lam_octet[v >> 24], b = lam_octet[v >> 16 & 255];
	uint64_t c = lam_octet[v >> 8 & 255], d = lam_octet[v & 255];
	char *second = out + (a >> 32), *third = second + (b >> 32);
	char *fourth = third + (c >> 32);

	lam_put32(out, (uint32_t)a);
	lam_put32(second, (uint32_t)b);
	lam_put32(third, (uint32_t)c);
	lam_put32(fourth, (uint32_t)d);
	return (size_t)(fourth - out) + (d >> 32) - 1;
}

/*
 * The last time that was parsed in full.  Neighbours in a log mostly differ in
 * the seconds only: then those are all that is parsed again.
 */
struct lam_timecache {
	char text[LAM_TIME_TEXT];
	size_t n;		  /* its length; 0: nothing cached */
	unsigned second, tail;	  /* where the seconds are, and the zone */
	int64_t minute;		  /* ns at second 0 */
	struct lam_timeform form; /* of the last value that parsed */
};

#define LAM_TIMECACHE_INIT { "", 0, 0, 0, 0, { 0, 0, 0, 0 } }

/* The whole parse, filling the cache. */
bool lam_timecache_miss(struct lam_timecache *c, const char *p, size_t n,
	int64_t *ns);

/*
 * As lam_time_parse.  c->form is the form of P; LAM_TIME_FORMS when printing in
 * it would not give the same bytes.
 */
static inline bool
lam_timecache_parse(struct lam_timecache *c, const char *p, size_t n,
	int64_t *ns)
{
	unsigned at = c->second, i, d0, d1;
	int64_t v = 0;

	if (n != c->n || n == 0)
		return n && lam_timecache_miss(c, p, n, ns);
	/* the date, 17 or 18 bytes, by three overlapping loads */
	if ((lam_get64(p) ^ lam_get64(c->text)) |
		(lam_get64(p + 8) ^ lam_get64(c->text + 8)) |
		(lam_get64(p + at - 8) ^ lam_get64(c->text + at - 8)))
		return lam_timecache_miss(c, p, n, ns);
	for (i = c->tail; i < n; i++)
		if (p[i] != c->text[i])
			return lam_timecache_miss(c, p, n, ns);
	d0 = (unsigned char)p[at] - '0';
	d1 = (unsigned char)p[at + 1] - '0';
	if (d0 > 5 || d1 > 9)
		return lam_timecache_miss(c, p, n, ns);
	if (c->form.digits) {
		if (p[at + 2] != '.')
			return lam_timecache_miss(c, p, n, ns);
		for (i = at + 3; i < c->tail; i++) {
			unsigned d = (unsigned char)p[i] - '0';

			if (d > 9)
				return lam_timecache_miss(c, p, n, ns);
			v = v * 10 + d;
		}
		v *= (int64_t)lam_pow10[9 - c->form.digits];
	}
	v += (d0 * 10 + d1) * LAM_NS;
	if (__builtin_add_overflow(v, c->minute, ns))
		return lam_timecache_miss(c, p, n, ns);
	return true;
}

static inline bool
lam_timeform_same(const struct lam_timeform *a, const struct lam_timeform *b)
{
	return a->form == b->form && a->zone == b->zone &&
		a->digits == b->digits && a->offset == b->offset;
}

/*
 * A text as a time: a count of UNIT ns since 1970 (decimals welcome, digits
 * below one ns refused) when UNIT > 0, or a date in any form lam_time_parse
 * takes.
 */
bool lam_value_time(const char *p, size_t n, int64_t unit,
	struct lam_timecache *c, int64_t *ns);

/* The kind of most values: every search for an encoding begins with it. */
struct lam_guess {
	uint8_t kind;		  /* enum lam_kind; LAM_KINDS: just text */
	uint8_t scale;		  /* FIXED: its decimals */
	struct lam_timeform form; /* TIME */
};

struct lam_values;
struct lam_guess lam_guess_kind(const struct lam_values *v);

#endif
