/*
 * column_dict.c - the distinct values of a column, and a code for each row
 *
 * Values of up to 7 bytes are column_dict_short.c's; this is about others.
 *
 * An open-addressing table of (32-bit tag, entry) slots, at most half full,
 * that starts small: a column of few values stays in the first-level cache. A
 * key of up to 16 bytes is two words, loaded without a branch on its length and
 * compared without touching the text again; longer ones are compared with a
 * compact copy of the entries rather than with their first occurrence, which is
 * megabytes away.  Hash: 64 x 64 -> 128-bit multiply and fold (after wyhash),
 * seeded per process, so that log lines cannot be written to collide.
 *
 * Giving up early: after k rows with r repeats, about k^2 / 2r values are to be
 * expected in all (birthday problem).  When that is more than twice the rows, a
 * dictionary will not pay.  Checked at powers of two from 1024 on.
 *
 * Rows are taken in batches, in three loops: keys and hashes; a look into the first
 * slot of each; and then those that are not there, new ones most often.  Whether a
 * row is, and how long it is, nobody can predict: so the first two have no branch on
 * either, and what is mispredicted is a third less than row by row.  The processor
 * overlaps neighbours by itself, which is why batches gain nothing else: they do
 * where another thread uses the same core.
 *
 * Cost on one 2 GHz Zen 1 core, before there were batches: 9 ns a row for a few
 * short values in cache, 18 when the rows' text has to come from memory, 37 for
 * 11,000 paths or 22,000 addresses in 65,536 rows; unique values cost 1024 rows.
 */
#include "base/hash.h"
#include "store/column_dict_internal.h"

#define K1 UINT64_C(0xa0761d6478bd642f)
#define K2 UINT64_C(0xe7037ed1a0b428db)
#define FIRST_SLOTS 512
#define BATCH 64

struct entry {
	uint64_t a, b; /* content when len <= 16; else hashes */
	uint32_t at, len;
};

/* A row's key, with its hash. */
struct key {
	uint64_t a, b, hash;
	uint32_t len; /* LAM_CELL_NULL: NULL, an entry like others */
};

struct table {
	struct lam_arena *arena;
	uint64_t *slot; /* hash >> 32 << 32 | entry; 0: free */
	uint32_t mask;
	struct entry *entry; /* from 1 on: [0] is like no key */
	uint32_t n;
	char *text;
	size_t used, cap;
	uint64_t seed[2]; /* odd bits of their own each, and those of the process */
};

static inline uint64_t
mum(uint64_t a, uint64_t b)
{
	lam_u128 r = (lam_u128)a * b;

	return (uint64_t)r ^ (uint64_t)(r >> 64);
}

/*
 * A key is two words in registers, A and *B: content of up to 16 bytes, hashes
 * of more.  Not a struct: gcc would pair them in a vector register.
 */

/*
 * Two independent chains of multiplications, for the processor's sake.  Up to 48
 * bytes there is no branch on how many: lengths vary.  Then the 16 bytes in the
 * middle overlap the first or the last ones.
 */
static inline uint64_t
hash_long(const char *p, uint32_t n, const uint64_t seed[2], uint64_t *b)
{
	uint64_t g = seed[0] ^ n, h = seed[1];
	uint32_t i = 0;

	for (; __builtin_expect(i + 48 < n, 0); i += 32) {
		g = mum(lam_get64(p + i) ^ seed[0], lam_get64(p + i + 8) ^ g);
		h = mum(lam_get64(p + i + 16) ^ seed[1],
			lam_get64(p + i + 24) ^ h);
	}
	g = mum(lam_get64(p + i) ^ seed[0], lam_get64(p + i + 8) ^ g);
	i = i + 32 < n ? i + 16 : n - 16;
	h = mum(lam_get64(p + i) ^ seed[1], lam_get64(p + i + 8) ^ h);
	*b = g;
	return mum(lam_get64(p + n - 16) ^ g, lam_get64(p + n - 8) ^ h);
}

/* Up to 16 bytes, when 16 may not be read. */
static uint64_t
load_edge(const char *p, uint32_t n, uint64_t *b)
{
	char x[16] = { 0 };

	if (n)
		memcpy(x, p, n);
	*b = lam_get64(x + 8);
	return lam_get64(x);
}

