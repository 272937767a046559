/*
 * group_table_find.c - the group of a tuple
 *
 * With one text as key the id of the text is the group.  Else the group is looked
 * up
 *
 *	in a cube with a cell of 4 bytes for each combination of ids, as long
 *	as it is not much larger than the groups are many: one memory access,
 *	nothing to compare; or
 *
 *	through open addressing over 8-byte slots as in key_dict.c, by the cells and
 *	tags of the keys, which are compared in the record.
 *
 * The edges of the cube are powers of two, so it is laid out anew only when a
 * dictionary has doubled.  Values that are no texts are numbered for the cube alone,
 * so it is given up when there are many of them.  Groups are looked up LAM_TUPLES at
 * a time: first all cells or slots are prefetched, then the records.
 */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/hot.h"
#include "group/group_table_internal.h"

#define SLOTS_MIN 64
#define CUBE_BITS 20	 /* so large it may always be */
#define CUBE_BITS_MAX 28
#define CUBE_SPARSE 8	 /* else cells for each group, at most */
#define NUMBERED 4096	 /* values of one key that is no text */

static void
drop_cube(struct lam_group_table *t)
{
	lam_mem_free(&t->mem, t->cube, (size_t)1 << t->bits, sizeof *t->cube);
	t->cube = NULL;
}

/* The cells of N tuples of ids; a cube has less than 2^32. */
LAM_HOT static void
cells_of(const uint32_t *id, const struct lam_group_key *key, uint32_t nkeys,
	uint32_t n, uint32_t *cell)
{
	memset(cell, 0, n * sizeof *cell);
	for (uint32_t k = 0; k < nkeys; k++, id += n) {
		unsigned by = key[k].shift; /* else it is read again for each */

		for (uint32_t i = 0; i < n; i++)
			cell[i] |= id[i] << by;
	}
}

/* Bits for the ids of a dictionary that may grow a little. */
static unsigned
bits_of(const struct lam_key_dict *d)
{
	uint32_t n = d->values.n;

	return n > 1 ? 32 - (unsigned)__builtin_clz(n - 1) : 0;
}

/* Does the cube hold all ids there are? */
static bool
cube_holds(const struct lam_group_table *t)
{
	for (uint32_t k = 0; k < t->nkeys; k++)
		if (t->dict[k].values.n > UINT64_C(1) << t->key[k].width)
			return false;
	return true;
}

/*
 * Place the bits of the ids there are in KEY; how many they are, or more than fit.  A
 * key with more values lies lower: of the others a batch has few, a time above all, so
 * that its cells lie together.
 */
static unsigned
place_bits(const struct lam_group_table *t, struct lam_group_key *key)
{
	unsigned bits = 0;

	for (uint32_t k = 0; k < t->nkeys; k++) {
		key[k] = t->key[k];
		key[k].width = (uint8_t)bits_of(&t->dict[k]);
		key[k].shift = 0;
		bits += key[k].width;
	}
	for (uint32_t k = 0; k < t->nkeys; k++)
		for (uint32_t i = 0; i < t->nkeys; i++)
			if (key[i].width > key[k].width ||
				(key[i].width == key[k].width && i > k))
				key[k].shift = (uint8_t)(key[k].shift +
					key[i].width);
	return bits;
}

/* The cell that had the bits of T's keys, with those of KEY. */
static size_t
cell_moved(const struct lam_group_table *t, size_t cell,
	const struct lam_group_key *key)
{
	size_t to = 0;

	for (uint32_t k = 0; k < t->nkeys; k++)
		to |= (cell >> t->key[k].shift & (((size_t)1 <<
			t->key[k].width) - 1)) << key[k].shift;
	return to;
}

/* The groups of T's cube into CUBE, which has the bits of its ids as KEY says. */
static void
move_groups(struct lam_group_table *t, uint32_t *cube,
	const struct lam_group_key *key)
{
	size_t n = (size_t)1 << t->bits;

	for (size_t from = 0; from < n; from++) {
		uint32_t g = t->cube[from];
		size_t to;

		if (!g)
			continue;
		to = cell_moved(t, from, key);
		cube[to] = g;
		lam_put32(lam_group_table_rec(t, g - 1), (uint32_t)to);
	}
}

