/*
 * partials_sizes.c - sizes of sets that several workers have parts of
 *
 * A set of all rows is the union of the sets that workers made of theirs.  For its
 * size nothing need be merged, which only one thread could do: it is that of the
 * first worker's set, and for each later one the members that none before has.
 *
 *	1. Groups are gathered (partials_gather.c), sets left out, and the same
 *	   groups chained from worker to worker.
 *	2. Threads take pieces of the workers' tables of members.  A member is looked
 *	   for in the sets of the same group, backwards along the chain, and counted
 *	   for the first one when it is in none.
 *	3. The counts are added to the sizes.
 *
 * A worker's members are looked up once for each worker before it; so with many
 * workers their sets are merged instead.
 */
#include "partial/partials_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "group/value_sets.h"

#define PIECE ((size_t)1 << 14)	/* slots */
#define WORTH_A_THREAD 4	/* pieces */

/* One state of all shares. */
struct sizes {
	struct lam_partials *p;
	struct lam_value_sets *sets[LAM_SIZES_SHARES];
	uint32_t pieces[LAM_SIZES_SHARES]; /* of the shares up to each */
	uint64_t **new;		/* [threads]: by share and group */
	size_t from[LAM_SIZES_SHARES]; /* of a share, in these */
};

/* Members of share OF that are looked for, each in the group where the chain is. */
struct lanes {
	struct lam_set_value v[LAM_SET_LANES];
	struct lam_same at[LAM_SET_LANES];
	uint32_t n;
};

/* Look for those who are at share J, and leave out who is found; the others go on. */
static void
look_in(struct sizes *x, struct lanes *l, uint32_t of, uint32_t j,
	uint64_t *new)
{
	const struct lam_same *before = x->p->share[j].before;
	struct lam_set_value v[LAM_SET_LANES];
	uint32_t lane[LAM_SET_LANES], group[LAM_SET_LANES], n = 0;
	bool has[LAM_SET_LANES];

	for (uint32_t i = 0; i < l->n; i++) {
		if (!l->at[i].group || l->at[i].share != j)
			continue;
		v[n] = l->v[i];
		group[n] = l->at[i].group - 1;
		lane[n++] = i;
	}
	lam_value_sets_have(x->sets[j], x->sets[of], v, group, n, has);
	for (uint32_t i = 0; i < n; i++) {
		struct lam_same next = before[group[i]];

		new[x->from[j] + group[i]] += !has[i] && !next.group;
		l->at[lane[i]] = has[i] ? (struct lam_same){ 0, 0 } : next;
	}
}

/* Step 2. */
static int
piece(void *arg, unsigned worker, uint32_t number, struct lam_error *e)
{
	struct sizes *x = arg;
	uint32_t of = 1, group[LAM_SET_LANES];
	const struct lam_same *before;
	struct lanes l;
	size_t at, end;

	(void)e;
	while (number >= x->pieces[of])
		of++;
	before = x->p->share[of].before;
	at = (number - x->pieces[of - 1]) * PIECE;
	end = x->sets[of]->nslots - at < PIECE ? x->sets[of]->nslots :
		at + PIECE;
	while (at < end) {
		l.n = lam_value_sets_some(x->sets[of], &at, end, l.v, group);
		for (uint32_t i = 0; i < l.n; i++)
			l.at[i] = before[group[i]];
		for (uint32_t j = of; j-- > 0;)
			look_in(x, &l, of, j, x->new[worker]);
	}
	return LAM_OK;
}

/* Step 3. */
static void
add_new(struct sizes *x, uint32_t s, unsigned threads)
{
	for (uint32_t i = 0; i + 1 < x->p->nshares; i++) {
		struct lam_group_table *t = &x->p->share[i].table;

		for (uint32_t g = 0; g < t->n; g++) {
			char *slot = lam_group_table_rec(t, g) + t->agg[s].at;
			uint64_t size;

			memcpy(&size, slot, sizeof size);
			for (unsigned w = 0; w < threads; w++)
				size += x->new[w][x->from[i] + g];
			memcpy(slot, &size, sizeof size);
		}
	}
}

static int
one_state(struct lam_partials *p, uint32_t s, struct lam_error *e)
{
	struct sizes x = { .p = p };
	size_t groups = 0, pieces = 0;
	unsigned threads;
	bool ok = true;
	int rc = LAM_OK;

	for (uint32_t i = 0; i < p->nshares; i++) {
		x.sets[i] = lam_agg_distinct_apart(&p->share[i].table.agg[s]);
		ok = ok && lam_value_sets_freeze(x.sets[i]);
		x.from[i] = groups;
		groups += p->share[i].table.n;
		pieces += i ? (x.sets[i]->nslots + PIECE - 1) / PIECE : 0;
		x.pieces[i] = (uint32_t)pieces;
	}
	threads = pieces < WORTH_A_THREAD ? 1 : p->threads;
	x.new = calloc(threads, sizeof *x.new);
	for (unsigned w = 0; x.new && w < threads; w++) {
		x.new[w] = calloc(groups + 1, sizeof **x.new);
		ok = ok && x.new[w];
	}
	if (!ok || !x.new || pieces > UINT32_MAX)
		rc = lam_fail_mem(e);
	if (!rc)
		rc = lam_pool_pieces(threads, (uint32_t)pieces, piece, &x, e);
	if (!rc)
		add_new(&x, s, threads);
	for (unsigned w = 0; x.new && w < threads; w++)
		free(x.new[w]);
	free(x.new);
	return rc;
}

int
lam_partials_sizes(struct lam_partials *p, struct lam_error *e)
{
	int rc = LAM_OK;

	for (uint32_t i = 0; i < p->nshares; i++) {
		struct lam_share *s = &p->share[i];

		s->before = calloc((size_t)s->table.n + 1, sizeof *s->before);
		s->latest = calloc((size_t)s->table.n + 1, sizeof *s->latest);
		if (!s->before || !s->latest)
			return lam_fail_mem(e);
		for (uint32_t k = 0; k < p->q->nstates; k++)
			if (p->q->state[k].kind == LAM_DISTINCT)
				(void)lam_agg_distinct_apart(
					&s->table.agg[k]);
	}
	rc = lam_partials_gather(p, e);
	for (uint32_t k = 0; !rc && k < p->q->nstates; k++)
		if (p->q->state[k].kind == LAM_DISTINCT)
			rc = one_state(p, k, e);
	return rc;
}
