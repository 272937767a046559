/*
 * csv_kernel_body.h - the loops of csv_internal.h, for one instruction set
 *
 * csv_kernel.c includes it once for each set.  It defines LAM_KERNEL(x), the name
 * of x in that set, LAM_KERNEL_TARGET, its attribute, and LAM_EQUAL, LAM_EITHER,
 * LAM_LIST and LAM_LIST_DENSE, from base/masks_wide.h.
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
 *
 * The masks of 2 KB of text are made first and then worked on four blocks at a time:
 * that is half of what the same work costs block by block, in any set.  A shift by one
 * takes its bit from the mask before, in memory.  Groups of 8 or 16 blocks are slower:
 * then masks are read together before they have been written, one by one, to the cache.
 */
#include <string.h>

#include "base/find.h"
#include "base/four.h"
#include "base/masks.h"
#include "format/csv_internal.h"

#ifndef LAM_KERNEL
#define LAM_KERNEL(name) name##_plain
#define LAM_KERNEL_TARGET
#define LAM_EQUAL lam_equal_plain
#define LAM_EITHER lam_either_plain
#define LAM_LIST lam_list_plain
#define LAM_LIST_DENSE lam_list_plain
#endif

#define LAM_KERNEL_INLINE \
	LAM_KERNEL_TARGET static inline __attribute__((always_inline))

#ifndef LAM_FORMAT_CSV_KERNEL_BODY_H
#define LAM_FORMAT_CSV_KERNEL_BODY_H

#define GROUP 32 /* blocks of 64 bytes whose masks are made at a time */
#define DENSE 4	 /* a block has more ends: those of the next group are listed so */

/* The masks of a group; [0], where there is one more, is of the block before. */
struct group {
	uint64_t quote[1 + GROUP], inside[1 + GROUP];
	uint64_t special[1 + GROUP]; /* delimiters, newlines and quotes */
	uint64_t ends[GROUP]; /* of fields and records, before the first violation */
	/* What the last block of the group before ended with, in bit 0: */
	uint64_t closing_cr; /* a closing quote and CR */
	uint64_t line;	     /* a newline outside */
	uint64_t doubled; /* second quotes of pairs: anything, if there were any */
	bool irregular;	  /* the last block of this group has the first violation */
};

/* A record may begin, and an opening quote stand first. */
#define AT_RECORD { .special = { ~(uint64_t)0 }, .line = 1 }

/* How many of the ends [1..N] are of whole records. */
static inline uint32_t
whole_records(const char *text, const uint32_t *end, uint32_t n)
{
	while (n && text[end[n]] != '\n')
		n--;
	return n;
}

#endif

/* The 64 bytes at P[N]; TAIL is where they are put if there are less. */
LAM_KERNEL_INLINE const char *
LAM_KERNEL(block)(const char *p, size_t n, char *tail)
{
	if (__builtin_expect(n >= 64, 1))
		return p;
	memset(tail, 0, 64);
	memcpy(tail, p, n);
	return tail;
}

/*
 * The first violation in block I of G, which has the N bytes at P (64 are taken).  Of
 * what looks like one, CR LF may be behind a closing quote.  Escapes inside quotes and
 * comments are looked for here only.
 */
LAM_KERNEL_TARGET static uint64_t
LAM_KERNEL(judge)(const char *p, size_t n, struct lam_csv_syntax s, struct group *g,
	uint32_t i)
{
	const uint64_t *q = g->quote + i, *inside = g->inside + i;
	uint64_t nl = LAM_EQUAL(p, '\n'), outside = nl & ~inside[1];
	uint64_t closing = q[1] & ~inside[1], last = q[0] & ~inside[0];
	uint64_t before = g->special[i + 1] << 1 | g->special[i] >> 63;
	uint64_t other = (closing << 1 | last >> 63) & ~g->special[i + 1];
	uint64_t cr = other & LAM_EQUAL(p, '\r');
	uint64_t bad = (q[1] & inside[1] & ~before) | (other & ~cr) |
		((cr << 1 | g->closing_cr) & ~nl);

	bad |= LAM_EQUAL(p, s.escape) & inside[1] &
		(0 - (uint64_t)(s.escapes && s.quotes));
	bad |= LAM_EQUAL(p, s.comment) & (outside << 1 | g->line) &
		(0 - (uint64_t)s.comments);
	g->closing_cr = cr >> 63;
	g->line = outside >> 63;
	if (n < 64) /* the text may go on: nothing is known of that */
		bad &= ((uint64_t)1 << n) - 1;
	return bad & -bad;
}

