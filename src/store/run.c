/*
 * run.c - digits of many texts, four at a time
 *
 * The rows' bytes are brought together one by one, as they lie far apart: eight of
 * each, the last one highest.  What follows has no branches, and is done for four
 * rows by each instruction.  Products are shifts and additions, or of 32 bits, as
 * vectors have no others.
 */
#include "store/run.h"

#include "base/four.h"
#include "base/hot.h"

struct texts {
	uint64_t text[LAM_RUN]; /* zeros below the first byte */
	uint64_t len[LAM_RUN];	/* 1 to 8 */
};

/* Rows that are not read, so that N becomes a multiple of four. */
static void
fill_up(struct texts *t, uint32_t n)
{
	for (; n % 4; n++) {
		t->text[n] = UINT64_MAX;
		t->len[n] = 1;
	}
}

/* As lam_short_decimal, N texts. */
static inline __attribute__((always_inline)) bool
read_four(struct texts *in, uint32_t n, unsigned scale, int64_t *out,
	uint64_t *others)
{
	const uint64_t zeros = UINT64_C(0x3030303030303030);
	lam_four any = { 0 };

	for (uint32_t i = 0; i < n; i += 4) {
		lam_four x = LAM_FOUR(in->text + i), len = LAM_FOUR(in->len + i), t;
		lam_four other = { 0 };

		if (scale) { /* close the gap: digits before the point move up */
			uint64_t fraction = UINT64_MAX << (64 - 8 * scale);

			other = (x >> (56 - 8 * scale) & 255) ^ '.';
			x = (x & fraction) | (x << 8 & ~fraction);
			len += (lam_four)(len > 1); /* which is -1 */
		}
		t = x ^ zeros << (64 - 8 * len);
		other |= (t | (t + UINT64_C(0x7676767676767676))) &
			UINT64_C(0x8080808080808080);
		t = (t << 3) + (t << 1) + (t >> 8); /* ten times, and the next */
		t &= UINT64_C(0x00ff00ff00ff00ff);
		t = (t << 6) + (t << 5) + (t << 2) + (t >> 16);
		t &= UINT64_C(0x0000ffff0000ffff);
		LAM_FOUR(out + i) = (t & UINT32_MAX) * 10000 + (t >> 32);
		LAM_FOUR(others + i) = other;
		any |= other;
	}
	return LAM_FOUR_UNITED(any);
}

LAM_HOT static bool
read_integers(struct texts *in, uint32_t n, int64_t *out, uint64_t *other)
{
	return read_four(in, n, 0, out, other);
}

LAM_HOT static bool
read_decimals(struct texts *in, uint32_t n, unsigned scale, int64_t *out,
	uint64_t *other)
{
	return read_four(in, n, scale, out, other);
}

static bool
read_texts(struct texts *t, uint32_t n, unsigned scale, int64_t *out,
	uint64_t *other)
{
	fill_up(t, n);
	return scale ? read_decimals(t, n, scale, out, other) :
		read_integers(t, n, out, other);
}

bool
lam_run_numbers(const struct lam_values *in, uint32_t from, uint32_t n,
	unsigned scale, int64_t *out, uint64_t *other)
{
	struct texts t;

	for (uint32_t i = 0; i < n; i++) {
		struct lam_cell c = in->cell[from + i];
		bool fits = c.len - 1 < 8 && (uint64_t)c.at + 8 <= in->end;

		lam_values_prefetch(in, from + i);
		t.text[i] = LAM_LIKELY(fits) ? lam_get64(in->text + c.at) <<
			(64 - 8 * c.len) : UINT64_MAX;
		t.len[i] = LAM_LIKELY(fits) ? c.len : 1;
	}
	return read_texts(&t, n, scale, out, other);
}

/* Seconds of N rows, in units of UNIT ns and less than MOST of them, to times. */
LAM_HOT static bool
add_minute(int64_t *v, uint32_t n, uint64_t most, uint32_t unit, int64_t minute,
	uint64_t *others)
{
	lam_four any = { 0 };

	for (uint32_t i = 0; i < n; i += 4) {
		lam_four x = LAM_FOUR(v + i), other = LAM_FOUR(others + i);

		other |= (lam_four)(x >= most);
		LAM_FOUR(v + i) = (x & UINT32_MAX) * unit + (uint64_t)minute;
		LAM_FOUR(others + i) = other;
		any |= other;
	}
	return LAM_FOUR_UNITED(any);
}

bool
lam_run_times(const struct lam_values *in, uint32_t from, uint32_t n,
	const struct lam_timecache *c, int64_t *out, uint64_t *other)
{
	unsigned at = c->second, digits = c->form.digits;
	unsigned len = digits ? 3 + digits : 2;
	size_t rest = c->n - c->tail;
	uint64_t head[3], tail, after;
	struct texts t;

	if (c->n == 0 || len > 8 || rest > 8 ||
		c->minute > INT64_MAX - 100 * LAM_NS) {
		memset(other, 1, n * sizeof *other);
		return true;
	}
	/* Up to the seconds, in overlapping loads; and behind their decimals */
	head[0] = lam_get64(c->text);
	head[1] = lam_get64(c->text + 8);
	head[2] = lam_get64(c->text + at - 8);
	tail = lam_get64(c->text + c->n - 8);
	after = rest ? UINT64_MAX << (64 - 8 * rest) : 0;
	for (uint32_t i = 0; i < n; i++) {
		struct lam_cell x = in->cell[from + i];
		const char *p = in->text + x.at;
		uint64_t differ = 1;

		lam_values_prefetch(in, from + i);
		if (LAM_LIKELY(x.len == c->n && x.at + (uint64_t)at + 8 <=
			in->end))
			differ = (lam_get64(p) ^ head[0]) |
				(lam_get64(p + 8) ^ head[1]) |
				(lam_get64(p + at - 8) ^ head[2]) |
				((lam_get64(p + c->n - 8) ^ tail) & after);
		t.text[i] = differ ? UINT64_MAX : lam_get64(p + at) <<
			(64 - 8 * len);
		t.len[i] = len;
	}
	(void)read_texts(&t, n, digits, out, other);
	return add_minute(out, n, 60 * (uint64_t)lam_pow10[digits],
		(uint32_t)lam_pow10[9 - digits], c->minute, other);
}
