/*
 * group_table.c - the table of all groups of one worker and job
 *
 * Records are an array.  With one key the id of its value is the group.  With
 * several, the group is looked up
 *
 *	in a cube with a cell of 4 bytes for each combination of ids, as long
 *	as it is not much larger than the groups are many: one memory access,
 *	nothing to compare; or
 *
 *	through open addressing over 8-byte slots as in key_dict.c.
 *
 * The edges of the cube are powers of two, so it is laid out anew only when a
 * dictionary has doubled.  Groups are looked up LAM_TUPLES at a time: first all
 * cells or slots are prefetched, then the records; then all aggregates are flushed
 * while the records are in the cache.
 */
#include "group/group_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/hot.h"

#define SLOTS_MIN 64
#define CUBE_BITS 20	 /* so large it may always be */
#define CUBE_BITS_MAX 28
#define CUBE_SPARSE 8	 /* else cells for each group, at most */

int
lam_group_table_init(struct lam_group_table *t, const struct lam_query *q,
	struct lam_error *e)
{
	size_t at = ((size_t)q->nkeys * sizeof(uint32_t) + 7) & ~(size_t)7;
	int rc;

	memset(t, 0, sizeof *t);
	t->q = q;
	t->nkeys = q->nkeys;
	t->seed = lam_hash_seed();
	t->dict = calloc(q->nkeys + 1, sizeof *t->dict);
	t->agg = calloc(q->nstates + 1, sizeof *t->agg);
	t->shift = calloc(q->nkeys + 1, sizeof *t->shift);
	if (!t->dict || !t->agg || !t->shift)
		return lam_fail_mem(e);
	for (uint32_t k = 0; k < q->nkeys; k++)
		lam_key_dict_init(&t->dict[k], q->key[k]->type, &t->mem,
			t->seed);
	for (uint32_t s = 0; s < q->nstates; s++) {
		struct lam_agg *a = &t->agg[s];

		a->ops = lam_agg_ops(q->state[s].kind);
		a->state = &q->state[s];
		a->table = t;
		a->mem = &t->mem;
		a->at = at;
		at += a->ops->slot;
		lam_heap_init(&a->heap, &t->mem);
		t->nstates = s + 1;
		rc = a->ops->init ? a->ops->init(a, e) : LAM_OK;
		if (rc)
			return rc;
	}
	t->stride = at ? at : 8;
	return LAM_OK;
}

void
lam_group_table_release(struct lam_group_table *t)
{
	for (uint32_t s = 0; t->agg && s < t->nstates; s++) {
		if (t->agg[s].ops->release)
			t->agg[s].ops->release(&t->agg[s]);
		lam_heap_release(&t->agg[s].heap);
	}
	for (uint32_t k = 0; t->dict && k < t->nkeys; k++)
		lam_key_dict_release(&t->dict[k]);
	lam_mem_free(&t->mem, t->rec, t->cap, t->stride);
	lam_mem_free(&t->mem, t->slot, t->nslots, sizeof *t->slot);
	lam_mem_free(&t->mem, t->cube, (size_t)1 << t->bits, sizeof *t->cube);
	free(t->dict);
	free(t->agg);
	free(t->shift);
	memset(t, 0, sizeof *t);
}

size_t
lam_group_table_memory(const struct lam_group_table *t)
{
	size_t n = t->mem.used + (size_t)t->n * 48;

	for (uint32_t k = 0; k < t->nkeys; k++)
		n += (size_t)t->dict[k].values.n * 64;
	return n;
}

/* Room for MORE records. */
static int
room(struct lam_group_table *t, size_t more, struct lam_error *e)
{
	size_t need = t->n + more;
	char *rec;

	if (need >= UINT32_MAX)
		return lam_fail(e, LAM_SYSTEM, "group by: too many groups");
	if (need <= t->cap)
		return LAM_OK;
	rec = lam_mem_grow(&t->mem, t->rec, &t->cap, need, t->stride);
	if (!rec)
		return lam_fail_mem(e);
	t->rec = rec;
	return LAM_OK;
}

