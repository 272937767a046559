/*
 * key_codes.c - the values of one vector as small integers, for one batch
 *
 * Numbering by hash: open addressing, slots are hash bits and code in 32 + 32
 * bits, and the value of a code is that of the row where it came first, so the
 * table holds no values.  It starts small and quadruples at half full: few
 * distinct values stay in the first-level cache.  Integers are compared
 * through a copy by code, texts in place.
 */
#include "group/key_codes.h"

#include <string.h>

#include "base/hash.h"
#include "base/hot.h"

#define SLOTS_MIN 1024

struct table {
	uint64_t *slot; /* hash << 32 | code + 1; 0: empty */
	uint32_t mask, n;
	struct lam_arena *arena;
};

static bool
table_init(struct table *t, uint32_t rows, struct lam_arena *a)
{
	uint32_t n = 64;

	while (n < SLOTS_MIN && n < 2 * rows)
		n *= 2;
	t->slot = LAM_ARENA_NEW(a, uint64_t, n);
	t->mask = n - 1;
	t->n = 0;
	t->arena = a;
	return t->slot != NULL;
}

/* Four times the slots. */
static bool
table_grow(struct table *t)
{
	uint32_t mask = 4 * (t->mask + 1) - 1;
	uint64_t *slot = LAM_ARENA_NEW(t->arena, uint64_t, mask + 1);

	if (!slot)
		return false;
	for (uint32_t i = 0; i <= t->mask; i++) {
		uint32_t j = t->slot[i] >> 32 & mask;

		if (!t->slot[i])
			continue;
		while (slot[j])
			j = (j + 1) & mask;
		slot[j] = t->slot[i];
	}
	t->slot = slot;
	t->mask = mask;
	return true;
}

LAM_O3 int
lam_number_u32(const uint32_t *key, uint32_t n, uint16_t *code,
	uint16_t *first, uint32_t *size, struct lam_arena *arena,
	struct lam_error *e)
{
	struct table t;
	uint64_t seed = lam_hash_seed();

	if (!table_init(&t, n, arena))
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t h = (uint32_t)(lam_mix(key[i], seed) >> 32);
		uint32_t at = h & t.mask, c;

		for (; t.slot[at]; at = (at + 1) & t.mask) {
			c = (uint32_t)t.slot[at] - 1;
			if (t.slot[at] >> 32 == h && key[first[c]] == key[i])
				break;
		}
		if (t.slot[at]) {
			code[i] = (uint16_t)((uint32_t)t.slot[at] - 1);
			continue;
		}
		first[t.n] = (uint16_t)i;
		code[i] = (uint16_t)t.n++;
		t.slot[at] = (uint64_t)h << 32 | t.n;
		if (LAM_UNLIKELY(2 * t.n > t.mask) && !table_grow(&t))
			return lam_fail_mem(e);
	}
	*size = t.n;
	return LAM_OK;
}

/* Row I of a flat vector, hashed; equal rows have equal hashes. */
static inline uint32_t
hash_row(const struct lam_vec *v, uint32_t i, uint64_t seed)
{
	if (v->type == LAM_TEXT)
		return (uint32_t)(lam_hash(v->str[i].p, v->str[i].n, seed) >>
			32);
	if (v->wide)
		return (uint32_t)(lam_mix((uint64_t)v->num[i].m ^
			v->num[i].scale, seed ^
			(uint64_t)(v->num[i].m >> 64)) >> 32);
	return (uint32_t)(lam_mix((uint64_t)v->i64[i], seed) >> 32);
}

static inline bool
same_row(const struct lam_vec *v, uint32_t i, uint32_t j)
{
	if (v->type == LAM_TEXT)
		return v->str[i].n == v->str[j].n && lam_same_bytes(
			v->str[i].p, v->str[j].p, v->str[i].n);
	if (v->wide)
		return v->num[i].m == v->num[j].m &&
			v->num[i].scale == v->num[j].scale;
	return v->i64[i] == v->i64[j];
}

