/*
 * partials_cubes.c - the groups of cubes in the order of their keys
 *
 * A table with a cube (group/group_table_find.c) tells the group of any ids of its keys
 * by one access, so nothing is sorted but the values of each key:
 *
 *	1. The dictionaries are united into the first table's, and each key's values
 *	   ranked.
 *	2. Rows are found when they are asked for: see partials_cubes_rows.c.
 *
 * A table whose only key is a text needs no cube: the group of an id is known.
 *
 * Most values are keys of many groups, and lie anywhere.  So in the order of the text a
 * value is printed once, when it is ranked, and the fields are kept in that order: a
 * line is made of fields and of the text of its states.
 */
#include "partial/partials_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "partial/partials_cubes.h"
#include "partial/record.h"

#define SPARSE 8 /* combinations for each group, at most */
#define WORTH_A_THREAD 4096 /* values of a key to be ranked */

/* Have the tables but one key, a text, so that the group of id G is G? */
static bool
one_text(const struct lam_partials *p)
{
	return p->q->nkeys == 1 && p->q->key[0]->type == LAM_TEXT;
}

static bool
all_cubes(const struct lam_partials *p)
{
	bool all = p->q->nkeys > 0;

	for (uint32_t i = 0; all && !one_text(p) && i < p->nshares; i++)
		all = p->share[i].table.n == 0 || p->share[i].table.cube;
	return all;
}

/* Step 1 for key K. */
static bool
unite(struct lam_partials *p, struct lam_cubes *x, uint32_t k)
{
	struct lam_group_table *first = &p->share[0].table;
	uint32_t n;

	for (uint32_t i = 1; i < p->nshares; i++)
		if (!lam_group_table_unite(&p->share[i].table, k, first))
			return false;
	n = first->dict[k].values.n;
	x->n[k] = n;
	x->rank[k] = lam_arena_alloc(&x->arena, ((size_t)n + 1) *
		sizeof **x->rank);
	return x->rank[k] != NULL;
}

/* Which ids share I has for the values of key K, by rank. */
static uint32_t *
ids_of(const struct lam_partials *p, struct lam_cubes *x, uint32_t i,
	uint32_t k)
{
	const struct lam_group_table *t = &p->share[i].table;
	uint32_t have = t->dict[k].values.n, *id;

	/* share 0's dictionary has more by now than its cube */
	if (one_text(p))
		have = t->n;
	else if (have > UINT64_C(1) << t->key[k].width)
		have = UINT32_C(1) << t->key[k].width;
	id = lam_arena_alloc(&x->arena, ((size_t)x->n[k] + 1) * sizeof *id);
	if (!id)
		return NULL;
	memset(id, 0xff, x->n[k] * sizeof *id);
	for (uint32_t v = 0; v < have; v++)
		id[x->rank[k][i ? t->key[k].united[v] : v]] = v;
	return id;
}

/* The same of all. */
static int
list_ids(const struct lam_partials *p, struct lam_cubes *x, struct lam_error *e)
{
	for (uint32_t i = 0; i < p->nshares; i++)
		for (uint32_t k = 0; p->share[i].table.n && k < x->nkeys; k++) {
			x->id[i][k] = ids_of(p, x, i, k);
			if (!x->id[i][k])
				return lam_fail_mem(e);
		}
	return LAM_OK;
}

static int
rank_piece(void *arg, unsigned worker, uint32_t k, struct lam_error *e)
{
	const struct lam_partials *p = arg;
	struct lam_cubes *x = p->cubes;
	const struct lam_key_dict *d = &p->share[0].table.dict[k];
	struct lam_arena *a = worker ? &x->others[worker - 1] : &x->arena;
	char end = k + 1 < x->nkeys ? ',' : '\t';

	return (x->field ? lam_key_fields(d, end, x->rank[k], a, &x->field[k]) :
		lam_key_order(d, true, end, x->rank[k])) ? LAM_OK :
		lam_fail_mem(e);
}

/* Room for what is known of the keys. */
static bool
init(struct lam_cubes *x, const struct lam_partials *p)
{
	uint32_t n = x->nkeys;
	struct lam_arena *a = &x->arena;

	x->n = LAM_ARENA_NEW(a, uint32_t, n);
	x->rank = LAM_ARENA_NEW(a, uint32_t *, n);
	x->id = LAM_ARENA_NEW(a, uint32_t **, p->nshares);
	x->others = LAM_ARENA_NEW(a, struct lam_arena, n);
	x->field = p->typed ? NULL : LAM_ARENA_NEW(a, struct lam_key_fields, n);
	if (!x->n || !x->rank || !x->id || !x->others || (!p->typed && !x->field))
		return false;
	for (uint32_t i = 0; i < p->nshares; i++) {
		x->id[i] = LAM_ARENA_NEW(a, uint32_t *, n);
		if (!x->id[i])
			return false;
	}
	return true;
}

