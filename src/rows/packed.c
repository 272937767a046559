/*
 * packed.c - columns of some rows as bytes, for memory and temporary files
 *
 * Columns follow each other, each
 *
 *	codes	[n] u16, of texts that are often the one of the row before: which value
 *	nulls	[values] bytes, if any is NULL
 *	values	[values] in the machine's form; of texts the lengths, u64 each
 *	texts	the bytes of all texts
 *
 * and each part padded to 16 bytes.  So one form serves in memory and in a file, and of
 * the file a worker reads the columns that it needs.
 */
#include "rows/packed.h"

static size_t
padded(size_t n)
{
	return (n + LAM_PACKED_ALIGN - 1) / LAM_PACKED_ALIGN * LAM_PACKED_ALIGN;
}

static void
pad(struct lam_buf *b)
{
	static const char zeros[LAM_PACKED_ALIGN];

	lam_buf_put(b, zeros, padded(b->n) - b->n);
}

/* Bytes of one value; of a text, its length. */
static size_t
value_size(const struct lam_packed *c)
{
	return c->type == LAM_BOOL ? 1 :
		c->wide ? sizeof(struct lam_num) : sizeof(int64_t);
}

/* Is row I of V, a text, another one than the row before?  Texts that are equal and
 * from one dictionary are at one place. */
static bool
other(const struct lam_vec *v, uint32_t i)
{
	bool null = v->null && v->null[i];

	if (i == 0 || null != (v->null && v->null[i - 1]))
		return true;
	return !null && (v->str[i].p != v->str[i - 1].p ||
		v->str[i].n != v->str[i - 1].n);
}

/* Where runs of the same text begin: at most half as many as a batch may have rows. */
struct runs {
	uint16_t first[LAM_BLOCK_ROWS / 2];
	uint32_t n; /* 0: there are more */
};

static void
find_runs(const struct lam_vec *v, struct runs *r)
{
	r->n = 0;
	for (uint32_t i = 0; i < v->n; i++) {
		if (!other(v, i))
			continue;
		if (r->n == v->n / 2) {
			r->n = 0;
			return;
		}
		r->first[r->n++] = (uint16_t)i;
	}
}

/* The row of value K. */
static uint32_t
row_of(const struct runs *r, uint32_t k)
{
	return r->n ? r->first[k] : k;
}

static void
put_texts(struct lam_buf *b, const struct lam_vec *v, struct lam_packed *c)
{
	struct runs r;

	find_runs(v, &r);
	c->nvalues = r.n ? r.n : v->n;
	for (uint16_t k = 0; k < r.n; k++)
		for (uint32_t i = r.first[k]; i < (k + 1u < r.n ?
			r.first[k + 1] : v->n); i++)
			lam_buf_put(b, &k, sizeof k);
	pad(b);
	for (uint32_t k = 0; c->nulls && k < c->nvalues; k++)
		lam_buf_putc(b, (char)v->null[row_of(&r, k)]);
	pad(b);
	for (uint32_t k = 0; k < c->nvalues; k++) {
		uint32_t i = row_of(&r, k);
		uint64_t n = v->null && v->null[i] ? 0 : v->str[i].n;

		lam_buf_put(b, &n, sizeof n);
	}
	pad(b);
	for (uint32_t k = 0; k < c->nvalues; k++) {
		uint32_t i = row_of(&r, k);

		if (!v->null || !v->null[i])
			lam_buf_put(b, v->str[i].p, v->str[i].n);
	}
}

void
lam_packed_put(struct lam_buf *b, const struct lam_vec *v,
	struct lam_packed *c)
{
	pad(b);
	*c = (struct lam_packed){ .at = b->n, .nvalues = v->n,
		.type = v->type, .scale = v->scale, .wide = v->wide,
		.nulls = v->null != NULL };
	if (v->type == LAM_TEXT) {
		put_texts(b, v, c);
	} else {
		if (c->nulls)
			lam_buf_put(b, v->null, v->n);
		pad(b);
		lam_buf_put(b, v->bit, value_size(c) * v->n);
	}
	pad(b);
	c->size = b->n - c->at;
}

/* The N values at P, FLAT. */
static bool
get_values(const struct lam_packed *c, const char *p, uint32_t n,
	struct lam_arena *arena, struct lam_vec *out)
{
	const char *values = p + (c->nulls ? padded(n) : 0), *text;
	const uint64_t *length = (const void *)values;
	struct lam_str *str;

	*out = (struct lam_vec){ .type = c->type, .rep = LAM_FLAT, .n = n,
		.scale = c->scale, .wide = c->wide,
		.null = c->nulls ? (const uint8_t *)p : NULL,
		.bit = (const uint8_t *)values };
	if (c->type != LAM_TEXT)
		return true;
	str = lam_arena_alloc(arena, (n + (size_t)1) * sizeof *str);
	if (!str)
		return false;
	text = values + padded(n * sizeof *length);
	for (uint32_t i = 0; i < n; i++) {
		str[i] = (struct lam_str){ text, length[i] };
		text += length[i];
	}
	out->str = str;
	return true;
}

bool
lam_packed_get(const struct lam_packed *c, const char *p, uint32_t n,
	struct lam_arena *arena, struct lam_vec *out)
{
	struct lam_vec *dict;

	if (c->nvalues == n)
		return get_values(c, p, n, arena, out);
	dict = LAM_ARENA_NEW(arena, struct lam_vec, 1);
	*out = (struct lam_vec){ .type = c->type, .rep = LAM_DICT, .n = n,
		.code = (const void *)p, .dict = dict };
	return dict && get_values(c, p + padded(n * sizeof *out->code),
		c->nvalues, arena, dict);
}
