/*
 * csv_kernel_body.h - the loops of csv_internal.h, for one instruction set
 *
 * csv_kernel.c includes it once for each set.  It defines LAM_KERNEL(x), the name
 * of x in that set, LAM_KERNEL_TARGET, its attribute, and LAM_EQUAL, LAM_LIST and
 * LAM_PREFIX_XOR, from base/masks.h.
 *
 * Delimiters, newlines and quotes of 64 bytes are marked in bit masks.  A prefix
 * XOR of the quotes gives the bytes inside quotes; delimiters and newlines
 * outside are where fields and records end (Langdale and Lemire, "Parsing
 * Gigabytes of JSON per Second", 2019, use the same idea).  That is right as
 * long as quotes are regular:
 *
 *	an opening quote follows a delimiter, a newline, the start, or the
 *	closing quote of a doubled pair;
 *	a closing quote is followed by a delimiter, LF, CR LF, the end, or the
 *	second of a doubled pair;
 *	no escape stands inside quotes; and a comment is no regular record.
 *
 * Shifts of the masks check the first two.  Every end before the first violation is
 * right.  libcsv says what a record with a violation means (csv_ref.c).
 *
 * Whether a block holds a quote, or the end of a record, is as good as random.  A
 * mispredicted branch costs ten to twenty instructions, so there is no branch on
 * either.
 */
#include <string.h>

#include "base/masks.h"
#include "format/csv_internal.h"

#ifndef LAM_KERNEL
#define LAM_KERNEL(name) name##_plain
#define LAM_KERNEL_TARGET
#define LAM_EQUAL lam_equal_plain
#define LAM_LIST lam_list_plain
#define LAM_PREFIX_XOR lam_prefix_xor_plain
#endif

/* Inlined: passing the state through memory costs as much as the work itself. */
#define LAM_KERNEL_INLINE \
	LAM_KERNEL_TARGET static inline __attribute__((always_inline))

#ifndef LAM_FORMAT_CSV_KERNEL_BODY_H
#define LAM_FORMAT_CSV_KERNEL_BODY_H

/* Everything that crosses from one 64 bytes to the next. */
struct carry {
	uint64_t inside;     /* all ones inside quotes */
	uint64_t before;     /* bit 0: an opening quote may stand first */
	uint64_t closing;    /* bit 0: a closing quote stood last */
	uint64_t closing_cr; /* bit 0: ... and then CR */
	uint64_t lines;	     /* since the last record end */
	uint64_t start;	     /* bit 0: a record may begin */
};

static const struct carry at_record = { 0, 1, 0, 0, 0, 1 };

struct marks {
	uint64_t ends; /* of fields and records, before the first violation */
	uint64_t rows; /* of records */
	uint64_t inner;	    /* newlines within records */
	uint64_t doubled;   /* second quotes of pairs */
	uint64_t irregular;
};

#endif

/* Escapes inside quotes, and the first bytes of comments; NL: ends of lines. */
LAM_KERNEL_INLINE uint64_t
LAM_KERNEL(rare)(const char *p, struct lam_csv_syntax s, uint64_t nl,
	uint64_t inside, struct carry *c)
{
	uint64_t ends = nl & ~inside, starts = ends << 1 | c->start;

	c->start = ends >> 63;
	return (LAM_EQUAL(p, s.escape) & inside & (0 - (uint64_t)s.escapes)) |
		(LAM_EQUAL(p, s.comment) & starts & (0 - (uint64_t)s.comments));
}

/* The marks of the N bytes (64 are taken) at P. */
LAM_KERNEL_INLINE struct marks
LAM_KERNEL(mark)(const char *p, size_t n, struct lam_csv_syntax s,
	struct carry *c)
{
	uint64_t q, d, nl, inside, opening, closing, after, other, ends;
	struct marks m;
	char tail[64];

	if (__builtin_expect(n < 64, 0)) {
		memset(tail, 0, sizeof tail);
		memcpy(tail, p, n);
		p = tail;
	}
	q = LAM_EQUAL(p, s.quote) & (0 - (uint64_t)s.quotes);
	d = LAM_EQUAL(p, s.delimiter);
	nl = LAM_EQUAL(p, '\n');
	inside = LAM_PREFIX_XOR(q) ^ c->inside;
	opening = q & inside;
	closing = q & ~inside;
	after = closing << 1 | c->closing;
	ends = (d | nl) & ~inside;
	m.doubled = opening & after;
	m.irregular = opening & ~((ends | closing) << 1 | c->before);
	if (__builtin_expect(s.comments | (s.escapes & s.quotes), 0))
		m.irregular |= LAM_KERNEL(rare)(p, s, nl, inside, c);
	other = after & ~(d | nl | q);
	if (__builtin_expect((other | c->closing_cr) != 0, 0)) {
		uint64_t cr = other & LAM_EQUAL(p, '\r');

		m.irregular |= other & ~cr;
		m.irregular |= (cr << 1 | c->closing_cr) & ~nl;
		c->closing_cr = cr >> 63;
	}
	c->before = (ends | closing) >> 63;
	c->closing = closing >> 63;
	c->inside = (uint64_t)((int64_t)inside >> 63);
	if (__builtin_expect(m.irregular != 0, 0)) {
		if (n < 64) /* the text may go on: nothing is known of that */
			m.irregular &= ((uint64_t)1 << n) - 1;
		ends &= (m.irregular & -m.irregular) - 1;
	}
	m.ends = ends;
	m.rows = ends & nl;
	m.inner = nl & inside;
	return m;
}

