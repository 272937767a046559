/*
 * group_table.c - the table of all groups of one worker and job
 *
 * Where records lie: group_table_records.c; how the group of a tuple is found:
 * group_table_find.c.  LAM_TUPLES groups are looked up at a time, then
 * all their aggregates are flushed while the records are in the cache.
 */
#include "group/group_table_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/huge.h"

/* Tuples that are looked up together, as ids or as cells. */
struct scratch {
	uint32_t *id;
	struct lam_tuples tuple;
};

int
lam_group_table_init(struct lam_group_table *t, const struct lam_query *q,
	struct lam_error *e)
{
	int rc;

	memset(t, 0, sizeof *t);
	t->q = q;
	t->nkeys = q->nkeys;
	t->seed = lam_hash_seed();
	t->dict = calloc(q->nkeys + 1, sizeof *t->dict);
	t->agg = calloc(q->nstates + 1, sizeof *t->agg);
	t->key = calloc(q->nkeys + 1, sizeof *t->key);
	if (!t->dict || !t->agg || !t->key)
		return lam_fail_mem(e);
	lam_heap_init(&t->heap, &t->mem);
	for (uint32_t k = 0; k < q->nkeys; k++) {
		lam_key_dict_init(&t->dict[k], q->key[k]->type, &t->mem,
			t->seed);
		t->key[k].text = q->key[k]->type == LAM_TEXT;
	}
	if (lam_group_table_dense(t) && t->nkeys)
		t->key[0].width = 32;
	for (uint32_t s = 0; s < q->nstates; s++) {
		struct lam_agg *a = &t->agg[s];

		a->ops = lam_agg_ops(q->state[s].kind);
		a->state = &q->state[s];
		a->table = t;
		a->mem = &t->mem;
		a->heap = &t->heap;
		t->nstates = s + 1;
		rc = a->ops->init ? a->ops->init(a, e) : LAM_OK;
		if (rc)
			return rc;
	}
	lam_group_table_lay_out(t);
	return LAM_OK;
}

void
lam_group_table_release(struct lam_group_table *t)
{
	for (uint32_t s = 0; t->agg && s < t->nstates; s++)
		if (t->agg[s].ops->release)
			t->agg[s].ops->release(&t->agg[s]);
	if (t->agg)
		lam_heap_release(&t->heap);
	for (uint32_t k = 0; t->dict && k < t->nkeys; k++)
		lam_key_dict_release(&t->dict[k]);
	for (uint32_t k = 0; t->key && k < t->nkeys; k++)
		free(t->key[k].united);
	lam_group_table_free_records(t);
	lam_mem_free(&t->mem, t->slot, t->nslots, sizeof *t->slot);
	lam_mem_free(&t->mem, t->cube, (size_t)1 << t->bits, sizeof *t->cube);
	free(t->dict);
	free(t->agg);
	free(t->key);
	memset(t, 0, sizeof *t);
}

/* Bytes for records that none has been written to: no memory yet, if they are many. */
static size_t
untouched(const struct lam_group_table *t)
{
	size_t bytes = (t->cap - t->n) * t->stride;

	return bytes < LAM_HUGE_FROM ? 0 : bytes;
}

size_t
lam_group_table_memory(const struct lam_group_table *t)
{
	size_t n = t->mem.used + (size_t)t->n * 48 - untouched(t);

	for (uint32_t k = 0; k < t->nkeys; k++)
		n += t->slot && t->dict[k].values.type != LAM_TEXT ?
			(size_t)t->n * 100 : /* numbered then */
			(size_t)t->dict[k].values.n * 64 + (size_t)t->n * 4;
	return n;
}

int
lam_group_table_add(struct lam_group_table *t, const struct lam_tuples *x,
	char **rec, struct lam_error *e)
{
	int rc = lam_group_table_part_keys(t, e);

	if (!rc)
		rc = lam_group_table_room(t, 1, e);
	if (!rc)
		*rec = lam_group_table_rec(t, lam_group_table_new(t, x, 1, 0));
	return rc;
}