/* Number the rows of a flat vector (no BOOL). */
static int
number_rows(struct lam_key_codes *c, const struct lam_vec *v,
	struct lam_error *e)
{
	uint16_t *code = LAM_ARENA_NEW(c->arena, uint16_t, v->n);
	uint16_t *first = LAM_ARENA_NEW(c->arena, uint16_t, v->n);
	uint64_t seed = lam_hash_seed();
	struct table t;

	if (!code || !first || !table_init(&t, v->n, c->arena))
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < v->n; i++) {
		uint32_t h, at;

		if (v->null && v->null[i]) {
			if (c->null == LAM_NO_ID) {
				first[t.n] = (uint16_t)i;
				c->null = t.n++;
			}
			code[i] = (uint16_t)c->null;
			continue;
		}
		h = hash_row(v, i, seed);
		for (at = h & t.mask; t.slot[at]; at = (at + 1) & t.mask)
			if (t.slot[at] >> 32 == h && same_row(v, i,
				first[(uint32_t)t.slot[at] - 1]))
				break;
		if (t.slot[at]) {
			code[i] = (uint16_t)((uint32_t)t.slot[at] - 1);
			continue;
		}
		first[t.n] = (uint16_t)i;
		code[i] = (uint16_t)t.n++;
		t.slot[at] = (uint64_t)h << 32 | t.n;
		if (LAM_UNLIKELY(2 * t.n > t.mask) && !table_grow(&t))
			return lam_fail_mem(e);
	}
	c->c16 = code;
	c->first = first;
	c->size = t.n;
	c->flat = v;
	return LAM_OK;
}

LAM_HOT static void
null_last(const uint32_t *u, const uint8_t *null, uint32_t n, uint32_t last,
	uint32_t *out)
{
	for (uint32_t i = 0; i < n; i++)
		out[i] = null[i] ? last : u[i];
}

/* A small frame of reference: the offsets are the codes. */
static int
from_frame(struct lam_key_codes *c, const struct lam_vec *v,
	struct lam_error *e)
{
	uint32_t *code;

	c->c32 = v->u32;
	c->size = v->max + 1;
	if (!v->null)
		return LAM_OK;
	code = LAM_ARENA_NEW(c->arena, uint32_t, v->n);
	if (!code)
		return lam_fail_mem(e);
	c->null = c->size++;
	null_last(v->u32, v->null, v->n, c->null, code);
	c->c32 = code;
	return LAM_OK;
}

/* false, true, NULL */
static int
from_bits(struct lam_key_codes *c, const struct lam_vec *v, struct lam_error *e)
{
	uint16_t *code = LAM_ARENA_NEW(c->arena, uint16_t, v->n);

	if (!code)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < v->n; i++)
		code[i] = v->null && v->null[i] ? 2 : v->bit[i];
	c->c16 = code;
	c->size = v->null ? 3 : 2;
	c->null = v->null ? 2 : LAM_NO_ID;
	return LAM_OK;
}

/* Does V have no small integers to take for codes? */
static bool
must_hash(const struct lam_vec *v)
{
	return v->type != LAM_BOOL && (v->rep == LAM_FLAT || (v->rep ==
		LAM_FOR && v->max >= LAM_BLOCK_ROWS - 2));
}

static void
begin(struct lam_key_codes *c, const struct lam_vec *v, struct lam_arena *arena)
{
	memset(c, 0, sizeof *c);
	c->v = v;
	c->arena = arena;
	c->size = 1;
	c->null = LAM_NO_ID;
}

int
lam_key_codes_apart(struct lam_key_codes *c, const struct lam_vec *v,
	const uint16_t *row, struct lam_arena *arena, struct lam_error *e)
{
	if (!must_hash(v))
		return lam_key_codes_init(c, v, arena, e);
	begin(c, v, arena);
	c->flat = lam_vec_flat(v, arena);
	c->c16 = row;
	c->size = v->n;
	return c->flat ? LAM_OK : lam_fail_mem(e);
}

int
lam_key_codes_init(struct lam_key_codes *c, const struct lam_vec *v,
	struct lam_arena *arena, struct lam_error *e)
{
	const struct lam_vec *flat;

