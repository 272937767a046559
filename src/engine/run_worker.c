/*
 * run_worker.c - one worker: batch by batch, all jobs
 *
 * Grouped jobs go to the worker's own tables.  Rows that must come in order are
 * evaluated first and handed out when it is the batch's turn.
 *
 * The failure at the lowest position wins, whatever the timing: a worker that
 * fails stops, and the others go on with the batches before its own.
 */
#include <string.h>

#include "engine/run.h"
#include "partial/run_merge.h"

/* In rows of a batch that is read: */
#define SKIPPED 64 /* to hand out a batch */
#define FEW 8 /* rows, one in so many, worth a column of their own */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define THREAD_ROWS 0 /* whatever there is to find between threads is found */
#define UNKNOWN_ROWS 0
#else
#define THREAD_ROWS 65536 /* what is less is done before a thread would begin */
#define UNKNOWN_ROWS 8192 /* of a source that does not say how much it has */
#endif

static void
fail(struct lam_engine *x, uint64_t at, int code, const struct lam_error *e)
{
	pthread_mutex_lock(&x->lock);
	if (!x->code || at < x->at) {
		x->code = code;
		x->failure = *e;
		x->at = at;
	}
	pthread_mutex_unlock(&x->lock);
	atomic_store(&x->stop, true);
	if (x->ordered)
		lam_sequencer_stop(&x->sequencer);
}

/* Is batch B behind a failure, so that nobody wants it? */
static bool
in_vain(struct lam_engine *x, const struct lam_batch *b)
{
	bool behind;

	if (!atomic_load(&x->stop))
		return false;
	pthread_mutex_lock(&x->lock);
	behind = !x->code || b->pos >= x->at;
	pthread_mutex_unlock(&x->lock);
	return behind;
}

/* N expressions for the rows of S, into V. */
static int
eval_all(struct lam_pass *p, struct lam_selection *s, const uint32_t *expr,
	uint32_t n, struct lam_vec *v, struct lam_error *e)
{
	const struct lam_vec *got;
	int rc = LAM_OK;

	for (uint32_t i = 0; !rc && i < n; i++) {
		rc = lam_pass_eval(p, s, expr[i], &got, e);
		if (!rc)
			v[i] = *got;
	}
	return rc;
}

/* The positions of the rows of S; NULL: out of memory. */
static uint64_t *
positions(struct lam_pass *p, const struct lam_selection *s)
{
	uint64_t *seq = lam_arena_alloc(&p->arena, s->frame.n * sizeof *seq);

	for (uint32_t i = 0; seq && i < s->frame.n; i++)
		seq[i] = p->batch.pos + s->sel[i];
	return seq;
}

/* Rows ROW[0..n-1] of the batch of field X, which nothing else needs. */
static int
few_of_field(struct lam_worker *w, const struct lam_expr *x,
	const uint16_t *row, uint32_t n, struct lam_vec *out,
	struct lam_error *e)
{
	struct lam_arena *arena = &w->pass.arena;
	struct lam_scalar *s = lam_arena_alloc(arena, (n + 1) * sizeof *s);
	int rc = s ? lam_late_field(&w->pass.batch, x, row, n, &w->column,
		arena, s, e) : lam_fail_mem(e);

	return rc ? rc : lam_scalar_vec(s, n, LAM_TEXT, arena, out, e);
}

/* Rows SEL[0..n-1] of the rows S, which OUT has all of so far. */
static int
narrow(struct lam_worker *w, const struct lam_query *q,
	const struct lam_selection *s, const uint16_t *sel, uint32_t n,
	uint16_t *row, struct lam_order_limit_rows *out, struct lam_error *e)
{
	struct lam_pass *p = &w->pass;
	struct lam_vec *order = LAM_ARENA_NEW(&p->arena, struct lam_vec,
		q->norder + 1);
	uint64_t *seq = lam_arena_alloc(&p->arena, (n + 1) * sizeof *seq);

	if (!order || !seq)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < q->norder; i++)
		if (!lam_vec_take(&out->order[i], sel, n, &p->arena,
			&order[i]))
			return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++) {
		row[i] = s->sel ? s->sel[sel[i]] : sel[i];
		seq[i] = p->batch.pos + row[i];
	}
	out->n = n;
	out->order = order;
	out->seq = seq;
	return LAM_OK;
}

