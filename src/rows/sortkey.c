/*
 * sortkey.c - typed values as bytes in the same order
 *
 *	first byte	1 NULL (nulls first), 2 a value, 3 NULL (nulls last)
 *	time, boolean	8 bytes, big-endian, the sign bit inverted
 *	text		the bytes, 00 as 00 FF; then 00 00
 *	number		1 negative, 2 zero, 3 positive; then for a magnitude
 *			0.d1d2..dn * 10^x (d1, dn not 0): x + 64, d1 + 1, ..
 *			dn + 1, 0; of negative ones these bytes inverted
 *
 * Descending: all bytes after the first are inverted.
 */
#include "rows/sortkey.h"

#include <string.h>

static void
put_integer(struct lam_buf *out, uint64_t v)
{
	char b[8];

	lam_put64(b, __builtin_bswap64(v));
	lam_buf_put(out, b, sizeof b);
}

static void
put_number(struct lam_buf *out, struct lam_num x)
{
	char digit[LAM_NUM_DIGITS + 3], flip = x.m < 0 ? -1 : 0;
	lam_u128 m;
	unsigned n = 0, at = LAM_NUM_DIGITS + 2;
	int point;

	x = lam_num_normal(x);
	m = (lam_u128)(x.m < 0 ? -x.m : x.m);
	lam_buf_putc(out, x.m < 0 ? 1 : x.m ? 3 : 2);
	if (!m)
		return;
	digit[at] = 0;
	while (m >> 64) {
		digit[--at] = (char)(m % 10 + 1);
		m /= 10;
	}
	for (uint64_t low = (uint64_t)m; low; low /= 10)
		digit[--at] = (char)(low % 10 + 1);
	n = LAM_NUM_DIGITS + 2 - at;
	point = (int)n - (int)x.scale;
	/* trailing zeros of an integer say nothing that x does not */
	while (n > 1 && digit[at + n - 1] == 1)
		n--;
	digit[at + n] = 0;
	lam_buf_putc(out, (char)((point + 64) ^ flip));
	for (unsigned i = 0; i <= n; i++)
		lam_buf_putc(out, (char)(digit[at + i] ^ flip));
}

static void
put_text(struct lam_buf *out, struct lam_str s)
{
	const char *zero;
	size_t n;

	while (s.n && (zero = memchr(s.p, 0, s.n)) != NULL) {
		n = (size_t)(zero - s.p) + 1;
		lam_buf_put(out, s.p, n);
		lam_buf_putc(out, (char)0xff);
		s.p += n;
		s.n -= n;
	}
	lam_buf_put(out, s.p, s.n);
	lam_buf_put(out, "\0\0", 2);
}

void
lam_sortkey_put(struct lam_buf *out, const struct lam_scalar *v,
	struct lam_by by)
{
	size_t from;

	lam_buf_putc(out, !v->null ? 2 : by.nulls_first ? 1 : 3);
	from = out->n;
	if (v->null)
		return;
	if (v->type == LAM_TEXT)
		put_text(out, v->str);
	else if (v->type == LAM_NUMBER)
		put_number(out, v->num);
	else
		put_integer(out, (uint64_t)v->i64 ^ UINT64_C(1) << 63);
	for (; by.descending && from < out->n; from++)
		out->p[from] = (char)~out->p[from];
}

void
lam_sortkey_put_u64(struct lam_buf *out, uint64_t v)
{
	put_integer(out, v);
}