bool
lam_cubes_print(const struct lam_cubes *x)
{
	return x->field != NULL;
}

const uint64_t *
lam_cubes_combinations(const struct lam_cubes *x)
{
	return x->combination;
}

static struct lam_str
field_of(const struct lam_cubes *x, uint32_t k, uint64_t rank)
{
	const size_t *at = x->field[k].at + rank;

	return (struct lam_str){ x->field[k].text + at[0], at[1] - at[0] };
}

/* The fields of the first N keys of COMBINATION, behind OUT. */
static void
print_fields(const struct lam_cubes *x, uint64_t combination, uint32_t n,
	struct lam_buf *out)
{
	for (uint32_t k = 0; k < n; k++) {
		uint64_t below = 1;
		struct lam_str s;

		for (uint32_t j = k + 1; j < x->nkeys; j++)
			below *= x->n[j];
		s = field_of(x, k, combination / below % x->n[k]);
		lam_buf_put(out, s.p, s.n);
	}
}

void
lam_cubes_key(const struct lam_cubes *x, uint64_t combination,
	struct lam_buf *out)
{
	print_fields(x, combination, x->nkeys, out);
}

/* "VIEW TAB" and the fields of all keys but the last of COMBINATION. */
static bool
print_head(const struct lam_cubes *x, const char *view, uint64_t combination,
	struct lam_buf *head)
{
	lam_buf_clear(head);
	lam_buf_puts(head, view);
	lam_buf_putc(head, '\t');
	print_fields(x, combination, x->nkeys - 1, head);
	return lam_buf_room(head, LAM_RECORD_SLACK);
}

void
lam_cubes_lines(const struct lam_cubes *x, const char *view,
	const uint64_t *combination, const struct lam_record_states *state,
	uint32_t n, struct lam_buf *out)
{
	uint32_t last = x->nkeys - 1;
	struct lam_buf head = LAM_BUF_INIT;
	uint64_t low = 0;

	for (uint32_t i = 0; i < n && !out->oom; i++) {
		if (i == 0 || combination[i] - low >= x->n[last]) {
			low = combination[i] - combination[i] % x->n[last];
			if (!print_head(x, view, low, &head))
				out->oom = true;
		}
		lam_record_state_line((struct lam_str){ head.p, head.n },
			field_of(x, last, combination[i] - low), state, i, out);
	}
	lam_buf_release(&head);
}

/* All keys, united and ranked.  *FULL: the cubes are full enough. */
static int
rank_keys(struct lam_partials *p, struct lam_cubes *x, bool *full,
	struct lam_error *e)
{
	uint64_t groups = lam_partials_count(p);
	lam_u128 combinations = 1;
	unsigned large = 0;

	for (uint32_t k = 0; k < x->nkeys; k++) {
		if (!unite(p, x, k))
			return lam_fail_mem(e);
		if (combinations <= SPARSE * groups)
			combinations *= x->n[k];
		large += x->n[k] >= WORTH_A_THREAD;
	}
	*full = combinations <= SPARSE * groups;
	if (!*full)
		return LAM_OK;
	return lam_pool_pieces(large < 2 ? 1 : p->threads < large ? p->threads :
		large, x->nkeys, rank_piece, p, e);
}

/* How many combinations are looked for at a time: as many as have the rows of a batch,
 * were they spread evenly, if all of them may be rows. */
static int
divide(const struct lam_partials *p, struct lam_cubes *x, struct lam_error *e)
{
	uint64_t groups = lam_partials_count(p), step;

	x->end = groups > 0;
	for (uint32_t k = 0; k < x->nkeys; k++)
		x->end *= x->n[k];
	step = groups ? p->most * (x->end / groups + 1) : 1;
	x->step = step < p->room ? (uint32_t)step : p->room;
	x->combination = LAM_ARENA_NEW(&x->arena, uint64_t, x->step);
	return x->combination ? LAM_OK : lam_fail_mem(e);
}

int
lam_cubes_new(struct lam_partials *p, struct lam_error *e)
{
	struct lam_cubes *x;
	bool full = false;
	int rc;

	if (!all_cubes(p))
		return LAM_OK;
	p->cubes = x = calloc(1, sizeof *x);
	if (!x)
		return lam_fail_mem(e);
	x->nkeys = p->q->nkeys;
	if (!init(x, p))
		return lam_fail_mem(e);
	rc = rank_keys(p, x, &full, e);
	if (rc)
		return rc;
	if (!full) {
		lam_cubes_free(x);
		p->cubes = NULL;
		return LAM_OK;
	}
	rc = list_ids(p, x, e);
	if (!rc)
		rc = divide(p, x, e);
	return rc;
}

void
lam_cubes_free(struct lam_cubes *x)
{
	if (!x)
		return;
	for (uint32_t k = 0; x->others && k < x->nkeys; k++)
		lam_arena_release(&x->others[k]);
	lam_arena_release(&x->arena);
	free(x);
}