/* The outputs, all of them fields, of those of the rows S that are wanted, or only
 * their places. */
static int
late_outputs(struct lam_engine *x, size_t i, struct lam_worker *w,
	struct lam_selection *s, struct lam_vec *v,
	struct lam_order_limit_rows *out, struct lam_error *e)
{
	const struct lam_job_plan *j = &x->job[i].plan;
	struct lam_pass *p = &w->pass;
	uint16_t *sel = lam_arena_alloc(&p->arena, (out->n + 1) * sizeof *sel);
	uint16_t *row = lam_arena_alloc(&p->arena, (out->n + 1) * sizeof *row);
	const struct lam_vec *got;
	uint32_t n;
	bool few;
	int rc = sel && row ? lam_order_limit_wants(&w->order_limit[i], out,
		sel, &n, e) : lam_fail_mem(e);

	if (rc || n == 0) {
		out->n = 0;
		return rc;
	}
	few = x->njobs == 1 && p->batch.apart && n < p->batch.n / FEW;
	rc = narrow(w, j->q, s, sel, n, row, out, e);
	if (!rc && x->job[i].again) {
		v[0] = (struct lam_vec){ .type = LAM_TIME, .rep = LAM_FLAT,
			.n = n, .i64 = (const int64_t *)out->seq };
		return LAM_OK;
	}
	for (uint32_t c = 0; !rc && c < j->q->noutputs; c++) {
		const struct lam_expr *f = j->q->output[c].expr;
		uint32_t at = lam_pass_column(p->plan, f->index, f->raw);

		if (few && !p->loaded[at]) {
			rc = few_of_field(w, f, row, n, &v[c], e);
			continue;
		}
		rc = lam_pass_eval(p, s, j->output[c], &got, e);
		if (!rc && !lam_vec_take(got, sel, n, &p->arena, &v[c]))
			rc = lam_fail_mem(e);
	}
	return rc;
}

/* The order and, of rows that may be wanted, output columns of job I. */
static int
evaluate(struct lam_engine *x, size_t i, struct lam_worker *w,
	struct lam_order_limit_rows *out, struct lam_error *e)
{
	const struct lam_run_job *j = &x->job[i];
	const struct lam_query *q = j->plan.q;
	struct lam_pass *p = &w->pass;
	struct lam_vec *v = LAM_ARENA_NEW(&p->arena, struct lam_vec,
		(size_t)q->noutputs + q->norder + 1);
	struct lam_selection *rows;
	int rc;

	memset(out, 0, sizeof *out);
	if (j->late && lam_job_ruled_out(&j->plan, p, &w->order_limit[i])) {
		w->counts[i].read += p->batch.n;
		w->counts[i].filtered += p->batch.n;
		return LAM_OK;
	}
	rc = v ? lam_job_rows(&j->plan, p, &w->counts[i], &rows, e) :
		lam_fail_mem(e);
	if (rc || !rows->frame.n)
		return rc ? rc : lam_job_done(&j->plan, p, rows, &w->counts[i],
			e);
	*out = (struct lam_order_limit_rows){ .n = rows->frame.n, .output = v,
		.order = v + q->noutputs, .from = p->batch.pos };
	if (rows->sel && !(out->seq = positions(p, rows)))
		return lam_fail_mem(e);
	rc = eval_all(p, rows, j->plan.order, q->norder, v + q->noutputs, e);
	if (!rc && j->late)
		rc = late_outputs(x, i, w, rows, v, out, e);
	else if (!rc)
		rc = eval_all(p, rows, j->plan.output, q->noutputs, v, e);
	return rc ? rc : lam_job_done(&j->plan, p, rows, &w->counts[i], e);
}

/* The additive jobs of one selection from job FIRST on; DONE[j]. */
static int
together(struct lam_engine *x, unsigned worker, size_t first, bool *done,
	struct lam_error *e)
{
	struct lam_worker *w = &x->worker[worker];
	struct lam_shared_groups_job *job = LAM_ARENA_NEW(&w->pass.arena,
		struct lam_shared_groups_job, x->njobs);
	size_t *of = LAM_ARENA_NEW(&w->pass.arena, size_t, x->njobs), n = 0;
	int rc;

