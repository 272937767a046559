/*
 * job.c - one query over the batches of a pass
 *
 * A batch is grouped in three steps: local groups from the key vectors, every
 * aggregate updated by local group, and local groups flushed into the table.
 */
#include "engine/job.h"

#include <stdlib.h>
#include <string.h>

#include "engine/first_groups.h"

#define APART_ROWS 512	 /* fewer say little about the next batch */
#define APART_BATCHES 15

static int
plan_states(struct lam_job_plan *j, struct lam_pass_plan *p,
	struct lam_error *e)
{
	const struct lam_query *q = j->q;
	int rc = LAM_OK;

	for (uint32_t s = 0; !rc && s < q->nstates; s++) {
		const struct lam_state *x = &q->state[s];
		struct lam_state_plan *to = &j->state[s];

		rc = lam_pass_selection(p, j->selection, x->merge ? NULL :
			x->filter, &to->selection, e);
		for (unsigned i = 0; !rc && i < 2; i++)
			rc = lam_pass_expr(p, x->merge ? NULL : x->arg[i],
				&to->arg[i], e);
	}
	return rc;
}

int
lam_job_plan_init(struct lam_job_plan *j, const struct lam_query *q,
	struct lam_pass_plan *p, struct lam_error *e)
{
	int rc;

	*j = (struct lam_job_plan){ .q = q };
	lam_pass_fields(p, q->input->nfields);
	j->key = calloc(q->nkeys + 1, sizeof *j->key);
	j->state = calloc(q->nstates + 1, sizeof *j->state);
	j->output = calloc(q->noutputs + 1, sizeof *j->output);
	j->order = calloc(q->norder + 1, sizeof *j->order);
	if (!j->key || !j->state || !j->output || !j->order)
		return lam_fail_mem(e);
	rc = lam_pass_selection(p, LAM_PASS_ALL, q->where, &j->selection, e);
	for (uint32_t k = 0; !rc && q->grouped && k < q->nkeys; k++)
		rc = lam_pass_expr(p, q->key[k], &j->key[k], e);
	if (!rc && q->grouped)
		rc = plan_states(j, p, e);
	for (uint32_t i = 0; !rc && !q->grouped && i < q->noutputs; i++)
		rc = lam_pass_expr(p, q->output[i].expr, &j->output[i], e);
	for (uint32_t i = 0; !rc && !q->grouped && i < q->norder; i++)
		rc = lam_pass_expr(p, q->order[i].expr, &j->order[i], e);
	return rc;
}

void
lam_job_plan_release(struct lam_job_plan *j)
{
	free(j->key);
	free(j->state);
	free(j->output);
	free(j->order);
	free(j->tested);
	free(j->used);
	memset(j, 0, sizeof *j);
}

/* Mark the fields X reads; DEPTH bounds the recursion, as the parser does. */
static void
mark(const struct lam_pass_plan *p, const struct lam_expr *x, bool *field,
	unsigned depth)
{
	if (!x || depth == 0)
		return;
	if (x->kind == LAM_X_FIELD)
		field[lam_pass_column(p, x->index, x->raw)] = true;
	for (uint32_t i = 0; i < x->nargs; i++)
		mark(p, x->arg[i], field, depth - 1);
}

int
lam_job_plan_fields(struct lam_job_plan *j, const struct lam_pass_plan *p,
	struct lam_error *e)
{
	const struct lam_query *q = j->q;
	const unsigned depth = 1000;
	uint32_t n = p->nfields;

	j->tested = calloc(2 * (size_t)n + 1, sizeof *j->tested);
	j->used = calloc(2 * (size_t)n + 1, sizeof *j->used);
	if (!j->tested || !j->used)
		return lam_fail_mem(e);
	mark(p, q->where, j->tested, depth);
	for (uint32_t k = 0; q->grouped && k < q->nkeys; k++)
		mark(p, q->key[k], j->used, depth);
	for (uint32_t s = 0; q->grouped && s < q->nstates; s++) {
		const struct lam_state *x = &q->state[s];

		for (uint32_t i = 0; x->merge && i < x->ncomponents; i++)
			j->used[x->component[i]] = true;
		if (x->merge)
			continue;
		mark(p, x->filter, j->used, depth);
		mark(p, x->arg[0], j->used, depth);
		mark(p, x->arg[1], j->used, depth);
	}
	for (uint32_t i = 0; !q->grouped && i < q->noutputs; i++)
		mark(p, q->output[i].expr, j->used, depth);
	for (uint32_t i = 0; !q->grouped && i < q->norder; i++)
		mark(p, q->order[i].expr, j->used, depth);
	return LAM_OK;
}