/* Do cells stay where they are: has nothing grown but the highest key? */
static bool
stays(const struct lam_group_table *t, const struct lam_group_key *key)
{
	for (uint32_t k = 0; k < t->nkeys; k++)
		if (key[k].shift != t->key[k].shift)
			return false;
	return true;
}

/* The cube for 1 << BITS cells, with ids as KEY says.  False: memory. */
static bool
grow_cube(struct lam_group_table *t, const struct lam_group_key *key,
	unsigned bits)
{
	size_t n = (size_t)1 << bits, had = (size_t)1 << t->bits;
	uint32_t *cube;

	if (t->cube && stays(t, key)) {
		cube = lam_mem_zero_more(&t->mem, t->cube, had, n,
			sizeof *cube);
		t->cube = cube ? cube : t->cube;
		return cube != NULL;
	}
	cube = lam_mem_zero(&t->mem, n, sizeof *cube);
	if (!cube)
		return false;
	if (t->cube) { /* else there are no groups */
		move_groups(t, cube, key);
		drop_cube(t);
	}
	t->cube = cube;
	return true;
}

/*
 * Lay the cube out for the ids there are.  *FITS: it is not too large for
 * N groups.
 */
static int
make_cube(struct lam_group_table *t, size_t n, bool *fits, struct lam_error *e)
{
	struct lam_group_key *key = malloc(t->nkeys * sizeof *key);
	unsigned bits;

	if (!key)
		return lam_fail_mem(e);
	bits = place_bits(t, key);
	*fits = bits <= CUBE_BITS || (bits <= CUBE_BITS_MAX &&
		(size_t)1 << bits <= CUBE_SPARSE * n);
	if (!*fits) {
		free(key);
		drop_cube(t);
		return lam_group_table_part_keys(t, e);
	}
	if (!grow_cube(t, key, bits)) {
		free(key);
		return lam_fail_mem(e);
	}
	free(t->key);
	t->key = key;
	t->bits = bits;
	return LAM_OK;
}

/* H, of the keys before, and one more. */
static inline uint64_t
mix_key(const struct lam_group_table *t, uint64_t h, uint64_t cell, uint8_t tag)
{
	return lam_mix(h ^ cell ^ (uint64_t)tag << 56, t->seed);
}

static inline uint32_t
hash_tuple(const struct lam_group_table *t, const uint64_t *cell,
	const uint8_t *tag, uint32_t n)
{
	uint64_t h = 0;

	for (uint32_t k = 0; k < t->nkeys; k++)
		h = mix_key(t, h, cell[k * n], tag[k * n]);
	return (uint32_t)(h >> 32);
}

/* The same of a record. */
static uint32_t
hash_record(const struct lam_group_table *t, const char *rec)
{
	uint64_t h = 0;

	for (uint32_t k = 0; k < t->nkeys; k++)
		h = mix_key(t, h, lam_group_cell(t, rec, k),
			lam_group_tag(t, rec, k));
	return (uint32_t)(h >> 32);
}

/* Slots for NEED groups, half of them staying empty. */
static int
make_slots(struct lam_group_table *t, size_t need, struct lam_error *e)
{
	size_t n = t->nslots ? t->nslots : SLOTS_MIN;
	uint64_t *slot;

	if (2 * need <= t->nslots)
		return LAM_OK;
	while (n < 2 * need)
		n *= 2;
	slot = lam_mem_zero(&t->mem, n, sizeof *slot);
	if (!slot)
		return lam_fail_mem(e);
	for (size_t i = 0; i < t->nslots; i++) {
		size_t j = t->slot[i] >> 32 & (n - 1);

		if (!t->slot[i])
			continue;
		while (slot[j])
			j = (j + 1) & (n - 1);
		slot[j] = t->slot[i];
	}
	for (uint32_t g = 0; !t->nslots && g < t->n; g++) {
		uint64_t h = hash_record(t, lam_group_table_rec(t, g));
		size_t j = h & (n - 1);

		while (slot[j])
			j = (j + 1) & (n - 1);
		slot[j] = h << 32 | (g + 1);
	}
	drop_cube(t);
	lam_mem_free(&t->mem, t->slot, t->nslots, sizeof *slot);
	t->slot = slot;
	t->nslots = n;
	return LAM_OK;
}