struct lam_scalar
lam_group_table_key(const struct lam_group_table *t, const char *rec,
	uint32_t k)
{
	const struct lam_column_builder *v = &t->dict[k].values;
	struct lam_scalar x = { .type = v->type };
	uint64_t cell = lam_group_cell(t, rec, k);
	uint8_t tag = lam_group_tag(t, rec, k);

	if (v->type == LAM_TEXT)
		return lam_column_builder_get(v, (uint32_t)cell);
	x.null = tag == LAM_TAG_NULL;
	if (v->type != LAM_NUMBER)
		x.i64 = (int64_t)cell;
	else if (tag == LAM_TAG_WIDE)
		x.num = v->wide[cell];
	else if (!x.null)
		x.num = (struct lam_num){ (int64_t)cell, tag };
	return x;
}

bool
lam_group_table_intern(struct lam_group_table *t, uint32_t k,
	const struct lam_scalar *v, uint64_t *cell, uint8_t *tag)
{
	struct lam_key_dict *d = &t->dict[k];
	bool wide = v->type == LAM_NUMBER && !v->null &&
		v->num.m != (int64_t)v->num.m;
	uint32_t id;

	*tag = v->null ? LAM_TAG_NULL : v->type == LAM_NUMBER ?
		(uint8_t)v->num.scale : 0;
	*cell = v->null ? 0 : v->type == LAM_NUMBER ? (uint64_t)v->num.m :
		(uint64_t)v->i64;
	if (v->type != LAM_TEXT && !wide)
		return true;
	id = lam_key_dict_add(d, v);
	if (id == LAM_NO_ID)
		return false;
	*cell = wide ? (uint64_t)d->values.i64[id] : id;
	*tag = wide ? LAM_TAG_WIDE : 0;
	return true;
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

/* The groups of N local groups of G: scratch in ID and X. */
static int
look_up(struct lam_group_table *t, struct lam_batch_keys *g,
	const uint32_t *local, uint32_t n, const struct scratch *x,
	uint32_t *group, struct lam_error *e)
{
	uint32_t code[LAM_TUPLES];
	bool done = false;
	int rc = LAM_OK;

	if (lam_group_table_has_ids(t)) {
		for (uint32_t k = 0; !rc && k < t->nkeys; k++) {
			lam_batch_keys_codes(g, k, local, n, code);
			rc = lam_key_codes_ids(&g->codes[k], &t->dict[k],
				code, n, x->id + k * n, e);
		}
		if (!rc)
			rc = lam_group_table_by_ids(t, x->id, n, group, &done,
				e);
	}
	for (uint32_t k = 0; !rc && !done && k < t->nkeys; k++) {
		lam_batch_keys_codes(g, k, local, n, code);
		rc = lam_key_codes_cells(&g->codes[k], &t->dict[k], code, n,
			x->tuple.cell + k * n, x->tuple.tag + k * n, e);
	}
	return rc || done ? rc : lam_group_table_find(t, &x->tuple, n, group,
		e);
}

/* Fold N local groups, at most LAM_TUPLES. */
static int
flush_some(struct lam_group_table *t, struct lam_batch_keys *g,
	const uint32_t *local, uint32_t n, const struct scratch *x,
	struct lam_error *e)
{
	uint32_t group[LAM_TUPLES];
	char *slot[LAM_TUPLES];
	size_t at = 0; /* of the slots, in their records */
	int rc = look_up(t, g, local, n, x, group, e);

	for (uint32_t i = 0; !rc && i < n; i++) {
		slot[i] = lam_group_table_rec(t, group[i]);
		__builtin_prefetch(slot[i], 1);
		__builtin_prefetch(slot[i] + t->stride - 1, 1);
	}
	for (uint32_t s = 0; !rc && s < t->nstates; s++) {
		struct lam_agg *a = &t->agg[s];

		if (!a->rows) /* no row was taken */
			continue;
		for (uint32_t i = 0; i < n; i++)
			slot[i] += a->at - at;
		at = a->at;
		rc = a->ops->flush(a, local, slot, n, e);
	}
	return rc;
}

/* Room for all groups of the first batch: what grows by and by is touched anew. */
static int
room_for_first(struct lam_group_table *t, const struct lam_batch_groups *s,
	struct lam_error *e)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->ngroups; i++)
		n += s->count[i] > 0;
	return lam_group_table_room(t, n, e);
}

