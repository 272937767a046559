/*
 * shared_groups.c - jobs that count and sum over the same rows, together
 *
 * Each batch goes through these steps:
 *
 *	1. The keys of all jobs become codes, each key once.
 *	2. Jobs form clusters.  A job, those with most combinations of codes
 *	   first, joins the first cluster that has less than CELLS combinations
 *	   with its keys added; else it starts one.  So the sums of a pass fit
 *	   the first-level cache.  A job alone in a cluster goes the usual way.
 *	3. The rows are grouped by the keys of a cluster, and its sums updated.
 *	4. The packed sums of the cells, which can be added without being
 *	   unpacked (group/batch_sum.h), are added up by each job's groups.
 */
#include "engine/shared_groups.h"

#include <string.h>

#include "group/batch_sum.h"

#define CELLS 1024
#define ROWS_MIN 2048 /* below, cells cost more than rows */
#define KEYS_MAX 16

struct cluster {
	uint32_t expr[KEYS_MAX]; /* keys, as expressions of the plan */
	struct lam_vec key[KEYS_MAX];
	uint32_t size[KEYS_MAX];
	uint32_t nkeys, njobs;
	uint64_t cells;
	/* filled cells, and their code of each key */
	uint32_t n, *cell, *code[KEYS_MAX];
	struct lam_batch_groups rows;
	struct lam_batch_sum **sum; /* by expression of the plan */
	bool failed;		 /* a sum overflowed: its job will say so */
};

struct sharing {
	struct lam_shared_groups_job *job;
	size_t n;
	struct lam_pass *pass;
	struct lam_selection *rows;
	struct lam_key_codes **codes; /* by expression */
	struct cluster *cluster;  /* [n] */
	uint32_t nclusters;
};

bool
lam_shared_groups_additive(const struct lam_query *q)
{
	if (!q->grouped || q->nkeys > KEYS_MAX)
		return false;
	for (uint32_t s = 0; s < q->nstates; s++) {
		const struct lam_state *x = &q->state[s];

		if (x->merge || x->filter || (x->kind != LAM_SUM &&
			(x->kind != LAM_COUNT || x->arg[0])))
			return false;
	}
	return true;
}

/* The codes of a key, made once. */
static int
codes_of(struct sharing *l, uint32_t expr, struct lam_key_codes **out,
	struct lam_error *e)
{
	struct lam_arena *arena = &l->pass->arena;
	const struct lam_vec *v;
	int rc;

	*out = l->codes[expr];
	if (*out)
		return LAM_OK;
	rc = lam_pass_eval(l->pass, l->rows, expr, &v, e);
	if (rc)
		return rc;
	*out = lam_arena_alloc(arena, sizeof **out);
	if (!*out)
		return lam_fail_mem(e);
	rc = lam_key_codes_init(*out, v, arena, e);
	l->codes[expr] = rc ? NULL : *out;
	return rc;
}

/* The keys of job J, and how many combinations of their codes there are. */
static int
job_keys(struct sharing *l, struct lam_shared_groups_job *j,
	struct lam_error *e)
{
	uint32_t nkeys = j->plan->q->nkeys;
	struct lam_key_codes *c;
	int rc;

	j->done = false;
	j->cells = 1;
	j->codes =
		LAM_ARENA_NEW(&l->pass->arena, struct lam_key_codes, nkeys + 1);
	if (!j->codes)
		return lam_fail_mem(e);
	for (uint32_t k = 0; k < nkeys; k++) {
		rc = codes_of(l, j->plan->key[k], &c, e);
		if (rc)
			return rc;
		j->codes[k] = *c;
		if (j->cells <= CELLS)
			j->cells *= c->size;
	}
	return LAM_OK;
}

/* Add the keys of J to C if that leaves few enough cells. */
static bool
join(struct cluster *c, const struct lam_shared_groups_job *j)
{
	struct cluster with = *c;

	for (uint32_t k = 0; k < j->plan->q->nkeys; k++) {
		uint32_t i = 0;

		while (i < with.nkeys && with.expr[i] != j->plan->key[k])
			i++;
		if (i < with.nkeys)
			continue;
		if (i == KEYS_MAX || with.cells * j->codes[k].size > CELLS)
			return false;
		with.expr[i] = j->plan->key[k];
		with.key[i] = *j->codes[k].v;
		with.size[i] = j->codes[k].size;
		with.cells *= with.size[i];
		with.nkeys++;
	}
	with.njobs++;
	*c = with;
	return true;
}

