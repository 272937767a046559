/*
 * gather.c - the values of a column beside each other
 *
 * Whoever reads cells goes through each column by itself, and to store it several
 * times.  The values of a column are a record apart, so each costs a line of the
 * cache, of a text that is too long for it; the same lines come again for the next
 * column.  While the text of some hundred records is at hand, their values are copied
 * to where the text was, those of the first column first.  Then a line has the values
 * of several rows: JSON lines are ingested in three fifths of the time.
 *
 * A query goes through its columns once, and a chunk of it is not as long: there the
 * copy saves a twentieth of JSON lines, but costs a sixteenth of CSV, whose records are
 * half as long.
 *
 * 32 bytes are copied at a time, as that costs less than to branch on the length.
 */
#include "format/gather.h"

#include <string.h>

#include "base/hot.h"

#define MOST ((size_t)64 << 10) /* bytes of a text that is in the cache */
#define WIDE 32

/*
 * The bytes of N < MOST values, which are all in [FROM, TO); UINT64_MAX when they are
 * not.  Each is shorter than MOST then, so that their sum has 32 bits.
 */
LAM_HOT static uint64_t
bytes_within(const struct lam_cell *c, uint32_t n, uint32_t from, uint32_t to)
{
	uint32_t sum = 0, outside = 0, all = to - from;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = c[i].at - from, len = c[i].len;

		len = len == LAM_CELL_NULL ? 0 : len;
		outside |= (len != 0) & ((at > all) | (len > all - at));
		sum += len;
	}
	return outside ? UINT64_MAX : sum;
}

/* Are all values of the rows in [FROM, TO), and no longer than that in all? */
static bool
are_within(const struct lam_parse *x, uint32_t first, uint32_t n, size_t from,
	size_t to)
{
	uint64_t sum = 0;

	for (uint32_t f = 0; f < x->nfields; f++) {
		uint64_t bytes = !x->cell[f] ? 0 : bytes_within(x->cell[f] +
			first, n, (uint32_t)from, (uint32_t)to);

		if (bytes > to - from - sum)
			return false;
		sum += bytes;
	}
	return true;
}

/*
 * Copy N values to OUT, one after the other; their cells are at AT and on then.  WIDE
 * bytes may be read, and written, behind each.  Returns the end of the copy.
 */
LAM_HOT static char *
copy_wide(const char *text, struct lam_cell *c, uint32_t n, char *out, uint32_t at)
{
	for (uint32_t i = 0; i < n; i++) {
		uint32_t len = c[i].len == LAM_CELL_NULL ? 0 : c[i].len;
		const char *p = text + c[i].at;

		memcpy(out, p, WIDE);
		for (uint32_t k = WIDE; k < len; k += WIDE)
			memcpy(out + k, p + k, WIDE);
		c[i].at = at;
		at += len;
		out += len;
	}
	return out;
}

/* The same, of text that ends where the values do. */
static char *
copy_exact(const char *text, struct lam_cell *c, uint32_t n, char *out, uint32_t at)
{
	for (uint32_t i = 0; i < n; i++) {
		uint32_t len = c[i].len == LAM_CELL_NULL ? 0 : c[i].len;

		memcpy(out, text + c[i].at, len);
		c[i].at = at;
		at += len;
		out += len;
	}
	return out;
}

void
lam_gather(struct lam_parse *x, uint32_t first, uint32_t n, size_t from, size_t to,
	bool know)
{
	char space[MOST + WIDE], *out = space;
	bool wide = to + WIDE <= x->n;

	if (n < 2 || n >= MOST || to - from > MOST ||
		(!know && !are_within(x, first, n, from, to)))
		return;
	for (uint32_t f = 0; f < x->nfields; f++)
		if (x->cell[f])
			out = (wide ? copy_wide : copy_exact)(x->text,
				x->cell[f] + first, n, out,
				(uint32_t)(from + (size_t)(out - space)));
	memcpy(x->text + from, space, (size_t)(out - space));
}
