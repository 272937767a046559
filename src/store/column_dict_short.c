/*
 * column_dict_short.c - the same, of values of up to 7 bytes
 *
 * Such a value, with its length, is one word.  So a slot of the table has the value
 * itself, and a row is a look at one slot, in a loop that has no branch on anything
 * nobody can predict: a quarter of the instructions of column_dict.c, which goes from
 * hash to slot to entry to text.  A row that is not in its first slot is listed, as
 * there.  The first batch with a value that is longer ends it all.
 *
 * Hash: the word by an odd number drawn once per process, its highest bits.
 *
 * Values of up to 15 bytes are no faster this way, neither as two words, nor as one
 * where all have only digits and dots: tables of many values are what is waited for.
 */
#include "base/hash.h"
#include "base/hot.h"
#include "store/column_dict_internal.h"

#define BATCH 64
#define FIRST_BITS 9
#define SIZE 8 /* bytes of a word */
#define INLINE static inline __attribute__((always_inline))

struct table {
	struct lam_arena *arena;
	uint64_t *slot; /* [2^bits]; 0: free */
	uint16_t *code; /* [2^bits], of the values in the slots */
	unsigned bits;
	uint64_t seed;
	uint64_t *word; /* [cap], of the distinct values, */
	struct lam_cell *cell;
	char *text; /* SIZE bytes each */
	uint32_t n;
};

/* The word of C: its bytes, and above them its length and one.  *LONGER: it has
 * none. */
INLINE uint64_t
make_word(const struct lam_values *v, struct lam_cell c, bool *longer)
{
	uint64_t length = (uint64_t)c.len + 1, bytes;
	char edge[SIZE] = { 0 };

	if (LAM_UNLIKELY(c.len - 1 >= SIZE - 1)) {
		*longer |= c.len != 0 && c.len != LAM_CELL_NULL;
		return c.len ? UINT64_MAX : length << 56;
	}
	if (LAM_UNLIKELY((uint64_t)c.at + SIZE > v->end)) {
		memcpy(edge, v->text + c.at, c.len);
		bytes = lam_get64(edge);
	} else {
		bytes = lam_get64(v->text + c.at);
	}
	return (bytes & (UINT64_MAX >> (64 - 8 * c.len))) | length << 56;
}

INLINE uint32_t
place(const struct table *t, uint64_t w)
{
	return (uint32_t)(w * t->seed >> (64 - t->bits));
}

static bool
grow(struct table *t)
{
	uint32_t mask;

	t->bits += t->slot != NULL;
	t->slot = LAM_ARENA_NEW(t->arena, uint64_t, (size_t)1 << t->bits);
	t->code = LAM_ARENA_NEW(t->arena, uint16_t, (size_t)1 << t->bits);
	if (!t->slot || !t->code)
		return false;
	mask = (1u << t->bits) - 1;
	for (uint32_t i = 0; i < t->n; i++) {
		uint32_t at = place(t, t->word[i]);

		while (t->slot[at])
			at = (at + 1) & mask;
		t->slot[at] = t->word[i];
		t->code[at] = (uint16_t)i;
	}
	return true;
}

/* The code of W, which is C; -1: there would be more than CAP, -2: no memory. */
static int
find(struct table *t, uint64_t w, struct lam_cell c, uint32_t cap)
{
	uint32_t at = place(t, w), mask = (1u << t->bits) - 1;

	for (; t->slot[at]; at = (at + 1) & mask)
		if (t->slot[at] == w)
			return t->code[at];
	if (t->n == cap)
		return -1;
	t->slot[at] = t->word[t->n] = w;
	t->code[at] = (uint16_t)t->n;
	t->cell[t->n] = (struct lam_cell){ t->n * SIZE, c.len };
	lam_put64(t->text + (size_t)t->n * SIZE, w);
	t->n++;
	return t->n * 2 > mask && !grow(t) ? -2 : (int)t->n - 1;
}

int
lam_column_dict_short(const struct lam_values *v, uint32_t cap,
	struct lam_arena *a, struct lam_column_dict *out)
{
	struct table t = { .arena = a, .bits = FIRST_BITS,
		.seed = lam_hash_seed() | 1 };
	uint32_t miss[BATCH];
	bool longer = false;

	t.word = lam_arena_alloc(a, cap * sizeof *t.word + 1);
	t.cell = lam_arena_alloc(a, cap * sizeof *t.cell + 1);
	t.text = lam_arena_alloc(a, (size_t)cap * SIZE + 1);
	if (!t.word || !t.cell || !t.text || !grow(&t))
		return -1;
	for (uint32_t row = 0; row < v->n; row += BATCH) {
		uint32_t n = v->n - row < BATCH ? v->n - row : BATCH, missing = 0;
		const struct lam_cell *c = v->cell + row;
		uint16_t *code = out->code + row;

		for (uint32_t i = 0; i < n; i++) {
			uint64_t w = make_word(v, c[i], &longer);
			uint32_t at = place(&t, w);

			code[i] = t.code[at];
			miss[missing] = i;
			missing += t.slot[at] != w;
		}
		if (longer)
			return LAM_DICT_LONG;
		for (uint32_t i = 0; i < missing; i++) {
			struct lam_cell x = c[miss[i]];
			int found = find(&t, make_word(v, x, &longer), x, cap);

			if (found < 0)
				return found == -1 ? 0 : -1;
			code[miss[i]] = (uint16_t)found;
		}
		if (lam_dict_hopeless(row + n, t.n, v->n))
			return 0;
	}
	out->entry = (struct lam_values){ (const char *)t.text, t.cell, t.n,
		(uint64_t)t.n * SIZE };
	return 1;
}