static void
make_clusters(struct sharing *l)
{
	for (size_t turn = 0; turn < l->n; turn++) {
		struct lam_shared_groups_job *most = NULL;
		uint32_t c = 0;

		for (size_t i = 0; i < l->n; i++) {
			struct lam_shared_groups_job *j = &l->job[i];

			if (j->cluster == UINT32_MAX && j->cells <= CELLS &&
				(!most || j->cells > most->cells))
				most = j;
		}
		if (!most)
			return;
		while (c < l->nclusters && !join(&l->cluster[c], most))
			c++;
		if (c == l->nclusters) {
			l->cluster[c].cells = 1;
			if (!join(&l->cluster[c], most))
				return;
			l->nclusters++;
		}
		most->cluster = c;
	}
}

/* The sums that jobs of C need, each made once.  C failed if one is out of range. */
static int
make_sums(struct sharing *l, struct cluster *c, const struct lam_job_plan *p,
	struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	int rc = LAM_OK;

	for (uint32_t s = 0; !rc && s < p->q->nstates; s++) {
		uint32_t x = p->state[s].arg[0];
		const struct lam_vec *v;

		if (p->q->state[s].kind != LAM_SUM || c->sum[x])
			continue;
		c->sum[x] = lam_arena_alloc(&l->pass->arena, sizeof **c->sum);
		if (!c->sum[x])
			return lam_fail_mem(e);
		rc = lam_pass_eval(l->pass, l->rows, x, &v, e);
		if (!rc)
			rc = lam_batch_sum_init(c->sum[x], &c->rows, v, &why);
	}
	c->failed = rc == LAM_USAGE && why.code;
	return c->failed ? LAM_OK : rc;
}

/* The cells of C that have rows, and their codes in G, key by key. */
static int
list_cells(struct cluster *c, const struct lam_batch_keys *g, struct lam_arena *arena,
	struct lam_error *e)
{
	const uint32_t *count = lam_batch_groups_count(&c->rows);

	if (!count)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < c->rows.ngroups; i++)
		if (count[i])
			c->cell[c->n++] = i;
	for (uint32_t k = 0; k < c->nkeys; k++) {
		c->code[k] = lam_arena_alloc(arena, (c->n + 1) *
			sizeof **c->code);
		if (!c->code[k])
			return lam_fail_mem(e);
		lam_batch_keys_codes(g, k, c->cell, c->n, c->code[k]);
	}
	return LAM_OK;
}

/* Group the rows by C's keys and list the cells that have any. */
static int
group_cluster(struct sharing *l, struct cluster *c, struct lam_error *e)
{
	struct lam_arena *arena = &l->pass->arena;
	struct lam_batch_keys g;
	int rc;

	c->rows = (struct lam_batch_groups){ .n = l->rows->frame.n,
		.sel = l->rows->sel, .pos = l->pass->batch.pos, .ngroups = 1,
		.arena = arena };
	rc = lam_batch_groups_number(&g, c->key, c->nkeys, &c->rows, e);
	if (rc)
		return rc;
	c->sum = LAM_ARENA_NEW(arena, struct lam_batch_sum *,
		l->pass->plan->nexprs + 1);
	c->cell = LAM_ARENA_NEW(arena, uint32_t, c->rows.ngroups);
	if (!c->sum || !c->cell)
		return lam_fail_mem(e);
	/* sums first: they may count as well */
	for (size_t i = 0; i < l->n && !c->failed; i++) {
		if (l->job[i].cluster == (uint32_t)(c - l->cluster))
			rc = make_sums(l, c, l->job[i].plan, e);
		if (rc)
			return rc;
	}
	return c->failed ? LAM_OK : list_cells(c, &g, arena, e);
}

/* The group of J for each cell of C, numbered as lam_batch_groups_number does. */
static uint32_t *
project(const struct cluster *c, const struct lam_shared_groups_job *j,
	struct lam_arena *arena)
{
	uint32_t *group = LAM_ARENA_NEW(arena, uint32_t, c->n);

	for (uint32_t k = 0; group && k < j->plan->q->nkeys; k++) {
		uint32_t at = 0, size = j->codes[k].size;

		if (!j->codes[k].c16 && !j->codes[k].c32)
			continue; /* one code */
		while (c->expr[at] != j->plan->key[k])
			at++;
		for (uint32_t i = 0; i < c->n; i++)
			group[i] = group[i] * size + c->code[at][i];
	}
	return group;
}

