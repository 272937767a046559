/*
 * finalize.c - keys and finals as vectors, for the outputs above an aggregation
 */
#include "engine/finalize.h"

#include <string.h>

#include "fn/fn.h"

/* A final that was asked for before. */
struct final_kept {
	struct final_kept *next;
	const struct lam_expr *x;
	struct lam_vec v;
};

int
lam_finalize_state(struct lam_partials *p, const struct lam_expr *x,
	struct lam_arena *arena, struct lam_vec *out, struct lam_error *e)
{
	const struct lam_agg_ops *ops = lam_agg_ops(
		p->q->state[x->index].kind);

	if (x->final != LAM_FINAL_VALUE)
		return ops->finalize(x->index, p->ref, p->n, x, arena, out, e);
	return ops->components(x->index, p->ref, p->n,
		p->q->state[x->index].ncomponents - 1, arena, out, e);
}

/* V, or the rows of it that F has. */
static int
narrow(const struct lam_finalize *f, const struct lam_vec *v,
	const struct lam_vec **out, struct lam_error *e)
{
	struct lam_vec *some;

	*out = v;
	if (!f->sel)
		return LAM_OK;
	some = lam_arena_alloc(f->frame.arena, sizeof *some);
	if (!some || !lam_vec_take(v, f->sel, f->frame.n, f->frame.arena,
		some))
		return lam_fail_mem(e);
	*out = some;
	return LAM_OK;
}

int
lam_finalize_key(struct lam_finalize *f, uint32_t k, const struct lam_vec **out,
	struct lam_error *e)
{
	struct lam_partials *p = f->p;
	struct lam_vec *v;
	int rc;

	*out = f->key[k];
	if (*out)
		return LAM_OK;
	if (f->all) {
		rc = lam_finalize_key(f->all, k, out, e);
	} else {
		v = lam_arena_alloc(f->frame.arena, sizeof *v);
		if (!v)
			return lam_fail_mem(e);
		rc = lam_partials_column(p->q, k, lam_partials_keys(p), p->ref,
			p->n, f->frame.arena, v, e);
		*out = v;
	}
	if (!rc)
		rc = narrow(f, *out, out, e);
	f->key[k] = rc ? NULL : *out;
	return rc;
}

/* What group has of state S: nothing of it (NULL, 0), or something. */
struct there {
	struct lam_vec part[2];
	unsigned n;
};

static int
look(struct lam_partials *p, uint32_t s, struct lam_arena *arena,
	struct there *out, struct lam_error *e)
{
	bool sum = p->q->state[s].kind == LAM_SUM; /* its halves; else a size */
	const struct lam_agg_ops *ops = lam_agg_ops(sum ? LAM_SUM : LAM_COUNT);
	int rc = LAM_OK;

	out->n = sum ? 2 : 1;
	for (unsigned c = 0; !rc && c < out->n; c++)
		rc = ops->components(s, p->ref, p->n, c, arena, &out->part[c],
			e);
	return rc;
}

static bool
is_there(const struct there *t, uint32_t i)
{
	if (t->n == 1)
		return t->part[0].i64[i] > 0;
	return !lam_vec_is_null(&t->part[0], i) ||
		!lam_vec_is_null(&t->part[1], i);
}

/* Of the finals, those that can be 10^38 or more where there is something. */
static bool
can_be_too_large(enum lam_final final)
{
	return final == LAM_FINAL_SUM || final == LAM_FINAL_AVG ||
		final == LAM_FINAL_SUM_OF || final == LAM_FINAL_AVG_OF ||
		final == LAM_FINAL_CONT;
}

/* Mark the rows of F whose final X, which is V, is NULL since it is too large. */
static int
too_large(struct lam_finalize *f, const struct lam_expr *x,
	const struct lam_vec *v, struct lam_error *e)
{
	struct lam_call c = { .arena = f->frame.arena, .e = e,
		.faults = &f->frame.faults, .n = f->frame.n };
	struct there t;
	int rc;

	if (!v->null || !can_be_too_large(x->final))
		return LAM_OK;
	rc = look(f->p, x->index, f->frame.arena, &t, e);
	for (uint32_t i = 0; !rc && i < f->frame.n; i++)
		if (v->null[i] && is_there(&t, f->sel ? f->sel[i] : i))
			rc = lam_fault(&c, i);
	return rc;
}

static const struct lam_vec *
kept(const struct lam_finalize *f, const struct lam_expr *x)
{
	for (const struct final_kept *k = f->kept[x->index]; k; k = k->next)
		if (k->x == x || (k->x->final == x->final &&
			k->x->index == x->index && k->x->index2 == x->index2 &&
			k->x->num.m == x->num.m &&
			k->x->num.scale == x->num.scale &&
			lam_str_cmp(k->x->text, x->text) == 0))
			return &k->v;
	return NULL;
}

/* The final X of the rows of F; *NEW: it was not asked for before. */
static int
final_of(struct lam_finalize *f, const struct lam_expr *x,
	const struct lam_vec **out, bool *new, struct lam_error *e)
{
	struct final_kept *k;
	int rc;

	*out = kept(f, x);
	*new = !*out;
	if (*out)
		return LAM_OK;
	k = lam_arena_alloc(f->frame.arena, sizeof *k);
	if (!k)
		return lam_fail_mem(e);
	if (f->all) {
		rc = final_of(f->all, x, out, new, e);
		if (!rc)
			rc = narrow(f, *out, out, e);
		if (!rc)
			k->v = **out;
	} else {
		rc = lam_finalize_state(f->p, x, f->frame.arena, &k->v, e);
	}
	if (rc)
		return rc;
	k->x = x;
	k->next = f->kept[x->index];
	f->kept[x->index] = k;
	*out = &k->v;
	return LAM_OK;
}

/* The rows that ask first have its faults: all for HAVING, else those it left. */
static int
final_leaf(struct lam_finalize *f, const struct lam_expr *x,
	const struct lam_vec **out, struct lam_error *e)
{
	bool new;
	int rc = final_of(f, x, out, &new, e);

	return rc || !new ? rc : too_large(f, x, *out, e);
}

static int
leaf(struct lam_frame *frame, const struct lam_expr *x,
	const struct lam_vec **out, struct lam_error *e)
{
	struct lam_finalize *f = frame->state;

	if (x->kind == LAM_X_KEY)
		return lam_finalize_key(f, x->index, out, e);
	if (x->kind == LAM_X_FINAL)
		return final_leaf(f, x, out, e);
	return lam_fail_at(e, x, "a field is not known above the aggregation");
}

int
lam_finalize_init(struct lam_finalize *f, struct lam_partials *p,
	struct lam_arena *arena, struct lam_error *e)
{
	memset(f, 0, sizeof *f);
	f->p = p;
	f->frame = (struct lam_frame){ .n = p->n, .arena = arena, .state = f,
		.leaf = leaf };
	f->key = LAM_ARENA_NEW(arena, const struct lam_vec *, p->q->nkeys + 1);
	f->kept = LAM_ARENA_NEW(arena, struct final_kept *, p->q->nstates + 1);
	return f->key && f->kept ? LAM_OK : lam_fail_mem(e);
}

int
lam_finalize_some(struct lam_finalize *f, struct lam_finalize *all,
	const uint16_t *sel, uint32_t n, struct lam_error *e)
{
	int rc = lam_finalize_init(f, all->p, all->frame.arena, e);

	f->frame.n = n;
	f->sel = sel;
	f->all = all;
	return rc;
}