	if (!job || !of)
		return lam_fail_mem(e);
	for (size_t i = first; i < x->njobs; i++) {
		struct lam_run_job *j = &x->job[i];

		if (!j->additive || j->plan.selection !=
			x->job[first].plan.selection)
			continue;
		of[n] = i;
		job[n++] = (struct lam_shared_groups_job){ .plan = &j->plan,
			.table = &j->job->partials->share[worker].table,
			.counts = &w->counts[i] };
	}
	rc = n > 1 ? lam_shared_groups_group(job, n, &w->pass, e) : LAM_OK;
	for (size_t i = 0; i < n; i++)
		done[of[i]] = job[i].done;
	return rc;
}

/* Additive jobs, one selection after the other. */
static int
additive_jobs(struct lam_engine *x, unsigned worker, bool *done,
	struct lam_error *e)
{
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < x->njobs; i++) {
		bool first = x->job[i].additive;

		for (size_t j = 0; first && j < i; j++)
			first = !x->job[j].additive ||
				x->job[j].plan.selection !=
				x->job[i].plan.selection;
		if (first)
			rc = together(x, worker, i, done, e);
	}
	return rc;
}

/* Everything of a batch that needs no turn; ROWS[j] for what does. */
static int
compute(struct lam_engine *x, unsigned worker,
	struct lam_order_limit_rows *rows, struct lam_error *e)
{
	struct lam_worker *w = &x->worker[worker];
	bool *done = LAM_ARENA_NEW(&w->pass.arena, bool, x->njobs);
	int rc = done ? lam_pass_begin(&w->pass, e) : lam_fail_mem(e);

	if (!rc)
		rc = additive_jobs(x, worker, done, e);
	for (size_t i = 0; !rc && i < x->njobs; i++) {
		struct lam_run_job *j = &x->job[i];

		if (done[i])
			continue;
		if (j->plan.q->grouped) {
			rc = lam_job_group(&j->plan, &w->pass, &j->job->
				partials->share[worker].table, &w->first[i],
				&w->counts[i], e);
			continue;
		}
		rc = evaluate(x, i, w, &rows[i], e);
		if (!rc && !j->ordered)
			rc = lam_order_limit_add(&w->order_limit[i], &rows[i],
				&w->pass.arena, e);
	}
	return rc;
}

/* In turn: hand out the rows. *DONE: nobody wants any more. */
static int
deliver(struct lam_engine *x, struct lam_worker *w,
	const struct lam_order_limit_rows *rows, bool *done,
	struct lam_error *e)
{
	int rc = LAM_OK;

	*done = true;
	for (size_t i = 0; !rc && i < x->njobs; i++) {
		struct lam_run_job *j = &x->job[i];

		if (j->ordered)
			rc = lam_order_limit_add(&j->order_limit, &rows[i],
				&w->pass.arena, e);
		*done = *done && j->ordered && j->order_limit.done;
	}
	return rc;
}

/* Write tables out when there is too much of them. */
static int
limit_memory(struct lam_engine *x, unsigned worker, struct lam_error *e)
{
	struct lam_worker *w = &x->worker[worker];
	size_t mine, most, all;
	struct lam_share *largest;
	int rc = LAM_OK;

	for (;;) {
		mine = most = 0;
		largest = NULL;
		for (size_t i = 0; i < x->njobs; i++) {
			struct lam_share *s;
			size_t n;

			if (!x->job[i].plan.q->grouped)
				continue;
			s = &x->job[i].job->partials->share[worker];
			n = lam_group_table_memory(&s->table);
			mine += n;
			if (s->table.n && n > most) {
				most = n;
				largest = s;
			}
		}
		all = atomic_fetch_add(&x->table_bytes, mine - w->table_bytes) + mine -
			w->table_bytes;
		w->table_bytes = mine;
		if (rc || !largest || all <= x->memory ||
			mine < x->memory / x->nworkers)
			return rc;
		rc = lam_share_spill(largest, largest->table.q,
			x->options->tmpdir, e);
	}
}

