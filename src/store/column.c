/*
 * column.c - one column of one block: which encoding, and into it
 *
 * Chosen from the values alone, in this order:
 *
 *	NULLS	every row is NULL: no bytes
 *	CONST	every row is one value: its bytes
 *	DICT	the distinct values as a nested column (INTS or TEXT), and a
 *		code of the fewest bits for each row.  Numbers and times: when
 *		there are at most 256, to group by direct addressing;
 *		text and addresses whenever it is smaller
 *	INTS	values that print back exactly from an int64 (ints.h)
 *	TEXT	lengths and bytes (column_text.c)
 *
 * DICT, little-endian:
 *
 *	 0  u8   width of a code, 0..16
 *	 1  u8   encoding of the entries: INTS or TEXT
 *	 2  u16  0
 *	 4  u32  entries, 1..65536
 *	 8  u32  bytes of the entries' column
 *	12  u32  0
 *	16  the entries' column, padded to 8; NULL is an entry like others
 *	    codes, packed from 16-bit words
 *
 * Entries are sorted, by value or bytewise: neighbours share prefixes, and
 * differ by little.  Valid iff every code is below the number of entries.
 *
 * A web log (tests/bench: time, host, ip, method, path, status, bytes, latency,
 * agent; 168 bytes a row as CSV) takes 13.9 bytes a row at level 1, and 340 ns
 * to encode on one 2 GHz Zen 1 core, a third of that waiting for memory: ip 73,
 * path 83, agent 42, the others 19 to 30 each.  Decoding all of it takes 15 ns.
 */
#include "base/hash.h"
#include "base/hot.h"
#include "base/sort.h"
#include "store/bitpack.h"
#include "store/column_dict.h"
#include "store/column_internal.h"
#include "store/digest.h"
#include "store/ints.h"

#define FEW 256 /* entries of a dictionary of numbers */

void *
lam_sink_room(struct lam_buf *b, size_t size)
{
	char *p;

	if (b->oom || !lam_buf_room(b, size + 1)) {
		b->oom = true;
		return NULL;
	}
	p = b->p + b->n;
	memset(p, 0, size);
	b->n += size;
	return p;
}

/* Where the last of N values ends.  Signed, as AVX2 compares nothing else. */
LAM_HOT static int64_t
last_end(const struct lam_cell *c, uint32_t n)
{
	int64_t last = 0;

	for (uint32_t i = 0; i < n; i++) {
		int64_t end = (int64_t)c[i].at + c[i].len;

		end = c[i].len == LAM_CELL_NULL ? 0 : end;
		last = end > last ? end : last;
	}
	return last;
}

LAM_HOT static uint32_t
count_nulls(const struct lam_cell *c, uint32_t n)
{
	uint32_t nulls = 0;

	for (uint32_t i = 0; i < n; i++)
		nulls += c[i].len == LAM_CELL_NULL;
	return nulls;
}

struct lam_values
lam_values_of(const struct lam_cells *c, uint32_t f)
{
	const struct lam_cell *cell = c->field[f];

	return (struct lam_values){ c->text, cell, c->nrows, c->end ? c->end :
		cell ? (uint64_t)last_end(cell, c->nrows) : 0 };
}

/* Sort keys to ranks; CELL follows. */
static bool
apply_order(struct lam_values *v, const uint32_t *order, uint16_t *rank,
	struct lam_arena *a)
{
	struct lam_cell *c = lam_arena_alloc(a, v->n * sizeof *c);

	if (c == NULL)
		return false;
	for (uint32_t i = 0; i < v->n; i++) {
		c[i] = v->cell[order[i]];
		rank[order[i]] = (uint16_t)i;
	}
	v->cell = c;
	return true;
}

/* Order integers, their odd marks and their texts by value. */
static bool
order_ints(struct lam_values *v, struct lam_ints *x, uint16_t *rank,
	struct lam_arena *a)
{
	struct lam_ranked *k = lam_arena_alloc(a, v->n * sizeof *k);
	struct lam_ranked *temp = lam_arena_alloc(a, v->n * sizeof *temp);
	uint32_t *order = lam_arena_alloc(a, v->n * sizeof *order);
	uint8_t *odd = x->odd ? lam_arena_alloc(a, v->n) : NULL;