	begin(c, v, arena);
	if (v->rep == LAM_CONST || v->rep == LAM_DICT) {
		c->flat = v->dict;
		c->c16 = v->rep == LAM_DICT ? v->code : NULL;
		c->size = v->rep == LAM_DICT && v->dict->n ? v->dict->n : 1;
		return LAM_OK;
	}
	if (!must_hash(v))
		return v->type == LAM_BOOL ? from_bits(c, v, e) :
			from_frame(c, v, e);
	flat = lam_vec_flat(v, arena);
	return flat ? number_rows(c, flat, e) : lam_fail_mem(e);
}

/* The row of c->flat that holds CODE. */
static inline uint32_t
row_of(const struct lam_key_codes *c, uint32_t code)
{
	return c->first ? c->first[code] : code;
}

struct lam_scalar
lam_key_codes_value(const struct lam_key_codes *c, uint32_t code)
{
	struct lam_scalar x = { .type = c->v->type };

	if (code == c->null || (c->v->type == LAM_BOOL && !c->flat)) {
		x.null = code == c->null;
		x.i64 = code;
		return x;
	}
	if (c->flat)
		return lam_scalar_of(c->flat, row_of(c, code));
	x.i64 = c->v->base + c->v->mult * (int64_t)code;
	if (x.type == LAM_NUMBER)
		x.num = lam_num_normal((struct lam_num){ x.i64, c->v->scale });
	return x;
}

#define LANES 256

/* Codes whose values are to be interned together, and those values. */
struct batch {
	uint32_t code[LANES], n;
	struct lam_str str[LANES];
	int64_t i64[LANES];
};

/* Values that are neither texts nor 64-bit integers, and NULL: one by one. */
static bool
intern_one(struct lam_key_codes *c, struct lam_key_dict *d, uint32_t code)
{
	struct lam_scalar x = lam_key_codes_value(c, code);

	c->id[code] = lam_key_dict_add(d, &x);
	return c->id[code] != LAM_NO_ID;
}

/* Put the value of CODE into B as number I; false: it is not of that kind. */
static inline bool
put(const struct lam_key_codes *c, uint32_t code, struct batch *b, uint32_t i)
{
	const struct lam_vec *f = c->flat;
	uint32_t row;

	if (code == c->null || (!f && c->v->type == LAM_BOOL))
		return false;
	if (!f) {
		b->i64[i] = c->v->base + c->v->mult * (int64_t)code;
		return true;
	}
	row = row_of(c, code);
	if ((f->null && f->null[row]) || f->wide || f->type == LAM_BOOL)
		return false;
	if (f->type == LAM_TEXT)
		b->str[i] = f->str[row];
	else
		b->i64[i] = f->i64[row];
	return true;
}

static bool
intern_batch(struct lam_key_codes *c, struct lam_key_dict *d, struct batch *b)
{
	uint8_t scale = c->flat ? c->flat->scale : c->v->scale;
	uint32_t id[LANES], n = 0;
	bool ok;

	for (uint32_t i = 0; i < b->n; i++) {
		uint32_t x = b->code[i];

		if (put(c, x, b, n))
			b->code[n++] = x;
		else if (!intern_one(c, d, x))
			return false;
	}
	ok = c->v->type == LAM_TEXT ? lam_key_dict_texts(d, b->str, n, id) :
		lam_key_dict_ints(d, b->i64, scale, n, id);
	for (uint32_t i = 0; ok && i < n; i++)
		c->id[b->code[i]] = id[i];
	b->n = 0;
	return ok;
}

#define RUN 16 /* so many values next to each other are worth no copies */

/*
 * Intern the values of CODE as they lie, if they are texts next to each other that have
 * no ids: so it is where nearly all values of a dictionary are used.  How many were; 0
 * also when memory is out.
 */
static uint32_t
intern_run(struct lam_key_codes *c, struct lam_key_dict *d,
	const uint32_t *code, uint32_t n)
{
	const struct lam_vec *f = c->flat;
	uint32_t x = code[0], run = 0;

	if (c->v->type != LAM_TEXT || c->first || f->null)
		return 0;
	while (run < n && code[run] == x + run && c->id[x + run] == LAM_NO_ID)
		run++;
	return run >= RUN && lam_key_dict_texts(d, f->str + x, run, c->id + x) ?
		run : 0;
}