/* Cut G, of K blocks at P[N], behind its first violation; the blocks that are left. */
LAM_KERNEL_TARGET static __attribute__((noinline)) uint32_t
LAM_KERNEL(cut)(const char *p, size_t n, struct lam_csv_syntax s, struct group *g,
	uint32_t k)
{
	char tail[64];

	for (uint32_t i = 0; i < k; i++) {
		size_t left = n - 64 * i;
		uint64_t first = LAM_KERNEL(judge)(LAM_KERNEL(block)(p + 64 * i,
			left, tail), left, s, g, i);

		if (first) {
			g->ends[i] &= first - 1;
			g->irregular = true;
			return i + 1;
		}
	}
	return k;
}

/*
 * The bytes in quotes of each block of G by itself, by prefix XOR; and a bit for each
 * block, whether it begins in quotes, by the same over the blocks.
 */
LAM_KERNEL_INLINE uint64_t
LAM_KERNEL(fill_inside)(struct group *g)
{
	lam_four odds = { 0 }, block = { 0, 1, 2, 3 };
	uint64_t odd;

	for (uint32_t i = 0; i < GROUP; i += 4, block += 4) {
		lam_four v = LAM_FOUR(g->quote + i + 1);

		v ^= v << 1;
		v ^= v << 2;
		v ^= v << 4;
		v ^= v << 8;
		v ^= v << 16;
		v ^= v << 32;
		LAM_FOUR(g->inside + i + 1) = v;
		odds |= v >> 63 << block;
	}
	odd = LAM_FOUR_UNITED(odds);
	odd ^= odd << 1;
	odd ^= odd << 2;
	odd ^= odd << 4;
	odd ^= odd << 8;
	odd ^= odd << 16;
	return odd << 1 ^ (0 - (g->inside[0] >> 63));
}

/*
 * The ends of G, whose blocks begin in quotes as OPEN says; whether something is
 * irregular, or may be.  What stands before an opening quote is outside, or a closing
 * one: so it is looked for among all delimiters, newlines and quotes, as what is behind
 * a closing quote.
 */
LAM_KERNEL_INLINE uint64_t
LAM_KERNEL(mark)(struct group *g, uint64_t open)
{
	lam_four odd = { 0 }, doubled = { 0 }, block = { 0, 1, 2, 3 };

	for (uint32_t i = 0; i < GROUP; i += 4, block += 4) {
		lam_four within = open >> block & 1, q = LAM_FOUR(g->quote + i + 1);
		lam_four inside = LAM_FOUR(g->inside + i + 1) ^ (0 - within);
		lam_four special = LAM_FOUR(g->special + i + 1), opening = q & inside;
		lam_four last = LAM_FOUR(g->quote + i) >> 63 & ~within;
		lam_four after = (q & ~inside) << 1 | last;
		lam_four before = special << 1 | LAM_FOUR(g->special + i) >> 63;

		odd |= (opening & ~before) | (after & ~special);
		doubled |= opening & after;
		LAM_FOUR(g->inside + i + 1) = inside;
		LAM_FOUR(g->ends + i) = special & ~q & ~inside;
	}
	g->doubled |= LAM_FOUR_UNITED(doubled);
	return LAM_FOUR_UNITED(odd);
}

/* The masks of block I of G, whose text is at P. */
LAM_KERNEL_INLINE void
LAM_KERNEL(look)(const char *p, struct lam_csv_syntax s, struct group *g, uint32_t i)
{
	uint64_t q = LAM_EQUAL(p, s.quote) & (0 - (uint64_t)s.quotes);

	g->quote[i + 1] = q;
	g->special[i + 1] = LAM_EITHER(p, s.delimiter, '\n') | q;
}