	if (!k || !temp || !order || (x->odd && !odd))
		return false;
	for (uint32_t i = 0; i < v->n; i++)
		k[i] = (struct lam_ranked){ (uint64_t)x->v[i] ^
			UINT64_C(1) << 63, i };
	lam_sort_items(k, temp, v->n);
	for (uint32_t i = 0; i < v->n; i++) {
		order[i] = (uint32_t)k[i].value;
		x->v[i] = (int64_t)(k[i].key ^ UINT64_C(1) << 63);
		if (odd)
			odd[i] = x->odd[order[i]];
	}
	x->odd = odd;
	return apply_order(v, order, rank, a);
}

static bool
order_text(struct lam_values *v, uint16_t *rank, struct lam_arena *a)
{
	struct lam_str *s = LAM_ARENA_NEW(a, struct lam_str, v->n);
	uint32_t *order = lam_arena_alloc(a, v->n * sizeof *order);

	if (!s || !order)
		return false;
	for (uint32_t i = 0; i < v->n; i++)
		if (v->cell[i].len != LAM_CELL_NULL)
			s[i] = (struct lam_str){ v->text + v->cell[i].at,
				v->cell[i].len };
	return lam_sort_strings(s, v->n, order) &&
		apply_order(v, order, rank, a);
}

/* INTS or TEXT.  With RANK the values may be reordered: value i to RANK[i]. */
static int
encode_values(struct lam_values v, struct lam_guess g, uint16_t *rank,
	struct lam_sink *s, struct lam_colmeta *m)
{
	struct lam_ints x;
	int typed = lam_ints_parse(&v, g, s->scratch, &x);

	if (typed < 0)
		return lam_fail_mem(s->e);
	if (typed) {
		if (rank && !order_ints(&v, &x, rank, s->scratch))
			return lam_fail_mem(s->e);
		return lam_ints_encode(&v, &x, s, m);
	}
	if (rank && !order_text(&v, rank, s->scratch))
		return lam_fail_mem(s->e);
	return lam_text_encode(&v, rank != NULL, s, m);
}

static int
encode_dict(const struct lam_column_dict *d, uint32_t n, struct lam_sink *s,
	struct lam_colmeta *m)
{
	uint32_t count = d->entry.n;
	unsigned width = lam_bits(count - 1);
	uint16_t *rank = lam_arena_alloc(s->scratch, (size_t)count * 2);
	size_t at = s->out->n, size;
	uint8_t *p;
	int r;

	if (rank == NULL || !lam_sink_room(s->out, LAM_DICT_HEAD))
		return lam_fail_mem(s->e);
	r = encode_values(d->entry, lam_guess_kind(&d->entry), rank, s, m);
	if (r)
		return r;
	size = s->out->n - at - LAM_DICT_HEAD;
	if (size > UINT32_MAX)
		return LAM_OK; /* refused by the caller, as too large */
	lam_sink_room(s->out, lam_pad8(size) - size);
	for (uint32_t i = 0; i < n; i++)
		d->code[i] = rank[d->code[i]];
	p = lam_sink_room(s->out, lam_pack_size(n, width));
	if (p == NULL)
		return lam_fail_mem(s->e);
	lam_pack16(d->code, n, width, p);
	p = (uint8_t *)s->out->p + at;
	p[0] = (uint8_t)width;
	p[1] = m->encoding;
	lam_put32(p + 4, count);
	lam_put32(p + 8, (uint32_t)size);
	m->encoding = LAM_ENC_DICT;
	return LAM_OK;
}

LAM_HOT static uint64_t
text_bytes(const struct lam_values *v)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < v->n; i++)
		n += v->cell[i].len == LAM_CELL_NULL ? 0 : v->cell[i].len;
	return n;
}

/*
 * Codes never take more bits than offsets would, so a dictionary of
 * numbers costs itself only.
 */
static bool
dict_pays(const struct lam_values *v, const struct lam_column_dict *d,
	const struct lam_guess *g)
{
	uint32_t count = d->entry.n;

	if (g->kind < LAM_KIND_IPV4)
		return count <= v->n / 8;
	if (count > v->n / 4 * 3)
		return false;
	if (g->kind == LAM_KIND_IPV4)
		return v->n >= 64;
	return text_bytes(&d->entry) + 64 +
		(uint64_t)v->n * lam_bits(count - 1) / 8 < text_bytes(v);
}

/* All rows are the same value. */
static bool
constant(const struct lam_values *v)
{
	struct lam_cell a = v->cell[0];

	for (uint32_t i = 1; i < v->n; i++) {
		struct lam_cell b = v->cell[i];

		if (a.len != b.len)
			return false;
		if (a.len && memcmp(v->text + a.at, v->text + b.at, a.len) != 0)
			return false;
	}
	return true;
}