static void
drop_cube(struct lam_group_table *t)
{
	lam_mem_free(&t->mem, t->cube, (size_t)1 << t->bits, sizeof *t->cube);
	t->cube = NULL;
}

static inline size_t
cell_of(const struct lam_group_table *t, const uint32_t *id, uint32_t n,
	uint32_t i)
{
	size_t cell = (size_t)id[i] | (size_t)id[n + i] << t->shift[1];

	for (uint32_t k = 2; k < t->nkeys; k++)
		cell |= (size_t)id[k * n + i] << t->shift[k];
	return cell;
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
		if (t->dict[k].values.n > UINT64_C(1) << (t->shift[k + 1] -
			t->shift[k]))
			return false;
	return true;
}

/*
 * Lay the cube out for the ids there are.  *FITS: it is not too large for
 * N groups.
 */
static int
make_cube(struct lam_group_table *t, size_t n, bool *fits, struct lam_error *e)
{
	uint32_t id;
	unsigned bits = 0;

	drop_cube(t);
	for (uint32_t k = 0; k < t->nkeys && bits <= CUBE_BITS_MAX; k++) {
		t->shift[k] = (uint8_t)bits;
		bits += bits_of(&t->dict[k]);
		t->shift[k + 1] = (uint8_t)bits;
	}
	*fits = bits <= CUBE_BITS || (bits <= CUBE_BITS_MAX &&
		(size_t)1 << bits <= CUBE_SPARSE * n);
	if (!*fits)
		return LAM_OK;
	t->cube = lam_mem_zero(&t->mem, (size_t)1 << bits, sizeof *t->cube);
	if (!t->cube)
		return lam_fail_mem(e);
	t->bits = bits;
	for (uint32_t g = 0; g < t->n; g++) {
		const char *rec = lam_group_table_rec(t, g);
		size_t cell = 0;

		for (uint32_t k = 0; k < t->nkeys; k++) {
			memcpy(&id, rec + k * sizeof id, sizeof id);
			cell |= (size_t)id << t->shift[k];
		}
		t->cube[cell] = g + 1;
	}
	return LAM_OK;
}

static uint32_t
hash_tuple(const struct lam_group_table *t, const uint32_t *id, uint32_t n,
	uint32_t i)
{
	uint64_t h = lam_mix((uint64_t)id[i] << 32 | id[n + i], t->seed);

	for (uint32_t k = 2; k < t->nkeys; k++)
		h = lam_mix(h ^ id[k * n + i], t->seed);
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
	for (uint32_t g = 0; g < t->n; g++) {
		const void *rec = lam_group_table_rec(t, g);
		uint32_t h = hash_tuple(t, rec, 1, 0);
		size_t j = h & (n - 1);

		while (slot[j])
			j = (j + 1) & (n - 1);
		slot[j] = (uint64_t)h << 32 | (g + 1);
	}
	lam_mem_free(&t->mem, t->slot, t->nslots, sizeof *slot);
	t->slot = slot;
	t->nslots = n;
	return LAM_OK;
}

/* A new record for tuple I. */
static uint32_t
add_group(struct lam_group_table *t, const uint32_t *id, uint32_t n, uint32_t i)
{
	char *rec = lam_group_table_rec(t, t->n);

	memset(rec, 0, t->stride);
	for (uint32_t k = 0; k < t->nkeys; k++)
		memcpy(rec + k * sizeof *id, &id[k * n + i], sizeof *id);
	return t->n++;
}

int
lam_group_table_add(struct lam_group_table *t, const uint32_t *id, char **rec,
	struct lam_error *e)
{
	int rc = room(t, 1, e);

	if (!rc)
		*rec = lam_group_table_rec(t, add_group(t, id, 1, 0));
	return rc;
}

int
lam_group_table_freeze(struct lam_group_table *t, struct lam_error *e)
{
	int rc = LAM_OK;

	for (uint32_t s = 0; !rc && s < t->nstates; s++)
		if (t->agg[s].ops->freeze)
			rc = t->agg[s].ops->freeze(&t->agg[s], e);
	return rc;
}

