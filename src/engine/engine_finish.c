/*
 * engine_finish.c - finish a grouped query: finals, outputs, HAVING, order, limit
 *
 * Partials in memory are read in the order of the keys' values, so without
 * ORDER BY rows stream through, and with it that order breaks ties.  Spilled
 * partials come in the order of their text; then rows are sorted by the keys.
 * A few rows of many groups are found without sorting all (top.c).
 * DISTINCT keeps the first of equal rows in the final order, so it comes after a
 * sort.
 */
#include <string.h>

#include "engine/engine.h"
#include "engine/finalize.h"
#include "engine/top.h"
#include "rows/order_limit.h"

struct finish {
	const struct lam_query *q;
	struct lam_partials *p;
	struct lam_order_limit order_limit;
	struct lam_arena arena;
	uint64_t at; /* rows so far */
	uint64_t faults;
};

static int
prepare(const struct lam_query *q, struct lam_arena *a, struct lam_error *e)
{
	int rc = q->having ? lam_expr_prepare(q->having, a, e) : LAM_OK;

	for (uint32_t i = 0; !rc && i < q->noutputs; i++)
		rc = lam_expr_prepare(q->output[i].expr, a, e);
	for (uint32_t i = 0; !rc && i < q->norder; i++)
		rc = lam_expr_prepare(q->order[i].expr, a, e);
	return rc;
}

static void
unprepare(const struct lam_query *q)
{
	if (q->having)
		lam_expr_release(q->having);
	for (uint32_t i = 0; i < q->noutputs; i++)
		lam_expr_release(q->output[i].expr);
	for (uint32_t i = 0; i < q->norder; i++)
		lam_expr_release(q->order[i].expr);
}

/* Does X look at the members of a set? */
static bool
sees_members(const struct lam_expr *x)
{
	bool sees = x->kind == LAM_X_FINAL && x->final >= LAM_FINAL_SUM_OF;

	for (uint32_t i = 0; !sees && i < x->nargs; i++)
		sees = x->arg[i] && sees_members(x->arg[i]);
	return sees;
}

static bool
only_sizes(const struct lam_query *q)
{
	bool sees = q->having && sees_members(q->having);

	for (uint32_t i = 0; !sees && i < q->noutputs; i++)
		sees = sees_members(q->output[i].expr);
	for (uint32_t i = 0; !sees && i < q->norder; i++)
		sees = sees_members(q->order[i].expr);
	return !sees;
}

/* Count the faults of F, and forget them. */
static void
count_faults(struct finish *x, struct lam_frame *f)
{
	for (uint32_t i = 0; f->faults.mark && i < f->n; i++)
		x->faults += f->faults.mark[i];
	f->faults.mark = NULL;
}

/* Outputs, order and (partials in text order) keys of the rows of F. */
static int
add_rows(struct finish *x, struct lam_finalize *f, struct lam_error *e)
{
	const struct lam_query *q = x->q;
	uint32_t nties = x->p->typed ? 0 : q->nkeys;
	struct lam_vec *v = LAM_ARENA_NEW(&x->arena, struct lam_vec,
		(size_t)q->noutputs + q->norder + nties + 1);
	struct lam_order_limit_rows rows = { .n = f->frame.n, .output = v,
		.order = v + q->noutputs, .tie = v + q->noutputs + q->norder,
		.nties = nties, .from = x->at };
	int rc = v ? LAM_OK : lam_fail_mem(e);

	for (uint32_t i = 0; !rc && i < q->noutputs; i++)
		rc = lam_expr_eval(q->output[i].expr, &f->frame, v++, e);
	for (uint32_t i = 0; !rc && i < q->norder; i++)
		rc = lam_expr_eval(q->order[i].expr, &f->frame, v++, e);
	for (uint32_t i = 0; !rc && i < nties; i++) {
		const struct lam_vec *key;

		rc = lam_finalize_key(f, i, &key, e);
		if (!rc)
			*v++ = *key;
	}
	x->at += f->frame.n;
	count_faults(x, &f->frame);
	return rc ? rc : lam_order_limit_add(&x->order_limit, &rows, &x->arena, e);
}

/* The current rows of the partials. */
static int
batch(struct finish *x, struct lam_error *e)
{
	struct lam_finalize all, some;
	uint16_t *sel;
	uint32_t n;
	int rc = lam_finalize_init(&all, x->p, &x->arena, e);

	if (rc || !x->q->having)
		return rc ? rc : add_rows(x, &all, e);
	sel = lam_arena_alloc(&x->arena, (x->p->n + 1) * sizeof *sel);
	if (!sel)
		return lam_fail_mem(e);
	rc = lam_expr_filter(x->q->having, &all.frame, sel, &n, e);
	count_faults(x, &all.frame);
	if (rc || n == 0)
		return rc;
	if (n == x->p->n)
		return add_rows(x, &all, e);
	rc = lam_finalize_some(&some, &all, sel, n, e);
	return rc ? rc : add_rows(x, &some, e);
}

static int
run(struct finish *x, struct lam_error *e)
{
	int rc = LAM_OK;

	while (!rc && !x->order_limit.done) {
		lam_arena_reset(&x->arena);
		rc = lam_partials_step(x->p, e);
		if (rc || !x->p->n)
			break;
		rc = batch(x, e);
	}
	return rc ? rc : lam_order_limit_finish(&x->order_limit, e);
}

int
lam_engine_finish(const struct lam_query *q, struct lam_partials *p,
	const struct lam_resources *o,
	int (*rows)(void *arg, const struct lam_vec *out, uint32_t n,
		struct lam_error *e), void *arg, uint64_t *faults,
	struct lam_error *e)
{
	uint64_t memory = o->memory ? o->memory : UINT64_MAX / 2;
	struct finish x = { .q = q, .p = p };
	struct lam_arena prepared = LAM_ARENA_INIT;
	int rc = prepare(q, &prepared, e);

	if (only_sizes(q))
		lam_partials_only_sizes(p);
	if (!rc && lam_top_suits(q, p)) {
		rc = lam_top_finish(q, p, rows, arg, &x.faults, e);
		goto out;
	}
	if (!rc)
		rc = lam_partials_begin(p, true, e);
	if (!rc)
		rc = lam_order_limit_init(&x.order_limit, q, q->norder > 0 ||
			!p->typed, o, memory, rows, arg, e);
	if (!rc)
		rc = run(&x, e);
out:
	*faults = x.faults;
	lam_order_limit_release(&x.order_limit);
	unprepare(q);
	lam_arena_release(&x.arena);
	lam_arena_release(&prepared);
	return rc;
}