void
lam_job_plan_texts(const struct lam_job_plan *j, struct lam_pass_plan *p)
{
	const struct lam_query *q = j->q;

	for (uint32_t k = 0; q->grouped && k < q->nkeys; k++)
		lam_pass_texts(p, j->key[k]);
	for (uint32_t s = 0; q->grouped && s < q->nstates; s++) {
		const struct lam_state *x = &q->state[s];

		for (uint32_t i = 0; x->merge && i < x->ncomponents; i++)
			p->numbers[x->component[i]] = false;
		for (unsigned i = 0; i < 2; i++)
			if (!lam_agg_ops(x->kind)->numbers)
				lam_pass_texts(p, j->state[s].arg[i]);
	}
	for (uint32_t i = 0; !q->grouped && i < q->noutputs; i++)
		lam_pass_texts(p, j->output[i]);
	for (uint32_t i = 0; !q->grouped && i < q->norder; i++)
		lam_pass_texts(p, j->order[i]);
	for (uint32_t i = 0; i < 2 * p->nfields; i++)
		p->numbers[i] = p->numbers[i] && !j->tested[i];
}

int
lam_job_rows(const struct lam_job_plan *j, struct lam_pass *p,
	struct lam_counts *c, struct lam_selection **s, struct lam_error *e)
{
	int rc = lam_pass_select(p, j->selection, s, e);

	if (rc)
		return rc;
	c->read += p->batch.n;
	c->counted += (*s)->frame.n;
	c->filtered += p->batch.n - (*s)->frame.n;
	return LAM_OK;
}

static void
add_faulty(const struct lam_pass *p, const struct lam_faulty *f,
	struct lam_counts *c)
{
	lam_counts_fault(c, f->n, p->batch.pos + f->first);
	if (f->n && p->batch.pos + f->last > c->last_fault)
		c->last_fault = p->batch.pos + f->last;
}

/*
 * What a job evaluates: an expression for the rows of a selection, by its number:
 * whether two selections happen to have the same rows depends on the batch.
 */
struct use {
	uint32_t selection, expr;
};

/* Count the faults of EXPR for the rows of S, unless it is among USED. */
static void
add_use(const struct lam_pass *p, uint32_t selection, uint32_t expr,
	struct use *used, size_t *n, struct lam_counts *c)
{
	const struct lam_selection *s = &p->selection[selection];

	if (expr == LAM_PASS_NONE || !s->made)
		return;
	for (size_t i = 0; i < *n; i++)
		if (used[i].selection == selection && used[i].expr == expr)
			return;
	used[(*n)++] = (struct use){ selection, expr };
	while (s->same)
		s = s->same;
	add_faulty(p, &s->faulty[expr], c);
}

/* The faults of the batch: each selection's condition once, each use once. */
static int
count_faults(const struct lam_job_plan *j, struct lam_pass *p,
	struct lam_counts *c, struct lam_error *e)
{
	const struct lam_query *q = j->q;
	struct use *used;
	size_t n = 0;

	if (!p->faulty)
		return LAM_OK;
	used = LAM_ARENA_NEW(&p->arena, struct use, (size_t)q->nkeys +
		2 * (size_t)q->nstates + q->noutputs + q->norder + 1);
	if (!used)
		return lam_fail_mem(e);
	if (j->selection != LAM_PASS_ALL)
		add_faulty(p, &p->selection[j->selection].tested, c);
	for (uint32_t k = 0; q->grouped && k < q->nkeys; k++)
		add_use(p, j->selection, j->key[k], used, &n, c);
	for (uint32_t s = 0; q->grouped && s < q->nstates; s++) {
		uint32_t at = j->state[s].selection;
		bool seen = at == j->selection || !p->selection[at].made;

		for (uint32_t i = 0; i < s && !seen; i++)
			seen = j->state[i].selection == at;
		if (!seen)
			add_faulty(p, &p->selection[at].tested, c);
		for (unsigned i = 0; i < 2 && !q->state[s].merge; i++)
			add_use(p, at, j->state[s].arg[i], used, &n, c);
	}
	for (uint32_t i = 0; !q->grouped && i < q->noutputs; i++)
		add_use(p, j->selection, j->output[i], used, &n, c);
	for (uint32_t i = 0; !q->grouped && i < q->norder; i++)
		add_use(p, j->selection, j->order[i], used, &n, c);
	return LAM_OK;
}

int
lam_job_done(const struct lam_job_plan *j, struct lam_pass *p,
	const struct lam_selection *s, struct lam_counts *c,
	struct lam_error *e)
{
	for (uint32_t i = 0; i < 2 * p->plan->nfields; i++)
		if (p->loaded[i] && (j->tested[i] ||
			(j->used[i] && s->frame.n)))
			c->bad += p->bad[i];
	return count_faults(j, p, c, e);
}

/* The arguments of state S, for the rows of SEL, into V. */
static int
arguments(const struct lam_job_plan *j, uint32_t s, struct lam_pass *p,
	struct lam_selection *sel, struct lam_vec *v, struct lam_error *e)
{
	const struct lam_state *x = &j->q->state[s];
	const struct lam_vec *got;
	int rc;