/* Give an id to all of CODE that have none: which have, nobody can predict. */
static bool
intern(struct lam_key_codes *c, struct lam_key_dict *d, const uint32_t *code,
	uint32_t n)
{
	struct batch b;

	b.n = 0;
	for (uint32_t i = n ? intern_run(c, d, code, n) : 0; i < n; i++) {
		b.code[b.n] = code[i];
		b.n += c->id[code[i]] == LAM_NO_ID;
		if (b.n == LANES && !intern_batch(c, d, &b))
			return false;
	}
	return b.n == 0 || intern_batch(c, d, &b);
}

int
lam_key_codes_ids(struct lam_key_codes *c, struct lam_key_dict *d,
	const uint32_t *code, uint32_t n, uint32_t *id, struct lam_error *e)
{
	if (!c->id) {
		c->id = lam_arena_alloc(c->arena, c->size * sizeof *c->id);
		if (!c->id)
			return lam_fail_mem(e);
		memset(c->id, 0xff, c->size * sizeof *c->id);
	}
	if (!intern(c, d, code, n))
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++)
		id[i] = c->id[code[i]];
	return LAM_OK;
}

/* The cell of CODE, whose value is NULL, a boolean or wide. */
static bool
odd_cell(struct lam_key_codes *c, struct lam_key_dict *d, uint32_t code,
	uint64_t *cell, uint8_t *tag)
{
	struct lam_scalar x = lam_key_codes_value(c, code);
	uint32_t id;

	*tag = x.null ? LAM_TAG_NULL : 0;
	*cell = x.null ? 0 : (uint64_t)x.i64;
	if (x.null || x.type != LAM_NUMBER)
		return true;
	*cell = (uint64_t)x.num.m;
	*tag = (uint8_t)x.num.scale;
	if (x.num.m == (int64_t)x.num.m)
		return true;
	id = lam_key_dict_add(d, &x);
	if (id == LAM_NO_ID)
		return false;
	*cell = (uint64_t)d->values.i64[id];
	*tag = LAM_TAG_WIDE;
	return true;
}

/* Values of 64 bits at one scale. */
static int
number_cells(struct lam_key_codes *c, struct lam_key_dict *d,
	const uint32_t *code, uint32_t n, uint64_t *cell, uint8_t *tag,
	struct lam_error *e)
{
	const struct lam_vec *f = c->flat;
	uint8_t scale = f ? f->scale : c->v->scale;
	bool odd = f ? f->wide || f->type == LAM_BOOL :
		c->v->type == LAM_BOOL;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t row = f ? row_of(c, code[i]) : 0;
		int64_t m;

		if (odd || code[i] == c->null || (f && f->null &&
			f->null[row])) {
			if (!odd_cell(c, d, code[i], &cell[i], &tag[i]))
				return lam_fail_mem(e);
			continue;
		}
		m = f ? f->i64[row] : c->v->base + c->v->mult *
			(int64_t)code[i];
		tag[i] = scale;
		if (scale)
			lam_normal64(&m, &tag[i]);
		cell[i] = (uint64_t)m;
	}
	return LAM_OK;
}

int
lam_key_codes_cells(struct lam_key_codes *c, struct lam_key_dict *d,
	const uint32_t *code, uint32_t n, uint64_t *cell, uint8_t *tag,
	struct lam_error *e)
{
	uint32_t id[LANES], m;
	int rc = LAM_OK;

	if (c->v->type != LAM_TEXT)
		return number_cells(c, d, code, n, cell, tag, e);
	memset(tag, 0, n);
	for (uint32_t at = 0; !rc && at < n; at += m) {
		m = n - at < LANES ? n - at : LANES;
		rc = lam_key_codes_ids(c, d, code + at, m, id, e);
		for (uint32_t i = 0; !rc && i < m; i++)
			cell[at + i] = id[i];
	}
	return rc;
}
