/*
 * expr_lazy.c - AND, OR, COALESCE, CASE and filters: not all rows, not always
 *
 * A condition guards what comes after it: "x <> 0 and 1 / x > 2" must not fail
 * where x is 0, and columns that only later conditions read need not be
 * loaded for blocks in which nothing is left.  So the later argument is
 * evaluated in a frame of the rows that are left.  Taking rows costs about as
 * much as a cheap comparison of all of them; hence an argument that cannot
 * fail is evaluated for all rows while a good part of them is left.
 *
 * Results of branches are put together in the order of evaluation: constants
 * become a dictionary of branches, anything else a flat vector.
 */
#include "engine/kernels.h"

#include <string.h>

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

void
lam_subframe_init(struct lam_subframe *s, struct lam_frame *up,
	const uint16_t *sel, uint32_t n)
{
	*s = (struct lam_subframe){ .f = { .n = n, .arena = up->arena,
		.leaf = taken_leaf }, .up = up, .sel = sel };
}

/* Evaluate X for the rows SEL of F; all when N is all. */
static int
eval_some(const struct lam_expr *x, struct lam_frame *f, const uint16_t *sel,
	uint32_t n, struct lam_vec *out, struct lam_error *e)
{
	struct lam_subframe s;

	if (n == f->n)
		return lam_expr_eval(x, f, out, e);
	lam_subframe_init(&s, f, sel, n);
	return lam_expr_eval(x, &s.f, out, e);
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
	if ((rc = lam_expr_filter(x, &s.f, sub, &m, e)))
		return rc;
	/* Ascending: sub[i] >= i, nothing is overwritten before it is read. */
	for (uint32_t i = 0; i < m; i++)
		sel[i] = sel[sub[i]];
	*n = m;
	return LAM_OK;
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
		rc = lam_expr_filter(x->arg[0], f, sel, n, e);
		if (rc || *n == 0)
			return rc;
		return filter_more(x->arg[1], f, sel, n, e);
	}
	if ((rc = lam_expr_eval(x, f, &v, e)))
		return rc;
	mask = lam_arena_alloc(f->arena, f->n);
	if (!mask)
		return lam_fail_mem(e);
	/* A block is often all in or all out. */
	lam_mask(&v, true, mask);
	if (v.rep == LAM_CONST && !mask[0])
		return LAM_OK;
	*n = lam_select(mask, f->n, sel);
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
		.arena = f->arena, .e = e, .n = n };
	struct lam_vec arg[2], r;
	const struct lam_vec *flat;
	uint8_t *bit, *null;
	int rc;

	if (!lam_vec_take(a, sel, n, f->arena, &arg[0]))
		return lam_fail_mem(e);
	if ((rc = eval_some(x->arg[1], f, sel, n, &arg[1], e)) ||
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
		.arena = f->arena, .e = e, .n = f->n };
	struct lam_vec arg[2];
	uint8_t *mask;
	uint16_t *sel;
	uint32_t n;
	int rc;

	if ((rc = lam_expr_eval(x->arg[0], f, &arg[0], e)) ||
	    (rc = lam_room(&c, 1, &mask)) ||
	    (rc = lam_room(&c, sizeof *sel, &sel)))
		return rc;
	/* What is not yet decided: not false for AND, not true for OR. */
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

/* ------------------------------------------------------------- branches */

struct branch {
	const uint16_t *sel; /* rows; NULL: all */
	uint32_t n;
	struct lam_vec v;
};

static uint32_t
row_of(const struct branch *b, uint32_t i)
{
	return b->sel ? b->sel[i] : i;
}

static bool
is_null_const(const struct lam_vec *v)
{
	return v->rep == LAM_CONST && v->dict->null && v->dict->null[0];
}

/* Numbers of all branches as int64 at one scale; *DONE unless one is too big. */
static int
merge_int64(struct lam_call *c, const struct branch *b, uint32_t nb,
	const struct lam_reader *r, const uint8_t *null, struct lam_vec *out,
	bool *done)
{
	unsigned scale = 0;
	bool over = false;
	int64_t *to;
	int rc;

	*done = false;
	for (uint32_t k = 0; k < nb; k++) {
		if (r[k].v->wide)
			return LAM_OK;
		scale = r[k].v->scale > scale ? r[k].v->scale : scale;
	}
	if (scale > 18)
		return LAM_OK;
	if ((rc = lam_room(c, sizeof *to, &to)))
		return rc;
	memset(to, 0, c->n * sizeof *to);
	for (uint32_t k = 0; k < nb; k++) {
		int64_t up = (int64_t)lam_pow10[scale - r[k].v->scale];

		if (is_null_const(&b[k].v))
			continue;
		for (uint32_t i = 0; i < b[k].n; i++)
			over |= __builtin_mul_overflow(
				r[k].v->i64[i * r[k].step], up,
				&to[row_of(&b[k], i)]);
	}
	*done = !over;
	lam_out_flat(c, LAM_NUMBER, to, null, out);
	out->scale = (uint8_t)scale;
	return LAM_OK;
}

