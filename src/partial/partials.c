/*
 * partials.c - the partial relation: sorted rows of all workers' tables
 *
 * In memory: the workers' dictionaries are united into the first's and each
 * key's values ranked, once; then a group's place is the tuple of its ranks,
 * packed into as few 64-bit words as they need (one, mostly).  Every worker's
 * groups are radix sorted by that, in parallel, and merged row by row as they
 * are read: a group that several workers have is merged into the first's record
 * then.  Tables are never hashed into one another.  Those with cubes are not even
 * sorted: partials_cubes.c.
 *
 * Unordered, in memory: see partials_gather.c; sets: partials_sizes.c.
 *
 * Spilled: as soon as one worker has spilled, all write their rest too, and the
 * runs are merged (run_merge.c).
 */
#include "partial/partials_internal.h"

#include <stdlib.h>
#include <string.h>

#include "partial/partials.h"
#include "partial/run_merge.h"

/* For one batch: */
#define ROWS_MIN 512   /* its memory is one small chunk then */
#define ROWS_MAX 4096  /* when there are many, threads seldom meet */
#define HEAVY_ROWS 128 /* when states are sketches or sets */
#define BATCHES 16     /* for each thread at least, unless they get too small */

static bool
sketch(const struct lam_state *s)
{
	return s->kind == LAM_HLL || s->kind == LAM_QUANTILE ||
		s->kind == LAM_DISTINCT || s->kind == LAM_VALUES ||
		s->kind == LAM_LIST;
}

uint32_t
lam_partials_state(const struct lam_query *q, uint32_t *c)
{
	uint32_t s = 0;

	for (*c -= q->nkeys; *c >= q->state[s].ncomponents; s++)
		*c -= q->state[s].ncomponents;
	return s;
}

bool
lam_partials_sketch(const struct lam_query *q, uint32_t c)
{
	return c >= q->nkeys && sketch(&q->state[lam_partials_state(q, &c)]);
}

uint64_t
lam_partials_count(const struct lam_partials *p)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < p->nshares; i++)
		n += p->share[i].table.n;
	return n;
}

/* For this number of GROUPS. */
static uint32_t
batch_rows(const struct lam_partials *p, uint64_t groups)
{
	uint64_t n = groups / p->threads / BATCHES;

	for (uint32_t s = 0; s < p->q->nstates; s++)
		if (sketch(&p->q->state[s]))
			return HEAVY_ROWS;
	return n < ROWS_MIN ? ROWS_MIN : n > ROWS_MAX ? ROWS_MAX : (uint32_t)n;
}

int
lam_partials_new(struct lam_partials **out, const struct lam_query *q,
	uint32_t nshares, const struct lam_resources *o,
	struct lam_error *e)
{
	struct lam_partials *p = calloc(1, sizeof *p);
	int rc = LAM_OK;

	*out = p;
	if (!p)
		return lam_fail_mem(e);
	p->q = q;
	p->threads = o->threads ? o->threads : 1;
	p->memory = o->memory;
	p->tmpdir = o->tmpdir;
	p->most = p->room = batch_rows(p, UINT64_MAX);
	p->share = calloc(nshares, sizeof *p->share);
	p->ref = malloc(p->most * sizeof *p->ref);
	p->locked = !pthread_mutex_init(&p->lock, NULL);
	p->states_locked = !pthread_rwlock_init(&p->states, NULL);
	if (!p->share || !p->ref || !p->locked || !p->states_locked)
		return lam_fail_mem(e);
	for (; !rc && p->nshares < nshares; p->nshares++) {
		p->share[p->nshares].spill =
			(struct lam_run_file)LAM_RUN_FILE_INIT;
		rc = lam_group_table_init(&p->share[p->nshares].table, q, e);
	}
	return rc;
}

uint64_t
lam_partials_groups(const struct lam_partials *p)
{
	for (uint32_t i = 0; i < p->nshares; i++)
		if (p->share[i].spill.nruns > 0)
			return UINT64_MAX;
	return lam_partials_count(p);
}

uint64_t
lam_partials_batches(const struct lam_partials *p)
{
	uint64_t groups = lam_partials_groups(p);

	return groups == UINT64_MAX ? groups :
		groups / batch_rows(p, groups) + 1;
}

void
lam_share_release(struct lam_share *part)
{
	lam_group_table_release(&part->table);
	lam_run_file_release(&part->spill);
	free(part->item);
	free(part->word);
	free(part->gone);
	free(part->before);
	free(part->latest);
	part->gone = NULL;
	part->before = part->latest = NULL;
	part->item = NULL;
	part->word = NULL;
}

void
lam_partials_free(struct lam_partials *p)
{
	if (!p)
		return;
	lam_run_merge_close(p);
	if (p->locked)
		pthread_mutex_destroy(&p->lock);
	if (p->states_locked)
		pthread_rwlock_destroy(&p->states);
	for (uint32_t i = 0; i < p->nshares; i++)
		lam_share_release(&p->share[i]);
	lam_partials_unsort(p);
	lam_group_table_release(&p->batch);
	free(p->share);
	free(p->ref);
	free(p);
}

