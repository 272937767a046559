/*
 * partials_gather.c - the groups of all workers, each once, in no order
 *
 * Who wants the first few rows of an order has no use for all others in any.  Only
 * groups that several workers have must be brought together:
 *
 *	1. The groups of each worker are dealt into parts by the upper bits of a
 *	   hash of their keys' values, by one thread for each worker.
 *	2. A part, whose table fits the second-level cache, is gone through by one
 *	   thread: a group that an earlier worker has is noted as its double, any
 *	   other entered.
 *	3. Doubles are merged into the groups that they are of, and marked as gone:
 *	   at once, if that touches nothing but the two groups, which no other
 *	   thread has; else by one thread in the end.
 *
 * Dictionaries stay apart: equal keys have equal hashes in all tables.
 */
#include "partial/partials_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"

#define PART_GROUPS 8192 /* in a part, about */
#define PARTS_BITS 12
#define WORTH_A_THREAD 32768 /* groups */
#define LANES 32 /* groups whose memory accesses overlap */

struct entry {
	uint32_t hash, group;
};

/* The groups of one worker, by part. */
struct dealt {
	struct entry *entry;
	uint32_t *start; /* [parts + 1] */
};

struct slot {
	struct entry of; /* its group plus 1; 0: empty */
	uint32_t share;
};

struct twin {
	struct slot of;	/* group G of SHARE is this one, too */
	uint32_t share, group;
};

struct twins {
	struct twin *twin;
	size_t n, cap;
};

struct gather {
	struct lam_partials *p;
	unsigned bits;
	struct dealt *dealt;	/* [nshares] */
	struct twins *twins;	/* [threads] */
	bool at_once;		/* step 3 is part of 2 */
};

static inline uint32_t
part_of(const struct gather *x, uint32_t hash)
{
	return x->bits ? hash >> (32 - x->bits) : 0;
}

/* Step 1 for one worker: a counting sort. */
static bool
deal(struct gather *x, const struct lam_group_table *t, struct dealt *d)
{
	uint32_t parts = UINT32_C(1) << x->bits, at = 0, n;
	uint32_t *hash = lam_mem_scratch(t->n, sizeof *hash);
	bool ok;

	d->entry = lam_mem_scratch(t->n, sizeof *d->entry);
	d->start = calloc(parts + 1, sizeof *d->start);
	ok = hash && d->entry && d->start &&
		lam_group_table_hashes(t, hash);
	for (uint32_t g = 0; ok && g < t->n; g++)
		d->start[part_of(x, hash[g])]++;
	for (uint32_t i = 0; ok && i <= parts; i++) {
		n = d->start[i];
		d->start[i] = at;
		at += n;
	}
	for (uint32_t g = 0; ok && g < t->n; g++)
		d->entry[d->start[part_of(x, hash[g])]++] =
			(struct entry){ hash[g], g };
	/* each start has moved to its end, where the next one was */
	for (uint32_t i = parts; ok && i > 0; i--)
		d->start[i] = d->start[i - 1];
	if (ok)
		d->start[0] = 0;
	free(hash);
	return ok;
}

static int
deal_piece(void *arg, unsigned worker, uint32_t i, struct lam_error *e)
{
	struct gather *x = arg;

	(void)worker;
	return deal(x, &x->p->share[i].table, &x->dealt[i]) ? LAM_OK :
		lam_fail_mem(e);
}

static bool
note_twin(struct twins *t, struct twin twin)
{
	size_t cap = t->cap ? 2 * t->cap : 1024;
	struct twin *more;

	if (t->n == t->cap) {
		more = realloc(t->twin, cap * sizeof *more);
		if (!more)
			return false;
		t->twin = more;
		t->cap = cap;
	}
	t->twin[t->n++] = twin;
	return true;
}

/* The groups that are one, in a chain from the latest share to the first.  Those of a
 * part come in the order of the shares. */
static void
chain(struct lam_share *s, const struct twin *w)
{
	struct lam_same first = { w->of.share, w->of.of.group };
	struct lam_same *latest = &s[first.share].latest[first.group - 1];

	s[w->share].before[w->group] = latest->group ? *latest : first;
	*latest = (struct lam_same){ w->share, w->group + 1 };
}

/* Step 3 for the group W. */
static int
merge_twin(struct lam_share *s, const struct twin *w, struct lam_error *e)
{
	struct lam_group_table *to = &s[w->of.share].table;
	const struct lam_group_table *from = &s[w->share].table;

	s[w->share].gone[w->group] = true;
	if (s->before)
		chain(s, w);
	return lam_group_table_merge_rec(to, lam_group_table_rec(to,
		w->of.of.group - 1), from, lam_group_table_rec(from, w->group),
		e);
}

static int
merge_twins(struct lam_share *s, const struct twins *t, struct lam_error *e)
{
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < t->n; i++)
		rc = merge_twin(s, &t->twin[i], e);
	return rc;
}

/* Fetch the records of entries [J, TO) of worker I that have a slot of their hash, and
 * those that they will be compared with. */
