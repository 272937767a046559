/*
 * partials_cubes.c - the groups of cubes in the order of their keys
 *
 * A table with a cube (group/group_table_find.c) tells the group of any ids of its keys
 * by one access, so nothing is sorted but the values of each key:
 *
 *	1. The dictionaries are united into the first table's, and each key's values
 *	   ranked.
 *	2. One thread for each worker goes through the ids of its table in the order
 *	   of their ranks, those of the last key fastest, and lists the groups that
 *	   the cube has for them.
 *
 * The word of a group is the number of its combination of ranks (see partials.c).
 */
#include "partial/partials_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/pool.h"
#include "group/key_order.h"

#define SPARSE 8 /* combinations for each group, at most */
#define WORTH_A_THREAD 32768 /* groups */

/* A value that a table has: its rank among those of all tables. */
struct place {
	uint32_t rank, id;
};

struct cubes {
	struct lam_partials *p;
	struct lam_arena arena;
	uint32_t *n;	 /* [nkeys]: values */
	uint32_t **rank; /* [nkeys]: by the ids of share 0 */
	uint32_t ***map; /* [nshares][nkeys]: ids of share 0; share 0 has none */
};

/* The places of one key. */
struct places {
	struct place *at;
	uint32_t n;
};

static bool
all_cubes(const struct lam_partials *p)
{
	bool all = p->q->nkeys > 0;

	for (uint32_t i = 0; all && i < p->nshares; i++)
		all = p->share[i].table.n == 0 || p->share[i].table.cube;
	return all;
}

/* Step 1 for key K. */
static bool
unite(struct cubes *x, uint32_t k)
{
	struct lam_partials *p = x->p;
	struct lam_key_dict *to = &p->share[0].table.dict[k];
	uint32_t n;

	for (uint32_t i = 1; i < p->nshares; i++) {
		const struct lam_key_dict *from = &p->share[i].table.dict[k];
		uint32_t *map = lam_arena_alloc(&x->arena,
			((size_t)from->values.n + 1) * sizeof *map);

		x->map[i][k] = map;
		if (!map || !lam_key_dict_union(to, from, map))
			return false;
	}
	n = to->values.n;
	x->n[k] = n;
	x->rank[k] = lam_arena_alloc(&x->arena, ((size_t)n + 1) *
		sizeof **x->rank);
	return x->rank[k] != NULL;
}

static int
rank_piece(void *arg, unsigned worker, uint32_t k, struct lam_error *e)
{
	struct cubes *x = arg;
	const struct lam_partials *p = x->p;

	(void)worker;
	return lam_key_order(&p->share[0].table.dict[k], p->typed,
		k + 1 < p->q->nkeys ? ',' : '\t', x->rank[k]) ? LAM_OK :
		lam_fail_mem(e);
}

/* The values of key K in the cube of share I, by rank. */
static bool
places_of(const struct cubes *x, uint32_t i, uint32_t k,
	struct lam_arena *arena, struct places *out)
{
	const struct lam_group_table *t = &x->p->share[i].table;
	uint32_t have = t->dict[k].values.n, *id;

	/* share 0's dictionary has more by now than its cube */
	if (have > UINT64_C(1) << t->width[k])
		have = UINT32_C(1) << t->width[k];
	id = lam_arena_alloc(arena, ((size_t)x->n[k] + 1) * sizeof *id);
	out->at = lam_arena_alloc(arena, ((size_t)have + 1) * sizeof *out->at);
	out->n = 0;
	if (!id || !out->at)
		return false;
	memset(id, 0xff, x->n[k] * sizeof *id);
	for (uint32_t v = 0; v < have; v++)
		id[x->rank[k][i ? x->map[i][k][v] : v]] = v;
	for (uint32_t r = 0; r < x->n[k]; r++)
		if (id[r] != LAM_NO_ID)
			out->at[out->n++] = (struct place){ r, id[r] };
	return true;
}

/* The groups in the row of a cube from CELL on, of places V; WORD: of rank 0. */
static void
list_row(struct lam_share *s, size_t cell, unsigned shift, uint64_t word,
	const struct places *v)
{
	for (uint32_t i = 0; i < v->n; i++) {
		uint32_t g = s->table.cube[cell | (size_t)v->at[i].id << shift];

		if (g && !(s->gone && s->gone[g - 1]))
			s->item[s->n++] = (struct lam_ranked){
				word + v->at[i].rank, g - 1 };
	}
}