/* No key: one group.  One key: the group of id x is x. */
static int
dense_groups(struct lam_group_table *t, const uint32_t *id, uint32_t n,
	uint32_t *group, struct lam_error *e)
{
	uint32_t need = t->nkeys ? t->dict[0].values.n : 1, at;
	int rc = need > t->n ? room(t, need - t->n, e) : LAM_OK;

	if (rc)
		return rc;
	for (at = t->n; at < need; at++)
		add_group(t, &at, 1, 0);
	for (uint32_t i = 0; i < n; i++)
		group[i] = t->nkeys ? id[i] : 0;
	return LAM_OK;
}

static inline bool
same_tuple(const struct lam_group_table *t, uint32_t group, const uint32_t *id,
	uint32_t n, uint32_t i)
{
	const char *rec = lam_group_table_rec(t, group);
	uint32_t x;

	for (uint32_t k = 0; k < t->nkeys; k++) {
		memcpy(&x, rec + k * sizeof x, sizeof x);
		if (x != id[k * n + i])
			return false;
	}
	return true;
}

static void
groups_by_cube(struct lam_group_table *t, const uint32_t *id, uint32_t n,
	uint32_t *group)
{
	size_t cell[LAM_TUPLES];

	for (uint32_t i = 0; i < n; i++) {
		cell[i] = cell_of(t, id, n, i);
		__builtin_prefetch(&t->cube[cell[i]]);
	}
	for (uint32_t i = 0; i < n; i++) {
		uint32_t *g = &t->cube[cell[i]];

		if (!*g)
			*g = add_group(t, id, n, i) + 1;
		group[i] = *g - 1;
	}
}

static void
groups_by_hash(struct lam_group_table *t, const uint32_t *id, uint32_t n,
	uint32_t *group)
{
	uint32_t hash[LAM_TUPLES];
	size_t mask = t->nslots - 1;

	for (uint32_t i = 0; i < n; i++) {
		hash[i] = hash_tuple(t, id, n, i);
		__builtin_prefetch(&t->slot[hash[i] & mask]);
	}
	for (uint32_t i = 0; i < n; i++) {
		uint64_t entry = t->slot[hash[i] & mask];

		if (entry)
			__builtin_prefetch(lam_group_table_rec(t,
				(uint32_t)entry - 1), 1);
	}
	for (uint32_t i = 0; i < n; i++) {
		size_t at = hash[i] & mask;

		for (; t->slot[at]; at = (at + 1) & mask)
			if (t->slot[at] >> 32 == hash[i] && same_tuple(t,
				(uint32_t)t->slot[at] - 1, id, n, i))
				break;
		if (!t->slot[at])
			t->slot[at] = (uint64_t)hash[i] << 32 |
				(add_group(t, id, n, i) + 1);
		group[i] = (uint32_t)t->slot[at] - 1;
	}
}

int
lam_group_table_groups(struct lam_group_table *t, const uint32_t *id,
	uint32_t n, uint32_t *group, struct lam_error *e)
{
	bool fits = t->cube != NULL;
	int rc;

	if (t->nkeys <= 1)
		return dense_groups(t, id, n, group, e);
	rc = room(t, n, e);
	if (!rc && !t->slot && (!fits || !cube_holds(t)))
		rc = make_cube(t, t->n + n, &fits, e);
	if (!rc && !fits)
		rc = make_slots(t, t->n + n, e);
	if (rc)
		return rc;
	if (fits)
		groups_by_cube(t, id, n, group);
	else
		groups_by_hash(t, id, n, group);
	return LAM_OK;
}