static int
encode_const(const struct lam_values *v, struct lam_sink *s,
	struct lam_colmeta *m)
{
	struct lam_values one = { v->text, v->cell, 1, v->end };
	const char *p = v->text + v->cell[0].at;
	uint32_t n = v->cell[0].len;
	struct lam_timecache c = LAM_TIMECACHE_INIT;
	unsigned scale;

	m->encoding = LAM_ENC_CONST;
	lam_buf_put(s->out, p, n);
	if (lam_int_exact(p, n, &m->min)) {
		m->kind = LAM_RANGE_NUMBER;
	} else if (lam_decimal_exact(p, n, &m->min, &scale)) {
		m->kind = LAM_RANGE_NUMBER;
		m->scale = (uint8_t)scale;
	} else if (n <= LAM_TIME_TEXT &&
		lam_timecache_parse(&c, p, n, &m->min)) {
		m->kind = LAM_RANGE_TIME;
	} else {
		lam_text_range(&one, m);
		return lam_buf_check(s->out, s->e);
	}
	m->max = m->min;
	return lam_buf_check(s->out, s->e);
}

static void
add_const(const struct lam_values *v, const struct lam_row_sums *x)
{
	uint64_t one = 0;

	if (!x)
		return;
	lam_digest_cells(v->text, v->cell, 1, x->name, &one);
	for (uint32_t i = 0; i < v->n; i++)
		x->sum[i] += one;
}

/* Each distinct value is hashed once, where they are known. */
static bool
add_values(const struct lam_values *v, const struct lam_column_dict *d,
	struct lam_sink *s)
{
	const struct lam_row_sums *x = s->sums;
	uint64_t *value;

	if (!x)
		return true;
	if (!d) {
		lam_digest_cells(v->text, v->cell, v->n, x->name, x->sum);
		return true;
	}
	value = lam_arena_alloc(s->scratch,
		(size_t)d->entry.n * sizeof *value + 1);
	if (!value)
		return false;
	lam_digest_codes(d->entry.text, d->entry.cell, d->entry.n, d->code,
		v->n, x->name, value, x->sum);
	return true;
}

static int
encode(const struct lam_values *v, struct lam_sink *s, struct lam_colmeta *m)
{
	struct lam_column_dict d;
	struct lam_guess g;
	int r;

	m->nulls = count_nulls(v->cell, v->n);
	if (m->nulls == v->n) {
		m->encoding = LAM_ENC_NULLS;
		return LAM_OK;
	}
	if (m->nulls == 0 && constant(v)) {
		add_const(v, s->sums);
		return encode_const(v, s, m);
	}
	g = lam_guess_kind(v);
	r = lam_column_dict(v, g.kind < LAM_KIND_IPV4 ? FEW : LAM_BLOCK_ROWS,
		s->scratch, &d);
	if (r < 0 || !add_values(v, r ? &d : NULL, s))
		return lam_fail_mem(s->e);
	if (r && dict_pays(v, &d, &g))
		return encode_dict(&d, v->n, s, m);
	return encode_values(*v, g, NULL, s, m);
}

int
lam_column_encode(const struct lam_cells *cells, uint32_t f, int level,
	struct lam_row_sums *sums, struct lam_arena *scratch,
	struct lam_buf *out, struct lam_colmeta *meta, struct lam_error *e)
{
	struct lam_values v = lam_values_of(cells, f);
	struct lam_sink s = { out, scratch, level, v.n, sums, e };
	size_t from = out->n, size;
	int r;

	memset(meta, 0, sizeof *meta);
	if (v.n == 0 || v.n > LAM_BLOCK_ROWS)
		return lam_fail(e, LAM_USAGE, "column of %u rows: expected 1 "
			"to %d", v.n, LAM_BLOCK_ROWS);
	if (v.cell == NULL) {
		meta->encoding = LAM_ENC_NULLS;
		meta->nulls = v.n;
	} else {
		r = encode(&v, &s, meta);
		if (r)
			return r;
	}
	size = out->n - from;
	if (size > UINT32_MAX)
		return lam_fail(e, LAM_DATA, "column %u: a block of %zu bytes: "
			"at most 4 GiB can be stored", f, size);
	meta->size = (uint32_t)size;
	meta->checksum = lam_checksum(size ? out->p + from : "", size);
	return LAM_OK;
}