int
lam_group_table_flush(struct lam_group_table *t, struct lam_batch_keys *g,
	struct lam_batch_groups *s, struct lam_error *e)
{
	uint32_t local[LAM_TUPLES], n = 0;
	size_t most = (t->nkeys + (size_t)1) * LAM_TUPLES;
	const uint32_t *count = lam_batch_groups_count(s);
	struct scratch x = { lam_arena_alloc(s->arena, most * sizeof *x.id),
		{ lam_arena_alloc(s->arena, most * sizeof *x.tuple.cell),
			lam_arena_alloc(s->arena, most) } };
	int rc = LAM_OK;

	if (!count || !x.id || !x.tuple.cell || !x.tuple.tag)
		return lam_fail_mem(e);
	if (!t->n)
		rc = room_for_first(t, s, e);
	for (uint32_t i = 0; !rc && i < s->ngroups; i++) {
		local[n] = i;
		n += count[i] > 0; /* no branch: nobody can predict it */
		if (n < LAM_TUPLES)
			continue;
		rc = flush_some(t, g, local, n, &x, e);
		n = 0;
	}
	return rc || !n ? rc : flush_some(t, g, local, n, &x, e);
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
			other + from->agg[s].at, e);
	}
	return rc;
}

bool
lam_group_table_unite(struct lam_group_table *t, uint32_t k,
	struct lam_group_table *first)
{
	uint32_t *id = lam_mem_scratch((size_t)t->dict[k].values.n + 1,
		sizeof *id);

	free(t->key[k].united);
	t->key[k].united = id;
	return id && lam_key_dict_union(&first->dict[k], &t->dict[k], id);
}

/* Key K of FROM's record as a key of T; MAP: the ids of texts. */
static bool
map_key(struct lam_group_table *t, const struct lam_group_table *from,
	const char *rec, uint32_t k, const uint32_t *map, uint64_t *cell,
	uint8_t *tag)
{
	struct lam_scalar v;

	*cell = lam_group_cell(from, rec, k);
	*tag = lam_group_tag(from, rec, k);
	if (map)
		*cell = map[*cell];
	if (map || *tag != LAM_TAG_WIDE)
		return true;
	v = lam_group_table_key(from, rec, k);
	return lam_group_table_intern(t, k, &v, cell, tag);
}

/* The groups in T of FROM's groups [AT, AT + N), and their merge. */
static int
merge_some(struct lam_group_table *t, const struct lam_group_table *from,
	uint32_t at, uint32_t n, uint32_t **map, const struct scratch *x,
	struct lam_error *e)
{
	uint32_t group[LAM_TUPLES];
	bool done;
	int rc;

	for (uint32_t k = 0; k < t->nkeys; k++)
		for (uint32_t i = 0; i < n; i++) {
			if (!map_key(t, from, lam_group_table_rec(from,
				at + i), k, map[k], &x->tuple.cell[k * n + i],
				&x->tuple.tag[k * n + i]))
				return lam_fail_mem(e);
			x->id[k * n + i] = (uint32_t)x->tuple.cell[k * n + i];
		}
	rc = lam_group_table_dense(t) ? lam_group_table_by_ids(t, x->id, n,
		group, &done, e) : lam_group_table_find(t, &x->tuple, n, group,
		e);
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
	size_t most = (t->nkeys + (size_t)1) * LAM_TUPLES;
	uint32_t **map = calloc(t->nkeys + (size_t)1, sizeof *map), n;
	struct scratch x = { malloc(most * sizeof *x.id),
		{ malloc(most * sizeof *x.tuple.cell), malloc(most) } };
	int rc = map && x.id && x.tuple.cell && x.tuple.tag ? LAM_OK :
		lam_fail_mem(e);

	for (uint32_t k = 0; !rc && k < t->nkeys; k++) {
		if (from->dict[k].values.type != LAM_TEXT)
			continue;
		map[k] = malloc(((size_t)from->dict[k].values.n + 1) *
			sizeof **map);
		if (!map[k] || !lam_key_dict_union(&t->dict[k], &from->dict[k],
			map[k]))
			rc = lam_fail_mem(e);
	}
	for (uint32_t i = 0; !rc && i < from->n; i += n) {
		n = from->n - i < LAM_TUPLES ? from->n - i : LAM_TUPLES;
		rc = merge_some(t, from, i, n, map, &x, e);
	}
	for (uint32_t k = 0; map && k < t->nkeys; k++)
		free(map[k]);
	free(map);
	free(x.id);
	free(x.tuple.cell);
	free(x.tuple.tag);
	return rc;
}