/* WIDE: 16 bytes may be read at P; no branch on n then, as lengths vary. */
static inline uint64_t
make_key(const char *p, uint32_t n, bool wide, const uint64_t seed[2], uint64_t *b)
{
	static const uint64_t keep[25] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff,
		0xffff, 0xffffff, 0xffffffff, UINT64_C(0xffffffffff),
		UINT64_C(0xffffffffffff), UINT64_C(0xffffffffffffff),
		UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,
		UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX };

	if (n > 16)
		return hash_long(p, n, seed, b);
	if (!wide)
		return load_edge(p, n, b);
	*b = lam_get64(p + 8) & keep[n];
	return lam_get64(p) & keep[n + 8];
}

static inline uint64_t
hash_key(uint64_t a, uint64_t b, uint32_t n, const uint64_t seed[2])
{
	return mum(a ^ seed[0], b ^ seed[1] ^ n);
}

static bool
grow(struct table *t)
{
	uint32_t n = t->slot ? (t->mask + 1) * 2 : FIRST_SLOTS;
	uint64_t *s = LAM_ARENA_NEW(t->arena, uint64_t, n);

	if (s == NULL)
		return false;
	t->slot = s;
	t->mask = n - 1;
	for (uint32_t i = 1; i <= t->n; i++) {
		const struct entry *k = &t->entry[i];
		uint64_t h = hash_key(k->a, k->b, k->len, t->seed);
		uint32_t at = h & t->mask;

		while (s[at])
			at = (at + 1) & t->mask;
		s[at] = h >> 32 << 32 | i;
	}
	return true;
}

static bool
add_text(struct table *t, const char *p, struct entry *k)
{
	if (t->cap - t->used < k->len) {
		size_t cap = (t->cap + k->len) * 2 + 4096;
		char *to = lam_arena_alloc(t->arena, cap);

		if (to == NULL)
			return false;
		if (t->used)
			memcpy(to, t->text, t->used);
		t->text = to;
		t->cap = cap;
	}
	k->at = (uint32_t)t->used;
	if (k->len)
		memcpy(t->text + t->used, p, k->len);
	t->used += k->len;
	return true;
}

/* N > 16 bytes are the same.  Up to 48 without a branch on how many: lengths vary. */
static inline bool
same_long(const char *a, const char *b, uint32_t n)
{
	uint32_t i = 0;
	lam_16_bytes d = lam_differ_16(a + n - 16, b + n - 16);

	for (; __builtin_expect(i + 48 < n, 0); i += 32)
		d |= lam_differ_16(a + i, b + i) |
			lam_differ_16(a + i + 16, b + i + 16);
	d |= lam_differ_16(a + i, b + i);
	i = i + 32 < n ? i + 16 : n - 16;
	d |= lam_differ_16(a + i, b + i);
	return (d[0] | d[1]) == 0;
}

static inline bool
same(const struct table *t, uint32_t e, const char *p, struct key k)
{
	const struct entry *x = &t->entry[e];

	return x->a == k.a && x->b == k.b && x->len == k.len &&
		(k.len <= 16 || k.len == LAM_CELL_NULL ||
		same_long(t->text + x->at, p, k.len));
}

/* The entry of K, whose text is P; 0: there would be more than CAP, or *FAILED: no
 * memory. */
static uint32_t
find(struct table *t, const char *p, struct key k, uint32_t cap, bool *failed)
{
	uint32_t at = k.hash & t->mask;
	struct entry new = { k.a, k.b, 0, k.len };
	uint64_t s;

	for (; (s = t->slot[at]) != 0; at = (at + 1) & t->mask)
		if (s >> 32 == k.hash >> 32 && same(t, (uint32_t)s, p, k))
			return (uint32_t)s;
	if (t->n == cap)
		return 0;
	*failed = k.len != LAM_CELL_NULL && !add_text(t, p, &new);
	if (*failed)
		return 0;
	t->entry[++t->n] = new;
	t->slot[at] = k.hash >> 32 << 32 | t->n;
	*failed = t->n * 2 > t->mask && !grow(t);
	return t->n;
}