static uint64_t *
add_up(const struct cluster *c, const uint32_t *group, const uint64_t *sum,
	uint32_t ngroups, struct lam_arena *arena)
{
	uint64_t *out = LAM_ARENA_NEW(arena, uint64_t, ngroups);

	for (uint32_t i = 0; out && i < c->n; i++)
		out[group[i]] += sum[c->cell[i]];
	return out;
}

/* J's sums and counts from C's, flushed into its table. */
static int
flush_job(struct sharing *l, struct cluster *c, struct lam_shared_groups_job *j,
	struct lam_error *e)
{
	struct lam_arena *arena = &l->pass->arena;
	const struct lam_query *q = j->plan->q;
	struct lam_batch_groups *s =
		LAM_ARENA_NEW(arena, struct lam_batch_groups, 1);
	struct lam_batch_keys g = { .codes = j->codes, .nkeys = q->nkeys };
	uint32_t *group = project(c, j, arena);
	int rc = LAM_OK;

	if (!s || !group)
		return lam_fail_mem(e);
	*s = c->rows;
	s->gid = NULL; /* nobody looks at rows any more */
	s->ngroups = (uint32_t)j->cells;
	s->count = LAM_ARENA_NEW(arena, uint32_t, s->ngroups);
	if (!s->count)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < c->n; i++)
		s->count[group[i]] += c->rows.count[c->cell[i]];
	for (uint32_t k = 0; !rc && k < q->nstates; k++) {
		struct lam_agg *a = &j->table->agg[k];
		const struct lam_batch_sum *x;
		struct lam_batch_sum *mine;

		a->rows = s;
		a->local = NULL;
		if (q->state[k].kind == LAM_COUNT)
			continue;
		x = c->sum[j->plan->state[k].arg[0]];
		mine = LAM_ARENA_NEW(arena, struct lam_batch_sum, 1);
		if (!mine)
			return lam_fail_mem(e);
		*mine = *x;
		if (x->packed)
			mine->packed = add_up(c, group, x->packed, s->ngroups,
				arena);
		if (x->packed && !mine->packed)
			return lam_fail_mem(e);
		rc = lam_agg_sum_given(a, s, mine, e);
	}
	return rc ? rc : lam_group_table_flush(j->table, &g, s, e);
}

/* Are all sums packed, so that they can be added up? */
static bool
packed(const struct sharing *l, const struct cluster *c)
{
	for (uint32_t i = 0; !c->failed && i < l->pass->plan->nexprs; i++)
		if (c->sum[i] && (c->sum[i]->total || c->sum[i]->exact))
			return false;
	return !c->failed;
}

int
lam_shared_groups_group(struct lam_shared_groups_job *job, size_t n,
	struct lam_pass *p, struct lam_error *e)
{
	struct sharing l = { .job = job, .n = n, .pass = p };
	int rc;

	for (size_t i = 0; i < n; i++) {
		job[i].done = false;
		job[i].cluster = UINT32_MAX;
	}
	rc = lam_pass_select(p, job[0].plan->selection, &l.rows, e);
	if (rc || l.rows->frame.n < ROWS_MIN)
		return rc;
	l.codes = LAM_ARENA_NEW(&p->arena, struct lam_key_codes *,
		p->plan->nexprs + 1);
	l.cluster = LAM_ARENA_NEW(&p->arena, struct cluster, n);
	if (!l.codes || !l.cluster)
		return lam_fail_mem(e);
	for (size_t i = 0; !rc && i < n; i++)
		rc = job_keys(&l, &job[i], e);
	if (rc)
		return rc;
	make_clusters(&l);
	for (uint32_t c = 0; !rc && c < l.nclusters; c++) {
		if (l.cluster[c].njobs < 2)
			continue;
		rc = group_cluster(&l, &l.cluster[c], e);
		if (rc || !packed(&l, &l.cluster[c]))
			continue;
		for (size_t i = 0; !rc && i < n; i++) {
			if (job[i].cluster != c)
				continue;
			rc = lam_job_rows(job[i].plan, p, job[i].counts,
				&l.rows, e);
			if (!rc)
				rc = flush_job(&l, &l.cluster[c], &job[i], e);
			if (!rc)
				rc = lam_job_done(job[i].plan, p, l.rows,
					job[i].counts, e);
			job[i].done = true;
		}
	}
	return rc;
}