bool
lam_group_table_has_ids(const struct lam_group_table *t)
{
	if (lam_group_table_dense(t))
		return true;
	for (uint32_t k = 0; !t->slot && k < t->nkeys; k++)
		if (t->dict[k].values.type != LAM_TEXT &&
			t->dict[k].values.n > NUMBERED)
			return false;
	return !t->slot;
}

/* M new records of the cells of the tuples FRESH, in that order. */
static void
new_by_cells(struct lam_group_table *t, const uint32_t *cell,
	const uint16_t *fresh, uint32_t m)
{
	uint32_t first = lam_group_table_blank(t, m);

	for (uint32_t i = 0; i < m; i++)
		lam_put32(lam_group_table_rec(t, first + i), cell[fresh[i]]);
}

/* No key: one group.  One key: the group of id x is x. */
static int
dense_groups(struct lam_group_table *t, const uint32_t *id, uint32_t n,
	uint32_t *group, struct lam_error *e)
{
	uint32_t had = t->n, need = t->nkeys ? t->dict[0].values.n : 1;
	int rc = need > had ? lam_group_table_room(t, need - had, e) : LAM_OK;

	if (rc)
		return rc;
	if (need > had)
		lam_group_table_blank(t, need - had);
	for (uint32_t at = had; t->nkeys && at < need; at++)
		lam_put32(lam_group_table_rec(t, at), at);
	for (uint32_t i = 0; i < n; i++)
		group[i] = t->nkeys ? id[i] : 0;
	return LAM_OK;
}

/* Whether a group is new nobody can predict: that is no branch. */
static void
groups_by_cube(struct lam_group_table *t, const uint32_t *id, uint32_t n,
	uint32_t *group)
{
	uint32_t cell[LAM_TUPLES], *cube = t->cube, next = t->n + 1, m = 0;
	uint16_t fresh[LAM_TUPLES];

	cells_of(id, t->key, t->nkeys, n, cell);
	for (uint32_t i = 0; i < n; i++)
		__builtin_prefetch(&cube[cell[i]], 1);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t g = cube[cell[i]];
		bool new = g == 0;

		g = new ? next + m : g;
		fresh[m] = (uint16_t)i;
		m += new;
		cube[cell[i]] = g;
		group[i] = g - 1;
	}
	new_by_cells(t, cell, fresh, m);
}

int
lam_group_table_by_ids(struct lam_group_table *t, const uint32_t *id,
	uint32_t n, uint32_t *group, bool *done, struct lam_error *e)
{
	int rc;

	*done = true;
	if (lam_group_table_dense(t))
		return dense_groups(t, id, n, group, e);
	rc = lam_group_table_room(t, n, e);
	if (!rc && (!t->cube || !cube_holds(t)))
		rc = make_cube(t, t->n + n, done, e);
	if (!rc && *done)
		groups_by_cube(t, id, n, group);
	return rc;
}

static inline bool
same_tuple(const struct lam_group_table *t, const char *rec,
	const struct lam_tuples *x, uint32_t n, uint32_t i)
{
	for (uint32_t k = 0; k < t->nkeys; k++)
		if (lam_group_cell(t, rec, k) != x->cell[k * n + i] ||
			lam_group_tag(t, rec, k) != x->tag[k * n + i])
			return false;
	return true;
}

