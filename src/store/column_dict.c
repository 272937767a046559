/*
 * column_dict.c - the distinct values of a column, and a code for each row
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
 * Cost on one 2 GHz Zen 1 core: 9 ns a row for a few short values in cache, 18
 * when the rows' text has to come from memory, 37 for 11,000 paths or 22,000
 * addresses in 65,536 rows; unique values cost 1024 rows.  Hashing rows ahead
 * in batches of 16 or 32 was slower: the processor overlaps neighbours by
 * itself.
 */
#include "store/column_dict.h"

#include "base/hash.h"

#define K1 UINT64_C(0xa0761d6478bd642f)
#define K2 UINT64_C(0xe7037ed1a0b428db)
#define FIRST_SLOTS 512
#define FIRST_CHECK 1024

struct entry {
	uint64_t a, b; /* content when len <= 16; else hashes */
	uint32_t at, len;
};

struct table {
	struct lam_arena *arena;
	uint64_t *slot; /* hash >> 32 << 32 | entry + 1; 0: free */
	uint32_t mask;
	struct entry *entry;
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

/*
 * A key is two words in registers, A and *B: content of up to 16 bytes, hashes
 * of more.  Not a struct: gcc would pair them in a vector register.
 */

/* Two independent chains of multiplications, for the processor's sake. */
static inline uint64_t
hash_long(const char *p, uint32_t n, uint64_t seed, uint64_t *b)
{
	uint64_t g = seed ^ n, h = seed ^ K2;
	uint32_t i = 0;

	for (; i + 32 < n; i += 32) {
		g = mum(lam_get64(p + i) ^ K1 ^ seed,
			lam_get64(p + i + 8) ^ g);
		h = mum(lam_get64(p + i + 16) ^ K2 ^ seed,
			lam_get64(p + i + 24) ^ h);
	}
	if (i + 16 < n)
		g = mum(lam_get64(p + i) ^ K1 ^ seed,
			lam_get64(p + i + 8) ^ g);
	*b = g;
	return mum(lam_get64(p + n - 16) ^ K2 ^ seed,
		lam_get64(p + n - 8) ^ h);
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
make_key(const char *p, uint32_t n, bool wide, uint64_t seed, uint64_t *b)
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
hash_key(uint64_t a, uint64_t b, uint32_t n, uint64_t seed)
{
	return mum(a ^ seed, b ^ K1 ^ (seed >> 32) ^ n * K2);
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
		const struct entry *k = &t->entry[i];
		uint64_t h = hash_key(k->a, k->b, k->len, t->seed);
		uint32_t at = h & t->mask;

		while (s[at])
			at = (at + 1) & t->mask;
		s[at] = h >> 32 << 32 | (i + 1);
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

/* N > 16 bytes are the same.  Up to 32 without a branch on how many: lengths vary. */
static inline bool
same_long(const char *a, const char *b, uint32_t n)
{
	uint64_t differ;

	if (n > 64)
		return memcmp(a, b, n) == 0;
	differ = (lam_get64(a) ^ lam_get64(b)) |
		(lam_get64(a + 8) ^ lam_get64(b + 8)) |
		(lam_get64(a + n - 16) ^ lam_get64(b + n - 16)) |
		(lam_get64(a + n - 8) ^ lam_get64(b + n - 8));
	for (uint32_t i = 16; i + 16 < n; i += 8)
		differ |= lam_get64(a + i) ^ lam_get64(b + i);
	return differ == 0;
}

/* A new entry in slot AT; false: out of memory. */
static __attribute__((noinline)) bool
add_entry(struct table *t, const char *p, struct entry k, uint64_t hash,
	uint32_t at)
{
	if (!add_text(t, p, &k))
		return false;
	t->entry[t->n++] = k;
	t->slot[at] = hash >> 32 << 32 | t->n;
	return t->n * 2 <= t->mask || grow(t);
}

/* The entry of P[N], made when CAP allows; else t->n. */
static inline uint32_t
find(struct table *t, const char *p, uint32_t n, bool wide, uint32_t cap,
	bool *failed)
{
	uint64_t b, a = make_key(p, n, wide, t->seed, &b), s;
	uint64_t hash = hash_key(a, b, n, t->seed);
	uint32_t at = hash & t->mask;

	for (; (s = t->slot[at]) != 0; at = (at + 1) & t->mask) {
		const struct entry *x = &t->entry[(uint32_t)s - 1];

		if (s >> 32 == hash >> 32 && x->a == a && x->b == b &&
			x->len == n &&
			(n <= 16 || same_long(t->text + x->at, p, n)))
			return (uint32_t)s - 1;
	}
	if (t->n == cap)
		return t->n;
	*failed = !add_entry(t, p, (struct entry){ a, b, 0, n }, hash, at);
	return t->n - 1;
}

static bool
hopeless(uint32_t rows, uint32_t found, uint32_t n)
{
	if (rows < FIRST_CHECK || rows & (rows - 1))
		return false;
	return (uint64_t)(rows - found) * 4 * n < (uint64_t)rows * rows;
}

/* The entries as cells of their compact text. */
static bool
make_entries(const struct table *t, struct lam_values *out)
{
	struct lam_cell *c = lam_arena_alloc(t->arena, t->n * sizeof *c + 1);

	if (c == NULL)
		return false;
	for (uint32_t i = 0; i < t->n; i++)
		c[i] = (struct lam_cell){ t->entry[i].at, t->entry[i].len };
	*out = (struct lam_values){ t->text ? t->text : "", c, t->n, t->used };
	return true;
}

int
lam_column_dict(const struct lam_values *v, uint32_t cap, struct lam_arena *a,
	struct lam_column_dict *out)
{
	struct table t = { .arena = a, .seed = lam_hash_seed() };
	uint32_t null = UINT32_MAX;
	bool failed = false;

	if (cap > v->n)
		cap = v->n;
	t.entry = lam_arena_alloc(a, ((size_t)cap + 1) * sizeof *t.entry);
	out->code = lam_arena_alloc(a, (size_t)v->n * 2 + 1);
	if (!t.entry || !out->code || !grow(&t))
		return -1;
	for (uint32_t i = 0; i < v->n; i++) {
		struct lam_cell c = v->cell[i];
		uint32_t code;

		lam_values_prefetch(v, i);
		if (c.len != LAM_CELL_NULL) {
			code = find(&t, v->text + c.at, c.len,
				(uint64_t)c.at + 16 <= v->end, cap, &failed);
		} else if (null == UINT32_MAX && t.n < cap) {
			null = code = t.n;
			t.entry[t.n++] = (struct entry){ 0, 0, 0, c.len };
		} else {
			code = null;
		}
		if (failed)
			return -1;
		if (code >= t.n || hopeless(i + 1, t.n, v->n))
			return 0;
		out->code[i] = (uint16_t)code;
	}
	return make_entries(&t, &out->entry) ? 1 : -1;
}