/* The next group, of the text P[N]; how many blocks it has. */
LAM_KERNEL_INLINE uint32_t
LAM_KERNEL(next)(const char *p, size_t n, struct lam_csv_syntax s, struct group *g)
{
	uint32_t whole = n < 64 * GROUP ? (uint32_t)n / 64 : GROUP, k = whole;
	uint64_t odd;
	char tail[64];

	for (uint32_t i = 0; i < whole; i++)
		LAM_KERNEL(look)(p + 64 * i, s, g, i);
	if (whole < GROUP && n > 64 * whole) {
		const char *last = p + 64 * whole;

		LAM_KERNEL(look)(LAM_KERNEL(block)(last, n - 64 * whole, tail),
			s, g, k++);
	}
	for (uint32_t i = k; i < GROUP; i++)
		g->quote[i + 1] = g->special[i + 1] = 0;
	odd = LAM_KERNEL(mark)(g, LAM_KERNEL(fill_inside)(g));
	if (__builtin_expect((odd | g->closing_cr) != 0 || s.comments ||
		(s.escapes && s.quotes), 0))
		k = LAM_KERNEL(cut)(p, n, s, g, k);
	g->quote[0] = g->quote[GROUP];
	g->inside[0] = g->inside[GROUP];
	g->special[0] = g->special[GROUP];
	return k;
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
	struct group g = AT_RECORD;
	uint64_t records = 0, inner = 0;
	size_t done = 0;
	char tail[64];

	for (size_t at = 0; at < n && records < max && !g.irregular;
		at += 64 * GROUP) {
		uint32_t k = LAM_KERNEL(next)(p + at, n - at, s, &g), last = 0;
		uint64_t rows = 0;

		for (uint32_t i = 0; i < k; i++) {
			size_t from = at + 64 * i;
			uint64_t nl = LAM_EQUAL(LAM_KERNEL(block)(p + from,
				n - from, tail), '\n'), ends = nl & g.ends[i];

			inner |= nl ^ ends;
			records += (uint64_t)__builtin_popcountll(ends);
			last = ends ? i : last;
			rows = ends ? ends : rows;
			if (__builtin_expect(records >= max, 0))
				break;
		}
		for (; records > max; records--)
			rows ^= (uint64_t)1 << 63 >> __builtin_clzll(rows);
		if (rows)
			done = at + 64 * (last + 1) -
				(size_t)__builtin_clzll(rows);
	}
	*x = (struct lam_extent){ done, (uint32_t)records, records };
	if (inner)
		x->lines = lam_find_count(p, done, '\n');
	return g.irregular && records < max;
}

LAM_KERNEL_TARGET static void
LAM_KERNEL(index)(struct lam_csv_syntax s, const char *text, size_t at,
	size_t n, struct lam_csv_index *x)
{
	struct group g = AT_RECORD;
	uint32_t nends = 0;
	size_t from = at;

	x->end[0] = (uint32_t)at - 1;
	x->nends = 0;
	for (; at < n && !g.irregular && nends < LAM_CSV_ENDS_MAX &&
		!x->nends; at += 64 * GROUP) {
		uint32_t k = LAM_KERNEL(next)(text + at, n - at, s, &g);
		uint32_t before = nends;

		for (uint32_t i = 0; i < k; i++) {
			if (x->dense)
				LAM_LIST_DENSE(g.ends[i], (uint32_t)at + 64 * i,
					x->end + 1 + nends);
			else
				LAM_LIST(g.ends[i], (uint32_t)at + 64 * i,
					x->end + 1 + nends);
			nends += (uint32_t)__builtin_popcountll(g.ends[i]);
		}
		x->dense = nends - before > DENSE * GROUP;
		if (nends >= LAM_CSV_ENDS)
			x->nends = whole_records(text, x->end, nends);
	}
	x->nends = whole_records(text, x->end, nends);
	x->lines = x->nends ? lam_find_count(text + from,
		x->end[x->nends] + 1 - from, '\n') : 0;
	x->doubled = g.doubled != 0;
	x->stopped = g.irregular;
}

#undef LAM_KERNEL
#undef LAM_KERNEL_TARGET
#undef LAM_KERNEL_INLINE
#undef LAM_EQUAL
#undef LAM_EITHER
#undef LAM_LIST
#undef LAM_LIST_DENSE