static void
fetch(const struct gather *x, uint32_t i, uint32_t j, uint32_t to,
	const struct slot *slot, size_t mask)
{
	const struct lam_share *s = x->p->share;

	for (; j < to; j++) {
		struct entry n = x->dealt[i].entry[j];
		size_t at = n.hash & mask;

		while (slot[at].of.group && slot[at].of.hash != n.hash)
			at = (at + 1) & mask;
		if (!slot[at].of.group)
			continue;
		__builtin_prefetch(lam_group_table_rec(&s[slot[at].share].table,
			slot[at].of.group - 1), 1);
		__builtin_prefetch(lam_group_table_rec(&s[i].table, n.group));
	}
}

/* Step 2 for the groups of worker I in a part whose table is SLOT. */
static int
look_up(struct gather *x, uint32_t i, uint32_t part, struct slot *slot,
	size_t mask, struct twins *twins, struct lam_error *e)
{
	struct lam_share *s = x->p->share;
	const struct dealt *d = &x->dealt[i];
	uint32_t end = d->start[part + 1], ahead = d->start[part];
	int rc = LAM_OK;

	for (uint32_t j = ahead; !rc && j < end; j++) {
		struct entry n = d->entry[j];
		size_t at = n.hash & mask;
		struct twin w;

		if (i > 0 && j == ahead) {
			ahead = end - j < LANES ? end : j + LANES;
			fetch(x, i, j, ahead, slot, mask);
		}
		for (; slot[at].of.group; at = (at + 1) & mask)
			if (slot[at].of.hash == n.hash && slot[at].share != i &&
				lam_group_table_same(&s[slot[at].share].table,
				slot[at].of.group - 1, &s[i].table, n.group))
				break;
		if (!slot[at].of.group) {
			slot[at] = (struct slot){ { n.hash, n.group + 1 }, i };
			continue;
		}
		w = (struct twin){ slot[at], i, n.group };
		if (x->at_once)
			rc = merge_twin(s, &w, e);
		else if (!note_twin(twins, w))
			rc = lam_fail_mem(e);
	}
	return rc;
}

static int
part_piece(void *arg, unsigned worker, uint32_t part, struct lam_error *e)
{
	struct gather *x = arg;
	size_t total = 0, n = 64;
	struct slot *slot;
	int rc;

	for (uint32_t i = 0; i < x->p->nshares; i++)
		total += x->dealt[i].start[part + 1] - x->dealt[i].start[part];
	while (n < 2 * total)
		n *= 2;
	slot = calloc(n, sizeof *slot);
	rc = slot ? LAM_OK : lam_fail_mem(e);
	for (uint32_t i = 0; !rc && i < x->p->nshares; i++)
		rc = look_up(x, i, part, slot, n - 1, &x->twins[worker], e);
	free(slot);
	return rc;
}

/* Do merges touch nothing but the slots of two groups? */
static bool
merges_apart(const struct lam_partials *p)
{
	const struct lam_agg *a = p->share[0].table.agg;

	for (uint32_t s = 0; s < p->q->nstates; s++)
		if (p->q->state[s].kind != LAM_COUNT && !a[s].apart)
			return false;
	return true;
}

static int
gather(struct gather *x, unsigned threads, struct lam_error *e)
{
	struct lam_partials *p = x->p;
	int rc = LAM_OK;

	x->at_once = merges_apart(p);

	x->dealt = calloc(p->nshares, sizeof *x->dealt);
	x->twins = calloc(threads, sizeof *x->twins);
	if (!x->dealt || !x->twins)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < p->nshares; i++) {
		p->share[i].gone = calloc((size_t)p->share[i].table.n + 1,
			sizeof *p->share[i].gone);
		if (!p->share[i].gone)
			return lam_fail_mem(e);
	}
	rc = lam_pool_pieces(threads, p->nshares, deal_piece, x, e);
	if (!rc)
		rc = lam_pool_pieces(threads, UINT32_C(1) << x->bits,
			part_piece, x, e);
	for (unsigned i = 0; !rc && i < threads; i++)
		rc = merge_twins(p->share, &x->twins[i], e);
	return rc;
}

int
lam_partials_gather(struct lam_partials *p, struct lam_error *e)
{
	uint64_t groups = lam_partials_count(p);
	struct gather x = { .p = p };
	unsigned threads = groups < WORTH_A_THREAD ? 1 : p->threads;
	int rc;

	for (uint32_t i = 0; i < p->nshares; i++)
		p->share[i].n = p->share[i].table.n;
	if (p->nshares < 2 || p->gathered)
		return LAM_OK;
	p->gathered = true;
	while (x.bits < PARTS_BITS && groups >> x.bits > PART_GROUPS)
		x.bits++;
	rc = gather(&x, threads, e);
	for (uint32_t i = 0; x.dealt && i < p->nshares; i++) {
		free(x.dealt[i].entry);
		free(x.dealt[i].start);
	}
	for (unsigned i = 0; x.twins && i < threads; i++)
		free(x.twins[i].twin);
	free(x.dealt);
	free(x.twins);
	return rc;
}