/* Newlines within the records that end at ROWS, all in all; rarely any. */
LAM_KERNEL_INLINE uint64_t
LAM_KERNEL(inner_lines)(uint64_t inner, uint64_t rows, struct carry *c)
{
	uint64_t upto, lines;

	if (__builtin_expect((inner | c->lines) == 0, 1))
		return 0;
	upto = rows ? ~(uint64_t)0 >> __builtin_clzll(rows) : 0;
	lines = c->lines + (uint64_t)__builtin_popcountll(inner & upto);
	c->lines = rows ? (uint64_t)__builtin_popcountll(inner & ~upto) : lines +
		(uint64_t)__builtin_popcountll(inner);
	return rows ? lines : 0;
}

LAM_KERNEL_TARGET static void
LAM_KERNEL(lines)(const char *p, size_t n, uint32_t max, struct lam_extent *x)
{
	uint64_t records = 0, m = 0;
	size_t at = 0, done = 0;

	for (; n - at >= 64 && records < max; at += 64) {
		m = LAM_EQUAL(p + at, '\n');
		records += (uint64_t)__builtin_popcountll(m);
		done = m ? at + 64 - (size_t)__builtin_clzll(m) : done;
	}
	for (; at < n && records < max; at++) {
		records += p[at] == '\n';
		done = p[at] == '\n' ? at + 1 : done;
	}
	for (; records > max; records--) { /* the last 64 bytes have too many */
		m ^= (uint64_t)1 << 63 >> __builtin_clzll(m);
		done = at - (size_t)__builtin_clzll(m);
	}
	*x = (struct lam_extent){ done, (uint32_t)records, records };
}

LAM_KERNEL_TARGET static bool
LAM_KERNEL(scan)(struct lam_csv_syntax s, const char *p, size_t n,
	uint32_t max, struct lam_extent *x)
{
	struct carry c = at_record;
	uint64_t records = 0, inner = 0;
	size_t done = 0;
	bool stopped = false;

	for (size_t at = 0; at < n && records < max && !stopped; at += 64) {
		struct marks m = LAM_KERNEL(mark)(p + at, n - at, s, &c);
		uint64_t rows = m.rows;

		records += (uint64_t)__builtin_popcountll(rows);
		while (__builtin_expect(records > max, 0)) {
			rows &= ~((uint64_t)1 << (63 - __builtin_clzll(rows)));
			records--;
		}
		inner += LAM_KERNEL(inner_lines)(m.inner, rows, &c);
		done = rows ? at + 64 - (size_t)__builtin_clzll(rows) : done;
		stopped = m.irregular != 0;
	}
	*x = (struct lam_extent){ done, (uint32_t)records, records + inner };
	return stopped && records < max;
}

/* Append the ROWS among ENDS, which are the ends from number FIRST on. */
LAM_KERNEL_INLINE uint32_t
LAM_KERNEL(list_rows)(uint64_t rows, uint64_t ends, uint32_t first,
	uint16_t *row, uint32_t nrows)
{
	do { /* most blocks end one record or none */
		uint64_t upto = rows ^ (rows - 1);

		row[nrows] = (uint16_t)(first - 1 +
			(uint32_t)__builtin_popcountll(ends & upto));
		nrows += rows != 0;
		rows &= rows - 1;
	} while (__builtin_expect(rows != 0, 0));
	return nrows;
}

LAM_KERNEL_TARGET static void
LAM_KERNEL(index)(struct lam_csv_syntax s, const char *text, size_t at,
	size_t n, struct lam_csv_index *x)
{
	struct carry c = at_record;
	uint32_t nends = 0, nrows = 0;
	uint64_t doubled = 0, inner = 0;
	bool stopped = false;

	x->end[0] = (uint32_t)at - 1;
	for (; at < n && !stopped &&
		nends < (nrows ? LAM_CSV_ENDS : LAM_CSV_ENDS_MAX); at += 64) {
		struct marks m = LAM_KERNEL(mark)(text + at, n - at, s, &c);

		inner += LAM_KERNEL(inner_lines)(m.inner, m.rows, &c);
		nrows = LAM_KERNEL(list_rows)(m.rows, m.ends, nends, x->row,
			nrows);
		LAM_LIST(m.ends, (uint32_t)at, x->end + 1 + nends);
		nends += (uint32_t)__builtin_popcountll(m.ends);
		doubled |= m.doubled;
		stopped = m.irregular != 0;
	}
	x->nrows = nrows;
	x->lines = nrows + inner;
	x->doubled = doubled != 0;
	x->stopped = stopped;
}

#undef LAM_KERNEL
#undef LAM_KERNEL_TARGET
#undef LAM_KERNEL_INLINE
#undef LAM_EQUAL
#undef LAM_LIST
#undef LAM_PREFIX_XOR