/* The keys of N rows from ROW on. */
static inline void
make_keys(const struct table *t, const struct lam_values *v, uint32_t row, uint32_t n,
	struct key *k)
{
	for (uint32_t i = 0; i < n; i++) {
		struct lam_cell c = v->cell[row + i];
		uint64_t a = 0, b = 0;

		lam_values_prefetch(v, row + i);
		if (c.len != LAM_CELL_NULL)
			a = make_key(v->text + c.at, c.len,
				(uint64_t)c.at + 16 <= v->end, t->seed, &b);
		k[i] = (struct key){ a, b, hash_key(a, b, c.len, t->seed), c.len };
		__builtin_prefetch(&t->slot[k[i].hash & t->mask]);
	}
}

/* The codes of the N rows whose first slot has them; the others are listed in MISS.
 * Returns how many. */
static inline uint32_t
look_up(const struct table *t, const struct lam_values *v, uint32_t row, uint32_t n,
	const struct key *k, uint16_t *code, uint32_t *miss)
{
	uint32_t e[BATCH], missing = 0;

	for (uint32_t i = 0; i < n; i++) {
		e[i] = (uint32_t)t->slot[k[i].hash & t->mask];
		__builtin_prefetch(&t->entry[e[i]]);
	}
	for (uint32_t i = 0; i < n; i++) {
		const struct entry *x = &t->entry[e[i]];
		bool hit = ((x->a ^ k[i].a) | (x->b ^ k[i].b) |
			(x->len ^ k[i].len)) == 0;

		if (k[i].len > 16 && k[i].len != LAM_CELL_NULL)
			hit = hit && same_long(t->text + x->at,
				v->text + v->cell[row + i].at, k[i].len);
		code[i] = (uint16_t)(e[i] - 1);
		miss[missing] = i;
		missing += !hit;
	}
	return missing;
}

/* The entries as cells of their compact text. */
static bool
make_entries(const struct table *t, struct lam_values *out)
{
	struct lam_cell *c = lam_arena_alloc(t->arena, t->n * sizeof *c + 1);

	if (c == NULL)
		return false;
	for (uint32_t i = 0; i < t->n; i++)
		c[i] = (struct lam_cell){ t->entry[i + 1].at, t->entry[i + 1].len };
	*out = (struct lam_values){ t->text ? t->text : "", c, t->n, t->used };
	return true;
}

/* As lam_column_dict, of values of any length. */
static int
number_long(const struct lam_values *v, uint32_t cap, struct lam_arena *a,
	struct lam_column_dict *out)
{
	struct table t = { .arena = a, .seed = { lam_hash_seed() ^ K1,
		lam_hash_seed() ^ K2 } };
	struct key k[BATCH];
	uint32_t miss[BATCH];
	bool failed = false;

	t.entry = lam_arena_alloc(a, ((size_t)cap + 1) * sizeof *t.entry);
	if (!t.entry || !grow(&t))
		return -1;
	t.entry[0] = (struct entry){ 1, 0, 0, 0 };
	for (uint32_t row = 0; row < v->n; row += BATCH) {
		uint32_t n = v->n - row < BATCH ? v->n - row : BATCH;
		uint32_t missing;

		make_keys(&t, v, row, n, k);
		missing = look_up(&t, v, row, n, k, out->code + row, miss);
		for (uint32_t i = 0; i < missing; i++) {
			uint32_t at = row + miss[i];
			uint32_t e = find(&t, v->text + v->cell[at].at,
				k[miss[i]], cap, &failed);

			if (failed)
				return -1;
			if (!e)
				return 0;
			out->code[at] = (uint16_t)(e - 1);
		}
		if (lam_dict_hopeless(row + n, t.n, v->n))
			return 0;
	}
	return make_entries(&t, &out->entry) ? 1 : -1;
}

int
lam_column_dict(const struct lam_values *v, uint32_t cap, struct lam_arena *a,
	struct lam_column_dict *out)
{
	struct lam_arena_mark mark;
	int r;

	if (cap > v->n)
		cap = v->n;
	out->code = lam_arena_alloc(a, (size_t)v->n * sizeof *out->code + 1);
	if (!out->code)
		return -1;
	mark = lam_arena_mark(a);
	r = lam_column_dict_short(v, cap, a, out);
	if (r != LAM_DICT_LONG)
		return r;
	lam_arena_rewind(a, mark);
	return number_long(v, cap, a, out);
}
