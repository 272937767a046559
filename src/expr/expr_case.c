/*
 * expr_case.c - CASE and COALESCE: branches for parts of the rows
 *
 * Each WHEN is evaluated for the rows that no WHEN before it took, and each THEN
 * for the rows that its WHEN took.  COALESCE works the same way with "is not NULL".
 * Then the branches are put together in the order of evaluation, later ones over
 * earlier ones.  Constants become a dictionary of branches, anything else a flat
 * vector.
 */
#include "fn/fn.h"

#include <string.h>

#include "expr/expr_internal.h"

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
		.arena = f->arena, .e = e, .faults = &f->faults,
		.n = f->n };
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
		if ((rc = lam_eval_some(x->arg[k], f, sel, n, &at->v, e)))
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
		.arena = f->arena, .e = e, .faults = &f->faults,
		.n = f->n };
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
		if ((rc = lam_eval_some(x->arg[k], f, sel, n, &when, e)) ||
		    (rc = split(&c, &when, &sel, &n, &yes, &nyes, mask)))
			return rc;
		if (nyes == 0)
			continue;
		b[nb] = (struct branch){ .sel = yes, .n = nyes };
		if ((rc = lam_eval_some(x->arg[k + 1], f, yes, nyes, &b[nb].v, e)))
			return rc;
		nb++;
	}
	if (n > 0 && x->nargs % 2 == 1) {
		b[nb] = (struct branch){ .sel = sel, .n = n };
		if ((rc = lam_eval_some(x->arg[x->nargs - 1], f, sel, n, &b[nb].v,
			     e)))
			return rc;
		nb++;
	}
	return finish(&c, b, nb, out);
}