static void
groups_by_hash(struct lam_group_table *t, const struct lam_tuples *x,
	uint32_t n, uint32_t *group)
{
	uint32_t hash[LAM_TUPLES];
	size_t mask = t->nslots - 1;

	for (uint32_t i = 0; i < n; i++) {
		hash[i] = hash_tuple(t, x->cell + i, x->tag + i, n);
		__builtin_prefetch(&t->slot[hash[i] & mask]);
	}
	for (uint32_t i = 0; i < n; i++) {
		uint64_t entry = t->slot[hash[i] & mask];
		const char *rec;

		if (!entry || entry >> 32 != hash[i])
			continue;
		rec = lam_group_table_rec(t, (uint32_t)entry - 1);
		__builtin_prefetch(rec, 1);
		__builtin_prefetch(rec + t->stride - 1, 1); /* the next line? */
	}
	for (uint32_t i = 0; i < n; i++) {
		size_t at = hash[i] & mask;

		for (; t->slot[at]; at = (at + 1) & mask)
			if (t->slot[at] >> 32 == hash[i] && same_tuple(t,
				lam_group_table_rec(t,
				(uint32_t)t->slot[at] - 1), x, n, i))
				break;
		if (!t->slot[at])
			t->slot[at] = (uint64_t)hash[i] << 32 |
				(lam_group_table_new(t, x, n, i) + 1);
		group[i] = (uint32_t)t->slot[at] - 1;
	}
}

int
lam_group_table_find(struct lam_group_table *t, const struct lam_tuples *x,
	uint32_t n, uint32_t *group, struct lam_error *e)
{
	int rc = lam_group_table_part_keys(t, e);

	if (!rc)
		rc = lam_group_table_room(t, n, e);
	if (!rc)
		rc = make_slots(t, t->n + n, e);
	if (!rc)
		groups_by_hash(t, x, n, group);
	return rc;
}

/* The hash of number TAG (not text), as every table has it. */
static uint32_t
hash_value(const struct lam_key_dict *d, uint64_t cell, uint8_t tag)
{
	const struct lam_num *w;

	if (tag != LAM_TAG_WIDE) {
		cell ^= (uint64_t)tag << 56;
		return (uint32_t)(lam_mix(cell, d->seed) >> 32);
	}
	w = &d->values.wide[cell];
	cell = lam_mix((uint64_t)w->m ^ w->scale, d->seed);
	return (uint32_t)(lam_mix(cell ^ (uint64_t)(w->m >> 64), d->seed) >>
		32);
}

bool
lam_group_table_hashes(const struct lam_group_table *t, uint32_t *hash)
{
	memset(hash, 0, t->n * sizeof *hash);
	for (uint32_t k = 0; k < t->nkeys; k++) {
		const struct lam_key_dict *d = &t->dict[k];
		uint32_t *of = NULL, one;

		if (d->values.type == LAM_TEXT) {
			of = lam_mem_scratch(d->values.n, sizeof *of);
			if (!of)
				return false;
			lam_key_dict_hashes(d, of);
		}
		for (uint32_t g = 0; g < t->n; g++) {
			const char *rec = lam_group_table_rec(t, g);
			uint64_t cell = lam_group_cell(t, rec, k);

			one = of ? of[cell] : hash_value(d, cell,
				lam_group_tag(t, rec, k));
			hash[g] = (uint32_t)(lam_mix((uint64_t)hash[g] << 32 |
				one, t->seed) >> 32);
		}
		free(of);
	}
	return true;
}

bool
lam_group_table_same(const struct lam_group_table *t, uint32_t a,
	const struct lam_group_table *o, uint32_t b)
{
	const char *x = lam_group_table_rec(t, a);
	const char *y = lam_group_table_rec(o, b);

	for (uint32_t k = 0; k < t->nkeys; k++) {
		const struct lam_column_builder *u = &t->dict[k].values;
		const struct lam_column_builder *v = &o->dict[k].values;
		uint64_t c = lam_group_cell(t, x, k), d = lam_group_cell(o, y, k);
		uint8_t tag = lam_group_tag(t, x, k);

		if (tag != lam_group_tag(o, y, k))
			return false;
		if (u->type == LAM_TEXT ? !lam_key_dict_same(&t->dict[k],
			(uint32_t)c, &o->dict[k], (uint32_t)d) :
			tag != LAM_TAG_WIDE ? c != d :
			u->wide[c].m != v->wide[d].m ||
			u->wide[c].scale != v->wide[d].scale)
			return false;
	}
	return true;
}
