/*
 * distinct.c - the distinct values of a column, and a code for each row
 *
 * An open-addressing table of (32-bit tag, entry) slots, at most half full,
 * that starts small: a column of few values stays in the first-level cache.
 * A key of up to 16 bytes is two words (of two overlapping loads), compared
 * without touching the text again; longer ones are compared with a compact
 * copy of the entries rather than with their first occurrence, which is
 * megabytes away.  Hash: 64 x 64 -> 128-bit multiply and fold (as wyhash),
 * seeded per process, so that log lines cannot be written to collide.
 *
 * Giving up early: after k rows with r repeats, about k^2 / 2r values are to
 * be expected in all (birthday problem).  When that is more than twice the rows,
 * a dictionary will not pay.  Checked at powers of two from 1024 on.
 *
 * Cost: 10 to 25 ns a row for a column of short values; unique values
 * cost 1024 rows.
 */
#include "store/distinct.h"

#include "base/hash.h"

#define K1 UINT64_C(0xa0761d6478bd642f)
#define K2 UINT64_C(0xe7037ed1a0b428db)
#define FIRST_SLOTS 512
#define FIRST_CHECK 1024

struct entry {
	uint64_t a, b; /* content when len <= 16; else a is the hash */
	uint64_t hash;
};

struct table {
	struct lam_arena *arena;
	uint64_t *slot;	     /* hash >> 32 << 32 | entry + 1; 0: free */
	uint32_t mask;
	struct entry *entry;
	struct lam_cell *cell;
	uint32_t n;
	char *text;
	size_t used, cap;
	uint64_t seed;
};

static inline uint64_t
mum(uint64_t a, uint64_t b)
{
	lam_u128 r = (lam_u128)a * b;

	return (uint64_t)r ^ (uint64_t)(r >> 64);
}

static inline struct entry
make_key(const char *p, uint32_t n, uint64_t seed)
{
	struct entry k = { 0, 0, 0 };

	if (n > 16) {
		uint64_t h = seed ^ n;
		uint32_t i = 0;

		for (; i + 16 < n; i += 16)
			h = mum(lam_get64(p + i) ^ K1 ^ seed,
				lam_get64(p + i + 8) ^ h);
		k.a = mum(lam_get64(p + n - 16) ^ K2 ^ seed,
			lam_get64(p + n - 8) ^ h);
		k.hash = mum(k.a ^ K1, seed ^ n);
		return k;
	}
	if (n >= 8) {
		k.a = lam_get64(p);
		k.b = lam_get64(p + n - 8);
	} else if (n >= 4) {
		k.a = lam_get32(p);
		k.b = lam_get32(p + n - 4);
	} else if (n) {
		k.a = (uint64_t)(unsigned char)p[0] << 16 |
			(uint64_t)(unsigned char)p[n / 2] << 8 |
			(unsigned char)p[n - 1];
	}
	k.hash = mum(mum(k.a ^ seed, k.b ^ K1 ^ n) ^ K2, seed ^ n);
	return k;
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
	for (uint32_t i = 0; i < t->n; i++) {
		uint64_t h = t->entry[i].hash;
		uint32_t at = h & t->mask;

		while (s[at])
			at = (at + 1) & t->mask;
		s[at] = h >> 32 << 32 | (i + 1);
	}
	return true;
}

static bool
add_text(struct table *t, const char *p, uint32_t n)
{
	struct lam_cell *c = &t->cell[t->n];

	if (t->cap - t->used < n) {
		size_t cap = (t->cap + n) * 2 + 4096;
		char *to = lam_arena_alloc(t->arena, cap);

		if (to == NULL)
			return false;
		if (t->used)
			memcpy(to, t->text, t->used);
		t->text = to;
		t->cap = cap;
	}
	c->at = (uint32_t)t->used;
	c->len = n;
	if (n)
		memcpy(t->text + t->used, p, n);
	t->used += n;
	return true;
}

static inline bool
same(const struct table *t, uint32_t i, const struct entry *k, const char *p,
	uint32_t n)
{
	const struct entry *x = &t->entry[i];

	if (x->a != k->a || x->b != k->b || t->cell[i].len != n)
		return false;
	return n <= 16 || memcmp(t->text + t->cell[i].at, p, n) == 0;
}

/* The entry of P[N], made when CAP allows; t->n when it does not, or no memory. */
static inline uint32_t
find(struct table *t, const char *p, uint32_t n, uint32_t cap, bool *failed)
{
	struct entry k = make_key(p, n, t->seed);
	uint32_t at = k.hash & t->mask;
	uint64_t s;

	for (; (s = t->slot[at]) != 0; at = (at + 1) & t->mask)
		if (s >> 32 == k.hash >> 32 &&
			same(t, (uint32_t)s - 1, &k, p, n))
			return (uint32_t)s - 1;
	if (t->n == cap)
		return t->n;
	t->entry[t->n] = k;
	t->slot[at] = k.hash >> 32 << 32 | (t->n + 1);
	*failed = !add_text(t, p, n);
	t->n++;
	if (t->n * 2 > t->mask)
		*failed |= !grow(t);
	return t->n - 1;
}

static bool
hopeless(uint32_t rows, uint32_t found, uint32_t n)
{
	if (rows < FIRST_CHECK || rows & (rows - 1))
		return false;
	return (uint64_t)(rows - found) * 4 * n < (uint64_t)rows * rows;
}

int
lam_distinct(const struct lam_values *v, uint32_t cap, struct lam_arena *a,
	struct lam_distinct *out)
{
	struct table t = { .arena = a, .seed = lam_hash_seed() };
	uint32_t null = UINT32_MAX;
	bool failed = false;

	if (cap > v->n)
		cap = v->n;
	t.entry = lam_arena_alloc(a, ((size_t)cap + 1) * sizeof *t.entry);
	t.cell = lam_arena_alloc(a, ((size_t)cap + 1) * sizeof *t.cell);
	out->code = lam_arena_alloc(a, (size_t)v->n * 2 + 1);
	if (!t.entry || !t.cell || !out->code || !grow(&t))
		return -1;
	for (uint32_t i = 0; i < v->n; i++) {
		struct lam_cell c = v->cell[i];
		uint32_t code;

		lam_values_prefetch(v, i);
		if (c.len != LAM_CELL_NULL) {
			code = find(&t, v->text + c.at, c.len, cap, &failed);
		} else if (null == UINT32_MAX && t.n < cap) {
			null = code = t.n;
			t.entry[t.n] = (struct entry){ 0, 0, 0 };
			t.cell[t.n++] = (struct lam_cell){ 0, LAM_CELL_NULL };
		} else {
			code = null;
		}
		if (failed)
			return -1;
		if (code >= t.n || hopeless(i + 1, t.n, v->n))
			return 0;
		out->code[i] = (uint16_t)code;
	}
	out->entry = (struct lam_values){ t.text ? t.text : "", t.cell, t.n };
	return 1;
}