/* No keys: there is always one row, even when nothing was counted. */
static int
ensure_row(struct lam_partials *p, struct lam_error *e)
{
	struct lam_group_table *t = &p->share[0].table;
	char *rec;

	if (p->q->nkeys || t->n)
		return LAM_OK;
	return lam_group_table_add(t, NULL, &rec, e);
}

void
lam_partials_only_sizes(struct lam_partials *p)
{
	p->only_sizes = true;
}

int
lam_partials_begin(struct lam_partials *p, bool typed, struct lam_error *e)
{
	int rc = LAM_OK;

	if (p->begun)
		return LAM_OK;
	p->begun = true;
	p->typed = typed;
	for (uint32_t i = 0; i < p->nshares; i++)
		p->spilled = p->spilled || p->share[i].spill.nruns > 0;
	if (!p->spilled) {
		p->most = batch_rows(p, lam_partials_count(p));
		rc = ensure_row(p, e);
		return rc ? rc : lam_partials_sort(p, e);
	}
	p->typed = false;
	return lam_run_merge_open(p, e);
}

int
lam_partials_begin_unordered(struct lam_partials *p, struct lam_error *e)
{
	int rc = ensure_row(p, e);

	p->begun = true;
	p->unordered = true;
	p->most = batch_rows(p, lam_partials_count(p));
	if (!rc)
		rc = lam_partials_freezable(p, e);
	return rc ? rc : lam_partials_gather(p, e);
}

/* The next rows in the order of the tables; those of one batch are of one table. */
static void
unordered_rows(struct lam_partials *p)
{
	for (uint32_t i = 0; i < p->nshares && !p->n; i++) {
		struct lam_share *s = &p->share[i];

		for (; s->at < s->n && p->n < p->most; s->at++)
			if (!s->gone || !s->gone[s->at])
				p->ref[p->n++] = (struct lam_ref){ &s->table,
					lam_group_table_rec(&s->table,
					s->at) };
	}
}

/* Compare the heads of two parts. */
static int
compare(const struct lam_partials *p, const struct lam_share *a,
	const struct lam_share *b)
{
	const struct lam_ranked *x = &a->item[a->at], *y = &b->item[b->at];
	uint32_t more = p->nwords - 1;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	for (uint32_t w = 0; w < more; w++) {
		uint64_t u = a->word[x->value * more + w];
		uint64_t v = b->word[y->value * more + w];

		if (u != v)
			return u < v ? -1 : 1;
	}
	return 0;
}

/* A group that is to be merged into that of an earlier part, row I. */
struct pending {
	uint32_t i, to, part;
	char *rec;
};

static char *
take_head(struct lam_share *x)
{
	char *rec = lam_group_table_rec(&x->table,
		(uint32_t)x->item[x->at++].value);

	__builtin_prefetch(rec, 1);
	return rec;
}

/* Rows of several parts: the least head and all equal to it, MOST times. */
static int
merge_rows(struct lam_partials *p, uint32_t most, struct lam_error *e)
{
	struct pending *list = malloc((size_t)p->nshares * most *
		sizeof *list);
	struct lam_share *least, *end = p->share + p->nshares;
	uint32_t n = 0;
	int rc = LAM_OK;

	if (!list)
		return lam_fail_mem(e);
	for (; p->n < most; p->n++) {
		least = NULL;
		for (struct lam_share *x = p->share; x < end; x++)
			if (x->at < x->n && (!least ||
				compare(p, x, least) < 0))
				least = x;
		if (!least)
			break;
		for (struct lam_share *x = least + 1; x < end; x++)
			if (x->at < x->n && compare(p, x, least) == 0)
				list[n++] = (struct pending){ p->n,
					(uint32_t)(least - p->share),
					(uint32_t)(x - p->share),
					take_head(x) };
		p->ref[p->n] = (struct lam_ref){ &least->table,
			take_head(least) };
	}
	for (uint32_t i = 0; !rc && i < n; i++) {
		struct lam_ref *r = &p->ref[list[i].i];

		rc = lam_group_table_merge_rec(&p->share[list[i].to].table,
			r->rec, &p->share[list[i].part].table, list[i].rec, e);
	}
	free(list);
	return rc;
}

const struct lam_group_table *
lam_partials_keys(const struct lam_partials *p)
{
	return p->unordered ? NULL : p->spilled ? &p->batch :
		&p->share[0].table;
}

int
lam_partials_step(struct lam_partials *p, struct lam_error *e)
{
	struct lam_share *one = &p->share[0];
	uint32_t most;
	int rc = lam_partials_begin(p, false, e);

	p->n = 0;
	if (rc)
		return rc;
	if (p->spilled)
		return lam_run_merge_step(p, e);
	if (p->unordered) {
		unordered_rows(p);
		return LAM_OK;
	}
	most = p->most;
	if (p->cubes)
		return lam_cubes_step(p, e);
	if (p->nshares > 1)
		return merge_rows(p, most, e);
	for (; p->n < most && one->at < one->n; p->n++)
		p->ref[p->n] = (struct lam_ref){ &one->table, take_head(one) };
	return LAM_OK;
}
