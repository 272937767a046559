/*
 * match.c - which rows of the right have the keys of a row of the left
 *
 * Each key has a dictionary of its values; several keys become one by numbering pairs
 * of their ids.  Of each id the rows are a chain in their order.  A NULL has no id:
 * it is equal to nothing.
 */
#include "join/match.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"

int
lam_match_init(struct lam_match *m, const uint8_t *type, uint32_t nkeys,
	struct lam_error *e)
{
	uint64_t seed = lam_hash_seed();

	memset(m, 0, sizeof *m);
	m->key = calloc(2 * (size_t)nkeys + 1, sizeof *m->key);
	if (!m->key)
		return lam_fail_mem(e);
	m->nkeys = nkeys;
	m->pair = m->key + nkeys;
	for (uint32_t k = 0; k < nkeys; k++)
		lam_key_dict_init(&m->key[k], type[k], &m->mem, seed);
	for (uint32_t k = 0; k + 1 < nkeys; k++)
		lam_key_dict_init(&m->pair[k], LAM_TIME, &m->mem, seed);
	return LAM_OK;
}

void
lam_match_release(struct lam_match *m)
{
	for (uint32_t k = 0; m->key && k < 2 * m->nkeys; k++)
		lam_key_dict_release(&m->key[k]);
	free(m->key);
	free(m->first);
	free(m->last);
	free(m->next);
	memset(m, 0, sizeof *m);
}

/* The ids of N rows by all keys. */
static bool
row_ids(struct lam_match *m, const struct lam_vec *key, uint32_t n,
	struct lam_arena *arena, uint32_t *id)
{
	uint32_t *other = LAM_ARENA_NEW(arena, uint32_t, n + 1);
	int64_t *both = LAM_ARENA_NEW(arena, int64_t, n + 1);
	uint8_t *null = LAM_ARENA_NEW(arena, uint8_t, n + 1);
	struct lam_vec v = { .type = LAM_TIME, .rep = LAM_FLAT, .n = n };

	if (!other || !both || !null ||
		!lam_key_ids(&m->key[0], &key[0], n, arena, id))
		return false;
	for (uint32_t k = 1; k < m->nkeys; k++) {
		if (!lam_key_ids(&m->key[k], &key[k], n, arena, other))
			return false;
		for (uint32_t i = 0; i < n; i++) {
			null[i] = id[i] == LAM_NO_ID || other[i] == LAM_NO_ID;
			both[i] = (int64_t)((uint64_t)id[i] << 32 | other[i]);
		}
		v.null = null;
		v.i64 = both;
		if (!lam_key_ids(&m->pair[k - 1], &v, n, arena, id))
			return false;
	}
	return true;
}

static bool
room(struct lam_match *m, uint32_t id)
{
	size_t n = m->nids;

	if (id < n)
		return true;
	if (!lam_array_room(&m->first, &m->first_cap, (size_t)id + 1,
		sizeof *m->first) || !lam_array_room(&m->last, &m->last_cap,
		(size_t)id + 1, sizeof *m->last))
		return false;
	for (; n <= id; n++)
		m->first[n] = m->last[n] = LAM_NO_ROW;
	m->nids = n;
	return true;
}

int
lam_match_room(uint64_t rows, struct lam_error *e)
{
	return rows < LAM_NO_ROW ? LAM_OK : lam_fail(e, LAM_SYSTEM, "the right "
		"side of JOIN has more than %u rows: put the smaller relation "
		"there, or group it first", LAM_NO_ROW - 1);
}

int
lam_match_add(struct lam_match *m, const struct lam_vec *key, uint32_t n,
	struct lam_arena *arena, struct lam_error *e)
{
	uint32_t *id = LAM_ARENA_NEW(arena, uint32_t, n + 1);

	int rc = lam_match_room(m->rows + n, e);

	if (rc)
		return rc;
	if (!id || !row_ids(m, key, n, arena, id) || !lam_array_room(&m->next,
		&m->next_cap, m->rows + n + 1, sizeof *m->next))
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t row = (uint32_t)m->rows++;

		m->next[row] = LAM_NO_ROW;
		if (id[i] == LAM_NO_ID)
			continue;
		if (!room(m, id[i]))
			return lam_fail_mem(e);
		if (m->first[id[i]] == LAM_NO_ROW)
			m->first[id[i]] = row;
		else
			m->next[m->last[id[i]]] = row;
		m->last[id[i]] = row;
	}
	return LAM_OK;
}

int
lam_match_freeze(struct lam_match *m, struct lam_error *e)
{
	bool ok = true;

	for (uint32_t k = 0; ok && k + 1 < 2 * m->nkeys; k++)
		ok = lam_key_dict_freeze(&m->key[k]);
	return ok ? LAM_OK : lam_fail_mem(e);
}

int
lam_match_find(struct lam_match *m, const struct lam_vec *key, uint32_t n,
	struct lam_arena *arena, uint32_t *row, struct lam_error *e)
{
	if (!row_ids(m, key, n, arena, row))
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++)
		row[i] = row[i] == LAM_NO_ID || row[i] >= m->nids ? LAM_NO_ROW :
			m->first[row[i]];
	return LAM_OK;
}