/* All groups of S, whose keys have places V. */
static void
list(const struct cubes *x, struct lam_share *s, const struct places *v,
	uint32_t *at)
{
	const struct lam_group_table *t = &s->table;
	uint32_t last = t->nkeys - 1, k;

	do {
		uint64_t word = 0;
		size_t cell = 0;

		for (k = 0; k < last; k++) {
			struct place p = v[k].at[at[k]];

			word = word * x->n[k] + p.rank;
			cell |= (size_t)p.id << t->shift[k];
		}
		list_row(s, cell, t->shift[last], word * x->n[last], &v[last]);
		while (k > 0 && ++at[k - 1] == v[k - 1].n)
			at[--k] = 0;
	} while (k > 0);
}

/* The texts of part I as ids of part 0. */
static void
renumber(const struct cubes *x, uint32_t i)
{
	const struct lam_group_table *t = &x->p->share[i].table;

	for (uint32_t k = 0; k < t->nkeys; k++)
		for (uint32_t g = 0; t->dict[k].values.type == LAM_TEXT &&
			g < t->n; g++) {
			char *rec = lam_group_table_rec(t, g);
			uint64_t cell = x->map[i][k][lam_group_cell(rec, k)];

			memcpy(rec + k * sizeof cell, &cell, sizeof cell);
		}
}

/* Step 2 for part I. */
static int
list_piece(void *arg, unsigned worker, uint32_t i, struct lam_error *e)
{
	const struct cubes *x = arg;
	struct lam_share *s = &x->p->share[i];
	struct lam_arena arena = LAM_ARENA_INIT;
	struct places *v = LAM_ARENA_NEW(&arena, struct places,
		s->table.nkeys);
	uint32_t *at = LAM_ARENA_NEW(&arena, uint32_t, s->table.nkeys);
	bool ok = v && at;

	(void)worker;
	s->n = 0;
	s->item = lam_mem_scratch(s->table.n, sizeof *s->item);
	for (uint32_t k = 0; ok && s->table.n && k < s->table.nkeys; k++)
		ok = places_of(x, i, k, &arena, &v[k]);
	ok = ok && s->item;
	if (ok && s->table.n)
		list(x, s, v, at);
	if (ok && i)
		renumber(x, i);
	lam_arena_release(&arena);
	return ok ? LAM_OK : lam_fail_mem(e);
}

/* Room for what is known of N keys. */
static bool
init(struct cubes *x, uint32_t n)
{
	x->n = LAM_ARENA_NEW(&x->arena, uint32_t, n);
	x->rank = LAM_ARENA_NEW(&x->arena, uint32_t *, n);
	x->map = LAM_ARENA_NEW(&x->arena, uint32_t **, x->p->nshares);
	for (uint32_t i = 0; x->map && i < x->p->nshares; i++) {
		x->map[i] = LAM_ARENA_NEW(&x->arena, uint32_t *, n);
		if (!x->map[i])
			return false;
	}
	return x->n && x->rank && x->map;
}

int
lam_partials_sort_cubes(struct lam_partials *p, bool *done,
	struct lam_error *e)
{
	struct cubes x = { .p = p };
	uint64_t groups = lam_partials_count(p);
	lam_u128 combinations = 1;
	unsigned threads = groups < WORTH_A_THREAD ? 1 : p->threads;
	int rc = LAM_OK;

	*done = false;
	if (!all_cubes(p))
		return LAM_OK;
	if (!init(&x, p->q->nkeys))
		rc = lam_fail_mem(e);
	for (uint32_t k = 0; !rc && k < p->q->nkeys; k++) {
		if (!unite(&x, k))
			rc = lam_fail_mem(e);
		if (combinations <= SPARSE * groups)
			combinations *= x.n[k];
	}
	if (rc || combinations > SPARSE * groups)
		goto out;
	rc = lam_pool_pieces(threads < p->q->nkeys ? threads : p->q->nkeys,
		p->q->nkeys, rank_piece, &x, e);
	if (!rc)
		rc = lam_pool_pieces(threads < p->nshares ? threads :
			p->nshares, p->nshares, list_piece, &x, e);
	p->nwords = 1;
	*done = true;
out:
	lam_arena_release(&x.arena);
	return rc;
}
