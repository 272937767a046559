/*
 * engine.c - run bound queries over a source of batches
 *
 * A run has four steps: plan the expressions of all jobs; give each worker a table
 * for each grouped job; let the first worker begin, which the others join when there
 * is work for them; add the results up.  Workers share the failure, the sequencer of
 * ordered rows and a count of memory, and nothing else.
 */
#include "engine/hop.h"
#include "engine/engine.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "engine/run.h"

/* Is the output of fields as they came, which all can be given? */
static bool
gives_fields(const struct lam_query *q)
{
	for (uint32_t i = 0; i < q->noutputs; i++) {
		const struct lam_expr *o = q->output[i].expr;

		if (o->kind != LAM_X_FIELD || !(o->raw || o->type == LAM_TEXT))
			return false;
	}
	return true;
}

static int
set_up_job(struct lam_engine *x, struct lam_run_job *r, struct lam_job *j,
	struct lam_error *e)
{
	const struct lam_query *q = j->query;
	int rc = lam_job_plan_init(&r->plan, q, &x->plan, e);

	r->job = j;
	r->ordered = !q->grouped && q->norder == 0;
	r->late = !q->grouped && !r->ordered && gives_fields(q);
	r->rest = (struct lam_late_rows){ .source = x->source, .q = q,
		.threads = x->nworkers, .rows = j->rows, .arg = j->arg };
	r->again = r->late && lam_late_rows_init(&r->rest);
	x->ordered = x->ordered || r->ordered;
	j->nulls = calloc(q->nstates + 1, sizeof *j->nulls);
	if (!rc && !j->nulls)
		rc = lam_fail_mem(e);
	if (!rc && q->grouped)
		rc = lam_partials_new(&j->partials, q, x->nworkers,
			x->options, e);
	if (!rc && r->ordered)
		rc = lam_order_limit_init(&r->order_limit, q, q->norder > 0,
			x->options, x->memory, j->rows, j->arg, e);
	return rc;
}

/* Jobs that count and sum over the same rows may do so together. */
static void
find_additive(struct lam_engine *x)
{
	for (size_t i = 0; i < x->njobs; i++)
		for (size_t j = 0; j < x->njobs; j++)
			if (i != j && x->job[i].plan.selection ==
				x->job[j].plan.selection &&
				lam_shared_groups_additive(x->job[i].plan.q) &&
				lam_shared_groups_additive(x->job[j].plan.q))
				x->job[i].additive = true;
}

static int
set_up_worker(struct lam_engine *x, struct lam_worker *w, struct lam_error *e)
{
	int rc = lam_pass_init(&w->pass, &x->plan, e);

	w->counts = calloc(x->njobs + 1, sizeof *w->counts);
	w->order_limit = calloc(x->njobs + 1, sizeof *w->order_limit);
	w->first = calloc(x->njobs + 1, sizeof *w->first);
	if (!rc && (!w->counts || !w->order_limit || !w->first))
		rc = lam_fail_mem(e);
	for (size_t i = 0; !rc && i < x->njobs; i++) {
		struct lam_run_job *r = &x->job[i];
		struct lam_job *j = r->job;

		rc = lam_first_groups_init(&w->first[i], j->query, j->finishes,
			e);
		if (rc || j->query->grouped || r->ordered)
			continue;
		rc = lam_order_limit_init(&w->order_limit[i], r->again ?
			&r->rest.places : j->query, true, x->options,
			x->memory / x->nworkers, r->again ? lam_late_rows_give :
			j->rows, r->again ? &r->rest : j->arg, e);
	}
	return rc;
}

static int
set_up(struct lam_engine *x, struct lam_job *job, struct lam_error *e)
{
	int rc = lam_pass_plan_init(&x->plan, e);

	atomic_init(&x->stop, false);
	atomic_init(&x->table_bytes, 0);
	x->worker = calloc(x->nworkers, sizeof *x->worker);
	x->job = calloc(x->njobs + 1, sizeof *x->job);
	if (!rc && (!x->worker || !x->job ||
		pthread_mutex_init(&x->lock, NULL)))
		rc = lam_fail_mem(e);
	x->locked = !rc;
	for (size_t i = 0; !rc && i < x->njobs; i++)
		rc = set_up_job(x, &x->job[i], &job[i], e);
	for (size_t i = 0; !rc && i < x->njobs; i++)
		rc = lam_job_plan_fields(&x->job[i].plan, &x->plan, e);
	if (!rc) {
		find_additive(x);
		rc = lam_pass_plan_prepare(&x->plan, e);
	}
	for (size_t i = 0; !rc && i < x->njobs; i++) {
		lam_pass_used(&x->plan, x->job[i].plan.used);
		lam_job_plan_texts(&x->job[i].plan, &x->plan);
	}
	for (unsigned i = 0; !rc && i < x->nworkers; i++)
		rc = set_up_worker(x, &x->worker[i], e);
	if (!rc && x->ordered)
		rc = lam_sequencer_init(&x->sequencer, x->nworkers, e);
	return rc;
}