	for (unsigned i = 0; i < 2; i++) {
		if (x->merge && i < x->ncomponents)
			rc = lam_pass_field(p, sel, x->component[i], false,
				&got, e);
		else if (!x->merge && j->state[s].arg[i] != LAM_PASS_NONE)
			rc = lam_pass_eval(p, sel, j->state[s].arg[i], &got,
				e);
		else
			continue;
		if (rc)
			return rc;
		v[i] = *got;
	}
	return LAM_OK;
}

static int
update(const struct lam_job_plan *j, uint32_t s, struct lam_pass *p,
	struct lam_selection *rows, struct lam_batch_groups *groups,
	struct lam_group_table *t, struct lam_error *e)
{
	struct lam_vec *v = LAM_ARENA_NEW(&p->arena, struct lam_vec, 2);
	struct lam_agg *a = &t->agg[s];
	struct lam_selection *sel = rows;
	struct lam_batch_groups *some;
	int rc = LAM_OK;

	a->rows = NULL;
	if (!v)
		return lam_fail_mem(e);
	if (j->state[s].selection != j->selection)
		rc = lam_pass_select(p, j->state[s].selection, &sel, e);
	if (rc || sel->frame.n == 0)
		return rc;
	if (sel->frame.n < rows->frame.n) {
		some = LAM_ARENA_NEW(&p->arena, struct lam_batch_groups, 1);
		if (!some || !lam_batch_groups_take(groups, sel->inner,
				     sel->frame.n, some))
			return lam_fail_mem(e);
		groups = some;
	}
	rc = arguments(j, s, p, sel, v, e);
	return rc ? rc : a->ops->update(a, groups, v, e);
}

/*
 * Group the rows of S by KEY.  Where they seldom share a group, finding that out costs
 * more than it saves: then rows are their own groups for some batches, before it is
 * looked at again.
 */
static int
number(struct lam_group_table *t, struct lam_batch_keys *g,
	const struct lam_vec *key, struct lam_batch_groups *s,
	struct lam_error *e)
{
	bool hashed;
	int rc;

	if (t->apart > 0) {
		t->apart--;
		return lam_batch_groups_apart(g, key, t->nkeys, s, e);
	}
	rc = lam_batch_groups_number(g, key, t->nkeys, s, e);
	if (rc)
		return rc;
	hashed = g->first || (t->nkeys == 1 && g->codes[0].first);
	if (hashed && s->n >= APART_ROWS && 2 * s->ngroups > s->n)
		t->apart = APART_BATCHES;
	return LAM_OK;
}

int
lam_job_group(const struct lam_job_plan *j, struct lam_pass *p,
	struct lam_group_table *t, struct lam_first_groups *first,
	struct lam_counts *c, struct lam_error *e)
{
	const struct lam_query *q = j->q;
	struct lam_batch_groups *s =
		LAM_ARENA_NEW(&p->arena, struct lam_batch_groups, 1);
	struct lam_vec *key = LAM_ARENA_NEW(&p->arena, struct lam_vec,
		q->nkeys + 1);
	struct lam_batch_keys g = { .nkeys = 0 };
	const struct lam_vec *got;
	struct lam_selection *all = NULL, *rows;
	int rc = s && key ? LAM_OK : lam_fail_mem(e);

	if (!rc)
		rc = lam_job_rows(j, p, c, &all, e);
	rows = all;
	if (!rc && rows->frame.n)
		rc = lam_first_groups_rows(first, j, p, t, &rows, e);
	if (rc || rows->frame.n == 0)
		return rc ? rc : lam_job_done(j, p, all, c, e);
	*s = (struct lam_batch_groups){ .n = rows->frame.n, .sel = rows->sel,
		.pos = p->batch.pos, .ngroups = 1, .arena = &p->arena };
	for (uint32_t k = 0; !rc && k < q->nkeys; k++) {
		rc = lam_pass_eval(p, rows, j->key[k], &got, e);
		if (!rc)
			key[k] = *got;
	}
	if (!rc)
		rc = number(t, &g, key, s, e);
	for (uint32_t i = 0; !rc && i < q->nstates; i++)
		rc = update(j, i, p, rows, s, t, e);
	if (!rc)
		rc = lam_group_table_flush(t, &g, s, e);
	return rc ? rc : lam_job_done(j, p, all, c, e);
}

bool
lam_job_ruled_out(const struct lam_job_plan *j, struct lam_pass *p,
	const struct lam_order_limit *r)
{
	uint32_t where = p->plan->selection[j->selection].condition;
	struct lam_range range = { .kind = LAM_RANGE_NONE, .nulls = true };
	const struct lam_expr *by = p->plan->expr[j->order[0]];
	bool sound = p->batch.range && by->kind == LAM_X_FIELD && !by->raw;

	if (sound && where != LAM_PASS_NONE)
		sound = lam_expr_sound(p->plan->expr[where], &p->batch);
	for (uint32_t k = 0; sound && k < j->q->norder; k++)
		sound = lam_expr_sound(p->plan->expr[j->order[k]], &p->batch);
	if (!sound)
		return false;
	p->batch.range(&p->batch, by->index, &range);
	return lam_order_limit_rules_out(r, &range);
}