static int
one_batch(struct lam_engine *x, unsigned worker, struct lam_error *e)
{
	struct lam_worker *w = &x->worker[worker];
	struct lam_order_limit_rows *rows = LAM_ARENA_NEW(&w->pass.arena,
		struct lam_order_limit_rows, x->njobs);
	bool done = false;
	int rc = rows ? compute(x, worker, rows, e) : lam_fail_mem(e);

	if (x->ordered) {
		/* a failure counts only if this batch is still wanted */
		if (!lam_sequencer_wait(&x->sequencer, worker))
			return LAM_OK;
		if (!rc)
			rc = deliver(x, w, rows, &done, e);
		if (rc)
			fail(x, w->pass.batch.pos, rc, e);
		if (done) {
			atomic_store(&x->stop, true);
			lam_sequencer_stop(&x->sequencer);
		}
		lam_sequencer_done(&x->sequencer, worker);
	} else if (rc) {
		fail(x, w->pass.batch.pos, rc, e);
	}
	if (rc)
		return rc;
	rc = limit_memory(x, worker, e);
	if (rc)
		fail(x, UINT64_MAX, rc, e);
	return rc;
}

/* The source failed: behind all batches, which are handed out first. */
static void
source_failed(struct lam_engine *x, unsigned worker, int rc,
	const struct lam_error *e)
{
	if (x->ordered) {
		lam_sequencer_got(&x->sequencer, worker, UINT64_MAX, 0);
		if (!lam_sequencer_wait(&x->sequencer, worker))
			return;
	}
	fail(x, UINT64_MAX, rc, e);
}

/*
 * Is there work for another thread?  What is left is expected to cost per row what
 * came before it; a batch that its ranges rule out costs only to be handed out.
 */
static bool
worth_joining(const struct lam_engine *x, uint64_t handed, uint64_t cost)
{
	uint64_t rows = x->source->rows;

	if (rows == 0)
		return cost > UNKNOWN_ROWS;
	return rows > handed && (lam_u128)cost * (rows - handed) >=
		(lam_u128)THREAD_ROWS * handed;
}

/* What W knows of the rows of sorted jobs that are not wanted, as a number: it changes
 * with batches that have some which are. */
static uint64_t
learnt(const struct lam_engine *x, const struct lam_worker *w)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < x->njobs; i++)
		if (x->job[i].late && w->order_limit[i].lost)
			sum += 1 + (uint64_t)w->order_limit[i].loser;
	return sum;
}

/* Batches until there are none; ALONE: or until another thread should join. */
static void
work(struct lam_engine *x, unsigned worker, bool alone)
{
	struct lam_worker *w = &x->worker[worker];
	struct lam_error e = LAM_ERROR_INIT;
	uint64_t handed = 0, cost = 0, known = 0;
	bool got = true, more = false;
	int rc = LAM_OK;

	while (!more && !rc && !(x->ordered && atomic_load(&x->stop))) {
		lam_pass_reset(&w->pass);
		if (x->ordered)
			lam_sequencer_ask(&x->sequencer, worker);
		got = false;
		rc = x->source->next(x->source, worker, &w->pass.batch, &got,
			&e);
		if (rc)
			source_failed(x, worker, rc, &e);
		if (rc || !got)
			break;
		if (x->ordered)
			lam_sequencer_got(&x->sequencer, worker, w->pass.batch.pos,
				w->pass.batch.n);
		else if (in_vain(x, &w->pass.batch))
			continue;
		rc = one_batch(x, worker, &e);
		handed += w->pass.batch.n;
		w->batches++;
		w->skipped += !w->pass.read && w->pass.batch.range;
		cost += w->pass.read || !w->pass.batch.range ?
			w->pass.batch.n + SKIPPED : SKIPPED;
		if (alone && learnt(x, w) != known) {
			known = learnt(x, w); /* others may be ruled out */
			handed = cost = 0;
		}
		more = alone && handed && worth_joining(x, handed, cost);
	}
	w->ended = rc || !more || atomic_load(&x->stop);
	if (x->ordered)
		lam_sequencer_done(&x->sequencer, worker);
}

int
lam_worker_run(void *engine, unsigned worker, struct lam_error *unused)
{
	(void)unused;
	work(engine, worker, false);
	return LAM_OK;
}

/* Does any job want all rows, so that no batch is ruled out? */
static bool
wants_all(const struct lam_engine *x)
{
	for (size_t i = 0; i < x->njobs; i++)
		if (x->job[i].plan.selection == LAM_PASS_ALL)
			return true;
	return false;
}

bool
lam_worker_alone(struct lam_engine *x)
{
	if (wants_all(x) && worth_joining(x, LAM_BLOCK_ROWS, LAM_BLOCK_ROWS))
		return false;
	work(x, 0, true);
	return x->worker[0].ended;
}
