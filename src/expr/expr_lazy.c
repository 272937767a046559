/*
 * expr_lazy.c - AND, OR and filters: not all rows, not always
 *
 * A condition guards what comes after it: "x < 100 and 10 * x > 2" must not be
 * faulty where x is large, and columns that only later conditions read need not be
 * loaded for blocks in which nothing is left.  So the later argument is
 * evaluated in a frame of the rows that are left.  Taking rows costs about as
 * much as a cheap comparison of all of them; hence an argument that cannot
 * fail is evaluated for all rows while a good part of them is left.
 */
#include "fn/fn.h"

#include <string.h>

#include "expr/dict_eval.h"
#include "expr/expr.h"
#include "expr/expr_internal.h"

/* ------------------------------------------------------------- sub-frames */

struct lam_taken {
	const struct lam_vec *from;
	struct lam_vec v;
	struct lam_taken *next;
};

static int
taken_leaf(struct lam_frame *f, const struct lam_expr *x,
	const struct lam_vec **out, struct lam_error *e)
{
	struct lam_subframe *s = (struct lam_subframe *)f;
	const struct lam_vec *from;
	struct lam_taken *t;
	int rc;

	if ((rc = s->up->leaf(s->up, x, &from, e)))
		return rc;
	for (t = s->taken; t && t->from != from; t = t->next)
		;
	if (!t) {
		t = LAM_ARENA_NEW(f->arena, struct lam_taken, 1);
		if (!t || !lam_vec_take(from, s->sel, f->n, f->arena, &t->v))
			return lam_fail_mem(e);
		t->from = from;
		t->next = s->taken;
		s->taken = t;
	}
	*out = &t->v;
	return LAM_OK;
}

static int
taken_match(struct lam_frame *f, const struct lam_expr *x, struct lam_str s,
	struct lam_vec *out, bool *done, struct lam_error *e)
{
	struct lam_subframe *sub = (struct lam_subframe *)f;
	struct lam_vec *all = LAM_ARENA_NEW(f->arena, struct lam_vec, 1);
	int rc;

	if (!all)
		return lam_fail_mem(e);
	rc = sub->up->match(sub->up, x, s, all, done, e);
	if (!rc && *done && !lam_vec_take(all, sub->sel, f->n, f->arena, out))
		rc = lam_fail_mem(e);
	return rc;
}

void
lam_subframe_init(struct lam_subframe *s, struct lam_frame *up,
	const uint16_t *sel, uint32_t n)
{
	*s = (struct lam_subframe){ .f = { .n = n, .arena = up->arena,
		.batch = up->batch, .leaf = taken_leaf,
		.match = up->match ? taken_match : NULL }, .up = up,
		.sel = sel };
}

int
lam_eval_some(const struct lam_expr *x, struct lam_frame *f, const uint16_t *sel,
	uint32_t n, struct lam_vec *out, struct lam_error *e)
{
	struct lam_subframe s;
	int rc;

	if (n == f->n)
		return lam_expr_eval(x, f, out, e);
	lam_subframe_init(&s, f, sel, n);
	if ((rc = lam_expr_eval(x, &s.f, out, e)))
		return rc;
	return lam_faults_raise(&f->faults, &s.f.faults, sel, n, f->n,
		f->arena, e);
}

/* Is it as well to evaluate X for all rows, of which N are wanted? */
static bool
for_all(const struct lam_expr *x, const struct lam_frame *f, uint32_t n)
{
	return n == f->n || (!lam_plan_of(x)->fails && n > f->n / 4);
}

/* ------------------------------------------------------------------ filter */

static int
filter_one(const struct lam_expr *x, struct lam_frame *f, uint8_t *mask,
	struct lam_error *e)
{
	struct lam_vec v;
	int rc = lam_expr_eval(x, f, &v, e);

	if (rc == LAM_OK)
		lam_mask(&v, true, mask);
	return rc;
}

/* The rows SEL[0..*n) of which X is true stay. */
static int
filter_more(const struct lam_expr *x, struct lam_frame *f, uint16_t *sel,
	uint32_t *n, struct lam_error *e)
{
	uint8_t *mask = lam_arena_alloc(f->arena, f->n);
	struct lam_subframe s;
	uint16_t *sub;
	uint32_t k = 0, m;
	int rc;

	if (!mask)
		return lam_fail_mem(e);
	if (for_all(x, f, *n)) {
		if ((rc = filter_one(x, f, mask, e)))
			return rc;
		for (uint32_t i = 0; i < *n; i++) {
			sel[k] = sel[i];
			k += mask[sel[i]];
		}
		*n = k;
		return LAM_OK;
	}
	sub = lam_arena_alloc(f->arena, *n * sizeof *sub);
	if (!sub)
		return lam_fail_mem(e);
	lam_subframe_init(&s, f, sel, *n);
	if ((rc = lam_expr_filter(x, &s.f, sub, &m, e)) ||
	    (rc = lam_faults_raise(&f->faults, &s.f.faults, sel, *n, f->n,
		    f->arena, e)))
		return rc;
	/* Ascending: sub[i] >= i, nothing is overwritten before it is read. */
	for (uint32_t i = 0; i < m; i++)
		sel[i] = sel[sub[i]];
	*n = m;
	return LAM_OK;
}

