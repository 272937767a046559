/*
 * first_groups.c - leave out rows that can be of none of the first groups
 *
 * The keys of the first groups so far are a heap.  Before each batch the groups that
 * the one before has made are put into it; its top, when it is full, is the bound.  A
 * table that was written to disk begins anew, and so does the heap: its groups would
 * be counted twice.
 */
#include "engine/first_groups.h"

#include <stdlib.h>
#include <string.h>

#include "engine/top.h"
#include "rows/bound.h"

#define MOST 4096 /* wanted: else the heap costs as much as it saves */

/* The key that Q's order begins with. */
static bool
find_key(struct lam_first_groups *f, const struct lam_query *q)
{
	const struct lam_order *o = q->order;

	if (!q->norder)
		return q->nkeys > 0;
	f->key = o->expr->index;
	f->by = (struct lam_by){ o->descending, o->nulls_first };
	return o->expr->kind == LAM_X_KEY;
}

int
lam_first_groups_init(struct lam_first_groups *f, const struct lam_query *q,
	bool finishes, struct lam_error *e)
{
	bool suits = finishes && q->grouped && q->limit <= MOST && q->offset <=
		MOST && !q->having && !q->fill && !q->hop &&
		lam_top_never_faulty(q);

	memset(f, 0, sizeof *f);
	for (uint32_t s = 0; suits && s < q->nstates; s++) {
		const struct lam_state *x = &q->state[s];

		/* of fields of 64 bits no sum is too large */
		suits = !x->merge && !x->filter && (x->kind != LAM_SUM ||
			x->arg[0]->kind == LAM_X_FIELD);
	}
	if (!suits || !find_key(f, q) || q->limit + q->offset == 0)
		return LAM_OK;
	f->most = (uint32_t)(q->limit + q->offset);
	f->worst = malloc(f->most * sizeof *f->worst);
	return f->worst ? LAM_OK : lam_fail_mem(e);
}

void
lam_first_groups_release(struct lam_first_groups *f)
{
	free(f->worst);
	memset(f, 0, sizeof *f);
}

/* Let the top, V, sink to its place. */
static void
sink(struct lam_first_groups *f, struct lam_scalar v)
{
	uint32_t at = 0, next;

	while ((next = 2 * at + 1) < f->n) {
		if (next + 1 < f->n && lam_bound_compare(&f->worst[next + 1],
			&f->worst[next], f->by) > 0)
			next++;
		if (lam_bound_compare(&f->worst[next], &v, f->by) <= 0)
			break;
		f->worst[at] = f->worst[next];
		at = next;
	}
	f->worst[at] = v;
}

/* Let V, which is one more, rise to its place. */
static void
rise(struct lam_first_groups *f, struct lam_scalar v)
{
	uint32_t at = f->n++, up;

	for (; at > 0; at = up) {
		up = (at - 1) / 2;
		if (lam_bound_compare(&f->worst[up], &v, f->by) >= 0)
			break;
		f->worst[at] = f->worst[up];
	}
	f->worst[at] = v;
}

/* The groups of T that are new. */
static void
learn(struct lam_first_groups *f, const struct lam_group_table *t)
{
	if (t->n < f->seen)
		f->seen = f->n = 0;
	for (; f->seen < t->n; f->seen++) {
		struct lam_scalar v = lam_group_table_key(t,
			lam_group_table_rec(t, f->seen), f->key);

		if (f->n < f->most)
			rise(f, v);
		else if (lam_bound_compare(&v, &f->worst[0], f->by) < 0)
			sink(f, v);
	}
}

/* Would nobody miss what of J is not evaluated for rows of this batch? */
static bool
sound(const struct lam_job_plan *j, struct lam_pass *p, uint32_t key)
{
	const struct lam_query *q = j->q;
	bool all = true;

	for (uint32_t k = 0; all && k < q->nkeys; k++)
		all = k == key || lam_expr_sound(p->plan->expr[j->key[k]],
			&p->batch);
	for (uint32_t s = 0; all && s < q->nstates; s++)
		for (unsigned i = 0; all && i < 2; i++)
			all = j->state[s].arg[i] == LAM_PASS_NONE ||
				lam_expr_sound(p->plan->expr[
				j->state[s].arg[i]], &p->batch);
	return all;
}

/* The rows of V that do not come after B: SEL and their number; UINT32_MAX: no
 * memory. */
static uint32_t
choose(const struct lam_vec *v, const struct lam_scalar *b, struct lam_by by,
	uint16_t *sel, struct lam_arena *arena)
{
	const struct lam_vec *of = v->rep == LAM_DICT || v->rep == LAM_CONST ?
		v->dict : v;
	int8_t *verdict = LAM_ARENA_NEW(arena, int8_t, of->n + (size_t)1);
	uint32_t n = 0;

	if (!verdict)
		return UINT32_MAX;
	lam_bound_judge(of, b, by, of->n, verdict);
	for (uint32_t i = 0; i < v->n; i++) {
		uint32_t at = v->rep == LAM_DICT ? v->code[i] :
			v->rep == LAM_CONST ? 0 : i;

		sel[n] = (uint16_t)i;
		n += verdict[at] <= 0;
	}
	return n;
}

int
lam_first_groups_rows(struct lam_first_groups *f,
	const struct lam_job_plan *j, struct lam_pass *p,
	const struct lam_group_table *t, struct lam_selection **rows,
	struct lam_error *e)
{
	uint32_t n = (*rows)->frame.n, key = j->key[f->key];
	const struct lam_vec *v;
	struct lam_vec *some;
	uint16_t *sel;
	int rc;

	if (!f->most)
		return LAM_OK;
	learn(f, t);
	if (f->n < f->most || !sound(j, p, f->key))
		return LAM_OK;
	rc = lam_pass_eval(p, *rows, key, &v, e);
	if (rc)
		return rc;
	sel = lam_arena_alloc(&p->arena, (n + 1) * sizeof *sel);
	some = lam_arena_alloc(&p->arena, sizeof *some);
	if (!sel || !some)
		return lam_fail_mem(e);
	n = choose(v, &f->worst[0], f->by, sel, &p->arena);
	if (n == UINT32_MAX || !lam_vec_take(v, sel, n, &p->arena, some))
		return lam_fail_mem(e);
	if (n < v->n)
		rc = lam_pass_narrow(p, rows, sel, n, e);
	if (!rc && n < v->n)
		(*rows)->value[key] = some;
	return rc;
}