static void
tear_down(struct lam_engine *x)
{
	for (unsigned i = 0; x->worker && i < x->nworkers; i++) {
		struct lam_worker *w = &x->worker[i];

		for (size_t j = 0; w->order_limit && j < x->njobs; j++)
			lam_order_limit_release(&w->order_limit[j]);
		for (size_t j = 0; w->first && j < x->njobs; j++)
			lam_first_groups_release(&w->first[j]);
		lam_pass_release(&w->pass);
		lam_arena_release(&w->column);
		free(w->counts);
		free(w->order_limit);
		free(w->first);
	}
	for (size_t i = 0; x->job && i < x->njobs; i++) {
		lam_job_plan_release(&x->job[i].plan);
		lam_order_limit_release(&x->job[i].order_limit);
	}
	if (x->ordered)
		lam_sequencer_release(&x->sequencer);
	if (x->locked)
		pthread_mutex_destroy(&x->lock);
	lam_pass_plan_release(&x->plan);
	free(x->worker);
	free(x->job);
}

/* Nobody wants a row: no need to read any. */
static bool
nothing_to_do(const struct lam_engine *x)
{
	for (size_t i = 0; i < x->njobs; i++)
		if (!x->job[i].ordered || !x->job[i].order_limit.done)
			return false;
	return true;
}

/* Add up the results of all workers for job I. */
static int
gather(struct lam_engine *x, size_t i, struct lam_error *e)
{
	struct lam_job *j = x->job[i].job;
	const struct lam_query *q = j->query;
	struct lam_order_limit *first = &x->worker[0].order_limit[i];

	memset(&j->counts, 0, sizeof j->counts);
	j->batches = j->skipped = 0;
	j->counts.first_fault = UINT64_MAX;
	for (unsigned w = 0; w < x->nworkers; w++) {
		const struct lam_counts *c = &x->worker[w].counts[i];

		j->batches += x->worker[w].batches;
		j->skipped += x->worker[w].skipped;
		j->counts.read += c->read;
		j->counts.counted += c->counted;
		j->counts.filtered += c->filtered;
		j->counts.bad += c->bad;
		lam_counts_fault(&j->counts, c->faults, c->first_fault);
		if (c->last_fault > j->counts.last_fault)
			j->counts.last_fault = c->last_fault;
		for (uint32_t s = 0; q->grouped && s < q->nstates; s++)
			j->nulls[s] += j->partials->share[w].table.
				agg[s].nulls;
	}
	if (q->grouped)
		return LAM_OK;
	if (x->job[i].ordered)
		return lam_order_limit_finish(&x->job[i].order_limit, e);
	for (unsigned w = 1; w < x->nworkers; w++)
		lam_order_limit_absorb(first, &x->worker[w].order_limit[i]);
	first->sorted = j->sorted;
	return lam_order_limit_finish(first, e);
}

int
lam_engine_run(struct lam_source *src, struct lam_job *job, size_t njobs,
	const struct lam_resources *o, struct lam_error *e)
{
	struct lam_engine x = { .source = src, .options = o, .njobs = njobs,
		.nworkers = o->threads ? o->threads : 1,
		.memory = o->memory ? o->memory : UINT64_MAX / 2 };
	int rc;

	for (size_t i = 0; i < njobs; i++) {
		job[i].partials = NULL;
		job[i].nulls = NULL;
	}
	rc = set_up(&x, job, e);
	if (!rc && !nothing_to_do(&x) && !lam_worker_alone(&x))
		rc = lam_pool_run(x.nworkers, lam_worker_run, &x, e);
	if (!rc && x.code) {
		rc = x.code;
		if (e && !e->code)
			*e = x.failure;
	}
	for (size_t i = 0; !rc && i < njobs; i++)
		rc = gather(&x, i, e);
	tear_down(&x);
	for (size_t i = 0; !rc && i < njobs; i++)
		if (job[i].query->hop)
			rc = lam_hop_partials(&job[i], o, e);
	for (size_t i = 0; rc && i < njobs; i++) {
		lam_partials_free(job[i].partials);
		job[i].partials = NULL;
		lam_job_release(&job[i]);
	}
	return rc;
}

void
lam_job_release(struct lam_job *j)
{
	free(j->nulls);
	j->nulls = NULL;
}