static bool
always(const struct lam_expr *x, const struct lam_frame *f)
{
	return lam_expr_outlook(x, f->batch) == LAM_OUTLOOK_ALL;
}

int
lam_expr_filter(const struct lam_expr *x, struct lam_frame *f, uint16_t *sel,
	uint32_t *n, struct lam_error *e)
{
	struct lam_vec v;
	uint8_t *mask;
	int rc;

	*n = 0;
	if (f->n == 0)
		return LAM_OK;
	if (x->kind == LAM_X_CALL && x->fn == LAM_FN_AND) {
		if (always(x->arg[0], f))
			return lam_expr_filter(x->arg[1], f, sel, n, e);
		rc = lam_expr_filter(x->arg[0], f, sel, n, e);
		if (rc || *n == 0 || always(x->arg[1], f))
			return rc;
		return filter_more(x->arg[1], f, sel, n, e);
	}
	if ((rc = lam_expr_eval(x, f, &v, e)))
		return rc;
	mask = lam_arena_alloc(f->arena, f->n);
	if (!mask)
		return lam_fail_mem(e);
	*n = lam_select_true(&v, mask, sel);
	return LAM_OK;
}

/* --------------------------------------------------------------- AND and OR */

/* B decides for the rows SEL; for the others A has. */
static int
logic_some(const struct lam_expr *x, struct lam_frame *f,
	const struct lam_vec *a, const uint16_t *sel, uint32_t n,
	struct lam_vec *out, struct lam_error *e)
{
	struct lam_call c = { .x = x, .plan = lam_plan_of(x),
		.arena = f->arena, .e = e, .faults = &f->faults, .n = n };
	struct lam_vec arg[2], r;
	const struct lam_vec *flat;
	uint8_t *bit, *null;
	int rc;

	if (!lam_vec_take(a, sel, n, f->arena, &arg[0]))
		return lam_fail_mem(e);
	if ((rc = lam_eval_some(x->arg[1], f, sel, n, &arg[1], e)) ||
	    (rc = lam_apply(&c, &lam_kernel[x->fn], arg, 2, &r)))
		return rc;
	c.n = f->n;
	if ((rc = lam_room(&c, 1, &bit)) ||
	    (rc = lam_nulls_new(&c, NULL, &null)))
		return rc;
	memset(bit, x->fn == LAM_FN_OR, f->n);
	flat = lam_vec_flat(&r, f->arena);
	if (!flat)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++) {
		bit[sel[i]] = flat->bit[i];
		null[sel[i]] = flat->null && flat->null[i];
	}
	lam_out_flat(&c, LAM_BOOL, bit, null, out);
	return LAM_OK;
}

int
lam_eval_logic(const struct lam_expr *x, struct lam_frame *f,
	struct lam_vec *out, struct lam_error *e)
{
	bool or = x->fn == LAM_FN_OR;
	struct lam_call c = { .x = x, .plan = lam_plan_of(x),
		.arena = f->arena, .e = e, .faults = &f->faults,
		.n = f->n };
	struct lam_vec arg[2];
	uint8_t *mask;
	uint16_t *sel;
	uint32_t n;
	int rc;

	if ((rc = lam_expr_eval(x->arg[0], f, &arg[0], e)) ||
	    (rc = lam_room(&c, 1, &mask)) ||
	    (rc = lam_room(&c, sizeof *sel, &sel)))
		return rc;
	/* The undecided rows: not false for AND, not true for OR. */
	lam_mask(&arg[0], or, mask);
	for (uint32_t i = 0; i < f->n; i++)
		mask[i] ^= 1;
	n = lam_select(mask, f->n, sel);
	if (n == 0) {
		lam_out_bool(or, f->n, out);
		return LAM_OK;
	}
	if (!for_all(x->arg[1], f, n))
		return logic_some(x, f, &arg[0], sel, n, out, e);
	if ((rc = lam_expr_eval(x->arg[1], f, &arg[1], e)))
		return rc;
	return lam_apply(&c, &lam_kernel[x->fn], arg, 2, out);
}