static int
merge_rows(struct lam_call *c, const struct branch *b, uint32_t nb,
	const struct lam_reader *r, const uint8_t *null, struct lam_vec *out)
{
	static const size_t size[LAM_TYPES] = { sizeof(struct lam_str),
		sizeof(struct lam_num), sizeof(int64_t), 1 };
	unsigned type = c->x->type;
	void *to = lam_arena_calloc(c->arena, c->n, size[type]);

	if (!to)
		return lam_fail_mem(c->e);
	for (uint32_t k = 0; k < nb; k++) {
		if (is_null_const(&b[k].v))
			continue;
		for (uint32_t i = 0; i < b[k].n; i++) {
			uint32_t row = row_of(&b[k], i), at = i * r[k].step;

			if (type == LAM_TEXT)
				((struct lam_str *)to)[row] = r[k].v->str[at];
			else if (type == LAM_TIME)
				((int64_t *)to)[row] = r[k].v->i64[at];
			else if (type == LAM_BOOL)
				((uint8_t *)to)[row] = r[k].v->bit[at];
			else
				((struct lam_num *)to)[row] =
					lam_num_of(r[k].v, at);
		}
	}
	if (type == LAM_NUMBER)
		return lam_out_numbers(c, to, null, out);
	lam_out_flat(c, type, to, null, out);
	return LAM_OK;
}

/* Later branches overwrite; a row of none is NULL. */
static int
merge(struct lam_call *c, const struct branch *b, uint32_t nb,
	struct lam_vec *out)
{
	struct lam_reader *r = LAM_ARENA_NEW(c->arena, struct lam_reader, nb);
	bool done = false;
	uint8_t *null;
	int rc;

	if (!r)
		return lam_fail_mem(c->e);
	if ((rc = lam_nulls_new(c, NULL, &null)))
		return rc;
	memset(null, 1, c->n);
	for (uint32_t k = 0; k < nb; k++) {
		if ((rc = lam_read(c, &b[k].v, &r[k])))
			return rc;
		for (uint32_t i = 0; i < b[k].n; i++)
			null[row_of(&b[k], i)] = lam_null_at(&r[k], i);
	}
	if (c->x->type == LAM_NUMBER &&
	    ((rc = merge_int64(c, b, nb, r, null, out, &done)) || done))
		return rc;
	return merge_rows(c, b, nb, r, null, out);
}

/* All branches constant: a dictionary of them, the last entry NULL. */
static int
merge_consts(struct lam_call *c, const struct branch *b, uint32_t nb,
	struct lam_vec *out)
{
	struct branch *entry = LAM_ARENA_NEW(c->arena, struct branch, nb);
	uint16_t *number = LAM_ARENA_NEW(c->arena, uint16_t, nb), *code;
	struct lam_vec *dict = LAM_ARENA_NEW(c->arena, struct lam_vec, 1);
	struct lam_call entries = *c;
	int rc;

	if (!entry || !number || !dict)
		return lam_fail_mem(c->e);
	if ((rc = lam_room(c, sizeof *code, &code)))
		return rc;
	for (uint32_t i = 0; i < c->n; i++)
		code[i] = (uint16_t)nb;
	for (uint32_t k = 0; k < nb; k++) {
		number[k] = (uint16_t)k;
		entry[k] = (struct branch){ &number[k], 1, b[k].v };
		entry[k].v.n = 1;
		for (uint32_t i = 0; i < b[k].n; i++)
			code[row_of(&b[k], i)] = (uint16_t)k;
	}
	entries.n = nb + 1;
	if ((rc = merge(&entries, entry, nb, dict)))
		return rc;
	*out = (struct lam_vec){ .type = c->x->type, .rep = LAM_DICT,
		.scale = dict->scale, .n = c->n, .code = code, .dict = dict };
	return LAM_OK;
}

static int
finish(struct lam_call *c, const struct branch *b, uint32_t nb,
	struct lam_vec *out)
{
	bool consts = nb < 1000;

	if (nb == 0 || (nb == 1 && is_null_const(&b[0].v))) {
		lam_out_null(c->x->type, c->n, out);
		return LAM_OK;
	}
	if (nb == 1 && b[0].n == c->n) {
		*out = b[0].v;
		return LAM_OK;
	}
	for (uint32_t k = 0; k < nb; k++)
		consts &= b[k].v.rep == LAM_CONST;
	return consts ? merge_consts(c, b, nb, out) : merge(c, b, nb, out);
}