/* Fold N local groups, at most LAM_TUPLES. */
static int
flush_some(struct lam_group_table *t, struct lam_batch_keys *g,
	const uint32_t *local, uint32_t n, uint32_t *id, struct lam_error *e)
{
	uint32_t code[LAM_TUPLES], group[LAM_TUPLES];
	char *slot[LAM_TUPLES];
	int rc;

	for (uint32_t k = 0; k < t->nkeys; k++) {
		lam_batch_keys_codes(g, k, local, n, code);
		rc = lam_key_codes_ids(&g->codes[k], &t->dict[k], code, n,
			id + k * n, e);
		if (rc)
			return rc;
	}
	rc = lam_group_table_groups(t, id, n, group, e);
	for (uint32_t s = 0; !rc && s < t->nstates; s++) {
		struct lam_agg *a = &t->agg[s];

		for (uint32_t i = 0; i < n; i++)
			slot[i] = lam_group_table_rec(t, group[i]) + a->at;
		for (uint32_t i = 0; s == 0 && i < n; i++)
			__builtin_prefetch(slot[i], 1);
		if (a->rows) /* some row was taken */
			rc = a->ops->flush(a, local, slot, n, e);
	}
	return rc;
}

int
lam_group_table_flush(struct lam_group_table *t, struct lam_batch_keys *g,
	struct lam_batch_groups *s, struct lam_error *e)
{
	uint32_t local[LAM_TUPLES], n = 0, *id;
	const uint32_t *count = lam_batch_groups_count(s);
	int rc = LAM_OK;

	id = lam_arena_alloc(s->arena, (t->nkeys + 1) * LAM_TUPLES *
		sizeof *id);
	if (!count || !id)
		return lam_fail_mem(e);
	for (uint32_t i = 0; !rc && i < s->ngroups; i++) {
		if (!count[i])
			continue;
		local[n++] = i;
		if (n < LAM_TUPLES)
			continue;
		rc = flush_some(t, g, local, n, id, e);
		n = 0;
	}
	return rc || !n ? rc : flush_some(t, g, local, n, id, e);
}

int
lam_group_table_merge_rec(struct lam_group_table *t, char *rec,
	const struct lam_group_table *from, const char *other,
	struct lam_error *e)
{
	int rc = LAM_OK;

	for (uint32_t s = 0; !rc && s < t->nstates; s++) {
		struct lam_agg *a = &t->agg[s];

		rc = a->ops->merge(a, rec + a->at, &from->agg[s],
			other + a->at, e);
	}
	return rc;
}

/* The groups in T of FROM's groups [AT, AT + N), and their merge. */
static int
merge_some(struct lam_group_table *t, const struct lam_group_table *from,
	uint32_t at, uint32_t n, uint32_t **map, uint32_t *id,
	struct lam_error *e)
{
	uint32_t group[LAM_TUPLES], x;
	int rc;

	for (uint32_t k = 0; k < t->nkeys; k++)
		for (uint32_t i = 0; i < n; i++) {
			memcpy(&x, lam_group_table_rec(from, at + i) +
				k * sizeof x, sizeof x);
			id[k * n + i] = map[k][x];
		}
	rc = lam_group_table_groups(t, id, n, group, e);
	for (uint32_t i = 0; !rc && i < n; i++)
		rc = lam_group_table_merge_rec(t,
			lam_group_table_rec(t, group[i]), from,
			lam_group_table_rec(from, at + i), e);
	return rc;
}

int
lam_group_table_merge(struct lam_group_table *t,
	const struct lam_group_table *from, struct lam_error *e)
{
	uint32_t **map = calloc(t->nkeys + 1, sizeof *map);
	uint32_t *id = malloc((t->nkeys + 1) * LAM_TUPLES * sizeof *id), n;
	int rc = LAM_OK;

	if (!map || !id)
		rc = lam_fail_mem(e);
	for (uint32_t k = 0; !rc && k < t->nkeys; k++) {
		map[k] = malloc(((size_t)from->dict[k].values.n + 1) *
			sizeof **map);
		if (!map[k] || !lam_key_dict_union(&t->dict[k], &from->dict[k],
			map[k]))
			rc = lam_fail_mem(e);
	}
	for (uint32_t i = 0; !rc && i < from->n; i += n) {
		n = from->n - i < LAM_TUPLES ? from->n - i : LAM_TUPLES;
		rc = merge_some(t, from, i, n, map, id, e);
	}
	for (uint32_t k = 0; map && k < t->nkeys; k++)
		free(map[k]);
	free(map);
	free(id);
	return rc;
}
