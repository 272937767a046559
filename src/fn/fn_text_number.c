/*
 * fn_text_number.c - numbers that are read off texts: ascii, levenshtein
 */
#include "fn/fn.h"

#include "base/utf8.h"

#define LONGEST 4096 /* bytes of a text that levenshtein takes */

/* The code point of the first character; 0: there is none; a broken byte itself. */
static uint32_t
code_point(const char *p, const char *end)
{
	size_t n = p < end ? lam_utf8_len(p, end) : 0;
	uint32_t c = n ? (unsigned char)*p : 0;

	if (n < 2)
		return c;
	c &= 0xffu >> (n + 1);
	for (size_t i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)p[i] & 0x3f);
	return c;
}

/* How many bytes are to be put in, left out or changed.  ROW has room. */
static uint32_t
distance(struct lam_str a, struct lam_str b, uint32_t *row)
{
	for (uint32_t j = 0; j <= b.n; j++)
		row[j] = j;
	for (uint32_t i = 0; i < a.n; i++) {
		uint32_t corner = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < b.n; j++) {
			uint32_t best = corner + (a.p[i] != b.p[j]);

			corner = row[j + 1];
			best = best < row[j] + 1 ? best : row[j] + 1;
			row[j + 1] = best < corner + 1 ? best : corner + 1;
		}
	}
	return row[b.n];
}

/* False: a text is too long. */
static bool
levenshtein(struct lam_str a, struct lam_str b, uint32_t *room, uint32_t *out)
{
	if (a.n > LONGEST || b.n > LONGEST)
		return false;
	*out = distance(a, b, room);
	return true;
}

int
lam_fn_text_number(struct lam_call *c, const struct lam_vec *arg,
	uint32_t nargs, struct lam_vec *out)
{
	uint32_t *room = nargs < 2 ? NULL : lam_arena_alloc(c->arena,
		(LONGEST + 1) * sizeof *room), value = 0;
	struct lam_reader r[2];
	int64_t *to;
	uint8_t *none;
	int rc = room || nargs < 2 ? LAM_OK : lam_fail_mem(c->e);

	if (rc || (rc = lam_read_all(c, arg, nargs, r, &none)) ||
		(rc = lam_room(c, sizeof *to, &to)))
		return rc;
	for (uint32_t i = 0; i < c->n; i++) {
		struct lam_str a = lam_str_at(&r[0], i);

		to[i] = 0;
		if (none[i])
			continue;
		if (nargs < 2)
			value = code_point(a.p, a.p + a.n);
		else if (!levenshtein(a, lam_str_at(&r[1], i), room, &value)) {
			none[i] = 1;
			if ((rc = lam_fault(c, i)))
				return rc;
		}
		to[i] = none[i] ? 0 : value;
	}
	lam_out_flat(c, LAM_NUMBER, to, none, out);
	return LAM_OK;
}