/* ------------------------------------------------------- COALESCE and CASE */

/* mask[i] = row i is NULL; false: there is none. */
static bool
null_mask(const struct lam_vec *v, uint8_t *mask)
{
	const struct lam_vec *from = v->rep == LAM_DICT || v->rep == LAM_CONST ?
		v->dict : v;
	bool any = false;

	if (!from->null)
		return false;
	for (uint32_t i = 0; i < v->n; i++) {
		mask[i] = from->null[v->rep == LAM_DICT ? v->code[i] :
			v->rep == LAM_CONST ? 0 : i] != 0;
		any |= mask[i];
	}
	return any;
}

/* SEL (NULL: all) cut down to the rows of MASK, in a new array. */
static int
narrow(struct lam_call *c, const uint16_t *sel, uint32_t n,
	const uint8_t *mask, uint16_t **out, uint32_t *m)
{
	*out = lam_arena_alloc(c->arena, (n + 1) * sizeof **out);
	if (!*out)
		return lam_fail_mem(c->e);
	*m = lam_select(mask, n, *out);
	for (uint32_t i = 0; sel && i < *m; i++)
		(*out)[i] = sel[(*out)[i]];
	return LAM_OK;
}

int
lam_eval_coalesce(const struct lam_expr *x, struct lam_frame *f,
	struct lam_vec *out, struct lam_error *e)
{
	struct lam_call c = { .x = x, .plan = lam_plan_of(x),
		.arena = f->arena, .e = e, .n = f->n };
	struct branch *b = LAM_ARENA_NEW(f->arena, struct branch, x->nargs);
	uint16_t *sel = NULL;
	uint32_t n = f->n, nb = 0;
	uint8_t *mask;
	int rc;

	if (!b)
		return lam_fail_mem(e);
	if ((rc = lam_room(&c, 1, &mask)))
		return rc;
	for (uint32_t k = 0; k < x->nargs && n > 0; k++) {
		struct branch *at = &b[nb];

		at->sel = sel;
		at->n = n;
		if ((rc = eval_some(x->arg[k], f, sel, n, &at->v, e)))
			return rc;
		if (is_null_const(&at->v))
			continue;
		nb++;
		if (!null_mask(&at->v, mask))
			break;
		if ((rc = narrow(&c, sel, n, mask, &sel, &n)))
			return rc;
	}
	return finish(&c, b, nb, out);
}

/* The rows of a WHEN, *YES of them, and the rest; SEL and *N become the rest. */
static int
split(struct lam_call *c, const struct lam_vec *when, uint16_t **sel,
	uint32_t *n, uint16_t **yes, uint32_t *nyes, uint8_t *mask)
{
	uint16_t *all = *sel;
	uint32_t total = *n;
	int rc;

	lam_mask(when, true, mask);
	if ((rc = narrow(c, all, total, mask, yes, nyes)))
		return rc;
	for (uint32_t i = 0; i < total; i++)
		mask[i] ^= 1;
	return narrow(c, all, total, mask, sel, n);
}

int
lam_eval_case(const struct lam_expr *x, struct lam_frame *f,
	struct lam_vec *out, struct lam_error *e)
{
	struct lam_call c = { .x = x, .plan = lam_plan_of(x),
		.arena = f->arena, .e = e, .n = f->n };
	struct branch *b = LAM_ARENA_NEW(f->arena, struct branch, x->nargs);
	uint16_t *sel = NULL, *yes;
	uint32_t n = f->n, nb = 0, nyes, k = 0;
	struct lam_vec when;
	uint8_t *mask;
	int rc;

	if (!b)
		return lam_fail_mem(e);
	if ((rc = lam_room(&c, 1, &mask)))
		return rc;
	for (; k + 1 < x->nargs && n > 0; k += 2) {
		if ((rc = eval_some(x->arg[k], f, sel, n, &when, e)) ||
		    (rc = split(&c, &when, &sel, &n, &yes, &nyes, mask)))
			return rc;
		if (nyes == 0)
			continue;
		b[nb] = (struct branch){ .sel = yes, .n = nyes };
		if ((rc = eval_some(x->arg[k + 1], f, yes, nyes, &b[nb].v, e)))
			return rc;
		nb++;
	}
	if (n > 0 && x->nargs % 2 == 1) {
		b[nb] = (struct branch){ .sel = sel, .n = n };
		if ((rc = eval_some(x->arg[x->nargs - 1], f, sel, n, &b[nb].v,
			     e)))
			return rc;
		nb++;
	}
	return finish(&c, b, nb, out);
}
